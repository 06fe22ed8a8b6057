package algorithms

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"go.yaml.in/yaml/v4"
)

// File holds tables for several classes of processors.
type File struct {
	Tables []*Table `yaml:"tables"`
}

//go:embed default.yaml
var builtIn []byte

// BuiltIn are the rules that ship with the program.
func BuiltIn() (File, error) { return parse("built in", builtIn) }

// Read reads a file that Write wrote, strictly.
func Read(name string) (File, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return File{}, fmt.Errorf("rules: %w", err)
	}
	return parse(name, text)
}

func parse(name string, text []byte) (File, error) {
	var f File
	if err := yaml.Load(text, &f, yaml.WithKnownFields()); err != nil {
		return f, fmt.Errorf("%s: %w", name, err)
	}
	for i, t := range f.Tables {
		if t == nil || t.Processor == "" {
			return f, fmt.Errorf("%s: table %d: want the class of a processor, got none", name, i+1)
		}
		if slices.ContainsFunc(f.Tables[:i], t.same) {
			return f, fmt.Errorf("%s: table %d: a second one of processor %s, library %d", name, i+1, t.Processor, t.Library)
		}
		t.Origin = name
	}
	return f, nil
}

func (t *Table) same(o *Table) bool { return t.Processor == o.Processor && t.Library == o.Library }

// For returns the table for a processor. The classes that the processor belongs to are tried best first. Of
// the first class that has a table, the table of the library's major version counts, else one of any
// version. It is nil if no class has a table.
func (f File) For(classes []string, library int) *Table {
	for _, class := range classes {
		for _, version := range []int{library, 0} {
			wanted := &Table{Processor: class, Library: version}
			if i := slices.IndexFunc(f.Tables, wanted.same); i >= 0 {
				return f.Tables[i]
			}
		}
	}
	return nil
}

// heading explains a file to those who open it.
const heading = "# Which algorithm computes a convolution, by processor and major version of oneDNN. " +
	`The first rule that fits a layer decides;
# what none fits is computed directly. "channels" is the least of min(in, out)/groups, "pixels" of batch · height · width of the
# result; most_… bounds them from above. Written by "workbench bench --tune"; "measured" is what the rules were made from.
`

// Write puts the table into the file. It replaces the table of the same class, and keeps those of other classes.
func Write(name string, t *Table) error {
	f, err := Read(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if i := slices.IndexFunc(f.Tables, t.same); i >= 0 {
		f.Tables[i] = t
	} else {
		f.Tables = append(f.Tables, t)
	}
	text, err := yaml.Dump(f)
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	return os.WriteFile(name, append([]byte(heading), text...), 0o644)
}
