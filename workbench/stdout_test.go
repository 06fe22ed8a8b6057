package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// spoken are the calls of every command that speaks on standard output, by its path; the database has one run of
// tiny.yaml. Those without a call never end, or speak on standard error alone.
var spoken = map[string][][]string{
	"workbench":         {{}, {"--help"}, {"help"}, {"help", "run"}},
	"workbench run":     {{"tiny.yaml"}, {"tiny.yaml", "--dry-run"}, {"tiny.yaml", "--show-config"}},
	"workbench runs":    {{}},
	"workbench show":    {{"latest"}},
	"workbench compare": {{"latest", "other"}, {"--study", "tiny"}},
	"workbench ablate":  {{"tiny"}},
	"workbench power":   {{"tiny"}},
	"workbench report":  {{"tiny", "--force"}, {"tiny", "-o", "-"}, {"tiny", "-o", "-", "--as", "latex"}},
	"workbench tune": {{"tiny.yaml", "dataset.val=0.5", "search.optim.lr=0.1,0.2", "-q"},
		{"tiny.yaml", "dataset.val=0.5", "search.optim.lr=0.1,0.2", "-q", "-o", "-"}},
	"workbench label-issues":          nil, // of a run with confident learning, which takes long; its listing is another's
	"workbench lr-find":               {{"tiny.yaml", "--steps", "20"}},
	"workbench bisect":                nil, // of runs that differ; says what compare does
	"workbench whence":                {{"0.5"}},
	"workbench diagnose":              {{"latest"}},
	"workbench archive":               nil, // makes a new file each time; says what merge does
	"workbench merge":                 nil, // locks the database, as run does, of which one is enough
	"workbench reproduce":             {{"vgg-compute"}, {"vgg-compute", "--report", "-"}},
	"workbench studies":               {{}},
	"workbench init":                  {{"-"}, {"--network", "-"}},
	"workbench options":               {{}, {"optim"}},
	"workbench models":                {{"alexnet"}},
	"workbench describe":              {{"vgg_mini"}, {"vgg_mini", "--dot"}, {"vgg_mini", "--diff", "resnet_mini"}},
	"workbench data list":             {{}},
	"workbench data check":            {{"shapes"}},
	"workbench data fetch":            {{"cifar10"}}, // is there
	"workbench data show":             {{"shapes", "--force"}},
	"workbench data":                  {{}},
	"workbench export":                {{"latest", "--force"}},
	"workbench import":                {{"made.safetensors"}},
	"workbench evaluate":              {{"latest"}, {"latest", "other", "--ensemble"}},
	"workbench predict":               nil, // as evaluate, of a picture
	"workbench doctor":                {{}},
	"workbench version":               {{}},
	"workbench bench":                 {strings.Fields("vgg_mini width=1 --side 8 --batch 2 --rounds 1 --turn 0s --peer none")},
	"workbench completion":            {{}},
	"workbench completion bash":       {{}},
	"workbench strategies":            {{}},
	"workbench completion zsh":        {{}},
	"workbench completion fish":       {{}},
	"workbench completion powershell": {{}},
	"workbench serve":                 nil,
	"workbench demo":                  nil,
	"workbench health":                nil, // needs a server
	"workbench train-child":           nil,
	"workbench bench-child":           nil,
	"workbench help":                  nil, // above
}

// calls are all of spoken, in each format that the command has, as words behind the program's name.
func calls(t *testing.T, other string) (all [][]string) {
	visit(newApp().root(), func(c *cobra.Command) {
		argss, known := spoken[c.CommandPath()]
		if !known {
			t.Errorf("%s is not among the commands that this test calls", c.CommandPath())
		}
		for _, args := range argss {
			call := slices.Concat(strings.Fields(c.CommandPath())[1:], args)
			if i := slices.Index(call, "other"); i >= 0 {
				call[i] = other
			}
			all = append(all, call)
			if c.Flags().Lookup("format") == nil || slices.Contains(call, "--dot") || slices.Contains(call, "--show-config") ||
				c.Name() == "export" {
				continue
			}
			for _, f := range formats[1:] {
				all = append(all, slices.Concat(call, []string{"--format", f}))
			}
		}
	})
	return all
}

// spokenFolder has a database with two runs, their study and a file of weights.
func spokenFolder(t *testing.T) (dir, other string) {
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tiny.yaml"), []byte(tiny), 0o600); err != nil {
		t.Fatal(err)
	}
	cifar10In(t, filepath.Join(dir, defaultData))
	for _, args := range [][]string{{"run", "tiny.yaml", "--seeds", "2", "-q"}, {"export", "latest", "-o", "made.safetensors"}} {
		if out, err := workbenchIn(dir, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	out, err := workbenchIn(dir, "runs", "--format", "csv").Output()
	if err != nil {
		t.Fatal(err)
	}
	id, _, _ := strings.Cut(strings.Split(string(out), "\n")[2], ",")
	return dir, id
}

// What cannot be written is told, whatever was to be said and in whichever format; and it is no success.
func TestStandardOutputThatIsLost(t *testing.T) {
	dir, other := spokenFolder(t)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = full.Close() })
	for i, call := range calls(t, other) {
		t.Run(strings.Join(call, " "), func(t *testing.T) {
			if len(call) == 0 || call[0] != "run" && call[0] != "tune" { // of which there can be one at a time
				t.Parallel()
			}
			cmd := workbenchIn(dir, call...)
			cmd.Stdout = full
			wantLost(t, cmd, exitFailed, "standard output cannot be written: no space left on device")
			if i%5 != 0 { // how it is lost is the same for all
				return
			}
			closed := exec.Command("sh", append([]string{"-c", `exec workbench "$@" >&-`, "sh"}, call...)...)
			closed.Dir = dir
			wantLost(t, closed, exitFailed, "standard output cannot be written: it is closed")
			wantLost(t, withoutReader(t, dir, call), exitPipe, "")
		})
	}
}

// withoutReader is a call whose standard output is a pipe that nobody reads.
func withoutReader(t *testing.T, dir string, call []string) *exec.Cmd {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	cmd := workbenchIn(dir, call...)
	cmd.Stdout = w
	return cmd
}

func wantLost(t *testing.T, cmd *exec.Cmd, status int, say string) {
	t.Helper()
	var said bytes.Buffer
	cmd.Stderr = &said
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != status || !strings.Contains(said.String(), say) ||
		say == "" && strings.Contains(said.String(), "workbench: ") {
		t.Errorf("%s: %v, want status %d and %q on standard error, got\n%s", cmd.Args, err, status, say, said.String())
	}
}

// A failure of another kind keeps its status.
func TestLostOutputKeepsTheOutcome(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command("sh", "-c", "exec workbench runs --format xml >/dev/full")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != exitUsage {
		t.Errorf("%v, want status %d\n%s", err, exitUsage, out)
	}
	plain := workbenchIn(dir, "version")
	plain.Stdout, _ = os.Open(os.DevNull)
	if devNull := plain.Run(); devNull == nil {
		t.Error("a descriptor that cannot be written to is no loss")
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0) // as Python's subprocess.DEVNULL
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	thrown := workbenchIn(dir, "version")
	thrown.Stdout = null
	if err := thrown.Run(); err != nil {
		t.Errorf("output that is thrown away on purpose: %v", err)
	}
}
