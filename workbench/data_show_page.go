package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"os"

	"workbench/experiments/data"
	"workbench/experiments/data/sheet"
)

//go:embed data_show.html
var sheetPageText string

var sheetTemplate = template.Must(template.New("sheet").Parse(sheetPageText))

// sheetPage is what data show --html writes: a page that needs no other file.
type sheetPage struct {
	Name    string
	Remarks []string
	Image   template.URL
	Width   int
	Rows    [][]string
	Facts   [][2]string
	Classes []classBar
}

// classBar is how many images a class has in each split; shares are of the largest count, in percent.
type classBar struct {
	Name                  string
	Train, Test           int
	TrainShare, TestShare float64
}

// writeSheetPage writes a sheet with what the set has: images of each class, mean and deviation. The page comes with
// the sheet, its width and its remarks.
func writeSheetPage(ctx context.Context, path string, set data.Set, p sheetPage, rows listing) error {
	mean, std, err := sheet.Moments(ctx, set, data.Train)
	if err != nil {
		return err
	}
	info := set.Info()
	p.Name = info.Name
	for _, r := range rows.rows {
		p.Rows = append(p.Rows, []string{r[0].text, r[1].text, r[2].text})
	}
	images := func(split data.Split) string { return counted(int64(set.Len(split))).text }
	p.Facts = [][2]string{{"training images", images(data.Train)}, {"test images", images(data.Test)},
		{"image", shape([]int{info.Channels, info.Height, info.Width})}, {"mean of the training pixels", levels(mean).text},
		{"their standard deviation", levels(std).text}, {"SHA-256", set.Digest()}}
	p.Classes = classBars(set)
	var text bytes.Buffer
	if err := sheetTemplate.Execute(&text, p); err != nil {
		return fmt.Errorf("page of %s: %w", info.Name, err)
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}

// pictured is the address that stands for a PNG in a page.
func pictured(png []byte) template.URL {
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png))
}

func classBars(set data.Set) (all []classBar) {
	train, test := sheet.Histogram(set, data.Train), sheet.Histogram(set, data.Test)
	most := 1
	for k := range train {
		most = max(most, train[k], test[k])
	}
	for k, name := range append(set.Info().Classes[:len(train)-1:len(train)-1], "no label") {
		if k == len(train)-1 && train[k]+test[k] == 0 {
			continue
		}
		share := func(n int) float64 { return 100 * float64(n) / float64(most) }
		all = append(all, classBar{name, train[k], test[k], share(train[k]), share(test[k])})
	}
	return all
}
