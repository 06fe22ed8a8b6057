package optim

import (
	"math"
	"strings"

	"workbench/nn"
)

// LayerScales are factors of the learning rate by parameter path: decay^k for the k-th block from the end, so that what
// lies near the image moves least (timm's --layer-decay, after Bao et al. 2022, BEiT, arXiv 2106.08254). The order is
// that in which the network is built. A block is what has one name and number, such as layer1.0, below features its
// part; the layers between two blocks, such as a stem or a head, are one.
func LayerScales(params []*nn.Param, decay float64) map[string]float64 {
	var blocks []string
	of := map[string]int{}
	for _, p := range params {
		if name := block(p.Path); len(blocks) == 0 || blocks[len(blocks)-1] != name {
			blocks = append(blocks, name)
		}
		of[p.Path] = len(blocks) - 1
	}
	scales := map[string]float64{}
	for path, i := range of {
		scales[path] = math.Pow(decay, float64(len(blocks)-1-i))
	}
	return scales
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
