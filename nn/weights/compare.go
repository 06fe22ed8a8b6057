package weights

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"workbench/nn"
	"workbench/nn/glob"
)

// Options say how a file is to be read as a network's.
type Options struct {
	Part  string   // which of several networks in the file: "ema", "module.encoder_q"; "": the one that fits
	Allow []string // patterns (package glob) of parameters that may stay as they are, and of tensors that may be left over
	BGR   bool     // the file's network takes blue, green, red: its first layer's channels are turned round
	Gray  bool     // the first layer's weights for three channels are added up to those of a network for one
}

// Verdict is what a comparison comes to.
type Verdict string

// The verdicts.
const (
	Complete    Verdict = "complete"
	AllButHead  Verdict = "complete but for the last layer"
	AllButGiven Verdict = "complete but for what is allowed"
	Ambiguous   Verdict = "several networks of the file fit"
	Other       Verdict = "not this network's"
)

// Fine tells whether the file's tensors may be loaded.
func (v Verdict) Fine() bool { return v == Complete || v == AllButHead || v == AllButGiven }

// Report tells how a file's tensors differ from a network's.
type Report struct {
	Verdict Verdict
	Network string // name of the network
	Format  string // of the file
	Part    string // whose tensors were compared; "": the file has one part
	Prefix  string // what was taken off the names
	Library string // whose names they are; "": torchvision's, which are the zoo's

	Taken     []Taken     // in the order of the network's parameters
	Missing   []string    // parameters that the file lacks, but for the last layer's and what is allowed
	Left      []string    // tensors that the network lacks, by the file's names, but for another last layer's and what is allowed
	Misshapen []Misshapen // but for the last layer's and what is allowed
	Head      []string    // what of the last layer does not fit, in words
	Allowed   []string    // what is missing, left over or misshapen, and allowed
	Counters  int         // tensors that count batches, which are passed over
	Beside    []string    // other parts of the file, which are passed over
	Unread    []string    // what of the file cannot be read, in words
	Fitting   []string    // the networks of the file that fit equally, as Options.Part names them, if there are several
	Nearest   []string    // networks that fit in place of this one, if somebody has looked for them

	Classes       int   // of the file's last layer; 0: it has none that is like the network's
	Params        int   // of the network
	Elements      int64 // of the network
	TakenElements int64

	file *File
}

// Compare finds out how a file names the parameters of a network, and tells how its tensors differ from those. An error
// means that the options cannot be followed.
func Compare(f *File, n Network, o Options) (*Report, error) {
	for _, pattern := range o.Allow {
		if err := glob.Check(pattern); err != nil {
			return nil, err
		}
	}
	readings := f.readings(&n)
	best, fitting, err := choose(f, &n, readings, o.Part)
	if err != nil {
		return nil, err
	}
	r := &Report{Network: n.Name, Format: f.Format, Part: best.Part, Prefix: best.Prefix, Library: best.library, Unread: f.Left,
		Fitting: fitting, Params: len(n.Params), file: best.File}
	for _, name := range f.Parts() {
		if name != best.Part {
			r.Beside = append(r.Beside, cmp.Or(name, "its own tensors"))
		}
	}
	s := best.sort(n.Params)
	if o.Part != "" {
		s.left = best.below(s.left, o.Part)
	}
	if err := adapt(&s, n, o); err != nil {
		return nil, err
	}
	r.fill(&n, s, o.Allow)
	r.judge()
	return r, nil
}

// path is the part with the prefix, by which a network in a file is chosen.
func (f *File) path() string {
	if f.Part == "" {
		return f.Prefix
	}
	if f.Prefix == "" {
		return f.Part
	}
	return f.Part + "." + f.Prefix
}

// mostFitting is how many networks of a file are compared with one another.
const mostFitting = 16

// choose returns the best way to read the file. If several of its networks fit equally, it names them.
func choose(f *File, n *Network, all []reading, part string) (best reading, fitting []string, err error) {
	if part != "" {
		want := strings.TrimSuffix(part, ".")
		all = slices.DeleteFunc(all, func(r reading) bool {
			return r.Part != want && strings.TrimSuffix(r.path(), ".") != want && strings.TrimSuffix(r.Prefix, ".") != want
		})
		if len(all) == 0 {
			return best, nil, fmt.Errorf("the file has no network %q%s", part, f.offers(n))
		}
	}
	if len(all) == 0 {
		return reading{File: f}, nil, nil
	}
	best = all[0]
	if bodies := n.bodies(); best.body < bodies || bodies == 0 {
		return best, nil, nil
	}
	var distinct []reading
	for _, r := range all {
		if r.body < best.body || len(distinct) == mostFitting {
			continue
		}
		if !slices.ContainsFunc(distinct, func(earlier reading) bool { return earlier.sameData(r, n) }) {
			distinct = append(distinct, r)
			fitting = append(fitting, strings.TrimSuffix(r.path(), "."))
		}
	}
	if len(fitting) < 2 {
		fitting = nil
	}
	return best, fitting, nil
}

// bodies counts the parameters that are not of the last layer.
func (n *Network) bodies() int {
	count := 0
	for _, p := range n.Params {
		if !n.isOfHead(p) {
			count++
		}
	}
	return count
}

// sameData tells whether two ways to read a file read the same bytes.
func (r reading) sameData(other reading, n *Network) bool {
	places := func(f *File) map[string]Entry {
		at := map[string]Entry{}
		for _, e := range f.Entries {
			at[e.Name] = e
		}
		return at
	}
	a, b := places(r.File), places(other.File)
	for _, p := range n.Params {
		if n.isOfHead(p) {
			continue
		}
		x, y := a[p.Path], b[p.Path]
		if x.begin != y.begin || x.from != y.from || !slices.Equal(x.strides, y.strides) {
			return false
		}
	}
	return true
}

// offers lists what the file has in place of a network that was asked for.
func (f *File) offers(n *Network) string {
	var names []string
	all := f.readings(n)
	for _, r := range all {
		name := strings.TrimSuffix(r.path(), ".")
		if name != "" && 2*r.fit > all[0].fit && !slices.Contains(names, name) && len(names) < listed {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ", but " + strings.Join(names, ", ")
}

// below keeps those of the names that the file has below what was asked for: all else was left on purpose.
func (f *File) below(names []string, asked string) []string {
	if f.Prefix == "" || strings.TrimSuffix(asked, ".") == f.Part {
		return names
	}
	stored := map[string]string{}
	for _, e := range f.Entries {
		stored[e.Name] = e.stored()
	}
	return slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(stored[name], f.Prefix) })
}

// fill sorts what was compared into what is fine and what is not.
func (r *Report) fill(n *Network, s sorted, allow []string) {
	allowed := func(names ...string) bool {
		return slices.ContainsFunc(allow, func(pattern string) bool {
			return slices.ContainsFunc(names, func(name string) bool { return glob.Match(pattern, name) })
		})
	}
	auxiliary := map[string]bool{}
	for _, p := range n.Auxiliary {
		auxiliary[p.Path] = true
	}
	stored := map[string]string{}
	for _, e := range r.file.Entries {
		stored[e.Name] = e.stored()
	}
	r.Counters = s.counters
	var half []string // of the last layer that fit, while others do not
	for _, path := range s.missing {
		switch {
		case allowed(path):
			r.Allowed = append(r.Allowed, path)
		case strings.HasPrefix(path, n.head()):
			r.Head = append(r.Head, path+" is missing")
		default:
			r.Missing = append(r.Missing, path)
		}
	}
	for _, m := range s.misshapen {
		switch {
		case allowed(m.Param.Path, m.Tensor.stored()):
			r.Allowed = append(r.Allowed, m.Param.Path)
		case n.isOfHead(m.Param):
			r.Head = append(r.Head, m.String())
		default:
			r.Misshapen = append(r.Misshapen, m)
		}
	}
	for _, t := range s.taken {
		if n.isOfHead(t.Param) && len(r.Head) > 0 {
			half = append(half, t.Param.Path+" is left with the rest of its layer")
			continue
		}
		r.Taken = append(r.Taken, t)
	}
	r.Head = append(r.Head, half...)
	for _, name := range s.left {
		switch {
		case auxiliary[name]:
		case allowed(name, stored[name]):
			r.Allowed = append(r.Allowed, stored[name])
		case len(r.Head) > 0 && n.ofHead(name):
			r.Head = append(r.Head, stored[name]+" is in the file")
		default:
			r.Left = append(r.Left, stored[name])
		}
	}
	r.count(n.Params)
	r.Classes = r.file.classes(n)
}

func (r *Report) count(params []*nn.Param) {
	for _, p := range params {
		r.Elements += int64(p.Shape.Size())
	}
	for _, t := range r.Taken {
		r.TakenElements += int64(t.Param.Shape.Size())
	}
}

// judge finds the verdict.
func (r *Report) judge() {
	switch {
	case len(r.Fitting) > 0:
		r.Verdict = Ambiguous
	case len(r.Missing)+len(r.Left)+len(r.Misshapen) > 0, len(r.Taken) == 0:
		r.Verdict = Other
	case len(r.Head) > 0:
		r.Verdict = AllButHead
	case len(r.Allowed) > 0:
		r.Verdict = AllButGiven
	default:
		r.Verdict = Complete
	}
}

// Load gives write the values of every tensor that is taken, as the parameter takes them, in the order of the
// network's parameters. It refuses files whose verdict is not fine, and values that no network works with.
func (r *Report) Load(write func(t Taken, values []float32) error) error {
	if !r.Verdict.Fine() {
		return r.Err()
	}
	for _, t := range r.Taken {
		values, err := r.Values(t)
		if err != nil {
			return err
		}
		if wrong := Unsound(t.Param.Path, values); wrong != "" {
			return fmt.Errorf("%s: %s", t.Param.Path, wrong)
		}
		if err := write(t, values); err != nil {
			return err
		}
	}
	return nil
}

// Values reads a tensor as the network's parameter takes it.
func (r *Report) Values(t Taken) ([]float32, error) {
	values, err := r.file.Floats(t.Tensor)
	if err != nil || t.change == nil {
		return values, err
	}
	return t.change(values), nil
}
