package zoo

import (
	"fmt"
	"strconv"
	"strings"
)

// largestSide is the largest side, in pixels, and the largest number of channels that ParseInput takes.
const largestSide = 1 << 14

// ParseInput reads the size of images, channels×height×width, such as "3x64x64".
func ParseInput(s string) (input [3]int, err error) {
	parts := strings.Split(strings.ReplaceAll(s, "×", "x"), "x")
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 || n > largestSide || len(parts) != len(input) {
			return input, fmt.Errorf("want channels×height×width such as 3x32x32, each from 1 to %d, got %q", largestSide, s)
		}
		input[i] = n
	}
	return input, nil
}
