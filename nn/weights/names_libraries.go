package weights

import "fmt"

// These are the numbers of blocks of each width in MobileNet v1 and v2.
var (
	mobileV1Counts = []int{1, 2, 2, 6, 2}
	mobileV2Counts = []int{1, 2, 3, 4, 3, 3, 1}
)

// timmSequences are the rules of MobileNet v1 and v2.
func timmSequences() []rule {
	rules := flat(1, mobileV1Counts, func(path string, stage, block int) []rule {
		at := fmt.Sprintf("blocks.%d.%d.", stage, block)
		return []rule{
			rename(path+`\.depthwise\.0`, at+"conv_dw"), rename(path+`\.depthwise\.1`, at+"bn1"),
			rename(path+`\.pointwise\.0`, at+"conv_pw"), rename(path+`\.pointwise\.1`, at+"bn2"),
		}
	})
	rules = append(rules, flat(1, mobileV2Counts, func(path string, stage, block int) []rule {
		at := fmt.Sprintf("blocks.%d.%d.", stage, block)
		if stage == 0 {
			return []rule{rename(path+`\.conv\.0\.0`, at+"conv_dw"), rename(path+`\.conv\.0\.1`, at+"bn1"),
				rename(path+`\.conv\.1`, at+"conv_pw"), rename(path+`\.conv\.2`, at+"bn2")}
		}
		return []rule{
			rename(path+`\.conv\.0\.0`, at+"conv_pw"), rename(path+`\.conv\.0\.1`, at+"bn1"),
			rename(path+`\.conv\.1\.0`, at+"conv_dw"), rename(path+`\.conv\.1\.1`, at+"bn2"),
			rename(path+`\.conv\.2`, at+"conv_pwl"), rename(path+`\.conv\.3`, at+"bn3"),
		}
	})...)
	return append(rules, rename(`features\.18\.0`, "conv_head"), rename(`features\.18\.1`, "bn2"))
}

// timmBlocks are the rules of EfficientNet, whose first stage does not expand, and of what the mobile networks have in
// common.
var timmBlocks = []rule{
	rename(`features\.0\.0`, "conv_stem"), rename(`features\.0\.1`, "bn1"),
	rename(`features\.1\.(\d+)\.block\.0\.0`, "blocks.0.$1.conv_dw"),
	rename(`features\.1\.(\d+)\.block\.0\.1`, "blocks.0.$1.bn1"),
	rename(`features\.1\.(\d+)\.block\.1\.fc1`, "blocks.0.$1.se.conv_reduce"),
	rename(`features\.1\.(\d+)\.block\.1\.fc2`, "blocks.0.$1.se.conv_expand"),
	rename(`features\.1\.(\d+)\.block\.2\.0`, "blocks.0.$1.conv_pw"),
	rename(`features\.1\.(\d+)\.block\.2\.1`, "blocks.0.$1.bn2"),
	rename(`features\.(\d)\.(\d+)\.block\.0\.0`, "blocks.$1-1.$2.conv_pw"),
	rename(`features\.(\d)\.(\d+)\.block\.0\.1`, "blocks.$1-1.$2.bn1"),
	rename(`features\.(\d)\.(\d+)\.block\.1\.0`, "blocks.$1-1.$2.conv_dw"),
	rename(`features\.(\d)\.(\d+)\.block\.1\.1`, "blocks.$1-1.$2.bn2"),
	rename(`features\.(\d)\.(\d+)\.block\.2\.fc1`, "blocks.$1-1.$2.se.conv_reduce"),
	rename(`features\.(\d)\.(\d+)\.block\.2\.fc2`, "blocks.$1-1.$2.se.conv_expand"),
	rename(`features\.(\d)\.(\d+)\.block\.3\.0`, "blocks.$1-1.$2.conv_pwl"),
	rename(`features\.(\d)\.(\d+)\.block\.3\.1`, "blocks.$1-1.$2.bn3"),
	rename(`features\.8\.0`, "conv_head"), rename(`features\.8\.1`, "bn2"),
	rename(`classifier\.1|fc`, "classifier"),
}

// timmClassifiers are the rules of VGG, whose first two linear layers timm has as convolutions. timmMobileV3 has
// those of the first.
var timmClassifiers = []rule{rename(`classifier\.6`, "head.fc")}

// pytorchcvBlocks are the rules of residual and dense networks. Where the library has several names, the first is that
// of networks for large images, and the last that of networks that normalise before they convolve.
var pytorchcvBlocks = []rule{
	rename(`conv1`, "features.init_block.conv.conv", "features.init_block.conv", "features.init_block"),
	rename(`bn1`, "features.init_block.conv.bn", "features.init_block.bn", "features.post_activ.bn"),
	rename(`norm`, "features.post_activ.bn"),
	rename(`layer(\d)\.(\d+)\.(conv|bn)(\d)`, "features.stage$1.unit$2+1.body.conv$4.$3"),
	rename(`layer(\d)\.(\d+)\.downsample\.0`, "features.stage$1.unit$2+1.identity_conv.conv", "features.stage$1.unit$2+1.identity_conv"),
	rename(`layer(\d)\.(\d+)\.downsample\.1`, "features.stage$1.unit$2+1.identity_conv.bn"),
	rename(`layer(\d)\.(\d+)\.se\.fc(\d)`, "features.stage$1.unit$2+1.se.conv$3"),
	rename(`features\.conv0`, "features.init_block"),
	rename(`features\.denseblock(\d)\.denselayer(\d+)\.norm(\d)`, "features.stage$1.unit$2.conv$3.bn"),
	rename(`features\.denseblock(\d)\.denselayer(\d+)\.conv(\d)`, "features.stage$1.unit$2.conv$3.conv"),
	rename(`features\.transition(\d)\.norm`, "features.stage$1+1.trans$1+1.conv.bn"),
	rename(`features\.transition(\d)\.conv`, "features.stage$1+1.trans$1+1.conv.conv"),
	rename(`features\.norm4`, "features.post_activ.bn"),
	rename(`classifier|fc`, "output"),
}

// pytorchcvSequences are the rules of MobileNet v1.
func pytorchcvSequences() []rule {
	rules := []rule{rename(`features\.0\.0`, "features.init_block.conv"), rename(`features\.0\.1`, "features.init_block.bn")}
	return append(rules, flat(1, mobileV1Counts, func(path string, stage, block int) []rule {
		at := fmt.Sprintf("features.stage%d.unit%d.", stage+1, block+1)
		return []rule{
			rename(path+`\.depthwise\.0`, at+"dw_conv.conv"), rename(path+`\.depthwise\.1`, at+"dw_conv.bn"),
			rename(path+`\.pointwise\.0`, at+"pw_conv.conv"), rename(path+`\.pointwise\.1`, at+"pw_conv.bn"),
		}
	})...)
}
