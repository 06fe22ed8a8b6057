package dashboard

import "workbench/nn"

// run is a sequence of layers whose pixels are as far apart in the image.
type run struct{ from, to int }

func runs(layers []nn.Layer) []run {
	var list []run
	for i, l := range layers {
		if n := len(list); n > 0 && layers[list[n-1].from].Jump == l.Jump {
			list[n-1].to = i + 1
			continue
		}
		list = append(list, run{i, i + 1})
	}
	return list
}

// mostAligned bounds the work of align; longer lists stand side by side as they come.
const mostAligned = 1 << 20

// align pairs the layers of two networks: runs of one effective stride by the longest common subsequence of their
// strides, the layers of two such runs in order. A layer without a partner has nil beside it.
func align(a, b []nn.Layer) [][2]*nn.Layer {
	p, q := runs(a), runs(b)
	if len(p)*len(q) > mostAligned {
		return zip(a, b)
	}
	same := func(i, j int) bool { return a[p[i].from].Jump == b[q[j].from].Jump }
	common := make([][]int, len(p)+1) // length of the longest common subsequence of what is left
	common[len(p)] = make([]int, len(q)+1)
	for i := len(p) - 1; i >= 0; i-- {
		common[i] = make([]int, len(q)+1)
		for j := len(q) - 1; j >= 0; j-- {
			common[i][j] = max(common[i+1][j], common[i][j+1])
			if same(i, j) {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var pairs [][2]*nn.Layer
	i, j := 0, 0
	for i < len(p) || j < len(q) {
		var left, right []nn.Layer
		switch {
		case i < len(p) && j < len(q) && same(i, j):
			left, right = a[p[i].from:p[i].to], b[q[j].from:q[j].to]
			i, j = i+1, j+1
		case j == len(q) || i < len(p) && common[i+1][j] >= common[i][j+1]:
			left = a[p[i].from:p[i].to]
			i++
		default:
			right = b[q[j].from:q[j].to]
			j++
		}
		pairs = append(pairs, zip(left, right)...)
	}
	return pairs
}

func zip(a, b []nn.Layer) [][2]*nn.Layer {
	pairs := make([][2]*nn.Layer, max(len(a), len(b)))
	for i := range pairs {
		if i < len(a) {
			pairs[i][0] = &a[i]
		}
		if i < len(b) {
			pairs[i][1] = &b[i]
		}
	}
	return pairs
}
