package claim

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// maxQuote bounds a quote: what is longer is an excerpt, no sentence. In characters.
const maxQuote = 400

// What claims quote is listed word by word, so that no quote comes, goes or changes unseen, and each is a text to read.
func TestQuotesAreThoseOfPapers(t *testing.T) {
	listed, err := os.ReadFile("testdata/quotes.txt")
	if err != nil {
		t.Fatal(err)
	}
	wants, got := map[string]string{}, map[string]string{}
	for line := range strings.Lines(string(listed)) {
		if id, quote, found := strings.Cut(strings.TrimSpace(line), "\t"); found {
			wants[id] = quote
		}
	}
	for _, c := range shipped(t) {
		q := c.Source.Quote
		if q == "" {
			continue
		}
		got[c.ID] = q
		if n := len([]rune(q)); n > maxQuote || len(strings.Fields(q)) < 3 || strings.TrimSpace(q) != q || strings.ContainsAny(q, "\n\"") {
			t.Errorf("%s: the quote of %d characters is no sentence or part of one: %q", c.ID, n, q)
		}
		if q == c.Statement || strings.Contains(c.Source.Where, q) {
			t.Errorf("%s: the quote stands beside itself: %q", c.ID, q)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(wants)) {
		if got[id] != wants[id] {
			t.Errorf("%s: got %q, want %q", id, got[id], wants[id])
		}
	}
	if len(got) != len(wants) {
		t.Errorf("%d claims quote, %d quotes are listed", len(got), len(wants))
	}
}
