package main

import (
	"maps"
	"runtime"
	"runtime/debug"

	sqlite3 "github.com/mattn/go-sqlite3"
	"github.com/spf13/cobra"
)

// version is set by the linker for a release: -ldflags "-X main.version=1.2.3".
var version = "development"

func (a *app) versionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "version", Short: "Show the versions of the program and of what it computes with", Args: wantArgs(0, 0, "no argument"),
		RunE: func(*cobra.Command, []string) error {
			return a.showVersions()
		},
	}
	a.formatFlag(cmd)
	return cmd
}

func (a *app) showVersions() error {
	return a.show(document{listings: []listing{pairs("version", "", versions())}})
}

// versions of everything that can change a result or a file.
func versions() map[string]string {
	library, _, _ := sqlite3.Version()
	v := map[string]string{"version": version, "go": runtime.Version(), "sqlite": library, "platform": runtime.GOOS + "/" + runtime.GOARCH,
		"backend": backend(1).Name()}
	maps.Copy(v, backendVersions())
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				v["revision"] = s.Value
			case "vcs.modified":
				v["modified"] = s.Value
			case "GOAMD64":
				v["goamd64"] = s.Value
			}
		}
	}
	return v
}
