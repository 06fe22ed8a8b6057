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
	"strings"
	"unicode/utf8"
)

const imagenetFolder = "imagenet"

func init() {
	Register(Source{
		Name:  "imagenet",
		Holds: Holds{Train: 1281167, Test: 50000, Classes: 1000, Channels: 3, Side: 224},
		Doc: "1.28 million photographs of 1,000 kinds of things (ILSVRC2012, Russakovsky et al. 2015), and 50,000 to test; train/ and " +
			"val/ with a folder for each synset, as torchvision's ImageFolder has them; " + normalisation,
		Files: imagenetFolder,
		Options: append([]Option{{Name: "path", Default: imagenetFolder, Spell: filepath.Clean,
			Want: "a folder, relative to the data folder or absolute",
			Doc: "folder that has train/ and val/; the names of the classes are those in LOC_synset_mapping.txt or synset_words.txt there, " +
				"if one is"}},
			photoOptions(224)...),
		Open: openImageNet,
	})
}

func openImageNet(ctx context.Context, dir string, s Settings) (Set, error) {
	root, err := photoFolder(dir, s.String("path"))
	if err != nil {
		return nil, fmt.Errorf("%w; it has train/ and val/ with a folder for each synset (n01440764, …), into which ILSVRC2012_img_train.tar "+
			"and ILSVRC2012_img_val.tar of https://www.image-net.org are unpacked", err)
	}
	c := catalogue{name: "imagenet"}
	if err := c.list(ctx, Train, filepath.Join(root, "train")); err != nil {
		return nil, err
	}
	if err := c.list(ctx, Test, filepath.Join(root, "val")); err != nil {
		return nil, err
	}
	if c.files[Test].Len() == 0 {
		return nil, fmt.Errorf("%s has no pictures in folders of synsets; ILSVRC2012_img_val.tar has none, they are to be made by its labels",
			filepath.Join(root, "val"))
	}
	for _, name := range []string{"LOC_synset_mapping.txt", "synset_words.txt"} {
		names, err := synsetNames(filepath.Join(root, name), " ")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		c.rename(names)
		break
	}
	return c.open(ctx, s)
}

// rename gives classes the names that their folders stand for.
func (c *catalogue) rename(names map[string]string) {
	for i, folder := range c.classes {
		if name, known := names[folder]; known {
			c.classes[i] = name
		}
	}
}

const (
	mostSynsetBytes = 16 << 20 // of a file of names
	mostNameBytes   = 1 << 10  // of a name
)

// synsetNames reads lines of a synset, a separator and its names: "n01440764 tench, Tinca tinca".
func synsetNames(path, separator string) (map[string]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readSynsets(file, path, separator)
}

func readSynsets(from io.Reader, path, separator string) (map[string]string, error) {
	names := map[string]string{}
	lines := bufio.NewScanner(io.LimitReader(from, mostSynsetBytes))
	for n := 1; lines.Scan(); n++ {
		synset, name, two := strings.Cut(strings.TrimSpace(lines.Text()), separator)
		name = strings.TrimSpace(name)
		switch {
		case synset == "":
			continue
		case !two || name == "" || len(name) > mostNameBytes || !utf8.ValidString(name):
			return nil, fmt.Errorf("%s, line %d: got %.80q, want a synset and its names in UTF-8", path, n, lines.Text())
		}
		names[synset] = name
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return names, nil
}
