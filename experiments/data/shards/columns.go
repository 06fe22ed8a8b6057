package shards

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// of finds the columns of a file: of the pictures' bytes, and of the labels.
func (c Columns) of(f *parquet.File) (image, label *parquet.Column, err error) {
	var images, labels []string
	for _, column := range f.Root().Columns() {
		switch inner := column.Column("bytes"); {
		case inner != nil && inner.Leaf() && inner.Type().Kind() == parquet.ByteArray && !inner.Repeated():
			images = append(images, column.Name())
		case whole(column):
			labels = append(labels, column.Name())
		}
	}
	name, err := only("picture", "dataset.image", c.Image, images)
	if err != nil {
		return nil, nil, err
	}
	image = f.Root().Column(name).Column("bytes")
	if c.Label == "" && slices.Contains(labels, "label") {
		c.Label = "label"
	}
	name, err = only("label", "dataset.label", c.Label, labels)
	if err != nil {
		return nil, nil, err
	}
	return image, f.Root().Column(name), nil
}

func whole(c *parquet.Column) bool {
	return c.Leaf() && !c.Repeated() && (c.Type().Kind() == parquet.Int32 || c.Type().Kind() == parquet.Int64)
}

// only gives the column that is asked for, or the only one that there is.
func only(what, option, asked string, there []string) (string, error) {
	switch {
	case asked != "" && !slices.Contains(there, asked):
		return "", fmt.Errorf("%s: %q is no column of %ss; those are %s", option, asked, what, strings.Join(there, ", "))
	case asked != "":
		return asked, nil
	case len(there) == 0:
		return "", fmt.Errorf("no column of %ss", what)
	case len(there) > 1:
		return "", fmt.Errorf("several columns of %ss: %s; %s says which", what, strings.Join(there, ", "), option)
	}
	return there[0], nil
}

// read a file of at most so many bytes of pictures.
func (c Columns) read(ctx context.Context, f *parquet.File, most int64) (t Table, err error) {
	image, label, err := c.of(f)
	if err != nil {
		return t, err
	}
	if t.Classes, err = classes(f, label.Name()); err != nil {
		return t, err
	}
	err = values(ctx, image, func(v parquet.Value) error {
		if v.IsNull() {
			return fmt.Errorf("row %d has no picture in it, but at most the name of a file", len(t.Images))
		}
		if most -= int64(len(v.ByteArray())); most < 0 { // the file says less than it has
			return fmt.Errorf("more bytes than dataset.memory allows")
		}
		t.Images = append(t.Images, bytes.Clone(v.ByteArray()))
		return nil
	})
	if err != nil {
		return t, err
	}
	err = values(ctx, label, func(v parquet.Value) error {
		n := int64(-1)
		switch {
		case v.IsNull():
		case v.Kind() == parquet.Int32:
			n = int64(v.Int32())
		default:
			n = v.Int64()
		}
		if n < -1 || n >= mostClasses {
			return fmt.Errorf("row %d has label %d, want 0 to %d, or -1 for none", len(t.Labels), n, mostClasses-1)
		}
		t.Labels = append(t.Labels, int32(n))
		return nil
	})
	if err == nil && len(t.Images) != len(t.Labels) {
		err = fmt.Errorf("%d pictures and %d labels", len(t.Images), len(t.Labels))
	}
	return t, err
}

// mostClasses is how many classes a file can have.
const mostClasses = 1 << 16
