package studyfile_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"workbench/experiments/studyfile"
)

var update = flag.Bool("update-networks", false, "write what is said of the mistakes in files of networks")

const mistakesFile = "testdata/network_mistakes.txt"

// The file has a mistake after the other: its name behind ===, a network's text, and behind --- what is said of it.
func TestMistakesInNetworks(t *testing.T) {
	text, err := os.ReadFile(mistakesFile)
	if err != nil {
		t.Fatal(err)
	}
	var now strings.Builder
	for _, part := range strings.Split(string(text), "=== ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		network, want, _ := strings.Cut(rest, "--- ")
		got := "nothing is wrong"
		if _, err := studyfile.ParseNetwork("net.yaml", []byte(network)); err != nil {
			got = err.Error()
		}
		if want = strings.TrimSuffix(want, "\n"); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
		now.WriteString("=== " + name + "\n" + network + "--- " + got + "\n")
	}
	if *update {
		if err := os.WriteFile(mistakesFile, []byte(now.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
