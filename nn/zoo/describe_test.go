package zoo

import (
	"testing"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// sum adds up what the layers cost.
func sum(layers []nn.Layer) (total nn.Summary) {
	for _, l := range layers {
		total.Params += l.Params
		total.MACs += l.MACs
		total.KeptBytes += l.KeptBytes
		total.PeakBytes = max(total.PeakBytes, l.LiveBytes)
		if l.TrainingOnly {
			total.TrainingParams += l.Params
			total.TrainingMACs += l.MACs
		}
	}
	return total
}

// consistent checks what must hold for every network: layers, blocks and shares add up to the totals, every layer reads
// earlier ones, and its receptive field is that of Araujo et al.'s recurrence.
func consistent(t *testing.T, name string, s nn.Summary) {
	t.Helper()
	for _, depth := range []int{0, 1, 2, 3, 9} {
		blocks := s.Blocks(depth)
		if got := sum(blocks.Layers); got.Params != s.Params || got.MACs != s.MACs ||
			got.KeptBytes != s.KeptBytes || got.PeakBytes != s.PeakBytes {
			t.Errorf("%s, depth %d: the layers add up to %+v, the totals are %d, %d, %d, %d",
				name, depth, got, s.Params, s.MACs, s.KeptBytes, s.PeakBytes)
		}
		count := 0
		for i, l := range blocks.Layers {
			count += l.Size
			if len(l.From) == 0 || l.From[0] < nn.Image || l.From[len(l.From)-1] >= i {
				t.Errorf("%s, depth %d: layer %d (%s %s) reads %v, want earlier layers", name, depth, i, l.Path, l.Kind, l.From)
			}
		}
		if count != len(s.Layers) {
			t.Errorf("%s, depth %d: the blocks have %d layers, want %d", name, depth, count, len(s.Layers))
		}
	}
	var params, macs, kept int64
	for _, share := range s.Shares() {
		params, macs, kept = params+share.Params, macs+share.MACs, kept+share.KeptBytes
	}
	if got := sum(s.Layers); params != s.Params || macs != s.MACs || kept != s.KeptBytes ||
		got.TrainingParams != s.TrainingParams || got.TrainingMACs != s.TrainingMACs {
		t.Errorf("%s: the shares add up to %d, %d, %d, want %d, %d, %d", name, params, macs, kept, s.Params, s.MACs, s.KeptBytes)
	}
	fieldsFollow(t, name, s)
}

// fieldsFollow computes the size of every receptive field a second time, without places, as the largest r + (k−1)·jump
// over what a layer reads.
func fieldsFollow(t *testing.T, name string, s nn.Summary) {
	t.Helper()
	for i, l := range s.Layers {
		if len(l.Out) != 3 || l.Jump[0] == 0 {
			continue
		}
		field, k := 0, 1
		if l.Kernel[0] > 0 {
			k = l.Dilation[0]*(l.Kernel[0]-1) + 1
		}
		for _, from := range l.From {
			r, jump, grid := 1, 1, true
			if from != nn.Image {
				x := s.Layers[from]
				r, jump, grid = x.Field[0], x.Jump[0], x.Out[1] == l.In[1]
			}
			if grid { // a gate is no grid of pixels
				field = max(field, r+(k-1)*jump)
			}
		}
		if l.Field[0] != field {
			t.Errorf("%s: layer %d (%s %s) has a field of %d, want %d", name, i, l.Path, l.Kind, l.Field[0], field)
		}
	}
}

// graphs returns the programs of a variant for two images: for training with the loss, and for inference.
func graphs(t *testing.T, v Variant, given map[string]any) (training, inference *plan.Program) {
	t.Helper()
	b, logits := build(t, v, nn.Train, given)
	loss := b.ClassifierLoss(logits, b.Labels("label", 2), 0)
	training, err := plan.LowerTraining(b, nil, plan.Training{Loss: loss, Optimizer: optim.SGD{}})
	if err != nil {
		t.Fatal(err)
	}
	b, logits = build(t, v, nn.Infer, given)
	if inference, err = plan.Lower(b, map[string]nn.Tensor{"logits": logits}); err != nil {
		t.Fatal(err)
	}
	return training, inference
}

// kept adds up the bytes that steps after the loss read of what steps before it have computed. Statistics of batch norm
// are left out.
func kept(p *plan.Program) (bytes int64) {
	forward, loss := map[*plan.Value]bool{}, false
	for _, s := range p.Steps {
		for _, v := range s.In {
			if loss && forward[v] {
				forward[v] = false // count it once
				bytes += 4 * int64(v.Shape.Size())
			}
		}
		_, statistics := s.Spec.(op.BNStats)
		forward[s.Out[0]] = !loss && !statistics
		loss = loss || s.Out[0] == p.Outputs["loss"]
	}
	return bytes
}

// peak returns the most bytes that live values take after any step. Statistics of normalisations are left out.
func peak(p *plan.Program) (bytes int64) {
	statistics := map[*plan.Value]bool{}
	for _, s := range p.Steps {
		_, rows := s.Spec.(op.RowStats)
		statistics[s.Out[0]] = rows
	}
	lives, _ := plan.Lifetimes(p, func(v *plan.Value) int {
		if statistics[v] {
			return 0
		}
		return v.Shape.Size()
	})
	for i := range p.Steps {
		live := int64(0)
		for _, l := range lives {
			if l.First <= i && i <= l.Last {
				live += 4 * int64(l.Size)
			}
		}
		bytes = max(bytes, live)
	}
	return bytes
}

// The memory of activations is that of the programs that train and infer, before anything is joined.
func TestActivationMemoryIsThePrograms(t *testing.T) {
	type network struct {
		Variant
		given map[string]any
	}
	var networks []network
	for _, v := range smallest(t) {
		networks = append(networks, network{v, nil})
	}
	for name, given := range map[string]map[string]any{
		"googlenet_aux": nil, "resnest14d": nil, "wrn_16_4": {"dropout": 0.3},
		"resnet_mini": {"norm": "group", "drop_path": 0.2, "shortcut": "projection"},
	} {
		v, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		networks = append(networks, network{v, given})
	}
	for _, n := range networks {
		s, err := Describe(n.Variant, mustResolve(t, n.Variant, n.given), n.Input, n.Classes)
		if err != nil {
			t.Fatal(err)
		}
		training, inference := graphs(t, n.Variant, n.given)
		if got, want := 2*s.KeptBytes, kept(training); got != want {
			t.Errorf("%s %v: two images keep %d bytes, want %d", n.Name, n.given, got, want)
		}
		if got, want := 2*s.PeakBytes, peak(inference); got != want {
			t.Errorf("%s %v: two images have %d bytes live, want %d", n.Name, n.given, got, want)
		}
	}
}

func TestCostIsThatOfTheDescription(t *testing.T) {
	for _, name := range []string{"googlenet_aux", "seresnet20_cifar", "densenet_mini"} {
		v, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		s := describe(t, name)
		got, err := Cost(v, mustResolve(t, v, nil), v.Input, v.Classes)
		if want := (nn.Cost{Params: s.Params, MACs: s.MACs, WeightLayers: s.WeightLayers}); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, want)
		}
	}
	v, err := Lookup("vgg16")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Cost(v, mustResolve(t, v, nil), [3]int{3, 16, 16}, 10); err == nil {
		t.Error("vgg16 on 16×16 images: no error")
	}
}
