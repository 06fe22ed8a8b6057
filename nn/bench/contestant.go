package bench

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Contestant is a process that measures one network when it is asked, and is idle otherwise.
type Contestant struct {
	Name     string            // "workbench", "pytorch"
	Layout   string            // of images and weights; "": its own choice
	Versions map[string]string // of what it computes with
	Opened   Opened
	Start    int64 // bytes resident before the network was built
	Memory   int64 // most bytes resident so far

	in    io.WriteCloser
	out   *bufio.Reader
	end   func() error // waits for the process and says how it ended
	ended error
}

// StartContestant starts a process that reads requests and writes replies, and greets it.
func StartContestant(name, layout string, cmd *exec.Cmd) (*Contestant, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	said := &tail{}
	cmd.Stderr = said
	cmd.WaitDelay = 10 * time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the one that asks
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return greet(&Contestant{Name: name, Layout: layout, in: in, out: bufio.NewReader(out), end: func() error {
		if err := cmd.Wait(); err != nil {
			return errors.New(strings.TrimSpace(err.Error() + "\n" + said.String()))
		}
		return nil
	}})
}

func greet(c *Contestant) (*Contestant, error) {
	r, err := c.ask(request{Do: askHello})
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.Versions, c.Start = r.Versions, r.Memory
	return c, nil
}

// ask sends a request, followed by what body writes if body is not nil, and reads the reply.
func (c *Contestant) ask(q request) (reply, error) {
	var r reply
	if err := send(c.in, q); err != nil {
		return r, c.gone(err)
	}
	return c.answer(q.Do)
}

func (c *Contestant) answer(asked string) (reply, error) {
	var r reply
	if err := line(c.out, &r); err != nil {
		return r, c.gone(err)
	}
	if r.Error != "" {
		return r, fmt.Errorf("%s: %s", c.Name, r.Error)
	}
	c.Memory = max(c.Memory, r.Memory)
	return r, nil
}

// gone says why the process does not answer any more. How the process ended tells
// more than the error of the broken pipe.
func (c *Contestant) gone(err error) error {
	if closed := c.Close(); closed != nil {
		return closed
	}
	return fmt.Errorf("%s: it does not answer: %w", c.Name, err)
}

// open makes the process build the case's network.
func (c *Contestant) open(of Case) error {
	r, err := c.ask(request{Do: askOpen, Case: &of, Layout: c.Layout})
	if err != nil {
		return err
	}
	if r.Opened == nil {
		return fmt.Errorf("%s: answers the request %q with nothing opened", c.Name, askOpen)
	}
	c.Opened = *r.Opened
	return nil
}

// turn makes the steps and returns the seconds of each.
func (c *Contestant) turn(steps int) ([]float64, error) {
	r, err := c.ask(request{Do: askSteps, Steps: steps})
	if err == nil && len(r.Seconds) != steps {
		err = fmt.Errorf("%s: want the seconds of %d steps, got %d", c.Name, steps, len(r.Seconds))
	}
	return r.Seconds, err
}

// Close ends the process.
func (c *Contestant) Close() error {
	if c.end == nil {
		return c.ended
	}
	_ = c.in.Close() // the process ends when it has read everything
	c.ended, c.end = c.end(), nil
	if c.ended != nil {
		c.ended = fmt.Errorf("%s: %w", c.Name, c.ended)
	}
	return c.ended
}

// tail keeps the last of what a process writes.
type tail struct{ kept []byte }

const tailBytes = 2000

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if extra := len(t.kept) - tailBytes; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.kept) }
