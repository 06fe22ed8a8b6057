package main

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/nn/option"
)

// What doctor says of machines that this one is not.
func TestFindingsOfOtherMachines(t *testing.T) {
	const gib = 1 << 20 // KiB
	locks := func(name string) string {
		return "the database is on " + name + ", whose locks cannot be relied on: choose a local disk with --db"
	}
	small := "below 1 GiB: checkpoints of large networks may not fit"
	slow := bfloat16Advice("avx512_bf16")
	for _, c := range []struct{ got, want finding }{
		{memoryOf(0), finding{"memory", note, "unknown", ""}},
		{memoryOf(1), finding{"memory", note, "1.0 KiB free", "below 1 GiB: train with --jobs 1"}},
		{memoryOf(gib - 1), finding{"memory", note, "1024.0 MiB free", "below 1 GiB: train with --jobs 1"}},
		{memoryOf(gib), finding{"memory", good, "1.0 GiB free", ""}},
		{diskOf("f", 1<<30, 0xef53), finding{"disk", good, "1.0 GiB free at f", ""}},
		{diskOf("f", 1<<30-1, 0xef53), finding{"disk", note, "1024.0 MiB free at f", small}},
		{diskOf("f", 0, 0x6969), finding{"disk", bad, "0 B free at f", locks("NFS")}},
		{diskOf("f", 5<<30, 0xff534d42), finding{"disk", bad, "5.0 GiB free at f", locks("CIFS")}},
		{diskOf("f", 5<<30, 0xfe534d42), finding{"disk", bad, "5.0 GiB free at f", locks("SMB2")}},
		{diskOf("f", 5<<30, 0x517b), finding{"disk", bad, "5.0 GiB free at f", locks("SMB")}},
		{vectorsOf("arm64", "avx2"), finding{"vector instructions", note, "arm64", "speed was measured on amd64 only"}},
		{vectorsOf("amd64", "fma avx"), finding{"vector instructions", note, "no avx2",
			"training will be several times slower than on a processor with AVX2"}},
		{vectorsOf("amd64", "amx_bf16 sse avx512_bf16 avx512f fma avx2"), finding{"vector instructions", good,
			"avx2, fma, avx512f, avx512_bf16, amx_bf16", ""}},
		{vectorsOf("amd64", "avx2 avx512_bf16"), finding{"vector instructions", note, "avx2, avx512_bf16", slow}},
	} {
		if c.got != c.want {
			t.Errorf("got %+v, want %+v", c.got, c.want)
		}
	}
}

// columnsOf are the columns of a listing in one line: key, head and side of each.
func columnsOf(l listing) string {
	var all []string
	for _, c := range l.columns {
		side := "left"
		if c.right {
			side = "right"
		}
		all = append(all, c.key+"|"+c.head+"|"+side)
	}
	return l.key + " (" + l.title + "): " + strings.Join(all, ", ")
}

// Listings of keys have their columns, and each cell is what its column says.
func TestListingsOfKeys(t *testing.T) {
	key := experiments.Key{Path: "p.x", Users: []string{"u", "v"}, Option: option.Option{Name: "x", Default: 0.5, Doc: "does it"}}
	own := studyListings()
	for _, c := range []struct {
		l    listing
		want string
	}{
		{keyListing("Title", []experiments.Key{key}, true),
			"keys (Title): path|path|left, default|default|right, wanted|wanted|left, used_by|only of|left, doc|what it does|left"},
		{keyListing("Title", []experiments.Key{key}, false),
			"keys (Title): path|path|left, default|default|right, wanted|wanted|left, doc|what it does|left"},
		{nameListing(experiments.Section{Name: "optim", Noun: "optimizer", Names: []string{"sgd"}}),
			"names (): name|optimizer|left, doc|what it is|left"},
		{own["study"], "study (Keys of a study): key|key|left, default|default|left, wanted|wanted|left, doc|what it does|left"},
		{own["factors"], "factors (Keys of a factor): key|key|left, default|default|left, wanted|wanted|left, doc|what it does|left"},
		{factsOf("k", "T", nil), "k (T): name|name|left, value|value|left"},
	} {
		if got := columnsOf(c.l); got != c.want {
			t.Errorf("got %s\nwant %s", got, c.want)
		}
	}
	row := keyListing("", []experiments.Key{key}, true).rows[0]
	if row[0].text != "p.x" || row[1] != (cell{0.5, "0.5"}) || row[3].text != "u, v" || row[4].text != "does it" {
		t.Errorf("cells %v", row)
	}
	names := nameListing(experiments.Section{Name: "optim", Noun: "optimizer", Names: []string{"sgd"}})
	if row := names.rows[0]; row[0].text != "sgd" || row[1].text != experiments.Doing("optim", "sgd") {
		t.Errorf("cells %v", row)
	}
}

// What holds where a study says nothing, and where zero stands for it.
func TestDefaultsOfKeys(t *testing.T) {
	for i, c := range []struct {
		key  experiments.Key
		want string
	}{
		{experiments.Key{Varies: true, Option: option.Option{Required: true}}, "by name"},
		{experiments.Key{Option: option.Option{Required: true, Default: 1}}, "must be set"},
		{experiments.Key{Option: option.Option{Default: 0.25}}, "0.25"},
		{experiments.Key{Option: option.Option{Default: ""}}, option.Label("")},
		{experiments.Key{Option: option.Option{Default: false}}, "false"},
	} {
		if got := defaultOf(c.key).text; got != c.want {
			t.Errorf("case %d: %q, want %q", i, got, c.want)
		}
	}
	plain := option.Option{Name: "x", Default: 0.5}
	for want, o := range map[string]option.Option{
		plain.Wanted() + "; 0: the default": {Name: "x", Default: 0.5, ZeroIsDefault: true},
		plain.Wanted():                      plain,
	} {
		if got := wantedOf(o); got != want {
			t.Errorf("%+v wants %q, want %q", o, got, want)
		}
	}
	for _, o := range []option.Option{{Default: 0.5, ZeroIsDefault: true, Required: true}, {Default: 0.0, ZeroIsDefault: true}} {
		if got := wantedOf(o); strings.HasSuffix(got, "the default") {
			t.Errorf("%+v wants %q", o, got)
		}
	}
}

// Narrow terminals lose the columns of a listing in its own order.
func TestWhatNarrowTerminalsLeaveOut(t *testing.T) {
	for _, c := range []struct {
		args  string
		width int
		want  string
	}{
		{"models alexnet", 60, "too narrow for: layers, family, paper, parameters (--format csv has all)"},
		{"describe vgg_mini --depth 1", 60, "too narrow for: jump, live, field, kept (--format csv has all)"},
	} {
		a := newApp()
		a.db = defaultDB
		if got := a.said(t, c.width, strings.Fields(c.args)...); !strings.Contains(strings.Join(strings.Fields(got), " "), c.want) {
			t.Errorf("%s in %d characters: want %q in\n%s", c.args, c.width, c.want, got)
		}
	}
	for _, c := range []struct {
		l    listing
		want []string
	}{
		{ablationTable(experiments.StudyInfo{}, analysis.Ablation{}), []string{"macs", "parameters", "seconds", "train", "p_holm"}},
		{effectTable(analysis.Ablation{}), []string{"versus", "pairs", "p_holm"}},
		{artefacts(nil), []string{"media", "kind"}},
		{attempts(experiments.RunInfo{}), []string{"backend"}},
	} {
		if !slices.Equal(c.l.leave, c.want) {
			t.Errorf("%s leaves %q, want %q", c.l.key, c.l.leave, c.want)
		}
		for _, key := range c.l.leave {
			if !slices.ContainsFunc(c.l.columns, func(c column) bool { return c.key == key && c.head != "" }) {
				t.Errorf("%s leaves a column that it has not: %s", c.l.key, key)
			}
		}
	}
}
