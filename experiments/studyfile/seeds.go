package studyfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments"
	"workbench/nn/option"
)

const maxSeeds = 1000 // of one study

// ParseSeeds reads "5" (a count: seeds 1 to 5), "1,4,7", "1-5", or a mixture ("1-3,10"). A comma at the end makes a
// single number a seed ("7,": seed 7), and so do brackets, which may stand around any list ("[1,4,7]").
func ParseSeeds(text string) ([]uint64, error) {
	text = strings.TrimSpace(text)
	if inside, ok := strings.CutPrefix(text, "["); ok {
		if inside, ok = strings.CutSuffix(inside, "]"); ok && strings.TrimSpace(inside) != "" {
			text = strings.TrimSuffix(strings.TrimSpace(inside), ",") + ","
		}
	}
	if !strings.ContainsAny(text, ",-") {
		n, err := parseSeed(text)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, fmt.Errorf("want at least 1 seed, got the count 0 (a comma makes it a seed: \"0,\")")
		}
		text = fmt.Sprintf("1-%d", n)
	}
	var seeds []uint64
	for part := range strings.SplitSeq(strings.TrimSuffix(text, ","), ",") {
		first, last, err := seedRange(part)
		if err != nil {
			return nil, err
		}
		if last-first >= uint64(maxSeeds-len(seeds)) {
			return nil, fmt.Errorf("want at most %d seeds, got %s", maxSeeds, option.Text(text))
		}
		for seed := first; seed <= last; seed++ {
			if slices.Contains(seeds, seed) {
				return nil, fmt.Errorf("seed %d is given twice in %s", seed, option.Text(text))
			}
			seeds = append(seeds, seed)
		}
	}
	return seeds, nil
}

// seedRange reads "3" or "3-5".
func seedRange(part string) (first, last uint64, err error) {
	from, to, isRange := strings.Cut(part, "-")
	if first, err = parseSeed(from); err == nil {
		last = first
	}
	if err == nil && isRange {
		last, err = parseSeed(to)
	}
	switch {
	case err != nil:
		return 0, 0, badSeeds(part)
	case last < first:
		return 0, 0, fmt.Errorf("want a range that rises, got %q", part)
	}
	return first, last, nil
}

func parseSeed(text string) (uint64, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	if err != nil || n > experiments.MaxSeed {
		return 0, badSeeds(text)
	}
	return n, nil
}

func badSeeds(got string) error {
	return fmt.Errorf("want a count (5), seeds (1,4,7) or a range (1-5) of whole numbers up to 2^53−1, got %s", option.Text(got))
}
