package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/nn/plan"
)

// fakeVariable turns this test program into a peer. It measures with the reference kernels, and makes
// the mistake that the variable's value names.
const fakeVariable = "WORKBENCH_TEST_PEER"

func TestMain(m *testing.M) {
	if how := os.Getenv(fakeVariable); how != "" && len(os.Args) > 2 && os.Args[2] == "-c" {
		f := fake{Server: testServer(), how: how, in: bufio.NewReader(os.Stdin)}
		if err := f.serve(os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "ModuleNotFoundError:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func testServer() Server {
	return Server{Backend: func(int) plan.Backend { return plan.Reference{} }, Versions: map[string]string{"kernels": "reference"}}
}

// fake is a peer that can also load weights, as the script for PyTorch can.
type fake struct {
	Server
	how string
	in  *bufio.Reader
}

func (f *fake) serve(out io.Writer) error {
	if f.how == "no module" {
		return errors.New("No module named 'torch'")
	}
	for {
		var q request
		if err := line(f.in, &q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		r, err := f.reply(q)
		if err != nil {
			r.Error = err.Error()
		}
		if err := send(out, r); err != nil {
			return err
		}
	}
}

func (f *fake) reply(q request) (reply, error) {
	if q.Do == askLoad {
		return reply{}, f.load(q.Tensors)
	}
	if f.how == "dies" && q.Do == askOpen {
		fmt.Fprintln(os.Stderr, "out of memory")
		os.Exit(3)
	}
	r, err := f.answer(q)
	r.Memory = 1 << 20
	switch {
	case f.how == "has no network" && q.Do == askOpen:
		err = errors.New("the peer script has no network resnet_mini")
	case f.how == "has more parameters" && q.Do == askOpen:
		r.Opened.Parameters++
	case f.how == "steps another way" && q.Do == askWitness:
		r.Values[2] += 0.1 * (r.Values[0] - r.Values[2])
	}
	return r, err
}

func (f *fake) load(tensors []tensor) error {
	for _, t := range tensors {
		values := make([]float32, t.size())
		for i := range values {
			var raw [4]byte
			if _, err := io.ReadFull(f.in, raw[:]); err != nil {
				return err
			}
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[:]))
			if f.how == "breaks weights" {
				values[i] += 0.1
			}
		}
		switch t.Name {
		case "image":
			copy(f.network.exe.Floats("image"), values)
		case "label":
			for i, l := range values {
				if want := labels(f.network.c)[i]; int32(l) != want {
					return fmt.Errorf("label %d is %v, want %d", i, l, want)
				}
			}
		default:
			if err := f.network.memory.Write(t.Name, values); err != nil {
				return err
			}
		}
	}
	return nil
}

// inProcess is a contestant without a process of its own.
func inProcess(context.Context) (*Contestant, error) {
	requests, in := io.Pipe()
	out, replies := io.Pipe()
	done := make(chan error, 1)
	go func() {
		s := testServer()
		err := s.Serve(requests, replies)
		done <- errors.Join(err, replies.Close())
	}()
	return greet(&Contestant{Name: "workbench", in: in, out: bufio.NewReader(out), end: func() error { return <-done }})
}

func peersThat(t *testing.T, how string) []Peer {
	t.Setenv(fakeVariable, how)
	return []Peer{{Python: os.Args[0]}}
}

func TestMeasureBesidePeer(t *testing.T) {
	for _, inference := range []bool{false, true} {
		s := Session{Start: inProcess, Peers: peersThat(t, "agrees"), Race: Race{Rounds: 2}}
		r, err := s.Measure(t.Context(), tiny(inference))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Missing) > 0 || len(r.Peers) != 2 || r.Peers[0].Layout == r.Peers[1].Layout {
			t.Fatalf("peers %+v, missing %v; want one for each layout", r.Peers, r.Missing)
		}
		for _, m := range append(r.Peers, r.Ours) {
			if len(m.Steps) != 2 || len(m.Steps[0]) < fewestSteps || !(m.Steps.Min() > 0) || m.PeakMemory == 0 ||
				m.Versions["kernels"] != "reference" {
				t.Errorf("inference %v, %s: %+v; want two turns of at least %d steps, its memory and versions", inference, m.Name, m, fewestSteps)
			}
		}
		a := r.Peers[1].Agreement
		if len(a.Ours) < 2 || a.Difference() != 0 || !slices.Equal(a.Ours, a.Theirs) {
			t.Errorf("inference %v: values %v and %v; want several, equal to the last bit", inference, a.Ours, a.Theirs)
		}
		if falls := len(a.Ours) == 3 && a.Ours[0] > a.Ours[1] && a.Ours[1] > a.Ours[2]; falls == inference {
			t.Errorf("inference %v: values %v; want falling losses in training alone", inference, a.Ours)
		}
		if best := r.Best(); best.Steps.Median() > r.Peers[0].Steps.Median() || best.Steps.Median() > r.Peers[1].Steps.Median() {
			t.Error("the best peer is not the fastest one")
		}
		if r.Opened.MACs == 0 || r.Opened.Parameters == 0 || r.Opened.PlanBytes == 0 {
			t.Errorf("opened %+v, want the network's cost", r.Opened)
		}
	}
}

// A peer that cannot take part, or that has another network, is left out with the reason. The rest is measured.
func TestPeerThatFails(t *testing.T) {
	for how, want := range map[string]string{
		"has no network":      "has no network resnet_mini",
		"has more parameters": "not the same network",
		"breaks weights":      "not the same network: with equal weights value 0",
		"steps another way":   "not the same training: with equal weights and batch the loss falls",
		"dies":                "out of memory",
	} {
		s := Session{Start: inProcess, Peers: peersThat(t, how), Race: Race{Rounds: 1}}
		r, err := s.Measure(t.Context(), tiny(false))
		if err != nil || r.Ours.Steps.Steps() < fewestSteps || len(r.Peers) > 0 || r.Best() != nil {
			t.Errorf("a peer that %s: peers %v, error %v; want ours alone", how, r.Peers, err)
		}
		if len(r.Missing) != 2 || !strings.Contains(r.Missing[0], want) {
			t.Errorf("a peer that %s: reasons %q, want %q for each layout", how, r.Missing, want)
		}
	}
}

func TestFindPeer(t *testing.T) {
	self := peersThat(t, "agrees")[0].Python
	p, err := FindPeer(t.Context(), self)
	if err != nil || p.Python != self || p.Versions["kernels"] != "reference" {
		t.Errorf("%s gives %+v, error %v", self, p, err)
	}
	broken, works := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "python3"), []byte("#!/bin/sh\necho 'ImportError: no torch' >&2\nexit 1\n"),
		0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", broken+":"+t.TempDir()+":"+works)
	if _, err := FindPeer(t.Context(), ""); err == nil || !strings.Contains(err.Error(),
		filepath.Join(broken, "python3")+": ImportError: no torch") {
		t.Errorf("error %v, want each program's name and last line", err)
	}
	if err := os.Symlink(self, filepath.Join(works, "python3")); err != nil {
		t.Fatal(err)
	}
	if p, err := FindPeer(t.Context(), ""); err != nil || p.Python != filepath.Join(works, "python3") {
		t.Errorf("found %+v, error %v; want the second python3 in PATH", p, err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := FindPeer(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "no python3 in PATH") {
		t.Errorf("error %v, want that there is none", err)
	}
	t.Setenv(fakeVariable, "no module")
	if _, err := FindPeer(t.Context(), self); err == nil || !strings.Contains(err.Error(), "ModuleNotFoundError: No module named 'torch'") {
		t.Errorf("error %v, want Python's last line", err)
	}
}

// A network with dropout is compared without it, and measured with it.
func TestComparedWithoutChance(t *testing.T) {
	c := tiny(false)
	c.Options["drop_path"] = 0.5
	s := Session{Start: inProcess, Peers: peersThat(t, "agrees"), Race: Race{Rounds: 1}}
	chancy, err := s.Measure(t.Context(), c)
	if err != nil || len(chancy.Peers) != 2 {
		t.Fatalf("peers %v, missing %v, error %v", chancy.Peers, chancy.Missing, err)
	}
	certain, err := s.Measure(t.Context(), tiny(false))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := chancy.Peers[0].Agreement.Ours, certain.Peers[0].Agreement.Ours; !slices.Equal(got, want) {
		t.Errorf("losses %v, want those of the network without drop_path, %v", got, want)
	}
	n, err := open(chancy.Case, plan.Reference{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	if _, err := n.witness(1, likenesses[Float32].rate); err != nil || n.exe.Ints("key") == nil || n.exe.Floats("lr")[0] != learningRate {
		t.Errorf("error %v; want the measured program to draw chances again, at its own rate", err)
	}
}

func TestScaledLoss(t *testing.T) {
	loss, size := scaledLoss([]float32{3e-6, -4e-6, 0, 0}, []int32{0, 1}, 2)
	rms := 2.5e-6
	want := (math.Log(1+math.Exp(-7e-6/rms)) + math.Log(2)) / 2
	if !(math.Abs(loss-want) <= 1e-6) || !(math.Abs(size/rms-1) <= 1e-6) {
		t.Errorf("loss %v of size %v, want %v of %v", loss, size, want, rms)
	}
}

func TestProfileNeedsAProfiler(t *testing.T) {
	s := Session{Start: inProcess, Race: Race{Rounds: 1}, Profile: 1}
	if _, err := s.Measure(t.Context(), tiny(false)); err == nil || !strings.Contains(err.Error(), "reference cannot time single operators") {
		t.Errorf("error %v, want that the reference executor cannot", err)
	}
}

func TestMeasureCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Session{Start: inProcess, Race: Race{Rounds: 1}}).Measure(ctx, tiny(false)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

// A precision that the backend lacks is the backend's error, and no peer is started for it.
func TestPrecisionThatIsNotThere(t *testing.T) {
	if err := Supports(plan.Reference{}, Float32); err != nil {
		t.Error(err)
	}
	if err := Supports(plan.Reference{}, BFloat16); err == nil || !strings.Contains(err.Error(), "bf") {
		t.Errorf("error %v, want that bfloat16 is not there", err)
	}
	c := tiny(false)
	c.Precision = BFloat16
	s := Session{Start: inProcess, Peers: []Peer{{Python: "/nonexistent/python"}}, Race: Race{Rounds: 1}}
	if r, err := s.Measure(t.Context(), c); err == nil || len(r.Missing) > 0 {
		t.Errorf("error %v, missing %v; want that ours cannot, and no peer asked", err, r.Missing)
	}
}

// The likeness that a precision demands is met by a network that is only rounded
// differently, and not by another network.
func TestAgreementByPrecision(t *testing.T) {
	for _, c := range []struct {
		what      string
		precision string
		theirs    []float64
		good      bool
	}{
		{"equal", Float32, []float64{2.3, 2.2, 2.1}, true},
		{"another value", Float32, []float64{2.31, 2.21, 2.11}, false},
		{"another fall", Float32, []float64{2.3, 2.19, 2.08}, false},
		{"rounded", BFloat16, []float64{2.33, 2.22, 2.14}, true},
		{"no fall", BFloat16, []float64{2.3, 2.3, 2.3}, false},
		{"another network", BFloat16, []float64{2.4, 2.3, 2.2}, false},
		{"no number", BFloat16, []float64{math.NaN(), 2.2, 2.1}, false},
	} {
		a := Agreement{Ours: []float64{2.3, 2.2, 2.1}, Theirs: c.theirs}
		if err := a.check(likenesses[c.precision], true); (err == nil) != c.good {
			t.Errorf("%s, %s: error %v, want agreement %v", c.precision, c.what, err, c.good)
		}
	}
	for _, p := range Precisions() {
		if likenesses[p] == (likeness{}) {
			t.Errorf("there is no likeness for %s", p)
		}
	}
}

// A wrong request is answered with an error, and the server goes on.
func TestServerErrors(t *testing.T) {
	c, err := inProcess(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []struct {
		ask  request
		want string
	}{
		{request{Do: askSteps, Steps: 1}, `want "open" first`},
		{request{Do: askOpen, Case: &Case{Model: "resnet_mni"}}, "did you mean resnet_mini"},
	} {
		if _, err := c.ask(q.ask); err == nil || !strings.Contains(err.Error(), q.want) {
			t.Errorf("%+v: error %v, want %q", q.ask, err, q.want)
		}
	}
	if err := c.open(tiny(false)); err != nil {
		t.Error(err)
	}
	if _, err := c.ask(request{Do: "dance"}); err == nil || !strings.Contains(err.Error(), `unknown request "dance"`) {
		t.Errorf("error %v, want that the request is unknown", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
