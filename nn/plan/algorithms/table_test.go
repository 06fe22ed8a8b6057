package algorithms

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func has(names ...string) func(string) bool {
	return func(name string) bool {
		for _, n := range names {
			if n == name {
				return true
			}
		}
		return false
	}
}

func TestTheFirstRuleThatFitsDecides(t *testing.T) {
	layer := Layer{Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1, In: 48, Out: 64, Batch: 8,
		Side: [2]int{16, 16}}
	change := func(f func(*Layer)) Layer {
		l := layer
		f(&l)
		return l
	}
	table := &Table{Processor: "any", Rules: []Rule{
		{Algorithm: Direct, Direction: Forward, Kernel: 3, MostPixels: 1000},
		{Algorithm: "quick", Direction: Forward, Kernel: 3, Stride: 1, Dilation: 1, Channels: 48, MostChannels: 64, Pixels: 512},
		{Algorithm: "odd", Direction: Forward, Kernel: 3, Channels: 32},
		{Algorithm: "wide", Direction: BackwardWeights, Grouped: true, MostChannels: 8},
	}}
	all := has("quick", "odd", "wide")
	for _, c := range []struct {
		what      string
		direction Direction
		layer     Layer
		has       func(string) bool
		want      string
	}{
		{"fits", Forward, layer, all, "quick"},
		{"its algorithm is not there", Forward, layer, has("odd"), "odd"},
		{"none is there", Forward, layer, has(), Direct},
		{"another direction", BackwardData, layer, all, Direct},
		{"another kernel", Forward, change(func(l *Layer) { l.Kernel[1] = 1 }), all, Direct},
		{"another stride", Forward, change(func(l *Layer) { l.Stride = [2]int{2, 2} }), all, "odd"},
		{"dilated", Forward, change(func(l *Layer) { l.Dilation = [2]int{2, 2} }), all, "odd"},
		{"few channels", Forward, change(func(l *Layer) { l.Out = 31 }), all, Direct},
		{"too few for the first", Forward, change(func(l *Layer) { l.In = 47 }), all, "odd"},
		{"too many channels", Forward, change(func(l *Layer) { l.In, l.Out = 65, 65 }), all, "odd"},
		{"few pixels", Forward, change(func(l *Layer) { l.Batch = 3 }), all, Direct},
		{"groups", Forward, change(func(l *Layer) { l.Groups = 2 }), all, Direct},
		{"narrow groups", BackwardWeights, change(func(l *Layer) { l.Groups = 6 }), all, "wide"},
		{"wider groups", BackwardWeights, change(func(l *Layer) { l.Groups = 4 }), all, Direct},
	} {
		if got := table.Algorithm(c.direction, c.layer, c.has); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
	alone := &Table{Rules: []Rule{layer.Alone("quick", Forward)}}
	for _, f := range []func(*Layer){
		func(l *Layer) { l.Kernel = [2]int{1, 1} }, func(l *Layer) { l.In = 16 }, func(l *Layer) { l.In, l.Out = 64, 64 },
		func(l *Layer) { l.Batch = 9 },
	} {
		l := change(f)
		if alone.Algorithm(Forward, layer, all) != "quick" || alone.Algorithm(Forward, l, all) != Direct {
			t.Errorf("the rule of %v alone: %+v, which fits %v", layer, alone.Rules[0], l)
		}
	}
	if got := (*Table)(nil).Algorithm(Forward, layer, all); got != Direct {
		t.Errorf("without rules: %s, want %s", got, Direct)
	}
}

func TestDigestIsOfTheRulesAlone(t *testing.T) {
	a := &Table{Processor: "avx2", Rules: []Rule{{Algorithm: "winograd", Direction: Forward, Kernel: 3}}}
	b := &Table{Processor: "avx512_core", Rules: a.Rules, Measured: []Measured{{Layer: "x"}}, Origin: "a file"}
	if a.Digest() != b.Digest() {
		t.Error("the same rules have different digests")
	}
	b.Rules = []Rule{{Algorithm: "winograd", Direction: Forward, Kernel: 3, Pixels: 1}}
	if a.Digest() == b.Digest() {
		t.Error("different rules have the same digest")
	}
	if (*Table)(nil).Digest() != (&Table{Rules: []Rule{}}).Digest() || (&Table{}).Digest() != (*Table)(nil).Digest() {
		t.Error("no table and one without rules choose the same and have different digests")
	}
}

// A table is told in the same words before and after a checkpoint, which keeps it as JSON.
func TestTableKeepsItsNameInJSON(t *testing.T) {
	for _, want := range []*Table{
		{Processor: "avx2", Library: 2, Origin: "built in", Rules: []Rule{{Algorithm: "winograd", Direction: Forward}}},
		{Processor: "avx2"},
	} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Table
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() || strings.Contains(got.String(), ", (") {
			t.Errorf("%q after a checkpoint, want %q", &got, want)
		}
	}
}

func TestBuiltInRules(t *testing.T) {
	f, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range f.Tables {
		if err := table.Check([]string{Direct, "winograd", "winograd_workbench", "product_workbench", "direct_workbench",
			"widened"}); err != nil {
			t.Error(err)
		}
	}
	wide := f.For([]string{"avx512_core_bf16", "avx512_core", "avx2"}, 2)
	if wide == nil || wide.Processor != "avx512_core" || len(wide.Rules) == 0 || !strings.Contains(wide.String(), "built in") {
		t.Errorf("rules %v for AVX-512 with bfloat16, want those of AVX-512", wide)
	}
	if narrow := f.For([]string{"avx2"}, 3); narrow == nil || narrow.Processor != "avx2" {
		t.Errorf("rules %v for AVX2, want its own", narrow)
	}
	if none := f.For(nil, 2); none != nil {
		t.Errorf("rules %v for no class, want none", none)
	}
}

func TestFiles(t *testing.T) {
	name := filepath.Join(t.TempDir(), "rules.yaml")
	first := &Table{Processor: "avx2", Library: 2, Rules: []Rule{{Algorithm: "winograd", Direction: Forward, Kernel: 3}},
		Measured: []Measured{{Layer: "a", Direction: Forward, Micros: map[string]float64{"direct": 2, "winograd": 1}}}}
	for _, table := range []*Table{first, {Processor: "avx2", Library: 3},
		{Processor: "avx2", Library: 2, Rules: []Rule{{Algorithm: Direct, Direction: Forward}}}} {
		if err := Write(name, table); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Read(name)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Tables) != 2 || f.Tables[0].Rules[0].Algorithm != Direct || f.Tables[1].Library != 3 {
		t.Errorf("tables %+v, want the one of oneDNN 2 replaced and the other kept", f.Tables)
	}
	again, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(name, f.Tables[1]); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(name); string(text) != string(again) {
		t.Errorf("the same tables are written as\n%s\nafter\n%s", text, again)
	}
}

func TestFilesThatAreWrong(t *testing.T) {
	negative := "tables: [{processor: a, rules: [{algorithm: direct, direction: forward, pixels: -1}]}]"
	for text, want := range map[string]string{
		"tables: [{processor: avx2, rulez: []}]":                           "rulez",
		"tables: [{library: 2}]":                                           "want the class of a processor",
		"tables: [{processor: a, library: 2}, {processor: a, library: 2}]": "a second one of processor a, library 2",
		"tables: [{processor: a, rules: [{algorithm: winogard}]}]":         `unknown algorithm "winogard": did you mean winograd?`,
		"tables: [{processor: a, rules: [{algorithm: direct}]}]":           `unknown direction ""`,
		negative: "pixels: want a number of at least 0, got -1",
	} {
		f, err := parse("rules.yaml", []byte(text))
		for _, table := range f.Tables {
			if err == nil {
				err = table.Check([]string{Direct, "winograd", "winograd_workbench"})
			}
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("error %v, want the file's name", err)
	}
}
