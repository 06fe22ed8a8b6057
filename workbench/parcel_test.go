package main

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"workbench/nn/weights"
)

// Weights that are no numbers are named with their counts, and written only when that is asked for.
func TestUnsoundWeightsWantForce(t *testing.T) {
	nan := float32(math.NaN())
	p := parcel{name: "net", tensors: []weights.Tensor{{Name: "conv1.weight", Data: []float32{1, nan, nan}},
		{Name: "fc.bias", Data: []float32{-1}}, {Name: "bn1.running_var", Data: []float32{-1, 1}}}}
	err := p.sound(false)
	for _, want := range []string{"net: 2 of 3 tensors", "conv1.weight: 2 of 3 values are NaN",
		"bn1.running_var: 1 of 2 variances are below zero", "--force"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if err := p.sound(true); err != nil || len(p.remarks) != 1 || !strings.Contains(p.remarks[0], "conv1.weight: 2 of 3") {
		t.Errorf("with --force: %v, remarks %q", err, p.remarks)
	}
	good := parcel{tensors: []weights.Tensor{{Name: "bn1.running_var", Data: []float32{0, 1}}}}
	if err := good.sound(false); err != nil || good.remarks != nil {
		t.Errorf("good weights: %v, %q", err, good.remarks)
	}
	for i := range 100 {
		good.tensors = append(good.tensors, weights.Tensor{Name: fmt.Sprint(i), Data: []float32{nan}})
	}
	if err := good.sound(false); err == nil || strings.Count(err.Error(), "\n") > 10 {
		t.Errorf("the error of many tensors has many lines: %v", err)
	}
}
