package studyfile

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe without a writer is an empty file, and one with a writer is read to its end.
func TestPipesKeepNobodyWaiting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe.yaml")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := ReadText(path, 100); err != nil || len(text) > 0 {
		t.Errorf("without a writer: %q, %v", text, err)
	}
	both, err := os.OpenFile(path, os.O_RDWR, 0) // opens at once
	if err != nil {
		t.Fatal(err)
	}
	if _, err := both.WriteString("name: piped"); err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		text, err := ReadText(path, 3)
		if err != nil {
			t.Error(err)
		}
		read <- string(text)
	}()
	if got := <-read; got != "name" {
		t.Errorf("with a writer, at most three bytes and one: %q", got)
	}
	if err := both.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path, nil); err == nil {
		t.Error("an empty pipe is a study")
	}
}
