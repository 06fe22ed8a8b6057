package data

import (
	"strings"

	"workbench/experiments/data/release"
)

// Origin says where a set's files were read, and whether they are those that its authors published.
type Origin struct {
	Path   string   // of the folder or archive
	Proved []string // files that have the published digest
	Sized  []string // files whose authors gave out no digest, and that have the published length
	Other  []string // whole files that are not the published ones
}

// Official is what a table says: yes, no, or that only lengths could be compared.
func (o Origin) Official() string {
	switch {
	case len(o.Other) > 0:
		return "no"
	case len(o.Sized) > 0:
		return "by length"
	}
	return "yes"
}

// Remark is what a reader of a run's numbers must know of the files it read; "" if they are the published ones.
func (o Origin) Remark() string {
	if len(o.Other) == 0 {
		return ""
	}
	return "files other than the published ones: " + strings.Join(o.Other, ", ")
}

// released is a set with the origin of its files.
type released struct {
	*pictures
	from Origin
}

func (r released) Origin() Origin { return r.from }

// wrapped is a set that changes something of another one, but not its images.
type wrapped interface{ Unwrap() Set }

// As finds what a set can do beyond Set, itself or by a set that it wraps.
func As[T any](set Set) (able T, found bool) {
	for set != nil {
		if able, found = set.(T); found {
			return able, true
		}
		outer, wraps := set.(wrapped)
		if !wraps {
			break
		}
		set = outer.Unwrap()
	}
	return able, false
}

// OriginOf a set; false if it was read from no files, or its kind of files is never the same twice.
func OriginOf(set Set) (Origin, bool) {
	s, known := As[interface{ Origin() Origin }](set)
	if !known {
		return Origin{}, false
	}
	return s.Origin(), true
}

func (p published) origin(place release.Place, files []string, sums map[string]release.Sums) Origin {
	o := Origin{Path: place.Path}
	for _, name := range files {
		switch s := sums[name]; {
		case s.Proved:
			o.Proved = append(o.Proved, name)
		case s.Official:
			o.Sized = append(o.Sized, name)
		default:
			o.Other = append(o.Other, name)
		}
	}
	return o
}
