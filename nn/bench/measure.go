package bench

import (
	"context"
	"fmt"

	"workbench/nn/plan"
)

// Session measures cases one after the other.
type Session struct {
	// Start starts a process whose standard input and output are served by a Server.
	Start   func(ctx context.Context) (*Contestant, error)
	Peers   []Peer // none: alone
	Race    Race
	Profile int // steps over which every instruction is timed; 0: not at all
}

// Measured is what was measured of one contestant.
type Measured struct {
	Name        string            `json:"name"`
	Layout      string            `json:"layout,omitempty"`
	Versions    map[string]string `json:"versions"`
	Steps       Sample            `json:"steps"` // seconds of single steps, a list for each turn
	StartMemory int64             `json:"start_memory"`
	PeakMemory  int64             `json:"peak_memory"` // most bytes that its process had resident
	Agreement   *Agreement        `json:"agreement,omitempty"`
}

// Result of a case.
type Result struct {
	Case    Case          `json:"case"`
	Opened  Opened        `json:"opened"`
	Ours    Measured      `json:"ours"`
	Peers   []Measured    `json:"peers,omitempty"`   // one for each peer and layout
	Missing []string      `json:"missing,omitempty"` // why some are not there
	Timings []plan.Timing `json:"timings,omitempty"`

	ProfiledStep float64 `json:"profiled_step,omitempty"` // seconds of a step while its instructions were timed
}

// FLOPs of a step: what Case.FLOPs counts of a network, or twice the multiply-adds of a strategy's step.
func (r Result) FLOPs() float64 {
	if r.Case.Strategy != "" {
		return 2 * r.Opened.StepMACs
	}
	return r.Case.FLOPs(r.Opened.MACs)
}

// Best is the fastest of the peers and their layouts; nil without a peer.
func (r Result) Best() *Measured {
	var best *Measured
	for i, p := range r.Peers {
		if best == nil || p.Steps.Median() < best.Steps.Median() {
			best = &r.Peers[i]
		}
	}
	return best
}

// Measure opens the case in every contestant, proves that all have the same network, and lets them take turns.
func (s Session) Measure(ctx context.Context, c Case) (Result, error) {
	r, err := s.measure(ctx, c)
	if ctx.Err() != nil { // then the processes were killed, and that is why they failed
		return r, ctx.Err()
	}
	return r, err
}

func (s Session) measure(ctx context.Context, c Case) (Result, error) {
	r := Result{Case: c}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ours, err := s.Start(ctx)
	if err != nil {
		return r, err
	}
	defer ours.Close()
	if err := ours.open(c); err != nil {
		return r, err
	}
	r.Opened = ours.Opened
	peers, agreements, err := s.peers(ctx, &r, ours)
	for _, p := range peers {
		defer p.Close()
	}
	if err != nil {
		return r, err
	}
	contestants := append([]*Contestant{ours}, peers...)
	samples, err := s.Race.run(ctx, contestants)
	if err != nil {
		return r, err
	}
	for i, c := range contestants {
		m := Measured{Name: c.Name, Layout: c.Layout, Versions: c.Versions, Steps: samples[i], StartMemory: c.Start, PeakMemory: c.Memory}
		if i == 0 {
			r.Ours = m
			continue
		}
		m.Agreement = agreements[i-1]
		r.Peers = append(r.Peers, m)
	}
	if s.Profile > 0 {
		answer, err := ours.ask(request{Do: askProfile, Steps: s.Profile})
		if err != nil {
			return r, err
		}
		if len(answer.Seconds) != 1 {
			return r, fmt.Errorf("%s: want the seconds of a profiled step, got %v", ours.Name, answer.Seconds)
		}
		r.Timings, r.ProfiledStep = answer.Timings, answer.Seconds[0]
	}
	return r, nil
}

// peers opens the case in every layout of every peer and keeps the contestants that have the same network. The result
// says why others are missing; the case is measured without them.
func (s Session) peers(ctx context.Context, r *Result, ours *Contestant) (same []*Contestant, agreements []*Agreement, err error) {
	opened := s.openPeers(ctx, r)
	if len(opened) == 0 {
		return nil, nil, nil
	}
	all, problems, err := verify(ours, opened, r.Case)
	if err != nil {
		return opened, nil, err
	}
	for i, p := range opened {
		if problems[i] != nil {
			r.miss(p, problems[i])
			_ = p.Close()
			continue
		}
		same, agreements = append(same, p), append(agreements, all[i])
	}
	return same, agreements, nil
}

func (s Session) openPeers(ctx context.Context, r *Result) (opened []*Contestant) {
	for _, peer := range s.Peers {
		for _, layout := range PeerLayouts() {
			p, err := peer.start(ctx, layout, r.Case.Threads)
			if err != nil {
				r.miss(&Contestant{Layout: layout, Versions: peer.Versions}, err)
				continue
			}
			if err := p.open(r.Case); err != nil {
				r.miss(p, err)
				_ = p.Close() // it is of no use, however it ends
				continue
			}
			opened = append(opened, p)
		}
	}
	return opened
}

// miss notes why a peer's layout is missing.
func (r *Result) miss(p *Contestant, err error) {
	name := p.Layout
	if v := p.Versions[TorchVersion]; v != "" {
		name = v + " " + name
	}
	r.Missing = append(r.Missing, fmt.Sprintf("%s: %s", name, lastLine(err)))
}

// Peak measures the most arithmetic that the machine gives to so many threads in a precision.
func (s Session) Peak(ctx context.Context, precision string, threads int) (Peak, error) {
	c, err := s.Start(ctx)
	if err != nil {
		return Peak{}, err
	}
	defer c.Close()
	r, err := c.ask(request{Do: askPeak, Precision: precision, Threads: threads})
	switch {
	case ctx.Err() != nil:
		return Peak{}, ctx.Err()
	case err != nil:
		return Peak{}, err
	case r.Peak == nil:
		return Peak{}, fmt.Errorf("%s: answers the request %q with no peak", c.Name, askPeak)
	}
	return *r.Peak, nil
}
