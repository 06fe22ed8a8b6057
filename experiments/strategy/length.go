package strategy

import (
	"fmt"
	"strconv"
	"strings"
)

// Units of a length.
const (
	UnitSteps        = "steps"
	UnitImages       = "images"        // of the stream that sets the pace, every time that one is seen
	UnitMultiplyAdds = "multiply-adds" // of training, as plan.Program.MultiplyAdds counts them
)

// WantedLength is what a length looks like.
const WantedLength = "a number and steps, images or multiply-adds, such as 2000 steps"

// ParseLength takes a length apart. There is no length in minutes: how many steps those are differs from machine to
// machine and from day to day, so a run could neither be repeated nor continued bit for bit.
func ParseLength(text string) (n float64, unit string, err error) {
	end := strings.LastIndexAny(text, "0123456789.") + 1
	unit = strings.TrimSpace(text[end:])
	n, err = strconv.ParseFloat(strings.TrimSpace(text[:end]), 64)
	switch {
	case err != nil || !(n >= 1) || n > maxLength:
		return 0, "", fmt.Errorf("want %s, from 1 to 1e21, got %q", WantedLength, text)
	case unit == UnitSteps || unit == UnitImages || unit == UnitMultiplyAdds:
		return n, unit, nil
	case strings.HasPrefix(unit, "minute") || strings.HasPrefix(unit, "second") || strings.HasPrefix(unit, "hour"):
		return 0, "", fmt.Errorf("want %s, got %q: how many steps a time has differs from day to day, so the run could not be repeated",
			WantedLength, text)
	}
	return 0, "", fmt.Errorf("want %s, got %q", WantedLength, text)
}

const maxLength = 1e21
