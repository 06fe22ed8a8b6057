package metric

import (
	"math"
	"testing"
)

func TestDifference(t *testing.T) {
	for _, c := range []struct {
		metric string
		value  float64
		want   string
	}{
		{TestTop1, 0.00875, "+0.88 points"},
		{TestTop1, -0.33, "−33.00 points"},
		{TestTop1, 0, "+0.00 points"},
		{TrainLoss, -0.02134, "−0.0213 nats"},
		{TrainLoss, 1e-7, "+1e−07 nats"},
		{"unheard/of", 2, "+2"},
		{TestTop1, math.NaN(), "–"},
		{TrainLoss, math.Inf(1), "+Inf nats"},
	} {
		if got := Difference(c.metric, c.value); got != c.want {
			t.Errorf("a difference of %v in %s is written %q, want %q", c.value, c.metric, got, c.want)
		}
	}
}
