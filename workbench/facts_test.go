package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
	"workbench/nn/zoo"
)

// told is what a call within this process answers; it must succeed and say nothing beside.
func told(t *testing.T, args ...string) string {
	t.Helper()
	got := called(t, args...)
	if got.status != exitOK || got.err != "" {
		t.Errorf("workbench %s: status %d, %s", strings.Join(args, " "), got.status, got.err)
	}
	return got.out
}

// row is the line of a table that begins with the words, with single blanks.
func row(t *testing.T, table, begins string) string {
	t.Helper()
	for line := range strings.Lines(table) {
		if line = strings.Join(strings.Fields(line), " "); strings.HasPrefix(line, begins) {
			return line
		}
	}
	t.Errorf("no line begins with %q in\n%s", begins, table)
	return ""
}

func TestVersionsAreThoseOfTheProgram(t *testing.T) {
	var got struct{ Version map[string]string }
	if err := json.Unmarshal([]byte(told(t, "version", "--format", "json")), &got); err != nil {
		t.Fatal(err)
	}
	v := got.Version
	if v["version"] != "development" || v["go"] != runtime.Version() || v["platform"] != runtime.GOOS+"/"+runtime.GOARCH ||
		v["backend"] != backend(1).Name() || v["onednn"] != backendVersions()["onednn"] || !strings.HasPrefix(v["sqlite"], "3.") {
		t.Errorf("versions %v", v)
	}
	if table := told(t, "--version"); table != told(t, "version") || row(t, table, "version ") != "version development" {
		t.Errorf("--version says\n%s", table)
	}
}

func TestNetworksAreListedExactly(t *testing.T) {
	table := told(t, "models", "--format", "csv", "resnet20_cifar")
	want := "model,family,citation,input,weight_layers,parameters,macs,top1_error,top5_error,data,evaluation,source,classes,year,paper\n" +
		"resnet20_cifar,ResNet-CIFAR,He et al. 2015,3×32×32,20,269722,40551040,8.75,,CIFAR-10,"
	if !strings.HasPrefix(table, want) || !strings.Contains(table, ",10,2015,") {
		t.Errorf("got\n%s\nwant\n%s", table, want)
	}
	if found, err := zoo.Find("lenet"); err != nil || strings.Count(told(t, "models", "lenet", "--format", "csv"), "\n") != len(found)+1 {
		t.Errorf("want a line for each of %d networks, %v", len(found), err)
	}
	var got struct {
		Models []struct {
			Model     string
			Published []map[string]any
		}
		Remarks []string
	}
	if err := json.Unmarshal([]byte(told(t, "models", "densenet121", "--format", "json")), &got); err != nil {
		t.Fatal(err)
	}
	v, err := zoo.Lookup(got.Models[0].Model)
	if err != nil || len(got.Models[0].Published) != len(v.Published()) || got.Remarks != nil {
		t.Errorf("%s: %d published values, remarks %q, %v; want %d and none", v.Name, len(got.Models[0].Published), got.Remarks, err,
			len(v.Published()))
	}
	for e, want := range map[float64]string{0: "–", 8.75: "8.75", 6.4: "6.4 ", 7: "7.0 ", 25.026: "25.03"} {
		if got := errorRate(e).text; got != want {
			t.Errorf("an error of %v %% is %q, want %q", e, got, want)
		}
	}
	var notes footnotes
	marks := []string{notes.mark("a"), notes.mark("b"), notes.mark("a")}
	if want := []string{"  [1]", "  [2]", "  [1]"}; !slices.Equal(marks, want) || !slices.Equal(notes, []string{"[1] a", "[2] b"}) {
		t.Errorf("marks %q of %q, want %q", marks, notes, want)
	}
}

// A section that takes names lists them; its keys tell which names use them, unless one name was asked for.
func TestOptionsHaveTheirColumns(t *testing.T) {
	for _, c := range []struct {
		args          []string
		columns, line string
	}{
		{[]string{"optim"}, "name,doc", "sgd,stochastic gradient descent"},
		{[]string{"optim", "--table", "keys"}, "path,default,wanted,used_by,doc", "optim.lr,,a number > 0,,"},
		{[]string{"optim", "sgd"}, "path,default,wanted,doc", "optim.nesterov,false,"},
		{[]string{"augment"}, "path,default,wanted,used_by,doc", "augment.flip,false,"},
		{[]string{"study"}, "key,default,wanted,doc", "design,factorial,"},
		{[]string{"factors"}, "key,default,wanted,doc", "key,,a configuration path such as optim.lr,"},
		{[]string{}, "key,default,wanted,doc", "design,factorial,"},
		{[]string{"--table", "sections"}, "section,doc,names", "augment,"},
		{[]string{"--table", "keys"}, "path,default,wanted,doc", "epochs,,a whole number from 1 to 1000000,"},
		{[]string{"--table", "factors"}, "key,default,wanted,doc", "levels,,"},
	} {
		got := called(t, slices.Concat([]string{"options", "--format", "csv"}, c.args)...)
		if !strings.HasPrefix(got.out, c.columns+"\n") || !strings.Contains(got.out, "\n"+c.line) {
			t.Errorf("options %s: want the columns %s and a line %s in\n%s", c.args, c.columns, c.line, got.out)
		}
	}
	table := told(t, "options")
	for begins, want := range map[string]string{"augment ": "its keys turn it on", "model ": ", … (workbench models lists all)",
		"schedule ": "one_cycle"} {
		if got := row(t, table, begins); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
}

// What doctor looks at is in one order, with the state and the advice of each.
func TestDoctorLooksAtEverything(t *testing.T) {
	t.Chdir(t.TempDir())
	var got struct {
		Checks []struct{ Check, State, Found, Advice string }
	}
	read := func(args ...string) (status int) {
		t.Helper()
		a := called(t, append([]string{"doctor", "--format", "json"}, args...)...)
		got.Checks = nil
		if err := json.Unmarshal([]byte(a.out), &got); err != nil {
			t.Fatalf("%v\n%s", err, a.out)
		}
		return a.status
	}
	check := func(name, state, found, advice string) {
		t.Helper()
		i := slices.IndexFunc(got.Checks, func(c struct{ Check, State, Found, Advice string }) bool { return c.Check == name })
		if i < 0 || got.Checks[i].State != state || !strings.Contains(got.Checks[i].Found, found) || got.Checks[i].Advice != advice {
			t.Errorf("%s: want %s, %q and the advice %q in %+v", name, state, found, advice, got.Checks)
		}
	}
	if status := read(); status != exitOK {
		t.Errorf("status %d", status)
	}
	var names []string
	for _, c := range got.Checks {
		names = append(names, c.Check)
	}
	want := []string{"processor", "vector instructions", "memory", "kernels", "optimizers", "algorithms", "database", "disk"}
	for _, s := range data.Sources() {
		want = append(want, "data set "+s.Name)
	}
	if !slices.Equal(names, want) {
		t.Errorf("checks %q, want %q", names, want)
	}
	check("processor", good, " cores for this process", "")
	check("database", good, "workbench.db (not there yet, the first run makes it)", "")
	check("data set shapes", good, "needs no files", "")
	check("data set cifar10", note, "not in data",
		"studies of cifar10 need the folder cifar-10-batches-bin there (--data, WORKBENCH_DATA); workbench data fetch cifar10 gets it")
	if err := os.MkdirAll("here/cifar-10-batches-bin", 0o700); err != nil {
		t.Fatal(err)
	}
	read("--data", "here")
	check("data set cifar10", good, "here/cifar-10-batches-bin", "")
	if err := os.Mkdir("folder", 0o700); err != nil {
		t.Fatal(err)
	}
	if status := read("--db", "folder"); status != exitFailed {
		t.Errorf("with a folder for a database: status %d, want %d", status, exitFailed)
	}
	check("database", bad, "folder", "folder is a folder, want a file; name a file in it: is a directory")
	if status := read("--db", "nowhere/x.db"); status != exitFailed {
		t.Errorf("in no folder: status %d, want %d", status, exitFailed)
	}
	check("disk", bad, "nowhere", "no such file or directory")
	if left, err := filepath.Glob(".workbench-doctor-*"); err != nil || len(left) > 0 {
		t.Errorf("doctor left %q, %v", left, err)
	}
}
