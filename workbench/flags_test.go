package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagsOf lists every command with its flags: shorthand, type, default, what it is without a value, and what it is for.
func flagsOf(root *cobra.Command) string {
	var b strings.Builder
	visit(root, func(c *cobra.Command) {
		fmt.Fprintf(&b, "%s: %s", c.CommandPath(), c.Short)
		if c.Hidden {
			b.WriteString(" (hidden)")
		}
		b.WriteString("\n")
		list := func(f *pflag.Flag) {
			bare := f.NoOptDefVal
			if f.Value.Type() == "bool" {
				bare = ""
			}
			fmt.Fprintf(&b, "\t--%s -%s %s %q %q %s\n", f.Name, f.Shorthand, f.Value.Type(), f.DefValue, bare, f.Usage)
		}
		c.PersistentFlags().VisitAll(list)
		c.LocalNonPersistentFlags().VisitAll(list)
	})
	return b.String()
}

// Every flag of every command has its default, its shorthand and its words; the variables of the environment change
// the defaults of theirs alone.
func TestFlagsAndTheirDefaults(t *testing.T) {
	text, err := os.ReadFile("testdata/flags.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(string(text), "{cores}", fmt.Sprint(runtime.NumCPU()))
	defaults := map[string]string{"WORKBENCH_DB": defaultDB, "WORKBENCH_DATA": defaultData, "WORKBENCH_ADDR": defaultAddr}
	for variable := range defaults {
		t.Setenv(variable, "")
	}
	if got := flagsOf(newApp().root()); got != want {
		t.Errorf("the flags are\n%s\nwant\n%s", got, want)
	}
	for variable, otherwise := range defaults {
		t.Setenv(variable, "of the environment")
		got, want := flagsOf(newApp().root()), strings.ReplaceAll(want, fmt.Sprintf(" %q ", otherwise), ` "of the environment" `)
		if got != want {
			t.Errorf("with %s the flags are\n%s\nwant\n%s", variable, got, want)
		}
		t.Setenv(variable, "")
	}
}
