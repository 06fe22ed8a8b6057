package dashboard

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"workbench/nn/zoo"
)

// countedOnce is one catalogue for all tests: counting the zoo takes seconds.
var countedOnce = sync.OnceValue(newCatalogue)

func TestModelsPage(t *testing.T) {
	s := serverOf(t, degradation("demo", 0, 1, 2))
	n := fmt.Sprint(len(zoo.Names()))
	body := wantPage(t, s, "/models", 200, "<b>"+n+"</b> of "+n+" networks", `href="/models/resnet18"`, `title="11`+"\u202f689\u202f"+`512"`,
		"1.81 G", `href="/runs?q=model%3Dresnet20_cifar"`, `aria-current="page">Models`)
	for _, name := range zoo.Names() {
		if !strings.Contains(body, `href="`+modelPath(name)+`"`) {
			t.Errorf("%s is missing", name)
		}
	}
	wantPage(t, s, "/models?q=vgg+bn", 200, "<b>4</b> of "+n, "vgg16_bn")
	wantPage(t, s, "/models?family=VGG&q=16", 200, "vgg16_bn", `<option selected>VGG</option>`)
	wantPage(t, s, "/models?q=no-such-thing", 200, "No network matches", `href="/models"`)
	wantPage(t, s, "/models?sort=depth", 400, "sort: want one of model, family")
}

// modelNames reads the table as JSON.
func modelNames(t *testing.T, s *Server, query string) (names []string, rows []map[string]any) {
	t.Helper()
	var answer struct{ Rows []map[string]any }
	if err := json.Unmarshal([]byte(wantPage(t, s, "/models?format=json&"+query, 200)), &answer); err != nil {
		t.Fatal(err)
	}
	for _, r := range answer.Rows {
		names = append(names, fmt.Sprint(r["model"]))
	}
	return names, answer.Rows
}

func TestModelsAreSorted(t *testing.T) {
	s := serverOf(t, degradation("demo", 0))
	for _, c := range modelColumns {
		up, rows := modelNames(t, s, "sort="+c.key)
		down, _ := modelNames(t, s, "sort="+url.QueryEscape("-"+c.key))
		if len(up) != len(zoo.Names()) || len(down) != len(up) {
			t.Errorf("sorted by %s: %d and %d networks, want %d", c.key, len(up), len(down), len(zoo.Names()))
		}
		last := -1.0
		for _, r := range rows {
			if v, isNumber := r[c.key].(float64); isNumber {
				if v < last {
					t.Errorf("by %s, %v comes after %v", c.key, v, last)
				}
				last = v
			}
		}
	}
	if names, rows := modelNames(t, s, "sort=-parameters&family=ResNet"); names[0] != "resnet152" || rows[0]["parameters"] != 60192808.0 {
		t.Errorf("the largest ResNet is %v", rows[0])
	}
}
