package studyfile

import (
	"fmt"
	"strings"

	"workbench/experiments"
	"workbench/experiments/label"
	"workbench/nn/option"
)

// override is one change typed on the command line, in Hydra's grammar:
//
//	optim.lr=0.1                   a value
//	model.depth=20,32,56           several: the path becomes a factor with these levels
//	model.depth=choice(20,32,56)   the same
//	schedule.warmup_epochs=range(0,3)   0, 1, 2: range(first, end) without the end, or range(first, end, step)
//	schedule.milestones=[80,120]   a list is one value
//	name="my study"                in quotes a text stays a text ("10") and may hold commas
//	title=a\, b                    a backslash takes the next sign of the grammar as it is
//	+model.width=8                 a new option of the network or the data set, or a new key of a phase
//	++model.width=8                a new option or another value
//	~model.width                   drops an option: its default holds
//	sample.cells=20                how many cells chance takes; override.ofPart has more of these
type override struct {
	text   string
	op     byte // '=', '+' or '~'
	key    string
	column int    // of the key, characters from 1
	from   int    // index of the first character behind the =
	raw    string // what stands behind it
	values []typed
	sweep  bool // several values, or a range
}

// typed is a value with the place where it stands.
type typed struct {
	value  any
	column int
	shown  string // of a file whose content is the value: its name; "": the value shows itself
}

// label is the label of a level with this value.
func (t typed) label() string {
	if t.shown != "" {
		return label.Normal(t.shown)
	}
	return label.Normal(option.Label(t.value))
}

// overrideError is what is wrong with an override, and at which character.
type overrideError struct {
	column  int
	message string
}

func (e *overrideError) Error() string { return fmt.Sprintf("column %d: %s", e.column, e.message) }

// parseOverride reads what stands up to the =.
func parseOverride(text string) (override, *overrideError) {
	o := override{text: text, op: '='}
	p := parser{text: []rune(text)}
	p.spaces()
	if c := p.peek(); c == '+' || c == '~' {
		o.op = byte(c)
		p.at++
	}
	if o.op == '+' && p.peek() == '+' {
		o.op = '='
		p.at++
	}
	o.column = p.at + 1
	start := p.at
	for p.at < len(p.text) && p.text[p.at] != '=' {
		p.at++
	}
	o.key = strings.TrimSpace(string(p.text[start:p.at]))
	switch {
	case o.key == "" || strings.ContainsAny(o.key, " \t\r\n,[](){}\"'"):
		return o, &overrideError{o.column, fmt.Sprintf("want key=value, got %q", text)}
	case o.op == '~' && p.at < len(p.text):
		return o, &overrideError{p.at + 1, "~ drops a key, it takes no value"}
	case o.op == '~':
		return o, nil
	case p.at == len(p.text):
		return o, &overrideError{p.at + 1, fmt.Sprintf("want %s=value, got no =", o.key)}
	}
	o.from = p.at + 1
	o.raw = string(p.text[o.from:])
	return o, nil
}

// parseValues reads what stands behind the =.
func (o *override) parseValues() (err *overrideError) {
	if o.op != '~' {
		p := parser{text: []rune(o.text), at: o.from}
		o.values, o.sweep, err = p.values()
	}
	return err
}

// parser walks the characters of an override.
type parser struct {
	text    []rune
	at      int
	inCall  bool // a ) ends a value
	inGroup bool // a } ends a value
}

func (p *parser) peek() rune {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) spaces() {
	for c := p.peek(); c == ' ' || c == '\t'; c = p.peek() {
		p.at++
	}
}

func (p *parser) fail(format string, args ...any) *overrideError {
	return &overrideError{p.at + 1, fmt.Sprintf(format, args...)}
}

// values reads what stands behind the =, up to the end.
func (p *parser) values() (all []typed, sweep bool, err *overrideError) {
	for {
		p.spaces()
		column := p.at + 1
		name := p.call()
		if _, refused := instead[name]; refused || name == "range" || name == "choice" {
			swept, err := p.sweep(name)
			if err != nil {
				return nil, false, err
			}
			all, sweep = append(all, swept...), true
		} else {
			v, err := p.value()
			if err != nil {
				return nil, false, err
			}
			all = append(all, typed{value: v, column: column})
		}
		if len(all) > experiments.MaxLevels {
			return nil, false, p.fail("want at most %d values", experiments.MaxLevels)
		}
		p.spaces()
		if p.at == len(p.text) {
			return all, sweep || len(all) > 1, nil
		}
		if p.peek() != ',' {
			return nil, false, p.fail("want a comma or the end, got %q", p.peek())
		}
		p.at++
	}
}

// value reads a list or a single value.
func (p *parser) value() (any, *overrideError) {
	if p.peek() != '[' {
		return p.scalar()
	}
	p.at++
	list := []any{}
	for {
		p.spaces()
		if p.peek() == ']' && len(list) == 0 {
			break
		}
		v, err := p.scalar()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		p.spaces()
		if p.peek() == ']' {
			break
		}
		if p.peek() != ',' {
			return nil, p.fail("want a comma or ] in the list")
		}
		p.at++
	}
	p.at++
	return list, nil
}

// special are the signs of the grammar, which end a value without quotes.
const special = ",[](){}=\"'"

func (p *parser) scalar() (any, *overrideError) {
	if c := p.peek(); c == '"' || c == '\'' {
		return p.quoted(c)
	}
	if p.peek() == '{' {
		return nil, p.fail("a group of keys is written in the study's file, not in an override (in quotes this is a text)")
	}
	start := p.at
	var read strings.Builder
	for p.at < len(p.text) && !strings.ContainsRune(special, p.text[p.at]) {
		if p.text[p.at] == '\\' && p.at+1 < len(p.text) && strings.ContainsRune(special+`\ `, p.text[p.at+1]) {
			p.at++
		}
		read.WriteRune(p.text[p.at])
		p.at++
	}
	switch c := p.peek(); {
	case p.at == len(p.text), c == ',', c == ']', c == ')' && p.inCall, c == '}' && p.inGroup:
	case c == '{' && strings.HasSuffix(read.String(), "$"):
		return nil, p.fail("${…} refers to another key in Hydra, here it is not read: write the value")
	default:
		return nil, p.fail("%q needs quotes around the value", c)
	}
	text := strings.TrimSpace(read.String())
	if text == "" {
		return nil, p.fail("want a value (\"\" for an empty text)")
	}
	v, err := scalarOf(plain(text))
	if err != nil {
		return nil, &overrideError{start + 1, err.Error()}
	}
	return v, nil
}

// quoted reads a text up to the closing quote; a backslash takes the next character as it is.
func (p *parser) quoted(quote rune) (any, *overrideError) {
	start := p.at
	var text strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == quote:
			p.at++
			return text.String(), nil
		case c == '\\' && p.at+1 < len(p.text):
			p.at++
			text.WriteRune(p.text[p.at])
		default:
			text.WriteRune(c)
		}
	}
	return nil, &overrideError{start + 1, fmt.Sprintf("the quote %c is not closed", quote)}
}
