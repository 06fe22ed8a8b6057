package diagnosis

// Bounds of the rules. They were frozen on one family and one set: resnet_mini of depth 8 on drawn shapes, 36 runs of 3
// to 60 epochs, of which 16 are sound (two optimizers, three widths, augmentation, noise on pixels, a fifth of the
// labels wrong, few epochs) and 20 have a fault put in or are badly set. Each stands between what the two kinds had,
// nearer to the faults where other networks and data may be expected to lie outside of what these had.
const (
	// Mean loss of an epoch over that of guessing. Sound: at most 1.0 in any epoch; rates a hundred times too large: 50
	// and more.
	highLoss = 2.0
	// Last training loss over that of guessing. Sound: at most 0.79, of a network of one channel; what does not
	// learn: 0.81 to 1.03. Frozen layers: 0.75 and more.
	unfitted = 0.8
	// The same, below which a loss may be at its end: a plateau and small steps are told above it.
	fitted = 0.5
	// Share of right answers over that of guessing, of the best evaluation. Sound: at least 3.4; random labels: at most
	// 1.5.
	guessed = 2.0
	// Norm of what a step changes over that of the weights, the largest portrait of a run. Sound: 0.005 to 0.017; a rate
	// a thousand times too small: 3e-5; a hundred times too large: 0.17 and 0.38.
	smallStep, largeStep = 3e-4, 0.1
	// Right answers to training images, and how many fewer new images get. Sound: at most 0.05 fewer where the former are
	// learnt; five images a class: 0.84 and more.
	learnt, gap = 0.95, 0.25
	// Share of the wrong labels that are answered. Sound with a fifth of the labels wrong: at most 0.03; where labels are
	// random: 0.29 and more.
	memorises = 0.15
	// What the second half of the epochs changes of the training loss, as a share. Where nothing is learnt: at most 0.015;
	// a sound run has at least 0.09.
	standing = 0.02
	// Share of the time that training waits. None of the runs waited for more than 0.02; a third of the time is worth a
	// look whatever the network.
	longWait = 0.3
	// Share of a layer's units that are dead. Sound: none; where the network is lost: 0.97 and more.
	mostlyDead = 0.5
	// Share of the parameters that move, where those that do not were drawn. All in sound ones; 0.02 and 0.09 else.
	mostMoves = 0.5
	// Pixels from black to white in standard deviations. The data sets' own statistics span 1 to 5.1; pixels that are
	// scaled as if they were from 0 to 255 span 255.
	widestPixels, flatPixels = 20.0, 0.1
	// Share of batch norm's running statistics that is of the training. Sound: all; statistics that lag behind: 0.09.
	settledShare = 0.9
)
