package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"workbench/experiments/data/release"
)

// tries is how often a server is asked in a row that sends nothing new.
const tries = 4

// download gets a file from the first server that has it, and returns it: the data folder's NAME.part, checked. What an
// earlier call left of it is continued.
func (f Fetcher) download(ctx context.Context, d release.Download, urls []string) (string, error) {
	name := filepath.Join(f.Dir, d.Name+".part")
	part, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return "", err
	}
	defer part.Close()
	if err := syscall.Flock(int(part.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return "", fmt.Errorf("%s is being fetched by another process", name)
	}
	var failed error
	for _, url := range urls {
		err := f.from(ctx, d, url, part)
		if err == nil {
			return name, nil
		}
		if ctx.Err() != nil {
			return "", fmt.Errorf("%s was stopped; the next call goes on with what is there: %w", d.Name, ctx.Err())
		}
		failed = errors.Join(failed, fmt.Errorf("%s: %w", url, err))
	}
	if info, err := part.Stat(); err == nil && info.Size() == 0 {
		_ = os.Remove(name)
	}
	return "", failed
}

// from gets the file from one server. What was there before may be of another file: if the digest is wrong, the whole
// file is got once more.
func (f Fetcher) from(ctx context.Context, d release.Download, url string, part *os.File) error {
	for {
		before, err := part.Seek(0, io.SeekEnd)
		if err != nil {
			return err
		}
		if err := f.persist(ctx, d, url, part); err != nil {
			return err
		}
		err = check(part.Name(), d)
		if err == nil {
			return part.Sync()
		}
		if err := part.Truncate(0); err != nil {
			return err
		}
		if before == 0 || !errors.As(err, new(mismatch)) {
			return err
		}
	}
}

// permanent is what a server will not say otherwise the next time.
type permanent struct{ error }

// persist asks one server until the file is complete, or it sends nothing new.
func (f Fetcher) persist(ctx context.Context, d release.Download, url string, part *os.File) error {
	pause := f.Pause
	if pause == 0 {
		pause = time.Second
	}
	wait := pause
	for left := tries; ; left-- {
		before, err := part.Seek(0, io.SeekEnd)
		if err != nil {
			return err
		}
		err = f.once(ctx, d, url, part)
		after, _ := part.Seek(0, io.SeekEnd)
		if err == nil || ctx.Err() != nil || errors.As(err, new(permanent)) {
			return err
		}
		if after > before {
			left, wait = tries, pause
		}
		if left <= 1 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait *= 2
	}
}

// once asks a server for what is missing of the file and appends it.
func (f Fetcher) once(ctx context.Context, d release.Download, url string, part *os.File) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	has, err := part.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return permanent{err}
	}
	request.Header.Set("Accept-Encoding", "identity") // the digest is of the file as it lies on the server
	if has > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", has))
	}
	limit := f.Stall
	if limit == 0 {
		limit = time.Minute
	}
	stall := time.AfterFunc(limit, func() { cancel(fmt.Errorf("the server sent nothing for %v", limit)) })
	defer stall.Stop()
	client := f.Client
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(request)
	if err != nil {
		return because(ctx, err)
	}
	defer answer.Body.Close()
	if has, err = begin(answer, has, part); err != nil || answer.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		return err
	}
	most := 2*d.Bytes + 1<<20
	if answer.ContentLength > most-has {
		return permanent{fmt.Errorf("the server has %d bytes for %s, want about %d", has+answer.ContentLength, d.Name, d.Bytes)}
	}
	body := watched{ctx: ctx, Reader: answer.Body, saw: func(n int64) {
		stall.Reset(limit)
		if f.Progress != nil {
			f.Progress(d.Name, has+n, max(d.Bytes, has+answer.ContentLength))
		}
	}}
	n, err := io.Copy(part, io.LimitReader(&body, most-has+1))
	switch {
	case n > most-has:
		return permanent{fmt.Errorf("the server sent more than %d bytes for %s, want about %d", most, d.Name, d.Bytes)}
	case err != nil:
		return because(ctx, err)
	}
	return nil
}

// begin looks at the head of an answer to a request for what follows the bytes that are there, and says behind how many
// bytes the body belongs.
func begin(answer *http.Response, has int64, part *os.File) (int64, error) {
	switch answer.StatusCode {
	case http.StatusOK: // everything, also where only the rest was asked for
		if err := part.Truncate(0); err != nil {
			return 0, err
		}
		_, err := part.Seek(0, io.SeekStart)
		return 0, err
	case http.StatusPartialContent:
		var first int64
		if _, err := fmt.Sscanf(answer.Header.Get("Content-Range"), "bytes %d-", &first); err != nil || first != has {
			return 0, permanent{fmt.Errorf("the server sent the range %q, want from byte %d on", answer.Header.Get("Content-Range"), has)}
		}
		return has, nil
	case http.StatusRequestedRangeNotSatisfiable: // it has no more than what is there: the digest decides
		if has > 0 {
			return has, nil
		}
	}
	err := fmt.Errorf("the server answered %s", answer.Status)
	if answer.StatusCode >= 400 && answer.StatusCode < 500 && answer.StatusCode != http.StatusTooManyRequests {
		return 0, permanent{err}
	}
	return 0, err
}

// because is the error with its cause, if the context was ended for one.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// watched is a reader that ends with its context and tells how much was read.
type watched struct {
	io.Reader
	ctx context.Context
	saw func(n int64) // bytes so far; nil: nobody
	n   int64
}

func (w *watched) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.Reader.Read(p)
	if w.n += int64(n); w.saw != nil && n > 0 {
		w.saw(w.n)
	}
	return n, err
}
