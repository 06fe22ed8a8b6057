package main

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments/data"
)

// cifar100In writes a small set in the format of CIFAR-100: of the first classes one image each, grey in one shade.
func cifar100In(t *testing.T, dir string) {
	t.Helper()
	for name, records := range map[string]int{"train.bin": 24, "test.bin": 4} {
		var raw []byte
		for i := range records {
			raw = append(append(raw, byte(i%20), byte(i)), bytes.Repeat([]byte{byte(10 * i)}, 3072)...)
		}
		writeFile(t, filepath.Join(dir, "cifar-100-binary", name), raw)
	}
}

// cifar10In makes the files of CIFAR-10, empty.
func cifar10In(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"} {
		writeFile(t, filepath.Join(dir, "cifar-10-batches-bin", name+".bin"), nil)
	}
}

func writeFile(t *testing.T, path string, raw []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestDataSetsAreListedExactly(t *testing.T) {
	t.Chdir(t.TempDir())
	cifar100In(t, "here")
	table := told(t, "data", "list", "--format", "json", "--data", "here")
	for _, want := range []string{`"found": "here/cifar-100-binary"`, `"bundle": "cifar10n"`, `"bytes": 170052171`} {
		if strings.Count(table, want) != 1 {
			t.Errorf("want one %s in\n%s", want, table)
		}
	}
	lines := strings.Split(told(t, "data", "list", "--format", "csv", "--table", "datasets"), "\n")
	if lines[0] != "dataset,train,test,classes,image,found,files,doc" || len(lines) != len(data.Sources())+2 {
		t.Errorf("got\n%s", lines)
	}
	for _, s := range data.Sources() {
		doc := text(s.Doc).text
		if want := s.Name + ","; !slices.ContainsFunc(lines, func(line string) bool {
			return strings.HasPrefix(line, want) && strings.Contains(line, ",,"+s.Files+",") &&
				strings.Contains(strings.ReplaceAll(line, `""`, `"`), doc)
		}) {
			t.Errorf("no line %s…%s in\n%s", want, doc, lines)
		}
	}
	table = told(t, "data", "list", "--data", "here") // a line each
	row(t, table, "shapes 3,000 1,000 10 3×32×32 none needed")
	row(t, table, "cifar100 50,000 10,000 100 3×32×32 yes")
	row(t, table, "cifar10 50,000 10,000 10 3×32×32 no")
	row(t, table, "folder as found as found as found 3×224×224 –")
	if n := strings.Count(table, "\n"); n != len(data.Sources())+4 || strings.Contains(table, "Settings") {
		t.Errorf("%d lines for %d sets:\n%s", n, len(data.Sources()), table)
	}
	table = told(t, "data", "list", "shapes")
	row(t, table, "dataset.train shapes 3000 a whole number from 1 to 100000 training images")
	if strings.Contains(table, "cifar100") || !strings.Contains(table, "drawn from a seed") {
		t.Errorf("got\n%s", table)
	}
	table = told(t, "data", "list", "--verbose")
	if !strings.Contains(table, "\nSettings\n") || !strings.Contains(table, "\nWhat data fetch gets\n") {
		t.Errorf("got\n%s", table)
	}
	settings := told(t, "data", "list", "--format", "csv", "--table", "settings")
	if !strings.HasPrefix(settings, "path,dataset,default,wanted,doc\n") || !strings.Contains(settings, "\ndataset.train,shapes,") {
		t.Errorf("got\n%s", settings)
	}
}

// What a set has is told whole: its counts, what its files are, each class, mean and deviation.
func TestDataCheckTellsWhatIsInASet(t *testing.T) {
	t.Chdir(t.TempDir())
	cifar100In(t, "here")
	set, err := data.Open(t.Context(), "cifar100", "here", map[string]any{"labels": "coarse", "train": 2})
	if err != nil {
		t.Fatal(err)
	}
	want := "dataset,train,test,unlabeled,classes,image,published,path,mean,std,digest\n" +
		"cifar100,2,4,0,20,[3 32 32],no,here/cifar-100-binary,[0.0196078431372549 0.0196078431372549 0.0196078431372549]," +
		"[0.0196078431372549 0.0196078431372549 0.0196078431372549]," + set.Digest() + "\n"
	args := []string{"data", "check", "cifar100", "labels=coarse", "dataset.train=2", "--data", "here"}
	if got := told(t, append(args, "--format", "csv", "--table", "datasets")...); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	table := told(t, args...)
	if got, want := row(t, table, "cifar100 2 "), "cifar100 2 4 0 20 3×32×32 no here/cifar-100-binary 0.0196, 0.0196, 0.0196 "+
		"0.0196, 0.0196, 0.0196 "+set.Digest(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	row(t, table, "cifar100 aquatic_mammals 1 1")
	row(t, table, "cifar100 vehicles_2 0 0")
	row(t, table, "note: cifar100 was read from files other than the published ones: train.bin, test.bin")
	if got := row(t, told(t, append(args, "--quick")...), "cifar100 2 "); !strings.HasSuffix(got, "here/cifar-100-binary – – "+set.Digest()) {
		t.Errorf("quickly %s", got)
	}
	if got := row(t, told(t, "data", "check", "shapes", "shapes", "train=10"), "shapes disc"); got != "shapes disc 300 100" {
		t.Errorf("got %s", got)
	}
}

func TestDataShowWritesASheet(t *testing.T) {
	t.Chdir(t.TempDir())
	cifar100In(t, "here")
	sides := func(name string) [2]int {
		t.Helper()
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		config, err := png.DecodeConfig(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		return [2]int{config.Width, config.Height}
	}
	table := told(t, "data", "show", "cifar100", "labels=coarse", "--data", "here")
	if got := row(t, table, "2 "); got != "2 fish 1, 21" {
		t.Errorf("got %s", got)
	}
	row(t, table, "note: written to cifar100-train.png, 134 × 1474 pixels")
	if got := sides("cifar100-train.png"); got != [2]int{2 + 2*66, 2 + 20*66 + 19*8} {
		t.Errorf("the sheet has %v pixels", got)
	}
	told(t, "data", "show", "shapes", "test=20", "--split", "test", "--per-class", "1", "--out", "one.png")
	if got := sides("one.png"); got != [2]int{68, 2 + 10*66 + 9*8} {
		t.Errorf("the sheet has %v pixels", got)
	}
	told(t, "data", "show", "shapes", "--augment", "pad=4", "--augment", "augment.flip=true", "--draws", "2", "--out", "two.png")
	if got := sides("two.png"); got != [2]int{2 + 66 + 8 + 2*66, 2 + 10*66 + 9*8} {
		t.Errorf("the sheet has %v pixels", got)
	}
	table = told(t, "data", "show", "shapes", "train=40", "test=20", "--augment", "flip=true", "--html", "page.html")
	page, err := os.ReadFile("page.html")
	if _, written := os.Stat("shapes-train.png"); err != nil || written == nil || !strings.Contains(table, "written to page.html") {
		t.Errorf("%v, a PNG %v\n%s", err, written == nil, table)
	}
	for _, want := range []string{`<img src="data:image/png;base64,iVBOR`, "<td>disc</td>", "mean of the training pixels",
		`<td class="number">4</td>`} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if bytes.Contains(page, []byte("http")) || bytes.Contains(page, []byte("ZgotmplZ")) {
		t.Error("the page wants other files, or has what templates refuse")
	}
	writeFile(t, "byol.yaml", []byte(`base:
  dataset: {name: shapes, train: 60, test: 20}
  model: {name: resnet_mini, depth: 8}
  strategy: {name: byol}
  augment: {flip: true, pad: 4}
  optim: {lr: 0.1}
  batch: 16
  epochs: 2
seeds: [5]
`))
	table = told(t, "data", "show", "shapes", "--study", "byol.yaml", "--out", "views.png")
	row(t, table, "note: what cell base of byol reads with seed 5, phase pretrain")
	if got := sides("views.png"); got != [2]int{2 + 66 + 8 + 5*2*66, 2 + 10*66 + 9*8} { // two views of each of five epochs
		t.Errorf("the sheet has %v pixels", got)
	}
	table = told(t, "data", "show", "shapes", "label_noise=pairflip", "label_noise_rate=1", "--per-class", "1", "--out", "noise.png")
	row(t, table, "1 disc 9 (in truth T)")
	before, err := os.ReadFile("one.png")
	if err != nil {
		t.Fatal(err)
	}
	told(t, "data", "show", "shapes", "--seed", "3", "--augment", "pad=4", "--out", "a.png")
	told(t, "data", "show", "shapes", "--seed", "4", "--augment", "pad=4", "--out", "b.png")
	told(t, "data", "show", "shapes", "--seed", "3", "--augment", "pad=4", "--out", "one.png", "--force")
	a, _ := os.ReadFile("a.png")
	b, _ := os.ReadFile("b.png")
	if after, _ := os.ReadFile("one.png"); !bytes.Equal(after, a) || bytes.Equal(after, b) || bytes.Equal(after, before) {
		t.Error("a seed draws the same, another seed something else")
	}
}

func TestDataFetchBringsASetOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Path != "/svhn/train_32x32.mat" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte("<html>"))
	}))
	defer server.Close()
	got := called(t, "data", "fetch", "svhn", "--from", server.URL+"/svhn")
	want := fmt.Sprintf("it has 6 bytes and MD5 %x, want e26dedcc434d2e4c54c9b2d4a06d8373; it is a web page", md5.Sum([]byte("<html>")))
	if got.status != exitFailed || !strings.Contains(got.err, want) || asked != 1 {
		t.Errorf("status %d after %d requests: %s", got.status, asked, got.err)
	}
	if got := called(t, "data", "check", "svhn"); got.status != exitFailed || !strings.Contains(got.err, "workbench data fetch svhn gets") {
		t.Errorf("status %d: %s", got.status, got.err)
	}
	cifar10In(t, "data")
	table := told(t, "data", "fetch", "cifar10")
	if got := row(t, table, "cifar10 "); got != "cifar10 data/cifar-10-batches-bin was there" {
		t.Errorf("got %s", got)
	}
}

// Why something cannot be fetched is said: it needs no files, or nobody may give it out.
func TestWhatCannotBeFetchedIsSaid(t *testing.T) {
	sources := []data.Source{{Name: "drawn"}, {Name: "licensed", Files: "licensed"},
		{Name: "asked", Files: "asked", Bundles: []data.Bundle{{Name: "asked", Site: "https://example.org"}}}}
	for name, want := range map[string]string{"drawn": "drawn needs no files", "asked": "",
		"licensed": "licensed cannot be fetched: its files belong into here/licensed", "nothing": `unknown data set "nothing"`} {
		b, err := findBundle(sources, "here", name)
		if want == "" && (err != nil || b.Name != name) || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: %+v, error %v, want %q", name, b, err, want)
		}
	}
}

// Elsewhere than on a terminal a transfer says now and then how far it is, and when it is done.
func TestTransfersAreTold(t *testing.T) {
	var out bytes.Buffer
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	seen := transfers{out: &out, now: func() time.Time { return now }}
	for _, done := range []int64{0, 1 << 20, 2 << 20, 4 << 20} {
		seen.saw("a.tar.gz", done, 4<<20)
		now = now.Add(6 * time.Second)
	}
	seen.end()
	want := "a.tar.gz: 0 B of 4.0 MiB (0 %)\na.tar.gz: 2.0 MiB of 4.0 MiB (50 %)\na.tar.gz: 4.0 MiB of 4.0 MiB (100 %)\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	out.Reset()
	live := transfers{out: &out, now: func() time.Time { return now }, live: true}
	live.saw("a", 1, 2)
	live.end()
	if want := "\r\x1b[Ka: 1 B of 2 B (50 %)\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
