//go:build browser

package dashboard

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
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
