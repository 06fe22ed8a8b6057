package weights_test

import (
	"bytes"
	"cmp"
	"os"
	"slices"
	"strings"
	"testing"

	"workbench/nn/weights"
)

// Whatever the bytes, reading ends without a panic, and an error is short. What is accepted obeys the format: its
// tensors are the file's bytes, each once, and when they are written again they are read as the same. Of a network's
// parameters each is taken once at most, and of the file's tensors, too.
func FuzzRead(f *testing.F) {
	library, err := os.ReadFile("testdata/library.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(library)
	f.Add(file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  `, 8))
	f.Add(file(`{"__metadata__":{"a":"b"},"":{"dtype":"BOOL","shape":[],"data_offsets":[0,1]}}`, 1))
	f.Add(file(`{"a":{"dtype":"F64","shape":[0,18446744073709551615],"data_offsets":[0,0]}}`, 0))
	f.Add(file(entries(3, "module.%d.weight"), 0))
	f.Add(file(`{"module.conv1.weight":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"n_averaged":{"dtype":"I64","shape":[],"data_offsets":[4,12]}}`, 12))
	f.Add([]byte("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"))
	f.Add([]byte("PK\x03\x04 archive/data.pkl"))
	for name, content := range torchFiles(f) {
		if strings.HasSuffix(name, ".pth") {
			f.Add(content)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := read(b)
		if err != nil {
			if len(err.Error()) > 4000 {
				t.Fatalf("the error has %d bytes", len(err.Error()))
			}
			return
		}
		r, err := weights.Compare(got, three(), weights.Options{})
		if err != nil {
			t.Fatal(err)
		}
		stored := map[string]bool{}
		for i, taken := range r.Taken {
			stored[cmp.Or(taken.Tensor.Stored, taken.Tensor.Name)] = true
			if i > 0 && taken.Param == r.Taken[i-1].Param {
				t.Fatalf("%s is taken twice", taken.Param.Path)
			}
		}
		if len(stored) != len(r.Taken) || len(r.String()) > 10_000 {
			t.Fatalf("%d tensors are taken for %d parameters: %s", len(stored), len(r.Taken), r)
		}
		var sum int64
		var tensors []weights.Tensor
		for _, e := range got.Entries {
			sum += e.Bytes()
			values, err := got.Floats(e)
			if err == nil && len(values) != e.Shape.Size() {
				t.Fatalf("%+v has %d values", e, len(values))
			}
			if err == nil {
				tensors = append(tensors, weights.Tensor{Name: e.Name, Shape: e.Shape, Data: values})
			}
		}
		if sum > int64(len(b)) && got.Format == "safetensors" {
			t.Fatalf("the tensors have %d bytes, the file %d", sum, len(b))
		}
		again(t, tensors)
	})
}

func again(t *testing.T, tensors []weights.Tensor) {
	var b bytes.Buffer
	if err := weights.Write(&b, nil, tensors); err != nil {
		t.Fatal(err)
	}
	got, err := read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range tensors {
		e, err := got.Find(want.Name)
		if err != nil {
			t.Fatal(err)
		}
		values, err := got.Floats(e)
		same := func(a, b float32) bool { return a == b || a != a && b != b }
		if err != nil || !e.Shape.Equal(want.Shape) || !slices.EqualFunc(values, want.Data, same) {
			t.Fatalf("%+v, %v, want %+v", e, err, want)
		}
	}
}
