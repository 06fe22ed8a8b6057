package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments/iec"
	"workbench/experiments/stats"
	"workbench/nn/identify"
	"workbench/nn/weights"
	"workbench/nn/zoo"
	"workbench/store"
)

// importOptions say which network a file is for.
type importOptions struct {
	model, input string
	classes      int
	weights.Options
}

func (a *app) importCommand() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use: "import FILE [OPTION=VALUE...]", Short: "Check that a file's weights are a network's, and show them",
		Long: `Check that the tensors of a file are those of a network: the same names and shapes, none missing, none too many, all of them
finite, no running variance below zero. Then list them. Nothing is stored.

Files are safetensors, in one file or in several with an index, or what torch.save writes (.pth, .pt, .bin), also of whole
checkpoints and modules; nothing in them is executed. Weights of torchvision are taken as they are, and those of timm and
pytorchcv are recognised by their names. What stands before all names, such as "module." or "model.", is taken off. PyTorch's
counters (num_batches_tracked, n_averaged) are passed over, and F16, BF16 and F64 are read as float32.

The verdict may be "complete but for the last layer". Where it is "not this network's", the networks of the zoo that fit are named.`,
		Example: `  workbench import resnet18.safetensors --model resnet18
  workbench import mine.safetensors --model resnet20_cifar shortcut=projection
  workbench import checkpoint.pth --model resnet50 --part ema --allow 'projector.**'`,
		Args: wantArgs(1, -1, "a file of weights and perhaps OPTION=VALUE"),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := weights.Open(args[0])
			if err != nil && store.IsDatabase(args[0]) {
				return usagef("%s is a database and holds no weights by themselves; workbench merge %s brings its studies in", args[0], args[0])
			}
			if err != nil {
				return err
			}
			defer f.Close()
			return a.importFile(f, args[0], args[1:], o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.model, "model", "", "the `NETWORK` (default: what the file says it is of)")
	flags.StringVar(&o.input, "input", "", "images as channels×height×width, such as 3x224x224 (default: the network's own)")
	flags.IntVar(&o.classes, "classes", 0, "classes (default: as many as the file's classifier has)")
	readFlags(cmd, &o.Options)
	complete(cmd, "model", zoo.Names)
	a.formatFlag(cmd)
	return cmd
}

// readFlags say how a file is read as a network's.
func readFlags(cmd *cobra.Command, o *weights.Options) {
	flags := cmd.Flags()
	flags.StringVar(&o.Part, "part", "", "the `NAME` of one of several networks in the file, such as ema or module.encoder_q")
	flags.StringSliceVar(&o.Allow, "allow", nil, "`PATTERN` of parameters that may be missing and of tensors that may be left over")
	flags.BoolVar(&o.BGR, "bgr", false, "the file's network takes blue, green, red: turn its first layer's channels round")
	flags.BoolVar(&o.Gray, "gray", false, "add up the first layer's weights for three channels to those for one")
}

func (a *app) importFile(f *weights.File, path string, given []string, o importOptions) error {
	n, err := o.network(f, given)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", path, err)}
	}
	r, err := o.compare(f, &n)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", path, err)}
	}
	l := listing{key: "tensors", columns: []column{{"tensor", "tensor", false}, {"shape", "shape", true}, {"dtype", "dtype", false},
		{"elements", "elements", true}, {"mean", "mean", true}, {"sd", "sd", true}, {"min", "lowest", true}, {"max", "highest", true}}}
	err = r.Load(func(t weights.Taken, values []float32) error {
		l.rows = append(l.rows, tensorRow(t, values))
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s as %s: %w", path, n.variant.Name, err)
	}
	digest, err := f.SHA256()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	facts := slices.Concat([][]cell{{text("file"), text(path)}, {text("model"), text(n.variant.Name)}}, namesOf(r),
		[][]cell{{text("tensors"), counted(int64(len(r.Taken)))}, {text("counters_passed_over"), counted(int64(r.Counters))}}, comparedFacts(r),
		[][]cell{{text("bytes"), {f.Size, iec.Bytes(f.Size)}}, {text("sha256"), text(digest)}})
	d := document{listings: []listing{l, factsOf("file", "File", facts)}}
	if len(f.Metadata) > 0 {
		d.listings = append(d.listings, pairs("metadata", "Metadata", f.Metadata))
	}
	return a.show(d)
}

// namesOf are facts of whose names a file's tensors have, and what stands before them.
func namesOf(r *weights.Report) [][]cell {
	facts := [][]cell{{text("names"), text(cmp.Or(r.Library, "torchvision"))}}
	if r.Part != "" {
		facts = append(facts, []cell{text("part"), text(r.Part)})
	}
	if r.Prefix != "" {
		facts = append(facts, []cell{text("before_names"), text(r.Prefix)})
	}
	return facts
}

// comparedFacts are the facts of a report that have no row of their own.
func comparedFacts(r *weights.Report) [][]cell {
	var facts [][]cell
	for _, l := range r.Lines() {
		if l.What != "passed over" && l.What != "read as" {
			facts = append(facts, []cell{text(strings.ReplaceAll(l.What, " ", "_")), text(l.Text)})
		}
	}
	return append(facts, []cell{text("format"), text(r.Format)})
}

// network is the one asked for, or the one that the file names, with the file's options where none are given, and with
// as many classes as were asked for.
func (o importOptions) network(f *weights.File, given []string) (network, error) {
	name, options := o.model, []string(nil)
	if name == "" {
		if name = f.Metadata[metadataModel]; name == "" {
			fits := "(workbench models lists them)"
			if found := identify.Nearest(f, o.Options); len(found) > 0 {
				fits = "(its tensors fit " + strings.Join(found, ", ") + ")"
			}
			return network{}, fmt.Errorf("the file does not say what it is of; want --model NETWORK %s", fits)
		}
		var noted map[string]json.RawMessage
		if text := f.Metadata[metadataOptions]; text != "" {
			if err := json.Unmarshal([]byte(text), &noted); err != nil {
				return network{}, fmt.Errorf("metadata %s: %w", metadataOptions, err)
			}
		}
		for option, value := range noted {
			options = append(options, option+"="+string(value)) // JSON is YAML
		}
	}
	if o.classes < 0 {
		return network{}, fmt.Errorf("--classes: want a number of at least 1, got %d", o.classes)
	}
	n, err := findNetwork(name, append(options, given...), o.input) // of two values, the later counts
	if o.classes > 0 {
		n.classes = o.classes
	}
	return n, err
}

// compare compares the file with the network. It gives the network as many classes as the file's last layer has, unless
// others were asked for.
func (o importOptions) compare(f *weights.File, n *network) (*weights.Report, error) {
	for {
		described, err := identify.Network(n.variant, n.settings, n.images, n.classes)
		if err != nil {
			return nil, n.on(err)
		}
		r, err := identify.Compare(f, described, o.Options)
		if err != nil || o.classes > 0 || r.Classes == 0 || r.Classes == n.classes {
			return r, err
		}
		n.classes = r.Classes
	}
}

func tensorRow(t weights.Taken, values []float32) []cell {
	wide := make([]float64, len(values))
	for i, x := range values {
		wide[i] = float64(x)
	}
	extremes := stats.Range(wide)
	number := func(x float64) cell { return cell{x, fmt.Sprintf("%.4g", x)} }
	p := t.Param
	return []cell{text(p.Path), {[]int(p.Shape), shape(p.Shape)}, text(string(t.Tensor.DType)), counted(int64(len(values))),
		number(stats.Mean(wide)), number(stats.SD(wide)), number(extremes.Low), number(extremes.High)}
}
