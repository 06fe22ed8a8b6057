package weights_test

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/weights"
)

// entries is the header of n tensors of no elements, whose names the format makes from their number.
func entries(n int, name string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"`+name+`":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`, i)
	}
	return "{" + b.String()[1:] + "}"
}

// processorTime is what this process has used so far: other work on the machine does not count.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// Files made to keep their reader busy are refused soon, and cost little memory.
func TestBombsAreRefusedSoon(t *testing.T) {
	long := func(n uint64) []byte { return append(binary.LittleEndian.AppendUint64(nil, n), '{') }
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"a name of 3 MB", file(entries(1, "%d"+strings.Repeat("n", 3<<20)), 0), "is a name of 3145729 bytes, want at most 512"},
		{"a name of 3 MB in an entry", file(`{"a":{"`+strings.Repeat("n", 3<<20)+`":1}}`, 0), "is a name of 3145728 bytes"},
		{"a type of 3 MB", file(`{"a":{"dtype":"`+strings.Repeat("F", 3<<20)+`","shape":[0],"data_offsets":[0,0]}}`, 0), "unknown dtype"},
		{"a number of 3 MB", file(`{"a":{"dtype":"F32","shape":[`+strings.Repeat("9", 3<<20)+`]}}`, 0), "want a whole number from 0, got 9999"},
		{"a header of 40 MB", long(40_000_000), "want at most 4194304"},
		{"60000 tensors", file(entries(60_000, "%d"), 0), "more than 20000 names"},
		{"60000 facts", file(`{"__metadata__":{`+strings.Repeat(`"a":"",`, 60_000)+`"a":""}}`, 0), "there twice"},
		{"a header of 100 MB", long(100_000_000), "want at most 4194304"},
		{"brackets", file(`{"a":`+strings.Repeat("[", 3<<20), 0), "want {"},
		{"objects", file(strings.Repeat(`{"a":`, 500_000), 0), "no such key"},
		{"axes in axes", file(`{"a":{"dtype":"F32","shape":`+strings.Repeat("[", 3<<20), 0), "whole number"},
		{"axes", file(`{"a":{"dtype":"F32","shape":[`+strings.Repeat("1,", 1<<20)+`1]}}`, 0), "at most 64 axes"},
		{"offsets", file(`{"a":{"dtype":"F32","data_offsets":[`+strings.Repeat("1,", 1<<20)+`1]}}`, 0), "want two numbers"},
		{"NaN for an axis", file(`{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,0]}}`, 0), "invalid character"},
		{"spaces", file("{}"+strings.Repeat(" ", 3<<20)+"x", 0), "follows the object"},
	}
	for _, test := range tests {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := processorTime(t)
		_, err := read(test.file)
		took := processorTime(t) - start
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %.200v, want %q", test.name, err, test.want)
		} else if len(err.Error()) > 1000 {
			t.Errorf("%s: the error has %d bytes", test.name, len(err.Error()))
		}
		if allocated := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 2*time.Second || allocated > 64 {
			t.Errorf("%s: took %v and %d MB", test.name, took, allocated)
		}
	}
}

// A file that follows the format, has as many tensors as there may be and none of the network's is told from the
// network soon, too.
func TestAStrangersTensorsAreRefusedSoon(t *testing.T) {
	var params []*nn.Param
	for i := range 5000 {
		params = append(params, &nn.Param{Path: fmt.Sprintf("layer%d.%s.weight", i, strings.Repeat("deep.", 10)), Shape: op.Shape{1}})
	}
	f, err := read(file(entries(20_000, "%d."+strings.Repeat("a.", 50)), 0))
	if err != nil {
		t.Fatal(err)
	}
	start := processorTime(t)
	r, err := weights.Compare(f, weights.Network{Params: params, Head: "fc"}, weights.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := r.String()
	if took := processorTime(t) - start; took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	if r.Verdict != weights.Other || len(r.Missing) != 5000 || len(r.Left) != 20_000 || len(text) > 2000 {
		t.Errorf("%d are missing, %d left: %.300s", len(r.Missing), len(r.Left), text)
	}
}

// What may not be read is not written.
func TestWhatIsTooMuchIsNotWritten(t *testing.T) {
	many := make([]weights.Tensor, 20_001)
	for i := range many {
		many[i] = weights.Tensor{Name: fmt.Sprint(i), Shape: op.Shape{0}}
	}
	if err := weights.Write(new(strings.Builder), nil, many); err == nil || err.Error() != "there are 20001 tensors, want at most 20000" {
		t.Errorf("got %v", err)
	}
	var b strings.Builder
	if err := weights.Write(&b, map[string]string{"by": "hand"}, many[1:]); err != nil {
		t.Fatal(err)
	}
	if f, err := read([]byte(b.String())); err != nil || len(f.Entries) != 20_000 {
		t.Errorf("20000 tensors and metadata come back as %v", err)
	}
}
