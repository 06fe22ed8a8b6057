package weights

import (
	"fmt"
	"math"
	"strings"
)

// Unsound says why a network cannot work with the values of its parameter at a path; "" means that it can. Files may
// hold such values, because the format allows any. They are NaN, infinities, and variances below zero, of which a batch
// norm takes the root.
func Unsound(path string, values []float32) string {
	broken, negative := 0, 0
	for _, v := range values {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			broken++
		} else if v < 0 {
			negative++
		}
	}
	switch {
	case broken > 0:
		return fmt.Sprintf("%d of %d values are NaN or infinite", broken, len(values))
	case negative > 0 && (path == variances || strings.HasSuffix(path, "."+variances)):
		return fmt.Sprintf("%d of %d variances are below zero", negative, len(values))
	}
	return ""
}

// variances are a batch norm's running ones.
const variances = "running_var"
