//go:build browser

package dashboard

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"workbench/dashboard/report"
)

// A report is read from a file: its style applies under its own policy, it asks for nothing, and it fits the window.
func TestReportInABrowser(t *testing.T) {
	m := degradation("quickstart", 0, 1, 2)
	_, page := reportOf(t, m, "quickstart")
	path := filepath.Join(t.TempDir(), "study.html")
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	b := open(t, m)
	b.do(chromedp.Navigate("file://" + path))
	b.until(`getComputedStyle(document.querySelector("section.card")).borderRadius === "10px"`)
	b.until(`document.querySelectorAll("svg.figure").length >= 6`)
	b.until(`performance.getEntriesByType("resource").length === 0`)
	b.until(`document.documentElement.scrollWidth <= innerWidth`)
	b.picture("report")
}

// So is a report of claims; what would run or load in it, if it had got there, does not.
func TestClaimsReportInABrowser(t *testing.T) {
	m := degradation("demo", 0, 1, 2, 3, 4)
	p, err := ClaimsReport("own", "1", judgedClaims(t, m, ownClaims))
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Replace(written(t, p, report.HTML), "</main>",
		`<script>document.title = "run"</script><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" onerror="document.title = 'run'"></main>`, 1)
	path := filepath.Join(t.TempDir(), "claims.html")
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	b := open(t, m)
	b.mu.Lock()
	b.expected = "Content Security Policy" // which tells of what was planted
	b.mu.Unlock()
	b.do(chromedp.Navigate("file://" + path))
	b.until(`getComputedStyle(document.querySelector("section.card")).borderRadius === "10px"`)
	b.until(`document.querySelectorAll("#claim-own-residual table").length === 4`)
	b.until(`document.title === "Claims: own"`)
	b.until(`performance.getEntriesByType("resource").every(e => e.transferSize === 0)`)
	b.until(`document.documentElement.scrollWidth <= innerWidth`)
	b.picture("claims-report")
}
