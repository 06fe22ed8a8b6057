package strategy

// Example is what a first study with a strategy says, line by line in YAML. The study compares it with another one, in
// equal steps.
type Example struct {
	Beside string   // the other strategy
	Data   string   // of the data set of every run, such as "label_noise: symmetric"
	Base   []string // of every run
	Own    []string // of runs of the strategy, such as "strategy.queue: 1024"
	Others []string // of runs of the other one
}

// viewsExample is of strategies that compare two views of an image.
func viewsExample(own ...string) Example {
	return Example{Beside: "random", Own: own, Base: []string{
		"augment: {resized_crop: true, resized_crop_scale: [0.2, 1], flip: true, jitter: 0.8, greyscale: 0.2} # what makes the views differ",
	}}
}

// noisyExample is of strategies that learn although labels are wrong.
var noisyExample = Example{Beside: "supervised", Data: "label_noise: symmetric, label_noise_rate: 0.4",
	Base: []string{"augment: {pad: 2, flip: true}"}}

// fewExample is of strategies that learn from a few labels: eight of each of the ten classes of shapes, which are
// enough for a batch of the other strategy.
func fewExample(own ...string) Example {
	return Example{Beside: "supervised", Own: append([]string{"strategy.labels: 80"}, own...),
		Base: []string{"augment: {pad: 2, flip: true}"}, Others: []string{"dataset.per_class: 8"}}
}

// firstExample is that of a pretraining which says none. Those that compare views need some that differ.
func firstExample(views bool) Example {
	if views {
		return viewsExample()
	}
	return Example{Beside: "random", Base: []string{"augment: {flip: true}"}}
}
