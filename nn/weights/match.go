package weights

import (
	"fmt"
	"strings"

	"workbench/nn"
	"workbench/nn/nearest"
	"workbench/nn/op"
)

// Mismatch tells how a file differs from what a network has.
type Mismatch struct {
	Missing []string // parameters that the file lacks, each with the nearest name it has
	Extra   []string // tensors that the network does not have, each with the nearest parameter
	Wrong   []string // tensors with another shape or with elements that are no floats
	Prefix  string   // what was taken off the names of the file's tensors
}

// listed is how many of each kind an error names.
const listed = 8

func (m *Mismatch) Error() string {
	var parts []string
	for _, kind := range []struct {
		what  string
		names []string
	}{{"missing", m.Missing}, {"not in the network", m.Extra}, {"of another form", m.Wrong}} {
		if n := len(kind.names); n > 0 {
			shown := kind.names[:min(n, listed)]
			text := fmt.Sprintf("%d %s:\n  %s", n, kind.what, strings.Join(shown, "\n  "))
			if n > listed {
				text += "\n  …"
			}
			parts = append(parts, text)
		}
	}
	without := ""
	if m.Prefix != "" {
		without = fmt.Sprintf(" (their names without %q)", m.Prefix)
	}
	return "the tensors are not the network's" + without + "\n" + strings.Join(parts, "\n")
}

// Counter tells whether a tensor is PyTorch's count of batches at a batch norm, or of networks in an average.
// Converters change its type and its shape like those of all tensors.
func (e Entry) Counter() bool {
	return e.Name == averages || e.Name == batches || strings.HasSuffix(e.Name, "."+batches)
}

// What PyTorch calls its counts (torch.nn.BatchNorm2d, torch.optim.swa_utils.AveragedModel).
const (
	batches  = "num_batches_tracked"
	averages = "n_averaged"
)

// Match compares the file with the parameters of a network, running statistics included. Every parameter must be there
// by its path and with its shape, and the file may have nothing else but counters. The error is a *Mismatch.
func (f *File) Match(params []*nn.Param) error {
	s := f.sort(params)
	m := &Mismatch{Prefix: f.Prefix, Missing: nearestTo(s.missing, s.left), Extra: nearestTo(s.left, s.missing)}
	for _, w := range s.misshapen {
		m.Wrong = append(m.Wrong, w.String())
	}
	if len(m.Missing)+len(m.Extra)+len(m.Wrong) > 0 {
		return m
	}
	return nil
}

// sorted are the tensors of a file and the parameters of a network, each once.
type sorted struct {
	taken     []Taken // in the order of the parameters
	missing   []string
	left      []string // that the network has not
	misshapen []Misshapen
	counters  int
}

// Taken is a tensor that a network takes.
type Taken struct {
	Param  *nn.Param
	Tensor Entry
	How    string // in words, what is done with its elements; "": nothing

	change func([]float32) []float32 // does it; nil: nothing is done with them
}

// Misshapen is a tensor with a parameter's name that is not taken for it.
type Misshapen struct {
	Param  *nn.Param
	Tensor Entry
	Why    string // if it is not the shape
}

func (m Misshapen) String() string {
	if m.Why != "" {
		return fmt.Sprintf("%s: %s", m.Param.Path, m.Why)
	}
	return fmt.Sprintf("%s is %v, the network's is %v", m.Param.Path, m.Tensor.Shape, m.Param.Shape)
}

// sort compares the tensors with parameters of the same names.
func (f *File) sort(params []*nn.Param) sorted {
	var s sorted
	byPath := map[string]*nn.Param{}
	for _, p := range params {
		byPath[p.Path] = p
	}
	held := map[string]Entry{}
	for _, e := range f.Entries {
		held[e.Name] = e
		switch {
		case byPath[e.Name] != nil:
		case e.Counter():
			s.counters++
		default:
			s.left = append(s.left, e.Name)
		}
	}
	for _, p := range params {
		e, there := held[p.Path]
		_, _, err := e.DType.float()
		switch {
		case !there:
			s.missing = append(s.missing, p.Path)
		case !alike(e.Shape, p.Shape):
			s.misshapen = append(s.misshapen, Misshapen{Param: p, Tensor: e})
		case err != nil:
			s.misshapen = append(s.misshapen, Misshapen{p, e, err.Error()})
		default:
			s.taken = append(s.taken, Taken{Param: p, Tensor: e, How: reshaped(e.Shape, p.Shape)})
		}
	}
	return s
}

// alike tells whether a tensor of a shape can be a parameter's without a change of its numbers or their order: it has
// the same shape, or one is a linear layer's weights [o, i] and the other those of a convolution [o, c, h, w] that
// takes all of i = c·h·w at once.
func alike(got, want op.Shape) bool {
	if got.Equal(want) {
		return true
	}
	a, b := min(len(got), len(want)), max(len(got), len(want))
	return a == 2 && b == 4 && got[0] == want[0] && got.Size() == want.Size()
}

// reshaped says in words that the shapes differ, if they do.
func reshaped(got, want op.Shape) string {
	if got.Equal(want) {
		return ""
	}
	return fmt.Sprintf("%v as %v", got, want)
}

// mostCompared is how many names a name is compared with. More would take long, and then a file is quite another's.
const mostCompared = 2000

// nearestTo adds to each name that will be listed what it may have been meant as.
func nearestTo(names, others []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = name
		if i >= listed || len(others) > mostCompared {
			continue
		}
		if near := nearest.Names(name, others); len(near) > 0 {
			all[i] += " (nearest on the other side: " + near[0] + ")"
		}
	}
	return all
}

// Load checks the file against the parameters and gives write each one's values, in the order of params. write may be
// the method of a backend's memory.
func (f *File) Load(params []*nn.Param, write func(path string, values []float32) error) error {
	if err := f.Match(params); err != nil {
		return err
	}
	for _, p := range params {
		e, err := f.Find(p.Path)
		if err != nil {
			return err
		}
		values, err := f.Floats(e)
		if err != nil {
			return err
		}
		if wrong := Unsound(p.Path, values); wrong != "" {
			return fmt.Errorf("%s: %s", p.Path, wrong)
		}
		if err := write(p.Path, values); err != nil {
			return err
		}
	}
	return nil
}
