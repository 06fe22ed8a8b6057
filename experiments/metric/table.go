package metric

// Memorised is the share of the training images with a wrong label that the network answers with that label, over the
// steps of an epoch, in training mode (Arpit et al. 2017, arXiv 1706.05394; Zhang et al. 2017, arXiv 1611.03530).
const Memorised = "memorised"

// The quantities that every supervised run records, and what those with label noise do beside them.
func init() {
	Declare(Quantity{
		Name: "top1", Title: "accuracy (top-1)", Unit: "1", Percent: true, Better: Higher, Comparable: true,
		Splits: []string{Train, Val, Test}, Rank: 1, Chart: 2,
		Gauge: Gauge{"run_accuracy_ratio", "Newest top-1 accuracy of an active run."},
	})
	Declare(Quantity{
		Name: "top5", Title: "accuracy (top-5)", Unit: "1", Percent: true, Better: Higher, Comparable: true,
		Splits: []string{Val, Test}, Rank: 2,
	})
	Declare(Quantity{ // a mean over images
		Name: "loss", Title: "loss", Unit: "nats", Better: Lower, Comparable: true,
		Splits: []string{Step, Train, Val, Test}, Rank: 3, Chart: 1,
		Gauge: Gauge{"run_loss", "Newest loss of an active run, in nats an image."},
	})
	Declare(Quantity{
		Name: "lr", Title: "learning rate", Splits: []string{Train},
		Gauge: Gauge{"run_learning_rate", "Newest learning rate of an active run."},
	})
	// The speed depends on what else the machine does, so it judges no run. Prometheus is told the speed of the last half
	// second, which is progress and no metric.
	Declare(Quantity{Name: "images_per_second", Title: "training speed", Unit: "images/s", Timed: true, Splits: []string{Train}})
	Declare(Quantity{
		Name: "data_wait", Title: "share of the time that training waited for data", Unit: "1", Percent: true, Timed: true,
		Splits: []string{Train},
	})
	Declare(Quantity{
		Name: Memorised, Title: "share of the wrong labels that are memorised", Unit: "1", Percent: true, Asked: true,
		Splits: []string{Train},
	})
}
