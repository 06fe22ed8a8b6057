package weights

import (
	"fmt"
	"strings"

	"workbench/nn"
	"workbench/nn/op"
)

// listed is how many names an error lists.
const listed = 8

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
