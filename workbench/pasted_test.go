package main

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"workbench/experiments/escape"
)

// nastyDB is a name that a shell must not see without quotes.
const nastyDB = "it's #1 $HOME?.db"

// nastyLabels has labels and a factor that hold what terminals, spreadsheets, Markdown, XML and HTML read as theirs.
const nastyLabels = `
name: nasty
seeds: 3
factors:
  - name: "mean|<b>"
    levels:
      "|*` + "`" + `<b>&\"'": {optim.lr: 0.05}
      "-0.5": {optim.lr: 0.06}
      "é": {optim.lr: 0.07}
base:
  dataset: {name: shapes, train: 32, test: 16}
  model: {name: resnet_mini, depth: 8, width: 1}
  batch: 16
  epochs: 1
`

// nastyDashboard is a dashboard over the database of a folder in which nasty is done and long was interrupted.
type nastyDashboard struct {
	t        *testing.T
	dir, url string
	said     string // while the studies were trained
}

func serveNasty(t *testing.T) nastyDashboard {
	s := nastyDashboard{t: t, dir: folderWith(t, brief)}
	if err := os.WriteFile(filepath.Join(s.dir, "nasty.yaml"), []byte(nastyLabels), 0o600); err != nil {
		t.Fatal(err)
	}
	status, said := signalled(t, workbenchIn(s.dir, "run", "nasty.yaml", "--db", nastyDB))
	if s.said = said; status != exitOK {
		t.Fatalf("status %d\n%s", status, said)
	}
	status, said = signalled(t, workbenchIn(s.dir, "run", "long.yaml", "optim.lr=0.06", "--db", nastyDB), syscall.SIGTERM)
	if status != exitInterrupted {
		t.Fatalf("status %d, want %d\n%s", status, exitInterrupted, said)
	}
	s.said += said
	cmd := workbenchIn(s.dir, "serve", "--addr", "127.0.0.1:0", "--db", nastyDB)
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stderr).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	s.url = regexp.MustCompile(`http://[0-9.:]+`).FindString(line)
	return s
}

func (s nastyDashboard) get(path string) string {
	s.t.Helper()
	answer, err := http.Get(s.url + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s, %v\n%s", path, answer.Status, err, text)
	}
	return string(text)
}

// told is what a listing says on standard output.
func (s nastyDashboard) told(args ...string) string {
	s.t.Helper()
	out, err := workbenchIn(s.dir, append(args, "--db", nastyDB)...).Output()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", args, err, out)
	}
	return string(out)
}

// runs are the names of all recorded runs.
func (s nastyDashboard) runs() (ids []string) {
	for _, line := range strings.Split(strings.TrimSpace(s.told("runs", "--format", "csv")), "\n")[1:] {
		id, _, _ := strings.Cut(line, ",")
		ids = append(ids, id)
	}
	return ids
}

// Every command that a page or a message shows can be pasted into a shell.
func TestShownCommandsWork(t *testing.T) {
	s := serveNasty(t)
	ids := s.runs()
	commands := map[string]string{} // command → where it is shown
	query := url.Values{"study": {"nasty"}, "q": {`status=done and lr<1 and cell!="it's"`}}
	for _, path := range []string{"/studies", "/studies/nasty", "/studies/nasty/architectures",
		"/studies/long", "/runs", "/runs?" + query.Encode(), "/runs/" + ids[0],
		"/compare",
		"/compare?run=" + ids[0] + "&run=" + ids[1], "/models", "/models/vgg_mini?width=32&input=3x16x16",
		"/models/compare?a=vgg_mini&a.width=32&b=resnet_mini"} {
		for _, found := range regexp.MustCompile(`data-copy="([^"]*)"`).FindAllStringSubmatch(s.get(path), -1) {
			commands[html.UnescapeString(found[1])] = path
		}
	}
	inMessages := regexp.MustCompile(`(?m)(?:^next:|^      *|to continue:) (workbench .*?)(?:  .*)?$`)
	for _, found := range inMessages.FindAllStringSubmatch(s.said, -1) {
		commands[found[1]] = "standard error"
	}
	out, _ := workbenchIn(s.dir, "ablate", "quickstart", "--db", nastyDB).CombinedOutput()
	if found := regexp.MustCompile(`; (workbench .*) trains it`).FindSubmatch(out); found != nil {
		commands[string(found[1])] = "the error of ablate"
	}
	kinds := map[string]int{}
	for command, where := range commands {
		words := strings.Fields(command)
		if len(words) < 2 {
			t.Errorf("%s shows %q", where, command)
			continue
		}
		word := words[1]
		kinds[word]++
		if word == "run" {
			command += " --dry-run"
		}
		if word == "serve" {
			command = strings.Replace(command, "serve", "studies", 1) // the same flags, and it ends
		}
		if status, out, err := inShell(s.dir, command); status != 0 || err != nil {
			t.Errorf("%s shows %s: status %d, %v\n%s", where, command, status, err, out)
		}
	}
	for word, least := range map[string]int{"run": 3, "serve": 1, "runs": 2, "show": 2, "ablate": 2,
		"compare": 1, "models": 1, "describe": 2} {
		if kinds[word] < least {
			t.Errorf("%d commands %s are shown, want %d or more; all: %v", kinds[word], word, least, commands)
		}
	}
	status, out2, err := inShell(s.dir, "workbench run long --db "+escape.Shell(nastyDB))
	if status != 0 || err != nil || !strings.Contains(out2, "continues from its checkpoint") {
		t.Errorf("the recorded study: status %d, %v\n%s", status, err, out2)
	}
}

// What the terminal and a page export of one thing is equal byte for byte; and nothing in it is hidden.
func TestTerminalAndPageExportTheSame(t *testing.T) {
	s := serveNasty(t)
	ids := s.runs()
	for _, test := range []struct {
		path   string
		args   []string
		tables []string
	}{
		{"/studies/nasty?", []string{"ablate", "nasty"}, []string{"", "cells", "effects", "values", "robust", "points"}},
		{"/studies/nasty/architectures?", []string{"compare", "--study", "nasty"}, []string{"", "architectures"}},
		{"/studies/nasty/architectures?epochs=1&", []string{"compare", "--study", "nasty", "--epochs", "1"}, []string{""}},
		{"/runs?", []string{"runs"}, []string{"", "runs"}},
		{"/runs?study=nasty&q=seed%3D2&", []string{"runs", "--study", "nasty", "--where", "seed=2"}, []string{""}},
		{"/runs/" + ids[0] + "?", []string{"show", ids[0]}, []string{"", "metrics", "config", "environment", "log", "phases", "points"}},
		{"/compare?run=" + ids[0] + "&run=" + ids[1] + "&", []string{"compare", ids[0], ids[1]},
			[]string{"", "config", "environment", "metrics"}},
	} {
		for _, name := range test.tables {
			args, query := append(slices.Clone(test.args), "--format", "csv"), "format=csv"
			if name != "" {
				args, query = append(args, "--table", name), query+"&table="+name
			}
			if page, told := s.get(test.path+query), s.told(args...); page != told || strings.Count(told, "\n") == 0 {
				t.Errorf("%s, table %q: the page has\n%s\nthe terminal\n%s", test.path, name, page, told)
			}
		}
		if page, told := s.get(test.path+"format=json"), s.told(append(test.args, "--format", "json")...); page != told {
			t.Errorf("%s as JSON: the page has\n%s\nthe terminal\n%s", test.path, page, told)
		}
		for what, text := range map[string]string{"CSV": s.get(test.path + "format=csv"), "JSON": s.get(test.path + "format=json"),
			"Markdown": s.get(test.path + "format=markdown"), "HTML": s.get(test.path), "terminal": s.told(test.args...)} {
			hidden := func(r rune) bool { return escape.Hidden(r) && r != '\n' && r != '\t' && r != utf8.RuneError }
			if i := strings.IndexFunc(text, hidden); i >= 0 {
				t.Errorf("%s of %s hides %q", what, test.path, fmt.Sprintf("%.20s", text[i:]))
			}
			if strings.Contains(text, s.dir) {
				t.Errorf("%s of %s tells a path of the machine", what, test.path)
			}
		}
	}
	for _, path := range []string{"/studies/nasty/effects.svg", "/studies/nasty/curves.svg", "/runs/" + ids[0] + "/curves.svg",
		"/compare/curves.svg?run=" + ids[0] + "&run=" + ids[1]} {
		for d := xml.NewDecoder(strings.NewReader(s.get(path))); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s is no XML: %v", path, err)
			}
		}
	}
	cells := s.told("ablate", "nasty", "--format", "csv")
	for _, want := range []string{"study,version,cell,mean|<b>,metric,baseline,n,", ",-0.5,", "|*`<b>&\"\"'"} {
		if !strings.Contains(cells, want) {
			t.Errorf("CSV lacks %q:\n%s", want, cells)
		}
	}
}
