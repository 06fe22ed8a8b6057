package op_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"workbench/nn/op"
)

// What an operator takes beside the operands of its first row in kernelCases: for each operand the changes of its shape
// after which the shapes still fit. "n+" is axis n longer by one, "^" one axis more, "v" one less. Each change stands
// alone, so an operand that must agree with another one takes few.
var accepts = map[string]string{
	"Conv": "conv 0+ 2+ 3+, 0+ 3+", "ConvBwdData": "conv_bwd_data 1+, 0+", "ConvBwdWeights": "conv_bwd_weights 1+, 1+",
	"BiasBwd": "bias_bwd 0+ 1+ 2+ 3+ ^ v", "Linear": "linear 0+, , ", "LinearBwdData": "linear_bwd_data 1+, 0+",
	"LinearBwdWeights": "linear_bwd_weights 1+, 1+", "ReLU": "relu 0+ ^ v", "ReLUBwd": "relu_bwd , ", "Sum": "sum , , ",
	"MaxPool": "max_pool 0+ 1+ 2+ 3+", "MaxPoolBwd": "max_pool_bwd , ", "AvgPool": "avg_pool 0+ 1+ 2+ 3+",
	"AvgPoolBwd": "avg_pool_bwd 0+ 1+", "Reshape": "reshape ^", "Concat": "concat 1+, 1+", "Channels": "channels 0+ 1+ 2+ 3+",
	"Subsample": "subsample 0+ 1+ 2+ 3+", "SubsampleBwd": "subsample_bwd 0+ 1+", "BNStats": "bn_stats 0+ 1+ 2+ 3+",
	"BNApply": "bn_apply 0+ 2+ 3+, , , ", "BNReduce": "bn_reduce , , ", "BNBwdData": "bn_bwd_data , , , , ",
	"BNInfer": "bn_infer 0+ 2+ 3+, , , , ", "BNRunning": "bn_running , ", "Row": "row 0+ 1+", "Dropout": "dropout 0+ ^ v, ",
	"CrossEntropy": "cross_entropy 1+, ", "CrossEntropyBwd": "cross_entropy_bwd 1+, , ", "Activation": "relu6 0+ ^ v",
	"ActivationBwd": "relu6_bwd , ", "ChannelsBwd": "channels_bwd 0+ 1+ 2+ 3+", "ChannelShuffle": "channel_shuffle 0+ 2+ 3+",
	"Transpose": "transpose 0+ 1+", "MatMul": "matmul 0+, 1+", "DropPath": "drop_path 0+ 1+ ^, ",
	"SoftCrossEntropy": "soft_cross_entropy , ", "SoftCrossEntropyBwd": "soft_cross_entropy_bwd , , ",
	"KLDivergence": "kl_divergence , ", "KLDivergenceBwd": "kl_divergence_bwd , , ", "Softmax": "softmax 0+ 1+ ^ v",
	"SoftmaxBwd": "softmax_bwd , ", "PointLoss": "squared_error , ", "PointLossBwd": "squared_error_bwd , , ",
	"L2Normalize": "l2_normalize 0+ 1+", "L2NormalizeBwd": "l2_normalize_bwd , ", "NTXent": "nt_xent ",
	"NTXentBwd": "nt_xent_bwd , ", "Scale": "scale 0+ ^ v", "Mul": "mul 0+ 2+ 3+, 3+", "MulReduce": "mul_reduce , ",
	"Mean": "mean 0+ 1+ 2+ 3+ ^ v", "MeanBwd": "mean_bwd ", "StopGradient": "stop_gradient 0+ ^ v",
	"ScaleGradient": "scale_gradient 0+ ^ v", "RowStats": "row_stats 0+ 1+ ^ v", "RowNorm": "row_norm 0+ 1+ ^ v, , , ",
	"RowNormBwd": "row_norm_bwd , , , ", "RowNormReduce": "row_norm_reduce , , ", "BNInferBwd": "bn_infer_bwd , , 0+ 2+ 3+",
	"BNInferReduce": "bn_infer_reduce , , , ", "LRN": "lrn 0+ 1+ 2+ 3+", "LRNBwd": "lrn_bwd , ",
	"AdaptiveAvgPool": "adaptive_avg_pool 0+ 1+ 2+ 3+", "AdaptiveAvgPoolBwd": "adaptive_avg_pool_bwd 0+ 1+ 2+ 3+",
	"Pointwise": "exp 0+ ^ v", "PointwiseBwd": "sqrt_bwd , ", "Stretch": "stretch ", "SumTo": "sum_to 1+", "MaxTo": "max_to 1+",
	"MaxToBwd": "max_to_bwd 1+, , ", "Compare": "greater , ", "OneHotMax": "one_hot_max 0+ 1+", "OneHot": "one_hot 0+",
	"Smallest": "smallest 0+ ^ v, ^ v", "GatherRows": "gather_rows 0+ 1+ ^ v, 0+", "ScatterRows": "scatter_rows 1+ ^ v, ",
}

func TestOperatorsTakeWhatFitsAlone(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range kernelCases {
		name := typeName(c.spec)
		if seen[name] {
			continue
		}
		seen[name] = true
		var shapes []op.Shape
		for _, o := range c.in {
			shapes = append(shapes, o.shape)
		}
		var all []string
		for i, s := range shapes {
			var fit []string
			try := func(label string, changed op.Shape) {
				in := slices.Clone(shapes)
				in[i] = changed
				if _, err := c.spec.Infer(in); err == nil {
					fit = append(fit, label)
				} else if !strings.HasPrefix(err.Error(), c.spec.Name()+": ") {
					t.Errorf("%s of %v: error %q does not begin with its name", c.spec.Name(), in, err)
				}
			}
			for axis := range s {
				longer := slices.Clone(s)
				longer[axis]++
				try(fmt.Sprint(axis, "+"), longer)
			}
			try("^", append(slices.Clone(s), 1))
			if len(s) > 0 {
				try("v", s[:len(s)-1])
			}
			all = append(all, strings.Join(fit, " "))
		}
		got := fmt.Sprintf("%v %s", c.spec.Name(), strings.Join(all, ", "))
		if want, known := accepts[name]; !known || got != want {
			t.Errorf("%s takes %q, want %q", name, got, want)
		}
	}
	if len(seen) != len(accepts) {
		t.Errorf("%d operators, want %d", len(seen), len(accepts))
	}
}

// The operands that have a gradient, for an operator with the attributes of its first row in kernelCases.
func TestOperandsWithGradients(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range kernelCases {
		name := typeName(c.spec)
		if seen[name] {
			continue
		}
		seen[name] = true
		got := ""
		for _, w := range c.spec.Wants() {
			got += map[bool]string{true: "y", false: "n"}[w]
		}
		if got != wants[name] || len(got) != len(c.in) {
			t.Errorf("%s of %d operands has gradients of %s, want %s", name, len(c.in), got, wants[name])
		}
	}
}

var wants = map[string]string{
	"Conv": "yy", "ConvBwdData": "nn", "ConvBwdWeights": "nn", "BiasBwd": "n", "Linear": "yyy", "LinearBwdData": "nn",
	"LinearBwdWeights": "nn", "ReLU": "y", "ReLUBwd": "nn", "Sum": "yyy", "MaxPool": "y", "MaxPoolBwd": "nn", "AvgPool": "y",
	"AvgPoolBwd": "n", "Reshape": "y", "Concat": "yy", "Channels": "y", "Subsample": "y", "SubsampleBwd": "n", "BNStats": "n",
	"BNApply": "ynyy", "BNReduce": "nnn", "BNBwdData": "nnnnn", "BNInfer": "ynnyy", "BNRunning": "nn", "Row": "n",
	"Dropout": "yn", "CrossEntropy": "yn", "CrossEntropyBwd": "nnn", "Activation": "y", "ActivationBwd": "nn",
	"ChannelsBwd": "n", "ChannelShuffle": "y", "Transpose": "y", "MatMul": "yy", "DropPath": "yn", "SoftCrossEntropy": "yn",
	"SoftCrossEntropyBwd": "nnn", "KLDivergence": "yn", "KLDivergenceBwd": "nnn", "Softmax": "y", "SoftmaxBwd": "nn",
	"PointLoss": "yy", "PointLossBwd": "nnn", "L2Normalize": "y", "L2NormalizeBwd": "nn", "NTXent": "y", "NTXentBwd": "nn",
	"Scale": "y", "Mul": "yy", "MulReduce": "yy", "Mean": "y", "MeanBwd": "n", "StopGradient": "n", "ScaleGradient": "y",
	"RowStats": "n", "RowNorm": "ynyy", "RowNormBwd": "nnnn", "RowNormReduce": "nnn", "BNInferBwd": "nnn",
	"BNInferReduce": "nnnn", "LRN": "y", "LRNBwd": "nn", "AdaptiveAvgPool": "y", "AdaptiveAvgPoolBwd": "n", "Pointwise": "y",
	"PointwiseBwd": "nn", "Stretch": "y", "SumTo": "y", "MaxTo": "y", "MaxToBwd": "nnn", "Compare": "nn", "OneHotMax": "n",
	"OneHot": "n", "Smallest": "nn", "GatherRows": "yn", "ScatterRows": "yn",
}
