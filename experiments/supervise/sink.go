package supervise

import (
	"slices"

	"workbench/experiments"
)

// sink stands between a trainer and the database, which answers only when what it was given is safe on disk. Training
// goes on meanwhile, and the sink then records together what has gathered. The trainer waits until a checkpoint or an
// artefact is recorded, so at most one of them is in memory.
type sink struct {
	record func(experiments.Record) error
	queue  chan delivery
	ended  chan struct{}
	failed chan struct{} // closed with err set
	err    error
}

type delivery struct {
	experiments.Record
	safe chan struct{} // closed when it is recorded; nil: nobody waits
}

const (
	sinkRecords = 256  // that may wait
	sinkPoints  = 4096 // that are recorded at once
)

func newSink(record func(experiments.Record) error) *sink {
	s := &sink{record: record, queue: make(chan delivery, sinkRecords), ended: make(chan struct{}), failed: make(chan struct{})}
	go s.run()
	return s
}

// put hands a record over. Its error is that of an earlier record, or of this one if it is waited for.
func (s *sink) put(r experiments.Record) error {
	d := delivery{Record: r}
	if r.Checkpoint != nil || r.Artefact != nil {
		d.safe = make(chan struct{})
	}
	select {
	case <-s.failed:
		return s.err
	case s.queue <- d:
	}
	if d.safe == nil {
		return nil
	}
	select {
	case <-s.failed:
		return s.err
	case <-d.safe:
		return nil
	}
}

// close waits until everything is recorded.
func (s *sink) close() error {
	close(s.queue)
	<-s.ended
	return s.err
}

func (s *sink) run() {
	defer close(s.ended)
	for first := range s.queue {
		for _, d := range s.gather(first) {
			if s.err == nil {
				if s.err = s.record(d.Record); s.err != nil {
					close(s.failed)
				}
			}
			if d.safe != nil && s.err == nil {
				close(d.safe)
			}
		}
	}
}

// gather takes the records that wait, in order. Neighbouring points become one record. Of several progress reports only
// the last remains, at the end; progress reports are never compared, so nothing is lost.
func (s *sink) gather(first delivery) []delivery {
	var all []delivery
	var progress *experiments.Progress
	points := 0
	for d, more := first, true; more; {
		switch last := len(all) - 1; {
		case d.Progress != nil:
			progress = d.Progress
		case len(d.Points) > 0 && last >= 0 && len(all[last].Points) > 0:
			all[last].Points = append(slices.Clip(all[last].Points), d.Points...)
		default:
			all = append(all, d)
		}
		points += len(d.Points)
		if points >= sinkPoints {
			break
		}
		select {
		case d, more = <-s.queue:
		default:
			more = false
		}
	}
	if progress != nil {
		all = append(all, delivery{Record: experiments.Record{Progress: progress}})
	}
	return all
}
