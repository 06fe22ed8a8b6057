package train

import (
	"fmt"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// waiting is how a phase does that stops early: the best accuracy on the validation part, and the evaluations since.
type waiting struct {
	Best    float64 `json:"best"`
	Epoch   int     `json:"epoch"` // of the best
	Since   int     `json:"since"`
	Stopped bool    `json:"stopped,omitempty"`
}

// copied is a copy that stays as it is.
func (w *waiting) copied() *waiting {
	if w == nil {
		return nil
	}
	c := *w
	return &c
}

// wait takes note of what was measured, and tells whether the phase ends because it has brought nothing better for as
// many evaluations as the study waits. A phase without answers that can be right never does,
// nor one that is needed whole.
func (t *trainer) wait(measured []experiments.Point) (ends bool, err error) {
	patience := t.stage.config.Patience
	if patience == 0 || t.stage.Whole {
		return false, nil
	}
	name := t.stage.metric(metric.Counterpart(metric.TestTop1, metric.Val))
	for _, p := range measured {
		if p.Metric != name {
			continue
		}
		w := t.state.Waiting
		if w == nil || p.Value > w.Best {
			t.state.Waiting = &waiting{Best: p.Value, Epoch: t.state.Epoch + 1}
			return false, nil
		}
		if w.Since++; w.Since < patience {
			return false, nil
		}
		w.Stopped = true
		line := fmt.Sprintf("stops after epoch %d: %s has not risen in %d evaluations since epoch %d, where it was %.2f %%",
			t.state.Epoch+1, name, w.Since, w.Epoch, 100*w.Best)
		return true, t.emit(experiments.Record{Log: line})
	}
	return false, nil
}

// stopped tells whether the running phase has ended early.
func (t *trainer) stopped() bool { return t.state.Waiting != nil && t.state.Waiting.Stopped }
