//go:build browser

package dashboard

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// tab is one page of one browser, whose console must stay silent.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string

	expected string // part of a console message that is no problem

	mu       sync.Mutex
	problems []string
}

// open serves the source on a port of its own and opens a browser; both end with the test, which fails if the page
// has written an error or a policy violation to the console.
func open(t *testing.T, source experiments.Source) *tab {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := serverOf(t, source)
	serving, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- s.Serve(serving, ln) }()

	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium-headless-shell"), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.WindowSize(1280, 900), chromedp.UserDataDir(t.TempDir()))
	allocated, end := chromedp.NewExecAllocator(context.Background(), flags...)
	limited, cancel := context.WithTimeout(allocated, time.Minute)
	ctx, closeTab := chromedp.NewContext(limited)
	b := &tab{t: t, ctx: ctx, base: "http://" + ln.Addr().String()}
	b.do(chromedp.Navigate("about:blank"))
	messages := chromedp.Console(ctx)
	read := make(chan struct{})
	go func() {
		defer close(read)
		for m, err := range messages {
			if err != nil {
				return
			}
			b.mu.Lock()
			bad := m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning || m.IsException()
			if bad && (b.expected == "" || !strings.Contains(m.Text, b.expected)) {
				b.problems = append(b.problems, string(m.Type)+": "+m.Text+" "+m.URL)
			}
			b.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		closeTab()
		<-read
		cancel()
		end()
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if len(b.problems) > 0 {
			t.Errorf("console:\n%s", strings.Join(b.problems, "\n"))
		}
	})
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) visit(path string) { b.t.Helper(); b.do(chromedp.Navigate(b.base + path)) }

// until waits for a JavaScript condition.
func (b *tab) until(condition string) {
	b.t.Helper()
	wait := chromedp.Poll[bool](condition, chromedp.WithPollingTimeout(10*time.Second))
	_, err := chromedp.Run(b.ctx, wait)
	for range 5 { // the page may be left meanwhile, more than once where it leads on to another
		if err == nil || !strings.Contains(err.Error(), "context") && !strings.Contains(err.Error(), "navigated") {
			break
		}
		_, err = chromedp.Run(b.ctx, wait)
	}
	if err != nil {
		now, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		b.t.Fatalf("%s never came true: %v\n%.1500s", condition, err, now)
	}
}

func (b *tab) run(script string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](script)); err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
}

// picture keeps a screenshot in the folder WORKBENCH_SCREENSHOTS, for people to look at.
func (b *tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("WORKBENCH_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

const drawn = `[...document.querySelectorAll('.grid figure.chart')].length > 0 && [...document.querySelectorAll('.grid figure.chart')].every(f => f.querySelector('.u-over'))`

func TestStudyInABrowser(t *testing.T) {
	m := degradation("quickstart", 0, 1, 2)
	m.runs[10].Status, m.runs[11].Status = experiments.Running, experiments.Failed
	m.runs[11].Reason = "loss became NaN at step 212"
	m.runs[10].Progress.Time = epoch0.Add(19900 * time.Millisecond)
	b := open(t, m)
	b.visit("/studies/quickstart")
	b.until(drawn)
	b.picture("study")
	b.run(`document.documentElement.dataset.theme = "dark"; document.dispatchEvent(new Event("themechange"))`)
	b.until(drawn)
	b.picture("study-dark")
}

func TestOtherPagesInABrowser(t *testing.T) {
	m := degradation("quickstart", 0, 1, 2)
	m.runs[10].Status = experiments.Running
	b := open(t, m)
	b.mu.Lock()
	b.expected = "the server responded with a status of 4" // the pages of errors are such answers
	b.mu.Unlock()
	for path, name := range map[string]string{
		"/studies": "studies", "/runs": "runs", "/runs?q=modle%3D3": "runs-error", "/studies/none": "error",
	} {
		b.visit(path)
		b.until(`document.readyState === "complete"`)
		b.picture(name)
	}
	for path, name := range map[string]string{
		"/runs/" + m.runs[10].ID: "run",
		"/compare?run=" + m.runs[0].ID + "&run=" + m.runs[3].ID + "&run=" + m.runs[9].ID: "compare",
	} {
		b.visit(path)
		b.until(drawn)
		b.picture(name)
	}
	b.do(chromedp.EmulateViewport(390, 844))
	b.visit("/studies/quickstart")
	b.until(drawn)
	b.picture("study-phone")
}

func TestControlsInABrowser(t *testing.T) {
	m := degradation("quickstart", 0, 1, 2)
	b := open(t, m)
	b.visit("/studies/quickstart?hide=shortcut%3Dnone+depth%3D56&smooth=0.5")
	b.until(drawn)
	b.until(`document.querySelectorAll('.legend button[aria-pressed=false]').length === 1`)
	b.until(`document.querySelector('.chart .note').textContent.includes('smoothed 0.5')`)

	b.run(`document.querySelectorAll('.legend button')[0].dispatchEvent(new MouseEvent('click', {detail: 1, bubbles: true}))`)
	b.until(`new URLSearchParams(location.search).getAll('hide').length === 2`)
	b.run(`document.querySelectorAll('.legend button')[3].dispatchEvent(new MouseEvent('dblclick', {bubbles: true}))`)
	b.until(`document.querySelectorAll('.legend button[aria-pressed=true]').length === 1`)

	b.run(`document.querySelector('[name=log]').click()`)
	b.until(`new URLSearchParams(location.search).get('log') === '1'`)
	b.run(`document.querySelector('[name=seeds]').click(); document.querySelector('[name=band]').click()`)
	b.run(`const x = document.querySelector('[name=x]'); x.value = 'seconds'; x.dispatchEvent(new Event('input', {bubbles: true}))`)
	b.until(`location.search.includes('x=seconds') && location.search.includes('seeds=1') && location.search.includes('band=0')`)
	b.until(drawn)

	b.visit("/studies/quickstart?zoom=2..5") // a range of epochs is none of seconds
	b.until(drawn)
	b.until(`!document.querySelector('[name=reset]').hidden`)
	b.run(`document.querySelector('[name=log]').click()`)
	b.until(`location.search.includes('log=1') && location.search.includes('zoom=')`)
	b.run(`x = document.querySelector('[name=x]'); x.value = 'step'; x.dispatchEvent(new Event('input', {bubbles: true}))`)
	b.until(`location.search.includes('x=step') && !location.search.includes('zoom=') && document.querySelector('[name=reset]').hidden`)

	b.visit("/studies/quickstart")
	b.until(drawn)
	b.run(`document.querySelector('.grid .canvas').scrollIntoView()`)
	box, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]float64](`(() => { const r = document.querySelector('.u-over').getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()`))
	if err != nil {
		t.Fatal(err)
	}
	y := box[1] + box[3]/2
	b.do(chromedp.DragAndDropXY(box[0]+box[2]*0.3, y, box[0]+box[2]*0.7, y, 5))
	b.until(`/zoom=\d/.test(location.search) && !document.querySelector('[name=reset]').hidden`)
	b.until(`[...document.querySelectorAll('.tip')].some(tip => !tip.hidden && tip.querySelectorAll('div').length === 4)`)
	b.picture("study-zoomed")
	b.run(`document.querySelector('.grid .canvas').dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}))`)
	b.until(`!location.search.includes('zoom')`)
	b.run(`document.querySelector('.grid .canvas').dispatchEvent(new KeyboardEvent('keydown', {key: 'End', bubbles: true}))`)
	b.until(`document.getElementById('reader').textContent.includes('epoch 12: shortcut=identity depth=56')`)
}

func TestThemeInABrowser(t *testing.T) {
	b := open(t, degradation("quickstart", 0, 1, 2))
	b.visit("/studies")
	b.run(`document.getElementById('theme').click(); document.getElementById('theme').click()`)
	b.until(`localStorage.getItem('theme') === 'dark' && document.getElementById('theme').textContent === 'Theme: dark'`)
	b.visit("/studies/quickstart")
	b.until(drawn)
	b.until(`getComputedStyle(document.body).backgroundColor === 'rgb(15, 20, 25)'`)
	b.run(`dispatchEvent(new Event('beforeprint'))`) // paper is white
	b.until(`getComputedStyle(document.body).backgroundColor === 'rgb(245, 247, 249)'`)
	b.run(`dispatchEvent(new Event('afterprint'))`)
	b.until(`getComputedStyle(document.body).backgroundColor === 'rgb(15, 20, 25)'`)
}

func TestLiveUpdateInABrowser(t *testing.T) {
	m := degradation("quickstart", 0, 1, 2)
	m.runs[11].Status = experiments.Running
	b := open(t, m)
	b.visit("/runs/" + m.runs[11].ID)
	b.until(drawn)
	b.until(`document.querySelector('.freshness.live') !== null`)
	b.run(`document.querySelector('details.numbers').open = true; window.same = document.querySelector('.u-over')`)
	m.measure(11, 13, map[string]float64{metric.TestTop1: 0.98765})
	b.until(`document.getElementById('metrics').innerText.includes('98.77')`)
	b.until(`document.querySelector('details.numbers').open && document.querySelector('details.numbers').innerText.includes('98.77')`)
	b.until(`window.same.isConnected`) // the chart was changed, not made anew
	m.mu.Lock()
	m.runs[11].Status = experiments.Done
	m.change(m.runs[11].ID, "quickstart", "status")
	m.mu.Unlock()
	b.until(`document.querySelector('.heading .status').textContent === 'done'`)
}

// A server that answers with an error is there; one that is gone is offline.
func TestOfflineIsSaid(t *testing.T) {
	m := degradation("quickstart", 0, 1, 2)
	b := open(t, m)
	b.mu.Lock()
	b.expected = "the server responded with a status of 500"
	b.mu.Unlock()
	b.visit("/studies")
	b.until(`document.querySelector('.freshness.live') !== null`)
	m.mu.Lock()
	m.change("", "quickstart", "study")
	m.mu.Unlock()
	b.until(`document.getElementById('offline').hidden`)
	m.mu.Lock()
	m.broken = errors.New("gone")
	m.change("", "quickstart", "study")
	m.mu.Unlock()
	b.until(`/cannot be renewed: the server answers 500/.test(document.getElementById('offline').innerText)`)
	m.mu.Lock()
	m.broken = nil
	m.mu.Unlock()
	b.until(`document.getElementById('offline').hidden`)

	b.mu.Lock()
	b.expected = "net::ERR_"
	b.mu.Unlock()
	b.run(`window.reached = window.fetch; window.tries = 0;
		window.fetch = () => { window.tries++; return Promise.reject(new TypeError("Failed to fetch")); };
		document.getElementById('pause').click(); document.getElementById('pause').click()`)
	b.until(`window.tries === 1 && document.getElementById('offline').hidden || window.tries > 1`)
	b.until(`document.getElementById('offline').innerText.includes('Offline since')`)
	b.until(`window.tries > 1`)
	b.run(`window.fetch = window.reached`)
	b.until(`document.getElementById('offline').hidden`)
}

// One answer that fails to come is no reason to say anything: the page asks again, and only then is the server offline.
func TestOneMissIsNotOffline(t *testing.T) {
	b := open(t, degradation("quickstart", 0, 1, 2))
	b.visit("/studies")
	b.until(`document.querySelector('.freshness.live') !== null`)
	b.run(`window.reached = window.fetch; window.tries = 0; window.said = 0;
		new MutationObserver(() => { if (!document.getElementById('offline').hidden) window.said++; })
			.observe(document.getElementById('offline'), {attributes: true, childList: true});
		window.fetch = (...of) => {
			window.tries++;
			return window.tries === 1 ? Promise.reject(new TypeError("lost")) : window.reached(...of);
		};
		document.getElementById('pause').click(); document.getElementById('pause').click()`)
	b.until(`window.tries > 1 && document.querySelector('.freshness.live') !== null`)
	b.until(`window.said === 0 && document.getElementById('offline').hidden`)
}

func TestCoverageLeadsToTheRun(t *testing.T) {
	m := degradation("quickstart", 0, 1, 2)
	b := open(t, m)
	b.visit("/studies/quickstart")
	b.do(chromedp.Click(chromedp.CSS(".coverage a.square")))
	b.until("location.pathname === '/runs/" + m.runs[0].ID + "'")
}

func TestModelsInABrowser(t *testing.T) {
	m := degradation("quickstart", 0, 1, 2)
	b := open(t, m)
	b.visit("/models")
	b.until(`document.querySelectorAll('#bubbles a circle').length > 50 && document.querySelectorAll('#table-models tbody tr').length > 100`)
	b.picture("models")
	b.do(chromedp.Click(chromedp.CSS("#table-models thead th:nth-child(7) a")))
	b.until(`location.search === '?sort=parameters' && document.readyState === 'complete' && document.querySelector('th[aria-sort=ascending]').innerText.startsWith('Parameters')`)
	b.run(`for (const name of ['resnet18', 'vgg16']) document.querySelector('input[value=' + name + ']').click(); document.querySelector('#zoo button').click()`)
	b.until(`location.pathname + location.search === '/models/compare?a=resnet18&b=vgg16' && document.querySelectorAll('.pair .figure').length === 4`)
	b.picture("models-compare")
	b.visit("/models/resnet18")
	b.run(`document.querySelector('#switches summary').click(); document.getElementById('switch-shortcut').value = 'none'; document.querySelector('.switches button').click()`)
	b.until(`location.search === '?shortcut=none' && document.getElementById('switches').open && document.body.innerText.includes('1 changed')`)
	b.picture("model")
	b.do(chromedp.EmulateViewport(390, 844))
	for _, path := range []string{
		"/models", "/models/googlenet", "/models/densenet121?level=all", "/models/compare?a=resnet18&b=vgg16",
		"/models/resnet18?switchless=1",
	} {
		b.mu.Lock()
		b.expected = "the server responded with a status of 400"
		b.mu.Unlock()
		b.visit(path)
		b.until(`document.readyState === 'complete' && document.documentElement.scrollWidth <= 390`)
	}
}
