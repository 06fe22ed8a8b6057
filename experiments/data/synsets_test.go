package data

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever a file of names says, names are UTF-8 and short, or it is an error.
func FuzzSynsets(f *testing.F) {
	f.Add("n01440764 tench, Tinca tinca\nn01443537 goldfish\n")
	f.Add("n1\n")
	f.Add("n1 \xff\n\n  \r\nn2 a")
	f.Fuzz(func(t *testing.T, text string) {
		names, err := readSynsets(strings.NewReader(text), "words", " ")
		for synset, name := range names {
			if err != nil || synset == "" || name == "" || !utf8.ValidString(name) || len(name) > mostNameBytes {
				t.Errorf("%q: %q, %v", synset, name, err)
			}
		}
	})
}

// Whatever annotations say, they name files in their folder.
func FuzzAnnotations(f *testing.F) {
	f.Add("val_0.JPEG\tn03444034\t0\t32\t44\t62\n")
	f.Add("../a\tb\n..\tb")
	f.Add("/\t\n\n.\tx")
	f.Fuzz(func(t *testing.T, text string) {
		_ = readAnnotations(strings.NewReader(text), "annotations", func(name, class string) error {
			if filepath.Join("folder", name) != "folder/"+name || strings.Contains(name, "/") {
				t.Errorf("%q leads elsewhere", name)
			}
			if class == "stop" {
				return errors.New("stop")
			}
			return nil
		})
	})
}
