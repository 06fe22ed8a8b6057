package pickle

import (
	"fmt"
	"strconv"
)

// one gives an instruction the value on top, and many those since the mark.
func one(do func(*machine, []any) error) func(*machine) error {
	return func(m *machine) error {
		v, err := m.pop()
		if err != nil {
			return err
		}
		return do(m, []any{v})
	}
}

func many(do func(*machine, []any) error) func(*machine) error {
	return func(m *machine) error {
		v, err := m.sinceMark()
		if err != nil {
			return err
		}
		return do(m, v)
	}
}

// extend appends values to the list on top.
func (m *machine) extend(values []any) error {
	target, err := m.top()
	if err != nil {
		return err
	}
	switch t := target.(type) {
	case *List:
		t.Values = append(t.Values, values...)
	case *Call:
		t.List.Values = append(t.List.Values, values...)
	default:
		return fmt.Errorf("an instruction appends to %s", Kind(target))
	}
	return nil
}

func (m *machine) setItem() error {
	v, err := m.pop()
	if err != nil {
		return err
	}
	k, err := m.pop()
	if err != nil {
		return err
	}
	return m.setItems([]any{k, v})
}

// setItems puts keys with their values into the dictionary on top.
func (m *machine) setItems(values []any) error {
	target, err := m.top()
	if err != nil {
		return err
	}
	switch t := target.(type) {
	case *Dict:
		return t.set(values)
	case *Call:
		return t.Dict.set(values)
	}
	return fmt.Errorf("an instruction sets items of %s", Kind(target))
}

func (d *Dict) set(values []any) error {
	if len(values)%2 != 0 {
		return fmt.Errorf("a dictionary's last key has no value")
	}
	for i := 0; i < len(values); i += 2 {
		d.Items = append(d.Items, Item{values[i], values[i+1]})
	}
	return nil
}

// build sets the state of the object on top.
func (m *machine) build() error {
	state, err := m.pop()
	if err != nil {
		return err
	}
	target, err := m.top()
	if err != nil {
		return err
	}
	if c, is := target.(*Call); is { // what else has a state keeps nothing that is needed
		c.State = state
	}
	return nil
}

func (m *machine) global() error {
	module, err := m.line()
	if err != nil {
		return err
	}
	name, err := m.line()
	return m.orPush(Global{module, name}, err)
}

func (m *machine) stackGlobal() error {
	name, err := m.pop()
	if err != nil {
		return err
	}
	module, err := m.pop()
	if err != nil {
		return err
	}
	n, named := name.(string)
	from, located := module.(string)
	if !named || !located {
		return fmt.Errorf("a global is named by %s and %s, want strings", Kind(module), Kind(name))
	}
	return m.push(Global{from, n})
}

// call notes what would be called with which arguments.
func (m *machine) call() error {
	args, err := m.pop()
	if err != nil {
		return err
	}
	f, err := m.pop()
	return m.orPush(&Call{Func: f, Args: args}, err)
}

// callNamed is call with named arguments, which nothing here needs.
func (m *machine) callNamed() error {
	if _, err := m.pop(); err != nil {
		return err
	}
	return m.call()
}

// instance is a call with the arguments since the mark of a class that is named.
func (m *machine) instance() error {
	if err := m.global(); err != nil {
		return err
	}
	class, err := m.pop()
	if err != nil {
		return err
	}
	args, err := m.sinceMark()
	return m.orPush(&Call{Func: class, Args: Tuple(args)}, err)
}

// object is a call of the first value since the mark with the others.
func (m *machine) object() error {
	values, err := m.sinceMark()
	if err == nil && len(values) == 0 {
		err = fmt.Errorf("an instruction wants a class where there is none")
	}
	if err != nil {
		return err
	}
	return m.push(&Call{Func: values[0], Args: Tuple(values[1:])})
}

// refer puts on the stack what stands for something outside of the pickle.
func (m *machine) refer(id any, err error) error {
	if err != nil {
		return err
	}
	p := Persistent{id}
	m.outside = append(m.outside, p)
	return m.push(p)
}

// put notes the value on top under a number of n bytes.
func put(n int) func(*machine) error {
	return func(m *machine) error {
		at, err := m.number(n)
		if err != nil {
			return err
		}
		return m.note(at)
	}
}

func (m *machine) putLine() error {
	at, err := m.place()
	if err != nil {
		return err
	}
	return m.note(at)
}

func (m *machine) memoize() error { return m.note(uint64(len(m.memo))) }

func (m *machine) note(at uint64) error {
	v, err := m.top()
	if err != nil {
		return err
	}
	m.memo[at] = v
	return m.count(1)
}

// get puts on the stack what was noted under a number of n bytes.
func get(n int) func(*machine) error {
	return func(m *machine) error {
		at, err := m.number(n)
		if err != nil {
			return err
		}
		return m.noted(at)
	}
}

func (m *machine) getLine() error {
	at, err := m.place()
	if err != nil {
		return err
	}
	return m.noted(at)
}

func (m *machine) noted(at uint64) error {
	v, there := m.memo[at]
	if !there {
		return fmt.Errorf("nothing was noted as number %d", at)
	}
	return m.push(v)
}

// place reads the number of a note in digits.
func (m *machine) place() (uint64, error) {
	line, err := m.line()
	if err != nil {
		return 0, err
	}
	at, err := strconv.ParseUint(line, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("want the number of a note, got %.60q", line)
	}
	return at, nil
}
