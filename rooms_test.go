package workbench

import (
	"path"
	"strings"
	"testing"
)

// rooms lists the packages inside experiments and nn from the lowest to the highest. Within its folder, a package
// imports only packages whose lines stand above its own, so packages on one line never import one another. Test code
// may import any of them.
var rooms = map[string][]string{
	"experiments": {
		"data/raster data/release data/numpy data/idx data/matfile confident portrait metric stats machine",
		"label escape iec start space claim/quantity",
		"data/augment data/mixing data/libjpeg data/listing data/shards",
		"data/imagefile",
		"data/pretext data/fetch",
		"data",
		"data/sheet data/corrupt data/testtime evaluate",
		"strategy",
		"strategy/strategytest answers",
		"gallery",
		".",
		"studyfile train supervise analysis search",
		"claim",
		"export suggest whence diagnosis",
	},
	"nn": {
		"rng nearest glob pickle",
		"op option plan/algorithms weights/pytorch",
		".",
		"definition",
		"plan weights zoo",
		"optim onnx identify",
		"onednn nntest bench",
	},
}

// floors returns, for each package of a folder, the number of its line in rooms.
func floors(top string) map[string]int {
	floor := map[string]int{}
	for i, line := range rooms[top] {
		for _, name := range strings.Fields(line) {
			floor[path.Join("workbench", top, name)] = i
		}
	}
	return floor
}

func TestRoomsOpenOneWay(t *testing.T) {
	for top := range rooms {
		floor := floors(top)
		for _, s := range sources(t) {
			if s.top() != top || strings.HasSuffix(s.name, "_test.go") {
				continue
			}
			own := path.Join("workbench", path.Dir(s.name))
			from, known := floor[own]
			if !known {
				t.Errorf("%s: package %s has no place in rooms", s.name, own)
				continue
			}
			for _, p := range s.imports() {
				if to, inside := floor[p]; inside && to >= from {
					t.Errorf("%s imports %s, which is not below %s", s.name, p, own)
				}
			}
		}
	}
}

// mostFlat is how many files may lie directly in experiments. More of them would be packages that nobody has made.
const mostFlat = 25

func TestExperimentsIsNoHall(t *testing.T) {
	flat := 0
	for _, s := range sources(t) {
		if path.Dir(s.name) == "experiments" {
			flat++
		}
	}
	if flat > mostFlat {
		t.Errorf("experiments has %d files beside its folders, want at most %d", flat, mostFlat)
	}
}
