package zoo

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/option"
)

const (
	recordedFile         = "testdata/recorded.csv"
	recordedSwitchesFile = "testdata/switches.csv"
)

// testdata/recorded.csv holds two digests of each network as it is without any switch set: of what decides what a run
// of it computes and what the run's identity says of it, and of its operators with all their numbers. If this fails,
// results in databases are no longer what the network gives. Then undo the change, or raise identityVersion in
// experiments. WORKBENCH_ZOO_RECORD=1 writes the file anew.
func TestNetworksAreTheRecordedOnes(t *testing.T) {
	lines := [][]string{{"name", "digest", "operators"}}
	for _, name := range Names() {
		v, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := build(t, v, nn.Train, nil)
		lines = append(lines, []string{name, digest(t, v), shortDigest(trace(b))})
	}
	areRecorded(t, recordedFile, lines)
}

// areRecorded compares lines, the first of which is the header, with those of a file. A line is known by all but its
// digests, which are 16 hex digits.
func areRecorded(t *testing.T, file string, lines [][]string) {
	t.Helper()
	if os.Getenv("WORKBENCH_ZOO_RECORD") != "" {
		record(t, file, lines)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for _, row := range rows {
		want[what(row)] = row
	}
	for _, line := range lines {
		if row, there := want[what(line)]; !there {
			t.Errorf("%s has no row in %s; it would be %v", what(line), file, line)
		} else if !slices.Equal(row, line) {
			t.Errorf("%s is not the recorded network: it is %v, the row %v", what(line), line, row)
		}
	}
}

// what returns the words of a line that are no digests.
func what(line []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(line), isDigest), " ")
}

func isDigest(word string) bool {
	_, err := hex.DecodeString(word)
	return err == nil && len(word) == 16
}

func record(t *testing.T, file string, lines [][]string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := csv.NewWriter(f).WriteAll(lines); err != nil {
		t.Fatal(err)
	}
}

func shortDigest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// digest is of a network's identifying settings, its parameters with their starts, and its layers in training.
func digest(t *testing.T, v Variant) string {
	t.Helper()
	settings := mustResolve(t, v, nil)
	b := nn.NewBuilder(nn.Train, false)
	v.Build(b, b.Input("image", 2, v.Input[0], v.Input[1], v.Input[2]), v.Classes, settings)
	if b.Err() != nil {
		t.Fatal(b.Err())
	}
	var s strings.Builder
	fmt.Fprintln(&s, option.Identifying(v.Options, settings))
	s.WriteString(anatomy(b))
	return shortDigest(s.String())
}

// recordedStart is how a parameter starts, in the words of the records. Networks start by these three numbers.
func recordedStart(p *nn.Param) any {
	return struct{ Constant, Normal, Uniform float64 }{p.Init.Constant, p.Init.Normal, p.Init.Uniform}
}

// anatomy writes a line for each parameter and for each layer.
func anatomy(b *nn.Builder) string {
	var s strings.Builder
	for _, p := range b.Params() {
		fmt.Fprintln(&s, p.Path, p.Shape, p.Role, recordedStart(p))
	}
	for _, l := range b.Summary().Layers {
		fmt.Fprintln(&s, l.Kind, l.Out, l.From, l.Kernel, l.Stride, l.Groups, l.Params, l.TrainingOnly)
	}
	return s.String()
}
