package weights_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"testing"
)

// Every number of 16 bits is read as IEEE 754 has it: (−1)ˢ · 1.f · 2^(e − bias), and 0.f · 2^(1 − bias) where e is 0.
func TestEveryNumberOf16Bits(t *testing.T) {
	for _, form := range []struct {
		name     string
		fraction int // bits
	}{{"F16", 10}, {"BF16", 7}} {
		var b bytes.Buffer
		b.Write(file(fmt.Sprintf(`{"a":{"dtype":%q,"shape":[65536],"data_offsets":[0,131072]}}`, form.name), 0))
		for i := range 1 << 16 {
			b.Write(binary.LittleEndian.AppendUint16(nil, uint16(i)))
		}
		f, err := read(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.Floats(f.Entries[0])
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got {
			if want := ieee(i, form.fraction); math.Float64bits(float64(v)) != math.Float64bits(want) && (v == v || want == want) {
				t.Fatalf("%s %#04x is %v, want %v", form.name, i, v, want)
			}
		}
	}
}

// ieee is the value of a number of 16 bits, of which so many are its fraction.
func ieee(bits, fraction int) float64 {
	most := 1<<(15-fraction) - 1 // exponent of infinities and NaN
	e, f := bits>>fraction&most, bits&(1<<fraction-1)
	bias, v := most/2, 0.0
	switch {
	case e == most && f != 0:
		return math.NaN()
	case e == most:
		v = math.Inf(1)
	case e == 0:
		v = math.Ldexp(float64(f), 1-bias-fraction)
	default:
		v = math.Ldexp(float64(f+1<<fraction), e-bias-fraction)
	}
	return math.Copysign(v, float64(1-2*(bits>>15)))
}
