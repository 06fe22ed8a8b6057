package augment

import (
	"encoding/json"
	"os"
	"testing"

	"workbench/experiments/data/raster"
)

// peer is testdata/fixtures.json, which testdata/fixtures.py writes.
type peer struct {
	Pictures []struct {
		Channels, Height, Width int
		Values                  []byte
	}
	Cases []struct {
		Operator  string
		Arguments []float64
		Results   [][]byte // by picture
	}
	Strengths []struct {
		Policy        string
		Height, Width int
		Operators     map[string]struct {
			Signed bool
			Values []float64
		}
	}
	CIFAR10 [][]([]any) `json:"cifar10"`
}

func torchvision(t *testing.T) peer {
	t.Helper()
	text, err := os.ReadFile("testdata/fixtures.json")
	if err != nil {
		t.Fatal(err)
	}
	var p peer
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// operators are those of testdata/fixtures.py by name.
var operators = map[string]func(p *Picture, a []float64){
	"resize": func(p *Picture, a []float64) {
		p.enlarge(raster.Window{Top: int(a[0]), Left: int(a[1]), Height: int(a[2]), Width: int(a[3])})
	},
	"brightness":   func(p *Picture, a []float64) { p.brightness(a[0]) },
	"contrast":     func(p *Picture, a []float64) { p.contrast(a[0]) },
	"saturation":   func(p *Picture, a []float64) { p.saturation(a[0]) },
	"hue":          func(p *Picture, a []float64) { p.hue(a[0]) },
	"grey":         func(p *Picture, a []float64) { p.grey() },
	"blur":         func(p *Picture, a []float64) { p.blur(int(a[0])/2, a[1]) },
	"sharpness":    func(p *Picture, a []float64) { p.sharpness(a[0]) },
	"posterize":    func(p *Picture, a []float64) { p.posterize(int(a[0])) },
	"solarize":     func(p *Picture, a []float64) { p.solarize(a[0]) },
	"invert":       func(p *Picture, a []float64) { p.invert() },
	"autocontrast": func(p *Picture, a []float64) { p.autocontrast() },
	"equalize":     func(p *Picture, a []float64) { p.equalize() },
	"rotate":       func(p *Picture, a []float64) { p.rotate(a[0]) },
	"shear_x":      func(p *Picture, a []float64) { p.shearX(a[0]) },
	"shear_y":      func(p *Picture, a []float64) { p.shearY(a[0]) },
	"translate_x":  func(p *Picture, a []float64) { p.translateX(a[0]) },
	"translate_y":  func(p *Picture, a []float64) { p.translateY(a[0]) },
}

// Every operator is torchvision's within one grey level, at every strength that was asked for.
func TestOperatorsAreTorchvisions(t *testing.T) {
	want, seen := torchvision(t), map[string]bool{}
	for _, c := range want.Cases {
		operate, known := operators[c.Operator]
		if !known {
			t.Errorf("no operator %s", c.Operator)
			continue
		}
		seen[c.Operator] = true
		for i, result := range c.Results {
			picture := want.Pictures[i]
			p := NewPicture(Size{picture.Channels, picture.Height, picture.Width})
			copy(p.Values, picture.Values)
			operate(&p, c.Arguments)
			far, most := 0, 0
			for k, v := range p.Values {
				off := max(int(v), int(result[k])) - min(int(v), int(result[k]))
				most = max(most, off)
				if off > 1 {
					far++
				}
			}
			if far > 0 {
				t.Errorf("%s%v of picture %d: %d of %d levels differ by more than 1, at most by %d",
					c.Operator, c.Arguments, i, far, len(result), most)
			}
		}
	}
	if len(seen) != len(operators) {
		t.Errorf("the file has %d operators, want all %d", len(seen), len(operators))
	}
}
