package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"testing"
)

// answer is what a call of the program comes to.
type answer struct {
	status   int
	out, err string
}

// called makes a call within this process, as a shell without any of the program's variables would. Its streams are no
// terminals. What goes to the process's own standard error is not in the answer.
func called(t *testing.T, args ...string) answer {
	t.Helper()
	for _, variable := range []string{"WORKBENCH_DB", "WORKBENCH_DATA", "WORKBENCH_ADDR", "WORKBENCH_RULES"} {
		t.Setenv(variable, "")
	}
	return calledAs(t, newApp(), args...)
}

// calledAs makes a call with an app of the test's own and the variables as they are.
func calledAs(t *testing.T, a *app, args ...string) answer {
	t.Helper()
	var out, said bytes.Buffer
	a.out, a.err = &out, &said
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	if err != nil {
		a.complain(err)
	}
	return answer{exitCode(err), out.String(), said.String()}
}

// unpacked writes the database of an earlier program into the folder that the test works in.
func unpacked(t *testing.T, packed, name string) {
	t.Helper()
	text, err := os.Open(packed)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	from, err := gzip.NewReader(text)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := io.ReadAll(from)
	if err == nil {
		err = os.WriteFile(name, whole, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
