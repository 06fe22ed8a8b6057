package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments/data"
	"workbench/experiments/data/sheet"
)

func (a *app) dataCheckCommand() *cobra.Command {
	quick := false
	cmd := &cobra.Command{
		Use: "check DATASET [OPTION=VALUE...]...", Short: "Read data sets, check their files and say what is in them",
		Long: `Read data sets, check their files and say what is in them.

  published   yes: each file has a digest that its authors gave out; by length: they gave out none, and the files are as long as
              theirs; no: whole files, but others. Damaged files are errors
  mean, std   of each channel over all pixels of the training images, 0 being black and 1 full`,
		Example: `  workbench data check cifar10 --data ~/datasets
  workbench data check emnist division=letters cifar100 labels=coarse`,
		Args: wantArgs(1, -1, "a data set (workbench data list)"), ValidArgsFunction: dataSets,
		RunE: func(cmd *cobra.Command, args []string) error {
			sets, err := chosenSets(args)
			if err != nil {
				return err
			}
			return a.checkData(cmd.Context(), sets, quick)
		},
	}
	cmd.Flags().BoolVar(&quick, "quick", false, "leave out what needs every pixel: mean and std")
	a.formatFlag(cmd)
	a.dataFlag(cmd)
	return cmd
}

func (a *app) checkData(ctx context.Context, which []chosenSet, quick bool) error {
	sets := listing{key: "datasets", leave: []string{"path", "digest", "std", "mean", "unlabeled"}, columns: []column{
		{"dataset", "data set", false}, {"train", "training images", true}, {"test", "test images", true},
		{"unlabeled", "without labels", true}, {"classes", "classes", true}, {"image", "image", true}, {"published", "published", false},
		{"path", "files in", false}, {"mean", "mean", false}, {"std", "std", false}, {"digest", "SHA-256", false}}}
	classes := listing{key: "classes", title: "Images of each class", columns: []column{{"dataset", "data set", false},
		{"class", "class", false}, {"train", "training images", true}, {"test", "test images", true}}}
	var remarks []string
	for _, c := range which {
		set, err := c.open(ctx, a.data)
		if err != nil {
			return err
		}
		var mean, std []float64
		if !quick {
			if mean, std, err = sheet.Moments(ctx, set, data.Train); err != nil {
				return err
			}
		}
		info := set.Info()
		path, published := cell{nil, missing}, cell{nil, missing}
		if from, known := data.OriginOf(set); known {
			path, published = text(from.Path), text(from.Official())
			if remark := from.Remark(); remark != "" {
				remarks = append(remarks, c.name+" was read from "+remark)
			}
		}
		size := []int{info.Channels, info.Height, info.Width}
		sets.rows = append(sets.rows, []cell{text(c.name), counted(int64(set.Len(data.Train))), counted(int64(set.Len(data.Test))),
			counted(int64(set.Len(data.Unlabeled))), counted(int64(len(info.Classes))), {size, shape(size)}, published, path, levels(mean),
			levels(std), text(set.Digest())})
		classes.rows = append(classes.rows, histogram(c.name, set)...)
	}
	return a.show(document{listings: []listing{sets, classes}, remarks: remarks})
}

// levels are values of the channels.
func levels(values []float64) cell {
	if values == nil {
		return cell{nil, missing}
	}
	texts := make([]string, len(values))
	for c, v := range values {
		texts[c] = fmt.Sprintf("%.4f", v)
	}
	return cell{values, strings.Join(texts, ", ")}
}

// histogram has a row for each class, and one for training or test images without a label if there are any.
func histogram(name string, set data.Set) [][]cell {
	train, test := sheet.Histogram(set, data.Train), sheet.Histogram(set, data.Test)
	var rows [][]cell
	for k, class := range append(set.Info().Classes[:len(train)-1:len(train)-1], "") {
		label := text(class)
		if k == len(train)-1 {
			label = cell{nil, "none"}
			if train[k]+test[k] == 0 {
				continue
			}
		}
		rows = append(rows, []cell{text(name), label, counted(int64(train[k])), counted(int64(test[k]))})
	}
	return rows
}
