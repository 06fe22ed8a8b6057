//go:build browser

package dashboard

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"workbench/experiments"
	"workbench/experiments/metric"
)

//go:embed testdata/contrast.js
var contrastScript string

// looked is what testdata/contrast.js answers.
type looked struct {
	Looked int      `json:"looked"`
	Faint  []string `json:"faint"`
}

// troubled is the study of these tests with a run in every state and names that are long.
func troubled() *memory {
	m := degradation("a-study-with-a-long-name-that-goes-on-and-on-and-on-and-on", 0, 1, 2)
	states := []experiments.Status{experiments.Failed, experiments.Diverged, experiments.Interrupted, experiments.Queued, experiments.Running}
	for i, status := range states {
		m.runs[i].Status, m.runs[i].Reason = status, map[experiments.Status]string{experiments.Failed: "out of memory\nat the first step",
			experiments.Diverged: "train/loss is NaN at step 212 (epoch 5)"}[status]
	}
	return m
}

func (m *memory) everyPage() []string {
	study := m.runs[0].Study
	return []string{"/studies", "/studies/" + study, "/runs", "/runs?q=modle%3D3", "/runs/" + m.runs[0].ID, "/runs/" + m.runs[1].ID,
		"/compare?run=" + m.runs[5].ID + "&run=" + m.runs[9].ID, "/models/resnet18", "/nothing",
		"/runs/" + m.runs[5].ID + "/portrait", "/runs/" + m.runs[9].ID + "/portrait"}
}

// cutNames tells whether the name of a cell is cut off.
const cutNames = `[...document.querySelectorAll(".swatch")].map(s => s.closest(".name, th, td"))
	.some(e => e && e.scrollWidth > e.clientWidth)`

// Every text can be read in both themes, no page is wider than a narrow window, and the names of cells are whole there.
func TestPagesCanBeReadInABrowser(t *testing.T) {
	m := troubled()
	portray(t, m, 5)
	b := open(t, m)
	b.mu.Lock()
	b.expected = "the server responded with a status of 4"
	b.mu.Unlock()
	b.do(chromedp.EmulateViewport(400, 850))
	for _, path := range m.everyPage() {
		b.visit(path)
		b.until(`document.readyState === "complete" && document.querySelector("main") !== null`)
		for _, theme := range []string{"light", "dark"} {
			b.run(`document.documentElement.dataset.theme = "` + theme + `"; document.dispatchEvent(new Event("themechange"))`)
			got, err := chromedp.Run(b.ctx, chromedp.Evaluate[looked](contrastScript))
			if err != nil {
				t.Fatal(err)
			}
			if got.Looked < 10 || len(got.Faint) > 0 {
				t.Errorf("%s, %s: %d texts, too faint are\n%s", path, theme, got.Looked, strings.Join(got.Faint, "\n"))
			}
		}
		b.until(`document.documentElement.scrollWidth <= 400 && !(` + cutNames + `)`)
	}
}

// The page and the exported figure smooth alike, the link to the figure shows what the page shows, and the cursor reads
// out what was measured.
func TestSmoothingInABrowser(t *testing.T) {
	m := degradation("quickstart", 0, 1, 2)
	b := open(t, m)
	b.visit("/studies/quickstart?smooth=0.5")
	b.until(drawn)
	values := []float64{3, 1, math.NaN(), 4, 1, 5}
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`(async () => {
		const main = document.querySelector('script[type=module]').src;
		const { smooth } = await import(new URL("curves.js", main));
		return JSON.stringify(smooth([3, 1, null, 4, 1, 5], 0.5));
	})()`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	var page []*float64
	if err := json.Unmarshal([]byte(text), &page); err != nil {
		t.Fatal(err)
	}
	figure := view{smooth: 0.5}.smoothed(values)
	for i, v := range page {
		if (v == nil) != math.IsNaN(figure[i]) || v != nil && math.Abs(*v-figure[i]) > 1e-12 {
			t.Errorf("value %d: the page smooths to %s, the figure to %v", i, text, figure)
		}
	}
	b.until(`document.querySelector('#curves a.export').href.endsWith('&smooth=0.5')`)
	b.run(`document.querySelector('[name=log]').click(); document.querySelectorAll('.legend button')[1].click()`)
	b.until(`['log=1', 'smooth=0.5', 'hide=shortcut%3Dnone+depth%3D56'].every(p =>
		 document.querySelector('#curves a.export').href.includes(p))`)
	exported, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](
		`fetch(document.querySelector('#curves a.export').href).then(r => r.text())`, chromedp.EvalAwaitPromise))
	if err != nil || !strings.Contains(exported, "smoothed 0.5; logarithmic") || strings.Contains(exported, "shortcut=none depth=56") {
		t.Errorf("the figure is not as the page shows the curves: %v\n%.300s", err, exported)
	}
	b.run(`document.querySelector('.grid .canvas').focus();
		document.querySelector('.grid .canvas').dispatchEvent(new KeyboardEvent('keydown', {key: 'End', bubbles: true}))`)
	measured := 0.0 // the mean of the cell at its last epoch, which is not what it is smoothed to
	for _, r := range m.runs[9:12] {
		measured += 100 * r.Last[metric.TestTop1] / 3
	}
	b.until(fmt.Sprintf(`/epoch 12: shortcut=identity depth=56 [0-9.]+ %% \(measured %.2f %%\)/
		.test(document.getElementById('reader').textContent)`,
		measured))
}

// A few epochs have ticks at whole ones, however wide the chart is.
func TestTicksAreAtWholeEpochsInABrowser(t *testing.T) {
	b := open(t, degradation("quickstart", 0, 1, 2))
	b.visit("/studies/quickstart?zoom=2..5")
	b.until(drawn)
	b.run(`window.texts = []; const draw = CanvasRenderingContext2D.prototype.fillText;
		CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) { window.texts.push(text);
			return draw.call(this, text, ...rest); };
		document.dispatchEvent(new Event("themechange"))`)
	b.until(`window.texts.includes("3") && window.texts.includes("4") && !window.texts.includes("2.5") && !window.texts.includes("3.5")`)
}

// A run of one epoch has one point, which is seen: the axis has room on either side of it.
func TestASinglePointIsSeenInABrowser(t *testing.T) {
	b := open(t, degradation("quickstart", 0, 1, 2))
	b.visit("/studies/quickstart")
	b.until(drawn)
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`(async () => {
		const main = document.querySelector('script[type=module]').src;
		const { around } = await import(new URL("drawing.js", main));
		return JSON.stringify([around(null, 1, 1), around(null, 3, 4), around(null, null, null), around(null, 4000, 4000)]);
	})()`, chromedp.EvalAwaitPromise))
	if want := "[[0.5,1.5],[3,4],[null,null],[3800,4200]]"; err != nil || text != want {
		t.Errorf("ranges %s, %v, want %s", text, err, want)
	}
}
