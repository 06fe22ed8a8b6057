package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mistake is a call that cannot be done, with its status and all that it says.
type mistake struct {
	args   []string
	status int
	said   string
}

// mistakes takes testdata/mistakes.txt apart: a line with status and arguments, then what is said, behind a tab.
func mistakes(t *testing.T, text []byte) (all []mistake) {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	cores := runtime.NumCPU()
	here := strings.NewReplacer("{cores}", fmt.Sprint(cores), "{most}", fmt.Sprint(mostPerCore*cores), "{program}", os.Args[0],
		"{folder}", folder)
	for line := range strings.Lines(string(text)) {
		switch said, indented := strings.CutPrefix(line, "\t"); {
		case strings.HasPrefix(line, "#"):
		case indented:
			all[len(all)-1].said += here.Replace(said)
		default:
			words := strings.Fields(strings.ReplaceAll(line, "{many}", strings.Repeat("1 ", mostWritten+1)))
			status, err := strconv.Atoi(words[0])
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			for i := range words {
				words[i] = strings.Trim(words[i], "'")
			}
			all = append(all, mistake{args: words[1:], status: status})
		}
	}
	return all
}

func mistakesFile(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/mistakes.txt")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// inFolderOfMistakes makes the files that the calls name.
func inFolderOfMistakes(t *testing.T) {
	packed, err := filepath.Abs("testdata/kept/kept.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	unpacked(t, packed, "kept.db")
	if err := os.Mkdir("folder", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"there.safetensors": "x", "picture.png": "x",
		"bare.safetensors": "8\x00\x00\x00\x00\x00\x00\x00" + `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  ` + "\x00\x00\x00\x00",
		"batch.yaml": `base:
  dataset: {name: shapes, train: 10}
  model: {name: resnet_mini, depth: 8}
  optim: {lr: 0.1}
  batch: 64
  epochs: 1
`} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever cannot be done says why, on standard error alone, and ends with the status of its kind.
func TestEveryMistakeHasItsWordsAndItsStatus(t *testing.T) {
	text := mistakesFile(t)
	inFolderOfMistakes(t)
	all := mistakes(t, text)
	for _, m := range all {
		got := called(t, m.args...)
		if got.status != m.status || got.err != m.said || got.out != "" {
			t.Errorf("workbench %s: status %d, want %d; it says\n%swant\n%s", strings.Join(m.args, " "), got.status, m.status,
				got.err+got.out, m.said)
		}
	}
}

// No mistake on the command line is left untried: of every text of usagef in the program there is an example.
func TestEveryMistakeIsTried(t *testing.T) {
	all := mistakes(t, mistakesFile(t))
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	onTerminals := "--output %s: standard output is a terminal; want a pipe or a file" // see TestNoFileGoesToATerminal
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range textsOfUsage(t, file) {
			if found++; text != onTerminals && !slices.ContainsFunc(all, like(text)) {
				t.Errorf("no call in testdata/mistakes.txt is answered %q", text)
			}
		}
	}
	if found < 40 {
		t.Errorf("%d texts were found, want all", found)
	}
}

// textsOfUsage are the formats of usagef in a file.
func textsOfUsage(t *testing.T, file *ast.File) (texts []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || fmt.Sprint(call.Fun) != "usagef" {
			return true
		}
		literal, ok := call.Args[0].(*ast.BasicLit)
		if !ok {
			t.Errorf("a text of usagef is no literal: %v", call.Args[0])
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
		return true
	})
	return texts
}

var verb = regexp.MustCompile(`%[a-z]`)

// like recognises a mistake that says the text.
func like(text string) func(mistake) bool {
	parts := verb.Split(text, -1)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	form := regexp.MustCompile(`^workbench: ` + strings.Join(parts, `(?s:.*)`) + `\n`)
	return func(m mistake) bool { return m.status == exitUsage && form.MatchString(m.said) }
}
