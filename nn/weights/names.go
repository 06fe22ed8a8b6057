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

// Recognize finds out by whose names a file calls the parameters of a network. It returns the file with the zoo's
// names, its entries in the same order, and the library. If the names are the zoo's or nobody's, it returns the file as
// it is and "".
func Recognize(f *File, params []*nn.Param) (*File, string) {
	best, library, found := f, "", len(params)-len(missing(f, params))
	for _, name := range Libraries() {
		g := f.renamed(name, params)
		if n := len(params) - len(missing(g, params)); n > found {
			best, library, found = g, name, n
		}
	}
	return best, library
}

// missing returns the paths of the parameters that the file lacks.
func missing(f *File, params []*nn.Param) []string {
	held := map[string]bool{}
	for _, e := range f.Entries {
		held[e.Name] = true
	}
	var names []string
	for _, p := range params {
		if !held[p.Path] {
			names = append(names, p.Path)
		}
	}
	return names
}

// renamed returns the file with the paths of the parameters in place of the library's names for them.
func (f *File) renamed(library string, params []*nn.Param) *File {
	at := map[string]int{}
	for i, e := range f.Entries {
		at[e.Name] = i
	}
	g := *f
	g.Entries = slices.Clone(f.Entries)
	for _, p := range params {
		for _, name := range namesIn(library, p.Path) {
			if i, held := at[name]; held {
				g.Entries[i].Name = p.Path
				break
			}
		}
	}
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
