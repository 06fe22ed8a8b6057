package dashboard

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var paragraph = regexp.MustCompile(`(?s)<section class="card error">.*?<p>(.*?)</p>`)

// told is the sentence of an error, from a page or from JSON; "" where there is none.
func told(body string) string {
	var answer struct {
		Error string `json:"error"`
	}
	if json.Unmarshal([]byte(body), &answer) == nil {
		return answer.Error
	}
	if m := paragraph.FindStringSubmatch(body); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

// What cannot be answered is refused with a known sentence; what is just within a bound is answered.
func TestRefusalsAreTheKnownOnes(t *testing.T) {
	m := everyKind()
	s := serverOf(t, m)
	names := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprint("c", i))
		}
		return strings.Join(list, ",")
	}
	const recorded = "there are test/top1, train/top1, test/loss, train/loss, test/top5, train/lr"
	const axis = "400 x: want one of epoch, step, seconds, got "
	metrics := func(n int) string { return "metric=" + strings.ReplaceAll(names(n), ",", "&metric=") }
	for path, want := range map[string]string{
		"/nothing":                                        "404 Not Found",
		"/api/v1/nothing":                                 "404 Not Found",
		"/studies/none":                                   `404 This database has no study "none": want one of demo, young`,
		"/studies/dem":                                    `404 This database has no study "dem": did you mean demo?`,
		"/runs/none":                                      `404 This database has no run "none": want an id, the beginning of one, or latest.`,
		"/runs/5eed":                                      `409 Several runs begin with "5eed": want more of the id.`,
		"/api/v1/runs/5eed":                               `409 Several runs begin with "5eed": want more of the id.`,
		"/compare?run=5eed":                               `409 Several runs begin with "5eed": want more of the id.`,
		"/studies/demo?format=pdf":                        `400 format: want one of csv, json, latex, markdown, got "pdf"`,
		"/studies/demo?table=cells":                       `400 table: chooses what format=csv writes, the format is ""`,
		"/studies/demo?table=cel&format=csv":              `400 table: unknown table "cel": did you mean cells?`,
		"/studies/demo/curves.svg?metric=nope":            `404 metric "nope" was not recorded; ` + recorded,
		"/api/v1/runs/RUN0/curves?" + metrics(16):         `404 metric "c0" was not recorded; ` + recorded,
		"/api/v1/runs/RUN0/curves?" + metrics(17):         "400 metrics: want at most 16, got 17.",
		"/api/v1/series":                                  "400 series: want at least one run and one metric (?run=…&metric=…)",
		"/api/v1/series?run=RUN0":                         "400 series: want at least one run and one metric (?run=…&metric=…)",
		"/api/v1/series?metric=test/top1":                 "400 series: want at least one run and one metric (?run=…&metric=…)",
		"/api/v1/series?run=RUN0&metric=test/top1&max=-1": `400 max: want a number of points (0: all), got "-1"`,
		"/api/v1/series?run=RUN0&metric=test/top1&max=x":  `400 max: want a number of points (0: all), got "x"`,
		"/api/v1/series?run=RUN0&metric=test/top1&max=0":  "200 ",
		"/api/v1/series?run=RUN0&metric=test/top1&max=1":  "200 ",
		"/api/v1/series?run=RUN0&" + metrics(17):          "400 metrics: want at most 16, got 17.",
		"/api/v1/runs/RUN0/artefacts/-1/matrix":           `400 artefact: want a step of at least 0, got "-1"`,
		"/api/v1/runs/RUN0/artefacts/x/matrix":            `400 artefact: want a step of at least 0, got "x"`,
		"/api/v1/runs/RUN0/artefacts/0/matrix":            `404 Run 5eed0000 has no artefact "matrix" of step 0.`,
		"/compare?" + strings.Repeat("run=RUN0&", 10):     "200 ",
		"/compare?" + strings.Repeat("run=RUN0&", 11):     "400 compare takes at most 10 runs, got 11",
		"/runs?columns=" + names(32):                      "200 ",
		"/runs?columns=" + names(33):                      "400 columns: want at most 32, got 33.",
		"/runs?columns=" + strings.Repeat("c", 100):       "200 ",
		"/runs?columns=" + strings.Repeat("c", 101):       "400 columns: want names of at most 100 bytes, got one of 101",
		"/runs?from=0":                                    "200 ",
		"/runs?from=99":                                   "200 ",
		"/runs?from=-1":                                   `400 from: want the number of rows before the first one, got "-1"`,
		"/runs?from=x":                                    `400 from: want the number of rows before the first one, got "x"`,
		"/api/v1/runs?q=model%3D":                         "400 filter: column 7: want a value after =, got the end",
		"/studies/demo/curves.svg?x=time":                 axis + `"time"`,
		"/studies/demo/curves.svg?smooth=0.95":            "200 ",
		"/studies/demo/curves.svg?smooth=0":               "200 ",
		"/studies/demo/curves.svg?smooth=0.96":            `400 smooth: want a number from 0 to 0.95, got "0.96"`,
		"/studies/demo/curves.svg?smooth=-0.1":            `400 smooth: want a number from 0 to 0.95, got "-0.1"`,
		"/studies/demo/curves.svg?smooth=NaN":             `400 smooth: want a number from 0 to 0.95, got "NaN"`,
		"/studies/demo/curves.svg?smooth=x":               `400 smooth: want a number from 0 to 0.95, got "x"`,
		"/studies/demo/curves.svg?zoom=1..2":              "200 ",
		"/studies/demo/curves.svg?zoom=2..2":              `400 zoom: want FROM..TO such as 2..10, got "2..2"`,
		"/studies/demo/curves.svg?zoom=3..2":              `400 zoom: want FROM..TO such as 2..10, got "3..2"`,
		"/studies/demo/curves.svg?zoom=1":                 `400 zoom: want FROM..TO such as 2..10, got "1"`,
		"/studies/demo/curves.svg?zoom=-Inf..2":           `400 zoom: want FROM..TO such as 2..10, got "-Inf..2"`,
		"/api/v1/studies/demo/curves?from=1&to=2":         axis + `""`,
		"/api/v1/studies/demo/curves?x=time&from=1&to=2":  axis + `"time"`,
		"/api/v1/studies/demo/curves?x=step&from=1":       `400 to: want a number, got ""`,
		"/api/v1/studies/demo/curves?x=step&to=1":         `400 from: want a number, got ""`,
		"/api/v1/studies/demo/curves?x=step&from=a&to=b":  `400 from: want a number, got "a"`,
		"/events?after=x":                                 `400 after: want a sequence number, got "x"`,
		"/events?after=-1":                                `400 after: want a sequence number, got "-1"`,
		"/assets/old/nothing.js":                          `404 There is no asset "nothing.js".`,
		"/models/resnet18?level=0":                        `400 level: want a whole number from 1 to 8, or all, got "0"`,
		"/models/resnet18?level=9":                        `400 level: want a whole number from 1 to 8, or all, got "9"`,
		"/models/resnet18?level=8":                        "200 ",
		"/models?sort=nothing": `400 sort: want one of model, family, year, input, weight_layers, parameters, macs, top1_accuracy, data, runs, source, paper, ` +
			`got "nothing"`,
		"/models?on=imagenet21k": `400 on: want one of ImageNet, CIFAR-10, CIFAR-100, got "imagenet21k"`,
	} {
		code, header, body := get(t, s, withIDs(m, path))
		if got := fmt.Sprint(code, " ", told(body)); got != want {
			t.Errorf("GET %.80s:\n got %q\nwant %q", path, got, want)
		}
		if id := header.Get("X-Request-Id"); id == "" || code >= 400 && !strings.Contains(body, id) {
			t.Errorf("GET %.80s: the answer does not tell the id of the request, %q", path, id)
		}
	}
	if got := withQuery(&url.URL{Path: "/runs", RawQuery: "q=a&format=csv&from=3"}, "sort", "x"); got != "/runs?from=3&q=a&sort=x" {
		t.Errorf("with one parameter more: %s", got)
	}
}
