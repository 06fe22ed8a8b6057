//go:build !race

package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/portrait"
	"workbench/nn/plan"
)

// made are the artefacts of a run in their order: "step name".
func made(records []experiments.Record) []string {
	var all []string
	for _, r := range records {
		if r.Artefact != nil {
			all = append(all, fmt.Sprint(r.Artefact.Step, " ", r.Artefact.Name))
		}
	}
	return all
}

// tableOf decodes the last artefact of a name.
func tableOf[T any](t *testing.T, records []experiments.Record, name string) (table T) {
	t.Helper()
	for _, r := range slices.Backward(records) {
		if r.Artefact != nil && r.Artefact.Name == name {
			table, err := portrait.Decode[T](r.Artefact.Data)
			if err != nil || r.Artefact.Media != portrait.JSON || !slices.Contains(experiments.ArtefactKinds, r.Artefact.Kind) {
				t.Fatalf("%s: %+v, %v", name, r.Artefact.ArtefactInfo, err)
			}
			return table
		}
	}
	t.Fatalf("no %s in %v", name, made(records))
	return table
}

func logsOf(records []experiments.Record) string {
	var all []string
	for _, r := range records {
		if r.Log != "" {
			all = append(all, r.Log)
		}
	}
	return strings.Join(all, "\n")
}

func portrayedJob(amount string) experiments.Job {
	job := smallJob()
	job.Run.Config.Dataset.Options = map[string]any{"train": 32, "test": 12}
	job.Run.Config.Model.Options["width"] = 2
	job.Run.Config.Evaluate.Portrait = amount
	return job
}

var wholePortrait = []string{"test/confusion", "test/calibration", "layers", "filters", "test/samples", "test/samples/sheet",
	"test/samples/maps", "test/mistakes", "test/mistakes/sheet", "test/embedding"}

// What is free is kept at each evaluation, and what costs little at the last: the log names what is missing there, and
// how it is had. All of it and none are had by asking.
func TestHowMuchOfAPortrait(t *testing.T) {
	free := []string{"2 test/confusion", "2 test/calibration", "4 test/confusion", "4 test/calibration"}
	var full []string
	for _, step := range []string{"2 ", "4 "} {
		for _, name := range wholePortrait {
			full = append(full, step+name)
		}
	}
	for amount, want := range map[string][]string{portrait.Full: full, portrait.None: nil} {
		records, err := record(t, portrayedJob(amount), 0)
		if got := made(records); err != nil || !slices.Equal(got, want) || logsOf(records) != "" {
			t.Errorf("%q: made %v and said %q, want %v; %v", amount, got, logsOf(records), want, err)
		}
	}
	records, err := record(t, portrayedJob(""), 0)
	if err != nil {
		t.Fatal(err)
	}
	got, log := made(records), logsOf(records)
	if len(got) < len(free) || !slices.Equal(got[:len(free)], free) {
		t.Errorf("made %v, want %v first", got, free)
	}
	for _, name := range []string{"layers", "filters", "samples", "mistakes", "embedding"} { // a machine that is slow enough has time for some
		has := slices.Contains(got, "4 "+name) || slices.Contains(got, "4 test/"+name)
		if has == strings.Contains(log, name) {
			t.Errorf("%s: made %v, and the log says %q", name, got, log)
		}
	}
	const nothing = "portrait, epoch 2: without layers, filters, samples, mistakes, embedding, which would take more than 2 % " +
		"of the training's time; evaluate.portrait=full has all"
	if len(got) == len(free) && log != nothing {
		t.Errorf("the log says %q", log)
	}
}

// What a portrait says of answers is what the run's metrics say; its pictures are as large as its tables say.
func TestPortraitsSayWhatMetricsSay(t *testing.T) {
	job := portrayedJob(portrait.Full)
	job.Run.Config.Dataset.Options = map[string]any{"train": 48, "test": 12, "val": 0.25}
	job.Run.Config.Epochs = 1
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	confusion := tableOf[portrait.Confusion](t, records, "test/confusion")
	right, images := 0, 0
	for label, row := range confusion.Counts {
		for said, n := range row {
			if images += n; said == label {
				right += n
			}
		}
	}
	top1 := values(records)["test/top1"]
	if images != 12 || float64(right)/12 != top1[len(top1)-1] || len(confusion.Classes) != 10 {
		t.Errorf("%d of %d right, test/top1 is %v", right, images, top1)
	}
	calibration := tableOf[portrait.Calibration](t, records, "test/calibration")
	if len(calibration.Bins) != 15 || calibration.ECE <= 0 {
		t.Errorf("%+v", calibration)
	}
	mistakes := tableOf[portrait.Mistakes](t, records, "test/mistakes")
	if mistakes.Of != 12-right || len(mistakes.Shown) != mistakes.Of || mistakes.Side != 96 || mistakes.Place == "" {
		t.Errorf("%+v, %d are wrong", mistakes, 12-right)
	}
	samples := tableOf[portrait.Samples](t, records, "test/samples")
	if len(samples.Maps) != 4 || len(samples.Shown) == 0 {
		t.Errorf("%+v", samples)
	}
	embedding := tableOf[portrait.Embedding](t, records, "test/embedding")
	hits := 0
	for _, p := range embedding.Points {
		if p.Said == p.Label {
			hits++
		}
	}
	if len(embedding.Points) != 12 || hits != right || embedding.Explained[0] <= 0 {
		t.Errorf("%d points, %d of them right, %v", len(embedding.Points), hits, embedding.Explained)
	}
	sizes := map[string][2]int{"test/mistakes/sheet": {3, len(mistakes.Shown)}, "test/samples/sheet": {2, len(samples.Shown)}}
	for _, r := range records {
		cells, asked := [2]int{}, false
		if r.Artefact != nil {
			cells, asked = sizes[r.Artefact.Name]
		}
		if !asked {
			continue
		}
		p, err := png.Decode(bytes.NewReader(r.Artefact.Data))
		if err != nil || p.Bounds().Dx() != cells[0]*96 || p.Bounds().Dy() != cells[1]*96 {
			t.Errorf("%s: %v, %v, want %v cells", r.Artefact.Name, p.Bounds(), err, cells)
		}
	}
}

// Portraits change nothing of what is trained, and an attempt that makes one once more makes the same bytes: one that
// is interrupted at any of them, too.
func TestPortraitsChangeNothingAndComeAgain(t *testing.T) {
	without, err := record(t, portrayedJob(portrait.None), 0)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := record(t, portrayedJob(portrait.Full), 0)
	if err != nil {
		t.Fatal(err)
	}
	sameTensors(t, 0, lastCheckpoint(t, whole), lastCheckpoint(t, without))
	first := map[string][]byte{}
	for _, r := range whole {
		if r.Artefact != nil {
			first[fmt.Sprint(r.Artefact.Step, r.Artefact.Name)] = r.Artefact.Data
		}
	}
	stops := 0
	for i, r := range whole {
		if r.Artefact == nil || fmt.Sprint(r.Artefact.Step, r.Artefact.Name) != "2test/mistakes" &&
			fmt.Sprint(r.Artefact.Step, r.Artefact.Name) != "4test/confusion" {
			continue
		}
		stops++
		begun, err := record(t, portrayedJob(portrait.Full), i+1)
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("interrupted at %s: %v", r.Artefact.Name, err)
		}
		job := portrayedJob(portrait.Full)
		c := lastCheckpoint(t, begun)
		job.Resume, job.Attempt.Number = &c, 2
		again, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		sameTensors(t, c.Step, lastCheckpoint(t, again), lastCheckpoint(t, without))
		if last := made(again); len(last) == 0 || last[len(last)-1] != "4 test/embedding" {
			t.Errorf("interrupted at %s of step %d: the rest is %v", r.Artefact.Name, r.Artefact.Step, last)
		}
		for _, r := range again {
			if r.Artefact != nil && !bytes.Equal(r.Artefact.Data, first[fmt.Sprint(r.Artefact.Step, r.Artefact.Name)]) {
				t.Errorf("step %d: another %s the second time", r.Artefact.Step, r.Artefact.Name)
			}
		}
	}
	if stops != 2 {
		t.Errorf("interrupted %d times, want 2", stops)
	}
}

// Every strategy has a portrait of each of its phases: of those without a classifier, where features lie.
func TestPortraitsOfStrategies(t *testing.T) {
	pretrained := []string{"layers", "filters", "test/embedding"}
	for name, want := range map[string]map[string][]string{
		"byol": {"pretrain/": pretrained, "probe/": wholePortrait},
	} {
		job := strategyJob(t, name)
		job.Run.Config = job.Run.Config.Clone()
		job.Run.Config.Evaluate.Portrait, job.Run.Config.Epochs = portrait.Full, 1
		if name == "byol" {
			job.Run.Config.Strategy.Options["then"] = "probe"
			job.Run.Config.Phases = map[string]any{"probe.epochs": 1}
		}
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, one := range made(records) {
			_, artefact, _ := strings.Cut(one, " ")
			got[artefact] = true
		}
		n := 0
		for phase, names := range want {
			for _, artefact := range names {
				if n++; !got[phase+artefact] {
					t.Errorf("%s: no %s%s in %v; the log says %s", name, phase, artefact, made(records), logsOf(records))
				}
			}
		}
		if len(got) != n {
			t.Errorf("%s: %d artefacts, want %d: %v", name, len(got), n, made(records))
		}
	}
}

// What nobody takes ends the run, and no reason that a network has does.
func TestArtefactsThatNobodyTakes(t *testing.T) {
	full := errors.New("the disk is full")
	for _, name := range []string{"filters", "test/embedding"} {
		err := Run(t.Context(), portrayedJob(portrait.Full), plan.Reference{}, func(r experiments.Record) error {
			if r.Artefact != nil && r.Artefact.Name == name {
				return full
			}
			return nil
		})
		if !errors.Is(err, full) {
			t.Errorf("%s is not taken: %v", name, err)
		}
	}
	tr := &trainer{}
	err := tr.orLeft("mistakes", errors.New("there are no maps"))
	if err != nil || !slices.Equal(tr.portrait.lacks, []string{"mistakes: there are no maps"}) {
		t.Errorf("%v, %v", err, tr.portrait.lacks)
	}
	if err := tr.orLeft("mistakes", context.Canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("an interruption: %v", err)
	}
}

// Of a long run every k-th evaluation has a portrait, and the last of each phase; there are ninety at most.
func TestWhichEvaluationsHavePortraits(t *testing.T) {
	for _, c := range []struct{ epochs, every, want int }{
		{2, 1, 2}, {89, 1, 89}, {90, 1, 45}, {100, 2, 50}, {1000, 3, 84}, {12345, 1, 89}, {7, 3, 3},
	} {
		one := stage{config: experiments.Config{Epochs: c.epochs, Evaluate: experiments.EvaluateConfig{Every: c.every}}, count: 1}
		tr := &trainer{stages: []stage{one}}
		tr.stage = &tr.stages[0]
		n, lastOne := 0, false
		for epoch := range c.epochs {
			last := epoch+1 == c.epochs
			if !last && (epoch+1)%c.every != 0 {
				continue
			}
			tr.state.Epoch = epoch
			if tr.portrayed(false) {
				n, lastOne = n+1, last
			}
		}
		if n != c.want || !lastOne || n > mostPortraits {
			t.Errorf("%d epochs, every %d: %d portraits, want %d; the last %v", c.epochs, c.every, n, c.want, lastOne)
		}
	}
	tr := &trainer{stages: make([]stage, 1)}
	tr.stage = &tr.stages[0]
	tr.job.Run.Config.Evaluate.Portrait = portrait.None
	if tr.portrayed(true) {
		t.Error("none is one")
	}
}

// Pieces are made as long as they are expected to fit; guesses that come out too low are corrected.
func TestPaceOfAPortrait(t *testing.T) {
	nap := func() error { time.Sleep(2 * time.Millisecond); return nil }
	var p pace
	p.begin(false, 100)
	if err := p.spend(0, nap); err != nil { // nothing is guessed to take nothing
		t.Error(err)
	}
	if err := p.spend(1, nap); !errors.Is(err, errDear) {
		t.Errorf("without training there is time: %v", err)
	}
	p.train(9*time.Second, 90)
	if p.begin(false, 90); p.limit != 0 {
		t.Errorf("a short run has %v", p.limit)
	}
	if p.begin(false, 900); p.limit != 1800*time.Millisecond { // those before the attempt took as long
		t.Errorf("a resumed run has %v", p.limit)
	}
	if err := p.spend(time.Millisecond, nap); err != nil {
		t.Error(err)
	}
	if err := p.spend(1000*time.Millisecond, nap); !errors.Is(err, errDear) {
		t.Errorf("a guess that is twice too low: %v", err)
	}
	if err := p.spend(100*time.Millisecond, nap); err != nil {
		t.Error(err)
	}
	p.begin(true, 90)
	if err := p.spend(time.Hour, nap); err != nil {
		t.Errorf("of all there is: %v", err)
	}
}

// An artefact that is larger than what is left of a run's bytes is left out, and the log says so.
func TestBytesOfPortraits(t *testing.T) {
	one := stage{streams: []data.Loader{{Batch: 2, Part: data.Part{Index: make([]int32, 4)}}}}
	tr := &trainer{stages: []stage{one}, emit: func(experiments.Record) error { return errors.New("emitted") }}
	tr.stage = &tr.stages[0]
	tr.portrait.bytes = 10
	if err := tr.keepArtefact("filters", "picture", portrait.PNG, make([]byte, 11)); err != nil || len(tr.portrait.lacks) != 1 {
		t.Errorf("%v, %v", err, tr.portrait.lacks)
	}
	if err := tr.keepArtefact("filters", "picture", portrait.PNG, make([]byte, 10)); err == nil || tr.portrait.bytes != 0 {
		t.Errorf("%v, %d left", err, tr.portrait.bytes)
	}
}

// The temperature divides logits until they are as sure as they are right; where nothing is wrong, there is none.
func TestTemperatureOfWhatIsHeldOut(t *testing.T) {
	var h heldOut
	h.add([]float32{4, 0, 4, 0}, []int32{0, 0})
	h.add([]float32{4, 0, 4, 0}, []int32{0, 1}) // right of three in four: softmax(4/T) is 3/4
	got, err := h.temperature(t.Context(), 2)
	if want := 4 / math.Log(3); err != nil || math.Abs(got-want) > 1e-9 || h.images() != 4 {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	var sure, large heldOut
	sure.add([]float32{4, 0}, []int32{0})
	if got, err := sure.temperature(t.Context(), 2); got != 0 || err != nil {
		t.Errorf("of what is right: %v, %v", got, err)
	}
	large.add(make([]float32, mostHeld), make([]int32, mostHeld/2))
	if large.add(make([]float32, 2), make([]int32, 1)); large.images() != 0 {
		t.Errorf("%d images are kept", large.images())
	}
}
