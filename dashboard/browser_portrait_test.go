//go:build browser

package dashboard

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// The page of what a network has learnt, alone and beside another, in both themes and in a narrow window.
func TestPortraitInABrowser(t *testing.T) {
	m := degradation("quickstart", 0)
	portray(t, m, 1)
	portray(t, m, 3)
	b := open(t, m)
	alone, beside := "/runs/"+m.runs[1].ID+"/portrait", "/runs/"+m.runs[1].ID+"/portrait?beside="+m.runs[3].ID
	// Crops show pictures that have been loaded.
	loaded := func() {
		b.until(`document.querySelectorAll("section.portrait").length >= 8`)
		b.until(`document.readyState === "complete" && document.querySelectorAll("svg.crop image").length > 10`)
	}
	for path, name := range map[string]string{alone: "portrait", beside: "portrait-beside", beside + "&measure=dead": "portrait-dead"} {
		b.visit(path)
		loaded()
		b.picture(name)
	}
	b.visit(beside)
	loaded()
	b.run(`document.documentElement.dataset.theme = "dark"; document.dispatchEvent(new Event("themechange"))`)
	b.picture("portrait-dark")
	b.do(chromedp.EmulateViewport(390, 844))
	b.visit(beside)
	loaded()
	b.until(`document.documentElement.scrollWidth <= 390`)
	b.picture("portrait-phone")
}
