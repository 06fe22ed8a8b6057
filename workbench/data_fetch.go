package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"workbench/experiments/data"
	"workbench/experiments/data/fetch"
	"workbench/experiments/iec"
	"workbench/nn/nearest"
)

func (a *app) dataFetchCommand() *cobra.Command {
	from := ""
	cmd := &cobra.Command{
		Use: "fetch NAME", Short: "Bring a data set into the data folder, from its server or a file",
		Long: `Bring a data set into the data folder: from the servers that its authors name, or from another address, a file or a folder
that has the same files. They are checked by the published digests, and archives are unpacked. A download that was
interrupted goes on where it stopped. Proxies are those of the environment (HTTPS_PROXY, NO_PROXY).`,
		Example: `  workbench data fetch cifar10 --data ~/datasets
  workbench data fetch mnist --from https://mirror.example.org/mnist
  workbench data fetch cifar10 --from ~/Downloads/cifar-10-binary.tar.gz`,
		Args: wantArgs(1, 1, "what to fetch (workbench data list)"), ValidArgsFunction: names(bundleNames),
		RunE: func(cmd *cobra.Command, args []string) error { return a.fetchData(cmd.Context(), args[0], from) },
	}
	cmd.Flags().StringVar(&from, "from", "", "a `PLACE` that has the files: a file, a folder or an address")
	a.formatFlag(cmd)
	a.dataFlag(cmd)
	return cmd
}

// bundleNames are what can be asked for: data sets with files, and parts of them.
func bundleNames() (all []string) {
	for _, s := range data.Sources() {
		if len(s.Bundles) == 0 {
			all = append(all, s.Name)
		}
		for _, b := range s.Bundles {
			all = append(all, b.Name)
		}
	}
	return all
}

// findBundle finds what is to be fetched, or says why it cannot be.
func findBundle(sources []data.Source, dir, name string) (data.Bundle, error) {
	for _, s := range sources {
		for _, b := range s.Bundles {
			if b.Name == name {
				return b, nil
			}
		}
		switch {
		case s.Name != name:
		case s.Files == "":
			return data.Bundle{}, usagef("%s needs no files", name)
		default:
			return data.Bundle{}, fmt.Errorf("%s cannot be fetched: its files belong into %s", name, filepath.Join(dir, s.Files))
		}
	}
	return data.Bundle{}, usagef("unknown data set %q%s", name, nearest.Hint(name, bundleNames()))
}

func (a *app) fetchData(ctx context.Context, name, from string) error {
	b, err := findBundle(data.Sources(), a.data, name)
	if err != nil {
		return err
	}
	seen := transfers{out: a.errors(), live: movable(os.Stderr), now: a.now}
	folder, wasThere, err := (fetch.Fetcher{Dir: a.data, Progress: seen.saw}).Fetch(ctx, b, from)
	seen.end()
	if err != nil {
		return fmt.Errorf("data fetch %s: %w", name, err)
	}
	state := "fetched"
	if wasThere {
		state = "was there"
	}
	l := listing{key: "bundles", columns: []column{{"bundle", "name", false}, {"folder", "files in", false}, {"state", "state", false}}}
	l.rows = append(l.rows, []cell{text(name), text(folder), text(state)})
	var remarks []string
	if b.Licence != "" {
		remarks = append(remarks, "licence: "+b.Licence+" ("+b.Site+")")
	}
	return a.show(document{listings: []listing{l}, remarks: remarks})
}

// transfers tells how far downloads are: on a terminal in one line, elsewhere now and then in a line of its own.
type transfers struct {
	out  io.Writer
	live bool
	now  func() time.Time
	last time.Time
	open bool // a line is not ended
}

func (t *transfers) saw(name string, done, want int64) {
	pause := 10 * time.Second
	if t.live {
		pause = 200 * time.Millisecond
	}
	now := t.now()
	if done < want && now.Sub(t.last) < pause {
		return
	}
	t.last = now
	line := fmt.Sprintf("%s: %s of %s (%d %%)", name, iec.Bytes(done), iec.Bytes(want), 100*done/max(want, 1))
	if !t.live {
		fmt.Fprintln(t.out, line)
		return
	}
	fmt.Fprintf(t.out, "\r\x1b[K%s", line)
	t.open = true
}

func (t *transfers) end() {
	if t.open {
		fmt.Fprintln(t.out)
	}
}
