package supervise

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"workbench/experiments"
)

// However slow the database is, the trainer waits until what is large is recorded: none gather in memory.
func TestSinkWaitsForWhatIsLarge(t *testing.T) {
	waitsFor(t, experiments.Record{Artefact: &experiments.Artefact{Data: []byte{1}}})
	waitsFor(t, experiments.Record{Checkpoint: &experiments.Checkpoint{}})
}

func waitsFor(t *testing.T, large experiments.Record) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		recorded, handed := 0, 0
		s := newSink(func(experiments.Record) error {
			<-release
			recorded++
			return nil
		})
		go func() {
			for range 3 {
				if err := s.put(large); err != nil {
					t.Error(err)
				}
				handed++
			}
		}()
		for want := range 3 {
			synctest.Wait()
			if recorded != want || handed != want {
				t.Errorf("%d recorded, %d handed over, want %d", recorded, handed, want)
			}
			release <- struct{}{}
		}
		synctest.Wait()
		if err := s.close(); err != nil || handed != 3 {
			t.Errorf("%d handed over, %v, want 3", handed, err)
		}
	})
}

func TestSinkTellsThatAnArtefactIsLost(t *testing.T) {
	full := errors.New("database or disk is full")
	s := newSink(func(experiments.Record) error { return full })
	if err := s.put(experiments.Record{Artefact: &experiments.Artefact{}}); !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
	if err := s.close(); !errors.Is(err, full) {
		t.Errorf("closing: %v, want %v", err, full)
	}
}

// What waits is recorded together up to a bound; points that come later begin another record.
func TestSinkGathersUpToItsBound(t *testing.T) {
	points := func(n int) delivery {
		return delivery{Record: experiments.Record{Points: make([]experiments.Point, n)}}
	}
	log := delivery{Record: experiments.Record{Log: "x"}}
	report := delivery{Record: experiments.Record{Progress: &experiments.Progress{Step: 1}}}
	later := delivery{Record: experiments.Record{Progress: &experiments.Progress{Step: 2}}}
	for _, test := range []struct {
		waiting []delivery
		want    string // the records: p and the number of points, l a line, s and the step of progress
		left    int
	}{
		{[]delivery{points(1)}, "p1", 0},
		{[]delivery{points(1), points(2), log, points(3), points(4)}, "p3 l p7", 0},
		{[]delivery{report, points(1), later, points(2)}, "p3 s2", 0},
		{[]delivery{log, log}, "l l", 0},
		{[]delivery{points(sinkPoints), points(1)}, fmt.Sprint("p", sinkPoints), 1},
		{[]delivery{points(sinkPoints - 1), points(1), points(1)}, fmt.Sprint("p", sinkPoints), 1},
		{[]delivery{points(sinkPoints - 2), points(1), points(1), log}, fmt.Sprint("p", sinkPoints), 1},
	} {
		s := &sink{queue: make(chan delivery, sinkRecords)}
		for _, d := range test.waiting[1:] {
			s.queue <- d
		}
		var got []string
		for _, d := range s.gather(test.waiting[0]) {
			switch {
			case d.Progress != nil:
				got = append(got, fmt.Sprint("s", d.Progress.Step))
			case d.Log != "":
				got = append(got, "l")
			default:
				got = append(got, fmt.Sprint("p", len(d.Points)))
			}
		}
		if text := strings.Join(got, " "); text != test.want || len(s.queue) != test.left {
			t.Errorf("gathered %s and left %d, want %s and %d", text, len(s.queue), test.want, test.left)
		}
	}
}
