package gallery

import (
	"image"
	"image/color"
	"math"
	"reflect"
	"slices"
	"testing"

	"workbench/experiments/data"
	"workbench/experiments/portrait"
)

// dots is a set of images of one pixel in a row of four; its labels go round.
type dots struct {
	data.Set
	n, classes int
}

func (d dots) Info() data.Info {
	return data.Info{Classes: []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}[:d.classes], Channels: 1, Height: 1, Width: 4}
}
func (d dots) Len(data.Split) int            { return d.n }
func (d dots) Label(_ data.Split, i int) int { return (i / 2) % d.classes } // each class has two images, one after the other
func (d dots) Pixels(_ data.Split, i int, dst []uint8) error {
	clear(dst)
	dst[i%4] = uint8(100 + i)
	return nil
}

// stub answers with the number of the image that it was given, and sees where it is bright.
type stub struct {
	images, logits []float32
	classes        int
	asked          [][]int
}

func (s *stub) Images() []float32 { return s.images }
func (s *stub) Logits() []float32 { return s.logits }
func (s *stub) Place() string     { return "layer7" }
func (s *stub) Inner() []Maps {
	return []Maps{{"first", 2, 1, 2, []float32{0, 1, 5, 5}}, {"last", 20, 1, 1, make([]float32, 20)}}
}

func (s *stub) GradCAM(classes []int) ([]CAM, error) {
	s.asked = append(s.asked, slices.Clone(classes))
	var all []CAM
	for i := range classes {
		all = append(all, CAM{1, 1, []float32{float32(classes[i]) / float32(s.classes)}})
		s.logits[i*s.classes+1] = 3 // it says b
	}
	return all, nil
}

func stubFor(d dots, batch int) *stub {
	return &stub{images: make([]float32, batch*4), logits: make([]float32, batch*d.classes), classes: d.classes}
}

// A witness keeps the surest wrong answers of all batches, of equal ones the first before, and counts all.
func TestWitness(t *testing.T) {
	w, err := NewWitness([]string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	w.Add([]float32{0, 2, 0, 5, 0, 0, 0, 4, 0}, []int32{0, 0, 0}) // wrong, right, wrong and surer
	w.Add([]float32{0, 4, 0, 0, 0, 1, 0, 1, 0}, []int32{2, 2, 1}) // wrong as before, right, right
	var rows []int
	for _, m := range w.surest {
		rows = append(rows, m.row)
	}
	if !w.Saw() || w.Wrong() != 3 || !slices.Equal(rows, []int{2, 3, 0}) || w.surest[1].label != 2 || w.surest[1].said != 1 {
		t.Errorf("%d wrong, %+v", w.Wrong(), w.surest)
	}
	c, has, err := w.Confusion(t.Context())
	if want := [][]int{{1, 2, 0}, {0, 1, 0}, {0, 1, 1}}; err != nil || !has || !reflect.DeepEqual(c.Counts, want) {
		t.Errorf("confusion %v, %v, %v, want %v", c, has, err, want)
	}
	cal, err := w.Calibration(t.Context())
	images, right := 0, 0
	for _, b := range cal.Bins {
		images, right = images+b.Images, right+b.Right
	}
	if err != nil || len(cal.Bins) != 15 || images != 6 || right != 3 || cal.ECE <= 0 {
		t.Errorf("calibration %+v, %v", cal, err)
	}
	w.Add([]float32{0, float32(math.NaN()), 0}, []int32{0})
	if w.Saw() {
		t.Error("an answer that is no number was taken")
	}
}

// Of many wrong answers the surest remain, whatever their order.
func TestWitnessKeepsTheSurest(t *testing.T) {
	w, err := NewWitness([]string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		w.Add([]float32{0, float32(1+i*37%100) / 10}, []int32{0})
	}
	for i, m := range w.surest {
		if at := m.row * 37 % 100; at != 99-i {
			t.Errorf("place %d: row %d, which is the %dth", i, m.row, at)
		}
	}
	if len(w.surest) != MostMistakes || w.Wrong() != 100 {
		t.Errorf("%d are kept of %d", len(w.surest), w.Wrong())
	}
}

// Batches are filled up to the last, which may be shorter; each image has its own maps for both classes.
func TestMistakesAreExplained(t *testing.T) {
	d := dots{n: 10, classes: 3}
	w, err := NewWitness(d.Info().Classes)
	if err != nil {
		t.Fatal(err)
	}
	var logits []float32
	var labels []int32
	part := data.Part{Set: d, Index: []int32{9, 8, 7, 6, 5}}
	for i := range 5 { // all say c; the later the surer
		logits, labels = append(logits, 0, 0, float32(1+i)), append(labels, int32(i%2))
	}
	w.Add(logits, labels)
	net := stubFor(d, 2)
	m, sheet, err := Explaining{net, part}.Mistakes(t.Context(), w)
	if err != nil || m.Of != 5 || len(m.Shown) != 5 || m.Place != "layer7" || m.Side != 96 || len(sheet.Rows) != 5 {
		t.Fatalf("%+v, %v", m, err)
	}
	if first := m.Shown[0]; first.Image != 5 || first.Label != "a" || first.Said != "c" || first.SaidShare < 0.9 || first.LabelShare > 0.01 {
		t.Errorf("the surest is %+v", first)
	}
	if want := [][]int{{2, 2}, {0, 1}, {2, 2}, {0, 1}, {2}, {0}}; !reflect.DeepEqual(net.asked, want) {
		t.Errorf("asked for %v, want %v", net.asked, want)
	}
	whole := sheet.Image()
	if whole.Bounds().Size() != image.Pt(3*96, 5*96) {
		t.Errorf("a sheet of %v", whole.Bounds())
	}
	// Image 5 is bright at its second pixel; the picture is 24 pixels high, in the middle of its cell.
	if at(whole, 30, 47) != (color.NRGBA{105, 105, 105, 255}) || at(whole, 30, 5).A != 0 || at(whole, 96+30, 47) == at(whole, 192+30, 47) {
		t.Errorf("%v %v %v", at(whole, 30, 47), at(whole, 30, 5), at(whole, 96+30, 47))
	}
}

func TestSamplesAreTheFirstOfClasses(t *testing.T) {
	d := dots{n: 17, classes: 9} // the ninth class has one image, and no place
	s, sheet, maps, err := Explaining{stubFor(d, 4), data.Part{Set: d}}.Samples(t.Context())
	if err != nil || len(s.Shown) != 8 || len(sheet.Rows) != 8 || s.Side != 96 {
		t.Fatalf("%+v, %v", s, err)
	}
	for i, one := range s.Shown {
		if one.Image != 2*i || one.Label != d.Info().Classes[i] || one.Said != "b" || one.SaidShare < one.LabelShare {
			t.Errorf("sample %d is %+v", i, one)
		}
	}
	if !slices.Equal(s.Maps, []string{"first", "last"}) || maps.Bounds().Size() != image.Pt(16*48, 2*48) {
		t.Errorf("maps of %v, %v", s.Maps, maps.Bounds())
	}
	if at(maps, 0, 0) != (color.NRGBA{0, 0, 0, 255}) || at(maps, 47, 47).R != 255 || at(maps, 48, 0).R != 0 || at(maps, 2*48, 0).A != 0 {
		t.Errorf("%v %v %v %v", at(maps, 0, 0), at(maps, 47, 47), at(maps, 48, 0), at(maps, 2*48, 0))
	}
	few, _, _, err := Explaining{stubFor(d, 4), data.Part{Set: dots{n: 3, classes: 9}}}.Samples(t.Context())
	if err != nil || len(few.Shown) != 2 {
		t.Errorf("of two classes with images: %+v, %v", few, err)
	}
}

// Cells of large images are means of squares, and never larger than a bound.
func TestCellsOfLargeImages(t *testing.T) {
	info := data.Info{Channels: 1, Height: 150, Width: 257}
	if Side(info) != 86 || Side(data.Info{Height: 224, Width: 224}) != 112 || Side(data.Info{Height: 128, Width: 9}) != 128 ||
		Side(data.Info{Height: 28, Width: 28}) != 112 {
		t.Errorf("sides %d", Side(info))
	}
	pixels := make([]uint8, info.Size())
	pixels[0], pixels[257*149+256] = 90, 200 // the last column has two pixels of a square's three
	p := Picture(info, pixels)
	if p.Bounds().Size() != image.Pt(86, 50) || at(p, 0, 0).R != 10 || at(p, 85, 49).R != 33 {
		t.Errorf("%v, %v, %v", p.Bounds(), at(p, 0, 0), at(p, 85, 49))
	}
}

// There is no matrix of more classes than one has room for.
func TestNoConfusionOfTooManyClasses(t *testing.T) {
	w, err := NewWitness(make([]string, portrait.MostClasses+1))
	if err != nil {
		t.Fatal(err)
	}
	if _, has, err := w.Confusion(t.Context()); has || err != nil {
		t.Errorf("%v, %v", has, err)
	}
	if _, err := NewWitness([]string{"a"}); err == nil {
		t.Error("one class is told apart")
	}
}
