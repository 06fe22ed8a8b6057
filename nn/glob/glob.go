// Package glob matches the paths of parameters: "layer1.**" is everything below layer1, "**.bias" every bias,
// "layer?.0.conv*.weight" the weights of the first blocks.
package glob

import (
	"fmt"
	"path"
	"strings"
)

// Check returns an error that tells what is wrong with a pattern.
func Check(pattern string) error {
	for _, segment := range strings.Split(pattern, ".") {
		if segment == "" {
			return fmt.Errorf("pattern %q has an empty name between its dots", pattern)
		}
		if _, err := path.Match(segment, ""); err != nil || strings.Contains(segment, "**") && segment != "**" {
			return fmt.Errorf("pattern %q: %q is no name with *, ? and [a-z] in it, nor ** for any number of names", pattern, segment)
		}
	}
	return nil
}

// Match reports whether the pattern fits the whole path. Names stand between dots: * is any part of a name, ? one
// character, [ab] one of these, and ** any number of names, none included. A wrong pattern, for which Check has an
// error, matches nothing.
func Match(pattern, name string) bool {
	return match(strings.Split(pattern, "."), strings.Split(name, "."))
}

func match(pattern, names []string) bool {
	for i, p := range pattern {
		if p == "**" {
			for skip := i; skip <= len(names); skip++ {
				if match(pattern[i+1:], names[skip:]) {
					return true
				}
			}
			return false
		}
		if i >= len(names) {
			return false
		}
		if ok, err := path.Match(p, names[i]); err != nil || !ok {
			return false
		}
	}
	return len(pattern) == len(names)
}
