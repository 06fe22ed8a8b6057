package weights

import (
	"bytes"
	"os"
	"slices"
	"strings"
)

// sniffed is how many bytes at the beginning of a file are looked at to find out what it is.
const sniffed = 4096

// convert tells how objects that Python has stored become safetensors.
const convert = ` without torch.save; in Python: safetensors.torch.save_file(TENSORS BY NAME, "net.safetensors")`

// tensorflow tells how TensorFlow's weights come here.
const tensorflow = "; save them as safetensors by PyTorch's names, with kernels [h, w, i, o] turned to [o, i, h, w]"

// tables end like this (LevelDB's), of which TensorFlow makes its checkpoints' indexes.
const tables = "\x57\xfb\x80\x8b\x24\x75\x47\xdb"

// isIndex is what foreign says of the index of a file in several parts.
const isIndex = "an index"

// signatures are the beginnings of files that come in the place of safetensors, and what such a file is. The first that
// fits counts.
var signatures = []struct{ begins, is string }{
	{"version https://git-lfs", "a Git LFS pointer, which stands for the file: git lfs pull fetches that"},
	{"\x80\x02", "pickled by Python" + convert},
	{"\x80\x03", "pickled by Python" + convert},
	{"\x80\x04", "pickled by Python" + convert},
	{"\x80\x05", "pickled by Python" + convert},
	{"\x1f\x8b", "compressed: gunzip unpacks it"},
	{"BZh", "compressed: bunzip2 unpacks it"},
	{"\xfd7zXZ\x00", "compressed: unxz unpacks it"},
	{"\x28\xb5\x2f\xfd", "compressed: zstd -d unpacks it"},
	{"\x89HDF\r\n", "an HDF5 file, such as Keras writes (.h5)"},
	{"\x93NUMPY", "an array of NumPy's (.npy)"},
	{"GGUF", "a GGUF file"},
	{"MATLAB 5.0 MAT-file", "a MATLAB file (.mat)"},
	{"model_checkpoint_path:", "the list of a TensorFlow checkpoint's files" + tensorflow},
	{"SQLite format 3\x00", "an SQLite database; workbench export takes the weights of a run out of workbench's"},
}

// foreign says what the file is that begins with head and is no safetensors file; "" if that is unknown.
func foreign(head []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.begins)) {
			return s.is
		}
	}
	has := func(part string) bool { return bytes.Contains(head, []byte(part)) }
	text := strings.ToLower(string(bytes.TrimLeft(head[:min(len(head), 512)], "\xef\xbb\xbf \t\r\n")))
	switch {
	case strings.HasPrefix(text, "<"):
		return "a web page or other XML: what was downloaded is not the file"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return archive(has)
	case strings.HasPrefix(text, "{") && has(`"weight_map"`):
		return isIndex
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		return "JSON or other text"
	case len(head) > 8 && string(head[4:8]) == "TFL3":
		return "a TensorFlow Lite file"
	case len(head) > 5 && strings.HasPrefix(string(head), "\x08\x01\x12") && head[3] >= 0x80: // one long MetaGraphDef
		return "a TensorFlow SavedModel (.pb)" + tensorflow
	case len(head) > 2 && head[0] > 0x80 && head[0] <= 0x8f && head[1] > 0xa0 && head[1] <= 0xbf && printable(head[2:], int(head[1]&0x1f)):
		return "a MessagePack file, such as Flax writes (.msgpack)" + tensorflow
	case len(head) > 3 && head[0] == 8 && head[1] < 32 && head[2] == 0x12: // ir_version, then the producer's name
		return "an ONNX file: networks are written as ONNX, and weights are read from safetensors and PyTorch's files"
	case len(head) > 262 && string(head[257:262]) == "ustar":
		if first, _, _ := strings.Cut(string(head[:100]), "\x00"); slices.Contains(torchTar, first) {
			return "a tar archive of PyTorch's from before 2018: torch.save(torch.load(FILE), \"net.pth\") of PyTorch 1 turns it into a newer one"
		}
		return "a tar archive: tar -xf unpacks it"
	case len(head) >= 8 && len(bytes.Trim(head, "\x00")) == 0:
		return "full of zeros where it should begin: it was not written or downloaded to its end"
	}
	return ""
}

// torchTar are the records of PyTorch's first files.
var torchTar = []string{"sys_info", "pickle", "storages", "tensors"}

// printable tells whether the first n bytes are a name.
func printable(b []byte, n int) bool {
	for _, c := range b[:min(n, len(b))] {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return n <= len(b)
}

// inside tells which files of weights a folder holds.
func inside(folder string) string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return ""
	}
	var found []string
	for _, e := range entries {
		for _, ending := range []string{".index.json", ".safetensors", ".pth", ".pt", ".bin"} {
			if strings.HasSuffix(e.Name(), ending) && len(found) < listed {
				found = append(found, e.Name())
			}
		}
	}
	if len(found) == 0 {
		return ""
	}
	return " (with " + strings.Join(found, ", ") + " in it)"
}

// archive says what a zip file is whose beginning has the parts that has knows.
func archive(has func(part string) bool) string {
	switch {
	case has(".npy"):
		return "an archive of NumPy's arrays (.npz)"
	case has(".weights.h5"):
		return "a network of Keras's (.keras)"
	}
	return "a zip archive: unzip unpacks it"
}
