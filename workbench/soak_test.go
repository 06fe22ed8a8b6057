package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/strategy"
	"workbench/experiments/studyfile"
)

// soakVariable names a folder with data sets, or is empty. Where it is set, every shipped study is trained for a
// twentieth of its length; `make soak` does it.
const soakVariable = "WORKBENCH_SOAK_DATA"

const soakShare = 20

func TestShippedStudiesTrain(t *testing.T) {
	folder, asked := os.LookupEnv(soakVariable)
	if !asked {
		t.Skipf("trains every shipped study for a twentieth of its length, which takes minutes: %s=FOLDER asks for it", soakVariable)
	}
	for _, name := range studyfile.Names() {
		t.Run(name, func(t *testing.T) {
			s, err := studyfile.Load(name, nil)
			if err != nil {
				t.Fatal(err)
			}
			if set := s.Base.Dataset.Name; set != "shapes" && folder == "" {
				t.Skipf("needs the files of %s: %s names no folder", set, soakVariable)
			}
			if file := beginsWith(s); file != "" {
				t.Skipf("begins with %s, which another study's run is exported to", file)
			}
			shorten(t, &s)
			text, err := studyfile.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), name+".yaml")
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := workbenchIn(filepath.Dir(file), "run", file, "--seeds", "1", "--quiet", "--data", folder).CombinedOutput()
			if err != nil || strings.Contains(string(out), "diverged") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// beginsWith is a file of weights that a level of the study begins with, "" if none does.
func beginsWith(s experiments.Study) string {
	for _, f := range s.Factors {
		for _, level := range f.Levels {
			for _, set := range level.Set {
				if file, is := set.Value.(string); is && set.Path == "start.from" && file != "" {
					return file
				}
			}
		}
	}
	return ""
}

// shorten trains a twentieth of the images of each length that the study says. Nothing is shorter than one step.
func shorten(t *testing.T, s *experiments.Study) {
	t.Helper()
	images, _ := s.Base.Dataset.Options["train"].(int)
	if images == 0 {
		images = 50000
	}
	if s.Base.Length == "" {
		s.Base.Epochs, s.Base.Length = 0, shorter(t, "epochs", s.Base.Epochs, images)
	} else {
		s.Base.Length = shorter(t, "length", s.Base.Length, images)
	}
	for path, value := range s.Base.Phases {
		if short := shorter(t, path, value, images); short != "" {
			delete(s.Base.Phases, path)
			s.Base.Phases[strings.Replace(path, ".epochs", ".length", 1)] = short
		}
	}
	for _, f := range s.Factors {
		for _, level := range f.Levels {
			for i, set := range level.Set {
				if short := shorter(t, set.Path, set.Value, images); short != "" {
					path := strings.TrimSuffix(set.Path, "epochs")
					if path != set.Path {
						path += "length"
					}
					level.Set[i] = experiments.Assignment{Path: path, Value: short}
				}
			}
		}
	}
}

// shorter is a twentieth of a length at a path, "" if it is none.
func shorter(t *testing.T, path string, value any, images int) string {
	t.Helper()
	switch path[strings.LastIndex(path, ".")+1:] {
	case "epochs":
		return fmt.Sprint(int(math.Ceil(float64(value.(int)*images)/soakShare)), " images")
	case "length":
		n, unit, err := strategy.ParseLength(value.(string))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(math.Ceil(n/soakShare), " ", unit)
	}
	return ""
}
