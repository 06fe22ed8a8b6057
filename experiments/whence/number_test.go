package whence

import (
	"fmt"
	"strings"
	"testing"
)

func TestNumbersOfALine(t *testing.T) {
	for line, want := range map[string]string{
		`Plain & 18 & $91.25 \pm 0.31$ & \textbf{+1.2} \\`: "18 91.25 0.31 +1.2",
		`resnet20 is a 3x3 network, resnet-56 too`:         "",
		`version 1.2.3 of 2026`:                            "2026",
		`91.25% of 12 % and 7\% 0.5`:                       "91.25% 12 % 7\\% 0.5",
		`p = 3.1e-4, −0.20 or -.5 or – 3`:                  "3.1e-4 −0.20 -.5 3",
		`272,474 parameters, 1,2,3`:                        "272,474 1 2 3",
		`18–34 layers`:                                     "18 34",
		`91.25_{0.3} x_3 91.25_0.3`:                        "91.25 0.3 91.25 0.3",
		``:                                                 "",
		`|0.9125|91|`:                                      "0.9125 91",
		`1e999 and 1e-9`:                                   "1e-9",
	} {
		var got []string
		for _, n := range Numbers(line) {
			got = append(got, n.Text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	if n := len(Numbers(strings.Repeat("1 ", 1000))); n != MostOfALine {
		t.Errorf("%d numbers were read, want %d", n, MostOfALine)
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"91.25": "91.25 ±0.005", "91": "91 ±0.5", "-0.40": "-0.4 ±0.005 signed", "+3e-4": "0.0003 ±5e-05 signed", "12%": "12 ±0.5 %",
		"12 %": "12 ±0.5 %", "1,234.5": "1234.5 ±0.05", ".5": "0.5 ±0.05", "−1": "-1 ±0.5 signed", "1.50E2": "150 ±0.5",
	} {
		n, err := Parse(text)
		got := fmt.Sprintf("%v ±%.4g", n.Value, n.Half)
		if n.Percent {
			got += " %"
		}
		if n.Signed {
			got += " signed"
		}
		if err != nil || got != want {
			t.Errorf("%s: %s (%v), want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", "1 2", "resnet20", "1.2.3", "table.tex:14", "1e999", "--3", "9 1"} {
		if n, err := Parse(text); err == nil {
			t.Errorf("%q is %+v", text, n)
		}
	}
}

// A value stands for a number if it is written so: both ways of rounding a half count.
func TestStands(t *testing.T) {
	for _, c := range []struct {
		text  string
		value float64
		want  bool
	}{
		{"91.25", 91.254, true}, {"91.25", 91.2549999, true}, {"91.25", 91.256, false}, {"91.25", 91.245, true}, {"91.25", 91.255, true},
		{"91.25", 91.2449, false}, {"0.3", 0.25, true}, {"0.3", 0.35, true}, {"0.3", -0.3, true}, {"+0.3", -0.3, false}, {"-0.3", -0.3, true},
		{"3.1e-4", 0.000314, true}, {"3.1e-4", 0.000316, false}, {"0", 0.4, true}, {"1,234", 1233.6, true},
	} {
		n, err := Parse(c.text)
		if err != nil || n.stands(c.value) != c.want {
			t.Errorf("%v written %s: %t, want %t (%v)", c.value, c.text, n.stands(c.value), c.want, err)
		}
	}
}
