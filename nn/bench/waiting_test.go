package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// PyTorch waits as its library does, whatever the workbench sets for its own threads.
func TestPeerWaitsInItsOwnWay(t *testing.T) {
	dir := t.TempDir()
	python, told := filepath.Join(dir, "python3"), filepath.Join(dir, "told")
	if err := os.WriteFile(python, []byte("#!/bin/sh\nenv > '"+told+"'\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOMP_SPINCOUNT", "1000")
	if _, err := FindPeer(t.Context(), python); err == nil {
		t.Error("a program that fails is taken for PyTorch")
	}
	environment, err := os.ReadFile(told)
	if err != nil || !strings.Contains(string(environment), "OMP_NUM_THREADS=1\n") || strings.Contains(string(environment), "GOMP_") {
		t.Errorf("%v; PyTorch is started with\n%s", err, environment)
	}
}
