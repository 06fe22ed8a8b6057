package train

import (
	"context"
	"time"

	"workbench/experiments/evaluate"
)

// mostHeld is how many logits of what was held out are kept to fit a temperature; of more, none is fitted.
const mostHeld = 1 << 22

// heldOut are answers to what was held out from training.
type heldOut struct {
	logits []float32 // [n, classes]
	labels []int32   // [n]
	over   bool      // there were more than are kept
}

func (h *heldOut) add(logits []float32, labels []int32) {
	if h.over = h.over || len(h.logits)+len(logits) > mostHeld; h.over {
		h.logits, h.labels = nil, nil
		return
	}
	h.logits, h.labels = append(h.logits, logits...), append(h.labels, labels...)
}

func (h *heldOut) images() int { return len(h.labels) }

// expected is how long a fit takes: some twenty sums over all logits.
func (h *heldOut) expected() time.Duration {
	return time.Duration(len(h.logits)) * 400 * time.Nanosecond
}

// temperature by which the logits would have to be divided; 0: the fit has none.
func (h *heldOut) temperature(ctx context.Context, classes int) (float64, error) {
	m, err := evaluate.Use{Name: "temperature"}.New(evaluate.Shape{Classes: classes})
	if err != nil {
		return 0, err
	}
	if err := m.Add(h.logits, h.labels); err != nil {
		return 0, err
	}
	if err := m.AddBank(h.logits, h.labels); err != nil {
		return 0, err
	}
	r, err := m.Result(ctx)
	if err != nil || len(r.Notes) > 0 {
		return 0, err
	}
	for _, v := range r.Values {
		if v.Quantity == "temperature" {
			return v.Value, nil
		}
	}
	return 0, nil
}
