package studyfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// parsed is what an override says: its key with its column, and every value with its type and column.
func parsed(text string) string {
	o, err := parseOverride(text)
	if err == nil {
		err = o.parseValues()
	}
	if err != nil {
		return err.Error()
	}
	said := fmt.Sprintf("%c %s@%d", o.op, o.key, o.column)
	for _, v := range o.values {
		said += fmt.Sprintf(" %T %v@%d", v.value, v.value, v.column)
	}
	if o.sweep {
		said += " sweep"
	}
	return said
}

func TestOverridesAreRead(t *testing.T) {
	for text, want := range map[string]string{
		"a=1":                                "= a@1 int 1@3",
		" a = 1 ":                            "= a@2 int 1@6",
		"\ta=1\t":                            "= a@2 int 1@4",
		"+a.b=x":                             "+ a.b@2 string x@6",
		"++a.b=x":                            "= a.b@3 string x@7",
		"~a.b":                               "~ a.b@2",
		" ~ a.b ":                            "~ a.b@3",
		"a=1,0.5,true,x":                     "= a@1 int 1@3 float64 0.5@5 bool true@9 string x@14 sweep",
		"a= 1 , 2":                           "= a@1 int 1@4 int 2@8 sweep",
		"a=[1, 2 ,x]":                        "= a@1 []interface {} [1 2 x]@3",
		"a=[]":                               "= a@1 []interface {} []@3",
		"a=[ ]":                              "= a@1 []interface {} []@3",
		"a=[1],[2]":                          "= a@1 []interface {} [1]@3 []interface {} [2]@7 sweep",
		"a=['1', \"2\"]":                     "= a@1 []interface {} [1 2]@3",
		"a='1'":                              "= a@1 string 1@3",
		`a=""`:                               "= a@1 string @3",
		`a="x\"y"`:                           `= a@1 string x"y@3`,
		`a="x\\"`:                            `= a@1 string x\@3`,
		`a="x, 'y'"`:                         "= a@1 string x, 'y'@3",
		`a=x\,y`:                             "= a@1 string x,y@3",
		`a=x\ y`:                             "= a@1 string x y@3",
		`a=x\`:                               `= a@1 string x\@3`,
		`a=x\y`:                              `= a@1 string x\y@3`,
		`a=\\`:                               `= a@1 string \@3`,
		"a=x y":                              "= a@1 string x y@3",
		"a=range":                            "= a@1 string range@3",
		"a=choice(1, x)":                     "= a@1 int 1@10 string x@13 sweep",
		"a=choice( 1 )":                      "= a@1 int 1@11 sweep",
		"a=choice([1,2],3),4":                "= a@1 []interface {} [1 2]@10 int 3@16 int 4@19 sweep",
		"a=range(2)":                         "= a@1 int 0@3 int 1@3 sweep",
		"a=range(1,3),7":                     "= a@1 int 1@3 int 2@3 int 7@14 sweep",
		"a= range(5,1,-2)":                   "= a@1 int 5@4 int 3@4 sweep",
		"a=range(5,1,-4)":                    "= a@1 int 5@3 sweep",
		"a=range(0,0.5,0.25)":                "= a@1 float64 0@3 float64 0.25@3 sweep",
		"a=range(1E-1,3E-1,1E-1)":            "= a@1 float64 0.1@3 float64 0.2@3 sweep",
		"a=range(1e-1,3e-1,1e-1)":            "= a@1 float64 0.1@3 float64 0.2@3 sweep",
		"a=range(1e-12,3e-12,1e-12)":         "= a@1 float64 1e-12@3 float64 2e-12@3 sweep",
		"a=range(1e-20,3e-20,1e-20)":         "= a@1 float64 1e-20@3 float64 2e-20@3 sweep",
		"a=range(1.25E-1,3e-1,1e-1)":         "= a@1 float64 0.125@3 float64 0.225@3 sweep",
		"a=range(1.5e3,3e+3,1e3)":            "= a@1 float64 1500@3 float64 2500@3 sweep",
		"a=range(1e-99999999999999999999,2)": "= a@1 float64 0@3 float64 1@3 sweep",
		"a=range(1e-999999,2)":               "= a@1 float64 0@3 float64 1@3 sweep",
		"a=range(0x1p1,4)":                   "want range", // digits of other bases
		"a=range(0X1P1,4)":                   "want range",
		"a=range(1.5)":                       "= a@1 float64 0@3 float64 1@3 sweep",
		"a=range(stop=3,start=1)":            "= a@1 int 1@3 int 2@3 sweep",
		"a=range(1,\u00a03),7":               "= a@1 int 1@3 int 2@3 int 7@15 sweep", // characters are counted
		"a=range(4,step=3)":                  "want range",
		"a=range(1,2,stop=3)":                "want range",
		"a=range(start=3)":                   "want range",
		"a=range(,3)":                        "want range",
		"a=range(0x1,3)":                     "want range",
		"a=range(0_1,3)":                     "want range",
		"a=range(1p1,3)":                     "want range",
		"a=range(2147483648,2147483649)":     "want range",
		"a=range(2147483647,2147483648)":     "= a@1 int 2147483647@3 sweep",
		"a=range(-2147483648,-2147483647)":   "= a@1 int -2147483648@3 sweep",
		"a=range(-2147483649,0)":             "want range",
		"a=range(3,1)":                       "column 3: range(3,1) is empty",
		"a=range(1,3,-1)":                    "column 3: range(1,3,-1) is empty",
		"a=choice(1,2),3)":                   "column 16: ')' needs quotes around the value",
		"a=choice(1,2)3":                     "column 14: want a comma or the end, got '3'",
		"a=choice(1 2":                       "column 13: want a comma or ) in choice(…)",
		"a=choice(1]":                        "column 11: want a comma or ) in choice(…)",
		"a=[1":                               "column 5: want a comma or ] in the list",
		"a=[1,]":                             "column 6: want a value (\"\" for an empty text)",
		"a=1]x":                              "column 4: want a comma or the end, got ']'",
		"a={": "column 3: a group of keys is written in the study's file, not in an override (in " +
			"quotes this is a text)",
		"a=x{y}": "column 4: '{' needs quotes around the value",
		"a=${x}": "column 4: ${…} refers to another key in Hydra, here it is not read: write the value",
		"a=b=c":  "column 4: '=' needs quotes around the value",
		"a=x'y'": "column 4: '\\'' needs quotes around the value",
		"a=010":  "column 3: want a number without leading zeros (YAML reads it in base 8), got 010",
		`a='x`:   "column 3: the quote ' is not closed",
		`a="x\"`: `column 3: the quote " is not closed`,
		`a="x\`:  `column 3: the quote " is not closed`,
		"a":      "column 2: want a=value, got no =",
		"+a":     "column 3: want a=value, got no =",
		"~a=1":   "column 3: ~ drops a key, it takes no value",
		"":       `column 1: want key=value, got ""`,
		"~":      `column 2: want key=value, got "~"`,
		"+=1":    `column 2: want key=value, got "+=1"`,
		"+++a=1": "= +a@3 int 1@6",
	} {
		if want == "want range" {
			want = "column 3: want range(first,end) or range(first,end,step) of numbers, without the end, at most 1000 values"
		}
		if got := parsed(text); got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
	for _, sign := range special { // which a backslash makes a sign as others
		text := "a=x\\" + string(sign) + "y"
		if got, want := parsed(text), "= a@1 string x"+string(sign)+"y@3"; got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
		bare, want := parsed("a=x"+string(sign)+"y"), fmt.Sprintf("column 4: %q needs quotes around the value", sign)
		switch sign {
		case ',':
			want = "= a@1 string x@3 string y@5 sweep"
		case ']':
			want = "column 4: want a comma or the end, got ']'"
		}
		if bare != want {
			t.Errorf("a bare %q: got %s, want %s", sign, bare, want)
		}
	}
	for _, sign := range " \t\r\n,[](){}\"'" {
		text := "a" + string(sign) + "b=1"
		if got, want := parsed(text), fmt.Sprintf("column 1: want key=value, got %q", text); got != want {
			t.Errorf("a key with %q: got %s", sign, got)
		}
	}
}

// An override may have as many values as a factor has levels, however they are written.
func TestOverridesMayReachTheBoundOfLevels(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat("1,", 1000), ",")
	for text, want := range map[string]string{"a=range(0,1000)": "1000", "a=range(0,1001)": "0", "a=" + many: "1000", "a=" + many + ",1": "0",
		"a=range(0,999),1": "1000", "a=range(0,999),1,2": "0"} {
		o, err := parseOverride(text)
		if err == nil {
			err = o.parseValues()
		}
		if got := fmt.Sprint(len(o.values)); got != want || (err == nil) != (want != "0") {
			t.Errorf("%.20s of %d characters: %s values, %v, want %s", text, len(text), got, err, want)
		}
	}
}

// Every function of Hydra's grammar that is not read says what to write in its place.
func TestEveryFunctionOfHydraSaysWhatToWrite(t *testing.T) {
	said := map[string]string{
		"interval":    "a study has no continuous sweeps: write values (0.1,0.2) or range(0.1,0.3,0.1)",
		"glob":        "patterns of names are not read: write the names, such as a,b",
		"sort":        "write the values in the order wanted",
		"shuffle":     "write the values in the order wanted",
		"tag":         "sweeps have no tags: write the values alone",
		"extend_list": "write the whole list, such as [1,2,3]",
		"int":         "write the number itself",
		"float":       "write the number itself",
		"bool":        "write true or false",
		"str":         "write the text in quotes",
		"json_str":    "write the text in quotes",
	}
	for name := range instead {
		if _, is := said[name]; !is {
			t.Errorf("%s is refused besides", name)
		}
	}
	for name, words := range said {
		if got, want := parsed("a="+name+"(1)"), "column 3: "+name+"(…): "+words; got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
		if got, want := parsed("a="+name), "= a@1 string "+name+"@3"; got != want {
			t.Errorf("the word alone: got %s, want %s", got, want)
		}
	}
}

// Seeds are a count, or what is listed; each once, within the bounds.
func TestProblemsOfSeeds(t *testing.T) {
	wanted := func(got string) string {
		return "want a count (5), seeds (1,4,7) or a range (1-5) of whole numbers up to 2^53−1, got " + got
	}
	for text, want := range map[string]string{
		"0":                  `want at least 1 seed, got the count 0 (a comma makes it a seed: "0,")`,
		"x":                  wanted(`"x"`),
		"":                   wanted(`""`),
		"[]":                 wanted(`"[]"`),
		"[ ]":                wanted(`"[ ]"`),
		"[1":                 wanted(`"[1"`),
		"1,,2":               wanted(`""`),
		"1-x":                wanted(`"1-x"`),
		"x-1":                wanted(`"x-1"`),
		"-5":                 wanted(`"-5"`),
		"5-":                 wanted(`"5-"`),
		"1, x":               wanted(`" x"`),
		"5,1000-2000":        `want at most 1000 seeds, got "5,1000-2000"`,
		"1-2-3":              wanted(`"1-2-3"`),
		"9007199254740992,":  wanted(`"9007199254740992"`),
		"3-1":                `want a range that rises, got "3-1"`,
		"1,1":                `seed 1 is given twice in "1,1"`,
		"1-3,2":              `seed 2 is given twice in "1-3,2"`,
		"1001":               `want at most 1000 seeds, got "1-1001"`,
		"5,1000-1999":        `want at most 1000 seeds, got "5,1000-1999"`,
		"1-9007199254740991": `want at most 1000 seeds, got "1-9007199254740991"`,
	} {
		if got, err := ParseSeeds(text); err == nil || err.Error() != want || got != nil {
			t.Errorf("%q: got %v, %v\nwant %s", text, got, err, want)
		}
	}
	for text, want := range map[string]int{"1000": 1000, "5,1000-1998": 1000, "1-999,2000": 1000, "7,": 1} {
		if got, err := ParseSeeds(text); err != nil || len(got) != want {
			t.Errorf("%q: got %d seeds, %v, want %d", text, len(got), err, want)
		}
	}
	for text, want := range map[string][]uint64{"[7]": {7}, "[7,]": {7}, " [ 1 , 4 ] ": {1, 4}, "5-5": {5}, "3-4,1": {3, 4, 1}, "1": {1},
		"0,": {0}, "0-2": {0, 1, 2}, "[2-4]": {2, 3, 4}, "[1 , ]": {1}, " 1 - 3 ,": {1, 2, 3},
		"9007199254740990-9007199254740991": {1<<53 - 2, 1<<53 - 1}} {
		if got, err := ParseSeeds(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
}
