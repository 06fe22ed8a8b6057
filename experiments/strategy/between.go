package strategy

import "context"

// Between is what a phase may look at and change between two epochs: states of the memory, such as tables of targets,
// and what the network says of a stream's images. What it does must follow from these alone. Its results are in the
// checkpoint with the states that it writes.
type Between struct {
	At     At
	Random func(name string) uint64 // a key of random numbers for this epoch

	// Read returns a state by its path, and Write replaces it. Unknown paths and other lengths are errors.
	Read  func(path string) ([]float32, error)
	Write func(path string, values []float32) error

	// Look evaluates all images of a stream as they are, in inference, and gives batch after batch: the images' rows in
	// the stream, their labels, and what Phase.Answers says. The slices are valid during the call.
	Look func(ctx context.Context, stream string, each func(Seen) error) error

	// Show keeps a table of package portrait with the run, to be looked at. No training reads it.
	Show func(name string, table any) error
}

// Seen is what a network says of a batch of images.
type Seen struct {
	Rows, Labels     []int32   // [n]
	True             []int32   // [n], the set's own labels; nil where a phase keeps features
	Images           []int32   // [n], their numbers in the split; nil where a phase keeps features
	Logits, Features []float32 // [n, classes] and [n, f], row by row; nil if the phase has none
	Embeddings       []float32 // [n, d], where they are measured
	Online           []float32 // [n, classes] of the online classifier, where there is one
}
