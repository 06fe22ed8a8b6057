//go:build latex

package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every table of every command is set by pdfLaTeX in an article with the packages that the fragments name.
func TestPDFLaTeXSetsTheTables(t *testing.T) {
	dir, all := t.TempDir(), fragments(t)
	var document strings.Builder
	document.WriteString("\\documentclass{article}\n\\usepackage[T1]{fontenc}\n")
	needed := map[string]bool{}
	for _, fragment := range all {
		packages := regexp.MustCompile(`^% needs \\usepackage\{([a-z,]+)\}`).FindStringSubmatch(fragment)
		for name := range strings.SplitSeq(packages[1], ",") {
			needed[name] = true
		}
	}
	fmt.Fprintf(&document, "\\usepackage{%s}\n\\begin{document}\n", strings.Join(slices.Sorted(maps.Keys(needed)), ","))
	for i, what := range slices.Sorted(maps.Keys(all)) {
		name := fmt.Sprintf("table%d", i)
		if err := os.WriteFile(filepath.Join(dir, name+".tex"), []byte(all[what]), 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&document, "\\typeout{TABLE %s}\n\\input{%s}\n\\clearpage\n", strings.NewReplacer("%", "", "\\", "").Replace(what), name)
	}
	document.WriteString("\\end{document}\n")
	if err := os.WriteFile(filepath.Join(dir, "all.tex"), []byte(document.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "-draftmode", "all")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("pdflatex: %v\n%s", err, out[max(0, len(out)-3000):])
	}
	if keep := os.Getenv("WORKBENCH_LATEX_DIR"); keep != "" {
		if err := os.CopyFS(keep, os.DirFS(dir)); err != nil {
			t.Error(err)
		}
	}
	if n := strings.Count(string(out), "TABLE "); n != len(all) {
		t.Errorf("%d of %d fragments were set", n, len(all))
	}
	for _, wrong := range []string{"Float too large", "Undefined", "undefined", "Missing character"} {
		if strings.Contains(string(out), wrong) {
			t.Errorf("pdflatex says %q:\n%s", wrong, out)
		}
	}
}
