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

const recordedFile = "testdata/recorded.csv"

// testdata/recorded.csv holds a digest of each network as it is without any switch set: of what decides what a run of
// it computes, and of what the run's identity says of it. If this fails, results in databases are no longer what the
// network gives. Then undo the change, or raise identityVersion in experiments. WORKBENCH_ZOO_RECORD=1 writes the file
// anew.
func TestNetworksAreTheRecordedOnes(t *testing.T) {
	var lines [][]string
	for _, name := range Names() {
		v, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, []string{name, digest(t, v)})
	}
	if os.Getenv("WORKBENCH_ZOO_RECORD") != "" {
		record(t, lines)
	}
	f, err := os.Open(recordedFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if !slices.ContainsFunc(want[1:], func(w []string) bool { return w[0] == line[0] }) {
			t.Errorf("%s has no row in %s; its digest is %s", line[0], recordedFile, line[1])
		} else if !slices.ContainsFunc(want[1:], func(w []string) bool { return slices.Equal(w, line) }) {
			t.Errorf("%s is not the recorded network: its digest is %s", line[0], line[1])
		}
	}
}

func record(t *testing.T, lines [][]string) {
	t.Helper()
	f, err := os.Create(recordedFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := csv.NewWriter(f).WriteAll(append([][]string{{"name", "digest"}}, lines...)); err != nil {
		t.Fatal(err)
	}
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
	sum := sha256.Sum256([]byte(s.String()))
	return hex.EncodeToString(sum[:8])
}

// anatomy writes a line for each parameter and for each layer.
func anatomy(b *nn.Builder) string {
	var s strings.Builder
	for _, p := range b.Params() {
		fmt.Fprintln(&s, p.Path, p.Shape, p.Role, p.Init)
	}
	for _, l := range b.Summary().Layers {
		fmt.Fprintln(&s, l.Kind, l.Out, l.From, l.Kernel, l.Stride, l.Groups, l.Params, l.TrainingOnly)
	}
	return s.String()
}
