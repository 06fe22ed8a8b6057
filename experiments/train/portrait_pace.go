package train

import (
	"errors"
	"time"
)

// What a portrait may cost beside the training where a run is asked for what costs little. A training that took less
// than shortest has no room for anything, so what a short run records does not depend on the clock.
const (
	paceShare = 0.02
	shortest  = 10 * time.Second
)

// errDear says that a piece of a portrait would cost more than is left for it.
var errDear = errors.New("it would take too long")

// pace is the time that an attempt has trained and what a portrait may take of it.
type pace struct {
	trained, compiled, tested time.Duration // in steps, in making the phase's programs, in the last evaluation of the test split
	steps                     int64         // that were trained
	images                    int           // that were tested
	layers, probed            time.Duration // for all portraits of layers, and for the last

	unbounded             bool
	limit, spent, guessed time.Duration // of the running portrait; guessed is what was spent by the guesses
}

// train takes note of so many steps.
func (p *pace) train(took time.Duration, steps int) {
	p.trained, p.steps = p.trained+took, p.steps+int64(steps)
}

// begin starts a portrait after so many steps of the run. Those before the attempt took as long as its own.
func (p *pace) begin(unbounded bool, steps int64) {
	p.unbounded, p.limit, p.spent, p.guessed = unbounded, 0, 0, 0
	if p.steps == 0 {
		return
	}
	whole := time.Duration(float64(p.trained) / float64(p.steps) * float64(max(steps, p.steps)))
	if whole >= shortest {
		p.limit = time.Duration(paceShare * float64(whole))
	}
}

// spend does a piece that is guessed to take so long, unless too little time is left: then it is errDear. Guesses are
// corrected by how those before it came out.
func (p *pace) spend(guess time.Duration, do func() error) error {
	wrong := 1.0
	if p.guessed > 0 {
		wrong = max(1, float64(p.spent)/float64(p.guessed))
	}
	if !p.unbounded && p.spent+time.Duration(wrong*float64(guess)) > p.limit {
		return errDear
	}
	began := time.Now()
	err := do()
	p.spent, p.guessed = p.spent+time.Since(began), p.guessed+guess
	return err
}

// probing is how long a portrait of layers takes: as the last, or a program and some steps.
func (p *pace) probing() time.Duration {
	if p.probed > 0 || p.steps == 0 {
		return p.probed
	}
	return p.compiled + 4*p.trained/time.Duration(p.steps)
}

// forward is how long the network takes to answer so many images.
func (p *pace) forward(images int) time.Duration {
	return time.Duration(float64(images) * float64(p.tested) / float64(max(p.images, 1)))
}

// explaining is how long Grad-CAM of so many images takes: each is computed forward and back.
func (p *pace) explaining(images int) time.Duration { return 3 * p.forward(images) }

// painting is how long so many pixels of pictures take to be painted and written as PNG: about 60 ns each on one core
// of 2023.
func painting(pixels int) time.Duration { return time.Duration(pixels) * 60 * time.Nanosecond }

// embedding is how long the principal components of so many rows take: their products, and the eigenvectors of these.
func embedding(rows, width int) time.Duration {
	n, m := float64(max(rows, width)), float64(min(rows, width))
	return time.Duration((n*m*m/2 + 10*m*m*m) * float64(time.Nanosecond))
}
