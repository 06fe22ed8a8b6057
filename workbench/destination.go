package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/term"

	"workbench/nn/nearest"
)

// Formats of files.
const (
	asSafetensors = "safetensors"
	asONNX        = "onnx"
)

var fileFormats = []string{asSafetensors, asONNX}

// otherFormats are endings of files of weights, packed ones too, that are neither written nor read.
var otherFormats = []string{"bin", "bz2", "caffemodel", "ckpt", "engine", "gguf", "gz", "h5", "hdf5", "json", "keras", "mlmodel",
	"mlpackage", "msgpack", "npy", "npz", "ort", "params", "pb", "pkl", "pickle", "pt", "pt2", "pth", "tar", "tflite", "torchscript",
	"xz", "zip", "zst"}

// toStandardOutput is what --output calls it.
const toStandardOutput = "-"

// ending is that of a file's name in lower case, such as onnx.
func ending(name string) string { return strings.ToLower(strings.TrimPrefix(filepath.Ext(name), ".")) }

// formatOf decides how a file is written: as asked for, else by its ending, else as safetensors. An ending that says
// something else is a mistake. Any other stays as it is.
func formatOf(out, asked string) (string, error) {
	e := ending(out)
	switch {
	case asked != "" && !slices.Contains(fileFormats, asked):
		return "", usagef("unknown --format %q%s", asked, nearest.Hint(asked, fileFormats))
	case slices.Contains(otherFormats, e):
		return "", usagef("--output %s: .%s files are not written; want one that ends in .%s (in Python: safetensors.torch.load_file) or .%s",
			out, e, asSafetensors, asONNX)
	case !slices.Contains(fileFormats, e):
		e = ""
	case asked != "" && asked != e:
		return "", usagef("--format %s does not go with --output %s", asked, out)
	}
	if asked == "" {
		asked = e
	}
	if asked == "" {
		asked = asSafetensors
	}
	return asked, nil
}

// namesStandardOutput tells whether a path is where standard output goes, such as /dev/stdout or what it is redirected
// to.
func namesStandardOutput(path string) bool {
	if path == toStandardOutput {
		return true
	}
	there, err := os.Stat(path)
	if err != nil {
		return false
	}
	ours, err := os.Stdout.Stat()
	return err == nil && os.SameFile(there, ours)
}

// vacant checks that a file can be written without losing one. The database is lost for nothing.
func (a *app) vacant(path string, force bool) error {
	info, err := os.Stat(path)
	database, none := os.Stat(a.db)
	switch {
	case os.IsPathSeparator(path[len(path)-1]):
		return usagef("%s would be a folder; want a file", path)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return usagef("%s is a folder; want a file", path)
	case none == nil && os.SameFile(info, database):
		return usagef("%s is the database; want another file", path)
	case info.Mode().IsRegular() && !force:
		return usagef("%s is there already; --force replaces it", path)
	}
	return nil
}

// stream lets write make what goes to w, and returns its SHA-256.
func stream(w io.Writer, write func(io.Writer) error) (digest string, err error) {
	sum := sha256.New()
	if err := write(io.MultiWriter(w, sum)); err != nil {
		return "", fmt.Errorf("standard output: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// clearOutput lets what is shown go to standard error, because standard output is for a file.
func (a *app) clearOutput() error {
	if term.IsTerminal(int(os.Stdout.Fd())) {
		return usagef("--output %s: standard output is a terminal; want a pipe or a file", toStandardOutput)
	}
	a.out, a.color, a.width = a.errors(), colorful(os.Stderr), widthOf(os.Stderr)
	return nil
}
