package supervise

import (
	"errors"
	"testing"
	"testing/synctest"

	"workbench/experiments"
)

// However slow the database is, the trainer waits until its artefact is recorded: none gather in memory.
func TestSinkWaitsForArtefacts(t *testing.T) {
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
				if err := s.put(experiments.Record{Artefact: &experiments.Artefact{Data: []byte{1}}}); err != nil {
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
