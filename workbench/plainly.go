package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
)

// plainly is what an error says, without the words of the system calls and of the language's library.
func plainly(err error) string {
	text := err.Error()
	var at *fs.PathError
	if !errors.As(err, &at) || !errors.Is(at.Err, fs.ErrNotExist) {
		return text
	}
	what := "there is no file " + at.Path
	if folder := filepath.Dir(at.Path); folder != "." {
		if _, missing := os.Stat(folder); errors.Is(missing, fs.ErrNotExist) {
			what = fmt.Sprintf("%s: there is no folder %s", at.Path, folder)
		}
	}
	if filepath.Ext(at.Path) == "" && strings.HasPrefix(what, "there") {
		what = "there is no file or folder " + at.Path
	}
	return strings.Replace(text, at.Error(), what, 1)
}

// kindsOfFlags are what flags take, by the types that pflag has for them.
var kindsOfFlags = map[string]string{"int": "a whole number", "int64": "a whole number", "uint64": "a whole number of at least 0",
	"float64": "a number", "duration": "a duration such as 30s, 5m or 2h", "bool": "true or false"}

// badValue is a value that its flag cannot take.
func badValue(err *pflag.InvalidValueError) (message string, known bool) {
	kind, known := kindsOfFlags[err.GetFlag().Value.Type()]
	return fmt.Sprintf("--%s: want %s, got %q", err.GetFlag().Name, kind, err.GetValue()), known
}
