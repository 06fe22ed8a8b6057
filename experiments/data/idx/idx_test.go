package idx_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"workbench/experiments/data/idx"
)

const pictures = "\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x03abcdef"

func TestArraysAreRead(t *testing.T) {
	shape, elements, err := idx.Read(iotest.OneByteReader(strings.NewReader(pictures)), []int{0, 1, 3}, 6)
	if err != nil || !slices.Equal(shape, []int{2, 1, 3}) || string(elements) != "abcdef" {
		t.Errorf("got %v, %q, error %v", shape, elements, err)
	}
	shape, elements, err = idx.Read(strings.NewReader("\x00\x00\x08\x01\x00\x00\x00\x00"), []int{0}, 6)
	if err != nil || shape[0] != 0 || len(elements) != 0 {
		t.Errorf("an empty array is %v, %q, error %v", shape, elements, err)
	}
}

func TestArraysNameWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "the head is not complete",
		"\x00\x00\x08":                    "the head is not complete",
		"\x1f\x8b\x08\x03" + pictures[4:]: "it begins with 0x1f8b, want 0x0000",
		"\x00\x00\x0d\x03" + pictures[4:]: "elements of type 0x0d, want 0x08 (bytes)",
		"\x00\x00\x08\x01" + pictures[4:]: "1 dimensions, want 3",
		pictures[:10]:                     "the head is not complete",
		"\x00\x00\x08\x03\xff\xff\xff\xff" + pictures[8:]:                  "dimension 2 is 3: the array would have more than 1000 bytes",
		"\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x02abcd":             "dimension 1 is 2, want 1",
		pictures[:len(pictures)-1]:                                         "it is cut short: 5 bytes of elements, want 6 ([2 1 3])",
		pictures + "g":                                                     "it is too long: more follows the 6 elements [2 1 3]",
		"\x00\x00\x08\x03\x00\x00\x01\x00\x00\x00\x00\x01\x00\x00\x00\x03": "cut short: 0 bytes of elements, want 768",
	} {
		most := int64(1000)
		want0 := 0
		if strings.Contains(text, "\xff\xff\xff\xff") {
			most = 1 << 33 // so that the bound is passed by the last dimension
			want = strings.Replace(want, "1000", "8589934592", 1)
		}
		if _, _, err := idx.Read(strings.NewReader(text), []int{want0, 1, 3}, most); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want %q", text, err, want)
		}
	}
	broken := io.MultiReader(strings.NewReader(pictures), iotest.ErrReader(io.ErrClosedPipe))
	if _, _, err := idx.Read(broken, []int{0, 1, 3}, 6); err != io.ErrClosedPipe {
		t.Errorf("got error %v, want that of the reader", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(pictures))
	f.Add([]byte("\x00\x00\x08\x01\x00\x00\x00\x02ab"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, want := range [][]int{{0}, {0, 1, 3}} {
			shape, elements, err := idx.Read(bytes.NewReader(text), want, 1<<16)
			if err != nil {
				continue
			}
			n := 1
			for _, d := range shape {
				n *= d
			}
			if n != len(elements) || len(elements) > 1<<16 {
				t.Errorf("%v has %d elements", shape, len(elements))
			}
		}
	})
}
