package dashboard

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"workbench/nn/zoo"
)

// Accuracies can be compared where they were measured alike. protocols tells by the words of Published.Evaluation how
// they were; the first that is found counts.
var protocols = []struct{ name, words string }{
	{"several networks", `networks|ensemble`},
	{"without augmentation", `without augmentation`},
	{"another recipe", `recipe|schedule|pre-trained`},
	{"whitened images", `whitened`},
	{"45,000 training images", `45,000`},
	{"many crops", `\b\d+ crops`},
	{"dense or multi-scale", `dense|multi-`},
	{"1 crop", `\b1 crop\b`},
	{"test images", `^test\b`},
	{"not stated", ``},
}

var protocolWords = func() []*regexp.Regexp {
	list := make([]*regexp.Regexp, len(protocols))
	for i, p := range protocols {
		list[i] = regexp.MustCompile(p.words)
	}
	return list
}()

var (
	cropsOf = regexp.MustCompile(`\b(\d+) crops`)
	sizeOf  = regexp.MustCompile(`\b1 crop of (\d+)`)
)

// protocolOf says how an accuracy of the variant was measured: "1 crop" of the size that the network is made for,
// "10 crops", "another recipe".
func protocolOf(v zoo.Variant, p zoo.Published) string {
	i := slices.IndexFunc(protocolWords, func(r *regexp.Regexp) bool { return r.MatchString(p.Evaluation) })
	name := protocols[i].name
	if m := cropsOf.FindStringSubmatch(p.Evaluation); m != nil && name == "many crops" {
		return m[1] + " crops"
	}
	if m := sizeOf.FindStringSubmatch(p.Evaluation); m != nil && name == "1 crop" && m[1] != strconv.Itoa(v.Input[1]) {
		return m[0]
	}
	return name
}

// publishedOn is the published accuracy of a variant on a data set by a protocol: its headline if that is one.
func publishedOn(v zoo.Variant, data, protocol string) (zoo.Published, bool) {
	fits := func(p zoo.Published) bool { return p.Data == data && p.Top1 > 0 && protocolOf(v, p) == protocol }
	if p, found := v.Headline(); found && fits(p) {
		return p, true
	}
	all := v.Published()
	if i := slices.IndexFunc(all, fits); i >= 0 {
		return all[i], true
	}
	return zoo.Published{}, false
}

// protocolsOn are those by which the networks were measured on a data set, with how many were: the usual one first.
func protocolsOn(rows []modelRow, data string) (names []string, count map[string]int) {
	count = map[string]int{}
	for _, m := range rows {
		seen := map[string]bool{}
		for _, p := range m.Variant.Published() {
			if name := protocolOf(m.Variant, p); p.Data == data && p.Top1 > 0 && !seen[name] {
				seen[name] = true
				count[name]++
			}
		}
	}
	names = sortedKeys(count)
	slices.SortStableFunc(names, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	return names, count
}
