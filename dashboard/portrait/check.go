package portrait

import (
	"errors"
	"fmt"
	"math"

	kept "workbench/experiments/portrait"
)

// What a table says is checked before anything is computed from it: everybody can write into a database.

func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) || math.Abs(v) > 1e30 {
			return false
		}
	}
	return true
}

func share(v float64) bool { return v >= 0 && v <= 1 }

// mostName is how many bytes a name may have: more than a folder of a class, or the path of a layer. A figure writes a
// name several times for each cell.
const mostName = 300

func short(names ...string) error {
	for _, name := range names {
		if len(name) > mostName {
			return fmt.Errorf("want names of at most %d bytes, got one of %d, %.20q…", mostName, len(name), name)
		}
	}
	return nil
}

// mostImages of a cell keep sums exact.
const mostImages = 1 << 40

func checkConfusion(c *kept.Confusion) error {
	n := len(c.Classes)
	if n < 1 || n > kept.MostClasses {
		return fmt.Errorf("want 1 to %d classes, got %d", kept.MostClasses, n)
	}
	if len(c.Counts) != n {
		return fmt.Errorf("want %d rows of counts, got %d", n, len(c.Counts))
	}
	if err := short(c.Classes...); err != nil {
		return err
	}
	for i, row := range c.Counts {
		if len(row) != n {
			return fmt.Errorf("want %d counts in row %d, got %d", n, i, len(row))
		}
		for _, k := range row {
			if k < 0 || k > mostImages {
				return fmt.Errorf("want counts of at least 0 in row %d, got %d", i, k)
			}
		}
	}
	return nil
}

const mostBins = 200

func checkCalibration(c *kept.Calibration) error {
	if n := len(c.Bins); n < 1 || n > mostBins {
		return fmt.Errorf("want 1 to %d bins, got %d", mostBins, n)
	}
	if !share(c.ECE) || !finite(c.Temperature) || c.Temperature < 0 {
		return fmt.Errorf("want an error from 0 to 1 and a temperature of at least 0, got %v and %v", c.ECE, c.Temperature)
	}
	for i, b := range c.Bins {
		if !share(b.From) || !share(b.To) || b.From >= b.To || b.Images < 0 || b.Images > mostImages || b.Right < 0 || b.Right > b.Images ||
			!share(b.Confidence) {
			return fmt.Errorf("bin %d cannot be: %+v", i, b)
		}
	}
	return nil
}

func checkMistakes(m *kept.Mistakes) error {
	m.Shown = m.Shown[:min(len(m.Shown), mostRows)]
	if err := short(m.Place); err != nil {
		return err
	}
	for i, one := range m.Shown {
		if !share(one.LabelShare) || !share(one.SaidShare) {
			return fmt.Errorf("want probabilities from 0 to 1 of mistake %d, got %v and %v", i, one.LabelShare, one.SaidShare)
		}
		if err := short(one.Label, one.Said); err != nil {
			return err
		}
	}
	return nil
}

func checkSamples(s *kept.Samples) error {
	s.Shown, s.Maps = s.Shown[:min(len(s.Shown), mostRows)], s.Maps[:min(len(s.Maps), mostRows)]
	if err := errors.Join(short(s.Place), short(s.Maps...)); err != nil {
		return err
	}
	for i, one := range s.Shown {
		if !share(one.LabelShare) || !share(one.SaidShare) {
			return fmt.Errorf("want probabilities from 0 to 1 of sample %d, got %v and %v", i, one.LabelShare, one.SaidShare)
		}
		if err := short(one.Label, one.Said); err != nil {
			return err
		}
	}
	return nil
}

func checkEmbedding(e *kept.Embedding) error {
	if n := len(e.Classes); n < 1 || n > kept.MostClasses {
		return fmt.Errorf("want 1 to %d classes, got %d", kept.MostClasses, n)
	}
	if !share(e.Explained[0]) || !share(e.Explained[1]) {
		return fmt.Errorf("want shares of the variance from 0 to 1, got %v", e.Explained)
	}
	if err := short(e.Classes...); err != nil {
		return err
	}
	if len(e.Points) == 0 {
		return errors.New("it has no points")
	}
	for i, p := range e.Points {
		if !finite(p.X, p.Y) || p.Label < 0 || p.Label >= len(e.Classes) || p.Said < -1 || p.Said >= len(e.Classes) {
			return fmt.Errorf("point %d cannot be: %+v", i, p)
		}
	}
	return nil
}

func checkLayers(l *kept.Layers) error {
	if len(l.Params)+len(l.Units) == 0 {
		return errors.New("it has no layers")
	}
	for _, p := range l.Params {
		if err := short(p.Path); err != nil {
			return err
		}
		for _, v := range []kept.Number{p.Weight, p.Gradient, p.Update} {
			if v < 0 {
				return fmt.Errorf("want norms of at least 0 of %.60q, got %v", p.Path, v)
			}
		}
	}
	for _, u := range l.Units {
		if err := short(u.Path); err != nil {
			return err
		}
		if u.Units < 1 || u.Dead < 0 || u.Dead > u.Units {
			return fmt.Errorf("want 0 to %d dead units of %.60q, got %d", u.Units, u.Path, u.Dead)
		}
	}
	return nil
}
