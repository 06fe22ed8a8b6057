package portrait

// LabelIssuesName names the artefact of LabelIssues.
const LabelIssuesName = "label_issues"

// MostIssues is how many labels LabelIssues names at most.
const MostIssues = 100_000

// LabelIssues are the labels of training images that are taken to be wrong, the least believed first (Northcutt et al.
// 2021, Confident Learning).
type LabelIssues struct {
	Filter string       `json:"filter"` // how they were chosen
	Images int          `json:"images"` // that were judged
	Found  int          `json:"found"`  // labels taken to be wrong, those beyond MostIssues too
	Shown  []LabelIssue `json:"shown"`
}

// LabelIssue is an image whose label is taken to be wrong.
type LabelIssue struct {
	Image     int     `json:"image"`     // number in the training split
	Label     int     `json:"label"`     // index of the class that it was given
	Suggested int     `json:"suggested"` // of the likeliest class
	True      int     `json:"true"`      // of the set's own label, from which noise may have made the given one
	Quality   float64 `json:"quality"`   // probability of the given class, of a network that was not trained on the image
}
