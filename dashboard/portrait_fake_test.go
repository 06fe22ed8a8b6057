package dashboard

import (
	"cmp"
	"fmt"
	"image"
	"image/draw"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/gallery"
	kept "workbench/experiments/portrait"
)

// painter makes portraits as a training keeps them: of the set of shapes, by a network that learns well or badly.
type painter struct {
	t      testing.TB
	set    data.Set
	random *rand.Rand
	step   int64
	skill  float64 // share of images that are answered right
}

// portray gives a run portraits: layers every 40 steps, all else at four of them. The classes and images are those of
// the set of shapes; a deep plain network has gradients that vanish.
func portray(t testing.TB, m *memory, i int) {
	t.Helper()
	r := m.runs[i]
	plain := r.Levels["shortcut"] == "none"
	painted.Lock()
	defer painted.Unlock()
	if painted.kept[plain] == nil {
		painted.kept[plain] = portraitOf(t, plain)
	}
	if m.made == nil {
		m.made = map[string][]experiments.Artefact{}
	}
	m.made[r.ID] = painted.kept[plain]
}

// painted are the portraits of a plain and of a residual network, which many tests share.
var painted = struct {
	sync.Mutex
	kept map[bool][]experiments.Artefact
}{kept: map[bool][]experiments.Artefact{}}

func portraitOf(t testing.TB, plain bool) []experiments.Artefact {
	set, err := data.Open(t.Context(), "shapes", "", map[string]any{"test": 40})
	if err != nil {
		t.Fatal(err)
	}
	p := &painter{t: t, set: set, random: rand.New(rand.NewPCG(7, 11))}
	ceiling := 0.9
	if plain {
		ceiling = 0.5
	}
	var all []experiments.Artefact
	for step := int64(40); step <= 480; step += 40 {
		p.step, p.skill = step, ceiling*(1-math.Exp(-float64(step)/120))
		all = append(all, p.table("layers", p.layers(plain)))
		if !slices.Contains([]int64{40, 120, 240, 480}, step) {
			continue
		}
		all = append(all, p.table("test/confusion", p.confusion()), p.table("test/calibration", p.calibration()),
			p.table("test/embedding", p.embedding()))
		mistakes, samples := p.mistakes(), p.samples()
		all = append(all, p.table("test/mistakes", mistakes), p.picture("test/mistakes/sheet", p.sheet(len(mistakes.Shown), 3)),
			p.table("test/samples", samples), p.picture("test/samples/sheet", p.sheet(len(samples.Shown), 2)),
			p.picture("test/samples/maps", p.sheet(len(samples.Maps), 4)), p.picture("filters", p.filters()))
	}
	slices.SortStableFunc(all, func(a, b experiments.Artefact) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.Name, b.Name))
	})
	return all
}

func (p *painter) table(name string, table any) experiments.Artefact {
	text, err := kept.Encode(table)
	if err != nil {
		p.t.Fatal(err)
	}
	a := made(name, "matrix", kept.JSON, string(text))
	a.Step = p.step
	return a
}

func (p *painter) picture(name string, painted image.Image) experiments.Artefact {
	file, err := gallery.PNG(painted)
	if err != nil {
		p.t.Fatal(err)
	}
	a := made(name, "picture", kept.PNG, string(file))
	a.Step = p.step
	return a
}

func (p *painter) classes() []string { return p.set.Info().Classes }

// answer to an image: right as often as the skill says, else a neighbouring class.
func (p *painter) answer(label int) int {
	if p.random.Float64() < p.skill*(1-0.04*float64(label)) {
		return label
	}
	return (label + 1 + int(3*p.random.Float64()*p.random.Float64())) % len(p.classes())
}

func (p *painter) confusion() kept.Confusion {
	c := kept.Confusion{Classes: p.classes()}
	for label := range c.Classes {
		row := make([]int, len(c.Classes))
		for range 100 {
			row[p.answer(label)]++
		}
		c.Counts = append(c.Counts, row)
	}
	return c
}

func (p *painter) calibration() kept.Calibration {
	c := kept.Calibration{Temperature: 1.4}
	all, gap := 0, 0.0
	for i := range 15 {
		b := kept.Bin{From: float64(i) / 15, To: float64(i+1) / 15, Images: i * i * i / 8}
		b.Confidence = (b.From + b.To) / 2
		b.Right = int(float64(b.Images) * math.Pow(b.Confidence, 1.6))
		if b.Images == 0 {
			b.Confidence = 0
		}
		all, gap = all+b.Images, gap+math.Abs(float64(b.Right)-b.Confidence*float64(b.Images))
		c.Bins = append(c.Bins, b)
	}
	c.ECE = gap / float64(all)
	return c
}

func (p *painter) embedding() kept.Embedding {
	e := kept.Embedding{Classes: p.classes(), Explained: [2]float64{0.41, 0.17}}
	for i := range 400 {
		label := i % len(e.Classes)
		angle := 2 * math.Pi * float64(label) / float64(len(e.Classes))
		e.Points = append(e.Points, kept.Point{X: 5*p.skill*math.Cos(angle) + 0.7*p.random.NormFloat64(),
			Y: 5*p.skill*math.Sin(angle) + 0.7*p.random.NormFloat64(), Label: label, Said: p.answer(label)})
	}
	return e
}

func (p *painter) layers(plain bool) (l kept.Layers) {
	const depth = 20
	for i := range depth {
		gradient := 0.5 * math.Exp(-float64(p.step)/400) * (1 + 0.3*p.random.Float64())
		if plain {
			gradient *= math.Pow(10, -0.35*float64(depth-1-i))
		}
		layer, channels := fmt.Sprintf("layer%d.%d.", 1+i/7, i%7), 16<<(i/7)
		weight := 3 + 0.01*float64(p.step)*p.random.Float64()
		l.Params = append(l.Params,
			kept.Param{Path: layer + "conv1.weight", Elements: 9 * channels * channels, Weight: kept.Number(weight),
				Gradient: kept.Number(gradient), Update: kept.Number(0.01 * gradient)},
			kept.Param{Path: layer + "bn1.weight", Elements: channels, Weight: 4, Gradient: kept.Number(gradient / 9),
				Update: kept.Number(gradient / 99)},
			kept.Param{Path: layer + "bn1.bias", Elements: channels, Weight: 1, Gradient: 0, Update: 0})
		l.Units = append(l.Units, kept.Units{Path: layer + "relu", Units: channels, Dead: int(float64(channels) * p.random.Float64() * 0.3)})
	}
	return l
}

const paintedMistakes = 12

func (p *painter) mistakes() kept.Mistakes {
	m := kept.Mistakes{Place: "layer3.2.conv2", Side: 96, Of: 57}
	for i := range paintedMistakes {
		label := p.set.Label(data.Test, i)
		said := (label + 1 + i%3) % len(p.classes())
		m.Shown = append(m.Shown, kept.Mistake{Image: i, Label: p.classes()[label], Said: p.classes()[said],
			SaidShare: 0.995 - 0.03*float64(i), LabelShare: 0.004 + 0.02*float64(i)})
	}
	return m
}

func (p *painter) samples() kept.Samples {
	s := kept.Samples{Place: "layer3.2.conv2", Side: 96, Maps: []string{"conv1", "layer1.2", "layer2.2", "layer3.2"}}
	for i := range 6 {
		label := p.set.Label(data.Test, i)
		said := p.answer(label)
		s.Shown = append(s.Shown, kept.Sample{Image: i, Label: p.classes()[label], Said: p.classes()[said],
			SaidShare: max(0.2, p.skill), LabelShare: max(0.2, p.skill) * map[bool]float64{true: 1, false: 0.3}[said == label]})
	}
	return s
}

// sheet of images, each with maps beside it: the better the network, the closer they keep to the middle.
func (p *painter) sheet(rows, columns int) image.Image {
	info := p.set.Info()
	side := 0
	var sheet *image.NRGBA
	for i := range rows {
		pixels := make([]uint8, info.Size())
		if err := p.set.Pixels(data.Test, i, pixels); err != nil {
			p.t.Fatal(err)
		}
		picture := gallery.Picture(info, pixels)
		if sheet == nil {
			side = picture.Bounds().Dx()
			sheet = image.NewNRGBA(image.Rect(0, 0, columns*side, rows*side))
		}
		for c := range columns {
			painted := picture
			if c > 0 {
				heat := make([]float32, 64)
				for k := range heat {
					y, x := float64(k/8)-3.5, float64(k%8)-3.5
					heat[k] = float32(math.Exp(-(x*x+y*y)/10)*p.skill + (1-p.skill)*p.random.Float64()*0.8)
				}
				painted = gallery.Over(picture, 8, 8, heat)
			}
			draw.Draw(sheet, image.Rect(c*side, i*side, (c+1)*side, (i+1)*side), painted, image.Point{}, draw.Src)
		}
	}
	return sheet
}

func (p *painter) filters() image.Image {
	weights := make([]float32, 32*27)
	for i := range weights {
		k, x := i/27, float64(i%3)
		weights[i] = float32(p.skill*math.Cos(x*float64(k%5)+float64(k)) + (1-p.skill)*p.random.NormFloat64())
	}
	painted, err := gallery.Filters(weights, 32, 3, 3, 3)
	if err != nil {
		p.t.Fatal(err)
	}
	return painted
}
