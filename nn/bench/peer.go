package bench

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

//go:embed peer/pytorch.py
var pytorch string

// PeerLayouts are PyTorch's of images and weights. Which one is faster depends on the network: both are measured.
func PeerLayouts() []string { return []string{"channels_last", "contiguous"} }

// Peer is PyTorch in a Python of the user's.
type Peer struct{ Python string } // a program in PATH or a path

// start begins a process that measures in the layout.
func (p Peer) start(ctx context.Context, layout string, threads int) (*Contestant, error) {
	cmd := exec.CommandContext(ctx, p.Python, "-u", "-c", pytorch)
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS="+strconv.Itoa(threads), "PYTHONDONTWRITEBYTECODE=1")
	return StartContestant("pytorch", layout, cmd)
}

// Check starts the peer and asks who it is.
func (p Peer) Check(ctx context.Context) (versions map[string]string, err error) {
	c, err := p.start(ctx, "", 1)
	if err != nil {
		return nil, fmt.Errorf("%s with torch and torchvision cannot be started: %s; --python names another", p.Python, lastLine(err))
	}
	return c.Versions, c.Close()
}

// lastLine of an error: the one that says what a Python program ended with.
func lastLine(err error) string {
	text := strings.TrimSpace(err.Error())
	return text[strings.LastIndexByte(text, '\n')+1:]
}
