package bench

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"workbench/nn/plan"
)

// Server answers requests with a backend. It runs in each process that measures.
type Server struct {
	Backend  func(threads int) plan.Backend
	Versions map[string]string

	Strategies Strategies // nil: cases have none

	network *network
}

// Serve answers requests until there are no more. If a request fails, the reply is its error.
// Serve itself returns only errors of the pipes.
func (s *Server) Serve(in io.Reader, out io.Writer) error {
	requests, replies := bufio.NewReader(in), bufio.NewWriter(out)
	defer s.close()
	for {
		var q request
		if err := line(requests, &q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		r, err := s.answer(q)
		if err != nil {
			r = reply{Error: err.Error()}
		}
		r.Memory = peakMemory()
		if err := send(replies, r); err != nil {
			return err
		}
		if err := s.sendTensors(replies, r.Tensors); err != nil {
			return err
		}
		if err := replies.Flush(); err != nil {
			return err
		}
	}
}

func (s *Server) answer(q request) (reply, error) {
	switch {
	case q.Do == askHello:
		return reply{Versions: s.Versions}, nil
	case q.Do == askPeak:
		peak, err := measurePeak(s.Backend(q.Threads), q.Precision, peakShapes)
		return reply{Peak: &peak}, err
	case q.Do == askOpen && q.Case != nil:
		return s.open(*q.Case)
	case s.network == nil:
		return reply{}, fmt.Errorf("request %q: want %q first", q.Do, askOpen)
	}
	switch n := s.network; q.Do {
	case askWeights:
		return reply{Tensors: n.tensors()}, nil
	case askWitness:
		values, err := n.witness(q.Steps, q.Rate)
		return reply{Values: values}, err
	case askSteps:
		seconds, err := n.timed(q.Steps)
		return reply{Seconds: seconds}, err
	case askProfile:
		timings, seconds, err := n.profile(q.Steps)
		return reply{Timings: timings, Seconds: []float64{seconds}}, err
	}
	return reply{}, fmt.Errorf("unknown request %q", q.Do)
}

func (s *Server) open(c Case) (reply, error) {
	s.close()
	n, err := open(c, s.Backend(c.Threads), s.Strategies)
	if err != nil {
		return reply{}, err
	}
	s.network = n
	opened := Opened{Parameters: n.summary.Params, MACs: n.summary.MACs, PlanBytes: n.exe.Bytes()}
	if c.Strategy != "" {
		opened.StepMACs = n.stepMACs
	}
	return reply{Opened: &opened}, nil
}

func (s *Server) close() {
	if s.network != nil {
		_ = s.network.close() // frees memory, which cannot fail
		s.network = nil
	}
}

// timed makes one step that does not count, because the other contestants used the processor's
// caches before, and then the steps that count.
func (n *network) timed(steps int) ([]float64, error) {
	var all []float64
	for i := range steps + 1 {
		seconds, err := n.step()
		if err != nil {
			return nil, err
		}
		if i > 0 {
			all = append(all, seconds)
		}
	}
	return all, nil
}

// profile times every instruction, and the whole step around them, or says that the backend cannot.
func (n *network) profile(steps int) ([]plan.Timing, float64, error) {
	p, ok := n.exe.(plan.Profiler)
	if !ok {
		return nil, 0, fmt.Errorf("the backend %s cannot time single operators", n.backend.Name())
	}
	began := time.Now()
	timings, err := p.Profile(steps)
	return timings, time.Since(began).Seconds() / float64(max(steps, 1)), err
}

// tensors lists the parameters and running statistics, then the batch with all its views.
func (n *network) tensors() []tensor {
	var all []tensor
	for _, p := range n.params {
		all = append(all, tensor{p.Path, p.Shape})
	}
	c := n.c
	for _, name := range n.reads.Images {
		all = append(all, tensor{name, []int{c.Batch, c.Input[0], c.Input[1], c.Input[2]}})
	}
	return append(all, tensor{"label", []int{c.Batch}})
}

// sendTensors writes the elements, one tensor at a time, because a copy of all of
// them would count as the network's memory.
func (s *Server) sendTensors(out io.Writer, tensors []tensor) error {
	for _, t := range tensors {
		values := make([]float32, t.size())
		switch {
		case s.network.pictures(t.Name):
			copy(values, s.network.exe.Floats(t.Name))
		case t.Name == "label":
			for i, l := range labels(s.network.c) {
				values[i] = float32(l)
			}
		default:
			if err := s.network.memory.Read(t.Name, values); err != nil {
				return err
			}
		}
		raw := make([]byte, 4*len(values))
		for i, v := range values {
			binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(v))
		}
		if _, err := out.Write(raw); err != nil {
			return err
		}
	}
	return nil
}
