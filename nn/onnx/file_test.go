package onnx_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"workbench/nn/onnx"
)

// read decodes a file by the schema that the ONNX project publishes. It is in testdata/onnx-ml.binpb, which
// testdata/compare.py took from ONNX's Python package.
func read(t *testing.T, path string) protoreflect.Message {
	t.Helper()
	text, err := os.ReadFile("testdata/onnx-ml.binpb")
	if err != nil {
		t.Fatal(err)
	}
	var schema descriptorpb.FileDescriptorProto
	if err := proto.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	types, err := protodesc.NewFile(&schema, nil)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	model := dynamicpb.NewMessage(types.Messages().ByName("ModelProto"))
	if err := proto.Unmarshal(file, model); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return model
}

// at follows field names from m. A number picks an element of the repeated field before it.
func at(t *testing.T, m protoreflect.Message, names ...string) protoreflect.Value {
	t.Helper()
	v := protoreflect.ValueOfMessage(m)
	for _, name := range names {
		field := v.Message().Descriptor().Fields().ByName(protoreflect.Name(name))
		if field == nil {
			t.Fatalf("%s has no field %s", v.Message().Descriptor().Name(), name)
		}
		v = v.Message().Get(field)
	}
	return v
}

// each calls f for the messages of a repeated field.
func each(t *testing.T, m protoreflect.Message, field string, f func(protoreflect.Message)) {
	t.Helper()
	list := at(t, m, field).List()
	for i := range list.Len() {
		f(list.Get(i).Message())
	}
}

// unknown lists the messages with fields that the schema does not have.
func unknown(m protoreflect.Message) (found []string) {
	if len(m.GetUnknown()) > 0 {
		found = append(found, string(m.Descriptor().Name()))
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Kind() != protoreflect.MessageKind:
		case f.IsList():
			for i := range v.List().Len() {
				found = append(found, unknown(v.List().Get(i).Message())...)
			}
		default:
			found = append(found, unknown(v.Message())...)
		}
		return true
	})
	return found
}

func TestFilesFollowTheSchema(t *testing.T) {
	for _, n := range tinies() {
		path, _ := n.save(t, t.TempDir())
		model := read(t, path)
		if found := unknown(model); found != nil {
			t.Errorf("%s: the schema lacks fields of %v", n.name, found)
		}
		g := n.graph(t)
		graph := at(t, model, "graph").Message()
		if got := at(t, graph, "node").List().Len(); got != g.Nodes() {
			t.Errorf("%s: the file has %d nodes, want %d", n.name, got, g.Nodes())
		}
		weights := map[string]int{}
		each(t, graph, "initializer", func(m protoreflect.Message) {
			weights[at(t, m, "name").String()] = len(at(t, m, "raw_data").Bytes())
		})
		for _, p := range g.Params() {
			if weights[p.Path] != 4*p.Shape.Size() {
				t.Errorf("%s: %s %v has %d bytes", n.name, p.Path, p.Shape, weights[p.Path])
			}
		}
	}
}

func TestFileSaysWhatItIs(t *testing.T) {
	path, _ := tinies()[0].save(t, t.TempDir())
	model := read(t, path)
	for _, want := range []struct {
		field string
		value any
	}{{"ir_version", int64(8)}, {"producer_name", "workbench"}, {"producer_version", "test"}, {"doc_string", "for tests"}} {
		if got := at(t, model, want.field).Interface(); got != want.value {
			t.Errorf("%s is %v, want %v", want.field, got, want.value)
		}
	}
	each(t, model, "opset_import", func(m protoreflect.Message) {
		if domain, v := at(t, m, "domain").String(), at(t, m, "version").Int(); domain != "" || v != onnx.Opset {
			t.Errorf("the file imports opset %d of %q, want %d", v, domain, onnx.Opset)
		}
	})
	var metadata []string
	each(t, model, "metadata_props", func(m protoreflect.Message) {
		metadata = append(metadata, at(t, m, "key").String()+"="+at(t, m, "value").String())
	})
	if want := []string{"kind=tiny", "model=convolutions"}; !slices.Equal(metadata, want) {
		t.Errorf("the metadata are %v, want %v", metadata, want)
	}
	graph := at(t, model, "graph").Message()
	if got := at(t, graph, "name").String(); got != "convolutions" {
		t.Errorf("the graph is named %q", got)
	}
	for field, want := range map[string]string{"input": "image batch 4 7 6 (noise)", "output": "logits batch 388 (before softmax)"} {
		each(t, graph, field, func(m protoreflect.Message) {
			if got := declared(t, m); got != want {
				t.Errorf("the %s is %q, want %q", field, got, want)
			}
		})
	}
}

// declared returns a value's name, its axes and what is said of it.
func declared(t *testing.T, m protoreflect.Message) string {
	words := []string{at(t, m, "name").String()}
	tensor := at(t, m, "type", "tensor_type").Message()
	if kind := at(t, tensor, "elem_type").Int(); kind != 1 {
		t.Errorf("%s has elements of kind %d, want 1 (FLOAT)", words[0], kind)
	}
	each(t, at(t, tensor, "shape").Message(), "dim", func(m protoreflect.Message) {
		dim := m.WhichOneof(m.Descriptor().Oneofs().ByName("value"))
		words = append(words, m.Get(dim).String())
	})
	return strings.Join(words, " ") + " (" + at(t, m, "doc_string").String() + ")"
}

// These are the attributes of a convolution with stride 2 of 7×6 pixels that is padded as TensorFlow's SAME.
func TestNodesHaveTheirSettings(t *testing.T) {
	path, _ := tinies()[0].save(t, t.TempDir())
	found := false
	each(t, at(t, read(t, path), "graph").Message(), "node", func(m protoreflect.Message) {
		if at(t, m, "name").String() != "same" {
			return
		}
		found = true
		settings := map[string]string{}
		each(t, m, "attribute", func(a protoreflect.Message) {
			list := at(t, a, "ints").List()
			var all []string
			for i := range list.Len() {
				all = append(all, list.Get(i).String())
			}
			settings[at(t, a, "name").String()] = strings.Join(all, " ") + at(t, a, "i").String()
		})
		want := map[string]string{"kernel_shape": "3 30", "strides": "2 20", "pads": "1 0 1 10", "dilations": "1 10", "group": "1"}
		for name, value := range want {
			if settings[name] != value {
				t.Errorf("%s is %q, want %q", name, settings[name], value)
			}
		}
		if got := at(t, m, "op_type").String(); got != "Conv" || len(settings) != len(want) {
			t.Errorf("the node is %s with %v", got, settings)
		}
	})
	if !found {
		t.Error("no node is named same")
	}
}
