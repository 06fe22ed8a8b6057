package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"workbench/experiments/answers"
	"workbench/experiments/data"
	"workbench/experiments/data/imagefile"
	"workbench/experiments/data/raster"
	"workbench/experiments/start"
	"workbench/nn/zoo"
)

// Bounds on what predict takes.
const (
	mostPictures     = 10_000
	mostPictureBytes = 256 << 20
	pictureBatch     = 16
)

func (a *app) predictCommand() *cobra.Command {
	e := evaluation{split: "test", weights: start.Evaluated}
	var top int
	cmd := &cobra.Command{
		Use: "predict RUN|FILE IMAGE... [PATH=VALUE...]", Short: "Say which classes a trained network sees in pictures",
		Long: `Say which classes a trained network sees in pictures: JPEG, PNG, GIF, WebP, BMP or TIFF. RUN and FILE are as for evaluate.
Classes, size and normalisation are those of the data set. A picture is resized and its middle taken, as a picture of the set is.`,
		Example: `  workbench predict latest cat.jpg dog.png
  workbench predict resnet20.safetensors cat.jpg --model resnet20_cifar --dataset cifar10 dataset.normalisation=imagenet`,
		Args: wantArgs(2, -1, "a run or a file of weights, and pictures"),
		RunE: func(cmd *cobra.Command, args []string) error {
			subjects, overrides := divided(args)
			if len(subjects) < 2 || len(subjects) > mostPictures+1 {
				return usagef("want a run or a file of weights, and 1 to %d pictures, got %d", mostPictures, max(len(subjects)-1, 0))
			}
			if top < 1 || top > 1000 {
				return usagef("--top: want a number from 1 to 1000, got %d", top)
			}
			e.subjects, e.overrides, e.batch = subjects[:1], overrides, min(pictureBatch, len(subjects)-1)
			if err := e.check(); err != nil {
				return err
			}
			return a.predict(cmd.Context(), e, subjects[1:], top)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&e.model, "model", "", "the `NETWORK` of a file (default: what the file says it is of)")
	flags.StringVar(&e.dataset, "dataset", "", "the data `SET` whose classes they are (default: the run's, or what a file says)")
	flags.IntVar(&top, "top", 3, "classes that are told of each picture")
	flags.IntVar(&e.threads, "threads", 0, "threads (0: one a core)")
	readFlags(cmd, &e.read)
	complete(cmd, "model", zoo.Names)
	complete(cmd, "dataset", data.Names)
	a.dataFlag(cmd)
	a.formatFlag(cmd)
	return cmd
}

func (a *app) predict(ctx context.Context, e evaluation, pictures []string, top int) (err error) {
	e.told = a.passing(true)
	m, err := a.open(ctx, e, e.subjects[0])
	if err != nil {
		return err
	}
	defer func() { err = joinClose(err, &m) }()
	if logits, _ := m.net.Answers(); !logits {
		return fmt.Errorf("%s has trained no classifier", m.name)
	}
	l := listing{key: "predictions", columns: []column{{"picture", "picture", false}, {"rank", "rank", true}, {"class", "class", false},
		{"probability", "probability", true}}}
	for chunk := range slices.Chunk(pictures, e.batch) {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i, path := range chunk {
			if err := m.put(path, i); err != nil {
				return err
			}
		}
		if err := m.net.Pass(); err != nil {
			return err
		}
		said := answers.Answers{Classes: m.net.Classes, Labels: make([]int32, len(chunk)), Logits: m.net.Logits()}
		for i, path := range chunk {
			l.rows = append(l.rows, m.told(said, i, path, top)...)
		}
	}
	return a.show(document{listings: []listing{l}, remarks: m.remarks})
}

// told are the most probable classes of a picture, a row each.
func (m *examined) told(said answers.Answers, i int, path string, top int) (rows [][]cell) {
	classes := m.set.Info().Classes
	order := make([]int, said.Classes)
	for k := range order {
		order[k] = k
	}
	row := said.Row(i)
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case row[a] > row[b]:
			return -1
		case row[a] < row[b]:
			return 1
		}
		return 0
	})
	for rank, class := range order[:min(top, len(order))] {
		p := said.Probability(i, class)
		rows = append(rows, []cell{text(path), counted(int64(rank + 1)), text(classes[class]), {p, decimal(100*p, 2) + " %"}})
	}
	return rows
}

// put decodes a picture, fits it to what the network gets, and writes it to a row of the batch.
func (m *examined) put(path string, row int) error {
	info := m.set.Info()
	file, err := readPicture(path)
	if err != nil {
		return err
	}
	path = readable(path)
	var picture raster.Image
	if err := (imagefile.Decoder{Channels: info.Channels}).Decode(file, &picture); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	cut := raster.Fitted(&picture, max(info.Height, info.Width), info.Height, info.Width)
	if originals, has := data.As[data.Originals](m.set); has {
		cut = originals.Fit(&picture)
	}
	pixels := make([]uint8, info.Size())
	(&raster.Resizer{}).Resize(&picture, cut, pixels)
	info.Levels().Normalise(pixels, m.net.Images()[row*info.Size():(row+1)*info.Size()])
	return nil
}

// readable is a path on one line, with what does not show as in a program's text.
func readable(path string) string {
	if quoted := strconv.Quote(path); quoted != `"`+path+`"` {
		return quoted
	}
	return path
}

// readPicture reads a file of at most mostPictureBytes.
func readPicture(path string) ([]byte, error) {
	about, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case about.IsDir():
		return nil, fmt.Errorf("%s is a folder, want a file of a picture", readable(path))
	case !about.Mode().IsRegular():
		return nil, fmt.Errorf("%s is a pipe, device or socket, want a file of a picture", readable(path))
	case about.Size() > mostPictureBytes:
		return nil, fmt.Errorf("%s has %d bytes, want at most %d", readable(path), about.Size(), mostPictureBytes)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, mostPictureBytes))
}
