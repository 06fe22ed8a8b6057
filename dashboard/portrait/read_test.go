package portrait

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	kept "workbench/experiments/portrait"
)

// shelf is artefacts in memory.
type shelf struct {
	made []experiments.ArtefactInfo
	data map[string][]byte
	read []string
}

func key(name string, step int64) string { return fmt.Sprint(name, " ", step) }

func (s *shelf) put(name string, step int64, media string, data []byte) {
	if s.data == nil {
		s.data = map[string][]byte{}
	}
	s.made = append(s.made, experiments.ArtefactInfo{Name: name, Step: step, Media: media, Bytes: int64(len(data))})
	s.data[key(name, step)] = data
}

func (s *shelf) table(t *testing.T, name string, step int64, table any) {
	t.Helper()
	text, err := kept.Encode(table)
	if err != nil {
		t.Fatal(err)
	}
	s.put(name, step, kept.JSON, text)
}

func (s *shelf) picture(name string, step int64, width, height int) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		panic(err) // an image in memory is always encoded
	}
	s.put(name, step, kept.PNG, b.Bytes())
}

func (s *shelf) load(_ context.Context, name string, step int64) ([]byte, error) {
	s.read = append(s.read, key(name, step))
	data, ok := s.data[key(name, step)]
	if !ok {
		return nil, errors.New("/a/secret/path is damaged")
	}
	return data, nil
}

func (s *shelf) portrait(t *testing.T, asked Asked) Portrait {
	t.Helper()
	p, err := Read(t.Context(), s.made, s.load, asked)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	twoByTwo = kept.Confusion{Classes: []string{"cat", "dog"}, Counts: [][]int{{3, 1}, {2, 4}}}
	oneLayer = kept.Layers{Params: []kept.Param{{Path: "conv1.weight", Elements: 9, Weight: 1, Gradient: 0.5, Update: 0.25}}}
)

// Every kind of artefact is found below its part, whichever comes first; what belongs to a phase is found from its
// splits.
func TestParts(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  []string
	}{
		{nil, []string{}},
		{[]string{"matrix", "confusions", "x/sheet", "xconfusion"}, []string{}},
		{[]string{"layers", "filters"}, []string{"main"}},
		{[]string{"layers", "val/confusion", "test/mistakes/sheet", "train/samples/maps"}, []string{"test", "val", "train"}},
		{[]string{"pretext/layers", "layers", "probe/test/confusion", "probe/layers"}, []string{"probe/test", "pretext", "main"}},
		{[]string{"embedding"}, []string{"main"}},
	} {
		var made []experiments.ArtefactInfo
		for i, name := range c.names {
			made = append(made, experiments.ArtefactInfo{Name: name, Step: int64(10 - i)})
		}
		if got := Parts(made); !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
			t.Errorf("%v: parts %v, want %v", c.names, got, c.want)
		}
	}
	c := catalogued([]experiments.ArtefactInfo{{Name: "layers", Step: 5}, {Name: "layers", Step: 3}, {Name: "test/confusion", Step: 4}})
	if got := c.steps("test"); !slices.Equal(got, []int64{3, 4, 5}) {
		t.Errorf("steps %v", got)
	}
	if got := c.steps(Main); !slices.Equal(got, []int64{3, 5}) {
		t.Errorf("steps of the main phase %v", got)
	}
}

// At a step is shown what was newest then, and what came later is not.
func TestSteps(t *testing.T) {
	s := &shelf{}
	for _, step := range []int64{10, 30} {
		c := twoByTwo
		c.Counts = [][]int{{int(step), 0}, {0, 1}}
		s.table(t, "test/confusion", step, c)
	}
	s.table(t, "layers", 5, oneLayer)
	for step, want := range map[int64]int{-1: 30, 10: 10, 29: 10, 30: 30, 1 << 40: 30, 5: 0} {
		p := s.portrait(t, Asked{Step: step})
		got := 0
		if p.Confusion != nil {
			got = p.Confusion.Counts[0][0]
		}
		if got != want || !slices.Equal(p.Steps, []int64{5, 10, 30}) || len(p.Problems) > 0 {
			t.Errorf("step %d: confusion of %d, want %d; steps %v, problems %v", step, got, want, p.Steps, p.Problems)
		}
	}
	if p := s.portrait(t, Asked{Step: -1}); p.Step != 30 || p.Part != "test" || p.Layers == nil || p.Empty() {
		t.Errorf("the newest is %+v", p)
	}
	if p := (&shelf{}).portrait(t, Asked{Step: -1}); !p.Empty() || len(p.Parts) > 0 {
		t.Errorf("nothing is %+v", p)
	}
}

// Whatever is wrong with an artefact is told, without what the store says, and all others are shown.
func TestWhatCannotBeShown(t *testing.T) {
	good := func() *shelf {
		s := &shelf{}
		s.table(t, "test/confusion", 1, twoByTwo)
		s.table(t, "layers", 1, oneLayer)
		return s
	}
	for what, spoil := range map[string]func(s *shelf){
		"media type": func(s *shelf) { s.put("test/calibration", 1, "image/png", nil) },
		"a page reads at most": func(s *shelf) {
			s.put("test/calibration", 1, kept.JSON, make([]byte, mostTableBytes+1))
		},
		"damaged or gone": func(s *shelf) {
			s.made = append(s.made, experiments.ArtefactInfo{Name: "test/calibration", Step: 1, Media: kept.JSON, Bytes: 3})
		},
		"no such table": func(s *shelf) { s.put("test/calibration", 1, kept.JSON, []byte(`{"bins": 3}`)) },
		"1 to 200 bins": func(s *shelf) { s.table(t, "test/calibration", 1, kept.Calibration{}) },
		"no PNG":        func(s *shelf) { s.put("filters", 1, kept.PNG, []byte("GIF89a")) },
		"100000 by 100000 pixels": func(s *shelf) {
			s.put("filters", 1, kept.PNG, header(100_000, 100_000))
		},
		"20000 by 10 pixels": func(s *shelf) {
			s.put("filters", 1, kept.PNG, header(20_000, 10))
		},
		"0 by 0": func(s *shelf) { // Go's decoder refuses it itself
			s.put("filters", 1, kept.PNG, header(0, 0))
		},
		"with 2 rows": func(s *shelf) {
			s.table(t, "test/samples", 1, kept.Samples{Shown: make([]kept.Sample, 2)})
			s.picture("test/samples/sheet", 1, 4, 1)
		},
	} {
		s := good()
		spoil(s)
		p := s.portrait(t, Asked{Step: -1})
		told := strings.Join(p.Problems, "\n")
		if what == "0 by 0" {
			what = "no PNG"
		}
		if len(p.Problems) != 1 || !strings.Contains(told, what) || strings.Contains(told, "secret") || !strings.Contains(told, "of step 1 ") {
			t.Errorf("want one problem with %q, got %q", what, told)
		}
		if p.Confusion == nil || p.Layers == nil || p.Calibration != nil || len(p.Filters) > 0 || p.Samples != nil && p.Samples.Sheet != nil {
			t.Errorf("%s: shown is %+v", what, p)
		}
	}
}

// header is the beginning of a PNG of so many pixels.
func header(width, height uint32) []byte {
	chunk := append([]byte("IHDR"), make([]byte, 13)...)
	binary.BigEndian.PutUint32(chunk[4:], width)
	binary.BigEndian.PutUint32(chunk[8:], height)
	chunk[12] = 8
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
}

// However many artefacts are bad, the page tells some; a reader who has left and a lost database end it.
func TestProblemsAreBounded(t *testing.T) {
	s := &shelf{}
	for step := range int64(60) {
		s.put("layers", step, kept.JSON, []byte("{"))
	}
	if p := s.portrait(t, Asked{Step: -1}); len(p.Problems) != mostProblems || p.Layers != nil {
		t.Errorf("%d problems, layers %v", len(p.Problems), p.Layers)
	}
	gone := func(context.Context, string, int64) ([]byte, error) {
		return nil, fmt.Errorf("x: %w", experiments.ErrMissing)
	}
	if _, err := Read(t.Context(), s.made, gone, Asked{Step: -1}); !errors.Is(err, experiments.ErrMissing) {
		t.Errorf("a lost database is %v", err)
	}
	left, leave := context.WithCancel(t.Context())
	leave()
	broken := func(context.Context, string, int64) ([]byte, error) { return nil, context.Canceled }
	if _, err := Read(left, s.made, broken, Asked{Step: -1}); !errors.Is(err, context.Canceled) {
		t.Errorf("a reader who has left is %v", err)
	}
}

// Tables that cannot be are refused, whichever of their numbers is wrong.
func TestTablesThatCannotBe(t *testing.T) {
	shares := []kept.Mistake{{SaidShare: 1.5}}
	for name, err := range map[string]error{
		"no classes":      checkConfusion(&kept.Confusion{}),
		"many classes":    checkConfusion(&kept.Confusion{Classes: make([]string, kept.MostClasses+1)}),
		"a row missing":   checkConfusion(&kept.Confusion{Classes: []string{"a", "b"}, Counts: [][]int{{1, 2}}}),
		"a short row":     checkConfusion(&kept.Confusion{Classes: []string{"a", "b"}, Counts: [][]int{{1, 2}, {1}}}),
		"negative":        checkConfusion(&kept.Confusion{Classes: []string{"a"}, Counts: [][]int{{-1}}}),
		"huge":            checkConfusion(&kept.Confusion{Classes: []string{"a"}, Counts: [][]int{{mostImages + 1}}}),
		"error above 1":   checkCalibration(&kept.Calibration{ECE: 1.1, Bins: []kept.Bin{{To: 1}}}),
		"temperature":     checkCalibration(&kept.Calibration{Temperature: -1, Bins: []kept.Bin{{To: 1}}}),
		"empty bin":       checkCalibration(&kept.Calibration{Bins: []kept.Bin{{From: 0.5, To: 0.5}}}),
		"more than all":   checkCalibration(&kept.Calibration{Bins: []kept.Bin{{To: 1, Images: 1, Right: 2}}}),
		"too sure":        checkCalibration(&kept.Calibration{Bins: []kept.Bin{{To: 1, Images: 1, Confidence: 2}}}),
		"mistake":         checkMistakes(&kept.Mistakes{Shown: shares}),
		"sample":          checkSamples(&kept.Samples{Shown: []kept.Sample{{LabelShare: -1}}}),
		"no points":       checkEmbedding(&kept.Embedding{Classes: []string{"a"}}),
		"far away":        checkEmbedding(&kept.Embedding{Classes: []string{"a"}, Points: []kept.Point{{X: 1e300}}}),
		"no such label":   checkEmbedding(&kept.Embedding{Classes: []string{"a"}, Points: []kept.Point{{Label: 1}}}),
		"no such answer":  checkEmbedding(&kept.Embedding{Classes: []string{"a"}, Points: []kept.Point{{Said: -2}}}),
		"more than whole": checkEmbedding(&kept.Embedding{Classes: []string{"a"}, Explained: [2]float64{2, 0}, Points: []kept.Point{{}}}),
		"no layers":       checkLayers(&kept.Layers{}),
		"negative norm":   checkLayers(&kept.Layers{Params: []kept.Param{{Update: -1}}}),
		"dead":            checkLayers(&kept.Layers{Units: []kept.Units{{Units: 1, Dead: 2}}}),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, err := range []error{checkConfusion(&twoByTwo), checkLayers(&oneLayer),
		checkEmbedding(&kept.Embedding{Classes: []string{"a"}, Points: []kept.Point{{Said: -1}}}),
		checkCalibration(&kept.Calibration{Bins: []kept.Bin{{To: 1, Images: 2, Right: 1, Confidence: 0.5}}})} {
		if err != nil {
			t.Error(err)
		}
	}
}

// A name is written once for each cell of a figure, so one of a megabyte would make a page that no browser shows.
func TestNamesAreBounded(t *testing.T) {
	for _, most := range []struct {
		bytes   int
		refused bool
	}{{mostName, false}, {mostName + 1, true}} {
		long := strings.Repeat("a", most.bytes)
		for name, err := range map[string]error{
			"classes":           checkConfusion(&kept.Confusion{Classes: []string{long}, Counts: [][]int{{1}}}),
			"label":             checkMistakes(&kept.Mistakes{Shown: []kept.Mistake{{Label: long}}}),
			"answer":            checkMistakes(&kept.Mistakes{Shown: []kept.Mistake{{Said: long}}}),
			"place":             checkMistakes(&kept.Mistakes{Place: long}),
			"label of a sample": checkSamples(&kept.Samples{Shown: []kept.Sample{{Label: long}}}),
			"place of samples":  checkSamples(&kept.Samples{Place: long}),
			"maps":              checkSamples(&kept.Samples{Maps: []string{long}}),
			"classes of points": checkEmbedding(&kept.Embedding{Classes: []string{long}, Points: []kept.Point{{}}}),
			"parameter":         checkLayers(&kept.Layers{Params: []kept.Param{{Path: long}}}),
			"units":             checkLayers(&kept.Layers{Units: []kept.Units{{Path: long, Units: 1}}}),
		} {
			if refused := err != nil; refused != most.refused {
				t.Errorf("%s of %d bytes: %v", name, most.bytes, err)
			}
		}
	}
}

// The rows of a sheet cover it without gaps and overlaps, whatever its height.
func TestRowsOfASheet(t *testing.T) {
	for height := 1; height < 60; height++ {
		for rows := 1; rows <= height; rows++ {
			s, next := Sheet{Height: height, Rows: rows}, 0
			for i := range rows {
				y, high := s.row(i)
				if y != next || high < 1 {
					t.Fatalf("%d rows of %d pixels: row %d is at %d, %d high, want at %d", rows, height, i, y, high, next)
				}
				next = y + high
			}
			if next != height {
				t.Fatalf("%d rows of %d pixels end at %d", rows, height, next)
			}
		}
	}
}

// A thinned list has its first, its last, and others evenly between them.
func TestSpread(t *testing.T) {
	list := make([]int, 101)
	for i := range list {
		list[i] = i
	}
	if got := spread(list, 5); !reflect.DeepEqual(got, []int{0, 25, 50, 75, 100}) {
		t.Errorf("spread is %v", got)
	}
	if got := spread(list, 1); !reflect.DeepEqual(got, []int{0}) || len(spread(list, 101)) != 101 || len(spread(list, 500)) != 101 {
		t.Errorf("spread to one is %v", got)
	}
}

// Pictures of samples are read at several steps; a picture belongs to the table of its own step.
func TestPicturesBelongToTheirTables(t *testing.T) {
	s := &shelf{}
	for step := range int64(20) {
		s.table(t, "test/samples", step, kept.Samples{Shown: make([]kept.Sample, 3), Maps: []string{"conv1", "layer1"}})
		if step != 7 {
			s.picture("test/samples/sheet", step, 20, 30)
		}
	}
	s.picture("test/samples/maps", 19, 80, 20)
	s.picture("filters", 0, 10, 10)
	s.picture("filters", 19, 10, 10)
	s.table(t, "test/mistakes", 19, kept.Mistakes{Shown: make([]kept.Mistake, 100)})
	p := s.portrait(t, Asked{Step: -1})
	var steps []int64
	for _, one := range p.Over {
		steps = append(steps, one.Step)
	}
	if len(steps) != mostMoments || steps[0] != 0 || steps[len(steps)-1] != 19 {
		t.Errorf("samples at %v", steps)
	}
	if p.Maps.Rows != 2 || len(p.Filters) != 2 || p.Filters[0].Step != 0 || len(p.Mistakes.Shown) != mostRows || p.Mistakes.Sheet != nil {
		t.Errorf("maps %+v, filters %+v, mistakes %d", p.Maps, p.Filters, len(p.Mistakes.Shown))
	}
	p = s.portrait(t, Asked{Step: 7})
	if p.Samples == nil || p.Samples.Sheet != nil || len(p.Filters) != 1 || p.Maps != nil || p.Mistakes != nil {
		t.Errorf("at step 7 %+v", p)
	}
}
