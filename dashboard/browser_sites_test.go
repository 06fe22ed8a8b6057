//go:build browser

package dashboard

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// Pages, scripts, curves and live events below a path that a proxy takes off.
func TestBasePathInABrowser(t *testing.T) {
	m := degradation("quickstart", 0, 1, 2)
	m.runs[11].Status = experiments.Running
	proxy := behindProxy(t, serverOf(t, m), true) // before the tab, which must end first: it would ask a proxy that is gone
	b := open(t, m)
	b.base = proxy.URL + "/lab/wb"
	b.visit("/")
	b.until(`location.pathname === '/lab/wb/studies' && document.readyState === 'complete'`)
	b.do(chromedp.Click(chromedp.CSS(".study a")))
	b.until(`location.pathname === '/lab/wb/studies/quickstart'`)
	b.until(drawn)
	b.visit("/runs/" + m.runs[11].ID)
	b.until(drawn)
	b.until(`document.querySelector('.freshness.live') !== null`)
	m.measure(11, 13, map[string]float64{metric.TestTop1: 0.98765})
	b.until(`document.getElementById('metrics').innerText.includes('98.77')`)
	b.visit("/runs")
	b.run(`document.querySelector('input[type=search]').value = 'seed=1'; document.querySelector('form.filter button').click()`)
	b.until(`location.pathname === '/lab/wb/runs' && location.search.includes('q=seed') &&
		document.querySelectorAll('#table-runs tbody tr').length === 4`)
}

// What a real browser sends for another site's pictures, scripts, frames and fetches is refused; its link is followed.
func TestOtherSitesInABrowser(t *testing.T) {
	m := degradation("quickstart", 0, 1, 2)
	b := open(t, m)
	b.mu.Lock()
	b.expected = "Failed to load resource" // what is refused
	b.mu.Unlock()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `<!doctype html><link rel=icon href="data:,"><img src="%[1]s/runs?q=picture" onerror="this.id='broken'">
			<a href="%[1]s/studies">link</a>`, b.base)
	}))
	defer other.Close()
	refused := func(want int) {
		t.Helper()
		answer, err := http.Get(b.base + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var text strings.Builder
		if err := answer.Write(&text); err != nil {
			t.Fatal(err)
		}
		if line := fmt.Sprintf(`workbench_http_requests_refused_total{reason="site"} %d`, want); !strings.Contains(text.String(), line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
	// "localhost" is another site than 127.0.0.1, and another port of 127.0.0.1 the same.
	for i, origin := range []string{strings.Replace(other.URL, "127.0.0.1", "localhost", 1), other.URL} {
		b.do(chromedp.Navigate(origin))
		b.until(`document.getElementById('broken') !== null`)
		refused(2*i + 1)
		b.run(fmt.Sprintf(`fetch(%q, {mode: 'no-cors'})
			.then(() => { document.title = 'fetched' }, () => { document.title = 'fetched' })`, b.base+"/api/v1/runs"))
		b.until(`document.title === 'fetched'`)
		refused(2*i + 2)
		b.do(chromedp.Click(chromedp.CSS("a")))
		b.until(`document.title.startsWith('Studies') && document.body?.innerText.includes('quickstart')`)
		refused(2*i + 2)
	}
}
