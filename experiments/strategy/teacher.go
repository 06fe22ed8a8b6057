package strategy

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments/data"
	"workbench/experiments/start"
	"workbench/nn"
	"workbench/nn/option"
	"workbench/nn/zoo"
)

// Keys of teacherOptions that a study's teacher is made of. Pinning fills them in.
const (
	TeacherKey              = "teacher"
	TeacherDigestKey        = "teacher_digest"
	TeacherModelKey         = "teacher_model"
	TeacherOptionsKey       = "teacher_options"
	TeacherNormalisationKey = "teacher_normalisation"
)

// teacherOptions say which trained network teaches.
var teacherOptions = []option.Option{
	{Name: TeacherKey, Default: "", Required: true, Want: "a file of weights, or run: and the beginning of a run's id; none draws them",
		Doc: "the teacher's weights: a file (safetensors, or PyTorch's), relative to the folder in which the program is run, or run:ID for " +
			"those of a run that is done, which says its network, too; none: drawn by the seed"},
	{Name: TeacherModelKey, Default: "", Want: "a network (workbench models)",
		Doc: "the teacher's network; empty: that of the run, or of a file the student's own"},
	{Name: TeacherOptionsKey, Default: "", Want: `options such as "depth=56 width=16"`,
		Doc: "options of that network other than its defaults, with spaces between; those of a run are filled in"},
	{Name: TeacherDigestKey, Default: "", Want: "the 64 hex digits of a SHA-256",
		Doc: "SHA-256 that the teacher's file must have; filled in when a study is run, so that a file which has changed is noticed"},
	{Name: "teacher_weights", Default: start.Evaluated, Choices: start.Kinds,
		Doc: "of a run: the moving average where it kept one (evaluated), or what the optimizer moved (trained)"},
	{Name: "teacher_part", Default: "", Want: "a name such as ema", Doc: "which network of a file that has several; empty: the one that fits"},
	{Name: TeacherNormalisationKey, Default: "",
		Want: `imagenet, cifar10, half, none, or means and deviations such as "0.5 0.5 0.5 / 0.2 0.2 0.2"`,
		Doc:  "how the teacher's pixels are normalised; empty: as the student's. That of a run is filled in"},
}

// Teacher is what teaches: weights and, unless it is the student's own, a network.
type Teacher struct {
	Start   start.Start
	Model   string         // "": the student's
	Options map[string]any // of the network, as far as they are given
}

// TeacherOf reads which teacher settings of a strategy mean; said is false for one without a teacher, or whose weights
// come from nowhere.
func TeacherOf(given map[string]any) (t Teacher, said bool) {
	s := option.Complete(teacherOptions, given)
	t = Teacher{Model: s.String(TeacherModelKey), Options: parseOptions(s.String(TeacherOptionsKey)), Start: start.Of(startOf(s))}
	return t, t.Start.Said()
}

// OfTeacher tells whether an option says something of a teacher.
func OfTeacher(name string) bool { _, is := option.Find(teacherOptions, name); return is }

// startOf are the options of package start that a teacher's are.
func startOf(s option.Settings) map[string]any {
	return map[string]any{"from": s.String(TeacherKey), "digest": s.String(TeacherDigestKey), "weights": s.String("teacher_weights"),
		"part": s.String("teacher_part")}
}

// Identifying leaves of a strategy's resolved options what decides a result: of a teacher's file its digest, wherever
// it lies.
func Identifying(given map[string]any) {
	if digest, known := given[TeacherDigestKey].(string); known && digest != "" {
		delete(given, TeacherKey)
	}
}

// Conflicts is what a strategy's options have against each other, beside their types.
func Conflicts(s option.Settings) []option.Conflict {
	if _, taught := s[TeacherKey]; !taught {
		return nil
	}
	found := start.Conflicts(option.Complete(start.Options, startOf(s)))
	for i := range found {
		if found[i].Option = TeacherKey + "_" + found[i].Option; found[i].Option == TeacherKey+"_from" {
			found[i].Option = TeacherKey
		}
	}
	return found
}

// parseOptions reads "depth=56 shortcut=identity".
func parseOptions(text string) map[string]any {
	all := map[string]any{}
	for _, pair := range strings.Fields(text) {
		name, value, _ := strings.Cut(pair, "=")
		if n, err := strconv.Atoi(value); err == nil {
			all[name] = n
		} else if x, err := strconv.ParseFloat(value, 64); err == nil {
			all[name] = x
		} else if is, err := strconv.ParseBool(value); err == nil {
			all[name] = is
		} else {
			all[name] = value
		}
	}
	return all
}

// WrittenOptions is how options of a network are written in teacher_options.
func WrittenOptions(options map[string]any) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(options)) {
		pairs = append(pairs, fmt.Sprintf("%s=%v", name, options[name]))
	}
	return strings.Join(pairs, " ")
}

// teacherNetwork adds the teacher on images that are normalised as the set's, and returns its logits [n, classes]. It
// works as in inference.
func teacherNetwork(s option.Settings, info data.Info) (func(g *Graph, x nn.Tensor) nn.Tensor, error) {
	build := (*Graph).Network
	if model := s.String(TeacherModelKey); model != "" {
		v, err := zoo.Lookup(model)
		if err != nil {
			return nil, fmt.Errorf("strategy.%s: %w", TeacherModelKey, err)
		}
		settings, err := v.Resolve(parseOptions(s.String(TeacherOptionsKey)))
		if err != nil {
			return nil, fmt.Errorf("strategy.%s: %w", TeacherOptionsKey, err)
		}
		build = func(g *Graph, b *nn.Builder, x nn.Tensor) nn.Tensor { return v.Build(b, x, g.Classes(), settings) }
	} else if s.String(TeacherOptionsKey) != "" {
		return nil, fmt.Errorf("strategy.%s: has no effect without strategy.%s: the teacher is a network like the student", TeacherOptionsKey,
			TeacherModelKey)
	}
	seen, err := info.Normalised(s.String(TeacherNormalisationKey))
	if err != nil {
		return nil, fmt.Errorf("strategy.%s: %w", TeacherNormalisationKey, err)
	}
	return func(g *Graph, x nn.Tensor) nn.Tensor {
		return build(g, g.Twin(teaching).Inference(), g.renormalised(x, info, seen))
	}, nil
}

// renormalised are images x [n, c, h, w], normalised as one info says, as another one says.
func (g *Graph) renormalised(x nn.Tensor, from, to data.Info) nn.Tensor {
	factor, shift, same := from.To(to)
	if same || g.Err() != nil {
		return x
	}
	x = g.Mul(x, g.Constant("teacher's deviations", factor, 1, len(factor), 1, 1))
	return g.AddStretched(x, g.Constant("teacher's means", shift, 1, len(shift), 1, 1))
}
