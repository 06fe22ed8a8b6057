package listing

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// list makes files below a folder and lists them.
func list(t *testing.T, contents map[string]string) Files {
	t.Helper()
	root := t.TempDir()
	for name, content := range contents {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	classes, err := Folders(root)
	if err != nil {
		t.Fatal(err)
	}
	files, _, err := Classes(t.Context(), root, classes, func(class string) int { return int(class[0] - 'a') })
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Without contents a digest is of names, sizes and labels alone; with them it is of every byte.
func TestDigest(t *testing.T) {
	digest := func(contents bool, files map[string]string) string {
		h := sha256.New()
		f := list(t, files)
		if err := f.Digest(t.Context(), h, contents); err != nil {
			t.Fatal(err)
		}
		return string(h.Sum(nil))
	}
	one, other := map[string]string{"a/1.png": "xyz", "b/2.jpg": "z"}, map[string]string{"a/1.png": "xya", "b/2.jpg": "z"}
	longer := map[string]string{"a/1.png": "xyzz", "b/2.jpg": "z"}
	if digest(false, one) != digest(false, other) || digest(false, one) == digest(false, longer) {
		t.Error("without contents it is not of the sizes")
	}
	if digest(true, one) == digest(true, other) {
		t.Error("with contents it is not of them")
	}
}

// A listing ends when it is no longer wanted.
func TestListingEnds(t *testing.T) {
	f := list(t, map[string]string{"a/1.png": "x"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := Classes(ctx, f.Root, []string{"a"}, func(string) int { return 0 })
	if err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("got %v", err)
	}
	if err := f.Digest(ctx, sha256.New(), true); err == nil {
		t.Error("it hashed on")
	}
}

// What is too large is an error before it is read.
func TestFilesHaveBounds(t *testing.T) {
	f := Files{Root: "photos"}
	err := f.Add("a.jpg", MostBytes+1, 0)
	if err == nil || !strings.Contains(err.Error(), `"photos/a.jpg" has 256.0 MiB, want at most 256.0 MiB`) {
		t.Errorf("got %v", err)
	}
}

// BenchmarkAdd tells how much memory a picture takes in a list, with names as long as ImageNet's.
func BenchmarkAdd(b *testing.B) {
	f := Files{}
	b.ReportAllocs()
	for b.Loop() {
		if err := f.Add("n01440764/n01440764_10026.JPEG", 110_000, 3); err != nil {
			f = Files{}
		}
	}
}
