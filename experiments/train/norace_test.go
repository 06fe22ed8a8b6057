//go:build !race

package train

// raceDetector tells that the race detector watches, under which arithmetic takes ten times as long.
const raceDetector = false
