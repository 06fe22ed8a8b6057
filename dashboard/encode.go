package dashboard

import (
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"reflect"
	"strings"

	"workbench/experiments"
	"workbench/experiments/escape"
)

// jsonBody answers with JSON in which NaN and infinities are the strings "NaN", "Infinity" and "-Infinity".
type jsonBody struct {
	Status int // 0: 200
	Value  any
}

func (j jsonBody) pack() (parcel, error) {
	text, err := encode(j.Value)
	return parcel{status: j.Status, media: "application/json", body: text}, err
}

func encode(v any) ([]byte, error) {
	var b bounded
	err := encodeTo(&b, v)
	return escape.JSON(b.Bytes()), err
}

func encodeTo(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(true)
	if err := e.Encode(portable(reflect.ValueOf(v))); err != nil {
		return fmt.Errorf("dashboard: encoding %T: %w", v, err)
	}
	return nil
}

// jsonList answers with an object whose last member is a list, of which one element at a time is in memory.
type jsonList struct {
	Members  map[string]any // before the list
	Name     string
	Elements iter.Seq2[any, error]
}

func (j jsonList) pack() (parcel, error) {
	var b bounded
	b.WriteString("{")
	for _, key := range sortedKeys(j.Members) {
		fmt.Fprintf(&b, "%q:", key)
		if err := encodeTo(&b, j.Members[key]); err != nil {
			return parcel{}, err
		}
		b.WriteString(",")
	}
	fmt.Fprintf(&b, "%q:[", j.Name)
	comma := ""
	for element, err := range j.Elements {
		if err != nil {
			return parcel{}, err
		}
		b.WriteString(comma)
		if err := encodeTo(&b, element); err != nil {
			return parcel{}, err
		}
		comma = ","
	}
	b.WriteString("]}\n")
	return parcel{media: "application/json", body: escape.JSON(b.Bytes())}, nil
}

var (
	marshaler     = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

// portable copies v with every float64 as an experiments.Number, honouring json tags as encoding/json does. Types that
// know how to write themselves are left alone.
func portable(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	if t := v.Type(); t.Implements(marshaler) || t.Implements(textMarshaler) {
		return v.Interface()
	}
	if floats, ok := v.Interface().([]float64); ok && floats != nil {
		return numbers(floats)
	}
	switch v.Kind() {
	case reflect.Float64, reflect.Float32:
		return experiments.Number(v.Float())
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return portable(v.Elem())
	case reflect.Slice, reflect.Array:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = portable(v.Index(i))
		}
		return list
	case reflect.Map:
		m := make(map[string]any, v.Len())
		for it := v.MapRange(); it.Next(); {
			m[fmt.Sprint(it.Key().Interface())] = portable(it.Value())
		}
		return m
	case reflect.Struct:
		m := map[string]any{}
		addFields(m, v)
		return m
	}
	return v.Interface()
}

func numbers(floats []float64) []experiments.Number {
	list := make([]experiments.Number, len(floats))
	for i, f := range floats {
		list[i] = experiments.Number(f)
	}
	return list
}

func addFields(m map[string]any, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case !f.IsExported() && !f.Anonymous, name == "-":
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			addFields(m, v.Field(i))
		case strings.Contains(options, "omitempty") && (v.Field(i).IsZero() || empty(v.Field(i))):
		default:
			if name == "" {
				name = f.Name
			}
			m[name] = portable(v.Field(i))
		}
	}
}

func empty(v reflect.Value) bool {
	return (v.Kind() == reflect.Map || v.Kind() == reflect.Slice) && v.Len() == 0
}
