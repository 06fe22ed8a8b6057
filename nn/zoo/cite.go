package zoo

import (
	"fmt"
	"path"
	"strings"

	"workbench/nn/nearest"
)

// Citation is the variant's paper in short, such as "He et al. 2015".
func (v Variant) Citation() string {
	authors, _, _ := strings.Cut(v.Paper, ". ")
	if first, others := strings.CutSuffix(authors, " et al"); others {
		authors = first + " et al."
	}
	switch all := strings.Split(authors, ", "); len(all) {
	case 1:
	case 2:
		authors = all[0] + " and " + all[1]
	default:
		authors = all[0] + " et al."
	}
	return fmt.Sprintf("%s %d", authors, v.Year)
}

// Find lists the variants that a pattern fits, by name. A pattern with *, ? or [ in it must fit the whole name; another
// fits any part of a name or of a family, in small or capital letters. If none fits, the error names the nearest.
func Find(pattern string) ([]Variant, error) {
	var found []Variant
	for _, name := range Names() {
		fits := pattern == "" || strings.Contains(strings.ToLower(name), strings.ToLower(pattern)) ||
			strings.Contains(strings.ToLower(variants[name].Family), strings.ToLower(pattern))
		if strings.ContainsAny(pattern, "*?[") {
			var err error
			if fits, err = path.Match(pattern, name); err != nil {
				return nil, fmt.Errorf("pattern %q: want a part of a name, or a name with *, ? and [a-z] in it", pattern)
			}
		}
		if fits {
			found = append(found, variants[name])
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no network matches %q%s", pattern, nearest.Hint(strings.Trim(pattern, "*?[]"), Names()))
	}
	return found, nil
}
