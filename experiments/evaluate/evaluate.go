// Package evaluate holds the measurements of a network's answers, one evaluator a file. An evaluator registers itself
// with its options, says what it reads (logits or features, and perhaps those of other pictures too) and which
// quantities it gives. It sees rows batch by batch; it knows no training loop and no database.
//
// What is measured does not depend on how rows are divided into batches, nor on the number of processors, to the last
// bit: every sum has the order of the rows, or is a sum of sums over parts of a fixed size. The one exception is the
// loss of classification, a sum of the batches' sums, because runs have recorded it so from the beginning.
package evaluate

// Value is one measured quantity, named as the table of metrics declares it: "top1".
type Value struct {
	Quantity string
	Value    float64
}

// Result is what an evaluator found.
type Result struct {
	Values []Value
	Tables []Table
	Notes  []string // what limits the values or follows from them, a sentence each: a fit that did not converge
}

// Table is a finding of more than one number. Numbers that are not defined, such as the accuracy on a class without
// pictures, are NaN.
type Table struct {
	Name    string // "confusion"
	Doc     string // a line: what rows and columns are
	Columns []string
	Rows    [][]float64 // each as long as Columns
}
