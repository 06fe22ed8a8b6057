package stats

import (
	"strings"
	"testing"
)

func TestPowerAgreesWithFixtures(t *testing.T) {
	f := load(t)
	for _, p := range f.Power {
		near(t, "power", Power(p.N, p.Effect, p.Alpha), p.Power, 1e-8)
		near(t, "power of the negative effect", Power(p.N, -p.Effect, p.Alpha), p.Power, 1e-8)
	}
	for _, r := range f.Required {
		got, err := RequiredPairs(r.Effect, r.Alpha, r.Power)
		if err != nil || got != r.Pairs {
			t.Errorf("effect %v, power %v: %d pairs (%v), want %d", r.Effect, r.Power, got, err, r.Pairs)
		}
	}
	near(t, "power without effect", Power(7, 0, 0.05), 0.05, 1e-9)
	isNaN(t, "power of one pair", Power(1, 1, 0.05), Power(5, 1, 0))
}

func TestRequiredPairsAtTheEdges(t *testing.T) {
	if n, err := RequiredPairs(50, 0.05, 0.8); err != nil || n != MinPairs {
		t.Errorf("an enormous effect takes %d pairs (%v), want %d", n, err, MinPairs)
	}
	for _, effect := range []float64{1, -0.01} {
		n, err := RequiredPairs(effect, 0.01, 0.9)
		if err != nil || Power(n, effect, 0.01) < 0.9 || Power(n-1, effect, 0.01) >= 0.9 {
			t.Errorf("effect %v: %d pairs (%v) is not the fewest", effect, n, err)
		}
	}
	for _, c := range []struct {
		effect, alpha, power float64
		want                 string
	}{{0, 0.05, 0.8, "takes more than 1048576"}, {1, 0, 0.8, "alpha 0"}, {1, 0.05, 1, "power 1"}} {
		if _, err := RequiredPairs(c.effect, c.alpha, c.power); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
}
