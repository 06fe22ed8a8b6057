package strategy

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name: "dino",
		Doc: "a network learns to sort another view of an image as its moving average does, whose answers are centred and sharpened; " +
			"two views of full size, without the paper's small crops",
		Loss: "cross-entropy of the network's answer to one view with its average's answer to the other, mean of both directions " +
			"and over images",
		Paper: "Caron et al. 2021, Emerging Properties in Self-Supervised Vision Transformers (arXiv 2104.14294)",
		Options: []option.Option{
			{Name: "hidden", Default: 2048, Min: 1, Max: 65536, Doc: "width of the two hidden layers of the projector"},
			{Name: "bottleneck", Default: 256, Min: 1, Max: 65536, Doc: "width of what the projector gives, at length one"},
			{Name: "prototypes", Default: 65536, Min: 1, Max: 1 << 24, Doc: "into which images are sorted: the paper's output dimensions"},
			{Name: "frozen_epochs", Default: 1.0, Max: 10000,
				Doc: "epochs for which prototypes stay as they begin, but for weight decay, which their direction feels with adam and rmsprop only"},
			{Name: "temperature", Default: 0.1, Above: true, Doc: "by which the network's scores are divided"},
			{Name: "teacher_temperature", Default: 0.04, Above: true, Doc: "by which the average's are, after its warm-up"},
			{Name: "teacher_temperature_start", Default: 0.04, Above: true, Doc: "the same in the first epoch"},
			{Name: "teacher_warm_up", Default: 0, Max: 10000, Doc: "epochs from the one to the other, in even steps"},
			{Name: "centre", Default: 0.9, Max: 1, Below: true, Doc: "share that the centre of the average's scores keeps of itself at a step"},
			{Name: "tau", Default: 0.996, Max: 1, Doc: "share that the teacher keeps of itself at a step, at the beginning"},
			{Name: "tau_end", Default: 1.0, Max: 1, Doc: "the same at the end; between them is half a cosine"},
			{Name: "head_norm", Default: true,
				Doc: "a batch norm behind each hidden layer of the projector, as the authors' published ResNet-50 and lightly's ResNets have; " +
					"without it, as for vision transformers, all answers of a small convolutional network soon are one"},
			onePass(true),
		},
	}, dino, dinoProjector))
}

// dinoProjector is the authors' head but for its last layer, numbered as theirs is.
func dinoProjector(s option.Settings) projector {
	return func(g *Graph, b *nn.Builder, x nn.Tensor) nn.Tensor {
		at := 0
		next := func() *nn.Builder {
			at++
			return b.Head("projector").In(fmt.Sprint(at - 1))
		}
		linear := func(x nn.Tensor, width int) nn.Tensor {
			return next().LinearInit(x, width, nn.Init{Normal: 0.02}, nn.Init{})
		}
		for range 2 {
			if x = linear(x, s.Int("hidden")); s.Bool("head_norm") {
				x = next().BatchNorm(x)
			}
			x = next().GELU(x)
		}
		return g.L2Normalize(linear(x, s.Int("bottleneck")))
	}
}

func dino(s option.Settings, _ About) (Phase, error) {
	return Phase{
		Streams: twoViews(),
		Scalars: map[string]func(At) float64{"tau": fromTo(s.Float("tau"), s.Float("tau_end")),
			"teacher_temperature": warmingUp(s), "moves": func(at At) float64 { return after(at.Epoch, s.Float("frozen_epochs")) }},
		Coupled: true, // the centre moves once a step
		Objective: func(g *Graph) Objective {
			student, teacher := g.Shared(), g.Follow("teacher", nn.Follow{Decay: g.Scalar("tau")})
			scored := func(b *nn.Builder) (first, second nn.Tensor) {
				x, y := g.pair(b, s, dinoProjector(s))
				w := g.prototypes(b, x, s.Int("prototypes"))
				return g.similarities(x, w), g.similarities(y, w)
			}
			ofA, ofB := scored(student)
			targetA, targetB := scored(teacher)
			targetA, targetB = g.sharpened(s, g.StopGradient(targetA), g.StopGradient(targetB))
			return Objective{Loss: g.swapped(ofA, ofB, targetA, targetB, s.Float("temperature"))}
		},
	}, nil
}

// sharpened are the teacher's scores of two views [n, k] as targets. The centre, which is taken from the scores first,
// then goes towards their mean over both views (equation 4).
func (g *Graph) sharpened(s option.Settings, x, y nn.Tensor) (first, second nn.Tensor) {
	if g.Err() != nil {
		return nn.Tensor{}, nn.Tensor{}
	}
	n, k, keeps := float64(x.Shape()[0]), x.Shape()[1], s.Float("centre")
	centre := g.Head("centre").State("mean", nn.Init{}, 1, k)
	sharper := g.Power(g.Reshape(g.Scalar("teacher_temperature"), 1, 1), -1)
	target := func(x nn.Tensor) nn.Tensor {
		return g.Softmax(g.Mul(g.AddStretched(x, g.Scale(centre, -1)), sharper))
	}
	first, second = target(x), target(y)
	mean := g.Scale(g.Add(g.ColumnSums(x), g.ColumnSums(y)), (1-keeps)/(2*n))
	g.Set(centre, g.Add(g.Scale(centre, keeps), mean))
	return first, second
}

// warmingUp is the teacher's temperature by epoch, as numpy.linspace of the authors' code has it.
func warmingUp(s option.Settings) func(At) float64 {
	from, to, epochs := s.Float("teacher_temperature_start"), s.Float("teacher_temperature"), s.Int("teacher_warm_up")
	return func(at At) float64 {
		epoch := int(at.Epoch)
		switch {
		case epoch >= epochs:
			return to
		case epochs == 1:
			return from
		}
		return from + (to-from)*float64(epoch)/float64(epochs-1)
	}
}
