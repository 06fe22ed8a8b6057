package algorithms

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestLayersAndTablesInWords(t *testing.T) {
	plain := Layer{Kernel: [2]int{3, 1}, Stride: [2]int{1, 1}, Groups: 1, In: 4, Out: 16, Batch: 8, Side: [2]int{32, 30}}
	strided, grouped, both := plain, plain, plain
	strided.Stride, grouped.Groups, both.Stride, both.Groups = [2]int{2, 3}, 4, [2]int{1, 2}, 2
	none := (&Table{}).Digest()
	for _, c := range []struct {
		got  fmt.Stringer
		want string
	}{
		{plain, "8 × 4→16, 3×1 → 32×30"}, {strided, "8 × 4→16, 3×1 → 32×30, stride 2"}, {grouped, "8 × 4→16, 3×1 → 32×30, 4 groups"},
		{both, "8 × 4→16, 3×1 → 32×30, stride 1, 2 groups"},
		{(*Table)(nil), "none, all direct (4f53cda1)"}, // the first bytes of the SHA-256 of "[]"
		{&Table{Processor: "avx2"}, "avx2 (4f53cda1)"}, {&Table{Processor: "avx2", Library: 1}, "avx2, library 1 (" + none + ")"},
		{&Table{Processor: "avx2", Origin: "a.yaml"}, "avx2, a.yaml (" + none + ")"},
		{&Table{Processor: "avx2", Library: 3, Origin: "a.yaml"}, "avx2, library 3, a.yaml (" + none + ")"},
	} {
		if got := c.got.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := Directions(); !slices.Equal(got, []Direction{"forward", "backward_data", "backward_weights"}) {
		t.Errorf("the directions are %v", got)
	}
	got := []int{plain.channels(), grouped.channels(), plain.pixels(), (Layer{In: 5, Out: 3}).channels()}
	if !slices.Equal(got, []int{4, 1, 7680, 3}) {
		t.Errorf("channels and pixels are %v", got)
	}
}

// The rule of a layer alone says all that rules can say of it.
func TestAlone(t *testing.T) {
	l := Layer{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Dilation: [2]int{4, 4}, Groups: 2, In: 10, Out: 12, Batch: 2,
		Side: [2]int{3, 5}}
	want := Rule{Algorithm: "a", Direction: BackwardData, Kernel: 3, Stride: 2, Dilation: 4, Grouped: true, Channels: 5, MostChannels: 5,
		Pixels: 30, MostPixels: 30}
	if got := l.Alone("a", BackwardData); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	l.Kernel[1], l.Stride[1], l.Dilation[0], l.Groups = 1, 1, 1, 1
	want = Rule{Algorithm: "a", Direction: Forward, Channels: 10, MostChannels: 10, Pixels: 30, MostPixels: 30}
	if got := l.Alone("a", Forward); got != want {
		t.Errorf("of different axes: got %+v, want %+v", got, want)
	}
}

// The best class that has a table decides; of a class, the table of the library's version before one of any version.
func TestTheTableOfAProcessor(t *testing.T) {
	f := File{Tables: []*Table{{Processor: "b"}, {Processor: "a", Library: 2}, {Processor: "b", Library: 3},
		{Processor: "c", Library: 4}}}
	for _, c := range []struct {
		classes []string
		library int
		want    int // −1: none
	}{
		{[]string{"b"}, 3, 2}, {[]string{"b"}, 2, 0}, {[]string{"a"}, 2, 1}, {[]string{"a"}, 3, -1}, {[]string{"a", "b"}, 2, 1},
		{[]string{"b", "a"}, 2, 0}, {[]string{"a", "b"}, 3, 2}, {[]string{"a", "b"}, 9, 0}, {[]string{"c"}, 0, -1}, {[]string{"d"}, 2, -1},
		{nil, 2, -1},
	} {
		var want *Table
		if c.want >= 0 {
			want = f.Tables[c.want]
		}
		if got := f.For(c.classes, c.library); got != want {
			t.Errorf("classes %v, library %d: got %v, want table %d", c.classes, c.library, got, c.want)
		}
	}
}

func TestCheckNamesTheRule(t *testing.T) {
	good := Rule{Algorithm: "a", Direction: BackwardWeights}
	for _, c := range []struct {
		change func(*Rule)
		want   string
	}{
		{func(*Rule) {}, "<nil>"},
		{func(r *Rule) { r.Algorithm = "" }, `rules of p, number 2: unknown algorithm "": want one of a`},
		{func(r *Rule) { r.Direction = "sideways" },
			`rules of p, number 2: unknown direction "sideways": want one of [forward backward_data backward_weights]`},
		{func(r *Rule) { r.Kernel = -1 }, "rules of p, number 2: kernel: want a number of at least 0, got -1"},
		{func(r *Rule) { r.Stride = -2 }, "rules of p, number 2: stride: want a number of at least 0, got -2"},
		{func(r *Rule) { r.Dilation = -3 }, "rules of p, number 2: dilation: want a number of at least 0, got -3"},
		{func(r *Rule) { r.Channels = -4 }, "rules of p, number 2: channels: want a number of at least 0, got -4"},
		{func(r *Rule) { r.MostChannels = -5 }, "rules of p, number 2: most_channels: want a number of at least 0, got -5"},
		{func(r *Rule) { r.Pixels = -6 }, "rules of p, number 2: pixels: want a number of at least 0, got -6"},
		{func(r *Rule) { r.MostPixels = -7 }, "rules of p, number 2: most_pixels: want a number of at least 0, got -7"},
	} {
		bad := good
		c.change(&bad)
		if err := (&Table{Processor: "p", Rules: []Rule{good, bad}}).Check([]string{"a"}); fmt.Sprint(err) != c.want {
			t.Errorf("got error %v, want %s", err, c.want)
		}
	}
	if err := (*Table)(nil).Check(nil); err != nil {
		t.Errorf("no table: %v", err)
	}
}

func TestFilesNameTheTable(t *testing.T) {
	for text, want := range map[string]string{
		"tables: [{processor: a}, {processor: }]":                          "f: table 2: want the class of a processor, got none",
		"tables: [{processor: a}, null]":                                   "f: table 2: want the class of a processor, got none",
		"tables: [{processor: a}, {processor: b}, {processor: a}]":         "f: table 3: a second one of processor a, library 0",
		"tables: [{processor: a}, {processor: a, library: 1}]":             "<nil>",
		"tables: [{processor: a, library: 1}, {processor: b, library: 1}]": "<nil>",
	} {
		f, err := parse("f", []byte(text))
		if fmt.Sprint(err) != want {
			t.Errorf("%s: got error %v, want %s", text, err, want)
		}
		if err == nil && (f.Tables[0].Origin != "f" || f.Tables[1].Origin != "f") {
			t.Errorf("%s: the tables are from %q", text, f.Tables[0].Origin)
		}
	}
}

// A file that cannot be read is not written over, and what a file says is there to the last byte.
func TestWrite(t *testing.T) {
	name := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(name, []byte("tables: 3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(name, &Table{Processor: "a"}); err == nil {
		t.Error("a file that is wrong is written over")
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != "tables: 3\n" {
		t.Errorf("the file became %q, error %v", text, err)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	table := &Table{Processor: "a", Library: 2, Rules: []Rule{{Algorithm: "quick", Direction: Forward, Kernel: 3, Stride: 1, Dilation: 2,
		Grouped: true, Channels: 4, MostChannels: 5, Pixels: 6, MostPixels: 7}}, Origin: "elsewhere",
		Measured: []Measured{{Layer: "one", Direction: Forward, Micros: map[string]float64{"direct": 2.5}}}}
	if err := Write(name, table); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if want := heading + `tables:
- processor: a
  library: 2
  rules:
  - algorithm: quick
    direction: forward
    kernel: 3
    stride: 1
    dilation: 2
    grouped: true
    channels: 4
    most_channels: 5
    pixels: 6
    most_pixels: 7
  measured:
  - layer: one
    direction: forward
    microseconds: {direct: 2.5}
`; err != nil || string(text) != want {
		t.Errorf("the file is\n%s, want\n%s, error %v", text, want, err)
	}
}
