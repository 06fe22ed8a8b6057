package analysis

// Ablation compares the cells of a study with its baseline cell; runs are paired by seed.
type Ablation struct {
	Study    string        `json:"study"`
	Metric   string        `json:"metric"`
	Report   string        `json:"report"` // "last" or "best": which evaluation speaks for a run
	Higher   bool          `json:"higher_is_better"`
	Baseline string        `json:"baseline"`     // Cell.Key
	By       string        `json:"by,omitempty"` // the factor in which each row differs from what it is compared with; "": all
	Rows     []AblationRow `json:"rows"`         // every cell of the study in its order, also those without a finished run
	Effects  []Effect      `json:"effects"`      // one for each level of every factor, except the baseline's levels
	// Interactions are one for each two levels of two factors, except the baseline's, of which the design has all four
	// cells.
	Interactions []Interaction `json:"interactions"`
	Budgets      []Budget      `json:"budgets"`         // of all runs together, and of the search; a shared run counts once
	Trends       []Trend       `json:"trends"`          // the metric against each factor whose levels are numbers
	Tuned        string        `json:"tuned,omitempty"` // how a search has chosen values of the cells, and at what cost; "": none has
	Warnings     []string      `json:"warnings"`        // what limits the conclusions: too few seeds, failed runs, non-finite values
}

// AblationRow is one cell, with its finished runs summarised over seeds.
type AblationRow struct {
	Cell     string            `json:"cell"`
	Levels   map[string]string `json:"levels"`
	Baseline bool              `json:"baseline"`
	Against  string            `json:"against,omitempty"` // Cell.Key of what it is compared with, where that is not the baseline for all
	N        int               `json:"n"`                 // finished runs with a finite value
	Planned  int               `json:"planned"`           // seeds of the study and of further runs of the cell
	Diverged int               `json:"diverged"`          // of them, seeds that diverged or came to a value that is no number
	Values   []SeedValue       `json:"values"`
	Mean     float64           `json:"mean"`
	SD       float64           `json:"sd"`       // sample standard deviation; NaN below n = 2
	Interval Interval          `json:"interval"` // 95 % t-interval of the mean; NaN below n = 3 or without more spread than rounding
	Diff     *Paired           `json:"diff"`     // against the baseline; nil for the baseline itself and without pairs
	// Train is the mean of the metric's counterpart on the training split, which is "train/top1" for "test/top1". It is
	// NaN if no run recorded that.
	Train  float64 `json:"train"`
	Params int64   `json:"params"`
	MACs   int64   `json:"macs"` // multiply-adds of one forward pass of one image
	// Seconds is the mean time that the network of a run took, with what the run shares with others; see
	// RunInfo.Begins.
	Seconds float64 `json:"seconds"`
	// Collapsed are the seeds whose last features or embeddings are the same for all pictures; see Collapse.
	Collapsed int       `json:"collapsed"`
	PerCost   []PerCost `json:"per_cost"` // the difference for what the cell costs more than what it is compared with
	Budgets   []Budget  `json:"budgets"`  // mean of a run, phase by phase, with what it shares; the search's is whole
}

// SeedValue is what one run contributes.
type SeedValue struct {
	Seed   uint64  `json:"seed"`
	Run    string  `json:"run"`
	Value  float64 `json:"value"`
	Metric string  `json:"metric,omitempty"` // which the run recorded, where that is another than the study's: see metric.Final
}

// Interval is a two-sided confidence interval.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Verdict of a comparison. Undecided is the answer whenever the data do not settle it: below three pairs, when all
// differences are equal (a test needs spread), when the corrected p is 0.05 or more, and when the better of the two
// lost seeds because they diverged: the others flatter it.
type Verdict string

const (
	Better    Verdict = "better"
	Worse     Verdict = "worse"
	Undecided Verdict = "undecided"
)

// Paired is the difference of two arms over the seeds that they share. Interval, Effect, P and Holm are NaN below three
// pairs, and also without spread, which means that all differences are equal up to rounding; see stats.Compare.
type Paired struct {
	N        int      `json:"n"`        // pairs
	Mean     float64  `json:"mean"`     // of the differences arm − baseline
	Interval Interval `json:"interval"` // 95 % t-interval, not corrected
	Effect   float64  `json:"effect"`   // Cohen's d_z with Hedges' correction
	P        float64  `json:"p"`        // two-sided paired t-test
	Holm     float64  `json:"holm"`     // P corrected over the rows of the table, or over the effects (Holm 1979)
	Verdict  Verdict  `json:"verdict"`  // better or worse than the baseline in the metric's direction
	Warnings []string `json:"warnings"` // what limits this comparison
}

// Effect is what one level of a factor does, averaged over the levels of the other factors; runs are paired by seed and
// cell. Each seed gives one difference, which is the mean over the cells. So N counts seeds and not cells: the cells of
// one seed share its data order and are fixed by the design, and counting them as repetitions would claim more than was
// repeated.
type Effect struct {
	Factor string `json:"factor"`
	Level  string `json:"level"`
	Versus string `json:"versus"` // the factor's baseline level
	Cells  int    `json:"cells"`  // of the level that it is averaged over
	Paired
	PerCost []PerCost `json:"per_cost"`
}

// Interaction is by how much what a level does is more beside a level of another factor than beside that factor's
// baseline level: (both − the other alone) − (this alone − neither), averaged over the levels of the remaining factors
// and paired as effects are. It is 0 where the two add up. All interactions are judged as one family; better means that
// both together do better than the sum of what each does alone.
type Interaction struct {
	Factor string `json:"factor"`
	Level  string `json:"level"`
	Versus string `json:"versus"`

	With       string `json:"with"` // the other factor
	WithLevel  string `json:"with_level"`
	WithVersus string `json:"with_versus"`

	Cells int `json:"cells"` // of both levels that it is averaged over
	Paired
}
