package main

import (
	"fmt"
	"slices"
	"strconv"

	"workbench/experiments/iec"
	"workbench/nn"
)

// couple is a layer of each network that stand at one place; one may be missing.
type couple [2]*nn.Layer

// showDifference puts two networks side by side.
func (a *app) showDifference(one, two subject, batch int) error {
	both := [2]subject{one, two}
	layers := listing{key: "layers", title: "Layers that differ", columns: []column{{"layer", "layer", false}, {"kind", "kind", false}}}
	for _, c := range []struct{ key, head string }{
		{"output", "output"}, {"window", "kernel"}, {"receptive_field", "field"}, {"parameters", "parameters"},
		{"macs", "mult-adds"}, {"kept_bytes", "kept"},
	} {
		layers.columns = append(layers.columns, column{c.key + "_a", c.head + " A", true}, column{c.key + "_b", "B", true})
	}
	equal := 0
	for _, c := range align(one.blocks.Layers, two.blocks.Layers) {
		if c.equal() {
			equal++
			continue
		}
		layers.rows = append(layers.rows, c.row(int64(batch)))
	}
	d := document{listings: []listing{differentTotals(both, batch), layers}}
	if options := differentOptions(both); len(options.rows) > 0 {
		d.listings = append(d.listings, options)
	}
	d.remarks = []string{fmt.Sprintf("A is %s", one.heading()), fmt.Sprintf("B is %s", two.heading()),
		fmt.Sprintf("%d layers or blocks are equal and not shown", equal)}
	return a.show(d)
}

// place is what layers are aligned by: an activation at a path stands beside another.
type place struct{ path, class string }

func placeOf(l nn.Layer) place {
	if l.Size > 1 {
		return place{l.Path, nn.Block}
	}
	return place{l.Path, l.Class()}
}

// align finds the longest common sequence of places and puts what is between them one below the other.
func align(a, b []nn.Layer) (all []couple) {
	longest := make([][]int32, len(a)+1) // of a[i:] and b[j:]
	for i := range longest {
		longest[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if placeOf(a[i]) == placeOf(b[j]) {
				longest[i][j] = longest[i+1][j+1] + 1
				continue
			}
			longest[i][j] = max(longest[i+1][j], longest[i][j+1])
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && placeOf(a[i]) == placeOf(b[j]):
			all = append(all, couple{&a[i], &b[j]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && longest[i+1][j] >= longest[i][j+1]:
			all = append(all, couple{&a[i], nil})
			i++
		default:
			all = append(all, couple{nil, &b[j]})
			j++
		}
	}
	return all
}

// equal tells whether both are there, do the same and cost the same. What they see depends on the layers before them.
func (c couple) equal() bool {
	a, b := c[0], c[1]
	return a != nil && b != nil && a.Kind == b.Kind && slices.Equal(a.Out, b.Out) && a.Kernel == b.Kernel && a.Stride == b.Stride &&
		a.Dilation == b.Dilation && a.Groups == b.Groups && a.Params == b.Params && a.MACs == b.MACs && a.KeptBytes == b.KeptBytes &&
		a.TrainingOnly == b.TrainingOnly
}

func (c couple) row(images int64) []cell {
	first := c[0]
	if first == nil {
		first = c[1]
	}
	what := kind(*first)
	if c[0] != nil && c[1] != nil && kind(*c[0]).text != kind(*c[1]).text {
		said := kind(*c[0]).text + " → " + kind(*c[1]).text
		what = cell{said, said}
	}
	row := []cell{named(*first), what}
	for _, of := range []func(nn.Layer) cell{
		func(l nn.Layer) cell { return sized(l.Out) }, window, func(l nn.Layer) cell { return axes(l.Field) },
		func(l nn.Layer) cell { return some(l.Params, count) }, func(l nn.Layer) cell { return some(l.MACs, short) },
		func(l nn.Layer) cell { return some(images*l.KeptBytes, iec.Bytes) },
	} {
		for _, l := range c {
			if l == nil {
				row = append(row, cell{nil, ""})
				continue
			}
			row = append(row, of(*l))
		}
	}
	return row
}

// differentTotals are the sums of both and what B has to one of A.
func differentTotals(both [2]subject, batch int) listing {
	l := listing{key: "total", title: "Sum, memory of " + images(batch), columns: []column{{"name", "", false}, {"title", "name", false},
		{"a", "A: " + both[0].Name, true}, {"b", "B: " + both[1].Name, true}, {"ratio", "B/A", true}}}
	n := int64(batch)
	class := func(s nn.Summary, kind string) (share nn.Share) {
		for _, share := range s.Shares() {
			if share.Kind == kind {
				return share
			}
		}
		return share
	}
	for _, f := range []struct {
		key, title string
		show       func(int64) string
		of         func(nn.Summary) int64
	}{
		{"layers", "layers", count, func(s nn.Summary) int64 { return int64(len(s.Layers)) }},
		{"weight_layers", "weight layers", count, func(s nn.Summary) int64 { return int64(s.WeightLayers) }},
		{"parameters", "parameters", count, func(s nn.Summary) int64 { return s.Params }},
		{"convolution_parameters", "  convolution", count, func(s nn.Summary) int64 { return class(s, nn.Convolution).Params }},
		{"fully_connected_parameters", "  fully connected", count, func(s nn.Summary) int64 { return class(s, nn.FullyConnected).Params }},
		{"macs", "multiply-adds", count, func(s nn.Summary) int64 { return s.MACs }},
		{"convolution_macs", "  convolution", count, func(s nn.Summary) int64 { return class(s, nn.Convolution).MACs }},
		{"fully_connected_macs", "  fully connected", count, func(s nn.Summary) int64 { return class(s, nn.FullyConnected).MACs }},
		{"kept_bytes", "kept for training", iec.Bytes, func(s nn.Summary) int64 { return n * s.KeptBytes }},
		{"peak_live_bytes", "live in inference", iec.Bytes, func(s nn.Summary) int64 { return n * s.PeakBytes }},
	} {
		x, y := f.of(both[0].cost), f.of(both[1].cost)
		l.rows = append(l.rows, []cell{text(f.key), text(f.title), {x, f.show(x)}, {y, f.show(y)}, proportion(x, y)})
	}
	return l
}

// proportion is y / x.
func proportion(x, y int64) cell {
	if x == 0 {
		return cell{nil, missing}
	}
	ratio := float64(y) / float64(x)
	if 0 < ratio && ratio < 0.1 {
		return cell{ratio, strconv.FormatFloat(ratio, 'g', 2, 64)}
	}
	return cell{ratio, decimal(ratio, 2)}
}

// differentOptions are the switches that both networks have, where their values differ.
func differentOptions(both [2]subject) listing {
	l := listing{key: "options", title: "Options that differ",
		columns: []column{{"option", "option", false}, {"a", "A", false}, {"b", "B", false}}}
	for _, o := range both[0].Options {
		x := both[0].settings[o.Name]
		if y, common := both[1].settings[o.Name]; common && x != y {
			l.rows = append(l.rows, []cell{text(o.Name), {x, fmt.Sprint(x)}, {y, fmt.Sprint(y)}})
		}
	}
	return l
}
