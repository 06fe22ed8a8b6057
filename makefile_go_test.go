package workbench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// machine is a folder in place of a machine's programs.
type machine struct {
	*testing.T
	bin, tools string
}

func newMachine(t *testing.T) machine {
	m := machine{t, filepath.Join(t.TempDir(), "bin"), filepath.Join(t.TempDir(), "tools")}
	if err := os.Mkdir(m.bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(m.tools), "go.mod"), []byte("module workbench\ntool staticcheck\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"make", "sh", "bash", "sed", "sort", "mkdir", "mktemp", "env", "chmod", "find", "rm", "mv", "git", "uname",
		"cat", "grep", "dirname"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(m.bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	m.program("id", "echo 0")
	return m
}

// program adds a shell script.
func (m machine) program(name, script string) {
	if err := os.WriteFile(filepath.Join(m.bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		m.Fatal(err)
	}
}

// goes is the script of a Go of a release. Before it downloads it reads the nearest go.mod, and stops at what only
// later releases know. What it downloads is a module of programs without the right to run.
func goes(release string) string {
	return `case "$1 $2" in
version*) echo "go version ` + release + ` linux/amd64" ;;
"env GOOS") echo linux ;;
"env GOARCH") echo arm64 ;;
"mod download")
	here=$PWD
	while [ ! -f "$here/go.mod" ] && [ "$here" != / ]; do here=$(dirname "$here"); done
	if grep ^tool "$here/go.mod"; then exit 1; fi
	echo "downloads $3 GONOSUMDB=$GONOSUMDB" >&2
	to="$GOMODCACHE/$3"
	mkdir -p "$to/bin" "$to/pkg/tool/linux_arm64" "$to/src"
	echo "module std" > "$to/src/_go.mod"
	echo "compile" > "$to/pkg/tool/linux_arm64/compile"
	printf '#!/bin/sh\necho new\n' > "$to/bin/go"
	chmod -R a-wx,a+X "$to" ;;
esac`
}

// getsGo runs make go, and returns what make says and the Go that it uses from then on.
func (m machine) getsGo(arguments ...string) (said, uses string, err error) {
	all := append([]string{"--no-print-directory", "go", "TOOLS=" + m.tools, "GO_PLACES=go"}, arguments...)
	run := func(all ...string) ([]byte, error) {
		cmd := exec.Command(filepath.Join(m.bin, "make"), all...)
		cmd.Env = []string{"PATH=" + m.bin, "HOME=" + m.tools, "GONOSUMDB=*"}
		return cmd.CombinedOutput()
	}
	out, err := run(all...)
	text, _ := run(append([]string{"--eval=uses: ; @echo $(GO)", "uses"}, all[2:]...)...)
	return string(out), strings.TrimSpace(string(text)), err
}

// A Go that is new enough is used as it is. An older one gets a newer one, and where there is none, Debian's is
// installed first.
func TestMakeFindsOrGetsGo(t *testing.T) {
	for _, test := range []struct {
		name, release string
		gets          bool
	}{
		{"the oldest", "go1.26", false}, {"newer", "go1.27.3", false}, {"next", "go2.0", false},
		{"development", "devel go1.30-f5a1b2c Mon", false},
		{"Debian 12's", "go1.19.8", true}, {"one before", "go1.25.9", true}, {"not by its letters", "go1.3", true}, {"unknown", "", true},
	} {
		m := newMachine(t)
		m.program("go", goes(test.release))
		said, uses, err := m.getsGo()
		got := filepath.Join(m.tools, "go/bin/go")
		switch {
		case err != nil:
			t.Errorf("%s: %v: %s", test.name, err, said)
		case !test.gets && (said != "" || uses != filepath.Join(m.bin, "go")):
			t.Errorf("%s: make uses %s and says %q", test.name, uses, said)
		case test.gets && (uses != got || !strings.Contains(said, "downloads golang.org/toolchain@v0.0.1-go1.") ||
			!strings.Contains(said, ".linux-arm64 GONOSUMDB=\n")):
			t.Errorf("%s: make uses %s and says %q", test.name, uses, said)
		case test.gets:
			m.hasToolchain()
		}
	}
}

// hasToolchain checks that what was downloaded can be run, and that nothing else was left.
func (m machine) hasToolchain() {
	m.Helper()
	for name, mode := range map[string]os.FileMode{"go/bin/go": 0o755, "go/pkg/tool/linux_arm64/compile": 0o755, "go/src/go.mod": 0o644} {
		if info, err := os.Stat(filepath.Join(m.tools, name)); err != nil || info.Mode().Perm()&0o111 != mode&0o111 {
			m.Errorf("%s: %v, %v, want %v", name, info, err, mode)
		}
	}
	if list, err := os.ReadDir(m.tools); err != nil || len(list) != 1 {
		m.Errorf("the tools are %v, %v, want one", list, err)
	}
	if said, _, err := m.getsGo(); err != nil || said != "" {
		m.Errorf("the second time make says %q, %v", said, err)
	}
}

func TestMakeInstallsGo(t *testing.T) {
	m := newMachine(t)
	m.program("apt-get", fmt.Sprintf("case $* in *golang-go*) cat > %s <<'EOF'\n#!/bin/sh\n%s\nEOF\nchmod +x %[1]s ;; esac",
		filepath.Join(m.bin, "go"), goes("go1.19.8")))
	said, _, err := m.getsGo()
	if err != nil || !strings.HasPrefix(said, "Installing golang-go") || !strings.Contains(said, "here is go version go1.19.8") {
		t.Fatalf("%v: %s", err, said)
	}
	m.hasToolchain()
}

// What make cannot do it says.
func TestMakeSaysWhyThereIsNoGo(t *testing.T) {
	m := newMachine(t)
	if said, _, err := m.getsGo(); err == nil || !strings.Contains(said, "This is not Debian") {
		t.Errorf("without Debian: %v: %s", err, said)
	}
	m.program("apt-get", "")
	m.program("id", "echo 1000")
	if said, _, err := m.getsGo(); err == nil || !strings.Contains(said, "needs root, and there is no sudo") {
		t.Errorf("without root: %v: %s", err, said)
	}
	if said, _, err := m.getsGo("GO=/nowhere/go"); err == nil || !strings.Contains(said, "/nowhere/go, which GO names, is no program") {
		t.Errorf("with another GO: %v: %s", err, said)
	}
	m.program("go", strings.Replace(goes("go1.19.8"), "downloads", "downloads\"; exit 1; echo \"", 1))
	if said, _, err := m.getsGo(); err == nil {
		t.Errorf("a download that fails: %s", said)
	}
	if list, err := os.ReadDir(m.tools); err != nil || len(list) != 0 {
		t.Errorf("a download that fails leaves %v, %v", list, err)
	}
}
