package dashboard

import (
	"net/http"
	"strings"
	"testing"

	"workbench/experiments"
)

// made is an artefact of step 40 that a run made.
func made(name, kind, media, data string) experiments.Artefact {
	return experiments.Artefact{Data: []byte(data), ArtefactInfo: experiments.ArtefactInfo{Name: name, Kind: kind, Media: media,
		Step: 40, Attempt: 1, Bytes: int64(len(data)), Digest: "d1", Time: epoch0}}
}

// withArtefacts is a server whose first run made things, some of which a browser must not run.
func withArtefacts(t *testing.T) (*Server, string) {
	m := degradation("demo", 0)
	id := m.runs[0].ID
	m.made = map[string][]experiments.Artefact{id: {
		made("test/confusion", "picture", "image/png", "\x89PNG"),
		made("report", "text", "text/html; charset=utf-8", "<script>alert(1)</script>"),
		made("drawing", "picture", "image/svg+xml", "<svg onload='alert(1)'/>"),
		made("matrix", "matrix", "application/json", "[[1]]"),
		made("notes", "text", "Text/Plain", "<b>hello</b>"),
		made("layers", "matrix", "application/json", `{"params": [{"path": "w", "elements": 9, "weight": 1, "gradient": 2, "update": 3}]}`),
		made(`50%41 "of" <all>/../x`, "array", "nonsense;;", "\x00\x01"),
	}}
	return serverOf(t, m), id
}

func TestArtefactsAreSentAsWhatIsSafe(t *testing.T) {
	s, id := withArtefacts(t)
	for _, c := range []struct {
		path, media, attachment, data string
	}{
		{"test/confusion", "image/png", "", "\x89PNG"},
		{"test%2Fconfusion", "image/png", "", "\x89PNG"},
		{"report", "application/octet-stream", "-40-report", "<script>alert(1)</script>"},
		{"drawing", "application/octet-stream", "-40-drawing", "<svg onload='alert(1)'/>"},
		{"matrix", "application/json", "", "[[1]]"},
		{"notes", "text/plain; charset=utf-8", "", "<b>hello</b>"},
		{"50%2541%20%22of%22%20%3Call%3E%2F..%2Fx", "application/octet-stream", "-40-50_41__of___all__.._x", "\x00\x01"},
	} {
		code, header, body := get(t, s, "/api/v1/runs/"+id+"/artefacts/40/"+c.path)
		if code != 200 || body != c.data || header.Get("Content-Type") != c.media {
			t.Errorf("%s: %d, %q as %q, want %q as %q", c.path, code, body, header.Get("Content-Type"), c.data, c.media)
		}
		if got := header.Get("Content-Disposition"); (c.attachment == "") != (got == "") || !strings.Contains(got, c.attachment) {
			t.Errorf("%s: disposition %q, want one with %q", c.path, got, c.attachment)
		}
		for name, want := range securityHeaders {
			if header.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", c.path, name, header.Get(name), want)
			}
		}
	}
}

func TestArtefactsThatAreNotThere(t *testing.T) {
	s, id := withArtefacts(t)
	for path, code := range map[string]int{
		"/api/v1/runs/" + id + "/artefacts/41/test/confusion":                 http.StatusNotFound,
		"/api/v1/runs/" + id + "/artefacts/40/other":                          http.StatusNotFound,
		"/api/v1/runs/" + id + "/artefacts/40/":                               http.StatusNotFound,
		"/api/v1/runs/none/artefacts/40/matrix":                               http.StatusNotFound,
		"/api/v1/runs/none/artefacts":                                         http.StatusNotFound,
		"/api/v1/runs/" + id + "/artefacts/-1/matrix":                         http.StatusBadRequest,
		"/api/v1/runs/" + id + "/artefacts/9223372036854775808/matrix":        http.StatusBadRequest,
		"/api/v1/runs/" + id + "/artefacts/forty/matrix":                      http.StatusBadRequest,
		"/api/v1/runs/" + id + "/artefacts/40/" + strings.Repeat("x", 10_000): http.StatusNotFound,
	} {
		if got, _, _ := get(t, s, path); got != code {
			t.Errorf("GET %.80s: %d, want %d", path, got, code)
		}
	}
}

func TestArtefactsAreListed(t *testing.T) {
	s, id := withArtefacts(t)
	wantPage(t, s, "/api/v1/runs/"+id+"/artefacts", 200, `"name":"test/confusion"`, `"media":"image/svg+xml"`, `"bytes":4`)
	base := "/api/v1/runs/" + id + "/artefacts/40/"
	page := wantPage(t, s, "/runs/"+id, 200, `<img src="`+base+`test/confusion"`, `<a href="`+base+`drawing"`,
		`<a href="`+base+`50%2541%20%22of%22%20%3Call%3E%2F..%2Fx"`)
	if strings.Contains(page, `<img src="`+base+`drawing"`) || strings.Contains(page, "<all>") {
		t.Error("a drawing that could run scripts is shown, or a name became markup")
	}
	m := degradation("demo", 0)
	wantPage(t, serverOf(t, m), "/api/v1/runs/"+m.runs[0].ID+"/artefacts", 200, `"artefacts":[]`)
}

// Of a picture that is made again and again the page shows the newest, and not without end.
func TestThePageShowsFewPictures(t *testing.T) {
	var list []experiments.ArtefactInfo
	for step := range int64(3) {
		for i := range 2 * picturesAtOnce {
			a := made(strings.Repeat("p", i+1), "picture", "image/png", "").ArtefactInfo
			a.Step = step
			list = append(list, a)
		}
	}
	got := pictures("r", list)
	if len(got) != picturesAtOnce || got[0].Href != "/api/v1/runs/r/artefacts/2/p" {
		t.Errorf("%d pictures, first %+v, want %d of step 2", len(got), got[0], picturesAtOnce)
	}
}

func TestDivergedAndWaitingRunsAreShown(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	lost, waits := &m.runs[1], &m.runs[2]
	lost.Status, lost.Reason = experiments.Diverged, "train/loss is NaN at step 7 (epoch 2)"
	waits.Status, waits.Needs, waits.BlockedBy = experiments.Blocked, []string{lost.ID, m.runs[0].ID}, []string{lost.ID}
	waits.Reason = experiments.Lost(lost.ID, lost.Status)
	next := &m.runs[4]
	next.Status, next.Needs, next.BlockedBy = experiments.Queued, []string{m.runs[5].ID}, []string{m.runs[5].ID}
	m.runs[0].Phases = []experiments.PhaseInfo{{Phase: experiments.Phase{Name: "pretext", Count: 2, Steps: 1200}, Seconds: 61},
		{Phase: experiments.Phase{Name: "probe", Index: 1, Count: 2, First: 1200, Steps: 300}, Seconds: 5}}
	m.runs[0].Progress.Phase = "probe"
	m.runs[0].Environment["parts"] = "train: 54 images, 20 % of the labels wrong, SHA-256 5eed"
	s := serverOf(t, m)
	wantPage(t, s, "/runs/"+m.runs[0].ID, 200, "<dt>Trained on</dt><dd>train: 54 images, 20 % of the labels wrong, SHA-256 5eed</dd>")
	wantPage(t, s, "/studies", 200, `<span class="status diverged">1 diverged</span>`, `<rect class="fill diverged"`)
	wantPage(t, s, "/studies/demo", 200, `<span class="status diverged">1 diverged</span>`, `class="square diverged"`, "✗",
		"seed 1: diverged", "seed 2: blocked: needs run "+lost.ID+", which diverged", "seed 1: queued, waits for 1 run",
		"seed 1 diverged: train/loss is NaN", "2 seeds diverged", "1 done, 1 diverged (step 7), 1 blocked",
		`<span class="status blocked">1 blocked</span>`, "1 run is blocked by one", "workbench run demo --failed",
		"2 of 3 seeds diverged: the cell is never called better")
	wantPage(t, s, "/runs?q=status%3Ddiverged", 200, "<b>1</b> of 12 runs", lost.ID, `class="status diverged"`)
	wantPage(t, s, "/runs/"+lost.ID, 200, `<span class="status diverged">diverged</span>`, lost.Reason)
	wantPage(t, s, "/runs/"+waits.ID, 200, "Waits for", `href="/runs/`+lost.ID+`"`)
	wantPage(t, s, "/runs/"+m.runs[0].ID, 200, "Phases", "pretext", "1 m 01 s", "probe")
	wantPage(t, s, "/api/v1/runs/"+waits.ID, 200, `"status":"blocked"`,
		`"reason":"needs run `+lost.ID, `"blocked_by":["`+lost.ID+`"]`, `"needs":["`+lost.ID)
	wantPage(t, s, "/api/v1/runs/"+m.runs[0].ID, 200, `"phases":[{`, `"name":"pretext"`, `"seconds":61`, `"first":1200`)
	wantPage(t, s, "/metrics", 200, `workbench_runs{state="diverged"} 1`, `workbench_runs{state="blocked"} 1`)
}

// A name that holds an escape is not unescaped twice.
func TestNamesWithEscapes(t *testing.T) {
	m := degradation("a%41", 0)
	wantPage(t, serverOf(t, m), studyPath("a%41"), 200, "a%41")
}
