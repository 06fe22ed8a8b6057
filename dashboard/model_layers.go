package dashboard

import (
	"fmt"
	"net/url"
	"strconv"

	"workbench/dashboard/figure"
	"workbench/dashboard/outline"
	"workbench/experiments/iec"
	"workbench/nn"
	"workbench/nn/zoo"
)

// Where the paths allow it, a table of blocks has at least and at most so many rows if nobody asks for a level.
const fewestBlocks, mostBlocks = 8, 80

// layersAtOnce is how many rows of a table of layers a page shows without being asked for all; exports have them all.
const layersAtOnce = 500

// deepest is the deepest level that a page offers. No path is longer.
const deepest = 8

// levelOf reads ?level=: how many names of a path tell blocks apart, "all" for every layer. Without it they are the
// blocks of the diagram.
func levelOf(s nn.Summary, text string) (int, error) {
	switch text {
	case "all":
		return 0, nil
	case "":
		level := max(1, min(outline.Depth(s), deepest))
		for level > 1 && len(s.Blocks(level).Layers) > mostBlocks {
			level--
		}
		for level < deepest && len(s.Blocks(level).Layers) < fewestBlocks {
			level++
		}
		return level, nil
	}
	level, err := strconv.Atoi(text)
	if err != nil || level < 1 || level > deepest {
		return 0, badRequest("level: want a whole number from 1 to %d, or all, got %q", deepest, text)
	}
	return level, nil
}

// levelLink shows the layers in fewer or more blocks.
type levelLink struct {
	Text    string
	Href    string
	Current bool
}

// levels that differ, with the number of their rows.
func (c chosen) levels(s nn.Summary, current int) []levelLink {
	var links []levelLink
	last := 0
	for level := 1; level <= deepest; level++ {
		n := len(s.Blocks(level).Layers)
		if n == last && level != current {
			continue
		}
		if n == len(s.Layers) && level != current {
			break
		}
		last = n
		links = append(links, levelLink{fmt.Sprintf("level %d (%d)", level, n),
			c.href("", url.Values{"level": {strconv.Itoa(level)}}), level == current})
	}
	return append(links, levelLink{fmt.Sprintf("all layers (%d)", len(s.Layers)), c.href("", url.Values{"level": {"all"}}), current == 0})
}

// layerTable has a row a block.
func layerTable(name string, blocks []nn.Layer) table {
	t := table{Name: safeName(name) + "-layers", Columns: []column{
		{Key: "path", Title: "Layer"}, {Key: "kind", Title: "Kind"}, {Key: "layers", Title: "Layers", Class: "number"},
		{Key: "output", Title: "Output", Class: "number"}, {Key: "kernel", Title: "Kernel", Class: "number"},
		{Key: "stride", Title: "Stride", Class: "number"},
		{Key: "receptive_field", Title: "Receptive field", Class: "number",
			Hint: "pixels of the image, padding included, that one pixel of the output depends on; all: a gate lets it depend on every pixel"},
		{Key: "effective_stride", Title: "Effective stride", Class: "number",
			Hint: "pixels of the image from one pixel of the output to the next"},
		{Key: "parameters", Title: "Parameters", Class: "number"},
		{Key: "macs", Title: "Multiply-adds", Class: "number", Hint: "of convolutions and linear layers for one image"},
		{Key: "kept_bytes", Title: "Kept in training", Class: "number", Hint: "float32 activations of one image that the backward pass reads"},
		{Key: "live_bytes", Title: "Live in inference", Class: "number", Hint: "float32 activations of one image that are still to be read"},
	}}
	for i, l := range blocks {
		t.Rows = append(t.Rows, row{Key: strconv.Itoa(i), Cells: []cell{
			{Text: nameOf(l), Value: l.Path, Class: "mono"}, {Text: kindOf(l), Value: l.Kind}, numeric(strconv.Itoa(l.Size), l.Size),
			numeric(shape(l.Out, "×"), shape(l.Out, "x")), pairCell(l.Kernel), pairCell(l.Stride), fieldCell(l), pairCell(l.Jump),
			costCell(l.Params), costCell(l.MACs), sizeCell(l.KeptBytes), sizeCell(l.LiveBytes),
		}})
	}
	return t
}

// nameOf returns the name of a layer. A layer without a path of its own has the name of its kind.
func nameOf(l nn.Layer) string {
	if l.Path == "" {
		return l.Kind
	}
	return l.Path
}

func kindOf(l nn.Layer) string {
	if l.TrainingOnly {
		return l.Kind + ", training only"
	}
	return l.Kind
}

// pairCell shows a vertical and a horizontal size; nothing if there are none.
func pairCell(p [2]int) cell {
	if p == [2]int{} {
		return cell{Text: "", Value: "", Class: "number"}
	}
	return numeric(fmt.Sprintf("%d×%d", p[0], p[1]), fmt.Sprintf("%dx%d", p[0], p[1]))
}

func fieldCell(l nn.Layer) cell {
	c := pairCell(l.Field)
	if l.Gated && c.Text != "" {
		c.Text += ", all"
	}
	return c
}

// costCell is a count; nothing for none.
func costCell(n int64) cell { return costText(n, scale(float64(n), ""), "") }

// sizeCell is a number of bytes; nothing for none.
func sizeCell(n int64) cell { return costText(n, iec.Bytes(n), " bytes") }

func costText(n int64, text, unit string) cell {
	if n == 0 {
		return cell{Text: "", Value: n, Class: "number"}
	}
	c := numeric(text, n)
	c.Title = grouped(n) + unit
	return c
}

// costColumns are the bars of a block.
var costColumns = []string{"parameters", "multiply-adds", "kept in training"}

// costsOf the blocks that cost anything.
func costsOf(blocks []nn.Layer) []figure.Cost {
	var rows []figure.Cost
	for _, l := range blocks {
		if l.Params == 0 && l.MACs == 0 && l.KeptBytes == 0 {
			continue
		}
		rows = append(rows, figure.Cost{Label: nameOf(l), Values: []float64{float64(l.Params), float64(l.MACs), float64(l.KeptBytes)},
			Texts: []string{costCell(l.Params).Text, costCell(l.MACs).Text, sizeCell(l.KeptBytes).Text}})
	}
	return rows
}

// shareTable tells which kinds of layers the costs are in.
func shareTable(name string, s nn.Summary) table {
	t := table{Name: safeName(name) + "-shares", Columns: []column{
		{Key: "kind", Title: "Kind"}, {Key: "layers", Title: "Layers", Class: "number"},
		{Key: "parameters", Title: "Parameters", Class: "number"},
		{Key: "macs", Title: "Multiply-adds", Class: "number"}, {Key: "kept_bytes", Title: "Kept in training", Class: "number"},
	}}
	add := func(share nn.Share, indent string) {
		t.Rows = append(t.Rows, row{Key: indent + share.Kind, Cells: []cell{
			text(indent + share.Kind), numeric(strconv.Itoa(share.Layers), share.Layers),
			part(share.Params, s.Params), part(share.MACs, s.MACs), part(share.KeptBytes, s.KeptBytes),
		}})
	}
	for _, share := range s.Shares() {
		add(share, "")
		for _, p := range share.Parts {
			add(p, "· ")
		}
	}
	return t
}

// part shows a share of a whole in per cent. Its value is the count.
func part(n, whole int64) cell {
	if n == 0 || whole == 0 {
		return cell{Text: "", Value: n, Class: "number"}
	}
	share := 100 * float64(n) / float64(whole)
	c := numeric(fixed(share, 1)+" %", n)
	if share < 0.05 {
		c.Text = "< 0.1 %"
	}
	c.Title = grouped(n)
	return c
}

// accuracyTable lists what is published about the variant.
func accuracyTable(v zoo.Variant) table {
	t := table{Name: safeName(v.Name) + "-accuracies", Columns: []column{
		{Key: "data", Title: "Data"}, {Key: "top1_accuracy", Title: "Top-1, %", Class: "number"},
		{Key: "top5_accuracy", Title: "Top-5, %", Class: "number"},
		{Key: "evaluation", Title: "Evaluation"}, {Key: "source", Title: "Source"},
	}}
	accuracy := func(failed float64) cell {
		if failed == 0 {
			return cell{Text: "–", Value: "", Class: "number quiet"}
		}
		return percentCell(100 - failed)
	}
	for i, p := range v.Published() {
		line := row{Key: strconv.Itoa(i), Cells: []cell{text(p.Data), accuracy(p.Top1), accuracy(p.Top5),
			{Text: p.Evaluation, Class: "wrap"}, {Text: p.Source, Class: "wrap"}}}
		if p.Headline {
			line.Class = "baseline"
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}
