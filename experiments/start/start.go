// Package start says with what weights a training begins: drawn ones, those of a file, or those of another run. It
// knows what a study writes of that and opens nothing.
package start

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"workbench/nn/glob"
	"workbench/nn/option"
)

// drawn says that weights come from nowhere: as a level beside others that do.
const drawn = "none"

// runMark begins a place that is a run.
const runMark = "run:"

// Which weights of a run are meant.
const (
	Evaluated = "evaluated" // the moving average where the run kept one, or else what the optimizer moved
	Trained   = "trained"   // what the optimizer moved
)

// Kinds are the good values of the option weights.
var Kinds = []string{Evaluated, Trained}

const longestPath = 4096

// digestLength is that of a SHA-256 in hex.
const digestLength = 64

// Options are the keys of the section "start" that say where weights come from.
var Options = []option.Option{
	{Name: "from", Default: "", Want: "a file of weights, or run: and the beginning of a run's id",
		Doc: "weights that the training begins with: a file (safetensors, or PyTorch's), relative to the folder in which the program is " +
			"run, or run:ID for those of a run that is done; " +
			"none, or empty: weights are drawn by the seed"},
	{Name: "digest", Default: "", Want: "the 64 hex digits of a SHA-256",
		Doc: "SHA-256 that the file must have; filled in when a study is run, so that a file which has changed is noticed"},
	{Name: "allow", Default: "", Aside: true, Want: "patterns of paths such as fc.**, with spaces between",
		Doc: "parameters that may be missing or of another shape, and tensors that may be left over; the missing are drawn. " +
			"A classifier of another width, or none, needs no word"},
	{Name: "skip", Default: "", Want: "patterns of paths such as fc.**, with spaces between",
		Doc: "parameters that are drawn by the seed although the weights have them, such as the classifier of other classes"},
	{Name: "part", Default: "", Want: "a name such as ema or module.encoder_q",
		Doc: "which network of a file that has several; empty: the one that fits"},
	{Name: "bgr", Default: false, Doc: "the file's network takes blue, green, red: its first layer's channels are turned round"},
	{Name: "gray", Default: false, Doc: "the first layer's weights for three channels are added up to those of a network for one"},
	{Name: "weights", Default: Evaluated, Choices: Kinds,
		Doc: "of a run: the moving average where it kept one (evaluated), or what the optimizer moved (trained)"},
}

// Start is the section as it is meant. The zero value draws all weights.
type Start struct {
	File    string   // path; or
	Run     string   // id, or the beginning of one
	Digest  string   // SHA-256 of the file in hex; "": nobody said
	Allow   []string // patterns of paths
	Skip    []string // patterns of paths that are drawn anew
	Weights string   // of Kinds

	Part      string // which network of a file that has several; "": the one that fits
	BGR, Gray bool   // see weights.Options

	Continues  []int // epochs of the runs that this one continues, one after the other; none: it continues no run
	OtherRates bool  // these may have had other rates in their epochs than this run would have had
}

// Of reads what a configuration has in the section.
func Of(given map[string]any) Start {
	s := option.Complete(Section, given)
	from := s.String("from")
	all := Start{Digest: s.String("digest"), Allow: strings.Fields(s.String("allow")), Skip: strings.Fields(s.String("skip")),
		Weights: s.String("weights"), Part: s.String("part"), BGR: s.Bool("bgr"), Gray: s.Bool("gray")}
	all = all.continued(s)
	if from == drawn {
		return all
	}
	if run, is := strings.CutPrefix(from, runMark); is {
		all.Run = run
		return all
	}
	all.File = from
	return all
}

// Said tells whether weights come from anywhere.
func (s Start) Said() bool { return s.File != "" || s.Run != "" }

// Skips tells whether a parameter is drawn anew.
func (s Start) Skips(path string) bool {
	return slices.ContainsFunc(s.Skip, func(pattern string) bool { return glob.Match(pattern, path) })
}

// From is the place as a study writes it.
func (s Start) From() string {
	if s.Run != "" {
		return runMark + s.Run
	}
	return s.File
}

// Active are the options that have an effect beside the given ones.
func Active(given map[string]any) []option.Option {
	s := Of(given)
	var also []option.Option
	if len(s.Continues) > 0 || s.OtherRates {
		also = continuing
	}
	switch {
	case !s.Said():
		return also
	case s.Run != "":
		return slices.Concat(without("digest", "part"), also)
	}
	return slices.Concat(without("weights"), also)
}

// without are the options of a beginning but for some.
func without(names ...string) []option.Option {
	return slices.DeleteFunc(slices.Clone(Options), func(o option.Option) bool { return slices.Contains(names, o.Name) })
}

// Identifying leaves of resolved options what decides a result: of a file its digest, wherever it lies.
func Identifying(given map[string]any) {
	if digest, known := given["digest"].(string); known && digest != "" {
		delete(given, "from")
	}
}

// Conflicts is what is wrong with the options beside their types.
func Conflicts(s option.Settings) []option.Conflict {
	var found []option.Conflict
	add := func(name, format string, args ...any) {
		found = append(found, option.Conflict{Option: name, Message: fmt.Sprintf(format, args...)})
	}
	from, digest := s.String("from"), s.String("digest")
	run, isRun := strings.CutPrefix(from, runMark)
	switch {
	case len(from) > longestPath:
		add("from", "want a path of at most %d characters, got %d", longestPath, len(from))
	case isRun && run == "latest":
		add("from", "which run is the latest changes; want %s and the beginning of its id (workbench runs)", runMark)
	case isRun && !hexadecimal(run):
		add("from", "want %s and the beginning of a run's id, hex digits, got %q", runMark, from)
	}
	if digest != "" && (!hexadecimal(digest) || len(digest) != digestLength) {
		add("digest", "want %d hex digits in lower case, got %d characters: %q", digestLength, len(digest), digest)
	}
	for _, name := range []string{"allow", "skip"} {
		for _, pattern := range strings.Fields(s.String(name)) {
			if err := glob.Check(pattern); err != nil {
				add(name, "%v", err)
			}
		}
	}
	return found
}

func hexadecimal(s string) bool {
	_, err := hex.DecodeString(s + strings.Repeat("0", len(s)%2))
	return err == nil && s != "" && s == strings.ToLower(s)
}
