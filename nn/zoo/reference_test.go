package zoo

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"
)

// reference is one row of testdata/reference.csv: what a network must cost, and who says so.
type reference struct {
	name    string
	options map[string]any
	params  int64
	macs    int64 // 0 if the source does not say
	layers  int
	source  string
}

func references(t *testing.T) []reference {
	t.Helper()
	f, err := os.Open("testdata/reference.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []reference
	for _, r := range rows[1:] {
		ref := reference{name: r[0], options: map[string]any{}, params: number(t, r[2]), layers: int(number(t, r[4])), source: r[5]}
		if r[3] != "" {
			ref.macs = number(t, r[3])
		}
		for _, setting := range strings.Fields(r[1]) {
			key, value, _ := strings.Cut(setting, "=")
			ref.options[key] = value
			if n, err := strconv.Atoi(value); err == nil {
				ref.options[key] = n
			}
		}
		all = append(all, ref)
	}
	return all
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Describe is what is compared, because it counts auxiliary classifiers.
func TestCostsEqualTheReference(t *testing.T) {
	checked := map[string]bool{}
	for _, ref := range references(t) {
		v, err := Lookup(ref.name)
		if err != nil {
			t.Errorf("testdata/reference.csv: %v", err)
			continue
		}
		got, err := Describe(v, mustResolve(t, v, ref.options), v.Input, v.Classes)
		if err != nil {
			t.Errorf("%s %v: %v", ref.name, ref.options, err)
			continue
		}
		consistent(t, ref.name, got)
		if got.Params != ref.params {
			t.Errorf("%s %v: got %d parameters, %s says %d", ref.name, ref.options, got.Params, ref.source, ref.params)
		}
		if ref.macs != 0 && got.MACs != ref.macs {
			t.Errorf("%s %v: got %d multiply-adds, %s says %d", ref.name, ref.options, got.MACs, ref.source, ref.macs)
		}
		if got.WeightLayers != ref.layers {
			t.Errorf("%s %v: got %d weight layers, %s says %d", ref.name, ref.options, got.WeightLayers, ref.source, ref.layers)
		}
		checked[ref.name] = true
	}
	for _, name := range Names() {
		if !checked[name] {
			t.Errorf("%s is registered but has no row in testdata/reference.csv", name)
		}
	}
}
