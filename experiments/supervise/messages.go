package supervise

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"workbench/experiments"
)

// wireJob is a Job without its checkpoints, which follow in messages of their own.
type wireJob struct {
	experiments.Job
	Resumes bool `json:"resumes"`
}

// wireRecord is a Record other than a checkpoint or an artefact. Its values may be NaN or infinite.
type wireRecord struct {
	Environment map[string]string  `json:"environment,omitempty"`
	Points      []wirePoint        `json:"points,omitempty"`
	Progress    *wireProgress      `json:"progress,omitempty"`
	Phase       *experiments.Phase `json:"phase,omitempty"`
	Log         string             `json:"log,omitempty"`
}

// wireDiverged is a DivergedError, whose value JSON has no number for.
type wireDiverged struct {
	experiments.DivergedError
	Value experiments.Number `json:"value"`
}

type wirePoint struct {
	experiments.Point
	Epoch experiments.Number `json:"epoch"`
	Value experiments.Number `json:"value"`
}

type wireProgress struct {
	experiments.Progress
	Loss         experiments.Number `json:"loss"`
	Top1         experiments.Number `json:"top1"`
	ImagesPerSec experiments.Number `json:"images_per_second"`
}

// pointsPerFrame keeps a frame of points with the longest names below maxFrame.
const pointsPerFrame = 1000

func writeJSON(w io.Writer, kind frameType, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("message %q: %w", kind, err)
	}
	return writeFrame(w, kind, text)
}

// readJSON decodes strictly: parent and child are the same program, so an unknown key means damage.
func readJSON(kind frameType, text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("message %q: %w", kind, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("message %q: something follows its JSON value", kind)
	}
	return nil
}

func writeJob(w io.Writer, job experiments.Job) error {
	err := writeJSON(w, frameJob, wireJob{Job: job, Resumes: job.Resume != nil})
	if err == nil && job.Resume != nil {
		err = writeCheckpoint(w, *job.Resume)
	}
	for _, begins := range []*experiments.Beginning{job.Start, job.Teacher} {
		if err == nil && begins != nil {
			err = writeCheckpoint(w, begins.Last)
		}
	}
	return err
}

func (f *frameReader) job() (experiments.Job, error) {
	text, err := f.expect(frameJob)
	if err != nil {
		return experiments.Job{}, err
	}
	var j wireJob
	if err := readJSON(frameJob, text, &j); err != nil {
		return experiments.Job{}, err
	}
	if j.Resumes {
		if j.Job.Resume, err = f.following(); err != nil {
			return experiments.Job{}, err
		}
	}
	for _, begins := range []*experiments.Beginning{j.Job.Start, j.Job.Teacher} {
		if begins == nil {
			continue
		}
		last, err := f.following()
		if err != nil {
			return experiments.Job{}, err
		}
		begins.Last = *last
	}
	return j.Job, nil
}

// following is the checkpoint that comes next.
func (f *frameReader) following() (*experiments.Checkpoint, error) {
	text, err := f.expect(frameCheckpoint)
	if err != nil {
		return nil, err
	}
	return f.checkpoint(text)
}

// writeRecord sends one record. Many points go in several frames, which the reader receives as several records.
func writeRecord(w io.Writer, r experiments.Record) error {
	if r.Checkpoint != nil {
		return writeCheckpoint(w, *r.Checkpoint)
	}
	if r.Artefact != nil {
		return writeArtefact(w, *r.Artefact)
	}
	out := wireRecord{Environment: r.Environment, Phase: r.Phase, Log: r.Log}
	if p := r.Progress; p != nil {
		out.Progress = &wireProgress{*p, experiments.Number(p.Loss), experiments.Number(p.Top1), experiments.Number(p.ImagesPerSec)}
		out.Progress.Progress.Loss, out.Progress.Progress.Top1, out.Progress.Progress.ImagesPerSec = 0, 0, 0
	}
	for _, p := range r.Points {
		if len(out.Points) == pointsPerFrame {
			if err := writeJSON(w, frameRecord, wireRecord{Points: out.Points}); err != nil {
				return err
			}
			out.Points = out.Points[:0]
		}
		epoch, value := experiments.Number(p.Epoch), experiments.Number(p.Value)
		p.Epoch, p.Value = 0, 0 // JSON takes the fields of type Number, but encoding/json looks at these too
		out.Points = append(out.Points, wirePoint{p, epoch, value})
	}
	return writeJSON(w, frameRecord, out)
}

func readRecord(text []byte) (experiments.Record, error) {
	var in wireRecord
	if err := readJSON(frameRecord, text, &in); err != nil {
		return experiments.Record{}, err
	}
	r := experiments.Record{Environment: in.Environment, Phase: in.Phase, Log: in.Log}
	for _, p := range in.Points {
		p.Point.Epoch, p.Point.Value = float64(p.Epoch), float64(p.Value)
		r.Points = append(r.Points, p.Point)
	}
	if p := in.Progress; p != nil {
		p.Progress.Loss, p.Progress.Top1, p.Progress.ImagesPerSec = float64(p.Loss), float64(p.Top1), float64(p.ImagesPerSec)
		r.Progress = &p.Progress
	}
	return r, nil
}

// record turns a frame, and the frames that belong to it, into a record.
func (f *frameReader) record(first frame) (experiments.Record, error) {
	switch first.kind {
	case frameRecord:
		return readRecord(first.payload)
	case frameCheckpoint:
		c, err := f.checkpoint(first.payload)
		return experiments.Record{Checkpoint: c}, err
	case frameArtefact:
		a, err := f.artefact(first.payload)
		return experiments.Record{Artefact: a}, err
	}
	return experiments.Record{}, fmt.Errorf("got message %q, want a record", first.kind)
}

func writeDiverged(w io.Writer, d experiments.DivergedError) error {
	out := wireDiverged{d, experiments.Number(d.Value)}
	out.DivergedError.Value = 0 // hidden by the number, but encoding/json looks at it
	return writeJSON(w, frameDiverged, out)
}

// readDiverged gives the DivergedError that the child ended with.
func readDiverged(text []byte) error {
	var in wireDiverged
	if err := readJSON(frameDiverged, text, &in); err != nil {
		return err
	}
	in.DivergedError.Value = float64(in.Value)
	return &in.DivergedError
}
