package zoo

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

const (
	declaredNetworksFile = "testdata/networks.csv"
	declaredOptionsFile  = "testdata/options.csv"
)

// testdata/networks.csv and testdata/options.csv hold what is said of every network, and every switch with its default,
// its bounds and the networks that have it so. If this fails, either a network is no longer described as in its paper,
// or a study means something else than before. WORKBENCH_ZOO_RECORD=1 writes the files anew.
func TestNetworksDeclareWhatIsRecorded(t *testing.T) {
	networks := [][]string{{"name", "family", "year", "images", "classes", "grouped", "chained", "paper"}}
	users := map[string][]string{}
	for _, name := range Names() {
		v, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		networks = append(networks, []string{v.Name, v.Family, fmt.Sprint(v.Year), fmt.Sprint(v.Input), fmt.Sprint(v.Classes),
			fmt.Sprint(v.grouped != nil), fmt.Sprint(v.chained), v.Paper})
		for _, o := range v.Options {
			if o.Doc == "" || o.Above || o.Below || o.Required || o.ZeroIsDefault {
				t.Errorf("%s has the option %+v", name, o)
			}
			said := fmt.Sprintf("%s|%v|%T|%v to %v|%s|later %v", o.Name, o.Default, o.Default, o.Min, o.Max, strings.Join(o.Choices, " "), o.Later)
			users[said] = append(users[said], name)
		}
	}
	options := [][]string{{"name", "default", "type", "bounds", "choices", "later", "networks", "digest"}}
	var all []string
	for said := range users {
		all = append(all, said)
	}
	slices.Sort(all)
	for _, said := range all {
		names := users[said]
		options = append(options, append(strings.Split(said, "|"), fmt.Sprint(len(names)), shortDigest(strings.Join(names, " "))))
	}
	sameRows(t, declaredNetworksFile, networks)
	sameRows(t, declaredOptionsFile, options)
}

// sameRows compares lines with all of a file.
func sameRows(t *testing.T, file string, lines [][]string) {
	t.Helper()
	if os.Getenv("WORKBENCH_ZOO_RECORD") != "" {
		record(t, file, lines)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i := range max(len(rows), len(lines)) {
		got, want := "nothing", "nothing"
		if i < len(lines) {
			got = strings.Join(lines[i], ", ")
		}
		if i < len(rows) {
			want = strings.Join(rows[i], ", ")
		}
		if got != want {
			t.Fatalf("%s, row %d: declared is %s, recorded %s", file, i+1, got, want)
		}
	}
}
