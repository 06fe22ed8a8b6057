package claim

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

// ownMeasures are the claims whose quantities are not of a library's modules, by what they are instead.
var ownMeasures = map[string]string{
	"efficientnet-compound-constraint":        "a product of published numbers",
	"googlenet-aux-weight":                    "a weight in the loss, which is no module's",
	"googlenet-aux-removed/output_difference": running, "mobilenet-cross-channel": running, "resnest-radix-softmax": running,
	"resnet-identity-construction": running, "resnet-zero-residual-identity": running, "resnet-residual-formula": running,
	"resnet-gradient-shortcut": running, "resnet-influence": running, "resnext-three-forms-equal": running, "senet-gate-range": running,
	"senet-squeeze-shape": running, "shufflenet-depthwise-is-group": running, "shufflenet-no-cross-talk": running,
	"shufflenet-shuffle-permutation": running,
}

const running = "a property that shows when a network of the zoo runs; nn/weights compares what they answer with the libraries'"

// recomputed is a line of testdata/libraries.csv, which libraries.py makes of modules of torchvision, timm and others.
type recomputed struct{ value, modules string }

func recomputedValues(t *testing.T) map[string]recomputed {
	t.Helper()
	f, err := os.Open("testdata/libraries.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]recomputed{}
	for _, l := range lines[1:] {
		all[l[0]+"/"+l[1]] = recomputed{l[2], l[3]}
	}
	return all
}

// What claims without training are about is, to the last digit, what is found in the modules of torchvision, timm and
// others. How many claims are compared so is pinned.
func TestQuantitiesAreThoseOfTheLibraries(t *testing.T) {
	want, compared, others := recomputedValues(t), map[string]bool{}, map[string]bool{}
	for _, c := range shipped(t) {
		if !c.Analytic() {
			continue
		}
		for i, v := range c.Values {
			name := c.ID + "/" + v.Name
			row, known := want[name]
			delete(want, name)
			_, own := ownMeasures[c.ID]
			_, ownValue := ownMeasures[name]
			switch {
			case v.Measured == nil && !known:
			case v.Measured == nil:
				t.Errorf("%s is measured nowhere, and testdata/libraries.csv has %s", name, row.value)
			case known == (own || ownValue):
				t.Errorf("%s: want a line of testdata/libraries.csv or a reason of having none, one of both", name)
			case known:
				compared[c.ID] = true
				others[c.ID] = others[c.ID] || strings.Contains(row.modules, "papers") || strings.Contains(row.modules, "pytorchcv")
				if got := inPython(judgedOnce(t, c).Values[i].Measured); !equalNumbers(got, row.value) {
					t.Errorf("%s: got %s, %s says %s", name, got, row.modules, row.value)
				}
			}
		}
	}
	for name, row := range want {
		t.Errorf("testdata/libraries.csv has %s = %s, which no claim has", name, row.value)
	}
	alone := 0
	for id := range compared {
		if !others[id] {
			alone++
		}
	}
	if got, want := fmt.Sprint(len(compared), alone), "81 46"; got != want {
		t.Errorf("claims compared, and with torchvision's and timm's modules alone: %s, want %s", got, want)
	}
}

// inPython writes a measured value as libraries.py does: numbers with spaces between them.
func inPython(v any) string {
	switch x := v.(type) {
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case []any:
		var all []string
		for _, one := range x {
			all = append(all, inPython(one))
		}
		return strings.Join(all, " ")
	}
	return fmt.Sprint(v)
}

// ulp is the relative distance of neighbouring numbers: Go's Log2 and Python's differ by so much.
const ulp = 1.0 / (1 << 52)

// equalNumbers tells whether texts are the same numbers, but for an ulp, and words.
func equalNumbers(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	for i := range min(len(x), len(y)) {
		p, errP := strconv.ParseFloat(x[i], 64)
		q, errQ := strconv.ParseFloat(y[i], 64)
		if errP != nil || errQ != nil {
			p, q = 0, 0
			if x[i] != y[i] {
				return false
			}
		}
		if math.Abs(p-q) > ulp*math.Abs(q) {
			return false
		}
	}
	return len(x) == len(y)
}
