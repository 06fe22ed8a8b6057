package dashboard

// How to read each figure, for people who have not trained the network.
const (
	readConfusion = "Each row is what images show, each column what the network answers; the numbers are images, and the " +
		"fuller a cell, the larger its share of the row. Right answers are on the diagonal. Full cells beside it are classes " +
		"that the network takes for one another."
	readClasses = "How often images of a class are answered right. The whiskers are 95 % intervals (Wilson): how far chance " +
		"alone could move the bar, with so many images."
	readBeside      = "The orange diamonds are the run beside it."
	readCalibration = "Of answers with 80 % confidence, 80 % should be right. Blue is how often they are, orange the gap to " +
		"how sure they were: above the dashed line the network is too modest, below it too sure. The grey bars are how many " +
		"answers have each confidence, the number beside them the most. The expected calibration error is the mean gap over " +
		"all images; the temperature is by what the logits would have to be divided to close it."
	readMistakes = "The wrong answers that the network is surest of. Look for labels that are wrong, for two things in one " +
		"image, and for a background or a texture that the network goes by. Maps are Grad-CAM: red is where it finds what " +
		"speaks for a class, blue where it finds nothing."
	readSamples = "The same images in all runs on a data set, and what in them speaks for their label (Grad-CAM: red is much, " +
		"blue is nothing). A map on the thing itself says that the network looks at it; a map on the ground that it does not."
	readOver = "The same images while the network learns, from left to right: how the map settles, and when the answer " +
		"becomes right. A frame is round those that are answered wrong."
	readMaps = "What channels of some layers respond to in the first of the samples, a layer a row, from the input to the " +
		"output: light is a strong response. Early layers keep edges and colours in place, late ones few and coarse spots."
	readFilters = "The weights of the first convolution, each filter scaled on its own. Trained filters show edges, bars and " +
		"colours; ones that look like noise have learnt little, equal ones do the same work twice."
	readEmbedding = "Each mark is an image, placed by the two directions along which the features of the last layer vary most " +
		"(principal components). Classes that are told apart form groups of their own; rings are wrong answers. Directions of " +
		"two networks have nothing to do with one another: compare how separate groups are, not where they lie."
	readDifference = "The answers of the run beside it less those of this run: blue cells are answers that it gives more " +
		"often, orange ones it gives less often. A blue diagonal and orange cells beside it are an improvement."
	readGains = "How much more often each class is right in the run beside it. Hollow dots are undecided: their 95 % interval " +
		"has zero in it. It is one of two samples (Newcombe); the images being the same, it is wider than it had to be. Which " +
		"single images were gained and lost is not kept."
)

// readLayers says what a map of layers shows, by its measure.
var readLayers = map[string]string{
	"gradient": "Each row is a layer, the input at the top and the output at the bottom; each column is a step of training. " +
		"Gradients that become ever darker towards the top vanish on their way back: the first layers hardly learn. An even " +
		"colour says that all layers learn alike.",
	"weight": "Each row is a layer, the input at the top; each column is a step of training. Weights that grow without end " +
		"lighten from left to right; weight decay alone darkens layers that learn nothing.",
	"update": "How far one step moves a layer, in parts of its own norm. Around 1e-3 is usual; far darker rows stand still, " +
		"far lighter ones jump. Each row is a layer, the input at the top; each column is a step of training.",
	"dead": "The share of units behind an activation that are 0 for every image of a batch, everywhere. Each row is a layer, " +
		"the input at the top; each column is a step of training. A layer that lightens loses units, which do not come back by " +
		"themselves.",
}
