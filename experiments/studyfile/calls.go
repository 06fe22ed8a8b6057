package studyfile

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments"
)

// instead says what to write for those functions of Hydra's grammar that a study has no use for.
var instead = map[string]string{
	"interval":    "a study has no continuous sweeps: write values (0.1,0.2) or range(0.1,0.3,0.1)",
	"glob":        "patterns of names are not read: write the names, such as a,b",
	"sort":        "write the values in the order wanted",
	"shuffle":     "write the values in the order wanted",
	"tag":         "sweeps have no tags: write the values alone",
	"extend_list": "write the whole list, such as [1,2,3]",
	"int":         "write the number itself",
	"float":       "write the number itself",
	"bool":        "write true or false",
	"str":         "write the text in quotes",
	"json_str":    "write the text in quotes",
}

// call is the name of the function that a value begins with, "" if it begins with none.
func (p *parser) call() string {
	end := p.at
	for end < len(p.text) && (p.text[end] == '_' || 'a' <= p.text[end] && p.text[end] <= 'z') {
		end++
	}
	if end == p.at || end == len(p.text) || p.text[end] != '(' {
		return ""
	}
	return string(p.text[p.at:end])
}

// sweep reads choice(…) or range(…), whose values become levels. The error for another function of Hydra's says what to
// write in its place.
func (p *parser) sweep(name string) ([]typed, *overrideError) {
	start := p.at
	switch {
	case name == "choice":
		p.at += len("choice(")
		return p.choices()
	case name == "range":
		numbers, err := p.numbers()
		var all []typed
		for _, n := range numbers {
			all = append(all, typed{value: n, column: start + 1})
		}
		return all, err
	}
	return nil, &overrideError{start + 1, fmt.Sprintf("%s(…): %s", name, instead[name])}
}

// choices reads the values of choice(a,b) up to its end.
func (p *parser) choices() (all []typed, err *overrideError) {
	p.inCall = true
	defer func() { p.inCall = false }()
	for {
		p.spaces()
		column := p.at + 1
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		all = append(all, typed{value: v, column: column})
		p.spaces()
		switch p.peek() {
		case ',':
			p.at++
		case ')':
			p.at++
			return all, nil
		default:
			return nil, p.fail("want a comma or ) in choice(…)")
		}
	}
}

// numbers expands range(end), range(first, end) or range(first, end, step), without the end.
func (p *parser) numbers() ([]any, *overrideError) {
	start := p.at
	inside, _, closed := strings.Cut(strings.TrimPrefix(string(p.text[p.at:]), "range("), ")")
	bad := &overrideError{start + 1, fmt.Sprintf("want range(first,end) or range(first,end,step) of numbers, without the end, "+
		"at most %d values", experiments.MaxLevels)}
	args, ok := rangeArguments(inside)
	if !ok || !closed {
		return nil, bad
	}
	whole, decimals := true, 0
	for _, arg := range args {
		whole = whole && !strings.ContainsAny(arg.text, ".eE")
		decimals = max(decimals, decimalsOf(arg.text))
	}
	first, end, step := args[0].value, args[1].value, args[2].value
	var numbers []any
	for i := 0; ; i++ {
		x := round(first+float64(i)*step, decimals)
		if step > 0 && x >= end || step < 0 && x <= end {
			break
		}
		if numbers = append(numbers, any(x)); whole {
			numbers[i] = int(x)
		}
		if len(numbers) > experiments.MaxLevels {
			return nil, bad
		}
	}
	if len(numbers) == 0 {
		return nil, &overrideError{start + 1, fmt.Sprintf("range(%s) is empty", inside)}
	}
	p.at += len("range()") + len([]rune(inside))
	return numbers, nil
}

// decimalsOf counts the digits behind the point that a number has when it is written without an exponent: 1.5e-3 has 4.
func decimalsOf(text string) int {
	const most = 330 // of the smallest float64, 4.9e-324
	digits, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	_, after, _ := strings.Cut(digits, ".")
	shift, err := strconv.Atoi(exponent)
	if err != nil { // there is none, or one beyond every float64
		shift = 0
	}
	return min(max(len(after)-shift, 0), most)
}

// round takes a number to so many decimals, so that 0.1 + 2·0.1 is 0.3.
func round(x float64, decimals int) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'f', decimals, 64), 64) // a number that was just written
	return r
}

type argument struct {
	text  string
	value float64
}

// rangeArguments reads first, end and step, by position or by Hydra's names start, stop and step.
func rangeArguments(inside string) (args [3]argument, ok bool) {
	names := []string{"start", "stop", "step"}
	args[0], args[2] = argument{"0", 0}, argument{"1", 1}
	parts := strings.Split(inside, ",")
	if len(parts) == 1 && !strings.Contains(parts[0], "=") {
		parts = []string{"0", parts[0]}
	}
	said := [3]bool{}
	for i, part := range parts {
		if name, value, named := strings.Cut(part, "="); named {
			i, part = slices.Index(names, strings.TrimSpace(name)), value
		}
		if i < 0 || i > 2 || said[i] {
			return args, false
		}
		text := strings.TrimSpace(part)
		value, err := strconv.ParseFloat(text, 64)
		if err != nil || math.Abs(value) > 1<<31 || strings.ContainsAny(text, "xX_pP") {
			return args, false
		}
		args[i], said[i] = argument{text, value}, true
	}
	return args, said[1] && args[2].value != 0
}
