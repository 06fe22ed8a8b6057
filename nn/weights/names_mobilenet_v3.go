package weights

import "fmt"

// These are the numbers of blocks of MobileNet v3 in timm's stages.
var (
	mobileV3Large = []int{1, 2, 3, 4, 2, 3}
	mobileV3Small = []int{1, 2, 3, 2, 3}
)

// timmMobileV3 are the rules of MobileNet v3, whose first block does not expand. After the depthwise convolution
// comes attention or the projection, which torchvision therefore calls block.2 or block.3. timm has the first of the
// two linear layers at the end as a convolution.
func timmMobileV3(counts []int) []rule {
	last := 1
	for _, n := range counts {
		last += n
	}
	rules := flat(1, counts, func(path string, stage, block int) []rule {
		at := fmt.Sprintf("blocks.%d.%d.", stage, block)
		path += `\.block`
		if stage == 0 {
			return []rule{
				rename(path+`\.0\.0`, at+"conv_dw"), rename(path+`\.0\.1`, at+"bn1"),
				rename(path+`\.1\.fc1`, at+"se.conv_reduce"), rename(path+`\.1\.fc2`, at+"se.conv_expand"),
				rename(path+`\.[12]\.0`, at+"conv_pw"), rename(path+`\.[12]\.1`, at+"bn2"),
			}
		}
		return []rule{
			rename(path+`\.0\.0`, at+"conv_pw"), rename(path+`\.0\.1`, at+"bn1"),
			rename(path+`\.1\.0`, at+"conv_dw"), rename(path+`\.1\.1`, at+"bn2"),
			rename(path+`\.2\.fc1`, at+"se.conv_reduce"), rename(path+`\.2\.fc2`, at+"se.conv_expand"),
			rename(path+`\.[23]\.0`, at+"conv_pwl"), rename(path+`\.[23]\.1`, at+"bn3"),
		}
	})
	after, path := fmt.Sprintf("blocks.%d.0.", len(counts)), fmt.Sprintf(`features\.%d`, last)
	return append(rules, rename(path+`\.0`, after+"conv"), rename(path+`\.1`, after+"bn1"),
		rename(`classifier\.0`, "conv_head", "pre_logits.fc1"), rename(`classifier\.3`, "classifier", "pre_logits.fc2"))
}
