package fetch

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"fmt"
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

// member of an archive; a link leads to its text.
type member struct {
	name, text string
	kind       byte // of tar; 0: a file
}

func tarred(t *testing.T, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, m := range members {
		h := tar.Header{Name: m.name, Typeflag: m.kind, Linkname: m.text, Mode: 0o777}
		if m.kind == 0 {
			h.Typeflag, h.Linkname, h.Size = tar.TypeReg, "", int64(len(m.text))
		}
		must(t, w.WriteHeader(&h))
		if m.kind == 0 {
			_, err := w.Write([]byte(m.text))
			must(t, err)
		}
	}
	must(t, w.Close())
	must(t, z.Close())
	return b.Bytes()
}

func zipped(t *testing.T, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		if m.kind == tar.TypeSymlink {
			h.SetMode(os.ModeSymlink | 0o777)
		}
		w, err := z.CreateHeader(h)
		must(t, err)
		_, err = w.Write([]byte(m.text))
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

func md(raw []byte) string { return fmt.Sprintf("%x", md5.Sum(raw)) }

// archived is a bundle of one archive.
func archived(name string, raw []byte, room int64, urls ...string) release.Bundle {
	return release.Bundle{Name: "tiny", Folder: "tiny-bin", Site: "https://example.org", Downloads: []release.Download{
		{Name: name, URLs: urls, Bytes: int64(len(raw)), Sum: md(raw), Members: []string{"a"}, Room: room}}}
}

// names of everything in a folder, sorted.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if rel, _ := filepath.Rel(dir, path); rel != "." {
			all = append(all, rel)
		}
		return err
	}))
	return all
}

func TestAnArchiveIsFetchedCheckedAndUnpackedOnce(t *testing.T) {
	for name, raw := range map[string][]byte{
		"tiny.tar.gz": tarred(t, member{"tiny/", "", tar.TypeDir}, member{"tiny/a", "abc", 0}, member{"./tiny/deep/b", "de", 0}),
		"tiny.zip":    zipped(t, member{"tiny/a", "abc", 0}, member{"tiny/deep/b", "de", 0}),
	} {
		s := serve(t, map[string][]byte{"/" + name: raw})
		dir := filepath.Join(t.TempDir(), "data")
		f := s.fetcher(dir)
		last := int64(0)
		f.Progress = func(_ string, done, want int64) { last = done }
		b := archived(name, raw, 5, s.URL+"/"+name)
		folder, there, err := f.Fetch(t.Context(), b, "")
		if err != nil || there || folder != filepath.Join(dir, "tiny-bin") || last != int64(len(raw)) {
			t.Fatalf("%s: %s, %v, %d bytes seen, error %v", name, folder, there, last, err)
		}
		if got, want := names(t, dir), []string{"tiny-bin", "tiny-bin/a", "tiny-bin/deep", "tiny-bin/deep/b"}; !slices.Equal(got, want) {
			t.Errorf("%s left %v, want %v", name, got, want)
		}
		if _, there, err := f.Fetch(t.Context(), b, ""); err != nil || !there || len(s.ranges) != 1 {
			t.Errorf("%s again: there %v, %d requests, error %v", name, there, len(s.ranges), err)
		}
		b.Downloads[0].Members = []string{"a", "c"}
		want := "tiny-bin is there and has no c; move it away to fetch it again"
		if _, _, err := f.Fetch(t.Context(), b, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s, of which a file is wanted that it has not: error %v", name, err)
		}
		must(t, os.RemoveAll(folder))
		must(t, os.Mkdir(folder, 0o755))
		if _, _, err := f.Fetch(t.Context(), b, ""); err == nil || !strings.Contains(err.Error(), "it has no c") || len(names(t, folder)) != 0 {
			t.Errorf("%s, which has not what is wanted: error %v, left %v", name, err, names(t, folder))
		}
		b.Downloads[0].Members = []string{"deep/b"}
		if _, there, err := f.Fetch(t.Context(), b, ""); err != nil || there || len(names(t, folder)) != 3 {
			t.Errorf("%s into an empty folder: there %v, error %v, left %v", name, there, err, names(t, folder))
		}
	}
}

func TestOtherPlacesThanTheServers(t *testing.T) {
	one, two := []byte("one"), []byte("two")
	pair := release.Bundle{Name: "pair", Folder: "pair", Downloads: []release.Download{
		{Name: "one.gz", Bytes: 3, Sum: md(one)}, {Name: "two.gz", Bytes: 3, Sum: md(two)}}}
	raw := tarred(t, member{"a", "abc", 0}, member{"b", "de", 0})
	single := archived("tiny.tar.gz", raw, 5)
	s := serve(t, map[string][]byte{"/mirror/one.gz": one, "/mirror/two.gz": two, "/files/17": raw, "/files/tiny.tar.gz": raw})
	here := t.TempDir()
	write(t, filepath.Join(here, "one.gz"), one)
	write(t, filepath.Join(here, "two.gz"), two)
	write(t, filepath.Join(here, "renamed"), raw)
	write(t, filepath.Join(here, "wrong"), []byte("wrong"))
	for _, c := range []struct {
		bundle release.Bundle
		from   string
		want   string // of the error; "": none
	}{
		{pair, s.URL + "/mirror", ""}, {pair, s.URL + "/mirror/", ""}, {pair, here, ""},
		{single, s.URL + "/files/17", ""}, {single, s.URL + "/files/tiny.tar.gz", ""}, {single, s.URL + "/files/", ""},
		{single, filepath.Join(here, "renamed"), ""},
		{pair, filepath.Join(here, "one.gz"), "is one file, pair has 2: want a folder with them"},
		{single, here, "has no file tiny.tar.gz; a folder that has the set's unpacked files is named with --data"},
		{single, filepath.Join(here, "wrong"), "wrong is not the published file: it has 5 bytes and MD5"},
		{single, filepath.Join(here, "nothing"), "no such file"},
		{release.Bundle{Name: "asks", Site: "https://example.org"}, "", "asks cannot be fetched: get it from https://example.org"},
	} {
		dir := t.TempDir()
		before := names(t, here)
		_, there, err := s.fetcher(dir).Fetch(t.Context(), c.bundle, c.from)
		if c.want == "" && (err != nil || there) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s from %s: there %v, error %v, want %q", c.bundle.Name, c.from, there, err, c.want)
		}
		if c.want == "" && len(names(t, dir)) != 3 {
			t.Errorf("%s from %s left %v", c.bundle.Name, c.from, names(t, dir))
		}
		if after := names(t, here); !slices.Equal(after, before) {
			t.Errorf("%s from %s: there is %v now, there was %v", c.bundle.Name, c.from, after, before)
		}
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "pair", "two.gz"), []byte("other"))
	_, _, err := s.fetcher(dir).Fetch(t.Context(), pair, here)
	if err == nil || !strings.Contains(err.Error(), "remove it to fetch it again") {
		t.Errorf("over another file: error %v", err)
	}
	write(t, filepath.Join(dir, "pair", "two.gz"), two) // half of it is there
	if _, there, err := s.fetcher(dir).Fetch(t.Context(), pair, here); err != nil || there || len(names(t, dir)) != 3 {
		t.Errorf("the other half: there %v, %v, error %v", there, names(t, dir), err)
	}
}

// An archive that would write elsewhere, link, or fill the disk is refused, and nothing of it stays.
func TestHostileArchivesAreRefused(t *testing.T) {
	good := member{"tiny/a", "abc", 0}
	for _, c := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"x.tar.gz", tarred(t, good, member{"../x", "out", 0}), `member "../x" leads out of the folder`},
		{"x.tar.gz", tarred(t, good, member{"tiny/../../x", "out", 0}), `leads out of the folder`},
		{"x.tar.gz", tarred(t, good, member{"/tmp/x", "out", 0}), `member "/tmp/x" leads out of the folder`},
		{"x.tar.gz", tarred(t, good, member{`..\x`, "out", 0}), `leads out of the folder`},
		{"x.tar.gz", tarred(t, member{"../x", "", tar.TypeDir}), `leads out of the folder`},
		{"x.tar.gz", tarred(t, member{"tiny", "/tmp", tar.TypeSymlink}, good), `member "tiny" is a link or a device`},
		{"x.tar.gz", tarred(t, good, member{"tiny/b", "tiny/a", tar.TypeLink}), `member "tiny/b" is a link or a device`},
		{"x.tar.gz", tarred(t, good, member{"tiny/pipe", "", tar.TypeFifo}), `is a link or a device`},
		{"x.tar.gz", tarred(t, good, good), `member "tiny/a": openat tiny/a: file exists`},
		{"x.tar.gz", tarred(t, member{"bomb", strings.Repeat("\x00", 2<<20), 0}), "it has more than 1048586 bytes unpacked"},
		{"x.tar.gz", tarred(t, good)[:40], "unexpected EOF"},
		{"x.tar.gz", []byte("<html>"), "x.tar.gz: "},
		{"x.zip", zipped(t, good, member{"../x", "out", 0}), `member "../x" leads out of the folder`},
		{"x.zip", zipped(t, good, member{"tiny/l", "/etc/passwd", tar.TypeSymlink}), `member "tiny/l" is a link or a device`},
		{"x.zip", zipped(t, member{"bomb", strings.Repeat("\x00", 2<<20), 0}), "it has more than 1048586 bytes unpacked"},
		{"x.zip", []byte("<html>"), "not a valid zip file"},
	} {
		top := t.TempDir()
		file := filepath.Join(top, "from", c.name)
		write(t, file, c.raw)
		_, _, err := (Fetcher{Dir: filepath.Join(top, "data")}).Fetch(t.Context(), archived(c.name, c.raw, 5), file)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
		if got, want := names(t, top), []string{"data", "from", "from/" + c.name}; !slices.Equal(got, want) {
			t.Errorf("%s: there is %v, want %v", c.want, got, want)
		}
	}
	var many []member
	for i := range mostMembers + 1 {
		many = append(many, member{fmt.Sprint("d/", i%7), "", tar.TypeDir})
	}
	raw := tarred(t, many...)
	file := filepath.Join(t.TempDir(), "x.tar.gz")
	write(t, file, raw)
	_, _, err := (Fetcher{Dir: t.TempDir()}).Fetch(t.Context(), archived("x.tar.gz", raw, 5), file)
	if err == nil || !strings.Contains(err.Error(), "more than 65536 members") {
		t.Errorf("got error %v", err)
	}
}

func TestAFullDiskIsSaidBefore(t *testing.T) {
	raw := tarred(t, member{"a", "abc", 0})
	b := archived("tiny.tar.gz", raw, 1000, "http://127.0.0.1:1/")
	need := int64(len(raw)) + 1000
	f := Fetcher{Dir: t.TempDir(), free: func(string) (int64, error) { return need - 1, nil }}
	_, _, err := f.Fetch(t.Context(), b, "")
	if want := fmt.Sprintf("has %d bytes free, want at least %d", need-1, need); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v", err)
	}
	if free, err := freeBytes(t.TempDir()); err != nil || free <= 0 {
		t.Errorf("%d bytes free, error %v", free, err)
	}
}
