package main

import (
	"fmt"
	"strings"

	"workbench/experiments/iec"
	"workbench/nn"
)

// sizes are a list in JSON and 16×32×32 elsewhere.
type sizes []int

func (s sizes) String() string { return shape(s) }

// sized is a cell of sizes; all zero, it is empty.
func sized(dims []int) cell {
	for _, d := range dims {
		if d != 0 {
			return cell{sizes(dims), shape(dims)}
		}
	}
	return cell{nil, ""}
}

// axes is a cell of a vertical and a horizontal size: one number where people read it and they are equal.
func axes(pair [2]int) cell {
	c := sized(pair[:])
	if pair[0] == pair[1] && c.value != nil {
		c.text = fmt.Sprint(pair[0])
	}
	return c
}

// some is a count that is not shown if it is 0.
func some(n int64, show func(int64) string) cell {
	if n == 0 {
		return cell{n, ""}
	}
	return cell{n, show(n)}
}

func (a *app) showLayers(s subject, d description) error {
	document := document{name: s.Name, listings: []listing{s.layers(d.batch), s.totals(d.batch), s.shares(d.batch)}}
	document.remarks = s.remarks()
	if len(s.Options) > 0 && (d.options || !a.people()) {
		document.listings = append(document.listings, s.options())
	} else if len(s.Options) > 0 {
		document.remarks = append(document.remarks, "options: "+s.given()+"; --options says what they do")
	}
	if most := 60; d.depth == 0 && len(s.blocks.Layers) > most {
		document.remarks = append(document.remarks, fmt.Sprintf("--depth 1 shows %d blocks in the place of %d layers, --depth 2 shows %d",
			len(s.cost.Blocks(1).Layers), len(s.cost.Layers), len(s.cost.Blocks(2).Layers)))
	}
	return a.show(document)
}

func (s subject) heading() string {
	return fmt.Sprintf("%s: %s, on %s images of %d classes", s.Name, s.Paper, shape(s.input[:]), s.classes)
}

// layers has a row a layer or block; programs get what people read in one column in several.
func (s subject) layers(batch int) listing {
	l := listing{key: "layers", title: s.heading(),
		leave: []string{"effective_stride", "live_bytes", "receptive_field", "kept_bytes", "window", "kind"},
		columns: []column{
			{"layer", "layer", false}, {"kind", "kind", false}, {"output", "output", true}, {"window", "kernel", false},
			{"receptive_field", "field", true}, {"effective_stride", "jump", true}, {"parameters", "parameters", true}, {"macs", "mult-adds", true},
			{"kept_bytes", "kept", true}, {"live_bytes", "live", true},
			{"out_bytes", "", true}, {"input", "", true}, {"kernel", "", true}, {"stride", "", true}, {"dilation", "", true}, {"groups", "", true},
			{"gated", "", false}, {"training_only", "", false}, {"layers", "", true}, {"reads", "", false}}}
	n := int64(batch)
	for _, layer := range s.blocks.Layers {
		field := axes(layer.Field)
		if layer.Gated {
			field.text += "*"
		}
		from := fmt.Sprint(layer.From)
		l.rows = append(l.rows, []cell{named(layer), kind(layer), sized(layer.Out), window(layer), field, axes(layer.Jump),
			some(layer.Params, count), some(layer.MACs, short), some(n*layer.KeptBytes, iec.Bytes), some(n*layer.LiveBytes, iec.Bytes),
			{n * layer.OutBytes, ""}, sized(layer.In), sized(layer.Kernel[:]), sized(layer.Stride[:]), sized(layer.Dilation[:]), {layer.Groups, ""},
			{layer.Gated, ""}, {layer.TrainingOnly, ""}, {layer.Size, ""}, {reads(layer.From), from}})
	}
	return l
}

// reads are numbers of layers: a list in JSON, separated by blanks in CSV.
type reads []int

func (r reads) String() string { return strings.Trim(fmt.Sprint([]int(r)), "[]") }

// named is the path of a layer; what has none is at the top of the network.
func named(l nn.Layer) cell {
	c := cell{l.Path, l.Path}
	if l.TrainingOnly {
		c.text += " (training)"
	}
	return c
}

func kind(l nn.Layer) cell {
	if l.Size > 1 {
		return cell{l.Kind, fmt.Sprintf("%d layers", l.Size)}
	}
	return cell{l.Kind, l.Kind}
}

// window is a kernel with what is not 1: 3×3 /2 g32 d2.
func window(l nn.Layer) cell {
	if l.Kernel[0] == 0 {
		return cell{nil, ""}
	}
	text := shape(l.Kernel[:])
	if stride := axes(l.Stride); stride.text != "1" {
		text += " /" + stride.text
	}
	switch {
	case l.Form() == nn.Depthwise:
		text += " dw"
	case l.Groups > 1:
		text += fmt.Sprintf(" g%d", l.Groups)
	}
	if dilation := axes(l.Dilation); dilation.text != "1" {
		text += " d" + dilation.text
	}
	return cell{text, text}
}

func images(n int) string {
	if n == 1 {
		return "1 image"
	}
	return fmt.Sprintf("%d images", n)
}

// totals are one object in JSON.
func (s subject) totals(batch int) listing {
	c, n := s.cost, int64(batch)
	l := listing{key: "total", title: "Sum", columns: []column{{"name", "", false}, {"title", "name", false}, {"value", "value", true}}}
	object := map[string]any{}
	add := func(key, title string, n int64, show func(int64) string) {
		object[key] = n
		l.rows = append(l.rows, []cell{text(key), text(title), {n, show(n)}})
	}
	add("layers", "layers", int64(len(c.Layers)), count)
	add("weight_layers", "weight layers on the longest path", int64(c.WeightLayers), count)
	add("parameters", "parameters", c.Params, count)
	add("macs", "multiply-adds of 1 image", c.MACs, count)
	if c.TrainingParams > 0 {
		add("training_parameters", "of the parameters, in training only", c.TrainingParams, count)
		add("training_macs", "of the multiply-adds, in training only", c.TrainingMACs, count)
	}
	add("kept_bytes", "memory kept in training, "+images(batch), n*c.KeptBytes, iec.Bytes)
	add("peak_live_bytes", "most memory live in inference, "+images(batch), n*c.PeakBytes, iec.Bytes)
	l.data = object
	return l
}

// shares of the kinds of layers, and of the forms of convolutions.
func (s subject) shares(batch int) listing {
	l := listing{key: "shares", title: "By kind", columns: []column{
		{"kind", "kind", false}, {"part", "", false}, {"layers", "layers", true}, {"parameters", "parameters", true},
		{"parameters_share", "", true},
		{"macs", "mult-adds", true}, {"macs_share", "", true}, {"kept_bytes", "kept", true}, {"kept_share", "", true}}}
	add := func(share nn.Share, kind, part cell) {
		row := []cell{kind, part, counted(int64(share.Layers))}
		for _, of := range []struct {
			n, total int64
			show     func(int64) string
		}{{share.Params, s.cost.Params, count}, {share.MACs, s.cost.MACs, short},
			{int64(batch) * share.KeptBytes, int64(batch) * s.cost.KeptBytes, iec.Bytes}} {
			row = append(row, withShare(of.n, of.total, of.show), cell{fraction(of.n, of.total), ""})
		}
		l.rows = append(l.rows, row)
	}
	for _, share := range s.cost.Shares() {
		add(share, text(share.Kind), cell{})
		for _, part := range share.Parts {
			add(part, cell{share.Kind, "  " + part.Kind}, text(part.Kind))
		}
	}
	return l
}

func fraction(n, total int64) float64 {
	if total == 0 {
		return 0
	}
	return float64(n) / float64(total)
}

func withShare(n, total int64, show func(int64) string) cell {
	c := some(n, show)
	if n > 0 {
		c.text += fmt.Sprintf(" %7s", decimal(100*fraction(n, total), 1)+" %")
	}
	return c
}

// given are all options with their values.
func (s subject) given() string {
	var all []string
	for _, o := range s.Options {
		all = append(all, fmt.Sprintf("%s=%v", o.Name, s.settings[o.Name]))
	}
	return strings.Join(all, " ")
}

func (s subject) options() listing {
	l := listing{key: "options", title: "Options",
		columns: []column{{"option", "option", false}, {"value", "value", false}, {"wanted", "wanted", false}, {"doc", "what it does", false}}}
	for _, o := range s.Options {
		l.rows = append(l.rows, []cell{text(o.Name), {s.settings[o.Name], fmt.Sprint(s.settings[o.Name])}, text(o.Wanted()), text(o.Doc)})
	}
	return l
}

// remarks say what marks in the table mean.
func (s subject) remarks() (all []string) {
	for _, l := range s.blocks.Layers {
		if l.Gated {
			return []string{"* a gate, or a norm over the image, lets the value depend on the whole image beside its field"}
		}
	}
	return nil
}
