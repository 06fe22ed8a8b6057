//go:build race

package train_test

// raceDetector tells that the race detector watches, under which arithmetic takes ten times as long.
const raceDetector = true
