package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"workbench/experiments/iec"
	"workbench/experiments/stats"
	"workbench/nn/op"
	"workbench/nn/weights"
	"workbench/nn/zoo"
)

// importOptions say which network a file is for.
type importOptions struct {
	model, input string
	classes      int
}

func (a *app) importCommand() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use: "import FILE [OPTION=VALUE...]", Short: "Check that a file's weights are a network's, and show them",
		Long: `Check that the tensors of a safetensors file are those of a network: the same names and shapes, none missing, none too
many, all of them finite, no running variance below zero. Then list them. Nothing is stored.

Files of torchvision's weights are taken as they are, and those of timm and pytorchcv are recognised by their names. What
stands before all names, such as "module." or "model.", is taken off. PyTorch's counters (num_batches_tracked, n_averaged) are
passed over, and F16, BF16 and F64 are read as float32.`,
		Example: `  workbench import resnet18.safetensors --model resnet18
  workbench import mine.safetensors --model resnet20_cifar shortcut=projection`,
		Args: wantArgs(1, -1, "a safetensors file and perhaps OPTION=VALUE"),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := weights.Open(args[0])
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
	complete(cmd, "model", zoo.Names)
	a.formatFlag(cmd)
	return cmd
}

func (a *app) importFile(f *weights.File, path string, given []string, o importOptions) error {
	n, err := o.network(f, given)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", path, err)}
	}
	f, names, err := o.recognize(f, &n)
	if err != nil {
		return usageError{err}
	}
	params, err := n.parameters()
	if err != nil {
		return usageError{err}
	}
	l := listing{key: "tensors", columns: []column{{"tensor", "tensor", false}, {"shape", "shape", true}, {"dtype", "dtype", false},
		{"elements", "elements", true}, {"mean", "mean", true}, {"sd", "sd", true}, {"min", "lowest", true}, {"max", "highest", true}}}
	err = f.Load(params, func(name string, values []float32) error {
		e, err := f.Find(name)
		if err == nil {
			l.rows = append(l.rows, tensorRow(e, values))
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("%s as %s: %w", path, n.variant.Name, err)
	}
	digest, err := f.SHA256()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	facts := slices.Concat([][]cell{{text("file"), text(path)}, {text("model"), text(n.variant.Name)}}, names,
		[][]cell{{text("tensors"), counted(int64(len(params)))},
			{text("counters_passed_over"), counted(int64(len(f.Entries) - len(params)))},
			{text("bytes"), {f.Size, iec.Bytes(f.Size)}}, {text("sha256"), text(digest)}})
	d := document{listings: []listing{l, factsOf("file", "File", facts)}}
	if len(f.Metadata) > 0 {
		d.listings = append(d.listings, pairs("metadata", "Metadata", f.Metadata))
	}
	return a.show(d)
}

// network is the one asked for, or the one that the file names, with the file's options where none are given, and with
// as many classes as were asked for.
func (o importOptions) network(f *weights.File, given []string) (network, error) {
	name, options := o.model, []string(nil)
	if name == "" {
		if name = f.Metadata[metadataModel]; name == "" {
			return network{}, fmt.Errorf("the file does not say what it is of; want --model NETWORK (workbench models lists them)")
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

// recognize returns the file with the network's names, which it may have from another library, and facts of whose names
// those were and what stood before them. It gives the network as many classes as the file's last layer has, unless
// others were asked for.
func (o importOptions) recognize(f *weights.File, n *network) (*weights.File, [][]cell, error) {
	params, err := n.parameters()
	if err != nil {
		return f, nil, err
	}
	f, library := weights.Recognize(f, params)
	if library == "" {
		library = "torchvision"
	}
	facts := [][]cell{{text("names"), text(library)}}
	if f.Prefix != "" {
		facts = append(facts, []cell{text("before_names"), text(f.Prefix)})
	}
	if o.classes > 0 {
		return f, facts, nil
	}
	return f, facts, n.fit(func(path string) op.Shape {
		if i := slices.IndexFunc(f.Entries, func(e weights.Entry) bool { return e.Name == path }); i >= 0 {
			return f.Entries[i].Shape
		}
		return nil
	})
}

func tensorRow(e weights.Entry, values []float32) []cell {
	wide := make([]float64, len(values))
	for i, x := range values {
		wide[i] = float64(x)
	}
	extremes := stats.Range(wide)
	number := func(x float64) cell { return cell{x, fmt.Sprintf("%.4g", x)} }
	return []cell{text(e.Name), {[]int(e.Shape), shape(e.Shape)}, text(string(e.DType)), counted(int64(len(values))),
		number(stats.Mean(wide)), number(stats.SD(wide)), number(extremes.Low), number(extremes.High)}
}
