package zoo

import (
	"fmt"
	"strconv"

	"workbench/nn"
)

// Names of the shortcuts that a residual block can have.
const (
	identity   = "identity"   // option A: parameter-free, zeros for new channels
	projection = "projection" // option B: 1×1 convolution and batch norm where the shape changes
	plain      = "none"       // no shortcut: the plain network
)

const heResNet = "He, Zhang, Ren, Sun. Deep Residual Learning for Image Recognition (CVPR 2016, arXiv 1512.03385)"

// residual is how the blocks of one network go around their layers (He et al. 2015, section 3.3).
type residual struct {
	shortcut string
	zeroLast bool // the last scale of each block starts at zero
}

// residualOptions are the switches of every residual network, with the variant's own shortcut.
func residualOptions(shortcut string) []Option {
	return []Option{
		{Name: "shortcut", Default: shortcut, Choices: []string{identity, projection, plain},
			Doc: "identity: parameter-free (option A); projection: 1×1 convolutions where the shape changes (option B); none: a plain network"},
		{Name: "zero_init_last", Default: false,
			Doc: "start the last batch-norm scale of each block at zero, so that it begins as the identity (Goyal et al. 2017)"},
	}
}

// newResidual reads the switches. A plain block of zero scale would pass nothing on, forward or backward.
func newResidual(s Settings) (residual, error) {
	r := residual{shortcut: s.String("shortcut"), zeroLast: s.Bool("zero_init_last")}
	if r.zeroLast && r.shortcut == plain {
		return r, fmt.Errorf("zero_init_last=true needs shortcuts, got shortcut=none: every block would give zeros; want shortcut=identity or projection")
	}
	return r, nil
}

// basicBlock is two 3×3 convolutions beside a shortcut (figure 2 and, on the left, figure 5).
func (r residual) basicBlock(b *nn.Builder, x nn.Tensor, width, stride int) nn.Tensor {
	y := b.ReLU(b.In("bn1").BatchNorm(b.In("conv1").Conv(x, width, 3, stride)))
	y = r.lastNorm(b.In("bn2"), b.In("conv2").Conv(y, width, 3, 1))
	return b.ReLU(r.addShortcut(b, x, y, stride))
}

func (r residual) lastNorm(b *nn.Builder, x nn.Tensor) nn.Tensor {
	if r.zeroLast {
		return b.BatchNormZero(x)
	}
	return b.BatchNorm(x)
}

// addShortcut adds the block's input x to the result y of its layers, both [n, c, h, w], y with x's pixels divided by stride.
func (r residual) addShortcut(b *nn.Builder, x, y nn.Tensor, stride int) nn.Tensor {
	if b.Err() != nil || r.shortcut == plain {
		return y
	}
	if width := y.Shape()[1]; stride != 1 || x.Shape()[1] != width {
		down := b.In("downsample")
		if r.shortcut == identity {
			x = down.Subsample(x, width, stride)
		} else {
			x = down.In("1").BatchNorm(down.In("0").Conv(x, width, 1, stride))
		}
	}
	return b.Add(y, x)
}

// stage is a row of basic blocks of one width; the first one has the stride.
func (r residual) stage(b *nn.Builder, x nn.Tensor, blocks, width, stride int) nn.Tensor {
	for i := range blocks {
		x = r.basicBlock(b.In(strconv.Itoa(i)), x, width, stride)
		stride = 1
	}
	return x
}
