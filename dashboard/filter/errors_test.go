package filter

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Each mistake is told in one known sentence, at a known column.
func TestMistakesAreToldAtTheirColumn(t *testing.T) {
	nested := strings.Repeat("(", 101) + "a" + strings.Repeat(")", 101)
	many := strings.Repeat("a or ", 100)
	for text, want := range map[string]string{
		"model=":                          `7: want a value after =, got the end`,
		"model=(":                         `7: want a value after =, got "("`,
		"=3":                              `1: want a key such as model, status or lr, got "="`,
		"model=a model=b":                 `9: want "and", "or" or the end, got "model"`,
		"model=a and":                     `12: want a key such as model, status or lr, got the end`,
		"model=a or":                      `11: want a key such as model, status or lr, got the end`,
		"not":                             `4: want a key such as model, status or lr, got the end`,
		"(model=a":                        `1: this bracket is not closed`,
		"b or ((c)":                       `6: this bracket is not closed`,
		"model=a)":                        `8: want "and", "or" or the end, got ")"`,
		`model="a`:                        `7: this quote is not closed`,
		`"`:                               `1: this quote is not closed`,
		`"größe" =`:                       `10: want a value after =, got the end`,
		"größe=a and !b":                  `13: want "!=", got "!"`,
		"!":                               `1: want "!=", got "!"`,
		"and model=a":                     `1: want a comparison, got "and"`,
		"a and or":                        `7: want a comparison, got "or"`,
		"not NOT and":                     `9: want a comparison, got "and"`,
		"a and not or":                    `11: want a comparison, got "or"`,
		"b or AND":                        `6: want a comparison, got "AND"`,
		"a==b":                            `3: want a value after =, got "="`,
		"a:=b":                            `3: want a value after :, got "="`,
		"a<>b":                            `3: want a value after <, got ">"`,
		"a<=":                             `4: want a value after <=, got the end`,
		nested:                            `102: nested more than 100 deep`,
		nested[1 : 1+201]:                 "",
		many + "b":                        `501: want at most 100 comparisons`,
		many[:len(many)-4]:                "",
		strings.Repeat("not ", 101) + "a": `405: nested more than 100 deep`,
		strings.Repeat("not ", 100) + "a": "",
	} {
		f, err := Parse(text)
		if got := mistake(t, text, err); got != want {
			t.Errorf("%.60s: %q, want %q", text, got, want)
		}
		if err == nil && f.String() != text {
			t.Errorf("the text of the filter %q is %q", text, f)
		}
	}
}

// mistake is an error of a filter as "COLUMN: MESSAGE", and "" for none.
func mistake(t *testing.T, text string, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *Error
	if !errors.As(err, &e) || e.Text != text || err.Error() != fmt.Sprintf("filter: column %d: %s", e.Column, e.Message) {
		t.Errorf("%.60s: the error is %#v", text, err)
		return err.Error()
	}
	return fmt.Sprint(e.Column, ": ", e.Message)
}

// What cannot be compared with any run is told, with what may stand there.
func TestKeysAndValuesAreChecked(t *testing.T) {
	const seconds = `want a number of seconds, or such as 1m30s`
	const days = `want a day or a time in UTC, such as 2026-01-31 or "2026-01-31 12:00"`
	const ratios = `want a number in per cent, such as 91.5`
	offer := fmt.Sprintf("there are model, duration and %d more", len(run)-2)
	for text, want := range map[string]string{
		"":         "",
		"whatever": "",
		"MODEL=x and Lr<1 and status<3 and test/top1=high and updated:soon": "",
		"status=done and modle=resnet20_cifar": `17: no run has a field "modle"; did you mean model? ` +
			"Else " + offer,
		"zzzzzz=1":                            `1: no run has a field "zzzzzz"; ` + offer,
		"test/top<1":                          `1: no run has a field "test/top"; did you mean test/top1? Else ` + offer,
		"lr<fast":                             `4: want a number after lr <, got "fast"`,
		"lr<1 and width>=wide":                `17: want a number after width >=, got "wide"`,
		"test/top1>high":                      "11: " + ratios + ` after test/top1 >, got "high"`,
		"test/top1<=91.5% or test/top1>=91.5": "",
		"duration>long":                       "10: " + seconds + ` after duration >, got "long"`,
		"duration>90 and duration<1h":         "",
		"updated>=soon":                       "10: " + days + ` after updated >=, got "soon"`,
		"nesterov<1":                          "",
	} {
		f, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := mistake(t, text, f.Check(run, []string{"model", "duration"})); got != want {
			t.Errorf("%s:\n got %q\nwant %q", text, got, want)
		}
	}
	f, err := Parse("layer=1")
	if err != nil {
		t.Fatal(err)
	}
	two := Fields{"layers": 1, "layer2": 1}
	want := `1: no run has a field "layer"; did you mean layer2 or layers? Else there are  and 2 more`
	if got := mistake(t, "layer=1", f.Check(two, nil)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	want = `1: no run has a field "layer"; there are x and 0 more`
	if got := mistake(t, "layer=1", f.Check(Fields{}, []string{"x"})); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	e := &Error{Text: "status=done and modle=resnet20_cifar", Column: 17}
	if e.Frame() != "status=done and modle=resnet20_cifar\n                ^" {
		t.Errorf("frame:\n%s", e.Frame())
	}
}
