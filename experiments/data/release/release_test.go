package release_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data/release"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, raw []byte) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, raw, 0o644))
}

func zipped(raw []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(raw)
	_ = z.Close()
	return b.Bytes()
}

func sha(raw string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(raw))) }
func md(raw []byte) string  { return fmt.Sprintf("%x", md5.Sum(raw)) }

var two = release.Release{
	Folders: []string{"two", "else/where"}, Archives: []string{"two.tar.gz", "two.tar"},
	Files: []release.File{{Name: "a", Bytes: 3, SHA256: sha("abc")}, {Name: "b", Bytes: 2}},
}

// got reads both files of a place.
func got(t *testing.T, p release.Place) (map[string]string, map[string]release.Sums, error) {
	t.Helper()
	all := map[string]string{}
	sums, err := p.Read(t.Context(), []string{"a", "b"}, func(c release.Content) error {
		raw, err := io.ReadAll(c)
		all[c.Name] = string(raw)
		return err
	})
	return all, sums, err
}

func found(t *testing.T, r release.Release, dir string) release.Place {
	t.Helper()
	p, there, err := r.Find(dir)
	if err != nil || !there {
		t.Fatalf("nothing in %s: %v", dir, err)
	}
	return p
}

// The folder itself goes before the release's folders, these before the archives.
func TestFilesAreFoundWhereTheyLie(t *testing.T) {
	dir := t.TempDir()
	if _, there, err := two.Find(dir); there || err != nil {
		t.Errorf("in an empty folder: %v, %v", there, err)
	}
	if _, there, err := two.Find(filepath.Join(dir, "nowhere")); there || err != nil {
		t.Errorf("in no folder: %v, %v", there, err)
	}
	must(t, os.Mkdir(filepath.Join(dir, "a"), 0o755)) // a folder is no file of that name
	for _, name := range []string{"else/where/x", "two.tar", "two.tar.gz", "else/where/a", "two/a.gz", "b.gz"} {
		write(t, filepath.Join(dir, name), nil)
		want := filepath.Join(dir, strings.TrimRight(strings.TrimSuffix(name, ".gz"), "ax/"))
		if strings.HasPrefix(name, "two.tar") {
			want = filepath.Join(dir, name)
		}
		if name == "b.gz" {
			want = dir
		}
		if p := found(t, two, dir); p.Path != want || p.Archive != strings.HasPrefix(name, "two.tar") {
			t.Errorf("found %s, archive %v, want %s", p.Path, p.Archive, want)
		}
	}
}

// A file with a published digest is proved by it, one without by its length, and what is neither is another file.
func TestFilesAreToldFromOthers(t *testing.T) {
	a, b := []byte("abc"), []byte("de")
	for _, c := range []struct {
		files                         map[string][]byte
		file                          release.File // a
		officialA, provedA, officialB bool
	}{
		{map[string][]byte{"a": a, "b": b}, two.Files[0], true, true, true},
		{map[string][]byte{"a.gz": zipped(a), "b.gz": zipped(b)}, two.Files[0], true, true, true},
		{map[string][]byte{"a": []byte("abd"), "b": []byte("d")}, two.Files[0], false, false, false},
		{map[string][]byte{"a": a, "b": []byte("def")}, release.File{Name: "a", Bytes: 3, MD5: md(a)}, true, true, false},
		{map[string][]byte{"a": a, "b": b}, release.File{Name: "a", Bytes: 3, MD5: md(b)}, false, false, true},
		{map[string][]byte{"a.gz": zipped(a), "b": b}, release.File{Name: "a", Bytes: 3, Gzip: md(zipped(a))}, true, true, true},
		{map[string][]byte{"a": a, "b": b}, release.File{Name: "a", Bytes: 3, Gzip: md(zipped(a))}, false, false, true},
	} {
		dir := t.TempDir()
		for name, raw := range c.files {
			write(t, filepath.Join(dir, name), raw)
		}
		r := two
		r.Files = []release.File{c.file, two.Files[1]}
		texts, sums, err := got(t, found(t, r, dir))
		must(t, err)
		want := release.Sums{Bytes: int64(len(texts["a"])), SHA256: sha(texts["a"]), Official: c.officialA, Proved: c.provedA}
		if s := sums["a"]; s != want {
			t.Errorf("%v: a is %+v", c.files, s)
		}
		if s := sums["b"]; s.Official != c.officialB || s.Proved {
			t.Errorf("%v: b is %+v", c.files, s)
		}
	}
}

// A file of another set is told by its content, gzipped or not.
func TestFilesOfOtherSetsAreNamed(t *testing.T) {
	r := two
	others := map[string]string{md([]byte("xyz")): "a of another set"}
	r.Files = []release.File{{Name: "a", Bytes: 3, SHA256: sha("abc"), Others: others}, two.Files[1]}
	for name, raw := range map[string][]byte{"a": []byte("xyz"), "a.gz": zipped([]byte("xyz"))} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, name), raw)
		write(t, filepath.Join(dir, "b"), []byte("de"))
		if _, _, err := got(t, found(t, r, dir)); err == nil || !strings.Contains(err.Error(), name+": it is a of another set") {
			t.Errorf("got error %v", err)
		}
	}
}

// Files that visit does not read to the end are checked to the end.
func TestFilesAreReadToTheirEnd(t *testing.T) {
	dir := t.TempDir()
	broken := zipped([]byte("abc"))
	broken[len(broken)-8] ^= 1
	write(t, filepath.Join(dir, "a.gz"), broken)
	write(t, filepath.Join(dir, "b"), []byte("de"))
	_, err := found(t, two, dir).Read(t.Context(), []string{"a", "b"}, func(release.Content) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "a.gz: gzip: invalid checksum") {
		t.Errorf("got error %v", err)
	}
}

// tarOf is an archive of files, each named behind the kind of member that it is.
func tarOf(t *testing.T, members ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range members {
		text := h.Linkname
		if h.Typeflag == tar.TypeReg {
			h.Size, h.Linkname = int64(len(text)), ""
		}
		must(t, w.WriteHeader(&h))
		if h.Typeflag == tar.TypeReg {
			_, err := io.WriteString(w, text)
			must(t, err)
		}
	}
	must(t, w.Close())
	return b.Bytes()
}

func TestArchivesAreReadWhereTheyLie(t *testing.T) {
	members := []tar.Header{{Name: "two/", Typeflag: tar.TypeDir}, {Name: "two/b", Typeflag: tar.TypeReg, Linkname: "de"},
		{Name: "two/readme", Typeflag: tar.TypeReg, Linkname: "?"}, {Name: "../../a", Typeflag: tar.TypeReg, Linkname: "abc"}}
	for name, pack := range map[string]func([]byte) []byte{"two.tar": bytes.Clone, "two.tar.gz": zipped} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, name), pack(tarOf(t, members...)))
		texts, sums, err := got(t, found(t, two, dir))
		if err != nil || texts["a"] != "abc" || texts["b"] != "de" || !sums["a"].Proved {
			t.Errorf("%s: %v, %+v, error %v", name, texts, sums, err)
		}
		left, _ := os.ReadDir(dir)
		if len(left) != 1 {
			t.Errorf("%s: reading it left %v", name, left)
		}
	}
	link := tarOf(t, tar.Header{Name: "two/a", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, members[1])
	long := tarOf(t, members[1], tar.Header{Name: "x", Typeflag: tar.TypeReg, Linkname: strings.Repeat("x", 2<<20)}, members[3])
	spoilt := zipped(tarOf(t, members...))
	spoilt[len(spoilt)-6] ^= 1 // behind the archive's end
	wide := tarOf(t, members[1], tar.Header{Name: "a", Typeflag: tar.TypeReg, Linkname: strings.Repeat("x", 5000)})
	for want, raw := range map[string][]byte{
		"two.tar.gz: a is missing":                zipped(link),
		"too many for what it should be":          zipped(long),
		"a: it has 5000 bytes, want at most 4108": zipped(wide),
		"two.tar.gz: gzip: invalid header":        link,
		"gzip: invalid checksum":                  spoilt,
		"two.tar.gz: unexpected EOF":              zipped(link)[:60],
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "two.tar.gz"), raw)
		if _, _, err := got(t, found(t, two, dir)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}

// A gzipped file that never ends is left after what it may have.
func TestBombsAreLeft(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.gz"), zipped(make([]byte, 1<<21)))
	write(t, filepath.Join(dir, "b"), []byte("de"))
	read := 0
	_, err := found(t, two, dir).Read(t.Context(), []string{"a", "b"}, func(c release.Content) error {
		n, err := io.Copy(io.Discard, c)
		read = int(n)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "it has more than 4108 bytes") || read > 4108 {
		t.Errorf("%d bytes were read, error %v", read, err)
	}
}

func TestReadingStopsWhenCancelledAndAtErrors(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a"), []byte("abc"))
	write(t, filepath.Join(dir, "b"), []byte("de"))
	p := found(t, two, dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Read(ctx, []string{"a"}, func(c release.Content) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	var seen []string
	wrong := errors.New("wrong")
	_, err := p.Read(t.Context(), []string{"b", "a"}, func(c release.Content) error {
		seen = append(seen, c.Name)
		return wrong
	})
	if !errors.Is(err, wrong) || !slices.Equal(seen, []string{"b"}) || !strings.Contains(err.Error(), filepath.Join(dir, "b")) {
		t.Errorf("visited %v, error %v", seen, err)
	}
}
