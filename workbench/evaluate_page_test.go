package main

import (
	"bytes"
	"html/template"
	"strings"
	"testing"

	"workbench/experiments/portrait"
)

// The page of evaluate --html shows each part of a portrait, and no part that is not there.
func TestAnswersPageShowsAPortrait(t *testing.T) {
	e := portrait.Embedding{Classes: []string{"cat", "dog"}, Explained: [2]float64{0.5, 0.25},
		Points: []portrait.Point{{X: -1, Y: 3, Label: 0, Said: 1}, {X: 3, Y: 1, Label: 1, Said: 1}, {X: 1, Y: 2, Label: 1, Said: -1}}}
	p := answersPage{Network: "n", Split: "test", Images: 3, Right: "50.00 %", Embedding: e, Points: pagePoints(e), Maps: "data:maps",
		Mistakes: portrait.Mistakes{Place: "layer3", Of: 7, Shown: []portrait.Mistake{
			{Image: 4, Label: "cat", Said: "dog", LabelShare: 0.125, SaidShare: 0.75}}},
		MistakeCells: [][]template.URL{{"data:a", "data:b", "data:c"}},
		Samples: portrait.Samples{Maps: []string{"layer1", "layer2"}, Shown: []portrait.Sample{
			{Image: 2, Label: "dog", Said: "dog", SaidShare: 1}}},
		SampleCells: [][]template.URL{{"data:d", "data:e"}},
		Calibration: portrait.Calibration{ECE: 0.0625, Bins: []portrait.Bin{{From: 0.5, To: 1, Images: 4, Right: 3, Confidence: 0.875}, {}}}}
	if at := p.Points; at[0].X != 0 || at[0].Y != 50 || at[1].X != 100 || at[1].Y != 100 || at[2].X != 50 || at[1].Hue != 180 ||
		at[0].Title != "image 0: cat, said dog" || at[2].Title != "image 2: dog" {
		t.Errorf("points %+v", at)
	}
	var text bytes.Buffer
	if err := answersTemplate.Execute(&text, p); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Wrong answers, 1 of 7,", "said dog (75.0 %), is cat (12.5 %)", `src="data:c"`, `src="data:e"`,
		"layer1, layer2",
		`src="data:maps"`, "error (Guo et al. 2017): 0.0625", `<td class="number">87.5 %</td><td class="number">75.0 %</td>`, "50.0 % and 25.0 %",
		"<title>image 0: cat, said dog</title>"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in the page", want)
		}
	}
	text.Reset()
	if err := answersTemplate.Execute(&text, answersPage{}); err != nil {
		t.Fatal(err)
	}
	for _, title := range []string{"<h2>Maps", "<h2>Calibration", "<h2>Where features", "<h2>Filters", "<h2>What is taken"} {
		if strings.Contains(text.String(), title) {
			t.Errorf("an empty page has %s", title)
		}
	}
}
