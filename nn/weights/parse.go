package weights

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"workbench/nn/nearest"
	"workbench/nn/op"
)

// metadataKey is the one key of a header that is no tensor.
const metadataKey = "__metadata__"

// parser walks a header token by token, because encoding/json takes the last of two equal keys in silence.
type parser struct{ *json.Decoder }

func parseHeader(text []byte) ([]Entry, map[string]string, error) {
	p := parser{json.NewDecoder(bytes.NewReader(text))}
	p.UseNumber()
	entries, metadata := []Entry{}, map[string]string{}
	err := p.object(func(key string) error {
		if key == metadataKey {
			return p.object(func(name string) (err error) {
				metadata[name], err = p.text()
				return err
			})
		}
		e, err := p.entry()
		e.Name = key
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if rest := text[p.InputOffset():]; strings.Trim(string(rest), " ") != "" {
		return nil, nil, fmt.Errorf("something other than spaces follows the object: %.20q", rest)
	}
	return entries, metadata, nil
}

// object reads {"key": …}. value reads what follows a key. A key that comes twice is an error.
func (p parser) object(value func(key string) error) error {
	if err := p.want(json.Delim('{')); err != nil {
		return err
	}
	seen := map[string]bool{}
	for p.More() {
		key, err := p.text()
		if err != nil {
			return err
		}
		switch {
		case len(key) > mostName:
			return fmt.Errorf("%.60q… is a name of %d bytes, want at most %d", key, len(key), mostName)
		case seen[key]:
			return fmt.Errorf("%q is there twice", key)
		case len(seen) > mostTensors: // the metadata are a name, too
			return fmt.Errorf("there are more than %d names, which no network has", mostTensors)
		}
		seen[key] = true
		if err := value(key); err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
	}
	return p.want(json.Delim('}'))
}

// entry reads {"dtype": "F32", "shape": [64, 3, 7, 7], "data_offsets": [0, 37632]}.
func (p parser) entry() (e Entry, err error) {
	missing := []string{"dtype", "shape", "data_offsets"}
	wanted := missing
	err = p.object(func(key string) error {
		missing = without(missing, key)
		switch key {
		case "dtype":
			name, err := p.text()
			e.DType = DType(name)
			return err
		case "shape":
			return p.numbers(func(n uint64) error {
				if n > math.MaxInt || len(e.Shape) == mostAxes {
					return fmt.Errorf("want at most %d axes of at most %d elements", mostAxes, math.MaxInt)
				}
				e.Shape = append(e.Shape, int(n))
				return nil
			})
		case "data_offsets":
			return p.offsets(&e)
		}
		return fmt.Errorf("a tensor has no such key%s", nearest.Hint(key, wanted))
	})
	if err == nil && len(missing) > 0 {
		err = fmt.Errorf("lacks %s", strings.Join(missing, " and "))
	}
	if e.Shape == nil {
		e.Shape = op.Shape{}
	}
	return e, err
}

func (p parser) offsets(e *Entry) error {
	var both []uint64
	err := p.numbers(func(n uint64) error {
		if len(both) == 2 {
			return fmt.Errorf("want two numbers")
		}
		both = append(both, n)
		return nil
	})
	if err == nil && len(both) != 2 {
		err = fmt.Errorf("want two numbers, got %d", len(both))
	}
	if err == nil {
		e.begin, e.end = both[0], both[1]
	}
	return err
}

func without(names []string, name string) []string {
	var rest []string
	for _, n := range names {
		if n != name {
			rest = append(rest, n)
		}
	}
	return rest
}

// numbers reads a list of whole numbers that are at least 0.
func (p parser) numbers(add func(uint64) error) error {
	if err := p.want(json.Delim('[')); err != nil {
		return err
	}
	for p.More() {
		token, err := p.token()
		if err != nil {
			return err
		}
		text, _ := token.(json.Number)
		n, err := strconv.ParseUint(string(text), 10, 64)
		if err != nil {
			return fmt.Errorf("want a whole number from 0, got %.60v", token)
		}
		if err := add(n); err != nil {
			return err
		}
	}
	return p.want(json.Delim(']'))
}

func (p parser) text() (string, error) {
	token, err := p.token()
	text, ok := token.(string)
	if err == nil && !ok {
		err = fmt.Errorf("want a string, got %.60v", token)
	}
	return text, err
}

func (p parser) want(d json.Delim) error {
	token, err := p.token()
	if err == nil && token != d {
		err = fmt.Errorf("want %v, got %.60v", d, token)
	}
	return err
}

func (p parser) token() (json.Token, error) {
	token, err := p.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return token, err
}
