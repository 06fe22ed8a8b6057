package weights

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"workbench/nn"
)

// rule tells how another library calls the parameters whose paths match. It replaces the part of the path that matches;
// what follows stays. In the names $1 is the first group of the pattern, and $1+1 and $1-1 are its neighbours. If
// networks of one library differ in their names, there are several names, and the file tells which one it is.
type rule struct {
	path  *regexp.Regexp
	names []string
}

func rename(path string, names ...string) rule {
	return rule{regexp.MustCompile("^(?:" + path + `)($|\.)`), names}
}

// libraries are the rules of those libraries that name parameters differently from the zoo, which follows torchvision.
var libraries = map[string][]rule{
	"timm":      slices.Concat(timmSequences(), timmBlocks),
	"pytorchcv": slices.Concat(pytorchcvBlocks, pytorchcvSequences()),
}

// Libraries lists the libraries whose names are understood beside torchvision's, sorted.
func Libraries() []string {
	var names []string
	for name := range libraries {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// namesIn returns what the library may call a parameter. Without a rule that is the path itself.
func namesIn(library, path string) []string {
	for _, r := range libraries[library] {
		m := r.path.FindStringSubmatchIndex(path)
		if m == nil {
			continue
		}
		groups := r.path.FindStringSubmatch(path)
		rest := path[m[len(m)-2]:]
		var names []string
		for _, name := range r.names {
			names = append(names, expand(name, groups)+rest)
		}
		return names
	}
	return []string{path}
}

var placeholder = regexp.MustCompile(`\$(\d)([+-]\d)?`)

// expand puts the groups into a name.
func expand(name string, groups []string) string {
	return placeholder.ReplaceAllStringFunc(name, func(p string) string {
		m := placeholder.FindStringSubmatch(p)
		i, _ := strconv.Atoi(m[1]) // the patterns match digits alone, here and below
		if m[2] == "" {
			return groups[i]
		}
		n, _ := strconv.Atoi(groups[i])
		d, _ := strconv.Atoi(m[2])
		return strconv.Itoa(n + d)
	})
}

// Recognize finds out by whose names a file calls the parameters of a network, and whether something stands before
// all of them. It returns the file with the zoo's names, its entries in the same order, and the library. If the names
// are the zoo's or nobody's, it returns the file as it is and "".
func Recognize(f *File, params []*nn.Param) (*File, string) {
	bare := []*File{f}
	for _, prefix := range f.prefixes() {
		if g := f.without(prefix); g != nil {
			bare = append(bare, g)
		}
	}
	best, library, found := f, "", 0
	for _, name := range append([]string{""}, Libraries()...) { // no library has no rules: its names are the paths
		called := make([][]string, len(params))
		for i, p := range params {
			called[i] = namesIn(name, p.Path)
		}
		for _, g := range bare {
			if h, n := g.renamed(params, called); n > found {
				best, library, found = h, name, n
			}
		}
	}
	return best, library
}

// renamed returns the file with the paths of the parameters in place of what they are called there, and how many of
// them it has. A name that is taken stays as it is.
func (f *File) renamed(params []*nn.Param, called [][]string) (g *File, found int) {
	at := map[string]int{}
	for i, e := range f.Entries {
		at[e.Name] = i
	}
	g = f.clone()
	for i, p := range params {
		for _, name := range called[i] {
			if k, held := at[name]; held {
				if _, taken := at[p.Path]; !taken || name == p.Path {
					g.Entries[k].Name = p.Path
				}
				found++
				break
			}
		}
	}
	return g, found
}

// clone returns the file with entries of its own.
func (f *File) clone() *File {
	g := *f
	g.Entries = slices.Clone(f.Entries)
	return &g
}

// flat returns rules for layers that the zoo numbers through and the library numbers in stages of counts[stage] blocks:
// "features.5" becomes the rules for block number block of the stage, both from 0. The first layer has the number from.
func flat(from int, counts []int, rules func(path string, stage, block int) []rule) []rule {
	var all []rule
	for stage, n := range counts {
		for block := range n {
			all = append(all, rules(fmt.Sprintf(`features\.%d`, from), stage, block)...)
			from++
		}
	}
	return all
}
