package weights_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"workbench/nn/weights"
)

// says returns a function that writes the text.
func says(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// holds checks what a folder has: files with their contents, links with an arrow.
func holds(t *testing.T, folder string, want ...string) {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range list {
		path := filepath.Join(folder, e.Name())
		switch {
		case e.IsDir():
			got = append(got, e.Name()+"/")
		case e.Type()&os.ModeSymlink != 0:
			to, err := os.Readlink(path)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Name()+" > "+to)
		case e.Type()&os.ModeNamedPipe != 0:
			got = append(got, e.Name()+" |")
		default:
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Name()+"="+string(text))
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the folder holds %v, want %v", got, want)
	}
}

// A file that is replaced keeps its permissions; links lead on, whether there is something at their end or not.
func TestCreateReplacesWhatAPathLeadsTo(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	for _, err := range []error{os.Mkdir(at("real"), 0o755), os.Symlink("real", at("alias")),
		os.WriteFile(at("real/old"), []byte("old"), 0o640), os.Symlink("old", at("real/first")),
		os.Symlink("alias/first", at("second")), os.Symlink("../fresh", at("real/fresh")),
		os.Symlink("alias/fresh", at("up")), os.Symlink("loop", at("loop"))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for path, text := range map[string]string{"second": "new", "up": "fresh", "plain": "plain"} {
		if _, err := weights.Create(t.Context(), at(path), says(text)); err != nil {
			t.Error(err)
		}
	}
	holds(t, folder, "alias > real", "fresh=fresh", "loop > loop", "plain=plain", "real/", "second > alias/first", "up > alias/fresh")
	holds(t, at("real"), "first > old", "fresh > ../fresh", "old=new")
	if info, err := os.Stat(at("real/old")); err != nil || info.Mode() != 0o640 {
		t.Errorf("the permissions are %v, %v, want 0640", info.Mode(), err)
	}
	for path, want := range map[string]string{"loop": "too many", "real": "is a directory", "none/": "is a directory",
		"none/net": "no such file"} {
		if _, err := weights.Create(t.Context(), folder+"/"+path, says("x")); err == nil || !strings.Contains(err.Error(), path) ||
			!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), ".workbench-") {
			t.Errorf("%s: got error %v, want %q", path, err, want)
		}
	}
}

// A new file is as private as the umask has it.
func TestCreateObeysTheUmask(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net")
	before := syscall.Umask(0o077)
	_, err := weights.Create(t.Context(), path, says("x"))
	syscall.Umask(before)
	if info, problem := os.Stat(path); err != nil || problem != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v, %v, want permissions 0600", err, problem, info)
	}
}

// A pipe stays a pipe, and its reader gets everything.
func TestCreateWritesThroughPipes(t *testing.T) {
	folder := t.TempDir()
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("pipe", filepath.Join(folder, "link")); err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 1)
	go func() {
		text, err := os.ReadFile(pipe)
		got <- fmt.Sprint(string(text), err)
	}()
	digest, err := weights.Create(t.Context(), filepath.Join(folder, "link"), says("all of it"))
	if text := <-got; err != nil || text != "all of it<nil>" {
		t.Errorf("the reader got %q, the writer %v", text, err)
	}
	if want := fmt.Sprintf("%x", sha256.Sum256([]byte("all of it"))); digest != want {
		t.Errorf("the digest is %s, want %s", digest, want)
	}
	holds(t, folder, "link > pipe", "pipe |")
}

// Who waits for a reader or is in the middle of a file can be stopped.
func TestCreateCanBeStopped(t *testing.T) {
	folder := t.TempDir()
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	soon, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := weights.Create(soon, pipe, says("x")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without a reader: %v", err)
	}
	idle, err := os.OpenFile(pipe, os.O_RDWR, 0) // reads nothing
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	soon, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := weights.Create(soon, pipe, says(strings.Repeat("x", 1<<20))); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with an idle reader: %v", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	_, err = weights.Create(stopped, filepath.Join(folder, "net"), func(w io.Writer) error {
		if err := says("one")(w); err != nil {
			return err
		}
		stop()
		return says("two")(w)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("in the middle: %v", err)
	}
	holds(t, folder, "pipe |")
}

// A full disk is told with what it would have taken. Nothing is left, and what was there stays.
func TestAFullDiskLeavesNothing(t *testing.T) {
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT} {
		folder := t.TempDir()
		path := filepath.Join(folder, "net")
		if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		tried := false
		_, err := weights.Create(t.Context(), path, func(w io.Writer) error {
			for i := range 1000 {
				if !tried && i == 500 {
					tried = true
					return &os.PathError{Op: "write", Path: path + ".temp", Err: full}
				}
				if err := says("0123456789")(w); err != nil {
					return err
				}
			}
			return nil
		})
		if !errors.Is(err, full) || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), "10000 bytes are needed, ") ||
			!strings.HasSuffix(err.Error(), " are free") || strings.Contains(err.Error(), ".temp") {
			t.Errorf("got %v", err)
		}
		holds(t, folder, "net=old")
	}
}
