// Package evaluate holds the measurements of a network's answers, one kind of answer a file. An evaluator sees the
// answers batch by batch and gives its quantities at the end; it knows no training loop and no database.
package evaluate

// Value is one measured quantity, named as the table of metrics declares it: "top1".
type Value struct {
	Quantity string
	Value    float64
}
