//go:build !noonednn

package onednn

import "C"

import "workbench/nn/plan"

var _ plan.Profiler = (*executable)(nil)

// Profile times each instruction, averaged over the runs.
func (e *executable) Profile(runs int) ([]plan.Timing, error) {
	seconds := make([]C.double, len(e.ops)+1) // one more, so that there is always an address
	if e.defined != nil {
		e.defined.seconds = 0
	}
	err := e.memory.worker.do(func() error {
		for range runs {
			if err := e.run(&seconds[0]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	timings := make([]plan.Timing, len(e.steps))
	for i, s := range e.steps {
		timings[i] = plan.Timing{Name: s.name, Implementation: s.impl, Shape: s.shape,
			Seconds: float64(seconds[i]) / float64(max(runs, 1)), FLOPs: s.flops}
	}
	if e.defined != nil {
		timings = append(timings, plan.Timing{Name: e.defined.program.Optimizer.Name(), Implementation: "go",
			Seconds: e.defined.seconds / float64(max(runs, 1))})
	}
	return timings, nil
}
