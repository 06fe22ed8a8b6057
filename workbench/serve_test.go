package main

import (
	"bufio"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestServeAnswersAndStops(t *testing.T) {
	dir := t.TempDir()
	cmd := workbenchIn(dir, "serve", "--addr", "127.0.0.1:0")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(stderr)
	line, err := said.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url := regexp.MustCompile(`http://[0-9.:]+`).FindString(line)
	out, err := workbenchIn(dir, "health", url).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "well") {
		t.Errorf("health of %q: %v\n%s", line, err, out)
	}
	if out, err := workbenchIn(dir, "health", url+"/nowhere").CombinedOutput(); err == nil {
		t.Errorf("a page that is not there is well:\n%s", out)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	rest, _ := said.ReadString(0)
	if err := cmd.Wait(); err != nil {
		t.Errorf("Ctrl-C is the ordinary end of serve, got %v\n%s", err, rest)
	}
}
