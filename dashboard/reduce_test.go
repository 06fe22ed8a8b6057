package dashboard

import (
	"math"
	"slices"
	"testing"
)

func TestReducedKeepsEndsExtremesAndMarks(t *testing.T) {
	c := &curve{}
	for i := range 10_000 {
		c.Step, c.Epoch, c.Seconds = append(c.Step, int64(i)), append(c.Epoch, float64(i)/100), append(c.Seconds, float64(i))
		c.Value = append(c.Value, math.Sin(float64(i)/300))
	}
	c.Value[4321], c.Value[77], c.Value[5000], c.Value[5001] = 40, -40, math.NaN(), math.Inf(1)
	c.Low, c.High = slices.Clone(c.Value), slices.Clone(c.Value)
	if !c.reduced(1000) {
		t.Fatal("nothing was left out of 10,000 points")
	}
	if n := len(c.Step); n > 1004 || n < 500 {
		t.Errorf("%d points, want about 1000", n)
	}
	for _, step := range []int64{0, 9999, 4321, 77, 5000, 5001} {
		if !slices.Contains(c.Step, step) {
			t.Errorf("step %d is lost", step)
		}
	}
	if !slices.IsSorted(c.Step) || len(c.Low) != len(c.Step) || len(c.Value) != len(c.Step) || len(c.Seconds) != len(c.Step) {
		t.Error("the columns do not fit one another")
	}
	for i, step := range c.Step {
		if c.Epoch[i] != float64(step)/100 {
			t.Fatalf("step %d has epoch %v", step, c.Epoch[i])
		}
	}
	lost := &curve{}
	for i := range 100_000 { // a run that diverged: not all of its marks can be sent
		lost.Step, lost.Epoch, lost.Seconds = append(lost.Step, int64(i)), append(lost.Epoch, 0), append(lost.Seconds, 0)
		lost.Value = append(lost.Value, math.NaN())
	}
	if n := len(lost.Step); !lost.reduced(1000) || len(lost.Step) > 1004 || len(lost.Step) < 500 || lost.Step[len(lost.Step)-1] != int64(n-1) {
		t.Errorf("%d points of %d that are not finite, want about 1000 with both ends", len(lost.Step), n)
	}
	if short := (&curve{Value: []float64{1, 2}}); short.reduced(1000) {
		t.Error("two points were reduced")
	}
}
