// Package deploy holds the files with which the workbench is run as containers. Its tests check them against the
// program.
package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
)

// compose is docker-compose.yml as far as it is used here. An unknown key is an error.
type compose struct {
	Name     string
	Services map[string]service
	Volumes  map[string]struct{}
}

type service struct {
	Build, Image, Restart string
	Command, Ports, Tmpfs []string
	Volumes               []string
	ReadOnly              bool                                  `yaml:"read_only"`
	CapDrop               []string                              `yaml:"cap_drop"`
	SecurityOpt           []string                              `yaml:"security_opt"`
	DependsOn             map[string]struct{ Condition string } `yaml:"depends_on"`
	Healthcheck           healthcheck
}

type healthcheck struct {
	Test              []string
	Interval, Timeout time.Duration
	StartPeriod       time.Duration `yaml:"start_period"`
	Retries           int
}

func load[T any](t *testing.T, file string) T {
	t.Helper()
	var v T
	if err := yaml.Load([]byte(read(t, file)), &v, yaml.WithKnownFields()); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return v
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestServicesAreConfined(t *testing.T) {
	pinned := regexp.MustCompile(`:v?\d+\.\d+\.\d+$`)
	for name, s := range load[compose](t, "docker-compose.yml").Services {
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s: want read_only, cap_drop ALL and no-new-privileges", name)
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s: port %s is open to other machines", name, p)
			}
		}
		if s.Build == "" && !pinned.MatchString(s.Image) {
			t.Errorf("%s: image %q has no exact version", name, s.Image)
		}
		if test := s.Healthcheck.Test; len(test) < 2 || test[0] != "CMD" {
			t.Errorf("%s: health check %q, want a command without a shell", name, test)
		}
	}
}

func TestServicesFindTheirFiles(t *testing.T) {
	c := load[compose](t, "docker-compose.yml")
	for name, s := range c.Services {
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			if _, named := c.Volumes[from]; named {
				continue
			}
			if !strings.HasPrefix(from, "./") || !strings.HasSuffix(v, ":ro") {
				t.Errorf("%s: %s is neither a declared volume nor a read-only file of the repository", name, v)
				continue
			}
			read(t, from)
		}
		for other, d := range s.DependsOn {
			if _, ok := c.Services[other]; !ok || d.Condition != "service_healthy" {
				t.Errorf("%s depends on %s (%s), want a service that is healthy", name, other, d.Condition)
			}
		}
	}
}

func TestImageMatchesTheProgram(t *testing.T) {
	dockerfile := read(t, "Dockerfile")
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))[1]
	tags := regexp.MustCompile(`(?m)^TAGS := (.*)$`).FindStringSubmatch(read(t, "Makefile"))[1]
	for _, want := range []string{
		"FROM golang:" + version + "-bookworm AS build\n", "FROM debian:bookworm-slim\n", "libdnnl2",
		" -tags " + tags + " ", "\nUSER 10001:10001\n", "\nVOLUME /data\n", `CMD ["workbench", "health", "http://127.0.0.1:8080"]`,
	} {
		if !strings.Contains(dockerfile, want) {
			t.Errorf("the Dockerfile lacks %q", want)
		}
	}
}

// The files that the image is built from must hold everything that the program is made of, or it would not build.
func TestImageContextHoldsTheProgram(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	ignore := read(t, ".dockerignore")
	for _, e := range entries {
		code, err := filepath.Glob(filepath.Join("..", e.Name(), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		code = slices.DeleteFunc(code, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
		if e.IsDir() && e.Name()[0] != '.' && len(code) > 0 && !strings.Contains(ignore, "\n!"+e.Name()+"\n") {
			t.Errorf(".dockerignore keeps %s out of the image", e.Name())
		}
	}
}
