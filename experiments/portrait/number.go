package portrait

import (
	"encoding/json"
	"math"
)

// Number is a number that may be none: JSON knows no NaN and no infinity, and has null in their place.
type Number float64

// Finite tells whether it is a number.
func (n Number) Finite() bool { return !math.IsNaN(float64(n)) && !math.IsInf(float64(n), 0) }

func (n Number) MarshalJSON() ([]byte, error) {
	if !n.Finite() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

func (n *Number) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*n = Number(math.NaN())
		return nil
	}
	var v float64
	err := json.Unmarshal(data, &v)
	*n = Number(v)
	return err
}
