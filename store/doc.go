// Package store keeps studies, runs, metrics, checkpoints and artefacts in one SQLite file.
//
// One process writes: Open takes locks on the file and beside it that vanish with the process, by whatever name the
// file is reached. In it, one goroutine owns the only writing connection and commits what has gathered while the last
// commit was under way; a caller is answered after the commit (WAL, synchronous=FULL), so what Record accepted survives
// a crash and a power cut. Any number of processes may read meanwhile (OpenReadOnly).
//
// The files may be taken away, replaced or copied back while they are in use, or be left by a kill. Before each commit
// a guard looks whether they are in their place; a source does before each query of a reader. A log carries a mark that
// tells whether it belongs to the file beside which it lies.
//
// A run has one accepted writer. Every attempt gets a fence, every write names it, and the write is refused in its own
// transaction once another attempt has begun, whatever process or machine it comes from.
//
// SQLite has no checksums of content, so checkpoints carry their own (SHA-256 of every tensor and of the manifest), as
// artefacts do, and are verified whenever they are loaded.
//
// Values keep their meaning, not every bit: NaN, ±Inf and −0 are stored by kind and come back, the payload of a NaN
// does not. Times are kept to the microsecond. Weights keep every bit.
package store
