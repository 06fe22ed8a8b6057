package optim

import (
	"math"
	"strings"

	"workbench/nn"
)

// LayerScales are factors of the learning rate by parameter path. With decay they are decay^k for the k-th block from
// the end, so that what lies near the image moves least (timm's --layer-decay, after Bao et al. 2022, BEiT, arXiv
// 2106.08254). With spread they rise by equal factors from 1/spread for the first block to 1 for the last (the
// discriminative rates of Howard and Ruder 2018, as fastai spaces a slice).
func LayerScales(params []*nn.Param, decay, spread float64) map[string]float64 {
	of, blocks := Blocks(params)
	scales := map[string]float64{}
	for path, i := range of {
		k := float64(blocks - 1 - i)
		scales[path] = math.Pow(decay, k) * math.Pow(spread, -k/float64(max(blocks-1, 1)))
	}
	return scales
}

// Blocks numbers the blocks of a network from 0, by the paths of their parameters. The order is that in which the
// network is built. A block is what has one name and number, such as layer1.0, below features its part; the layers
// between two blocks, such as a stem or a head, are one.
func Blocks(params []*nn.Param) (of map[string]int, count int) {
	var blocks []string
	of = map[string]int{}
	for _, p := range params {
		if name := block(p.Path); len(blocks) == 0 || blocks[len(blocks)-1] != name {
			blocks = append(blocks, name)
		}
		of[p.Path] = len(blocks) - 1
	}
	return of, len(blocks)
}

// block is the name of the block to which a parameter belongs; "" for a layer that lies beside the blocks.
func block(path string) string {
	names := strings.Split(path, ".")
	names = names[:len(names)-1]
	if len(names) > 1 && (names[0] == "features" || number(names[1])) {
		return names[0] + "." + names[1]
	}
	if len(names) > 1 {
		return names[0]
	}
	return ""
}

func number(name string) bool { return name != "" && strings.Trim(name, "0123456789") == "" }
