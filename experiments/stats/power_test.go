package stats

import (
	"math"
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
	for n, alpha := range map[int]float64{2: 5e-6, 3: 0.3, 7: 0.05, 200: 1e-4, 202: 1e-4, 1 << 20: 0.05} {
		near(t, "power without effect", Power(n, 0, alpha), alpha, 1e-9)
		near(t, "power of what cannot be missed", Power(n, 1e12, alpha), 1, 1e-9)
	}
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

func TestSDIntervalAgreesWithFixtures(t *testing.T) {
	all := load(t).Spreads
	if len(all) == 0 {
		t.Fatal("no fixtures")
	}
	for _, s := range all {
		got := SDInterval(3, s.N, s.Level)
		near(t, "low", got.Low, 3*s.Low, 1e-9)
		near(t, "high", got.High, 3*s.High, 1e-9)
	}
	for name, i := range map[string]Interval{"one": SDInterval(1, 1, 0.95), "none": SDInterval(0, 5, 0.95),
		"NaN": SDInterval(math.NaN(), 5, 0.95), "level": SDInterval(1, 5, 1), "no level": SDInterval(1, 5, math.NaN())} {
		isNaN(t, name, i.Low, i.High)
	}
}
