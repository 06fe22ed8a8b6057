package dashboard

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"net/http"
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

func (j jsonBody) send(w http.ResponseWriter, r *http.Request) error {
	text, err := encode(j.Value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	if j.Status != 0 {
		w.WriteHeader(j.Status)
	}
	_, err = w.Write(text)
	return err
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(true)
	if err := e.Encode(portable(reflect.ValueOf(v))); err != nil {
		return nil, fmt.Errorf("dashboard: encoding %T: %w", v, err)
	}
	return escape.JSON(b.Bytes()), nil
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
