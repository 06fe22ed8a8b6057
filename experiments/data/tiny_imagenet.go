package data

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"workbench/experiments/data/listing"
)

const tinyImageNetFolder = "tiny-imagenet-200"

func init() {
	Register(Source{
		Name:  "tiny_imagenet",
		Holds: Holds{Train: 100000, Test: 10000, Classes: 200, Channels: 3, Side: 64},
		Doc: "100,000 photographs of 200 kinds of things, 64×64, some of them grey, and 10,000 to test (Le and Yang 2015, Stanford's " +
			"CS231n), from the files of tiny-imagenet-200.zip; " + normalisation,
		Files: tinyImageNetFolder,
		Options: append([]Option{{Name: "path", Default: tinyImageNetFolder, Spell: filepath.Clean,
			Want: "a folder, relative to the data folder or absolute",
			Doc:  "folder that has wnids.txt, train/ and val/"}}, withResize(photoOptions(64), 64)...),
		Open: openTinyImageNet,
	})
}

// withResize gives the option resize another default: pictures that have one size are not cut.
func withResize(options []Option, side int) []Option {
	i := slices.IndexFunc(options, func(o Option) bool { return o.Name == "resize" })
	options[i].Default = side
	return options
}

func openTinyImageNet(ctx context.Context, dir string, s Settings) (Set, error) {
	root, err := photoFolder(dir, s.String("path"))
	if err != nil {
		return nil, fmt.Errorf("%w; it is what tiny-imagenet-200.zip of http://cs231n.stanford.edu unpacks to", err)
	}
	c := catalogue{name: "tiny_imagenet"}
	if err := c.list(ctx, Train, filepath.Join(root, "train")); err != nil {
		return nil, err
	}
	if err := c.annotated(filepath.Join(root, "val")); err != nil {
		return nil, err
	}
	names, err := synsetNames(filepath.Join(root, "words.txt"), "\t")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	c.rename(names)
	return c.open(ctx, s)
}

// annotated adds the test pictures, whose classes are in a file beside their folder.
func (c *catalogue) annotated(folder string) error {
	path := filepath.Join(folder, "val_annotations.txt")
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	test := listing.Files{Root: filepath.Join(folder, "images")}
	err = readAnnotations(file, path, func(name, class string) error {
		label, known := slices.BinarySearch(c.classes, class)
		if !known {
			return fmt.Errorf("there is no class %q among the training pictures", class)
		}
		info, err := os.Stat(filepath.Join(test.Root, name))
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is not a file", filepath.Join(test.Root, name))
		}
		return test.Add(name, info.Size(), label)
	})
	if err == nil && test.Len() == 0 {
		err = fmt.Errorf("%s has no lines", path)
	}
	c.files[Test] = test
	return err
}

// readAnnotations reads lines of a file's name, its class and more, with tabs between them.
func readAnnotations(from io.Reader, path string, add func(name, class string) error) error {
	lines := bufio.NewScanner(io.LimitReader(from, mostSynsetBytes))
	for n := 1; lines.Scan(); n++ {
		if lines.Text() == "" {
			continue
		}
		fields := strings.Split(lines.Text(), "\t")
		if name := fields[0]; len(fields) < 2 || name == "" || strings.Contains(name, "/") || name == ".." || name == "." {
			return fmt.Errorf("%s, line %d: got %.80q, want the name of a file, a tab and its class", path, n, lines.Text())
		}
		if err := add(fields[0], fields[1]); err != nil {
			return fmt.Errorf("%s, line %d: %w", path, n, err)
		}
	}
	return lines.Err()
}
