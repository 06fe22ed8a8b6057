package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments/data/listing"
)

// catalogue is a set of files of pictures before it is opened.
type catalogue struct {
	name    string
	classes []string
	files   [len(splits)]listing.Files
	ignored listing.Ignored
}

// hashedBytes is up to how many bytes the contents of a set's files are part of its digest. More would take longer at
// every start than one wants to wait, so of larger sets names and sizes alone are.
const hashedBytes = 1 << 30

// fileShelf has the pictures of a split in files.
type fileShelf struct {
	*listing.Files
	top string // the set's folder
}

func (f fileShelf) Name(i int) string { return strconv.Quote(filepath.Join(f.Root, f.Files.Name(i))) }

func (f fileShelf) File(i int) string {
	path := filepath.Join(f.Root, f.Files.Name(i))
	if inner, err := filepath.Rel(f.top, path); err == nil {
		return inner
	}
	return path
}

// list adds the pictures of the classes' folders below a folder to a split.
func (c *catalogue) list(ctx context.Context, split Split, root string) error {
	folders, err := listing.Folders(root)
	if err != nil {
		return err
	}
	if c.classes == nil {
		c.classes = folders
	}
	for _, folder := range folders {
		if _, known := slices.BinarySearch(c.classes, folder); !known {
			return fmt.Errorf("%s has a folder %q, but there is no such class among the training pictures", root, folder)
		}
	}
	files, ignored, err := listing.Classes(ctx, root, folders, func(class string) int {
		label, _ := slices.BinarySearch(c.classes, class)
		return label
	})
	c.files[split] = files
	c.ignored.Add(ignored)
	return err
}

// check says what is missing.
func (c *catalogue) check() error {
	count := make([]int, len(c.classes))
	train := &c.files[Train]
	for i := range train.Len() {
		count[train.Label(i)]++
	}
	if len(c.classes) == 0 {
		return fmt.Errorf("%s has no folders, want one for each class with its pictures in it", train.Root)
	}
	if empty := slices.Index(count, 0); empty >= 0 {
		why := ""
		if text := c.ignored.String(); text != "" {
			why = "; files that were not taken for pictures: " + text
		}
		return fmt.Errorf("the folder of class %q in %s has no pictures%s", c.classes[empty], train.Root, why)
	}
	return nil
}

// open makes the set that settings want of the catalogue. Its digest is of the reader, the settings, the classes and
// the files (see listing.Files.Digest).
func (c *catalogue) open(ctx context.Context, s Settings) (Set, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	p, err := newPhotos(c.name, c.classes, s)
	if err != nil {
		return nil, err
	}
	var bytes int64
	for split := range c.files {
		p.shelves[split] = fileShelf{&c.files[split], c.top()}
		bytes += c.files[split].Bytes()
	}
	if s.String("damaged") == "skip" {
		if err := p.leaveOut(ctx, func(split Split, rows []int32) shelf {
			c.files[split] = c.files[split].Rows(rows)
			return fileShelf{&c.files[split], c.top()}
		}); err != nil {
			return nil, err
		}
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("without damaged pictures (%s): %w", p.facts["damaged"], err)
		}
	}
	if text := c.ignored.String(); text != "" {
		p.facts["ignored_files"] = text
	}
	p.digest, err = c.digest(ctx, s, bytes <= hashedBytes)
	return p, err
}

// top is the deepest folder that has the folders of all splits in it.
func (c *catalogue) top() string {
	top := c.files[Train].Root
	for split := range c.files {
		for root := c.files[split].Root; root != "" && root != top && !strings.HasPrefix(root, filepath.Clean(top)+string(filepath.Separator)); {
			up := filepath.Dir(top)
			if up == top {
				break
			}
			top = up
		}
	}
	return top
}

func (c *catalogue) digest(ctx context.Context, s Settings, contents bool) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "pictures reader 1\n")
	identify(h, s)
	fmt.Fprintf(h, "classes %q\ncontents %v\n", c.classes, contents)
	for split := range c.files {
		fmt.Fprintf(h, "split %s %d\n", Split(split), c.files[split].Len())
		if err := c.files[split].Digest(ctx, h, contents); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// identify writes the settings that decide pictures.
func identify(h io.Writer, s Settings) {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if !slices.Contains([]string{"cache", "memory", "path", "damaged"}, name) { // where they are and how they are read
			fmt.Fprintf(h, "%s=%v\n", name, s[name])
		}
	}
}
