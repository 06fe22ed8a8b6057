package train

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/data/corrupt"
	"workbench/experiments/data/mixing"
	"workbench/experiments/strategy"
	"workbench/nn"
)

// stage is a phase of a run as its configuration, its data and its place in the run make it.
type stage struct {
	strategy.Phase
	own          map[string]any // what the strategy says of the phase other than the study
	index, count int
	config       experiments.Config // of the run, with what the phase has of its own
	set          data.Set
	train, val   data.Part       // what the study chose from the set's training split, and what it held out
	corruptions  []corrupt.Use   // that the run is measured with
	spoilt       []data.Part     // the test split under each of them
	streams      []data.Loader   // of Phase.Streams; the first sets the pace
	total        int64           // steps that it has
	first        int64           // steps of the run before it
	before       float64         // epochs of the run before it
	width        int             // of the features that it learns from and keeps; 0: it learns from images
	frozen       []*nn.Param     // of the network that computes these
	norms        map[string]bool // scales and shifts that move beside Trainable, by path
	blocks       map[string]int  // by path: the number of the block that waits to be unfrozen; nil: none waits
	unfrozen     int             // blocks at the end that move, where blocks wait
	slots        string          // the phase whose optimizer it has: its own, or one before it
	updates      int64           // that the optimizer has made before it
	perStep      costs           // of its programs, once they are made
}

// stages are the phases of a run on a data set.
func stages(c experiments.Config, set data.Set, seed uint64) ([]stage, error) {
	method, err := strategy.Lookup(c.Strategy.Name)
	if err != nil {
		return nil, fmt.Errorf("strategy.name: %w", err)
	}
	train, val, err := data.Choose(set, c.Dataset.Options, seed)
	if err != nil {
		return nil, err
	}
	corruptions, spoilt, err := spoiltTest(c, set)
	if err != nil {
		return nil, err
	}
	about := strategy.About{Info: set.Info(), Batch: c.Batch, Epochs: c.Epochs,
		Count: map[string]int{"train": train.Len(), "val": val.Len(), "test": set.Len(data.Test), "unlabeled": set.Len(data.Unlabeled)}}
	phases, err := method.Phases(method.Resolve(c.Strategy.Options), about)
	if err == nil {
		err = strategy.Check(phases)
	}
	if err == nil {
		err = method.Fits(phases, method.Resolve(c.Strategy.Options))
	}
	if err != nil {
		return nil, fmt.Errorf("strategy %s: %w", c.Strategy.Name, err)
	}
	for path := range c.Phases {
		name, _, _ := strings.Cut(path, ".")
		if !slices.ContainsFunc(phases, func(p strategy.Phase) bool { return p.Name == name }) {
			return nil, fmt.Errorf("phases.%s: has no effect: with these settings %s has no phase %s", path, c.Strategy.Name, name)
		}
	}
	if last := slices.IndexFunc(phases, func(p strategy.Phase) bool { return p.Name == c.Until }); c.Until != "" {
		phases = phases[:last+1]
	}
	var all []stage
	for i, p := range phases {
		own := settled(p, method.Set[p.Name], c.Phases)
		s := stage{Phase: p, own: own, index: i, count: len(phases), config: c, set: set, train: train, val: val,
			corruptions: corruptions, spoilt: spoilt}
		if i > 0 {
			last := all[i-1]
			s.first, s.before = last.first+last.length(), last.before+last.epochs()
		}
		if err := s.prepare(seed); err != nil {
			if p.Name != "" && !strings.HasPrefix(err.Error(), "phases.") {
				err = fmt.Errorf("phase %s: %w", p.Name, err)
			}
			return nil, err
		}
		if s.slots = s.Name; s.Keep {
			if err := s.keep(all[i-1]); err != nil {
				return nil, err
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// keep takes over the optimizer of the phase before.
func (s *stage) keep(last stage) error {
	s.slots, s.updates = last.slots, last.updates+last.length()
	switch name, before := s.config.Optim.Name, last.config.Optim.Name; {
	case name != before:
		return fmt.Errorf("phases.%s.optim.name: the phase goes on with the optimizer of the one before, want %s, got %s", s.Name, before, name)
	case s.updates+s.length() > mostSteps:
		return fmt.Errorf("phase %s: its optimizer would make %d updates, want at most %g", s.Name, s.updates+s.length(), float64(mostSteps))
	}
	return nil
}

// prepare gives the stage its own settings and its streams.
func (s *stage) prepare(seed uint64) error {
	if err := s.unchanged(); err != nil {
		return err
	}
	if s.index > 0 {
		own, err := s.config.In(s.Name, s.own)
		if err != nil {
			return err
		}
		alone := own
		if slices.ContainsFunc(s.Streams, func(stream strategy.Stream) bool { return stream.Mixed }) {
			alone.Augment, _ = mixing.Apart(own.Augment) // which no main phase of the strategy could have
		}
		if problems := alone.Validate(); len(problems) > 0 {
			return fmt.Errorf("phases.%s.%w", s.Name, problems[0])
		}
		if s.config, err = own.Resolved(); err != nil {
			return err
		}
	}
	if s.Coupled && s.config.MicroBatches() > 1 {
		return fmt.Errorf("micro_batch: the loss of %s relates the images of a whole batch, so it cannot be taken part by part; want 0",
			s.config.Strategy.Name)
	}
	for _, stream := range s.Streams {
		l, err := s.loader(stream, seed)
		if err != nil {
			return err
		}
		s.streams = append(s.streams, l)
	}
	if s.Cached != nil {
		if err := s.keepsFeatures(); err != nil {
			return err
		}
	}
	if pace := s.streams[0]; pace.Steps() == 0 {
		return fmt.Errorf("batch %d is larger than the %d training images of %s", pace.Batch, pace.Part.Len(), s.config.Dataset.Name)
	}
	if err := s.arrange(); err != nil {
		return err
	}
	if err := s.measure(); err != nil {
		return err
	}
	return s.canAverage()
}

// measure finds out how many steps the stage has, and how many epochs those are, the last perhaps not a whole one.
func (s *stage) measure() error {
	if s.config.Length == "" {
		s.total = int64(s.config.Epochs) * int64(s.steps())
		return nil
	}
	n, unit, err := strategy.ParseLength(s.config.Length)
	if err != nil {
		return fmt.Errorf("length: %w", err)
	}
	a := 1.0 // what a step has of the unit
	switch unit {
	case strategy.UnitImages:
		a = float64(s.streams[0].Batch)
	case strategy.UnitMultiplyAdds:
		if s.blocks != nil {
			return fmt.Errorf("length: a step has more %s once more is unfrozen (optim.unfreeze_every), want epochs, steps or images", unit)
		}
		step, err := s.training(s.shape(), false)
		if err != nil {
			return err
		}
		a = s.multiplyAdds(step)
	}
	steps := math.Ceil(n / a)
	if steps > mostSteps {
		return fmt.Errorf("length: %s are %.3g steps, want at most %g", s.config.Length, steps, float64(mostSteps))
	}
	s.total = int64(steps)
	s.config.Epochs = int((s.total-1)/int64(s.steps())) + 1
	return nil
}

// mostSteps is how many steps a phase may have: an optimizer counts them in 32 bits.
const mostSteps = 1<<31 - 1

// epochs of the stage.
func (s *stage) epochs() float64 { return float64(s.total) / float64(s.steps()) }

// loader of a stream.
func (s *stage) loader(stream strategy.Stream, seed uint64) (data.Loader, error) {
	l := data.Loader{Name: stream.Name, Batch: s.config.Batch * max(stream.Ratio, 1), Seed: seed, Shuffle: true, Workers: 1}
	if stream.Candidates != nil {
		l.Candidates = &data.Candidates{Rate: stream.Candidates.Rate, Seed: seed}
	}
	stream.Subset.Seed = seed
	part := data.Part{Set: s.set, Split: stream.Split}
	switch stream.Split {
	case data.Train:
		part = s.train
	case data.Val:
		part = s.val
	}
	part, err := stream.Subset.Of(part)
	if err == nil && stream.Labels != nil {
		part, err = stream.Labels(part, seed)
	}
	if err == nil && part.Len() == 0 {
		err = fmt.Errorf("the %s has no images", part)
	}
	if err == nil && l.Candidates != nil {
		err = l.Candidates.Check(part)
	}
	if err != nil && stream.Name != "" {
		err = fmt.Errorf("stream %s: %w", stream.Name, err)
	}
	if l.Part = part; err != nil {
		return l, err
	}
	images, mix := mixing.Apart(s.config.Augment)
	if stream.Mixed {
		l.Mixing = mix
	}
	views := stream.Views
	if views == nil {
		views = []strategy.View{{}}
	}
	for _, v := range views {
		if v.Augment == nil && !v.Plain {
			v.Augment = images
		}
		if len(v.Add) > 0 {
			v.Augment = maps.Clone(v.Augment)
			if v.Augment == nil {
				v.Augment = map[string]any{}
			}
			maps.Copy(v.Augment, v.Add)
		}
		l.Views = append(l.Views, v.View)
	}
	return l, nil
}

// steps of an epoch.
func (s *stage) steps() int { return s.streams[0].Steps() }

// length is the number of the stage's steps.
func (s *stage) length() int64 { return s.total }

// described is the stage as a run records it, without what the run that it continues has done.
func (s *stage) described() *experiments.Phase {
	done := s.continued()
	steps := s.length() - done
	return &experiments.Phase{Name: s.Name, Index: s.index, Count: s.count, First: s.first + done, Steps: steps,
		Epochs: float64(steps) / float64(s.steps()),
		Images: int64(math.Round(float64(steps) * s.perStep.images)), MultiplyAdds: float64(steps) * s.perStep.multiplyAdds}
}

// costs of a step.
type costs struct{ images, multiplyAdds float64 }

// shape of what a step of the stage reads at a time.
func (s *stage) shape() strategy.Shape {
	info := s.set.Info()
	shape := strategy.Shape{Batch: s.config.Batch / s.config.MicroBatches(), Channels: info.Channels, Height: info.Height,
		Width: info.Width, Classes: len(info.Classes), Features: s.width, Images: map[string]int{}, Mixed: map[string]bool{}}
	for _, l := range s.streams {
		shape.Images[l.Name], shape.Mixed[l.Name] = l.Part.Len(), l.Mixing.On()
	}
	return shape
}

// metric is the name of a metric of the stage.
func (s *stage) metric(name string) string {
	if s.Name == "" {
		return name
	}
	return s.Name + "/" + name
}

// chosen says which images the stage was given, and with which labels, where these are not all of a split as they are:
// for each stream the number of images, of wrong labels, and the beginning of their digest; then what was held out.
func (s *stage) chosen() string {
	var all []string
	for i, l := range s.streams {
		if l.Part.Index == nil && l.Part.Labels == nil {
			continue
		}
		name := l.Name
		if name == "" {
			name = l.Part.Split.String()
		}
		wrong := ""
		if i < len(s.Streams) && s.Streams[i].Labels != nil {
			wrong = ", labelled by the strategy"
		} else if share := l.Part.Wrong(); share > 0 {
			wrong = fmt.Sprintf(", %.4g %% of the labels wrong", 100*share)
		}
		all = append(all, fmt.Sprintf("%s: %d images%s, SHA-256 %.16s", name, l.Part.Len(), wrong, l.Part.Digest()))
	}
	if n := s.val.Len(); n > 0 {
		all = append(all, fmt.Sprintf("held out as val: %d images, SHA-256 %.16s", n, s.val.Digest()))
	}
	return strings.Join(all, "; ")
}
