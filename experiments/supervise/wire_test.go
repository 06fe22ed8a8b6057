package supervise

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

func wiredCheckpoint() *experiments.Checkpoint {
	large := make([]float32, valuesPerFrame+7) // two frames
	for i := range large {
		large[i] = float32(i)
	}
	odd := []float32{float32(math.NaN()), float32(math.Inf(-1)), float32(math.Copysign(0, -1)), 1e-45}
	return &experiments.Checkpoint{Run: "0123456789abcdef", Attempt: 2, Step: 42, State: []byte(`{"epoch":1}`), Tensors: []experiments.Tensor{
		{Name: "model/conv1.weight", Shape: []int{len(large)}, Data: large},
		{Name: "model/odd", Shape: []int{2, 2}, Data: odd},
		{Name: "model/empty", Shape: []int{0, 3}, Data: []float32{}},
		{Name: "model/scalar", Shape: []int{}, Data: []float32{7}},
	}}
}

func wiredRecords() []experiments.Record {
	at := time.Date(2026, 11, 1, 2, 3, 4, 5, time.UTC)
	return []experiments.Record{
		{Environment: map[string]string{"backend": "reference", "odd\"key": "é"}},
		{Points: []experiments.Point{
			{Metric: metric.TrainLoss, Step: 3, Epoch: 0.25, Value: 0.1, Time: at},
			{Metric: metric.TrainLoss, Step: 1<<53 - 1, Epoch: 1, Value: math.Inf(1), Time: at},
			{Metric: metric.TestTop1, Step: 4, Value: math.Inf(-1), Time: at},
		}},
		{Progress: &experiments.Progress{Run: "r", Epoch: 1, Epochs: 2, Loss: math.Inf(1), ImagesPerSec: 12.5, Left: time.Minute, Time: at}},
		{Log: "a line\nand another"},
		{Phase: &experiments.Phase{Name: "probe", Index: 1, Count: 2, First: 1 << 40, Steps: 7}},
		{Checkpoint: wiredCheckpoint()},
		{Artefact: wiredArtefact(2*maxFrame + 7)},
		{Artefact: wiredArtefact(maxFrame)},
		{Artefact: wiredArtefact(0)},
	}
}

func wiredArtefact(size int) *experiments.Artefact {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(i * 7)
	}
	return &experiments.Artefact{Data: data, ArtefactInfo: experiments.ArtefactInfo{Name: "test/confusion", Kind: "picture",
		Media: "image/png", Step: 9, Time: time.Date(2026, 11, 1, 2, 3, 4, 5, time.UTC)}}
}

// sameBits compares what reflect.DeepEqual cannot: NaN, and -0 against 0.
func sameBits(a, b *experiments.Checkpoint) bool {
	if len(a.Tensors) != len(b.Tensors) {
		return false
	}
	for i, t := range a.Tensors {
		u := b.Tensors[i]
		if t.Name != u.Name || !reflect.DeepEqual(t.Shape, u.Shape) || len(t.Data) != len(u.Data) {
			return false
		}
		for k := range t.Data {
			if math.Float32bits(t.Data[k]) != math.Float32bits(u.Data[k]) {
				return false
			}
		}
	}
	return a.Run == b.Run && a.Attempt == b.Attempt && a.Step == b.Step && a.Final == b.Final && bytes.Equal(a.State, b.State)
}

func TestRecordsSurviveTheWire(t *testing.T) {
	var b bytes.Buffer
	for _, r := range wiredRecords() {
		if err := writeRecord(&b, r); err != nil {
			t.Fatal(err)
		}
	}
	frames := &frameReader{r: &b}
	for i, want := range wiredRecords() {
		f, err := frames.next()
		if err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		got, err := frames.record(f)
		if err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		if want.Checkpoint != nil {
			if !sameBits(got.Checkpoint, want.Checkpoint) {
				t.Errorf("record %d: the checkpoint changed on the way", i)
			}
		} else if !reflect.DeepEqual(got, want) {
			t.Errorf("record %d: got %+v, want %+v", i, got, want)
		}
	}
	if _, err := frames.next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last record: got %v, want EOF", err)
	}
}

func TestNaNSurvivesTheWire(t *testing.T) {
	var b bytes.Buffer
	if err := writeRecord(&b, experiments.Record{Points: []experiments.Point{{Metric: metric.TestLoss, Value: math.NaN()}}}); err != nil {
		t.Fatal(err)
	}
	f, err := (&frameReader{r: &b}).next()
	if err != nil {
		t.Fatal(err)
	}
	if r, err := readRecord(f.payload); err != nil || len(r.Points) != 1 || !math.IsNaN(r.Points[0].Value) {
		t.Errorf("got %+v, %v, want one NaN", r, err)
	}
}

func TestManyPointsKeepTheirOrder(t *testing.T) {
	points := make([]experiments.Point, 2*pointsPerFrame+1)
	for i := range points {
		points[i] = experiments.Point{Metric: strings.Repeat("m", 250), Step: int64(i), Value: math.Pi}
	}
	var b bytes.Buffer
	if err := writeRecord(&b, experiments.Record{Points: points}); err != nil {
		t.Fatal(err)
	}
	frames := &frameReader{r: &b}
	var got []experiments.Point
	for {
		f, err := frames.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		r, err := frames.record(f)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Points...)
	}
	if !reflect.DeepEqual(got, points) {
		t.Errorf("%d points went in, %d came out, or in another order", len(points), len(got))
	}
}

func TestJobSurvivesTheWire(t *testing.T) {
	for _, resume := range []*experiments.Checkpoint{nil, wiredCheckpoint()} {
		job := experiments.Job{Run: experiments.Run{ID: "id", Study: "s", Cell: "base", Seed: 1<<53 - 1, Levels: map[string]string{"a": "b"},
			Config: experiments.Config{Dataset: experiments.Choice{Name: "shapes", Options: map[string]any{"noise": 0.25}}, Epochs: 3}},
			Attempt: experiments.Attempt{Run: "id", Number: 2, Fence: 9, Resume: resume != nil}, DataDir: "/data", Threads: 2, Resume: resume}
		var wire bytes.Buffer
		if err := writeJob(&wire, job); err != nil {
			t.Fatal(err)
		}
		got, err := (&frameReader{r: &wire}).job()
		if err != nil {
			t.Fatal(err)
		}
		if resume != nil && !sameBits(got.Resume, resume) {
			t.Error("the checkpoint changed on the way")
		}
		got.Resume, job.Resume = nil, nil
		a, errA := experiments.Canonical(got)
		b, errB := experiments.Canonical(job)
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Errorf("got %s, %v, want %s, %v", a, errA, b, errB)
		}
	}
}

func TestDamagedMessagesAreRefused(t *testing.T) {
	var b bytes.Buffer
	if err := writeRecord(&b, experiments.Record{Log: "hello"}); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	for i := range whole {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0x10
		if f, err := (&frameReader{r: bytes.NewReader(damaged)}).next(); err == nil {
			t.Errorf("byte %d altered: read as message %q", i, f.kind)
		}
		_, err := (&frameReader{r: bytes.NewReader(whole[:i])}).next()
		if want := map[bool]error{true: io.EOF, false: io.ErrUnexpectedEOF}[i == 0]; !errors.Is(err, want) {
			t.Errorf("cut to %d bytes: got %v, want %v", i, err, want)
		}
	}
}

func TestLimitsOfTheWire(t *testing.T) {
	if err := writeRecord(io.Discard, experiments.Record{Log: strings.Repeat("x", maxFrame)}); err == nil {
		t.Error("a message above the limit was written")
	}
	huge := binary.LittleEndian.AppendUint32(nil, maxFrame+1)
	if _, err := (&frameReader{r: bytes.NewReader(append(huge, 'R'))}).next(); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("a message above the limit: got %v", err)
	}
	tests := map[string]experiments.Checkpoint{
		"negative axis": {Tensors: []experiments.Tensor{{Name: "w", Shape: []int{-1, -1}}}},
		"overflow":      {Tensors: []experiments.Tensor{{Name: "w", Shape: []int{1 << 40, 1 << 40}}}},
		"too many axes": {Tensors: []experiments.Tensor{{Name: "w", Shape: make([]int, maxRank+1)}}},
		"wrong length":  {Tensors: []experiments.Tensor{{Name: "w", Shape: []int{2}, Data: []float32{1}}}},
	}
	for name, c := range tests {
		if err := writeCheckpoint(io.Discard, c); err == nil {
			t.Errorf("%s: written", name)
		}
		if name == "wrong length" {
			continue
		}
		var b bytes.Buffer
		if err := writeJSON(&b, frameCheckpoint, c); err != nil {
			t.Fatal(err)
		}
		frames := &frameReader{r: &b}
		f, err := frames.next()
		if err == nil {
			_, err = frames.record(f)
		}
		if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: got %v, want it refused by its header", name, err)
		}
	}
}

// A checkpoint may be as large as the limits, in tensors and in axes.
func TestCheckpointsMayReachTheLimits(t *testing.T) {
	want := experiments.Checkpoint{Tensors: make([]experiments.Tensor, maxTensors)}
	for i := range want.Tensors {
		want.Tensors[i].Shape = []int{0}
	}
	want.Tensors[0] = experiments.Tensor{Name: "w", Shape: []int{1, 1, 1, 1, 1, 1, 1, 2}, Data: []float32{3, 4}}
	wire := func(c experiments.Checkpoint) (experiments.Record, error) {
		var b bytes.Buffer
		if err := writeCheckpoint(&b, c); err != nil {
			return experiments.Record{}, err
		}
		frames := &frameReader{r: &b}
		f, err := frames.next()
		if err != nil {
			return experiments.Record{}, err
		}
		return frames.record(f)
	}
	if got, err := wire(want); err != nil || !sameBits(got.Checkpoint, &want) {
		t.Errorf("%d tensors, the first with %d axes: %v", len(want.Tensors), maxRank, err)
	}
	want.Tensors = append(want.Tensors, experiments.Tensor{Shape: []int{0}})
	if _, err := wire(want); err == nil || !strings.Contains(err.Error(), "want at most 16384") {
		t.Errorf("a tensor more: %v", err)
	}
}

func TestDivergenceSurvivesTheWire(t *testing.T) {
	for _, value := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		in, records := &bytes.Buffer{}, &bytes.Buffer{}
		if err := writeJob(in, experiments.Job{}); err != nil {
			t.Fatal(err)
		}
		want := &experiments.DivergedError{Metric: metric.TrainLoss, Value: value, Step: 1234, Epoch: 3}
		err := ServeChild(t.Context(), in, records, func(context.Context, experiments.Job, func(experiments.Record) error) error {
			return fmt.Errorf("stopped too: %w", errors.Join(want, context.Canceled))
		})
		if err != nil {
			t.Fatal(err)
		}
		text, err := (&frameReader{r: records}).expect(frameDiverged)
		if err != nil {
			t.Fatal(err)
		}
		err = readDiverged(text)
		if !errors.Is(err, experiments.ErrDiverged) || err.Error() != want.Error() {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

// Of an artefact's size nothing is believed that memory could not stand or that the data do not keep.
func TestArtefactsThatLieAreRefused(t *testing.T) {
	large := experiments.Artefact{Data: make([]byte, experiments.MaxArtefactBytes+1)}
	if err := writeArtefact(io.Discard, large); err == nil || !strings.Contains(err.Error(), "want 0 to 16777216") {
		t.Errorf("an artefact above the bound: got %v", err)
	}
	tests := []struct {
		size  int
		parts []int // bytes of the frames that follow
		want  string
	}{
		{-1, nil, "want 0 to"},
		{experiments.MaxArtefactBytes + 1, nil, "want 0 to"},
		{math.MaxInt, nil, "want 0 to"},
		{10, []int{9}, "after 0 bytes got 9, want 10"},
		{10, []int{11}, "after 0 bytes got 11, want 10"},
		{10, []int{0}, "after 0 bytes got 0, want 10"},
		{maxFrame + 10, []int{maxFrame, 11}, "got 11, want 10"},
		{maxFrame + 10, []int{10, maxFrame}, "got 10, want 1048576"},
		{10, nil, io.ErrUnexpectedEOF.Error()},
	}
	for _, test := range tests {
		var b bytes.Buffer
		if err := writeJSON(&b, frameArtefact, wireArtefact{Size: test.size}); err != nil {
			t.Fatal(err)
		}
		for _, n := range test.parts {
			if err := writeFrame(&b, frameContent, make([]byte, n)); err != nil {
				t.Fatal(err)
			}
		}
		frames := &frameReader{r: &b}
		f, err := frames.next()
		if err == nil {
			_, err = frames.record(f)
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%d bytes, sent as %v: got %v, want %q", test.size, test.parts, err, test.want)
		}
	}
}

func FuzzWire(f *testing.F) {
	for _, r := range wiredRecords()[:5] {
		var b bytes.Buffer
		if err := writeRecord(&b, r); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes()[4], b.Bytes()[5:b.Len()-4])
	}
	f.Add(byte(frameCheckpoint), []byte(`{"run":"r","attempt":1,"step":1,"state":null,"tensors":[{"name":"w","shape":[3]}],"final":true}`))
	f.Add(byte(frameArtefact), []byte(`{"name":"test/confusion","kind":"picture","media":"image/png","step":1,"size":0}`))
	f.Add(byte(frameArtefact), []byte(`{"name":"a","size":1048577}`))
	f.Add(byte(frameDiverged), []byte(`{"metric":"train/loss","value":"NaN","step":1,"epoch":1}`))
	f.Add(byte(frameJob), []byte(`{"run":{},"attempt":{},"data_dir":"","threads":1,"resumes":false}`))
	f.Fuzz(func(t *testing.T, kind byte, payload []byte) {
		var b bytes.Buffer
		if writeFrame(&b, frameType(kind), payload) != nil {
			return
		}
		raw := bytes.Clone(b.Bytes())
		_, _ = (&frameReader{r: bytes.NewReader(raw)}).job()
		_ = readDiverged(payload)
		frames := &frameReader{r: bytes.NewReader(raw)}
		first, err := frames.next()
		if err != nil {
			t.Fatalf("a frame just written: %v", err)
		}
		r, err := frames.record(first)
		if err != nil {
			return
		}
		if err := writeRecord(io.Discard, r); err != nil {
			t.Errorf("what was read cannot be written: %v", err)
		}
		_, _ = (&frameReader{r: bytes.NewReader(payload)}).next()
	})
}
