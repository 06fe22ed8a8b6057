//go:build !noonednn

package onednn

// #include <stdlib.h>
// #include "bridge.h"
// #include "kernels_moves.h"
import "C"

import (
	"fmt"
	"math"
	"reflect"
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// moving is the move of one parameter with its buffers, all in the layout of w.
type moving struct {
	plan.Move
	w, g  *buffer
	sum   *buffer // nil if every run is an update
	slots []*buffer
}

func (m moving) size() int   { return m.w.md.size() / floatBytes }
func (m moving) chunks() int { return (m.size() + C.WB_MOVE_CHUNK - 1) / C.WB_MOVE_CHUNK }

// lowerMoves adds what follows the gradients: their sums over the micro-batches of an update, clipping, the optimizer
// and the averages. Each is one kernel over all parameters.
func (c *compiler) lowerMoves() error {
	if len(c.Moves) > 0 {
		if err := c.moves(); err != nil {
			return err
		}
	}
	if len(c.Averages) > 0 {
		return c.averages()
	}
	return nil
}

func (c *compiler) moves() error {
	optimizer, found := kernelOf(c.Optimizer)
	if !found {
		return c.moveByDefinition()
	}
	u := &updating{compiler: c, optimizer: optimizer}
	for _, m := range c.Moves {
		one, err := c.moving(m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Param.Name, err)
		}
		u.moves = append(u.moves, one)
		u.chunks += one.chunks()
	}
	u.inputs = []*buffer{c.get(c.Rate), c.get(c.UpdateCount)}
	for _, v := range append(c.Program.OwnRates(), c.Momentum, c.MicroBatch) {
		if v != nil {
			u.inputs = append(u.inputs, c.get(v))
		}
	}
	if c.MicroBatch != nil {
		u.add("gather", (C.wb_kernel)(C.wb_gather), u.each(func(m moving) []*buffer { return []*buffer{m.sum} }))
	}
	if c.Gradients.ClipNorm > 0 {
		u.clipped = c.define(nil, plainMD(op.Shape{1}))
		u.add("clip", (C.wb_kernel)(C.wb_clip), []*buffer{u.clipped})
		u.inputs, u.factor = append(u.inputs, u.clipped), u.clipped
	}
	u.add(c.Optimizer.Name(), optimizer.kernel, u.each(func(m moving) []*buffer { return append([]*buffer{m.w}, m.slots...) }))
	return nil
}

func (c *compiler) moving(m plan.Move) (moving, error) {
	one := moving{Move: m, w: c.get(m.Param)}
	var err error
	if one.g, err = c.layoutAs(m.Grad, one.w.md); err != nil {
		return one, err
	}
	for _, v := range m.Slots {
		slot, err := c.alike(v, one.w)
		if err != nil {
			return one, err
		}
		one.slots = append(one.slots, slot)
	}
	if m.Sum != nil {
		one.sum, err = c.alike(m.Sum, one.w)
	}
	return one, err
}

// alike is the state v in the layout of w.
func (c *compiler) alike(v *plan.Value, w *buffer) (*buffer, error) {
	c.choose(v, w.md)
	b := c.get(v)
	if !b.md.equal(w.md) {
		return nil, fmt.Errorf("%s is kept in another layout", v.Name)
	}
	return b, nil
}

// updating adds the kernels of an update.
type updating struct {
	*compiler
	optimizer       optimizerKernel
	moves           []moving
	chunks          int
	inputs          []*buffer // what every kernel reads beside parameters and gradients
	clipped, factor *buffer   // the factor of clipping where it is made, and where it is used
}

// each lists buffers of all parameters.
func (u *updating) each(of func(moving) []*buffer) []*buffer {
	var all []*buffer
	for _, m := range u.moves {
		all = append(all, of(m)...)
	}
	return all
}

// add appends a kernel over all parameters, their gradients and, where an update has several micro-batches, their sums.
func (u *updating) add(name string, kernel C.wb_kernel, writes []*buffer) {
	reads := append(u.each(func(m moving) []*buffer {
		if m.sum != nil {
			return []*buffer{m.w, m.g, m.sum}
		}
		return []*buffer{m.w, m.g}
	}), u.inputs...)
	partial := u.define(nil, plainMD(op.Shape{4 * u.chunks})) // two doubles a chunk
	factor := u.factor
	u.own(name, reads, append(writes, partial), func() *C.wb_op {
		size := C.size_t(C.sizeof_wb_moves + len(u.moves)*C.sizeof_wb_move)
		arg := (*C.wb_moves)(C.calloc(1, size))
		defer C.free(unsafe.Pointer(arg))
		*arg = u.header()
		arg.partial, arg.factor = (*C.double)(partial.data()), float(factor)
		first := 0
		tensors := unsafe.Slice((*C.wb_move)(unsafe.Add(unsafe.Pointer(arg), C.sizeof_wb_moves)), len(u.moves))
		for i, m := range u.moves {
			tensors[i] = m.tensor(first)
			if m.Rate != nil {
				tensors[i].rate = float(u.get(m.Rate))
			}
			first += m.chunks()
		}
		return C.wb_op_kernel(kernel, unsafe.Pointer(arg), size)
	})
}

// header is the part of the argument that all parameters and kernels share.
func (u *updating) header() C.wb_moves {
	arg := u.optimizer.arg
	arg.clipped = float(u.clipped)
	arg.count, arg.chunks = C.int(len(u.moves)), C.int64_t(u.chunks)
	arg.rate, arg.step = float(u.get(u.Rate)), ints(u.get(u.UpdateCount))
	arg.micro_batches = C.int(max(u.Gradients.MicroBatches, 1))
	if u.Momentum != nil {
		arg.cycled = float(u.get(u.Momentum))
	}
	if u.MicroBatch != nil {
		arg.micro_batch = ints(u.get(u.MicroBatch))
	}
	arg.norm, arg.limit = C.double(u.Gradients.ClipNorm), C.float(math.Inf(1))
	if u.Gradients.ClipValue > 0 {
		arg.limit = C.float(u.Gradients.ClipValue)
	}
	return arg
}

func (m moving) tensor(first int) C.wb_move {
	t := C.wb_move{w: float(m.w), g: float(m.g), sum: float(m.sum), n: C.int64_t(m.size()), first: C.int64_t(first),
		scale: C.double(m.Scale), decay: C.double(m.Decay), adapts: flag(optim.Adapts(m.Param.Shape)),
		multiplies: flag(m.Multiplies)}
	for i, s := range m.slots {
		t.slot[i] = float(s)
	}
	return t
}

// averages adds the moving averages of parameters and running statistics, and the copies that follow.
func (c *compiler) averages() error {
	var reads, to []*buffer
	for _, a := range c.Averages {
		from := c.get(a.State)
		average, err := c.alike(a.Average, from)
		if err != nil {
			return err
		}
		reads, to = append(reads, from), append(to, average)
	}
	count := c.get(c.UpdateCount)
	inputs := []*buffer{count}
	follows := make([]*buffer, len(to))
	for i, a := range c.Averages {
		if a.Decay != nil {
			follows[i] = c.get(a.Decay)
			inputs = append(inputs, follows[i])
		}
	}
	if c.MicroBatch != nil {
		inputs = append(inputs, c.get(c.MicroBatch))
	}
	c.own("average", append(inputs, append(reads, to...)...), to, func() *C.wb_op {
		size := C.size_t(C.sizeof_wb_averages + len(to)*C.sizeof_wb_move)
		arg := (*C.wb_averages)(C.calloc(1, size))
		defer C.free(unsafe.Pointer(arg))
		*arg = C.wb_averages{step: ints(count), decay: C.double(c.Averaging.Decay), warmup: flag(c.Averaging.Warmup),
			micro_batches: C.int(max(c.Gradients.MicroBatches, 1)), count: C.int(len(to))}
		if c.MicroBatch != nil {
			arg.micro_batch = ints(c.get(c.MicroBatch))
		}
		tensors := unsafe.Slice((*C.wb_move)(unsafe.Add(unsafe.Pointer(arg), C.sizeof_wb_averages)), len(to))
		for i := range to {
			tensors[i] = C.wb_move{w: float(to[i]), g: float(reads[i]), n: C.int64_t(to[i].md.size() / floatBytes), follow: float(follows[i])}
		}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_average), unsafe.Pointer(arg), size)
	})
	return nil
}

// optimizerKernel is the kernel of an optimizer with its constants.
type optimizerKernel struct {
	kernel C.wb_kernel
	arg    C.wb_moves
}

// optimizerKernels has the kernel of each type of optimizer that has one.
var optimizerKernels = map[reflect.Type]func(plan.Optimizer) optimizerKernel{}

// registerOptimizer says how the optimizers of a type are run by a kernel. A type twice is a programmer's error and
// panics at start.
func registerOptimizer[O plan.Optimizer](kernel func(O) optimizerKernel) {
	t := reflect.TypeFor[O]()
	if _, twice := optimizerKernels[t]; twice {
		panic(fmt.Sprintf("onednn: two kernels for the optimizer %v", t))
	}
	optimizerKernels[t] = func(o plan.Optimizer) optimizerKernel { return kernel(o.(O)) }
}

// kernelOf is the kernel of an optimizer; one without a kernel is run by its definition.
func kernelOf(o plan.Optimizer) (kernel optimizerKernel, found bool) {
	of, found := optimizerKernels[reflect.TypeOf(o)]
	if !found {
		return optimizerKernel{}, false
	}
	return of(o), true
}

func init() {
	registerOptimizer(func(o optim.SGD) optimizerKernel {
		return optimizerKernel{(C.wb_kernel)(C.wb_sgd), C.wb_moves{momentum: C.double(o.Momentum), kept: C.double(1 - o.Dampening),
			nesterov: flag(o.Nesterov)}}
	})
	registerOptimizer(func(o optim.Adam) optimizerKernel {
		return optimizerKernel{(C.wb_kernel)(C.wb_adam), C.wb_moves{momentum: C.double(o.Beta1), beta2: C.double(o.Beta2),
			epsilon: C.double(o.Epsilon), decoupled: flag(o.Decoupled)}}
	})
	registerOptimizer(func(o optim.RMSProp) optimizerKernel {
		return optimizerKernel{(C.wb_kernel)(C.wb_rmsprop), C.wb_moves{momentum: C.double(o.Momentum), beta2: C.double(o.Alpha),
			epsilon: C.double(o.Epsilon), centered: flag(o.Centered), tensorflow: flag(o.TensorFlow)}}
	})
	registerOptimizer(func(o optim.LARS) optimizerKernel {
		return optimizerKernel{(C.wb_kernel)(C.wb_lars), C.wb_moves{momentum: C.double(o.Momentum), trust: C.double(o.Trust)}}
	})
	registerOptimizer(func(o optim.LAMB) optimizerKernel {
		return optimizerKernel{(C.wb_kernel)(C.wb_lamb), C.wb_moves{momentum: C.double(o.Beta1), beta2: C.double(o.Beta2),
			epsilon: C.double(o.Epsilon)}}
	})
	registerOptimizer(func(o plan.Ascent) optimizerKernel {
		return optimizerKernel{(C.wb_kernel)(C.wb_ascend), C.wb_moves{trust: C.double(o.Radius), adaptive: flag(o.Adaptive)}}
	})
}

// float is the address of a placed buffer; nil for none.
func float(b *buffer) *C.float {
	if b == nil {
		return nil
	}
	return (*C.float)(b.data())
}

func ints(b *buffer) *C.int32_t { return (*C.int32_t)(b.data()) }
