//go:build !noonednn

package onednn

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"workbench/nn"
	"workbench/nn/optim"
	"workbench/nn/plan"
	"workbench/nn/zoo"
)

func program(t testing.TB, name string, opts map[string]any, batch, side int, double bool) (*plan.Program, *nn.Builder) {
	v, err := zoo.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := v.Resolve(opts)
	if err != nil {
		t.Fatal(err)
	}
	b := nn.NewBuilder(nn.Train, double)
	x := b.Input("image", batch, 3, side, side)
	logits := v.Build(b, x, 10, s)
	loss := b.CrossEntropy(logits, b.Labels("label", batch), 0.1)
	p, err := plan.LowerTraining(b, map[string]nn.Tensor{"logits": logits}, plan.Training{Loss: loss, Rule: optim.SGD{Momentum: 0.9, Nesterov: true}, Decay: func(*nn.Param) float64 { return 1e-4 }})
	if err != nil {
		t.Fatal(err)
	}
	return p, b
}

func TestSmoke(t *testing.T) {
	for _, c := range []struct {
		name string
		opts map[string]any
	}{{"resnet_mini", map[string]any{"depth": 8}}, {"resnet20_cifar", map[string]any{"shortcut": "projection"}}} {
		var got [2]map[string][]float32
		for i, be := range []plan.Backend{plan.Reference{}, Backend{Threads: 2}} {
			p, b := program(t, c.name, c.opts, 4, 32, i == 0)
			m := be.NewMemory()
			e, err := be.Compile(p, m)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range b.Params() {
				d := make([]float32, q.Shape.Size())
				q.Fill(d, 1)
				if err := m.Write(q.Path, d); err != nil {
					t.Fatal(err)
				}
			}
			r := rand.New(rand.NewPCG(1, 2))
			for step := 0; step < 2; step++ {
				for j := range e.Floats("image") {
					e.Floats("image")[j] = float32(r.NormFloat64())
				}
				for j := range e.Ints("label") {
					e.Ints("label")[j] = int32(r.IntN(10))
				}
				e.Floats("lr")[0] = 0.1
				if err := e.RunAll(); err != nil {
					t.Fatal(err)
				}
				t.Log(be.Name(), step, e.Output("loss"), e.Output("logits")[:4], e.Bytes())
			}
			got[i] = map[string][]float32{}
			for _, q := range b.Params() {
				d := make([]float32, q.Shape.Size())
				m.Read(q.Path, d)
				got[i][q.Path] = d
			}
			m.Close()
		}
		for k, a := range got[0] {
			var num, den float64
			for j := range a {
				num += math.Pow(float64(a[j]-got[1][k][j]), 2)
				den += math.Pow(float64(a[j]), 2)
			}
			if math.Sqrt(num/(den+1e-12)) > 1e-3 {
				t.Errorf("%s %s: relative error %g", c.name, k, math.Sqrt(num/(den+1e-12)))
			}
		}
	}
}

func TestSpeed(t *testing.T) {
	for _, c := range []struct {
		name  string
		batch int
		opts  map[string]any
	}{{"resnet20_cifar", 128, nil}, {"resnet_mini", 64, map[string]any{"depth": 56}}} {
		p, _ := program(t, c.name, c.opts, c.batch, 32, false)
		be := Backend{Threads: 2}
		m := be.NewMemory()
		s := time.Now()
		ex, err := be.Compile(p, m)
		if err != nil {
			t.Fatal(err)
		}
		t.Log("compile", time.Since(s))
		for i := 0; i < 8; i++ {
			s = time.Now()
			if err := ex.RunAll(); err != nil {
				t.Fatal(err)
			}
			t.Log(c.name, time.Since(s))
		}
		impls := map[string]int{}
		for _, s := range ex.(*executable).steps {
			impls[s.name+" "+s.impl]++
		}
		t.Log(impls)
	}
}
