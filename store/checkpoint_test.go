package store

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
)

func sameTensors(a, b []experiments.Tensor) bool {
	return slices.EqualFunc(a, b, func(a, b experiments.Tensor) bool {
		return a.Name == b.Name && slices.Equal(a.Shape, b.Shape) && slices.EqualFunc(a.Data, b.Data, func(x, y float32) bool {
			return math.Float32bits(x) == math.Float32bits(y)
		})
	})
}

func TestCheckpointKeepsEveryBit(t *testing.T) {
	db, _ := fresh(t, 1)
	if _, err := db.Restore(ctx, "r0"); !errors.Is(err, experiments.ErrNoCheckpoint) {
		t.Errorf("nothing saved: %v", err)
	}
	if _, err := db.Restore(ctx, "r9"); !errors.Is(err, experiments.ErrNotFound) {
		t.Errorf("unknown run: %v", err)
	}
	a := begin(t, db, "r0")
	want := checkpoint(a, 5)
	record(t, db, a, experiments.Record{Checkpoint: want})
	got := must[experiments.Checkpoint](t)(db.Restore(ctx, "r0"))
	if !sameTensors(got.Tensors, want.Tensors) {
		t.Error("the tensors differ")
	}
	got.Tensors, want.Tensors = nil, nil
	if !reflect.DeepEqual(got, *want) {
		t.Errorf("got %+v, want %+v", got, *want)
	}
}

func TestCheckpointsKeptAndShared(t *testing.T) {
	db, _ := fresh(t, 2)
	a, b := begin(t, db, "r0"), begin(t, db, "r1")
	chunks := func() int { return value[int](t, db, "SELECT count(*) FROM chunks") }
	save(t, db, a, 1)
	if n := chunks(); n != 4 { // frozen in two, conv1.weight, momentum
		t.Fatalf("%d chunks, want 4", n)
	}
	save(t, db, b, 1)
	if n := chunks(); n != 4 {
		t.Errorf("%d chunks, want 4: another run's equal checkpoint is shared", n)
	}
	for step := int64(2); step <= 5; step++ {
		save(t, db, a, step)
	}
	save(t, db, a, 5) // again at the same step
	if n := chunks(); n != 2+2+2*2 {
		t.Errorf("%d chunks, want 8: the frozen two, those of r1, of the last two of r0", n)
	}
	finish(t, db, a, 6)
	got := must[[]int64](t)(collect[int64](db.read.Query("SELECT step FROM checkpoints WHERE run = 1 ORDER BY id")))
	if !slices.Equal(got, []int64{5, 6}) {
		t.Errorf("kept steps %v, want 5 and the final 6", got)
	}
	if problems := must[[]string](t)(db.Verify(ctx)); len(problems) != 0 {
		t.Errorf("problems %q", problems)
	}
}

func TestFinalCheckpointIsKept(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	c := checkpoint(a, 3)
	c.Final = true
	record(t, db, a, experiments.Record{Checkpoint: c})
	for _, step := range []int64{4, 5, 6} {
		save(t, db, a, step)
	}
	got := must[[]int64](t)(collect[int64](db.read.Query("SELECT step FROM checkpoints ORDER BY id")))
	if !slices.Equal(got, []int64{3, 5, 6}) {
		t.Errorf("kept steps %v, want 3, 5, 6", got)
	}
}

func TestDigestIsOfTheModel(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	digestOf := func(change func(*experiments.Checkpoint)) string {
		c := checkpoint(a, 1)
		change(c)
		return must[*manifest](t)(describe(a, c)).model()
	}
	plain := digestOf(func(*experiments.Checkpoint) {})
	for name, c := range map[string]struct {
		same   bool
		change func(*experiments.Checkpoint)
	}{
		"order":     {true, func(c *experiments.Checkpoint) { slices.Reverse(c.Tensors) }},
		"optimizer": {true, func(c *experiments.Checkpoint) { c.Tensors[2].Data = []float32{77} }},
		"state":     {true, func(c *experiments.Checkpoint) { c.State = nil }},
		"weight":    {false, func(c *experiments.Checkpoint) { c.Tensors[1].Data[0] = 77 }},
		"sign of 0": {false, func(c *experiments.Checkpoint) { c.Tensors[1].Data[1] = 0 }},
		"shape":     {false, func(c *experiments.Checkpoint) { c.Tensors[1].Shape = []int{4, 1} }},
		"name":      {false, func(c *experiments.Checkpoint) { c.Tensors[1].Name = "model/conv2.weight" }},
	} {
		if same := digestOf(c.change) == plain; same != c.same {
			t.Errorf("other %s: equal digest %v, want %v", name, same, c.same)
		}
	}
}

func TestBadCheckpointsAreRefused(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	for name, change := range map[string]func(*experiments.Checkpoint){
		"shape":          func(c *experiments.Checkpoint) { c.Tensors[1].Shape = []int{3} },
		"negative shape": func(c *experiments.Checkpoint) { c.Tensors[1].Shape = []int{-2, -2} },
		"name twice":     func(c *experiments.Checkpoint) { c.Tensors[1].Name = c.Tensors[0].Name },
		"no name":        func(c *experiments.Checkpoint) { c.Tensors[1].Name = "" },
		"other run":      func(c *experiments.Checkpoint) { c.Run = "r7" },
		"other attempt":  func(c *experiments.Checkpoint) { c.Attempt++ },
		"step":           func(c *experiments.Checkpoint) { c.Step = -1 },
	} {
		c := checkpoint(a, 1)
		change(c)
		if err := db.Record(ctx, a, experiments.Record{Checkpoint: c}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Whatever part of the newest checkpoint is not what was saved, it is never loaded: the older one is, and the log says
// so.
func TestDamageIsNeverLoaded(t *testing.T) {
	for name, sql := range map[string]string{
		"a byte of a chunk": "UPDATE chunks SET data = CAST(x'FF' || substr(data, 2) AS BLOB) WHERE id = (SELECT max(id) FROM chunks)",
		"a chunk cut":       "UPDATE chunks SET data = substr(data, 1, 1) WHERE id = (SELECT max(id) FROM chunks)",
		"a chunk too long":  "UPDATE chunks SET data = CAST(data || data AS BLOB) WHERE id = (SELECT max(id) FROM chunks)",
		"a missing chunk":   "DELETE FROM tensor_chunks WHERE chunk = (SELECT max(id) FROM chunks)",
		"a tensor's name":   "UPDATE checkpoint_tensors SET name = 'model/other' WHERE checkpoint = 2 AND position = 1",
		"a tensor's shape":  "UPDATE checkpoint_tensors SET shape = '[4,1]' WHERE checkpoint = 2 AND position = 1",
		"a shape of text":   `UPDATE checkpoint_tensors SET shape = '"wide"' WHERE checkpoint = 2 AND position = 1`,
		"a tensor's digest": "UPDATE checkpoint_tensors SET digest = zeroblob(32) WHERE checkpoint = 2 AND position = 1",
		"a missing tensor":  "DELETE FROM checkpoint_tensors WHERE checkpoint = 2 AND position = 3",
		"the state":         `UPDATE checkpoints SET state = CAST('{"step":21}' AS BLOB) WHERE id = 2`,
		"the step":          "UPDATE checkpoints SET step = 21 WHERE id = 2",
		"the model digest":  "UPDATE checkpoints SET digest = 'x' WHERE id = 2",
		"the manifest":      "UPDATE checkpoints SET manifest = zeroblob(32) WHERE id = 2",
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := fresh(t, 1)
			a := begin(t, db, "r0")
			record(t, db, a, experiments.Record{Points: points("loss", 1, 25)})
			save(t, db, a, 10)
			save(t, db, a, 20)
			check(t, db.End(ctx, a, experiments.Interrupted, "stopped"))
			tamper(t, db, sql)
			if problems := must[[]string](t)(db.Verify(ctx)); len(problems) == 0 {
				t.Error("verify found nothing")
			}
			begin(t, db, "r0")
			c := must[experiments.Checkpoint](t)(db.Restore(ctx, "r0"))
			if want := checkpoint(a, 10); c.Step != 10 || !sameTensors(c.Tensors, want.Tensors) {
				t.Fatalf("restored step %d", c.Step)
			}
			if r := info(t, db, "r0"); r.Last["loss"] != 10 || r.Checkpoint.Step != 10 {
				t.Errorf("last %v, checkpoint %+v: want those of step 10", r.Last, r.Checkpoint)
			}
			log := strings.Join(must[[]string](t)(db.Log(ctx, "r0", 0)), "\n")
			if !strings.Contains(log, "warning: the checkpoint of step 2") || !strings.Contains(log, "step 10 is used instead") {
				t.Errorf("log %q", log)
			}
		})
	}
}

func TestNoGoodCheckpointLeft(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Points: points("loss", 0, 25)})
	save(t, db, a, 10)
	save(t, db, a, 20)
	check(t, db.End(ctx, a, experiments.Interrupted, "stopped"))
	tamper(t, db, "UPDATE chunks SET data = CAST(x'FF' || substr(data, 2) AS BLOB) WHERE length(data) = 1048576") // shared by both

	reader := must[*DB](t)(OpenReadOnly(db.Path()))
	defer reader.Close()
	if _, err := reader.Restore(ctx, "r0"); err == nil || errors.Is(err, experiments.ErrNoCheckpoint) ||
		!strings.Contains(err.Error(), "model/frozen") {
		t.Errorf("read-only: %v, want the damage named", err)
	}
	b := begin(t, db, "r0")
	if _, err := db.Restore(ctx, "r0"); !errors.Is(err, experiments.ErrNoCheckpoint) {
		t.Fatalf("restored: %v", err)
	}
	if r := info(t, db, "r0"); len(r.Last) != 0 || r.Checkpoint != nil {
		t.Errorf("last %v, checkpoint %+v: want none", r.Last, r.Checkpoint)
	}
	record(t, db, b, experiments.Record{Points: points("loss", 0, 2)})
	save(t, db, b, 2) // shares the damaged chunk, which must be made good again
	c := must[experiments.Checkpoint](t)(db.Restore(ctx, "r0"))
	if c.Step != 2 || !sameTensors(c.Tensors, weights(2)) {
		t.Errorf("restored step %d", c.Step)
	}
	if problems := must[[]string](t)(db.Verify(ctx)); len(problems) != 0 {
		t.Errorf("problems %q", problems)
	}
	if r := info(t, db, "r0"); r.Last["loss"] != 2 {
		t.Errorf("last %v", r.Last)
	}
}

// Loading the weights of a run that is at work changes nothing about it.
func TestRestoreByAReader(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Environment: map[string]string{"cpu": "a"}})
	save(t, db, a, 1)
	save(t, db, a, 2)
	record(t, db, a, experiments.Record{Points: points("loss", 0, 3)})
	tamper(t, db, "UPDATE checkpoints SET manifest = zeroblob(32) WHERE step = 2")
	if c := must[experiments.Checkpoint](t)(db.Restore(ctx, "r0")); c.Step != 1 {
		t.Errorf("restored step %d", c.Step)
	}
	if resumed := value[int](t, db, "SELECT resumed FROM attempts"); resumed != -1 {
		t.Errorf("the attempt is taken to resume from step %d, it began at the start", resumed)
	}
}
