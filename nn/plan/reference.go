package plan

import (
	"fmt"

	"workbench/nn/op"
)

// Reference runs programs with the operators' own kernels. It is slow and plain, and
// its results are right by definition.
type Reference struct{}

var _ Backend = Reference{}

func (Reference) Name() string      { return "reference" }
func (Reference) NewMemory() Memory { return &referenceMemory{} }

type referenceMemory struct {
	states map[string]op.Buffer
}

func (m *referenceMemory) Shape(name string) (op.Shape, bool) {
	b, ok := m.states[name]
	return b.Shape, ok
}

func (m *referenceMemory) find(name string, n int) (op.Buffer, error) {
	b, ok := m.states[name]
	if !ok {
		return b, fmt.Errorf("there is no state %q", name)
	}
	if b.Shape.Size() != n {
		return b, fmt.Errorf("state %s is %v with %d elements, got %d", name, b.Shape, b.Shape.Size(), n)
	}
	return b, nil
}

func (m *referenceMemory) Read(name string, dst []float32) error {
	b, err := m.find(name, len(dst))
	if err != nil {
		return err
	}
	copyOut(dst, b)
	return nil
}

func (m *referenceMemory) Write(name string, src []float32) error {
	b, err := m.find(name, len(src))
	if err != nil {
		return err
	}
	copyIn(b, src)
	return nil
}

func (m *referenceMemory) Close() error { return nil }

type reference struct {
	*Program
	buffers []op.Buffer // by Value.ID
	floats  map[string][]float32
	results map[string][]float32
	labels  []LabelRange
	bytes   int64
}

// Compile allocates every buffer in one arena. The program is run as it is, unfused.
func (Reference) Compile(p *Program, m Memory) (Executable, error) {
	if p.BFloat16 {
		return nil, fmt.Errorf("the reference executor computes in float32 and float64, not in bf16")
	}
	memory, ok := m.(*referenceMemory)
	if !ok {
		return nil, fmt.Errorf("the reference executor got the memory of another backend, %T", m)
	}
	if err := Recompute(p); err != nil {
		return nil, err
	}
	r := &reference{Program: p, labels: LabelRanges(p), buffers: make([]op.Buffer, len(p.Values)),
		floats: map[string][]float32{}, results: map[string][]float32{}}
	lives, _ := Lifetimes(p, func(v *Value) int { return v.Shape.Size() })
	offsets, total := Pack(lives)
	arena := op.Allocate(op.Shape{total}, p.Double)
	r.bytes = int64(len(arena.F32))*4 + int64(len(arena.F64))*8
	for i, v := range p.Values {
		switch {
		case v.Kind == State:
			if err := memory.ensure(v, p.Double); err != nil {
				return nil, err
			}
			r.buffers[i] = memory.states[v.Name]
		case v.Ints:
			r.buffers[i] = op.Buffer{Shape: v.Shape, I32: make([]int32, v.Shape.Size())}
		case v.Kind == Temporary:
			r.buffers[i] = cut(arena, offsets[i], v.Shape)
		default:
			r.buffers[i] = op.Allocate(v.Shape, p.Double)
			if v.Kind == Constant {
				fillOnes(r.buffers[i])
			} else {
				r.floats[v.Name] = make([]float32, v.Shape.Size())
			}
		}
	}
	for name, v := range p.Outputs {
		r.results[name] = make([]float32, v.Shape.Size())
	}
	return r, nil
}

func (m *referenceMemory) ensure(v *Value, double bool) error {
	if m.states == nil {
		m.states = map[string]op.Buffer{}
	}
	b, ok := m.states[v.Name]
	if !ok {
		m.states[v.Name] = op.Allocate(v.Shape, double)
		return nil
	}
	if !b.Shape.Equal(v.Shape) || (b.F64 != nil) != double {
		return fmt.Errorf("state %s is %v in memory, the program wants %v (float64: %v)", v.Name, b.Shape, v.Shape, double)
	}
	return nil
}

// Lifetimes returns the lives of the program's temporaries by Value.ID, with their
// sizes from size. Other values get none.
func Lifetimes(p *Program, size func(*Value) int) (lives []Life, end int) {
	lives = make([]Life, len(p.Values))
	end = len(p.Steps)
	for i, s := range p.Steps {
		for _, v := range s.Out {
			if v != nil && v.Kind == Temporary {
				lives[v.ID] = Life{Size: size(v), First: i, Last: i}
			}
		}
		for _, v := range s.In {
			lives[v.ID].Last = i
		}
	}
	for _, v := range p.Ends() {
		lives[v.ID].Last = end
	}
	return lives, end
}

func cut(arena op.Buffer, at int, s op.Shape) op.Buffer {
	b := op.Buffer{Shape: s}
	if arena.F64 != nil {
		b.F64 = arena.F64[at : at+s.Size() : at+s.Size()]
	} else {
		b.F32 = arena.F32[at : at+s.Size() : at+s.Size()]
	}
	return b
}

func fillOnes(b op.Buffer) {
	for i := range b.F32 {
		b.F32[i] = 1
	}
	for i := range b.F64 {
		b.F64[i] = 1
	}
}

func (r *reference) RunAll() error {
	for _, l := range r.labels {
		if err := l.Check(r.buffers[l.Input.ID].I32); err != nil {
			return err
		}
	}
	for _, v := range r.Values {
		if v.Kind == Input && !v.Ints {
			copyIn(r.buffers[v.ID], r.floats[v.Name])
		}
	}
	for _, s := range r.Steps {
		out := r.buffers[s.Out[0].ID]
		clear(out.F32)
		clear(out.F64)
		c := op.Call{Out: out}
		for _, v := range s.In {
			c.In = append(c.In, r.buffers[v.ID])
		}
		s.Spec.(op.Spec).Run(c)
	}
	r.finish()
	for name, v := range r.Outputs {
		copyOut(r.results[name], r.buffers[v.ID])
	}
	return nil
}

func copyIn(b op.Buffer, src []float32) {
	copy(b.F32, src)
	for i := range b.F64 {
		b.F64[i] = float64(src[i])
	}
}

func copyOut(dst []float32, b op.Buffer) {
	copy(dst, b.F32)
	for i, v := range b.F64 {
		dst[i] = float32(v)
	}
}

func (r *reference) Reset()       {}
func (r *reference) Close() error { return nil }
func (r *reference) Bytes() int64 { return r.bytes }

func (r *reference) Floats(input string) []float32 { return r.floats[input] }

func (r *reference) Ints(input string) []int32 {
	for _, v := range r.Values {
		if v.Ints && v.Name == input {
			return r.buffers[v.ID].I32
		}
	}
	return nil
}

func (r *reference) Output(name string) []float32 { return r.results[name] }
