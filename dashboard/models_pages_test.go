package dashboard

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"workbench/nn"
	"workbench/nn/zoo"
)

func TestModelPage(t *testing.T) {
	m := degradation("demo", 0, 1, 2)
	s := serverOf(t, m)
	wantPage(t, s, "/models/resnet18", 200, "11\u202f689\u202f512", "1\u202f814\u202f073\u202f344",
		"He, Zhang, Ren, Sun", "layer4.1", `class="figure"`,
		"3×3 conv, 64, BN, ReLU", `<b>level 2 (14)</b>`, "workbench describe resnet18", "95.5 %", `name="shortcut"`,
		`href="/models/resnet18/diagram.svg"`)
	wantPage(t, s, "/models/resnet18?shortcut=none&input=1x64x64&classes=10&level=1", 200, "3 changed", "1×64×64",
		"workbench describe resnet18 shortcut=none --input 1x64x64 --classes 10", `name="a.shortcut" value="none"`,
		`value="1x64x64"`, "<b>level 1")
	wantPage(t, s, "/models/resnet20_cifar", 200, "6 runs are done, at best ", "% on shapes")
	wantPage(t, s, "/models/googlenet_aux", 200, "In training alone", "training only")
	body := wantPage(t, s, "/models/densenet201?level=all", 200, "more. <a", "rows=all")
	if n := strings.Count(body, `<th scope="row"`); n < layersAtOnce || n > layersAtOnce+20 {
		t.Errorf("%d rows, want those of %d layers and the shares", n, layersAtOnce)
	}
	if all := wantPage(t, s, "/models/densenet201?level=all&rows=all", 200); strings.Contains(all, "more. <a") || len(all) < len(body) {
		t.Error("rows=all leaves layers out")
	}
}

func TestBubbles(t *testing.T) {
	s := serverOf(t, degradation("demo", 0))
	body := wantPage(t, s, "/models", 200, `class="bubble k`, "<title>resnet18: 69.57 % (", "<title>vgg16: 71.59 % (",
		"networks have no published top-1 accuracy on ImageNet by 1 crop and are left out", "all measured alike: 1 crop",
		`href="/models?on=CIFAR-10"`, `href="/models/bubbles.svg"`, "69.57")
	circles := strings.Count(body, "<title>") - 2 // the page's and the figure's
	left := len(zoo.Names()) - circles
	if !strings.Contains(body, fmt.Sprintf("%d of %d networks have no", left, len(zoo.Names()))) {
		t.Errorf("%d bubbles, but the page does not say that %d networks are left out", circles, left)
	}
	height := func(name string) float64 {
		m := regexp.MustCompile(`cy="([0-9.]+)" r="[0-9.]+"><title>` + name + `: `).FindStringSubmatch(body)
		if m == nil {
			t.Fatalf("no bubble of %s", name)
		}
		y, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return y
	}
	if !(height("resnet152") < height("resnet50") && height("resnet50") < height("resnet18")) {
		t.Error("a more accurate network is not further up")
	}
	wantPage(t, s, "/models?on=CIFAR-10&family=ResNet-CIFAR&protocol=45,000+training+images", 200, "<title>resnet110_cifar: 9",
		"top-1 accuracy on CIFAR-10, 45,000 training images")
	wantPage(t, s, "/models?protocol=seven", 400, "protocol: want one of 1 crop; ")
	if body := wantPage(t, s, "/models?family=Plain-CIFAR", 200, "left out"); strings.Contains(body, "bubble k") {
		t.Error("plain networks for small images have bubbles")
	}
	if body := wantPage(t, s, "/models/bubbles.svg?family=VGG", 200, "vgg16_bn"); strings.Contains(body, "<a ") ||
		strings.Contains(body, "resnet") {
		t.Error("the exported figure has links, or more than was asked for")
	}
	wantPage(t, s, "/models?on=imagenet21k", 400, "on: want one of ImageNet, CIFAR-10, CIFAR-100")
	wantPage(t, s, "/models/resnet18", 200, "Published accuracies", "69.57", `class="baseline"`)
	names, rows := modelNames(t, s, "sort=-top1_accuracy")
	if rows[0]["top1_accuracy"].(float64) < 90 {
		t.Errorf("%s is the best with %v", names[0], rows[0]["top1_accuracy"])
	}
}

// A chart never has what was measured in different ways, and every accuracy is in one.
func TestBubblesAreMeasuredAlike(t *testing.T) {
	s := serverOf(t, degradation("demo", 0))
	rows, err := s.modelRows(request{Request: httptest.NewRequest("GET", "/models", nil)})
	if err != nil {
		t.Fatal(err)
	}
	names, count := protocolsOn(rows, "ImageNet")
	if names[0] != "1 crop" || !slices.Contains(names, "10 crops") || count["1 crop"] < 80 || count["10 crops"] < 8 {
		t.Errorf("protocols on ImageNet: %v %v", names, count)
	}
	for _, data := range publishedData() {
		names, _ := protocolsOn(rows, data)
		for _, protocol := range names {
			c, err := chartOfModels(rows, &url.URL{Path: "/models", RawQuery: url.Values{"on": {data}, "protocol": {protocol}}.Encode()}, true)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range rows {
				p, found := publishedOn(m.Variant, data, protocol)
				if found != strings.Contains(string(c.Figure), "<title>"+m.Variant.Name+": ") {
					t.Errorf("%s on %s by %s: published %v, drawn otherwise", m.Variant.Name, data, protocol, found)
				}
				if many := strings.Contains(p.Evaluation, "crops"); found && many != strings.Contains(protocol, "crops") {
					t.Errorf("%s: %q is drawn as %s", m.Variant.Name, p.Evaluation, protocol)
				}
			}
		}
	}
	if _, body, _ := strings.Cut(wantPage(t, s, "/models?on=ImageNet", 200), "bubbles"); strings.Contains(body, "<title>resnet18_optA: ") {
		t.Error("an accuracy of ten crops is among those of one")
	}
	for evaluation, want := range map[string]string{"val, 1 crop of 256": "1 crop of 256", "val, 1 crop of 224": "1 crop",
		"val, 144 crops":             "144 crops",
		"val, 7 networks, 144 crops": "several networks", "val, 1 crop; longer recipe": "another recipe", "val": "not stated"} {
		if got := protocolOf(zoo.Variant{Input: [3]int{3, 224, 224}}, zoo.Published{Evaluation: evaluation}); got != want {
			t.Errorf("%q is %s, want %s", evaluation, got, want)
		}
	}
}

// What says nothing new leaves the address, so that one network has one.
func TestModelAddressesAreShort(t *testing.T) {
	s := serverOf(t, degradation("demo", 0))
	for path, want := range map[string]string{
		"/models/resnet18?shortcut=projection&classes=&level=1": "/models/resnet18?level=1",
		"/models/resnet18?shortcut=none&input=3x224x224":        "/models/resnet18?shortcut=none",
	} {
		code, h, _ := get(t, s, path)
		if code != http.StatusFound || h.Get("Location") != want {
			t.Errorf("GET %s: %d, to %s, want %s", path, code, h.Get("Location"), want)
		}
	}
}

func TestWrongModels(t *testing.T) {
	s := serverOf(t, degradation("demo", 0))
	for _, c := range []struct {
		path string
		code int
		part string
	}{
		{"/models/resnet81", 404, "did you mean resnet"},
		{"/models/resnet81/diagram.svg", 404, "did you mean resnet"},
		{"/models/compare?a=resnet18&b=vgg61", 404, "did you mean vgg"},
		{"/models/resnet18?shortcutt=none", 400, "did you mean shortcut?"},
		{"/models/resnet18?shortcut=nnone", 400, "want one of identity, projection"},
		{"/models/resnet18?width=1.5", 400, "want a whole number from 1 to 4096, got &#34;1.5&#34;"},
		{"/models/resnet18?input=3x0x4", 400, "want channels×height×width"},
		{"/models/resnet18?input=3x99999x4", 400, "each from 1 to 16384"},
		{"/models/resnet18?classes=0", 400, "want a whole number from 1"},
		{"/models/resnet18?shortcut=none&zero_init_last=true", 400, "needs shortcuts, got shortcut=none"},
		{"/models/vgg16?input=3x16x16", 400, "does not fit"},
		{"/models/resnet18?level=0", 400, "level: want a whole number from 1 to 8, or all"},
		{"/models/resnet18?format=pdf", 400, "want one of csv, json, latex, markdown"},
		{"/models/compare?a=resnet18&b=vgg16&b.stem=deep", 400, "vgg16 has no option"},
		{"/models/compare?model=resnet18", 200, "got 1"},
	} {
		code, _, body := get(t, s, c.path)
		if code != c.code || !strings.Contains(body, c.part) {
			t.Errorf("GET %s: %d, want %d and %q", c.path, code, c.code, c.part)
		}
		if strings.HasPrefix(c.path, "/models/resnet18?") && strings.Contains(body, "<form") && !strings.Contains(body, `id="switch-shortcut"`) {
			t.Errorf("GET %s: the form is gone", c.path)
		}
	}
	wantPage(t, s, "/models/resnet18?shortcut=nnone&width=7", 400, `aria-invalid="true"`, `value="7"`, `class="problem"`)
	wantPage(t, s, "/api/v1/models/resnet18?shortcut=nnone", 400, `"error":"shortcut: want one of`)
	for _, path := range []string{
		"/models/%3Cscript%3E", "/models?q=%22%3E%3Cscript%3E", "/models/resnet18?input=%22%3E%3Cscript%3E",
		"/models/compare?a=%3Cscript%3E&b=vgg16",
	} {
		if _, _, body := get(t, s, path); strings.Contains(body, "<script>") {
			t.Errorf("GET %s: markup gets into the page", path)
		}
	}
}

func TestModelsInJSON(t *testing.T) {
	s := serverOf(t, degradation("demo", 0))
	var list struct{ Models []apiModelInfo }
	if err := json.Unmarshal([]byte(wantPage(t, s, "/api/v1/models?family=VGG&sort=-parameters", 200)), &list); err != nil ||
		len(list.Models) == 0 || list.Models[0].Name != "vgg19_bn" {
		t.Errorf("%v, %+v", err, list)
	}
	var one struct {
		Model struct {
			Name     string
			Params   int64 `json:"parameters"`
			MACs     int64
			Settings map[string]any
			Summary  nn.Summary
			Shares   []nn.Share
		}
	}
	if err := json.Unmarshal([]byte(wantPage(t, s, "/api/v1/models/resnet18?shortcut=none&level=2", 200)), &one); err != nil {
		t.Fatal(err)
	}
	if m := one.Model; m.Name != "resnet18" || m.Settings["shortcut"] != "none" ||
		m.Params != 11515688 || len(m.Summary.Layers) != 14 || len(m.Shares) < 4 {
		t.Errorf("%+v", one.Model)
	}
	for _, path := range []string{
		"/models/resnet18?format=csv&level=all", "/models/compare?a=resnet18&b=vgg16&format=csv", "/models?format=csv",
	} {
		records, err := csv.NewReader(strings.NewReader(wantPage(t, s, path, 200))).ReadAll()
		if err != nil || len(records) < 10 {
			t.Errorf("GET %s: %v, %d rows", path, err, len(records))
		}
	}
}

func TestTwoModels(t *testing.T) {
	s := serverOf(t, degradation("demo", 0))
	wantPage(t, s, "/models/compare", 200, `name="a"`, `name="b"`)
	wantPage(t, s, "/models/compare?a=resnet18&a.shortcut=none&b=vgg16&level=2", 200, "<code>shortcut=none</code>",
		`href="/models/resnet18?shortcut=none"`,
		"Ratio", "classifier.0", "layer4.1", "b=resnet18", "b.shortcut=none", "workbench describe resnet18 shortcut=none --diff vgg16")
	code, h, _ := get(t, s, "/models/compare?model=vgg16&model=alexnet")
	if want := "/models/compare?a=vgg16&b=alexnet"; code != http.StatusFound || h.Get("Location") != want {
		t.Errorf("%d, to %s, want %s", code, h.Get("Location"), want)
	}
}

func TestAlign(t *testing.T) {
	layers := func(strides ...int) []nn.Layer {
		list := make([]nn.Layer, len(strides))
		for i, s := range strides {
			list[i] = nn.Layer{Path: fmt.Sprint(i), Jump: [2]int{s, s}}
		}
		return list
	}
	for _, c := range []struct {
		a, b []nn.Layer
		want string
	}{
		{layers(2, 2, 4), layers(2, 4, 4), "0:0 1:- 2:1 -:2"},
		{layers(1, 2, 8), layers(2, 4, 8), "0:- 1:0 -:1 2:2"},
		{layers(1), nil, "0:-"},
		{nil, nil, ""},
	} {
		var got []string
		for _, pair := range align(c.a, c.b) {
			text := [2]string{"-", "-"}
			for i, l := range pair {
				if l != nil {
					text[i] = l.Path
				}
			}
			got = append(got, text[0]+":"+text[1])
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("got %s, want %s", s, c.want)
		}
	}
}

// The parameters of a page and the switches of a network share an address.
func TestNoSwitchHasAReservedName(t *testing.T) {
	for _, name := range zoo.Names() {
		v, err := zoo.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range v.Options {
			if slices.Contains(append([]string{"input", "classes"}, reserved...), o.Name) {
				t.Errorf("%s has an option %s, which the dashboard uses itself", name, o.Name)
			}
		}
	}
	if _, err := zoo.Lookup("compare"); err == nil {
		t.Error("a network is named compare, which is a page")
	}
}

func TestCatalogueForgets(t *testing.T) {
	c := newCatalogue()
	d, err := published("resnet20_cifar")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 2 * mostKept {
		group.Go(func() {
			one := d
			one.Classes = 2 + i
			if s, err := c.describe(context.Background(), one); err != nil || s.Layers[len(s.Layers)-1].Out[0] != one.Classes {
				t.Errorf("%d classes: %v", one.Classes, err)
			}
		})
	}
	group.Wait()
	if len(c.kept) != mostKept || len(c.order) != mostKept {
		t.Errorf("%d networks are kept, %d in order, want %d", len(c.kept), len(c.order), mostKept)
	}
	c.turn <- struct{}{}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d.Classes = 1000
	if _, err := c.describe(ctx, d); err != context.Canceled {
		t.Errorf("a reader who has left waits: %v", err)
	}
}
