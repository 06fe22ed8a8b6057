package data

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// shade is what the test sets have at a place of a picture. No two of its arguments can be exchanged.
func shade(i, c, y, x int) byte { return byte(i*101 + c*53 + y*7 + x) }

// picture i [channels, side, side] as a set shall have it.
func picture(i, channels, side int) []byte {
	var raw []byte
	for c := range channels {
		for y := range side {
			for x := range side {
				raw = append(raw, shade(i, c, y, x))
			}
		}
	}
	return raw
}

// turned is picture i with rows and columns exchanged.
func turned(i, channels, side int) []byte {
	var raw []byte
	for c := range channels {
		for x := range side {
			for y := range side {
				raw = append(raw, shade(i, c, y, x))
			}
		}
	}
	return raw
}

// records of CIFAR's binary versions: some labels, then the pixels.
func cifarBinary(first int, labels ...[]byte) (raw []byte) {
	for i := range labels[0] {
		for _, l := range labels {
			raw = append(raw, l[i])
		}
		raw = append(raw, picture(first+i, 3, 32)...)
	}
	return raw
}

// cifarPython is the same as Python 2 pickled it.
func cifarPython(first int, keys []string, labels ...[]byte) []byte {
	n := len(labels[0])
	var b bytes.Buffer
	text := func(s string) { fmt.Fprintf(&b, "U%c%s", len(s), s) }
	number := func(v int) { b.Write(binary.LittleEndian.AppendUint32([]byte("J"), uint32(v))) }
	b.WriteString("\x80\x02}(")
	text("batch_label")
	text("training batch 1 of 5")
	text("data")
	b.WriteString("cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01")
	number(n)
	number(3072)
	b.WriteString("\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T")
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(n*3072)))
	for i := range n {
		b.Write(picture(first+i, 3, 32))
	}
	b.WriteString("tb")
	for k, key := range keys {
		text(key)
		b.WriteString("](")
		for _, l := range labels[k] {
			number(int(l))
		}
		b.WriteString("e")
	}
	text("filenames")
	b.WriteString("](")
	text("leptodactylus_pentadactylus_s_000004.png")
	b.WriteString("eu.")
	return b.Bytes()
}

func idxFile(labels []byte, pictures ...[]byte) []byte {
	if labels != nil {
		return append(binary.BigEndian.AppendUint32([]byte{0, 0, 8, 1}, uint32(len(labels))), labels...)
	}
	raw := []byte{0, 0, 8, 3}
	for _, d := range []int{len(pictures), 28, 28} {
		raw = binary.BigEndian.AppendUint32(raw, uint32(d))
	}
	return append(raw, slices.Concat(pictures...)...)
}

func zipped(raw []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(raw)
	_ = z.Close()
	return b.Bytes()
}

// tarred is a .tar.gz of files by name, in the order of the names.
func tarred(t *testing.T, files map[string][]byte, order ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	a := tar.NewWriter(&b)
	for _, name := range order {
		must(t, a.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(files[name])), Typeflag: tar.TypeReg}))
		_, err := a.Write(files[name])
		must(t, err)
	}
	must(t, a.Close())
	return zipped(b.Bytes())
}

func zipOf(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	a := zip.NewWriter(&b)
	for name, raw := range files {
		w, err := a.Create(name)
		must(t, err)
		_, err = w.Write(raw)
		must(t, err)
	}
	must(t, a.Close())
	return b.Bytes()
}

// matFile is a MATLAB file with the compressed variables y and X of Street View House Numbers.
func matFile(labels []byte, first int) []byte {
	element := func(kind uint32, body []byte) []byte {
		raw := binary.LittleEndian.AppendUint32(nil, kind)
		raw = binary.LittleEndian.AppendUint32(raw, uint32(len(body)))
		return append(append(raw, body...), make([]byte, -len(body)&7)...)
	}
	variable := func(name string, class byte, dims []int, body []byte) []byte {
		var shape []byte
		for _, d := range dims {
			shape = binary.LittleEndian.AppendUint32(shape, uint32(d))
		}
		matrix := element(14, slices.Concat(element(6, []byte{class, 0, 0, 0, 0, 0, 0, 0}), element(5, shape), element(1, []byte(name)),
			element(2, body)))
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		_, _ = z.Write(matrix)
		_ = z.Close()
		return append(binary.LittleEndian.AppendUint32([]byte{15, 0, 0, 0}, uint32(b.Len())), b.Bytes()...)
	}
	var pixels []byte
	for i := range labels {
		pixels = append(pixels, turned(first+i, 3, 32)...)
	}
	head := []byte("MATLAB 5.0 MAT-file, Platform: GLNXA64" + strings.Repeat(" ", 86) + "\x00\x01IM")
	return slices.Concat(head, variable("X", 9, []int{32, 32, 3, len(labels)}, pixels), variable("y", 6, []int{len(labels), 1}, labels))
}
