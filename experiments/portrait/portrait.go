// Package portrait says what a run keeps to be looked at, beside its metrics: how it answers, class by class, what
// it is surely wrong about, what it looks at, and how its layers learn. Each is an artefact with a name; tables are
// JSON of the types here, pictures are PNG. The training writes them, pages and commands read them.
package portrait

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// What a portrait shows. An artefact is named as a metric is: by phase, split and one of these ("test/confusion",
// "probe/test/confusion"), and those that no split has by phase and one of these ("layers").
const (
	ConfusionName   = "confusion"   // Confusion
	CalibrationName = "calibration" // Calibration
	MistakesName    = "mistakes"    // Mistakes, whose pictures are MistakesSheet
	MistakesSheet   = "mistakes/sheet"
	SamplesName     = "samples" // Samples, whose pictures are SamplesSheet
	SamplesSheet    = "samples/sheet"
	MapsSheet       = "samples/maps" // a picture: maps of some layers for the first of the samples
	EmbeddingName   = "embedding"    // Embedding
	LayersName      = "layers"       // Layers
	FiltersSheet    = "filters"      // a picture: the filters of the first convolution
)

// Amounts are how much of a portrait a run keeps, as evaluate.portrait has them.
var Amounts = []string{Auto, Full, None}

const (
	Auto = "auto" // what is free at each evaluation, and what costs little at the last
	Full = "full" // all, at each evaluation
	None = "none"
)

// JSON is the media type of the tables, PNG that of the pictures.
const (
	JSON = "application/json"
	PNG  = "image/png"
)

// MostClasses is how many classes a Confusion has at most. Beyond, a portrait has none.
const MostClasses = 1000

// Confusion counts images by label (rows) and answer (columns).
type Confusion struct {
	Classes []string `json:"classes"`
	Counts  [][]int  `json:"counts"` // [classes, classes]
}

// Calibration compares confidence with being right (Guo et al. 2017, section 2), in bins of equal width.
type Calibration struct {
	Bins        []Bin   `json:"bins"`
	ECE         float64 `json:"ece"`         // expected calibration error, 0 to 1
	Temperature float64 `json:"temperature"` // by which the logits would have to be divided; 0: none was fitted
}

// Bin has the images whose confidence, the largest probability, is above From and up to To.
type Bin struct {
	From       float64 `json:"from"`
	To         float64 `json:"to"`
	Images     int     `json:"images"`
	Right      int     `json:"right"`
	Confidence float64 `json:"confidence"` // mean; 0 without images
}

// Mistakes are the surest wrong answers, the surest first. Its picture has a row for each: the image, what in it
// speaks for the answer, and what for its label (Grad-CAM).
type Mistakes struct {
	Place string    `json:"place"` // whose maps are weighed, by the path of the layer
	Side  int       `json:"side"`  // pixels of a side of a picture in the sheet
	Of    int       `json:"of"`    // wrong answers in all
	Shown []Mistake `json:"shown"`
}

// Mistake is an image with a wrong answer.
type Mistake struct {
	Image      int     `json:"image"` // number in its split
	Label      string  `json:"label"`
	Said       string  `json:"said"`
	LabelShare float64 `json:"label_share"` // probabilities, 0 to 1
	SaidShare  float64 `json:"said_share"`
}

// Samples are images that are the same in all runs on a set and at all epochs: the first image of each of the first
// classes. Its picture has a row for each: the image, and what in it speaks for its label.
type Samples struct {
	Place string   `json:"place"`
	Side  int      `json:"side"`
	Shown []Sample `json:"shown"`
	Maps  []string `json:"maps,omitempty"` // layers in the picture of maps, a row each
}

// Sample is an image with the answer that it gets.
type Sample struct {
	Image      int     `json:"image"`
	Label      string  `json:"label"`
	Said       string  `json:"said"`
	LabelShare float64 `json:"label_share"`
	SaidShare  float64 `json:"said_share"`
}

// Embedding are images on the two axes along which their features vary most (principal components).
type Embedding struct {
	Classes   []string   `json:"classes"`
	Explained [2]float64 `json:"explained"` // share of the variance on each axis
	Points    []Point    `json:"points"`
}

// Point is an image of an Embedding.
type Point struct {
	X     float64 `json:"x"`
	Y     float64 `json:"y"`
	Label int     `json:"label"` // index of its class
	Said  int     `json:"said"`  // of the answer; -1: the network has none
}

// Layers are the sizes of weights, gradients and updates of one training step, layer by layer from the first to the
// last, and the units that do nothing.
type Layers struct {
	Params []Param `json:"params"`
	Units  []Units `json:"units"`
}

// Param is a parameter that is trained. Norms are Euclidean. A number that is not finite is written as null.
type Param struct {
	Path     string `json:"path"`
	Elements int    `json:"elements"`
	Weight   Number `json:"weight"`   // norm before the step
	Gradient Number `json:"gradient"` // norm of the loss's gradient, without weight decay
	Update   Number `json:"update"`   // norm of what the step changes
}

// Units are those of a layer behind a rectifying activation: channels, or features where there are no maps. One that is
// 0 for every image of the batch, everywhere, is dead.
type Units struct {
	Path  string `json:"path"`
	Units int    `json:"units"`
	Dead  int    `json:"dead"`
}

// Encode writes a table as an artefact's data.
func Encode(table any) ([]byte, error) { return json.Marshal(table) }

// Decode reads a table from an artefact's data. Keys that are not known are passed over, because a later version may
// have written them.
func Decode[T any](data []byte) (table T, err error) {
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&table); err != nil {
		return table, fmt.Errorf("artefact: want JSON of %T: %w", table, err)
	}
	return table, nil
}
