package metric

import (
	"math/rand/v2"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Name{
		"test/top1":           {Split: "test", Quantity: "top1"},
		"pretrain/train/loss": {Phase: "pretrain", Split: "train", Quantity: "loss"},
		"odd":                 {Quantity: "odd"},
		"":                    {},
		"/loss":               {Quantity: "/loss"},
		"train/":              {Quantity: "train/"},
		"a//b":                {Quantity: "a//b"},
		"a/b/c/d":             {Quantity: "a/b/c/d"},
	} {
		if got := Parse(text); got != want {
			t.Errorf("Parse(%q) = %#v, want %#v", text, got, want)
		}
	}
	if got := Counterpart("pretrain/test/top1", Train); got != "pretrain/train/top1" {
		t.Errorf("counterpart %s", got)
	}
}

func FuzzEveryTextIsPrintedAsItWas(f *testing.F) {
	for _, seed := range []string{"", "/", "a", "a/b", "a/b/c", "a/b/c/d", "//", "a/", "/a", "a//b", "ä/ /\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := Parse(text).String(); got != text {
			t.Errorf("Parse(%q) prints %q", text, got)
		}
	})
}

// Names made of parts come back in parts.
func TestEveryNameIsReadAsItWas(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	part := func() string { return string([]rune("aBz0 _.é")[r.IntN(8)]) + string([]rune("xY9-")[r.IntN(4)]) }
	for range 1000 {
		n := Name{Split: part(), Quantity: part()}
		if r.IntN(2) == 0 {
			n.Phase = part()
		}
		if got := Parse(n.String()); got != n {
			t.Fatalf("%#v is written %q and read %#v", n, n, got)
		}
	}
}
