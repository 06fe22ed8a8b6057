package weights

import (
	"bytes"
	"strings"
)

// sniffed is how many bytes at the beginning of a file are looked at to find out what it is.
const sniffed = 4096

// convert tells how PyTorch's own files become safetensors.
const convert = `; in Python: safetensors.torch.save_file(torch.load(FILE, map_location="cpu", weights_only=True), "net.safetensors")`

// signatures are the beginnings of files that come in the place of safetensors, and what such a file is. The first that
// fits counts.
var signatures = []struct{ begins, is string }{
	{"version https://git-lfs", "a Git LFS pointer, which stands for the file: git lfs pull fetches that"},
	{"\x80\x02", "pickled by PyTorch or Python (.pth, .pt, .pkl)" + convert},
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
		return "the index of a file in several parts, which are not read one by one; in Python: safetensors.torch.save_file" +
			`({k: v for part in PARTS for k, v in safetensors.torch.load_file(part).items()}, "net.safetensors")`
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		return "JSON or other text"
	case len(head) > 8 && string(head[4:8]) == "TFL3":
		return "a TensorFlow Lite file"
	case len(head) > 3 && head[0] == 8 && head[1] < 32 && head[2] == 0x12: // ir_version, then the producer's name
		return "an ONNX file: networks are written as ONNX, and weights are read from safetensors"
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return "a tar archive: tar -xf unpacks it"
	case len(head) >= 8 && len(bytes.Trim(head, "\x00")) == 0:
		return "full of zeros where it should begin: it was not written or downloaded to its end"
	}
	return ""
}

// archive says what a zip file is whose beginning has the parts that has knows.
func archive(has func(part string) bool) string {
	switch {
	case has("data.pkl"):
		return "a file of PyTorch's (.pth, .pt)" + convert
	case has(".npy"):
		return "an archive of NumPy's arrays (.npz)"
	case has(".weights.h5"):
		return "a network of Keras's (.keras)"
	}
	return "a zip archive: unzip unpacks it"
}
