// The tests of this file follow every link, one at a time. The race detector has nothing to see there, and makes
// them ten times as slow.

//go:build !race

package dashboard

import (
	"strings"
	"testing"
)

// Every page, picture, script, table and answer below the path leads to others below it, and all are there.
func TestEveryLinkWorksBelowABasePath(t *testing.T) {
	m := degradation("a study/of%20one", 0, 1)
	source, run := withArtefacts(t)
	m.made = source.Source.(*memory).made
	s := serverOf(t, m)
	outer := behindProxy(t, s, false)
	w := walker{t: t, base: outer.URL + "/lab/wb/", seen: map[string]bool{}, kind: map[string]bool{}}
	for _, path := range []string{"", "favicon.ico", "runs/latest", "runs/" + run, "compare?run=" + run + "&run=latest"} {
		w.visit(w.base+path, "a reader")
	}
	for len(w.next) > 0 {
		at := w.next[0]
		w.next = w.next[1:]
		w.visit(at[0], at[1])
	}
	for _, part := range []string{"/studies", "/runs/5eed", "curves.svg", "/api/v1/studies/a%20study%2Fof%2520one/curves?", "/compare?run=",
		"format=csv", "/main.js", "/morph.js", "uPlot", ".css", "favicon.svg", "/models/", "artefacts/40/", "effects.svg", "/metrics"} {
		found := false
		for address := range w.seen {
			found = found || strings.Contains(address, part)
		}
		if !found {
			t.Errorf("nothing that was followed has %q", part)
		}
	}

	outer = behindProxy(t, s, true) // what follows is the same
	w = walker{t: t, base: outer.URL + "/lab/wb/", seen: map[string]bool{}, kind: map[string]bool{}}
	for _, path := range []string{"", "favicon.ico", "runs/latest", studyPath("a study/of%20one")[1:], s.assets.url("main.js")[1:]} {
		w.visit(w.base+path, "a reader")
	}
}
