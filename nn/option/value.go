package option

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Check returns value as the option's type, or says what was wanted. Whole numbers may come as float64, because
// JSON has no integers.
func (o Option) Check(value any) (any, error) {
	good, err := o.Convert(value)
	if err != nil {
		return nil, err
	}
	if o.ZeroIsDefault && IsZero(good) {
		return good, nil
	}
	if err := tooLarge(good); err != nil {
		return nil, err
	}
	fits := true
	switch v := good.(type) {
	case int:
		fits = o.inRange(float64(v))
	case float64:
		fits = o.inRange(v)
	case string:
		fits = len(o.Choices) == 0 || slices.Contains(o.Choices, v)
	case []float64:
		for _, x := range v {
			fits = fits && o.inRange(x)
		}
	case []Group:
		return good, o.checkGroups(v)
	}
	if !fits {
		return nil, o.unwanted(value)
	}
	return good, nil
}

// Bounds on every value: within them, a value is exact in JSON and fits into a message, whoever reads it.
const (
	maxWhole = 1<<53 - 1 // the largest whole number that JSON readers keep exactly
	maxText  = 1000      // bytes
	maxList  = 1000      // elements
)

// tooLarge says which of the bounds on every value one is beyond; nil: none.
func tooLarge(value any) error {
	n := 0
	switch v := value.(type) {
	case int:
		if v > maxWhole || v < -maxWhole {
			return fmt.Errorf("want a whole number up to 2^53−1 = %d, got %d", maxWhole, v)
		}
	case string:
		if len(v) > maxText {
			return fmt.Errorf("want a text of at most %d bytes, got %d", maxText, len(v))
		}
	case []float64:
		n = len(v)
	case []Group:
		n = len(v)
	}
	if n > maxList {
		return fmt.Errorf("want a list of at most %d values, got %d", maxList, n)
	}
	return nil
}

// Convert returns value as the option's type whether or not it is within the bounds, or says what was wanted.
func (o Option) Convert(value any) (any, error) {
	var good any
	var ok bool
	switch o.Default.(type) {
	case int:
		good, ok = whole(value)
	case float64:
		good, ok = number(value)
	case bool:
		good, ok = value.(bool)
	case string:
		good, ok = value.(string)
	case []float64:
		if x, one := number(value); one && o.Alone {
			return []float64{x}, nil
		}
		good, ok = numbers(value)
	case []Group:
		return o.groups(value)
	}
	if !ok {
		return nil, o.unwanted(value)
	}
	return good, nil
}

func (o Option) unwanted(value any) error {
	return fmt.Errorf("want %s, got %s", o.Wanted(), Text(value))
}

func (o Option) inRange(x float64) bool {
	switch {
	case x < o.Min, o.Above && x == o.Min:
		return false
	case o.Max == 0:
		return true
	case o.Below:
		return x < o.Max
	}
	return x <= o.Max
}

func whole(value any) (int, bool) {
	switch v := value.(type) {
	case int:
		return v, true
	case float64:
		if math.Abs(v) <= 1<<53 && v == math.Trunc(v) {
			return int(v), true
		}
	}
	return 0, false
}

func number(value any) (float64, bool) {
	switch v := value.(type) {
	case int:
		return float64(v), true
	case float64:
		if v == 0 {
			v = 0 // −0 and 0 are one value
		}
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	}
	return 0, false
}

func numbers(value any) ([]float64, bool) {
	if fs, ok := value.([]float64); ok {
		return slices.Clone(fs), true
	}
	list, ok := value.([]any)
	if !ok {
		return nil, false
	}
	var fs []float64 // nil for an empty list: the same as none
	for _, v := range list {
		f, ok := number(v)
		if !ok {
			return nil, false
		}
		fs = append(fs, f)
	}
	return fs, true
}

// IsZero tells whether a value says nothing: nil, 0, false, "" or an empty list.
func IsZero(value any) bool {
	if value == nil {
		return true
	}
	v := reflect.ValueOf(value)
	return v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
}

// Equal tells whether two values of one option are the same.
func Equal(a, b any) bool { return IsZero(a) && IsZero(b) || reflect.DeepEqual(a, b) }

// Label writes a value as the label of a level, in its shortest form: 0.1 for 0.10.
func Label(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []float64:
		return labels(v)
	case []any:
		return labels(v)
	case []Group:
		return labels(v)
	case map[string]any:
		return mapLabel(v)
	}
	return fmt.Sprint(value)
}

func labels[T any](list []T) string {
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = Label(x)
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// mostShown is how many bytes of a value messages show at least; the middle of a longer one is left out.
const mostShown = 200

// Text writes a value as messages show it. Texts are in quotes.
func Text(value any) string {
	text, quoted := value.(string)
	if !quoted {
		text = Label(value)
	}
	if len(text) > mostShown {
		text = strings.ToValidUTF8(text[:mostShown/2], "") + "…" + strings.ToValidUTF8(text[len(text)-mostShown/2:], "")
	}
	if quoted {
		return strconv.Quote(text)
	}
	return text
}
