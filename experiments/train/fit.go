package train

import (
	"fmt"
	"strings"

	"workbench/experiments/start"
	"workbench/nn"
	"workbench/nn/weights"
)

// Fitted is how a file's tensors are those of a network.
type Fitted struct {
	file    *weights.File
	matched []*nn.Param
	missing []string
	extra   []string
}

// Fit compares a file with the parameters of a network.
func Fit(f *weights.File, params []*nn.Param, from start.Start) Fitted {
	f, _ = weights.Recognize(f, params)
	fit := Fitted{file: f}
	for _, p := range params {
		e, err := f.Find(p.Path)
		if err == nil && e.Shape.Equal(p.Shape) {
			fit.matched = append(fit.matched, p)
			continue
		}
		if !from.Allows(p.Path) {
			fit.missing = append(fit.missing, p.Path)
		}
	}
	return fit
}

// Err is an error if the weights are not the network's.
func (f Fitted) Err() error {
	if len(f.missing) > 0 {
		return fmt.Errorf("lacks %s", strings.Join(f.missing, ", "))
	}
	return nil
}

func (f Fitted) String() string { return fmt.Sprintf("%d tensors", len(f.matched)) }

// Load gives the values of what fits.
func (f Fitted) Load(give func(path string, shape []int, values []float32) error) error {
	for _, p := range f.matched {
		e, err := f.file.Find(p.Path)
		if err != nil {
			return err
		}
		values, err := f.file.Floats(e)
		if err != nil {
			return err
		}
		if err := give(p.Path, p.Shape, values); err != nil {
			return err
		}
	}
	return nil
}
