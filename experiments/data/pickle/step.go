package pickle

import "fmt"

// The instructions, by their names in Python's pickletools.
const (
	opMark, opStop, opPop, opPopMark                         = '(', '.', '0', '1'
	opProto, opFrame                                         = 0x80, 0x95
	opNone, opTrue, opFalse                                  = 'N', 0x88, 0x89
	opBinInt, opBinInt1, opBinInt2, opLong1, opLong4         = 'J', 'K', 'M', 0x8a, 0x8b
	opBinFloat                                               = 'G'
	opShortBinString, opBinString                            = 'U', 'T'
	opShortBinBytes, opBinBytes, opBinBytes8, opByteArray8   = 'C', 'B', 0x8e, 0x96
	opShortBinUnicode, opBinUnicode, opBinUnicode8           = 0x8c, 'X', 0x8d
	opEmptyTuple, opTuple, opTuple1, opTuple2, opTuple3      = ')', 't', 0x85, 0x86, 0x87
	opEmptyList, opAppend, opAppends                         = ']', 'a', 'e'
	opEmptyDict, opSetItem, opSetItems                       = '}', 's', 'u'
	opBinPut, opLongBinPut, opMemoize, opBinGet, opLongBinGe = 'q', 'r', 0x94, 'h', 'j'
	opGlobal, opStackGlobal, opReduce, opBuild               = 'c', 0x93, 'R', 'b'
)

// step runs one instruction.
func (m *machine) step(op byte) error {
	switch op {
	case opMark:
		m.marks = append(m.marks, len(m.stack))
		return nil
	case opPop:
		_, err := m.pop(1)
		return err
	case opPopMark:
		_, err := m.popMark()
		return err
	case opProto:
		version, err := m.number(1)
		if err == nil && version > 5 {
			return fmt.Errorf("protocol %d, want 2 to 5", version)
		}
		return err
	case opFrame:
		_, err := m.take(8)
		return err
	case opNone:
		m.push(nil)
		return nil
	case opTrue, opFalse:
		m.push(op == opTrue)
		return nil
	case opBinPut, opLongBinPut, opMemoize, opBinGet, opLongBinGe:
		return m.remember(op)
	case opGlobal, opStackGlobal, opReduce, opBuild:
		return m.object(op)
	case opEmptyTuple, opTuple, opTuple1, opTuple2, opTuple3, opEmptyList, opAppend, opAppends, opEmptyDict, opSetItem, opSetItems:
		return m.collect(op)
	}
	return m.scalar(op)
}

// scalar pushes a number or a text.
func (m *machine) scalar(op byte) error {
	size := map[byte]int{opBinInt: 4, opBinInt1: 1, opBinInt2: 2}[op]
	switch op {
	case opBinInt, opBinInt1, opBinInt2:
		n, err := m.number(size)
		if err != nil {
			return err
		}
		v := int64(n)
		if op == opBinInt {
			v = int64(int32(n))
		}
		m.push(v)
		return nil
	case opLong1:
		return m.long(1)
	case opLong4:
		return m.long(4)
	case opBinFloat:
		return m.float()
	case opShortBinString, opShortBinBytes:
		return m.bytes(1)
	case opBinString, opBinBytes:
		return m.bytes(4)
	case opBinBytes8, opByteArray8:
		return m.bytes(8)
	case opShortBinUnicode:
		return m.unicode(1)
	case opBinUnicode:
		return m.unicode(4)
	case opBinUnicode8:
		return m.unicode(8)
	}
	return fmt.Errorf("instruction %q (%#02x), which plain data does not need", rune(op), op)
}

// remember keeps the last value under a number, or brings it back.
func (m *machine) remember(op byte) error {
	var key uint64
	var err error
	switch op {
	case opBinPut, opBinGet:
		key, err = m.number(1)
	case opLongBinPut, opLongBinGe:
		key, err = m.number(4)
	default:
		key = uint64(len(m.memo))
	}
	if err != nil {
		return err
	}
	if op == opBinGet || op == opLongBinGe {
		v, there := m.memo[key]
		if !there {
			return fmt.Errorf("value %d is brought back but was not kept", key)
		}
		m.push(v)
		return nil
	}
	v, err := m.top()
	if err == nil {
		m.memo[key] = v
	}
	return err
}

// collect makes or extends a tuple, a list or a dictionary.
func (m *machine) collect(op byte) error {
	var items []any
	var err error
	switch op {
	case opTuple, opAppends, opSetItems:
		items, err = m.popMark()
	case opTuple1, opTuple2, opTuple3:
		items, err = m.pop(int(op-opTuple1) + 1)
	case opAppend:
		items, err = m.pop(1)
	case opSetItem:
		items, err = m.pop(2)
	}
	if err != nil {
		return err
	}
	switch op {
	case opEmptyList:
		m.push(&List{})
	case opEmptyDict:
		m.push(&Dict{Items: map[string]any{}})
	case opAppend, opAppends:
		return m.extend(items)
	case opSetItem, opSetItems:
		return m.assign(items)
	default:
		m.push(Tuple(items))
	}
	return nil
}

func (m *machine) extend(items []any) error {
	v, err := m.top()
	if err != nil {
		return err
	}
	l, ok := v.(*List)
	if !ok {
		return fmt.Errorf("items for %s, want a list", kindOf(v))
	}
	l.Items = append(l.Items, items...)
	return nil
}

func (m *machine) assign(items []any) error {
	v, err := m.top()
	if err != nil {
		return err
	}
	d, ok := v.(*Dict)
	if !ok || len(items)%2 != 0 {
		return fmt.Errorf("%d keys and values for %s, want pairs for a dictionary", len(items), kindOf(v))
	}
	for i := 0; i < len(items); i += 2 {
		key, ok := items[i].(string)
		if !ok {
			return fmt.Errorf("a key that is %s, want a text", kindOf(items[i]))
		}
		d.Items[key] = items[i+1]
	}
	return nil
}

// object names, makes or fills something that is not plain.
func (m *machine) object(op byte) error {
	if op == opGlobal {
		module, err := m.line()
		if err != nil {
			return err
		}
		name, err := m.line()
		if err != nil {
			return err
		}
		g, err := named(module, name)
		m.push(g)
		return err
	}
	pair, err := m.pop(2)
	if err != nil {
		return err
	}
	switch op {
	case opStackGlobal:
		module, isText := pair[0].(string)
		name, alsoText := pair[1].(string)
		if !isText || !alsoText {
			return fmt.Errorf("a name of %s and %s, want two texts", kindOf(pair[0]), kindOf(pair[1]))
		}
		g, err := named(module, name)
		m.push(g)
		return err
	case opReduce:
		f, isName := pair[0].(global)
		args, isTuple := pair[1].(Tuple)
		if !isName || !isTuple {
			return fmt.Errorf("a call of %s with %s, want a name and a tuple", kindOf(pair[0]), kindOf(pair[1]))
		}
		if err := m.spend(args); err != nil {
			return err
		}
		made, err := call(f, args)
		m.push(made)
		return err
	}
	m.push(pair[0])
	if state, ok := pair[1].(Tuple); ok {
		if err := m.spend(state); err != nil {
			return err
		}
	}
	return build(pair[0], pair[1])
}
