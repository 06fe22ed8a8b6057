package data

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"workbench/experiments/data/listing"
)

func init() {
	Register(Source{
		Name:  "folder",
		Holds: Holds{Channels: 3, Side: 224},
		Doc: "photographs in a folder for each class, as torchvision's ImageFolder: JPEG, PNG, GIF, WebP, BMP, TIFF of any sizes; " +
			normalisation,
		Options: append([]Option{
			{Name: "path", Default: "", Required: true, Spell: filepath.Clean, Want: "a folder, relative to the data folder or absolute",
				Doc: "folder that has train/ and test/ or val/ with a folder for each class in them, or folders of classes only"},
			{Name: "test_share", Default: 0.2, Max: 1, Below: true,
				Doc: "share of each class that is held out as the test split where the folder has none of its own"},
			{Name: "seed", Default: 0, Doc: "of what test_share holds out"},
		}, photoOptions(224)...),
		Open: openFolder,
	})
}

func openFolder(ctx context.Context, dir string, s Settings) (Set, error) {
	root, err := photoFolder(dir, s.String("path"))
	if err != nil {
		return nil, err
	}
	c := catalogue{name: "folder"}
	parts := partsOf(root)
	if err := c.list(ctx, Train, parts[Train]); err != nil {
		return nil, err
	}
	for _, split := range []Split{Test, Val} {
		if parts[split] == "" {
			continue
		}
		if err := c.list(ctx, split, parts[split]); err != nil {
			return nil, err
		}
		if c.files[split].Len() == 0 {
			return nil, fmt.Errorf("%s has no pictures in folders of classes", parts[split])
		}
	}
	if parts[Test] == "" {
		if err := c.holdOut(s); err != nil {
			return nil, err
		}
	}
	return c.open(ctx, s)
}

// photoFolder is the folder that a path means.
func photoFolder(dir, path string) (string, error) {
	switch {
	case path == "":
		return "", &OptionError{"path", errors.New("no folder given: it is relative to the data folder, or absolute")}
	case !filepath.IsAbs(path) && dir == "":
		return "", &OptionError{"path", fmt.Errorf("%s is relative to the data folder, and none is given", path)}
	}
	where := path
	if !filepath.IsAbs(path) {
		where = filepath.Join(dir, path)
	}
	info, err := os.Stat(where)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", where)
	}
	if err != nil && where != path {
		err = fmt.Errorf("%w (%s is relative to the data folder %s)", err, path, dir)
	}
	if err != nil {
		err = &OptionError{"path", err}
	}
	return where, err
}

// The names of the folders of splits.
var (
	testFolders = []string{"test"}
	valFolders  = []string{"val", "valid", "validation"}
)

// partsOf finds the folders of the splits. A folder train that has folders in it is that of the training split, with
// the others beside it; else the folder has classes only. Of one held-out split, whatever its name, that is what is
// tested.
func partsOf(root string) (parts [len(splits)]string) {
	has := func(names []string) string {
		for _, name := range names {
			folder := filepath.Join(root, name)
			if inner, err := listing.Folders(folder); err == nil && len(inner) > 0 {
				return folder
			}
		}
		return ""
	}
	parts[Train] = has([]string{"train"})
	if parts[Train] == "" {
		parts[Train] = root
		return parts
	}
	parts[Test], parts[Val] = has(testFolders), has(valFolders)
	if parts[Test] == "" {
		parts[Test], parts[Val] = parts[Val], ""
	}
	return parts
}

// holdOut makes the test split of a share of the training pictures.
func (c *catalogue) holdOut(s Settings) error {
	if err := c.check(); err != nil {
		return err
	}
	all := Part{Set: &photos{info: Info{Name: c.name, Classes: c.classes}, shelves: shelves{Train: fileShelf{Files: &c.files[Train]}}}}
	rest, held, err := Hold(all, s.Float("test_share"), uint64(s.Int("seed")))
	if err != nil {
		return fmt.Errorf("dataset.test_share: %w", err)
	}
	if held.Len() == 0 {
		return fmt.Errorf("%s has no test split, and dataset.test_share is 0, which holds out none", c.files[Train].Root)
	}
	train := &c.files[Train]
	c.files[Test] = train.Rows(held.Index)
	c.files[Train] = train.Rows(slices.Clone(rest.Index))
	return nil
}
