package weights

import (
	"fmt"
	"strings"

	"workbench/nn"
	"workbench/nn/nearest"
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
	m := &Mismatch{Prefix: f.Prefix}
	byPath := map[string]*nn.Param{}
	var paths []string
	for _, p := range params {
		byPath[p.Path] = p
		paths = append(paths, p.Path)
	}
	held := map[string]bool{}
	var extra []string
	for _, e := range f.Entries {
		held[e.Name] = true
		p, known := byPath[e.Name]
		switch {
		case !known && !e.Counter():
			extra = append(extra, e.Name)
		case known && !e.Shape.Equal(p.Shape):
			m.Wrong = append(m.Wrong, fmt.Sprintf("%s is %v, the network's is %v", e.Name, e.Shape, p.Shape))
		case known:
			if _, _, err := e.DType.float(); err != nil {
				m.Wrong = append(m.Wrong, fmt.Sprintf("%s: %v", e.Name, err))
			}
		}
	}
	var missing []string
	for _, path := range paths {
		if !held[path] {
			missing = append(missing, path)
		}
	}
	m.Missing, m.Extra = nearestTo(missing, extra), nearestTo(extra, missing)
	if len(m.Missing)+len(m.Extra)+len(m.Wrong) > 0 {
		return m
	}
	return nil
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
