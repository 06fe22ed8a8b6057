package pretext

func init() {
	Register(Task{
		Name:  "original",
		Doc:   "the picture as it was before the view's augmentations: what inpainting and colourisation restore",
		Paper: "Pathak et al. 2016 (arXiv 1604.07379); Zhang et al. 2016 (arXiv 1603.08511)",
	})
}
