package filter

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Ratio is a value in [0, 1] that is read in per cent: 50 and 50% both mean a half, and only the two decimals that a
// column shows count.
type Ratio float64

// Seconds is a duration: 90 and 1m30s mean the same.
type Seconds float64

// moments are the forms in which a time may be written, in UTC.
var moments = []string{"2006-01-02", "2006-01-02 15:04", "2006-01-02T15:04", time.DateTime, time.RFC3339}

// compare a field with what is written in a filter. It reports false where the two have no order: a text and a number,
// or anything and NaN.
func compare(got any, want string) (order int, both bool) {
	switch v := got.(type) {
	case bool:
		return 0, false
	case Ratio:
		n, ok := number(strings.TrimSuffix(want, "%"))
		return ordered(math.Round(float64(v)*1e4)/100, n, ok)
	case Seconds:
		if d, err := time.ParseDuration(want); err == nil {
			return ordered(float64(v), d.Seconds(), true)
		}
	case time.Time:
		t, ok := moment(want)
		return v.Compare(t), ok
	}
	text := fmt.Sprint(got)
	if a, whole := new(big.Int).SetString(text, 10); whole {
		if b, whole := new(big.Int).SetString(want, 10); whole {
			return a.Cmp(b), true // exactly, also where float64 has no such number
		}
	}
	a, isNumber := number(text)
	b, ok := number(want)
	return ordered(a, b, ok && isNumber)
}

func ordered(a, b float64, ok bool) (int, bool) {
	return cmp.Compare(a, b), ok && !math.IsNaN(a) && !math.IsNaN(b)
}

func moment(s string) (time.Time, bool) {
	for _, form := range moments {
		if t, err := time.Parse(form, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// number reads "0.1", "1e-3" and "90%" (0.9).
func number(s string) (float64, bool) {
	if p, percent := strings.CutSuffix(s, "%"); percent {
		v, err := strconv.ParseFloat(p, 64)
		return v / 100, err == nil
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}

// sizes says what may stand behind < or > of a field; "" if want may.
func sizes(field any, want string) string {
	if _, ok := compare(field, want); ok {
		return ""
	}
	switch field.(type) {
	case Ratio:
		return "a number in per cent, such as 91.5"
	case Seconds:
		return "a number of seconds, or such as 1m30s"
	case time.Time:
		return "a day or a time in UTC, such as 2026-01-31 or \"2026-01-31 12:00\""
	}
	if _, ok := number(want); ok {
		return "" // the field of another run may be a number
	}
	return "a number"
}
