package supervise

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// A shape asks for the product of its axes; those that no network has are refused before memory is taken for them.
func TestSizesOfTensors(t *testing.T) {
	for _, test := range []struct {
		shape []int
		want  string
	}{
		{[]int{}, "1"}, {[]int{7}, "7"}, {[]int{2, 3, 4}, "24"}, {[]int{0}, "0"}, {[]int{0, 1 << 40}, "0"}, {[]int{3, 0}, "0"},
		{[]int{1 << 31}, "2147483648"}, {[]int{2, 1 << 30}, "2147483648"}, {[]int{1, 1, 1, 1, 1, 1, 1, 5}, "5"},
		{[]int{1<<31 + 1}, "tensor w has shape [2147483649], want 0 to 2147483648 values"},
		{[]int{2, 1<<30 + 1}, "tensor w has shape [2 1073741825], want 0 to 2147483648 values"},
		{[]int{-1}, "tensor w has shape [-1], want 0 to 2147483648 values"},
		{[]int{0, -1}, "tensor w has shape [0 -1], want 0 to 2147483648 values"},
		{make([]int, 9), "tensor w has 9 axes, want at most 8"},
	} {
		n, err := size(experiments.Tensor{Name: "w", Shape: test.shape})
		got := fmt.Sprint(n)
		if err != nil {
			got = err.Error()
		}
		if got != test.want || err != nil && n != 0 {
			t.Errorf("%v: got %d, %v, want %s", test.shape, n, err, test.want)
		}
	}
}

// A frame may be as long as the limit; one byte more is neither written nor read.
func TestFramesMayReachTheLimit(t *testing.T) {
	var b bytes.Buffer
	most := bytes.Repeat([]byte("x"), 1<<20)
	if err := writeFrame(&b, frameContent, most); err != nil || b.Len() != 1<<20+9 {
		t.Fatalf("%d bytes, %v", b.Len(), err)
	}
	if got, err := (&frameReader{r: &b}).expect(frameContent); err != nil || !bytes.Equal(got, most) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	err := writeFrame(&b, frameContent, append(most, 'x'))
	if err == nil || err.Error() != "message 'B' has 1048577 bytes, want at most 1048576" || b.Len() != 0 {
		t.Errorf("a byte more: %v, %d bytes written", err, b.Len())
	}
	for head, want := range map[string]string{
		"\x00\x00\x10\x00B":      "message 'B' cut off after 0 of 1048580 bytes: unexpected EOF",
		"\x01\x00\x10\x00B":      "message 'B' claims 1048577 bytes, want at most 1048576",
		"\x01":                   "message cut off in its head: unexpected EOF",
		"":                       "EOF",
		"\x01\x00\x00\x00BxABCD": "message 'B' of 1 bytes: checksum 44434241, want d2728dfa",
	} {
		f, err := (&frameReader{r: strings.NewReader(head)}).next()
		if err == nil || err.Error() != want || f.kind != 0 || f.payload != nil {
			t.Errorf("%q: got %v, %v, want %s", head, f, err, want)
		}
	}
	if err := writeFrame(&b, frameDone, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := (&frameReader{r: &b}).expect(frameStopped); err == nil || err.Error() != "got message 'D', want 'I'" {
		t.Errorf("another message than is expected: %v", err)
	}
}

// brokenWriter takes so many writes and fails from then on.
type brokenWriter struct {
	left int
	b    bytes.Buffer
	ends []int // of the writes
}

var errBroken = errors.New("broken pipe")

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.left--; w.left < 0 {
		return 0, errBroken
	}
	defer func() { w.ends = append(w.ends, w.b.Len()) }()
	return w.b.Write(p)
}

// Whichever message of a record is lost, writer and reader notice.
func TestEveryLostMessageIsNoticed(t *testing.T) {
	many := make([]experiments.Point, pointsPerFrame+1)
	messages := 0
	for i, r := range append(wiredRecords(), experiments.Record{Points: many}) {
		whole := &brokenWriter{left: 1 << 30}
		if err := writeRecord(whole, r); err != nil {
			t.Fatal(err)
		}
		messages += len(whole.ends)
		for k, end := range whole.ends {
			if err := writeRecord(&brokenWriter{left: k}, r); !errors.Is(err, errBroken) {
				t.Errorf("record %d, message %d cannot be written: got %v", i, k, err)
			}
			if k == 0 || len(r.Points) > 0 { // a part of the points is a record
				continue
			}
			frames := &frameReader{r: bytes.NewReader(whole.b.Bytes()[:whole.ends[k-1]])}
			first, err := frames.next()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := frames.record(first); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("record %d ends at %d before message %d: got %v", i, end, k, err)
			}
		}
	}
	if messages != 5+5+4+2+1+2 {
		t.Errorf("%d messages, want 19", messages)
	}
	resumes := experiments.Job{Resume: wiredCheckpoint()}
	for k := range 5 {
		if err := writeJob(&brokenWriter{left: k}, resumes); !errors.Is(err, errBroken) {
			t.Errorf("job, message %d cannot be written: got %v", k, err)
		}
	}
}

// What says something else than it should is refused with what is wrong about it.
func TestWrongMessagesAreRefused(t *testing.T) {
	header := func(v any) func(io.Writer) error {
		return func(w io.Writer) error { return writeJSON(w, frameCheckpoint, v) }
	}
	values := func(n int) func(io.Writer) error {
		return func(w io.Writer) error { return writeFrame(w, frameValues, make([]byte, n)) }
	}
	raw := func(kind frameType, text string) func(io.Writer) error {
		return func(w io.Writer) error { return writeFrame(w, kind, []byte(text)) }
	}
	two := experiments.Checkpoint{Tensors: []experiments.Tensor{{Name: "w", Shape: []int{2}}}}
	large := experiments.Checkpoint{Tensors: []experiments.Tensor{{Name: "w", Shape: []int{valuesPerFrame + 1}}}}
	for _, test := range []struct {
		parts []func(io.Writer) error
		want  string
	}{
		{[]func(io.Writer) error{header(two), values(4)}, "checkpoint tensor w [2]: after 0 values got 4 bytes, want 8"},
		{[]func(io.Writer) error{header(two), values(12)}, "checkpoint tensor w [2]: after 0 values got 12 bytes, want 8"},
		{[]func(io.Writer) error{header(two), values(0)}, "checkpoint tensor w [2]: after 0 values got 0 bytes, want 8"},
		{[]func(io.Writer) error{header(large), values(maxFrame), values(8)},
			"checkpoint tensor w [262145]: after 262144 values got 8 bytes, want 4"},
		{[]func(io.Writer) error{header(two), raw(frameContent, "12345678")}, "checkpoint tensor w [2]: got message 'B', want 'V'"},
		{[]func(io.Writer) error{header(experiments.Checkpoint{Tensors: []experiments.Tensor{{Name: "w", Shape: []int{-1}}}})},
			"checkpoint tensor w [-1]: tensor w has shape [-1], want 0 to 2147483648 values"},
		{[]func(io.Writer) error{raw(frameRecord, `{"log":"a"} {}`)}, "message 'R': something follows its JSON value"},
		{[]func(io.Writer) error{raw(frameRecord, `{"lgo":"a"}`)}, `message 'R': json: unknown field "lgo"`},
		{[]func(io.Writer) error{raw(frameArtefact, `[]`)},
			"message 'A': json: cannot unmarshal array into Go value of type supervise.wireArtefact"},
		{[]func(io.Writer) error{raw(frameCheckpoint, `{`)}, "message 'C': unexpected EOF"},
		{[]func(io.Writer) error{raw(frameDone, "")}, "got message 'D', want a record"},
		{[]func(io.Writer) error{raw(frameArtefact, `{"name":"a","step":3,"size":2}`), raw(frameContent, "b")},
			`artefact "a" of step 3, 2 bytes: after 0 bytes got 1, want 2`},
		{[]func(io.Writer) error{raw(frameArtefact, `{"name":"a","step":3,"size":16777217}`)},
			`artefact "a" of step 3 has 16777217 bytes, want 0 to 16777216`},
	} {
		var b bytes.Buffer
		for _, part := range test.parts {
			if err := part(&b); err != nil {
				t.Fatal(err)
			}
		}
		frames := &frameReader{r: &b}
		first, err := frames.next()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := frames.record(first); err == nil || err.Error() != test.want {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
	short := experiments.Tensor{Name: "w", Shape: []int{2, 3}, Data: make([]float32, 5)}
	err := writeCheckpoint(io.Discard, experiments.Checkpoint{Tensors: []experiments.Tensor{short}})
	if err == nil || err.Error() != "checkpoint tensor w has 5 values, its shape [2 3] wants 6" {
		t.Errorf("a tensor that lacks a value is written: %v", err)
	}
}

// Every field of a report has its own place in the message.
func TestEveryFieldOfAReportSurvivesTheWire(t *testing.T) {
	at := time.Date(2026, 11, 1, 2, 3, 4, 5, time.UTC)
	want := experiments.Record{
		Environment: map[string]string{"go": "1"}, Log: "line",
		Points: []experiments.Point{{Metric: metric.TestTop1, Step: 1, Epoch: 2, Value: 3, Time: at}},
		Progress: &experiments.Progress{Run: "r", Phase: "p", Epoch: 1, Epochs: 2, Step: 3, Steps: 4, Loss: 5, Top1: 6, ImagesPerSec: 7,
			Left: 8, Interval: 9, Time: at},
		Phase: &experiments.Phase{Name: "probe", Index: 1, Count: 2, First: 3, Steps: 4},
	}
	var b bytes.Buffer
	if err := writeRecord(&b, want); err != nil {
		t.Fatal(err)
	}
	text, err := (&frameReader{r: &b}).expect(frameRecord)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readRecord(text); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
	for n, frames := range map[int]int{0: 1, pointsPerFrame: 1, pointsPerFrame + 1: 2, 2 * pointsPerFrame: 2, 2*pointsPerFrame + 1: 3} {
		w := &brokenWriter{left: 100}
		if err := writeRecord(w, experiments.Record{Log: "x", Points: make([]experiments.Point, n)}); err != nil || len(w.ends) != frames {
			t.Errorf("%d points go in %d messages, %v, want %d", n, len(w.ends), err, frames)
		}
	}
}

// How a child's training ended is its last message.
func TestLastMessageOfAChild(t *testing.T) {
	for _, test := range []struct {
		err     error
		kind    frameType
		payload string
	}{
		{nil, frameDone, ""},
		{errors.New("out of memory"), frameFailure, "out of memory"},
		{errors.New(strings.Repeat("e", maxFrame+1)), frameFailure, strings.Repeat("e", maxFrame)},
		{errors.New(strings.Repeat("e", maxFrame)), frameFailure, strings.Repeat("e", maxFrame)},
		{context.Canceled, frameFailure, "context canceled"}, // nobody asked it to stop
		{&experiments.DivergedError{Metric: "m", Value: 1, Step: 2, Epoch: 3}, frameDiverged, `{"metric":"m","step":2,"epoch":3,"value":1}`},
	} {
		in, orders := io.Pipe()
		go func() { _ = writeJob(orders, experiments.Job{}) }()
		var out bytes.Buffer
		err := ServeChild(t.Context(), in, &out, func(context.Context, experiments.Job, func(experiments.Record) error) error {
			return test.err
		})
		if err != nil {
			t.Fatal(err)
		}
		f, err := (&frameReader{r: &out}).next()
		if err != nil || f.kind != test.kind || string(f.payload) != test.payload {
			t.Errorf("%.20v: got %q with %d bytes, %v, want %q", test.err, f.kind, len(f.payload), err, test.kind)
		}
		_ = in.Close()
	}
	err := ServeChild(t.Context(), strings.NewReader(""), io.Discard, counting(1))
	if err == nil || err.Error() != "reading the job: unexpected EOF" {
		t.Errorf("without a job: %v", err)
	}
}

// A training learns that its records cannot be sent, and so does who started the child.
func TestChildWhoseRecordsCannotBeSent(t *testing.T) {
	in, orders := io.Pipe()
	go func() { _ = writeJob(orders, experiments.Job{}) }()
	defer in.Close()
	var seen error
	err := ServeChild(t.Context(), in, &brokenWriter{}, func(_ context.Context, _ experiments.Job, emit func(experiments.Record) error) error {
		seen = emit(experiments.Record{Log: "x"})
		return seen
	})
	if fmt.Sprint(seen) != "sending a record to the supervisor: broken pipe" || !errors.Is(err, errBroken) {
		t.Errorf("the training got %v, the caller %v", seen, err)
	}
	err = InProcess{func(context.Context, experiments.Job, func(experiments.Record) error) error { panic("oh") }}.Launch(t.Context(),
		experiments.Job{}, func(experiments.Record) error { return errBroken })
	if fmt.Sprint(err) != "the trainer crashed: oh (and its stack could not be logged: broken pipe)" {
		t.Errorf("a crash that cannot be logged: %v", err)
	}
}
