package bench

import (
	"fmt"
	"time"

	"workbench/nn"
	"workbench/nn/plan"
)

// Peak is the most arithmetic in a precision that the backend reached on the machine.
type Peak struct {
	FLOPS float64 `json:"flops"` // a second; two a multiply-add
	Shape string  `json:"shape"` // of what reached it
}

// peakShape is a chain of equal dense layers that keep their shape. No work is easier to do at full speed.
type peakShape struct {
	batch, channels, side int // side 0: linear layers on [batch, channels], else 3×3 convolutions
	layers                int
}

func (s peakShape) String() string {
	if s.side == 0 {
		return fmt.Sprintf("linear, %d × %d", s.batch, s.channels)
	}
	return fmt.Sprintf("3×3 convolution, %d × %d×%d×%d", s.batch, s.channels, s.side, s.side)
}

// peakShapes are the best shapes of a trial on AVX2 and AVX-512 machines, the small ones first. There each reached 0.9
// to 1.1 times the speed of a loop of fused multiply-adds. Convolutions are computed directly. Winograd's algorithm
// does fewer multiplications than are counted, so networks that use it may pass the peak.
var peakShapes = []peakShape{
	{batch: 1, channels: 128, side: 14, layers: 4},
	{batch: 8, channels: 64, side: 28, layers: 4},
	{batch: 16, channels: 256, side: 14, layers: 4},
	{batch: 64, channels: 64, side: 16, layers: 4},
	{batch: 512, channels: 1024, layers: 4},
}

// Each shape is repeated for peakTime. A shape is left out if it would take more than peakLimit at the speed of the
// others, because slow kernels are as slow on small shapes.
const (
	peakTime  = 400 * time.Millisecond
	peakLimit = 3 * time.Second
)

func measurePeak(backend plan.Backend, precision string, shapes []peakShape) (Peak, error) {
	var best Peak
	for _, s := range shapes {
		if best.FLOPS > 0 && s.flops()/best.FLOPS > peakLimit.Seconds() {
			continue
		}
		p, err := s.measure(backend, precision)
		if err != nil {
			return best, fmt.Errorf("peak, %v: %w", s, err)
		}
		if p.FLOPS > best.FLOPS {
			best = p
		}
	}
	return best, nil
}

func (s peakShape) measure(backend plan.Backend, precision string) (Peak, error) {
	b, program, err := s.lower()
	if err != nil {
		return Peak{}, err
	}
	program.BFloat16 = precision == BFloat16
	memory := backend.NewMemory()
	defer memory.Close()
	exe, err := backend.Compile(program, memory)
	if err != nil {
		return Peak{}, err
	}
	defer exe.Close()
	for _, p := range b.Params() {
		start := make([]float32, p.Shape.Size())
		p.Fill(start, seed)
		if err := memory.Write(p.Path, start); err != nil {
			return Peak{}, err
		}
	}
	fastest := time.Duration(0)
	for began := time.Now(); fastest == 0 || time.Since(began) < peakTime; {
		run := time.Now()
		if err := exe.RunAll(); err != nil {
			return Peak{}, err
		}
		if took := time.Since(run); fastest == 0 || took < fastest {
			fastest = max(took, 1)
		}
	}
	return Peak{FLOPS: s.flops() / fastest.Seconds(), Shape: s.String()}, nil
}

// flops of one run; a multiply-add is two operations. Products with the zeros beyond an image's
// edge are counted, as they are in networks.
func (s peakShape) flops() float64 {
	weights, places := float64(s.channels)*float64(s.channels), 1.0
	if s.side > 0 {
		weights, places = 9*weights, float64(s.side*s.side)
	}
	return 2 * float64(s.layers) * float64(s.batch) * weights * places
}

func (s peakShape) lower() (*nn.Builder, *plan.Program, error) {
	b := nn.NewBuilder(nn.Infer, false)
	side := max(s.side, 1)
	x := b.Input("image", s.batch, s.channels, side, side)
	if s.side == 0 {
		x = b.Flatten(x)
	}
	for i := range s.layers {
		layer := b.In(fmt.Sprint(i))
		if s.side == 0 {
			x = layer.Linear(x, s.channels)
		} else {
			x = layer.Conv(x, s.channels, 3, 1)
		}
	}
	program, err := plan.Lower(b, map[string]nn.Tensor{"result": x})
	return b, program, err
}
