package experiments

import (
	"encoding/json"
	"fmt"
	"math"
)

// Number is a float64 that JSON can carry whatever its value: NaN and infinities are the strings "NaN", "Infinity" and
// "-Infinity", every other value a JSON number that reads back to the same bits.
type Number float64

// MarshalJSON never fails.
func (n Number) MarshalJSON() ([]byte, error) {
	switch f := float64(n); {
	case math.IsNaN(f):
		return []byte(`"NaN"`), nil
	case math.IsInf(f, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(f, -1):
		return []byte(`"-Infinity"`), nil
	default:
		return json.Marshal(f)
	}
}

// UnmarshalJSON accepts what MarshalJSON writes and nothing else.
func (n *Number) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `"NaN"`:
		*n = Number(math.NaN())
	case `"Infinity"`:
		*n = Number(math.Inf(1))
	case `"-Infinity"`:
		*n = Number(math.Inf(-1))
	default:
		var f *float64
		if err := json.Unmarshal(text, &f); err != nil || f == nil {
			return fmt.Errorf("want a number, \"NaN\", \"Infinity\" or \"-Infinity\", got %s", text)
		}
		*n = Number(*f)
	}
	return nil
}
