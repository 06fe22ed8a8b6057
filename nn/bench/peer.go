package bench

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

//go:embed peer/pytorch.py
var pytorch string

// PeerLayouts are PyTorch's layouts of images and weights. Which one is faster
// depends on the network, so both are measured.
func PeerLayouts() []string { return []string{"channels_last", "contiguous"} }

// TorchVersion is the key of PyTorch's version among a peer's versions.
const TorchVersion = "torch"

// Peer is PyTorch in a Python interpreter of the user's.
type Peer struct {
	Python   string            // a program in PATH, or a path
	Versions map[string]string // of what it computes with
}

// start begins a process that measures in the layout. How its threads wait is left to its library: what the workbench
// sets for its own does not reach it.
func (p Peer) start(ctx context.Context, layout string, threads int) (*Contestant, error) {
	cmd := exec.CommandContext(ctx, p.Python, "-u", "-c", pytorch)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GOMP_SPINCOUNT=") })
	cmd.Env = append(cmd.Env, "OMP_NUM_THREADS="+strconv.Itoa(threads), "PYTHONDONTWRITEBYTECODE=1")
	return StartContestant("pytorch", layout, cmd)
}

// FindPeer starts the Python program and asks it for its versions. For "" it starts the first
// python3 in PATH that has torch and torchvision.
func FindPeer(ctx context.Context, python string) (p Peer, err error) {
	candidates := []string{python}
	if python == "" {
		if candidates = pythons(); len(candidates) == 0 {
			return p, errors.New("there is no python3 in PATH; --python names one")
		}
	}
	var why error
	for _, p.Python = range candidates {
		if p.Versions, err = p.check(ctx); err == nil {
			return p, nil
		}
		why = errors.Join(why, fmt.Errorf("%s: %s", p.Python, lastLine(err)))
	}
	return p, fmt.Errorf("no Python that has torch and torchvision; --python names one\n%w", why)
}

func (p Peer) check(ctx context.Context) (versions map[string]string, err error) {
	c, err := p.start(ctx, "", 1)
	if err != nil {
		return nil, err
	}
	return c.Versions, c.Close()
}

// pythons lists the python3 programs in the folders of PATH, in its order, each once.
func pythons() []string {
	var found []string
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		path, err := exec.LookPath(filepath.Join(folder, "python3"))
		if err != nil {
			continue
		}
		if real, err := filepath.EvalSymlinks(folder); err == nil {
			path = filepath.Join(real, "python3")
		}
		if !slices.Contains(found, path) {
			found = append(found, path)
		}
	}
	return found
}

// lastLine is the last line of an error, in which a Python program says what ended it.
func lastLine(err error) string {
	text := strings.TrimSpace(err.Error())
	return text[strings.LastIndexByte(text, '\n')+1:]
}
