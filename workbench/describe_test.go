package main

import (
	"strings"
	"testing"

	"workbench/nn"
)

// Layers of two networks stand beside one another where their places are equal, in order, however many are between.
func TestAlign(t *testing.T) {
	layers := func(text string) (all []nn.Layer) {
		for _, word := range strings.Fields(text) {
			path, kind, _ := strings.Cut(word, ":")
			all = append(all, nn.Layer{Path: path, Kind: kind, Size: 1})
		}
		return all
	}
	for _, c := range []struct{ a, b, want string }{
		{"x:conv y:linear", "x:conv y:linear", "x=x y=y"},
		{"x:conv :relu y:conv :relu z:linear", "x:conv :silu z:linear", "x=x = y+ + z=z"},
		{"x:conv", "x:linear", "x+ +x"},
		{"a:conv c:conv", "a:conv b:conv c:conv d:conv", "a=a +b c=c +d"},
		{"", "a:conv", "+a"},
		{"a:conv", "", "a+"},
	} {
		var got []string
		for _, pair := range align(layers(c.a), layers(c.b)) {
			switch {
			case pair[1] == nil:
				got = append(got, pair[0].Path+"+")
			case pair[0] == nil:
				got = append(got, "+"+pair[1].Path)
			default:
				got = append(got, pair[0].Path+"="+pair[1].Path)
			}
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%q beside %q: got %q, want %q", c.a, c.b, text, c.want)
		}
	}
}

func TestWindow(t *testing.T) {
	one, two := [2]int{1, 1}, [2]int{2, 2}
	for want, l := range map[string]nn.Layer{
		"":             {Kind: "relu"},
		"3×3":          {Kind: "conv", In: []int{8, 4, 4}, Kernel: [2]int{3, 3}, Stride: one, Dilation: one, Groups: 1},
		"1×5 /2×1":     {Kind: "max pool", Kernel: [2]int{1, 5}, Stride: [2]int{2, 1}, Dilation: one},
		"3×3 /2 dw d2": {Kind: "conv", In: []int{8, 4, 4}, Kernel: [2]int{3, 3}, Stride: two, Dilation: two, Groups: 8},
		"3×3 g4":       {Kind: "conv", In: []int{8, 4, 4}, Kernel: [2]int{3, 3}, Stride: one, Dilation: one, Groups: 4},
	} {
		if got := window(l).text; got != want {
			t.Errorf("%+v: got %q, want %q", l, got, want)
		}
	}
}
