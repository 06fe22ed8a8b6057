package outline

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden file")

// outlined are networks of every family, the smallest of each that has all of the family's kinds of blocks.
var outlined = []string{
	"alexnet", "alexnet_2012", "vgg11_bn", "vgg16", "googlenet", "googlenet_aux", "plain20_cifar", "resnet18",
	"resnet18_optA", "resnet20_cifar", "resnet50", "preresnet110_cifar", "resnext29_1x64d_cifar",
	"densenet_40_12_cifar", "densenet_bc_100_12_cifar", "densenet121", "seresnet20_cifar", "resnest14d",
	"mobilenet_v1_0.25_224", "mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0", "shufflenet_v1_0.5x_g3",
	"shufflenet_v2_x0_5",
}

// text of an outline: of each block its ends, how often it occurs, what leaves it, its boxes and its arrows.
func text(name string, depth int, blocks []Block) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d names deep\n", name, depth)
	for _, block := range blocks {
		fmt.Fprintf(&b, "  %s to %s, %d times, %v\n", block.First, block.Last, block.Times, block.Out)
		for i, box := range block.Boxes {
			fmt.Fprintf(&b, "    %d:", i)
			if box.Joins {
				b.WriteString(" joins")
			}
			for _, line := range box.Lines {
				fmt.Fprintf(&b, " [%s] %d", line.Text, line.Times)
			}
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "    %v\n", block.Arrows)
	}
	return b.String()
}

func TestOutlinesAreTheKnownOnes(t *testing.T) {
	const file = "testdata/outlines.txt"
	var all strings.Builder
	for _, name := range outlined {
		s := summary(t, name)
		all.WriteString(text(name, Depth(s), Of(s)))
	}
	got := all.String()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	known, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines, want := strings.Split(got, "\n"), strings.Split(string(known), "\n")
	for i := range min(len(lines), len(want)) {
		if lines[i] != want[i] {
			t.Fatalf("line %d of %s changed; look at it and run go test -update\ngot  %s\nwant %s", i+1, file, lines[i], want[i])
		}
	}
	if len(lines) != len(want) {
		t.Errorf("%d lines, want %d", len(lines), len(want))
	}
}
