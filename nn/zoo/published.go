package zoo

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
)

// Published is an accuracy that somebody reports for a variant. Errors are in percent.
type Published struct {
	Data       string  `json:"data"` // "ImageNet", "CIFAR-10", …
	Top1       float64 `json:"top1_error"`
	Top5       float64 `json:"top5_error"` // 0 stands for an error that the source does not give
	Evaluation string  `json:"evaluation"` // images, crops, and what differs from the variant's own training
	Source     string  `json:"source"`
	Headline   bool    `json:"headline"` // the one that stands for the variant
}

//go:embed published.csv
var publishedTable string

// published holds the accuracies by variant, in the order of the table.
var published = readPublished(publishedTable)

// readPublished reads a table with the columns of Published. A table that it cannot read is a programmer's error, for
// which it panics at start.
func readPublished(text string) map[string][]Published {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		panic("zoo: published.csv: " + err.Error())
	}
	all := map[string][]Published{}
	for i, r := range rows[1:] {
		p := Published{Data: r[1], Evaluation: r[4], Source: r[5], Headline: r[6] == "yes"}
		for k, value := range map[int]*float64{2: &p.Top1, 3: &p.Top5} {
			if r[k] == "" {
				continue
			}
			if *value, err = strconv.ParseFloat(r[k], 64); err != nil {
				panic(fmt.Sprintf("zoo: published.csv, line %d: %v", i+2, err))
			}
		}
		all[r[0]] = append(all[r[0]], p)
	}
	return all
}

// Published returns the accuracies reported for the variant, those of its paper first. There are none if nobody is
// known to have reported any.
func (v Variant) Published() []Published { return published[v.Name] }

// Headline is the published accuracy that stands for the variant: the top-1 error of one network on one crop, by its
// authors if they give one. If nobody gives one, it is what comes nearest.
func (v Variant) Headline() (p Published, found bool) {
	for _, p := range published[v.Name] {
		if p.Headline {
			return p, true
		}
	}
	return Published{}, false
}
