package nn_test

import (
	"maps"
	"slices"
	"testing"

	"workbench/nn"
	"workbench/nn/plan"
)

// sees finds by experiment what the middle pixel of the result, and its neighbour below and to the right, depend on. It
// runs the network on an image, and on images with one brighter row or column each, and returns the first and the last
// row and column that matter. All weights are 1, so that nothing cancels.
func sees(t *testing.T, build func(b *nn.Builder, x nn.Tensor) nn.Tensor, h, w int) (middle, next [2][2]int) {
	t.Helper()
	const channels = 2
	b := nn.NewBuilder(nn.Infer, false)
	y := build(b, b.Input("image", h+w+1, channels, h, w))
	p, err := plan.Lower(b, map[string]nn.Tensor{"map": y})
	if err != nil {
		t.Fatal(err)
	}
	memory := plan.Reference{}.NewMemory()
	exe, err := plan.Reference{}.Compile(p, memory)
	if err != nil {
		t.Fatal(err)
	}
	for _, param := range b.Params() {
		ones := make([]float32, param.Shape.Size())
		for i := range ones {
			ones[i] = 1
		}
		if err := memory.Write(param.Path, ones); err != nil {
			t.Fatal(err)
		}
	}
	image := exe.Floats("image")
	for i := range image {
		n, row, column := i/(channels*h*w), i/w%h, i%w
		if image[i] = 1; n == row || n == h+column {
			image[i] = 2
		}
	}
	if err := exe.RunAll(); err != nil {
		t.Fatal(err)
	}
	s, out := y.Shape(), exe.Output("map")
	bright := func(n, row, column int) bool {
		for c := range s[1] {
			at, image := (c*s[2]+row)*s[3]+column, s[1]*s[2]*s[3]
			if out[n*image+at] > out[(h+w)*image+at] {
				return true
			}
		}
		return false
	}
	extent := func(row, column int) (e [2][2]int) {
		e = [2][2]int{{h, -1}, {w, -1}}
		for n := range h + w {
			d, at := 0, n
			if n >= h {
				d, at = 1, n-h
			}
			if bright(n, row, column) {
				e[d][0], e[d][1] = min(e[d][0], at), max(e[d][1], at)
			}
		}
		return e
	}
	row, column := s[2]/2, s[3]/2
	return extent(row, column), extent(row+1, column+1)
}

type layers = func(b *nn.Builder, x nn.Tensor) nn.Tensor

// conv is a k×k convolution of stride s to two channels.
func conv(b *nn.Builder, name string, x nn.Tensor, k, s int) nn.Tensor {
	return b.In(name).Conv(x, 2, k, s)
}

// fieldNetworks are small networks with every kind of layer that moves a kernel over an image.
var fieldNetworks = map[string]layers{
	"chain": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		x = b.MaxPool(b.ReLU(conv(b, "a", x, 5, 2)), 3, 2, 1)
		return conv(b, "b", x, 3, 1)
	},
	"rectangle": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		x = b.In("a").Conv2d(x, nn.Conv2d{Out: 2, Kernel: [2]int{1, 5}, Strides: [2]int{1, 2}, Pad: [2]int{0, 2}})
		return b.AvgPool2d(x, nn.Pool2d{Kernel: [2]int{3, 2}, Stride: [2]int{2, 1}})
	},
	"dilation": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		x = b.In("a").Conv2d(x, nn.Conv2d{Out: 2, Kernel: [2]int{3, 3}, Dilation: 2, Pad: [2]int{2, 2}})
		return b.In("b").Conv2d(x, nn.Conv2d{Out: 2, Kernel: [2]int{3, 3}, Dilation: 3, Stride: 2, Groups: 2})
	},
	"SAME": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		x = b.In("a").Conv2d(x, nn.Conv2d{Out: 2, Kernel: [2]int{3, 3}, Stride: 2, Same: true})
		return b.In("b").Conv2d(x, nn.Conv2d{Out: 2, Kernel: [2]int{2, 2}, Same: true})
	},
	"ceiling": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		return conv(b, "a", b.MaxPool2d(x, nn.Pool2d{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Ceil: true}), 3, 1)
	},
	"residual": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		x = b.Add(conv(b, "a1", conv(b, "a0", x, 3, 2), 3, 1), conv(b, "s", x, 1, 2))
		return b.Add(conv(b, "b1", conv(b, "b0", x, 3, 2), 3, 1), b.Subsample(x, 2, 2))
	},
	"unaligned": func(b *nn.Builder, x nn.Tensor) nn.Tensor { // a shortcut that looks to one side of the branch
		x = b.Add(conv(b, "a", x, 3, 2), b.In("s").Conv2d(x, nn.Conv2d{Out: 2, Kernel: [2]int{2, 4}, Stride: 2, Same: true}))
		return b.Add(conv(b, "b", x, 1, 2), b.MaxPool2d(x, nn.Pool2d{Kernel: [2]int{2, 2}, Ceil: true}))
	},
	"apart": func(b *nn.Builder, x nn.Tensor) nn.Tensor { // branches that look to opposite sides, behind a stride
		x = conv(b, "stem", x, 3, 2)
		left := b.In("l").Conv2d(x, nn.Conv2d{Out: 2, Kernel: [2]int{3, 4}, Pad: [2]int{2, 3}, PadEnd: &[2]int{}})
		right := b.In("r").Conv2d(x, nn.Conv2d{Out: 2, Kernel: [2]int{3, 4}, PadEnd: &[2]int{2, 3}})
		return b.Add(left, right)
	},
	"inception": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		x = conv(b, "stem", x, 3, 2)
		return b.Concat(conv(b, "1", x, 1, 1), conv(b, "3", conv(b, "3r", x, 1, 1), 3, 1), conv(b, "5", x, 5, 1), b.MaxPool(x, 3, 1, 1))
	},
	"dense block": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		for _, name := range []string{"a", "b", "c"} {
			x = b.Concat(x, conv(b, name, x, 3, 1))
		}
		return b.AvgPool(x, 2, 2, 0)
	},
	"shuffle": func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		halves := b.Split(b.ChannelShuffle(b.Concat(x, x), 2), 2, 2)
		return b.Concat(halves[0], b.In("d").Depthwise(halves[1], 3, 1))
	},
}

func TestReceptiveFieldsAreWhatPixelsDependOn(t *testing.T) {
	const h, w = 41, 37
	for name, build := range fieldNetworks {
		b := nn.NewBuilder(nn.Infer, false)
		build(b, b.Input("image", 1, 2, h, w))
		all := b.Summary().Layers
		last := all[len(all)-1]
		middle, next := sees(t, build, h, w)
		for d := range 2 {
			if middle[d][0] == 0 || next[d][1] == [2]int{h, w}[d]-1 {
				t.Fatalf("%s: the middle pixel sees %v, its neighbour %v: the image is too small", name, middle, next)
			}
			if got, want := last.Field[d], middle[d][1]-middle[d][0]+1; got != want {
				t.Errorf("%s: axis %d: a field of %d, the pixel depends on %d", name, d, got, want)
			}
			if got, want := last.Jump[d], next[d][0]-middle[d][0]; got != want {
				t.Errorf("%s: axis %d: a jump of %d, the neighbour sees %d further", name, d, got, want)
			}
		}
	}
}

// After a gate a pixel depends on the whole image. The field stays that of the gated map.
func TestGatesAreNoReceptiveField(t *testing.T) {
	build := func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		x = conv(b, "a", x, 3, 1)
		return b.Mul(x, conv(b, "g", b.AdaptiveAvgPool(x, 1), 1, 1))
	}
	middle, _ := sees(t, build, 15, 13)
	if want := [2][2]int{{0, 14}, {0, 12}}; middle != want {
		t.Errorf("the middle pixel depends on %v, want %v", middle, want)
	}
	b := nn.NewBuilder(nn.Infer, false)
	b.GroupNorm(conv(b, "b", build(b, b.Input("image", 1, 2, 15, 13)), 3, 1), 1, 1e-5)
	gated := []bool{false, false, false, true, true, true}
	for i, l := range b.Summary().Layers {
		if l.Gated != gated[i] {
			t.Errorf("layer %d (%s): gated %v, want %v", i, l.Kind, l.Gated, gated[i])
		}
		if want := []int{3, 15 + 2, 15 + 2, 3, 5, 5}[i]; l.Field[0] != want {
			t.Errorf("layer %d (%s): a field of %d, want %d", i, l.Kind, l.Field[0], want)
		}
	}
	b = nn.NewBuilder(nn.Infer, false)
	b.GroupNorm(b.Input("image", 1, 2, 15, 13), 1, 1e-5)
	if l := b.Summary().Layers[0]; !l.Gated || l.Field != [2]int{1, 1} {
		t.Errorf("a group norm of an image: %+v", l)
	}
}

// A grid whose fields differ in size has no single jump. A value without pixels sees everything.
func TestFieldsWithoutAGrid(t *testing.T) {
	b := nn.NewBuilder(nn.Infer, false)
	x := b.AdaptiveAvgPool(conv(b, "a", b.Input("image", 1, 2, 7, 7), 3, 1), 3) // fields 0–2, 2–4, 4–6
	x = conv(b, "c", conv(b, "b", x, 1, 1), 3, 1)
	b.In("fc").Linear(b.Flatten(x), 10)
	fields, jumps := []int{3, 5, 5, 9, 9, 9}, []int{1, 0, 0, 0, 0, 0}
	for i, l := range b.Summary().Layers {
		if l.Field[1] != fields[i] || l.Jump[1] != jumps[i] {
			t.Errorf("layer %d (%s): field %d and jump %d, want %d and %d", i, l.Kind, l.Field[1], l.Jump[1], fields[i], jumps[i])
		}
	}
}

// What is computed from a whole map sees what its first pixel, its last one and those between see: the field of one and
// the way from the first to the last.
func TestFieldsOfWholeMaps(t *testing.T) {
	fieldNetworks := maps.Clone(fieldNetworks)
	fieldNetworks["image"] = func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Scale(x, 2) }
	for name, build := range fieldNetworks {
		b := nn.NewBuilder(nn.Infer, false)
		y := build(b, b.Input("image", 1, 2, 41, 36))
		b.In("fc").Linear(b.Flatten(y), 3)
		all := b.Summary().Layers
		of, flat, last := all[len(all)-3], all[len(all)-2], all[len(all)-1]
		for d := range 2 {
			if want := of.Field[d] + of.Jump[d]*(of.Out[1+d]-1); flat.Field[d] != want || last.Field[d] != want || flat.Jump[d] != 0 {
				t.Errorf("%s: axis %d: fields of %d and %d and a jump of %d, want %d and 0", name, d, flat.Field[d], last.Field[d], flat.Jump[d], want)
			}
		}
	}
}

// Where paths meet, in either order, the distance of pixels is that of the path that has one, the field is the largest,
// and one gate is enough.
func TestWherePathsMeet(t *testing.T) {
	for _, swapped := range []bool{false, true} {
		b := nn.NewBuilder(nn.Infer, false)
		x := b.Input("image", 1, 2, 14, 28)
		half := b.In("half").Conv2d(x, nn.Conv2d{Out: 2, Kernel: [2]int{3, 1}, Stride: 2, Pad: [2]int{1, 0}}) // 7×14, sees 3×1
		// Fields 0–2, 2–4, 4–6 of 7 rows and 0–4, 4–9, 9–13 of 14 columns, two pixels each.
		fields := b.AdaptiveAvgPool(half, 3)
		grid := b.In("grid").Conv2d(x, nn.Conv2d{Out: 2, Kernel: [2]int{1, 1}, Strides: [2]int{5, 10}}) // 3×3
		gated := b.GroupNorm(grid, 1, 1e-5)
		pair := func(x, y nn.Tensor) nn.Tensor {
			if swapped {
				x, y = y, x
			}
			return b.Add(x, y)
		}
		pair(fields, grid)
		pair(grid, gated)
		b.Flatten(fields)
		type row struct {
			kind        string
			field, jump [2]int
			gated       bool
		}
		want := []row{{"conv", [2]int{3, 1}, [2]int{2, 2}, false}, {"adaptive avg pool", [2]int{3 + 2*2, 1 + 2*5}, [2]int{}, false},
			{"conv", [2]int{1, 1}, [2]int{5, 10}, false}, {"group norm", [2]int{1, 1}, [2]int{5, 10}, true},
			{"add", [2]int{7, 11}, [2]int{5, 10}, false}, {"add", [2]int{1, 1}, [2]int{5, 10}, true},
			{"flatten", [2]int{3 + 2*6, 1 + 2*13}, [2]int{}, false}}
		var got []row
		for _, l := range b.Summary().Layers {
			got = append(got, row{l.Kind, l.Field, l.Jump, l.Gated})
		}
		if b.Err() != nil || !slices.Equal(got, want) {
			t.Errorf("swapped %v: %v:\n got %v\nwant %v", swapped, b.Err(), got, want)
		}
	}
}

// What a layer sees behind a convolution of stride 2 to a map of 4×6×6, each of whose pixels sees 3×3 of the image;
// the whole map sees 13×13. Norms of images, and what is computed from them, see beyond.
func TestFieldsBehindEachKindOfLayer(t *testing.T) {
	grid, whole := [2][2]int{{3, 3}, {2, 2}}, [2][2]int{{13, 13}, {0, 0}}
	pixel := func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.AvgPool(x, 6, 1, 0) }
	for name, c := range map[string]struct {
		layer layers
		want  [2][2]int // field and jump
		gated bool
	}{
		"relu":      {(*nn.Builder).ReLU, grid, false},
		"subsample": {func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Subsample(x, 4, 3) }, [2][2]int{{3, 3}, {6, 6}}, false},
		"max pool": {func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.MaxPool2d(x, nn.Pool2d{Kernel: [2]int{3, 2}, Stride: [2]int{1, 3}})
		}, [2][2]int{{7, 5}, {2, 6}}, false},
		"avg pool": {func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.AvgPool2d(x, nn.Pool2d{Kernel: [2]int{3, 2}, Stride: [2]int{1, 3}})
		}, [2][2]int{{7, 5}, {2, 6}}, false},
		"a kernel of two over unequal fields": {func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.AvgPool(b.AdaptiveAvgPool(x, 4), 2, 1, 0)
		}, whole, false},
		"batch norm": {(*nn.Builder).BatchNorm, grid, false},
		"lrn":        {func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.LRN(x, 5, 1, 1, 1) }, grid, false},
		"group norm": {func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.GroupNorm(x, 2, 1) }, grid, true},
		"group norm of a row": {func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.GroupNorm(b.AvgPool2d(x, nn.Pool2d{Kernel: [2]int{6, 1}}), 2, 1)
		}, [2][2]int{{13, 3}, {12, 2}}, true},
		"group norm of a column": {func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.GroupNorm(b.AvgPool2d(x, nn.Pool2d{Kernel: [2]int{1, 6}, Stride: [2]int{1, 1}}), 2, 1)
		}, [2][2]int{{3, 13}, {2, 2}}, true},
		"group norm of a pixel": {func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.GroupNorm(pixel(b, x), 2, 1)
		}, [2][2]int{{13, 13}, {2, 2}}, false},
		"group norms of a pixel": {func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.In("2").GroupNorm(pixel(b, b.GroupNorm(x, 2, 1)), 2, 1)
		}, [2][2]int{{13, 13}, {2, 2}}, true},
		"layer norm":                  {func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.LayerNorm(b.Flatten(x), 1, 1) }, whole, false},
		"other channels":              {func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Reshape(x, 2, 2, 6, 6) }, grid, false},
		"other rows":                  {func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Reshape(x, 1, 12, 2, 6) }, whole, false},
		"other columns":               {func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Reshape(x, 1, 12, 6, 2) }, whole, false},
		"three axes":                  {func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Reshape(x, 4, 6, 6) }, whole, false},
		"images and channels swapped": {func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Transpose(x, 1, 0, 2, 3) }, grid, false},
		"rows and columns swapped":    {func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Transpose(x, 0, 1, 3, 2) }, whole, false},
		"rows and channels swapped": {func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Transpose(b.Concat(x, b.Channels(x, 0, 2)), 0, 2, 1, 3)
		}, whole, false},
		"columns and channels swapped": {func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Transpose(b.Concat(x, b.Channels(x, 0, 2)), 0, 3, 2, 1)
		}, whole, false},
		"a product with its channels": {func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Mul(x, b.SumTo(x, 1, 1, 6, 6)) }, grid, false},
		"a gate by rows":              {func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Mul(x, b.SumTo(x, 1, 4, 6, 1)) }, grid, true},
		"a gate by columns":           {func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Mul(x, b.SumTo(x, 1, 4, 1, 6)) }, grid, true},
	} {
		b := nn.NewBuilder(nn.Infer, false)
		c.layer(b, b.In("stem").Conv(b.Input("image", 1, 3, 12, 12), 4, 3, 2))
		all := b.Summary().Layers
		if l := all[len(all)-1]; b.Err() != nil || [2][2]int{l.Field, l.Jump} != c.want || l.Gated != c.gated {
			t.Errorf("%s: %v: field %v, jump %v, gated %v, want %v and %v", name, b.Err(), l.Field, l.Jump, l.Gated, c.want, c.gated)
		}
	}
}
