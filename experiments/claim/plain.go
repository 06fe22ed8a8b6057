package claim

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"workbench/experiments/iec"
)

// mostElements bounds a list of values.
const mostElements = 1000

// plain is a value as values are compared: a float64, a string, or a []any of these.
func plain(value any) (any, error) {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
		return nil, fmt.Errorf("the expression gives nothing")
	case v.CanInt():
		return float64(v.Int()), nil
	case v.CanFloat():
		return v.Float(), nil
	case v.Kind() == reflect.String:
		return v.String(), nil
	case v.Kind() == reflect.Slice && v.Len() <= mostElements:
		list := make([]any, v.Len())
		for i := range list {
			var err error
			if list[i], err = plain(v.Index(i).Interface()); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return nil, fmt.Errorf("the expression gives a %T, want a number, a text or a list of these", value)
}

// Text writes a value for people: whole numbers with commas, others with up to six digits.
func Text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case float64:
		if v == float64(int64(v)) && v < 1e15 && v > -1e15 {
			return iec.Grouped(int64(v), iec.Comma)
		}
		return strconv.FormatFloat(v, 'g', 6, 64)
	case string:
		return v
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = Text(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(value)
}
