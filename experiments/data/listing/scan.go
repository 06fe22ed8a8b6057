package listing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"
)

const (
	mostDepth   = 32      // folders inside one another
	mostClasses = 1 << 16 // folders in a folder
)

// endings of files that are taken for pictures; what they are, their content says.
var endings = []string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"}

// IsPicture tells whether a file is taken for a picture by its name.
func IsPicture(name string) bool {
	return slices.Contains(endings, strings.ToLower(filepath.Ext(name)))
}

// Ignored counts what is not taken for a picture.
type Ignored struct {
	Hidden  int    // files and folders whose names begin with a point
	Other   int    // files with other endings
	First   string // the first of Other
	Special int    // pipes, devices and sockets
	Odd     string // the first of Special
}

// String is empty if nothing was ignored.
func (g Ignored) String() string {
	var parts []string
	if g.Hidden > 0 {
		parts = append(parts, fmt.Sprintf("%d hidden", g.Hidden))
	}
	if g.Other > 0 {
		parts = append(parts, fmt.Sprintf("%d that are no pictures by their names, such as %q", g.Other, g.First))
	}
	if g.Special > 0 {
		parts = append(parts, fmt.Sprintf("pipes, devices or sockets: %d, such as %q", g.Special, g.Odd))
	}
	return strings.Join(parts, ", ")
}

// Add counts what another one counted, too.
func (g *Ignored) Add(other Ignored) {
	g.Hidden, g.Other, g.Special = g.Hidden+other.Hidden, g.Other+other.Other, g.Special+other.Special
	g.First, g.Odd = cmp.Or(g.First, other.First), cmp.Or(g.Odd, other.Odd)
}

// Folders are the names of the folders in a folder, sorted byte by byte, as Python sorts texts. Links to folders are
// among them, hidden ones are not. A name that is not UTF-8 is an error, because it becomes a class's name.
func Folders(root string) ([]string, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if hidden(e.Name()) || !isFolder(root, e) {
			continue
		}
		if !utf8.ValidString(e.Name()) {
			return nil, fmt.Errorf("the name of folder %q in %s is not UTF-8, which the name of a class must be", e.Name(), root)
		}
		names = append(names, e.Name())
	}
	if len(names) > mostClasses {
		return nil, fmt.Errorf("%s has %d folders, want at most %d", root, len(names), mostClasses)
	}
	return names, nil
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") }

// isFolder follows links; a link that leads nowhere is no folder.
func isFolder(root string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(filepath.Join(root, e.Name()))
	return err == nil && info.IsDir()
}

// Classes lists the pictures of the folders of classes in a folder, in the order of classes. label gives the label of a
// class. The pictures of a class are those in its folder, by their names, and then those in the folders in it.
func Classes(ctx context.Context, root string, classes []string, label func(class string) int) (Files, Ignored, error) {
	found := make([]walk, len(classes))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2 * runtime.GOMAXPROCS(0)) // they wait for the disk
	for i, class := range classes {
		group.Go(func() error {
			found[i] = walk{ctx: ctx, files: Files{Root: root}, label: label(class)}
			return found[i].folder(class, nil)
		})
	}
	files, ignored := Files{Root: root}, Ignored{}
	if err := group.Wait(); err != nil {
		return files, ignored, err
	}
	for i := range found {
		if err := files.append(&found[i].files); err != nil {
			return files, ignored, err
		}
		ignored.Add(found[i].ignored)
		found[i] = walk{}
	}
	return files, ignored, nil
}

func (f *Files) append(other *Files) error {
	if f.Len()+other.Len() > MostFiles {
		return fmt.Errorf("%s has more than %d pictures", f.Root, MostFiles)
	}
	offset := len(f.names)
	f.names = append(f.names, other.names...)
	for _, end := range other.ends {
		f.ends = append(f.ends, offset+end)
	}
	f.sizes, f.labels = append(f.sizes, other.sizes...), append(f.labels, other.labels...)
	return nil
}

// walk goes through the folder of a class.
type walk struct {
	ctx     context.Context
	files   Files
	ignored Ignored
	label   int
}

// folder lists a folder, and then those in it. Above are the folders above it, by which a link in a circle is seen.
func (w *walk) folder(name string, above []fs.FileInfo) error {
	path := filepath.Join(w.files.Root, name)
	if err := w.ctx.Err(); err != nil {
		return err
	}
	here, err := os.Stat(path)
	if err != nil {
		return err
	}
	switch {
	case slices.ContainsFunc(above, func(other fs.FileInfo) bool { return os.SameFile(here, other) }):
		return fmt.Errorf("%q is a link to a folder above it, so it would never end", path)
	case len(above) >= mostDepth:
		return fmt.Errorf("%q is %d folders deep, want at most %d", path, len(above)+1, mostDepth)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	above = append(slices.Clip(above), here)
	var folders []string
	for _, e := range entries {
		isFolder, err := w.entry(name, e)
		if err != nil {
			return err
		}
		if isFolder {
			folders = append(folders, filepath.Join(name, e.Name()))
		}
	}
	for _, inner := range folders {
		if err := w.folder(inner, above); err != nil {
			return err
		}
	}
	return nil
}

// entry adds a picture, or counts what is none, or tells that it is a folder.
func (w *walk) entry(folder string, e fs.DirEntry) (isFolder bool, err error) {
	name := filepath.Join(folder, e.Name())
	if hidden(e.Name()) {
		w.ignored.Hidden++
		return false, nil
	}
	if e.IsDir() {
		return true, nil
	}
	info, err := e.Info()
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		info, err = os.Stat(filepath.Join(w.files.Root, name))
		if errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("%q is a link that leads nowhere", filepath.Join(w.files.Root, name))
		}
	}
	switch {
	case err != nil:
		return false, err
	case info.IsDir():
		return true, nil
	case !IsPicture(name):
		w.ignored.Other++
		w.ignored.First = cmp.Or(w.ignored.First, name)
		return false, nil
	case !info.Mode().IsRegular():
		w.ignored.Special++
		w.ignored.Odd = cmp.Or(w.ignored.Odd, name)
		return false, nil
	}
	return false, w.files.Add(name, info.Size(), w.label)
}
