package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/nn/nearest"
	"workbench/nn/plan"
	"workbench/nn/weights"
)

// Which weights of a run an export takes.
const (
	evaluatedWeights = "evaluated"
	trainedWeights   = "trained"
)

var (
	fileFormats  = []string{"safetensors"}
	weightsKinds = []string{evaluatedWeights, trainedWeights}
)

// exportOptions say what to write and where.
type exportOptions struct {
	out, format, weights string
	force                bool
}

func (a *app) exportCommand() *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use: "export RUN", Short: "Write a run's weights to a file",
		Long: `Write the weights of a run's newest checkpoint, which is the final one of a finished run, to a file. RUN is the
beginning of its name, as workbench runs lists it, or latest.

Tensors have torchvision's names where torchvision has the network, so that in Python
  net.load_state_dict(safetensors.torch.load_file("weights.safetensors"))
takes them. The file's metadata say which run, network and step they are from.`,
		Example: `  workbench export latest
  workbench export 3f2a -o resnet20.safetensors`,
		Args:              wantArgs(1, 1, "a run (the beginning of its name, or latest)"),
		ValidArgsFunction: names(a.recordedRuns),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return a.export(cmd, args[0], o)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.out, "output", "o", "", "the `FILE` to write (default: RUN.safetensors)")
	flags.StringVar(&o.format, "format", fileFormats[0], "`FORMAT` of the file: "+strings.Join(fileFormats, ", "))
	flags.StringVar(&o.weights, "weights", evaluatedWeights, "evaluated: the moving average where the run kept one; trained: what the optimizer moved")
	flags.BoolVarP(&o.force, "force", "f", false, "replace a file that is there")
	complete(cmd, "format", func() []string { return fileFormats })
	complete(cmd, "weights", func() []string { return weightsKinds })
	return cmd
}

func (o exportOptions) check() error {
	if o.format != fileFormats[0] {
		return usagef("unknown --format %q%s", o.format, nearest.Hint(o.format, fileFormats))
	}
	if o.weights != evaluatedWeights && o.weights != trainedWeights {
		return usagef("unknown --weights %q%s", o.weights, nearest.Hint(o.weights, weightsKinds))
	}
	return nil
}

func (a *app) export(cmd *cobra.Command, id string, o exportOptions) error {
	db, err := a.read()
	if err != nil {
		return err
	}
	defer db.Close()
	r, err := db.Run(cmd.Context(), id)
	if err != nil {
		return err
	}
	if o.out == "" {
		o.out = r.ID + ".safetensors"
	}
	if _, err := os.Lstat(o.out); err == nil && !o.force {
		return usagef("%s is there already; --force replaces it", o.out)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	checkpoint, err := db.Restore(cmd.Context(), r.ID)
	if err != nil {
		return err
	}
	tensors, averaged := exported(checkpoint, o.weights)
	if len(tensors) == 0 {
		return fmt.Errorf("run %s: the checkpoint of step %d has no weights", r.ID, checkpoint.Step)
	}
	metadata, err := provenance(r, checkpoint, averaged)
	if err != nil {
		return err
	}
	digest, err := weights.Save(o.out, metadata, tensors)
	if err != nil {
		return err
	}
	facts := [][]cell{{text("file"), text(o.out)}, {text("run"), text(r.ID)}, {text("model"), text(r.Config.Model.Name)},
		{text("step"), counted(checkpoint.Step)}, {text("final"), text(strconv.FormatBool(checkpoint.Final))},
		{text("weights"), text(metadata["weights"])}, {text("tensors"), counted(int64(len(tensors)))}, {text("sha256"), text(digest)}}
	return a.show(document{listings: []listing{factsOf("export", "", facts)}})
}

// exported are the parameters and running statistics of a checkpoint by their paths; averaged tells whether some are averages.
func exported(c experiments.Checkpoint, kind string) (tensors []weights.Tensor, averaged bool) {
	averages := map[string][]float32{}
	if kind == evaluatedWeights {
		for _, t := range c.Tensors {
			averages[t.Name] = t.Data
		}
	}
	for _, t := range c.Tensors {
		path, is := strings.CutPrefix(t.Name, "model/")
		if !is {
			continue
		}
		data := t.Data
		if average, kept := averages[plan.AverageName(path)]; kept {
			data, averaged = average, true
		}
		tensors = append(tensors, weights.Tensor{Name: path, Shape: t.Shape, Data: data})
	}
	return tensors, averaged
}

// provenance is the metadata of an exported file. "format" is what Python's libraries ask for.
func provenance(r experiments.RunInfo, c experiments.Checkpoint, averaged bool) (map[string]string, error) {
	options, err := json.Marshal(r.Config.Model.Options)
	if err != nil {
		return nil, err
	}
	kind := trainedWeights
	if averaged {
		kind = "averaged"
	}
	return map[string]string{
		"format": "pt", "writer": "workbench " + version, "run": r.ID, "study": r.Study, "cell": r.Cell, "seed": strconv.FormatUint(r.Seed, 10),
		metadataModel: r.Config.Model.Name, metadataOptions: string(options), "dataset": r.Config.Dataset.Name, "data_digest": r.DataDigest,
		"step": strconv.FormatInt(c.Step, 10), "final": strconv.FormatBool(c.Final), "weights": kind,
	}, nil
}

// Keys under which a file says what its weights are of.
const (
	metadataModel   = "model"
	metadataOptions = "model_options" // JSON
)
