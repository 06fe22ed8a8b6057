// Package strategytest compares strategies with PyTorch: training steps on recorded pictures, from recorded weights.
// The recordings and the script that made them are in testdata.
package strategytest

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"

	"workbench/nn/op"
	"workbench/nn/weights"
)

//go:embed testdata/peers/*.safetensors
var recordings embed.FS

// peer is a training that PyTorch has done; see testdata/peers.py.
type peer struct {
	name  string
	file  *weights.File
	facts facts
}

// facts of a recording; those of other methods are empty.
type facts struct {
	Method string `json:"method"`
	Model  struct {
		Name  string `json:"name"`
		Depth int    `json:"depth"`
		Width int    `json:"width"`
	} `json:"model"`
	Optimizer struct {
		Rate     float64 `json:"lr"`
		Momentum float64 `json:"momentum"`
		Decay    float64 `json:"weight_decay"`
	} `json:"optimizer"`
	Losses    []float64 `json:"losses"`
	Losses64  []float64 `json:"losses64"`
	Vanishing []string  `json:"vanishing"`

	// Recorded is what the method tells of every step beside its loss, by name.
	Recorded map[string][]float64 `json:"recorded"`

	Label       [][]int32 `json:"label"`
	Truth       [][]int32 `json:"truth"`
	Mixed       []float64 `json:"share"`
	Momentum    float64   `json:"momentum"`
	Fairness    float64   `json:"fairness_weight"`
	Rises       bool      `json:"threshold_warm_up"`
	Index       [][]int32 `json:"index"`
	Target      [][]int32 `json:"target"`
	Permutation [][]int32 `json:"permutation"`
	Tau         []float64 `json:"tau"`
	Forget      []float64 `json:"forget_rate"`
	Temperature float64   `json:"temperature"`
	Decay       float64   `json:"decay"`
	Groups      int       `json:"groups"`
	Threshold   float64   `json:"threshold"`
	Weight      float64   `json:"lambda_u"`
	WarmUp      float64   `json:"warm_up"`
	Stops       bool      `json:"stop_gradient"`
	Average     float64   `json:"ema"`
	Beta        float64   `json:"beta"`
	Lambda      float64   `json:"lambda"`
	Share       float64   `json:"alpha"`
	Hard        bool      `json:"hard"`
	Sharpness   float64   `json:"sam"`
	Adaptive    bool      `json:"sam_adaptive"`
	EveryAngle  bool      `json:"every_angle"`
	OnePass     bool      `json:"one_pass"`
	HeadNorm    bool      `json:"head_norm"`
	Head        string    // "": nonlinear
	Scale       float64   `json:"scale"`
	Invariance  float64   `json:"sim"`
	Variance    float64   `json:"std"`
	Covariance  float64   `json:"cov"`
	Moves       []float64 `json:"moves"`
	Sharp       []float64 `json:"teacher_temperature"`
	Keeps       float64   `json:"keeps"`
	Epsilon     float64   `json:"epsilon"`
	Iterations  int       `json:"iterations"`
	Apart       bool      `json:"tile_by_tile"`
	Base        float64   `json:"base_temperature"`
	Loss        string    `json:"loss"`
	Smoothing   float64   `json:"label_smoothing"`
	Update      bool      `json:"update"`
	Folds       int       `json:"folds"`
	Phase       string    // "": the first
	Penalised   bool      `json:"penalised"`
	Weights     []float64 `json:"weights"`
	Contrast    float64   `json:"contrast_weight"`
	Refines     []float64 `json:"refines"`
	Phi         []float64 `json:"phi"`

	Candidates [][][]float32 `json:"candidates"`
}

// Names of the recordings.
func Names() []string {
	found, _ := fs.Glob(recordings, "testdata/peers/*.safetensors") // the pattern is right
	var names []string
	for _, file := range found {
		names = append(names, strings.TrimSuffix(path.Base(file), ".safetensors"))
	}
	return names
}

// Methods are the strategies of the recordings.
func Methods(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, name := range Names() {
		all = append(all, open(t, name).facts.Method)
	}
	return all
}

func open(t *testing.T, name string) peer {
	t.Helper()
	content, err := recordings.ReadFile("testdata/peers/" + name + ".safetensors")
	if err != nil {
		t.Fatal(err)
	}
	p := peer{name: name}
	if p.file, err = weights.Read(bytes.NewReader(content), int64(len(content))); err == nil {
		err = json.Unmarshal([]byte(p.file.Metadata["facts"]), &p.facts)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// tensor of the recording.
func (p peer) tensor(t *testing.T, name string) ([]float32, op.Shape) {
	t.Helper()
	e, err := p.file.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	values, err := p.file.Floats(e)
	if err != nil {
		t.Fatal(err)
	}
	return values, e.Shape
}

// names of the tensors of a part, such as "grads/", without it.
func (p peer) names(part string) []string {
	var names []string
	for _, e := range p.file.Entries {
		if name, ok := strings.CutPrefix(e.Name, part); ok {
			names = append(names, name)
		}
	}
	return names
}

// batch of a step: pictures [n, 3, 8, 8] of one of the stored batches.
func (p peer) batch(t *testing.T, name string, step int) []float32 {
	t.Helper()
	all, shape := p.tensor(t, "batch/"+name)
	n := len(all) / shape[0]
	return all[step%shape[0]*n:][:n]
}

// images is the number of pictures in a batch.
func (p peer) images(t *testing.T, name string) int {
	t.Helper()
	_, shape := p.tensor(t, "batch/"+name)
	return shape[1]
}

func (p peer) String() string { return fmt.Sprintf("%s (%s)", p.name, p.facts.Method) }
