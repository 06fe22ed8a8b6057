// Package release reads the files in which a data set is published, where they lie: in a folder, gzipped or not, or
// still in the archive that the authors give out. It checks that they are whole, and says whether they are those that
// were published.
package release

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// File is one published file.
type File struct {
	Name   string // without .gz
	Bytes  int64  // of its content
	SHA256 string // of its content, hex; "": not known
	MD5    string // of its content, hex; "": not known
	Gzip   string // MD5 of NAME.gz as it is given out, hex; "": not known

	// Others are the files of other sets that have the same name: what each is, by the MD5 of its content.
	Others map[string]string
}

// Release is one form in which a set is published.
type Release struct {
	Folders  []string // below the data folder, with slashes: where the files may lie
	Archives []string // below the data folder, with slashes: .tar.gz, .tar or .zip that may hold them
	Files    []File
}

// File finds a file of the release by its name.
func (r Release) File(name string) (File, bool) {
	for _, f := range r.Files {
		if f.Name == name {
			return f, true
		}
	}
	return File{}, false
}

// Place is where the files of a release lie.
type Place struct {
	Release
	Path    string // of the folder or the archive
	Archive bool
}

// Find looks for the files in a data folder: in the folder itself, in the release's folders, in its archives. There is
// false if nothing of the release is there. A folder with some of the files is taken, complete or not; one of a good
// name without any only where there is no archive.
func (r Release) Find(dir string) (place Place, there bool, err error) {
	if r.some(dir) {
		return Place{Release: r, Path: dir}, true, nil
	}
	empty := ""
	for i, name := range append(append([]string(nil), r.Folders...), r.Archives...) {
		path, archive := filepath.Join(dir, filepath.FromSlash(name)), i >= len(r.Folders)
		info, err := os.Stat(path)
		switch {
		case absent(err):
			continue
		case err != nil:
			return Place{}, false, err
		case archive && !info.Mode().IsRegular():
			return Place{}, false, fmt.Errorf("%s is not a file", path)
		case !archive && !info.IsDir():
			return Place{}, false, fmt.Errorf("%s is not a folder", path)
		case archive || r.some(path):
			return Place{Release: r, Path: path, Archive: archive}, true, nil
		case empty == "":
			empty = path
		}
	}
	return Place{Release: r, Path: empty}, empty != "", nil
}

// some says whether a folder has one of the files.
func (r Release) some(dir string) bool {
	for _, f := range r.Files {
		for _, name := range []string{f.Name, f.Name + ".gz"} {
			if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
				return true
			}
		}
	}
	return false
}

// absent says that there is no file of a name, or none of the folders on the way to it.
func absent(err error) bool {
	return err != nil && (os.IsNotExist(err) || strings.Contains(err.Error(), "not a directory"))
}

// missing is the error for a file that is not there.
func (p Place) missing(name string) error {
	path := filepath.Join(p.Path, name)
	if p.Archive {
		path = p.Path + ": " + name
	}
	return fmt.Errorf("%s is missing: %w", path, fs.ErrNotExist)
}
