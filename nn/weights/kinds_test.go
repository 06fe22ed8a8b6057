package weights

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a file is, is told by its beginning, and by no less of it than that.
func TestKindsOfFilesByTheirBeginnings(t *testing.T) {
	tar := func(first string) string { return first + strings.Repeat("\x00", 257-len(first)) + "ustar" }
	for _, test := range []struct{ head, want string }{ // the beginning as short as it may be, and words of what it is
		{"version https://git-lfs", "git lfs pull"}, {"\x80\x02", "pickled"}, {"\x80\x03", "pickled"}, {"\x80\x04", "pickled"},
		{"\x80\x05", "pickled"},
		{"\x1f\x8b", "gunzip"}, {"BZh", "bunzip2"}, {"\xfd7zXZ\x00", "unxz"}, {"\x28\xb5\x2f\xfd", "zstd -d"}, {"\x89HDF\r\n", "HDF5"},
		{"\x93NUMPY", "(.npy)"}, {"GGUF", "a GGUF file"}, {"MATLAB 5.0 MAT-file", "(.mat)"},
		{"model_checkpoint_path:", "list of a TensorFlow checkpoint"},
		{"SQLite format 3\x00", "workbench export"}, {"<", "web page"}, {"\xef\xbb\xbf <", "web page"}, {" \t\r\n<", "web page"},
		{"PK\x03\x04", "a zip archive: unzip"}, {"PK\x03\x04 a.npy", "(.npz)"}, {"PK\x03\x04 a.weights.h5", "(.keras)"},
		{`{"weight_map"`, isIndex}, {`{`, "JSON"}, {`[`, "JSON"}, {"1234TFL35", "TensorFlow Lite"},
		{"\x08\x01\x12\x80\x00\x00", "SavedModel"}, {"\x08\x01\x12\x7f", "ONNX"}, {"\x08\x00\x12\x80", "ONNX"}, {"\x08\x1f\x12\x00", "ONNX"},
		{"\x81\xa1a", "MessagePack"}, {"\x8f\xbf" + strings.Repeat("~", 31), "MessagePack"}, {"\x82\xa3a b", "MessagePack"},
		{tar("net") + "\x00", "tar -xf"}, {tar("sys_info") + "\x00", "before 2018"}, {tar("pickle") + "\x00", "before 2018"},
		{tar("storages") + "\x00", "before 2018"}, {tar("tensors") + "\x00", "before 2018"}, {strings.Repeat("\x00", 8), "full of zeros"},
	} {
		got := foreign([]byte(test.head))
		if !strings.Contains(got, test.want) {
			t.Errorf("%q is %q, want %q", test.head, got, test.want)
		}
		if short := foreign([]byte(test.head[:len(test.head)-1])); short == got {
			t.Errorf("%q is %q already", test.head[:len(test.head)-1], short)
		}
	}
	for _, head := range []string{"\x80\x01", "\x80\x06", "\x08\x20\x12\x00", "\x09\x08\x12\x00", "\x08\x08\x13\x00", "\x80\xa1a",
		"\x90\xa1a", "\x81\xa0a",
		"\x81\xc0" + strings.Repeat("a", 32), "\x81\xa2a\x1f", "\x81\xa2a\x7f", "\x81\xa2a", "TFL312345", "a{", "a<", strings.Repeat("\x00", 7),
		strings.Repeat("\x00", 8) + "a", strings.Repeat("a", 257) + "ustas\x00", "pk\x03\x04", "words"} {
		if got := foreign([]byte(head)); got != "" {
			t.Errorf("%q is %q, want nothing", head, got)
		}
	}
	if got := foreign([]byte(strings.Repeat(" ", 512) + "<")); got != "" {
		t.Errorf("behind 512 spaces it is %q", got)
	}
}

// A folder is named with the files of weights in it, eight of them.
func TestFoldersNameTheirFiles(t *testing.T) {
	folder := t.TempDir()
	add := func(names ...string) {
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	is := func(want string) {
		t.Helper()
		if _, err := Open(folder); err == nil ||
			err.Error() != folder+": is a directory"+want+", want a regular file: weights are not read from front to back" {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	is("")
	add("readme.md", "config.json", "net.pth.txt", "pth")
	is("")
	add("a.pth", "b.pt", "c.bin", "d.safetensors", "e.index.json")
	is(" (with a.pth, b.pt, c.bin, d.safetensors, e.index.json in it)")
	add("f.pt", "g.pt", "h.pt", "i.pt")
	is(" (with a.pth, b.pt, c.bin, d.safetensors, e.index.json, f.pt, g.pt, h.pt in it)")
	if got := inside(filepath.Join(folder, "none")); got != "" {
		t.Errorf("what is not there has %q", got)
	}
}

// Names are grouped by what they begin with, once they are more than three; six groups stand for all.
func TestNamesInGroups(t *testing.T) {
	numbered := func(n int, format string) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf(format, i))
		}
		return all
	}
	for _, test := range []struct {
		names []string
		want  string
	}{
		{nil, ""}, {[]string{"a"}, "a"}, {[]string{"m.a", "m.b", "m.c"}, "m.a | m.b | m.c"},
		{[]string{"m.a", "m.b", "m.c", "m.d"}, "m.* (4 tensors)"},
		{[]string{"a", "b", "c", "d"}, "a | b | c | d"}, {[]string{"ab", "ac", "ad", "ae"}, "ab | ac | ad | ae"},
		{[]string{"m.a.x", "m.a.y", "m.b", "m.c"}, "m.a.* (2 tensors) | m.b | m.c"},
		{[]string{"m.b.x", "m.a.x", "m.b.y", "m.a.y"}, "m.b.* (2 tensors) | m.a.* (2 tensors)"},
		{[]string{"ma.x", "mb.x", "ma.y", "mb.y"}, "ma.* (2 tensors) | mb.* (2 tensors)"},
		{numbered(6, "a%d"), "a0 | a1 | a2 | a3 | a4 | a5"}, {numbered(7, "a%d"), "a0 | a1 | a2 | a3 | a4 | … (2 more)"},
		{append(numbered(6, "a%d"), "b.x", "b.y"), "a0 | a1 | a2 | a3 | a4 | … (3 more)"},
		{append([]string{"b.x", "b.y"}, numbered(5, "a%d")...), "b.* (2 tensors) | a0 | a1 | a2 | a3 | a4"},
		{numbered(9, "m.%d"), "m.* (9 tensors)"},
	} {
		given := slices.Clone(test.names)
		if got := strings.Join(Grouped(test.names), " | "); got != test.want || !slices.Equal(given, test.names) {
			t.Errorf("%v is %q, want %q", given, got, test.want)
		}
	}
}
