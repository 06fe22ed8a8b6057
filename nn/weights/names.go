package weights

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// rule tells how another library calls the parameters whose paths match. It replaces the part of the path that matches;
// what follows stays. In the names $1 is the first group of the pattern, and $1+1 and $1-1 are its neighbours. If
// networks of one library differ in their names, there are several names, and the file tells which one it is.
type rule struct {
	begins string // what paths begin with that match
	path   *regexp.Regexp
	names  []string
}

func rename(path string, names ...string) rule {
	begins, _ := regexp.MustCompile(path).LiteralPrefix()
	return rule{begins, regexp.MustCompile("^(?:" + path + `)($|\.)`), names}
}

// libraries are the rules of those libraries that name parameters differently from the zoo, which follows
// torchvision. What follows a comma are networks for which a library has other names than for another with the same
// paths.
var libraries = map[string][]rule{
	"timm":                     slices.Concat(timmSequences(), timmBlocks, timmMobileV3(mobileV3Large), timmClassifiers),
	"timm, small MobileNet v3": slices.Concat(timmMobileV3(mobileV3Small), timmBlocks, timmClassifiers),
	"pytorchcv":                slices.Concat(pytorchcvBlocks, pytorchcvSequences()),
	"torchvision of 2018": {
		rename(`features\.denseblock(\d)\.denselayer(\d+)\.(norm|conv)(\d)`, "features.denseblock$1.denselayer$2.$3.$4"),
	},
}

// namesIn returns what the library may call a parameter. Without a rule that is the path itself.
func namesIn(library, path string) []string {
	for _, r := range libraries[library] {
		if !strings.HasPrefix(path, r.begins) {
			continue
		}
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
