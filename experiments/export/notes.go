package export

// Notes below tables of papers, which say what their numbers are and by which test differences are decided.
const (
	MeanNote = "Values are means over n seeds ± half of the 95 % t-interval, which needs three seeds."
	TestNote = "Differences are paired by seed. A difference is decided (better, worse) where the p of the two-sided paired t-test, " +
		"corrected by Holm's method over the rows of the table, is below 0.05 and the better side has lost no seed that diverged; " +
		"otherwise it is undecided. Bold: decided as better."
	EffectNote  = "n (pairs) counts seeds: each gives one difference, averaged over the levels of the other factors."
	CrossedNote = "An interaction is what both levels do together beyond the sum of what each does alone, averaged over the levels of " +
		"the other factors; n (pairs) counts seeds."
	PerCostNote = "Differences divided by what is more: 10⁹ multiply-adds of a forward pass of one image, 10⁶ parameters, or minutes of " +
		"a run, with 95 % intervals; of minutes, which are measured, by Fieller's method."
	PowerNote = "Power of the two-sided paired t-test at 0.05 over the number of comparisons, Holm's first step; equivalence: two " +
		"one-sided tests."
	ImageNote = "McNemar's test over the images that one of two networks takes for the right class; not corrected for several networks."
)
