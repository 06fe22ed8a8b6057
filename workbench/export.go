package main

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments/start"
	"workbench/nn/nearest"
	"workbench/nn/weights"
	"workbench/nn/zoo"
)

// exportOptions say what to write and where.
type exportOptions struct {
	out, format, weights string
	force                bool

	model, input string
	classes      int
	seed         uint64
}

func (a *app) exportCommand() *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use: "export [RUN|FILE] [OPTION=VALUE...]", Short: "Write a network with its weights to a file: safetensors or ONNX",
		Long: `Write the weights of a run's newest checkpoint, which is the final one of a finished run, to a file. RUN is the
beginning of its name, as workbench runs lists it, or latest. In its place can stand a safetensors FILE of weights, such as
torchvision's, or --model NETWORK alone: then the weights are those that a training with --seed would start from.

--format safetensors writes the tensors. They have torchvision's names where torchvision has the network, so that in Python
  net.load_state_dict(safetensors.torch.load_file("weights.safetensors"))
takes them. The file's metadata say which run, network and step they are from.

The ending of --output counts, whatever its case, and must not contradict --format; a file without one of the two endings is
written as --format says. What is no regular file, such as a pipe, is written to, and a symbolic link is followed.

--format onnx writes the network itself, as it is for inference, for programs such as onnxruntime:
  onnxruntime.InferenceSession("net.onnx").run(["logits"], {"image": images})
takes float32 images [batch, channels, height, width], as many as there are. Their size is that of the run's data set, and the
metadata say how it normalises pixels; --input sets another size, and is needed where the data set's files are not there.`,
		Example: `  workbench export latest
  workbench export 3f2a -o resnet20.onnx
  workbench export --model resnet18 --format onnx
  workbench export --model resnet20_cifar shortcut=projection --classes 100 --format onnx
  workbench export resnet18.safetensors --model resnet18 --format onnx`,
		ValidArgsFunction: names(a.recordedRuns),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.format, err = formatOf(o.out, o.format); err != nil {
				return err
			}
			if err := o.check(cmd, args); err != nil {
				return err
			}
			return a.export(cmd, args, o)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.out, "output", "o", "",
		"the `FILE` to write, or - for standard output (default: name of the run or network, with the format's ending)")
	flags.StringVar(&o.format, "format", "",
		"`FORMAT` of the file: "+strings.Join(fileFormats, ", ")+" (default: by the ending of --output, else "+asSafetensors+")")
	flags.StringVar(&o.weights, "weights", start.Evaluated,
		"evaluated: the moving average where the run kept one; trained: what the optimizer moved")
	flags.StringVar(&o.model, "model", "", "the `NETWORK` (default: the run's, or what the file says it is of)")
	flags.StringVar(&o.input, "input", "", "images as channels×height×width, such as 3x224x224 "+
		"(default: the data set's, or the network's own)")
	flags.IntVar(&o.classes, "classes", 0, "classes of a network without weights (default: its own)")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of a network without weights")
	flags.BoolVarP(&o.force, "force", "f", false, "replace a file that is there, and write weights that are no numbers")
	a.dataFlag(cmd)
	complete(cmd, "format", func() []string { return fileFormats })
	complete(cmd, "weights", func() []string { return start.Kinds })
	complete(cmd, "model", zoo.Names)
	return cmd
}

// namesFile reports whether the first argument is a file of weights, or one that is taken for such a file.
func namesFile(args []string) bool {
	if len(args) == 0 {
		return false
	}
	e := ending(args[0])
	return e == asSafetensors || !strings.Contains(args[0], "=") && (e == asONNX || slices.Contains(otherFormats, e))
}

// check that what is asked for goes together.
func (o exportOptions) check(cmd *cobra.Command, args []string) error {
	if !slices.Contains(start.Kinds, o.weights) {
		return usagef("unknown --weights %q%s", o.weights, nearest.Hint(o.weights, start.Kinds))
	}
	given, file := cmd.Flags().Changed, namesFile(args)
	switch run := o.model == "" && !file; {
	case run && len(args) != 1:
		return usagef("want a run (the beginning of its name, or latest), a safetensors file or --model NETWORK, got %d argument%s\nusage: %s",
			len(args), plural(len(args)), cmd.UseLine())
	case !run && given("weights"):
		return usagef("--weights chooses among those of a run, and there is none")
	case (run || file) && (given("seed") || given("classes")):
		return usagef("--seed and --classes are for a network without weights: --model NETWORK, without a run or a file")
	case file && ending(args[0]) == asSafetensors && o.format == asSafetensors:
		return usagef("%s is a safetensors file already; want --format %s", args[0], asONNX)
	case run && o.format == asSafetensors && given("input"):
		return usagef("--input is for --format %s: tensors do not depend on the images' size", asONNX)
	}
	return nil
}

func (a *app) export(cmd *cobra.Command, args []string, o exportOptions) error {
	p, err := a.pack(cmd.Context(), args, o)
	if err != nil {
		return err
	}
	if o.out == "" {
		o.out = p.name + "." + o.format
	}
	if err := p.sound(o.force); err != nil {
		return err
	}
	facts, write, err := p.content(o.format)
	if err != nil {
		return err
	}
	digest, err := a.write(cmd.Context(), o.out, o.force, write)
	if err != nil {
		return err
	}
	facts = append(append([][]cell{{text("file"), text(o.out)}}, facts...), []cell{text("sha256"), text(digest)})
	return a.show(document{listings: []listing{factsOf("export", "", facts)}, remarks: p.remarks})
}

// write makes the file, and returns its SHA-256.
func (a *app) write(ctx context.Context, out string, force bool, write func(io.Writer) error) (digest string, err error) {
	to := a.out
	if namesStandardOutput(out) {
		if err := a.clearOutput(); err != nil {
			return "", err
		}
		return stream(to, write)
	}
	if err := a.vacant(out, force); err != nil {
		return "", err
	}
	return weights.Create(ctx, out, write)
}

// pack finds what is to be written.
func (a *app) pack(ctx context.Context, args []string, o exportOptions) (parcel, error) {
	switch {
	case namesFile(args):
		return packFile(args[0], args[1:], o)
	case o.model != "":
		return packInitial(args, o)
	}
	return a.packRun(ctx, args[0], o)
}

// Keys under which a file says what its weights are of.
const (
	metadataModel   = "model"
	metadataOptions = "model_options" // JSON

	metadataSet        = "dataset"
	metadataSetOptions = "dataset_options" // JSON
)
