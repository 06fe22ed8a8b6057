package portrait

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestTablesComeBack(t *testing.T) {
	want := Layers{Params: []Param{{"conv1.weight", 27, 1.5, 0.25, 1e-9}}, Units: []Units{{"layer1.0.relu", 16, 3}}}
	text, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode[Layers](text)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s is read as %+v, %v", text, got, err)
	}
}

// The norms of a run that diverged are no numbers, and its portrait can be written and read all the same.
func TestNumbersThatAreNone(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		text, err := Encode(Layers{Params: []Param{{Path: "w", Gradient: Number(v)}}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode[Layers](text)
		if err != nil || got.Params[0].Gradient.Finite() || !got.Params[0].Weight.Finite() {
			t.Errorf("%v is written %s and read as %+v, %v", v, text, got, err)
		}
	}
}

func TestWhatIsNoTable(t *testing.T) {
	for _, text := range []string{"", "[]", `{"bins": 3}`, "\x00"} {
		_, err := Decode[Calibration]([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), "artefact: want JSON of portrait.Calibration: ") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
