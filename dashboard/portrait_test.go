package dashboard

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"workbench/experiments"
	kept "workbench/experiments/portrait"
)

// withPortraits is a study in which the deep plain network and the deep residual one have portraits.
func withPortraits(t *testing.T) (s *Server, m *memory, plain, residual string) {
	t.Helper()
	m = degradation("demo", 0)
	portray(t, m, 1)
	portray(t, m, 3)
	return serverOf(t, m), m, m.runs[1].ID, m.runs[3].ID
}

var portraitIDs = []string{"confusion", "classes", "calibration", "mistakes", "samples", "maps", "filters", "embedding", "layers"}

func TestPortraitPage(t *testing.T) {
	s, _, id, other := withPortraits(t)
	wantPage(t, s, "/runs/"+id, 200, `<a class="button" href="/runs/`+id+`/portrait">`)
	page := wantPage(t, s, "/runs/"+id+"/portrait", 200, "step 480, epoch 12", "Expected calibration error", "12 of 57 wrong answers",
		`<image href="/api/v1/runs/`+id+`/artefacts/480/test/mistakes/sheet"`, "layer3.2.conv2", `href="/runs/`+id+`/portrait/confusion.svg"`,
		`<option value="`+other+`"`, `<option value="120">step 120, epoch 3</option>`)
	for _, section := range portraitIDs {
		if !strings.Contains(page, `id="`+section+`"`) || !strings.Contains(page, `href="#`+section+`"`) {
			t.Errorf("the page has no section %s, or no link to it", section)
		}
	}
	if strings.Contains(page, `id="difference"`) || strings.Contains(page, "style=") || strings.Contains(page, `id="problems"`) ||
		strings.Contains(page, "Not kept by this run") {
		t.Error("the page of one run has a difference, an inline style, a problem or something that is not kept")
	}
	both := wantPage(t, s, "/runs/"+id+"/portrait?beside="+other[:9]+"&step=120", 200, `id="difference"`, "step 120, epoch 3",
		"Both runs have one scale of colours", `/artefacts/120/test/samples/sheet`, `href="/runs/`+other+`/portrait"`,
		`/portrait/layers.svg?beside=`+id+`&amp;step=120`)
	if n := strings.Count(both, "log₁₀ of the norm of the gradient"); n != 2 {
		t.Errorf("%d maps of layers, want two", n)
	}
	code, header, _ := get(t, s, "/runs/"+id[:9]+"/portrait?step=120")
	if code != http.StatusFound || header.Get("Location") != "/runs/"+id+"/portrait?step=120" {
		t.Errorf("the beginning of an id leads with %d to %q", code, header.Get("Location"))
	}
}

// Before there was anything the page says so; a run that has kept nothing tells how to keep it.
func TestPortraitThatIsNotThere(t *testing.T) {
	s, m, id, _ := withPortraits(t)
	wantPage(t, s, "/runs/"+id+"/portrait?step=7", 200, "Nothing was kept at step 7 or before. The first is of step 40.", "step 7 or before")
	wantPage(t, s, "/runs/"+m.runs[0].ID+"/portrait", 200, "Nothing was kept of what this run has learnt", "evaluate.portrait=full")
	wantPage(t, s, "/runs/"+id+"/portrait?beside="+m.runs[0].ID, 200, portraitIDs...)
	wantPage(t, s, "/api/v1/runs/"+m.runs[0].ID+"/portrait", 200, `"parts":[]`, `"steps":[]`, `"problems":[]`)
	m.made[id] = m.made[id][:1]
	wantPage(t, s, "/runs/"+id+"/portrait", 200, "Not kept by this run: ", " and ", m.made[id][0].Name)
}

func TestPortraitIsAskedForWrongly(t *testing.T) {
	s, _, id, _ := withPortraits(t)
	for _, path := range []string{"/runs/" + id + "/portrait", "/api/v1/runs/" + id + "/portrait", "/runs/" + id + "/portrait/layers.svg"} {
		for query, want := range map[string]string{
			"step=-1": "want a whole number of at least 0", "step=x": "got", "step=9223372036854775808": "whole number",
			"part=tset": "did you mean", "measure=loss": "want one of gradient, weight, update, dead", "params=some": "want kernels or all",
		} {
			if code, _, body := get(t, s, path+"?"+query); code != 400 || !strings.Contains(body, want) {
				t.Errorf("%s?%s: %d, want 400 and %q", path, query, code, want)
			}
		}
		if code, _, _ := get(t, s, path+"?beside=none"); code != 404 {
			t.Errorf("%s beside a run that is not there: %d", path, code)
		}
	}
	wantPage(t, s, "/runs/"+id+"/portrait/loss.svg", 404, "want one of calibration.svg, classes.svg")
	wantPage(t, s, "/runs/"+id+"/portrait/confusion", 404)
	wantPage(t, s, "/runs/"+id+"/portrait/difference.svg", 404, "has nothing for difference.svg")
}

// Each figure of the page is also by itself, and is the same there.
func TestPortraitFiguresAreThoseOfThePage(t *testing.T) {
	s, _, id, other := withPortraits(t)
	query := "?beside=" + other
	page := wantPage(t, s, "/runs/"+id+"/portrait"+query, 200)
	for name := range maps.Keys(portraitFigures) {
		code, header, svg := get(t, s, "/runs/"+id+"/portrait/"+name+".svg"+query)
		if code != 200 || header.Get("Content-Type") != "image/svg+xml" {
			t.Errorf("%s: %d, %s", name, code, header.Get("Content-Type"))
			continue
		}
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if !strings.Contains(page, strings.TrimSpace(svg)) {
			t.Errorf("the page has another figure than %s.svg", name)
		}
	}
}

func TestPortraitAPI(t *testing.T) {
	s, _, id, other := withPortraits(t)
	var got struct {
		Portrait struct {
			Run       string
			Step      int64
			Steps     []int64
			Confusion struct {
				Counts [][]int
				Each   []struct{ Accuracy, Low float64 } `json:"per_class"`
			}
			Layers struct {
				Measure string
				Rows    []struct{ Values []float64 }
			}
			Mistakes struct {
				Of    int
				Sheet struct{ Width, Height, Rows int }
			}
			Beside struct {
				Run       string
				Confusion struct{ Counts [][]int }
			}
			Difference struct{ Counts [][]int }
		}
	}
	text := wantPage(t, s, "/api/v1/runs/"+id+"/portrait?step=130&measure=weight&beside="+other, 200)
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	p := got.Portrait
	if p.Run != id || p.Step != 130 || len(p.Steps) != 12 || p.Layers.Measure != "weight" || len(p.Layers.Rows) != 20 ||
		p.Mistakes.Of != 57 || p.Mistakes.Sheet.Rows != 12 || p.Mistakes.Sheet.Width != 3*96 || p.Beside.Run != other {
		t.Errorf("the API says %+v", p)
	}
	for i, row := range p.Difference.Counts {
		for j, n := range row {
			if want := p.Beside.Confusion.Counts[i][j] - p.Confusion.Counts[i][j]; n != want {
				t.Errorf("difference in row %d, column %d is %d, want %d", i, j, n, want)
			}
		}
		if want := float64(p.Confusion.Counts[i][i]) / 100; p.Confusion.Each[i].Accuracy != want {
			t.Errorf("accuracy of class %d is %v, want %v", i, p.Confusion.Each[i].Accuracy, want)
		}
	}
}

// Names of classes, layers and artefacts can hold anything, and many classes have a table in place of a matrix.
func TestPortraitOfAnyNames(t *testing.T) {
	m := degradation("demo", 0)
	const nasty = "<script>alert(1)</script>\"'&\x1b\u202e"
	p := &painter{t: t, step: 40}
	many := kept.Confusion{}
	for i := range 30 {
		many.Classes = append(many.Classes, fmt.Sprint(nasty, i))
		many.Counts = append(many.Counts, make([]int, 30))
		many.Counts[i][(i*7)%30] = 3
	}
	m.made = map[string][]experiments.Artefact{m.runs[0].ID: {
		p.table("test/confusion", many),
		p.table("layers", kept.Layers{Params: []kept.Param{{Path: nasty, Weight: 1, Gradient: 1}}}),
		p.table(nasty+"/test/mistakes", kept.Mistakes{}),
		p.table("test/mistakes", kept.Mistakes{Place: nasty, Shown: []kept.Mistake{{Label: nasty, Said: nasty}}}),
		p.table("test/embedding", kept.Embedding{Classes: many.Classes, Points: []kept.Point{{Label: 29}}}),
		p.table("test/calibration", []int{1}),
	}}
	s := serverOf(t, m)
	page := wantPage(t, s, "/runs/"+m.runs[0].ID+"/portrait", 200, "A matrix of 30 classes is not drawn, only of up to 20",
		"test/calibration of step 40 is left out", "&lt;script&gt;")
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "\x1b") || strings.Contains(page, "\u202e") {
		t.Error("a name became markup or kept hidden characters")
	}
	wantPage(t, s, "/runs/"+m.runs[0].ID+"/portrait/confusion.svg", 404, "A matrix of 30 classes is not drawn")
	wantPage(t, s, "/runs/"+m.runs[0].ID+"/portrait/classes.svg", 200, "&lt;script&gt;")
}
