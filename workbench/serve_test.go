package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// served starts the dashboard in a folder of its own and gives its address, with the path below which it is.
func served(t *testing.T, dir string, args ...string) (cmd *exec.Cmd, url string, said *bufio.Reader) {
	t.Helper()
	cmd = workbenchIn(dir, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() }) // it has ended unless the test failed
	said = bufio.NewReader(stderr)
	line, err := said.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, strings.TrimSuffix(regexp.MustCompile(`http://[0-9.:]+\S*`).FindString(line), "/"), said
}

func TestServeAnswersAndStops(t *testing.T) {
	dir := t.TempDir()
	cmd, url, said := served(t, dir)
	out, err := workbenchIn(dir, "health", url).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "well") {
		t.Errorf("health of %q: %v\n%s", url, err, out)
	}
	if out, err := workbenchIn(dir, "health", url+"/nowhere").CombinedOutput(); err == nil {
		t.Errorf("a page that is not there is well:\n%s", out)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	rest, _ := io.ReadAll(said)
	if err := cmd.Wait(); err != nil || len(rest) > 0 {
		t.Errorf("Ctrl-C is the ordinary end of serve, got %v\n%s", err, rest)
	}
}

// Whoever still listens to events, or reads nothing of what was asked for, does not keep the server from ending.
func TestServeStopsWithOpenStreams(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		cmd, url, _ := served(t, t.TempDir())
		for range 3 {
			stream, err := http.Get(url + "/events")
			if err != nil {
				t.Fatal(err)
			}
			defer stream.Body.Close()
		}
		began := time.Now()
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", signal, err)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%v: it took %v", signal, took)
		}
	}
}

func TestServeBelowAPath(t *testing.T) {
	cmd, url, _ := served(t, t.TempDir(), "--base-path", "/wb/")
	if !strings.HasSuffix(url, "/wb") {
		t.Errorf("the address is %s, want it to end in /wb", url)
	}
	page, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(page.Body)
	if err != nil || page.Request.URL.Path != "/wb/studies" || !bytes.Contains(body, []byte(`href="/wb/runs"`)) {
		t.Errorf("%s leads to %s (%v):\n%.300s", url, page.Request.URL, err, body)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"wb", "/a b", "/../x", "/wb?x", "//evil.example", `/"x`} {
		out, err := workbenchIn(t.TempDir(), "serve", "--addr", "127.0.0.1:0", "--base-path", bad).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "base path: want a path such as /workbench") {
			t.Errorf("--base-path %q: %v\n%s", bad, err, out)
		}
	}
}

func TestVersionIsAlsoAFlag(t *testing.T) {
	flag, err := workbenchIn(t.TempDir(), "--version").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, flag)
	}
	command, err := workbenchIn(t.TempDir(), "version").CombinedOutput()
	if err != nil || !bytes.Equal(flag, command) || !bytes.Contains(flag, []byte("sqlite")) {
		t.Errorf("--version says\n%s\nbut version says (%v)\n%s", flag, err, command)
	}
}

// The commands of pages hold paths of this machine only where nobody else is meant to read them.
func TestPathsStayOnThisMachine(t *testing.T) {
	folder := t.TempDir()
	for _, c := range []struct {
		args []string
		told bool
	}{{nil, true}, {[]string{"--host", "lab.example"}, false}, {[]string{"--base-path", "/wb"}, false}} {
		cmd, url, _ := served(t, folder, append([]string{"--db", filepath.Join(folder, "runs of mine.db")}, c.args...)...)
		page, err := http.Get(url + "/studies")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(page.Body)
		if err != nil || !bytes.Contains(body, []byte("runs of mine.db")) || bytes.Contains(body, []byte(folder)) != c.told {
			t.Errorf("serve %v tells the folder: %v, want %v (%v)", c.args, !c.told, c.told, err)
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
}
