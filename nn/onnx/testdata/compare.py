"""Runs ONNX files of the workbench in onnxruntime. Needs Python with onnx and onnxruntime.

    compare.py run FOLDER NAME    checks NAME.onnx, runs it on "image" of NAME.safetensors, one image and all, and prints as JSON
                                  by number of images how far the result is from its "logits", relative to the largest of them
    compare.py record FOLDER FILE what every NAME.onnx of the folder answers to "image" of NAME.safetensors, as "NAME/1" for the
                                  first image and "NAME/N" for all N; the metadata have the SHA-256 of each file
    compare.py schema FILE        the protobuf schema that the ONNX project publishes with its Python package, as a
                                  FileDescriptorProto

A file must pass onnx's checker, have a first axis "batch" in its input and output, and state for every value the shape that
onnx infers from the operators alone.
"""
import hashlib
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime


def tensors(path):
    """Those of a safetensors file, all float32."""
    data = pathlib.Path(path).read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    header.pop("__metadata__", None)
    return {name: np.frombuffer(data[begin + e["data_offsets"][0]:begin + e["data_offsets"][1]], "<f4").reshape(e["shape"])
            for name, e in header.items()}


def shape(info):
    return [d.dim_param or d.dim_value for d in info.type.tensor_type.shape.dim]


def check(path):
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load(path)
    stated = {v.name: shape(v) for v in [*model.graph.value_info, *model.graph.output]}
    for v in [*model.graph.input, *model.graph.output]:
        assert shape(v)[0] == "batch", f"{v.name} is {shape(v)}"
    del model.graph.value_info[:]
    tensors = list(model.graph.initializer)
    del model.graph.initializer[:]
    for t in tensors:
        if t.data_type == onnx.TensorProto.FLOAT:  # their shapes are enough, and protobuf copies slowly
            model.graph.input.append(onnx.helper.make_tensor_value_info(t.name, t.data_type, t.dims))
        else:
            model.graph.initializer.append(t)
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    found = {v.name: shape(v) for v in [*inferred.graph.value_info, *inferred.graph.output]}
    for name, want in stated.items():
        assert found[name] == want, f"{name} is stated as {want}, onnx infers {found[name]}"


def run(path, image):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return {n: session.run(["logits"], {"image": image[:n]})[0] for n in (1, len(image))}


def save(path, arrays, metadata):
    """A safetensors file of float32."""
    header, at = {"__metadata__": metadata}, 0
    for name, a in arrays.items():
        header[name] = {"dtype": "F32", "shape": list(a.shape), "data_offsets": [at, at + a.nbytes]}
        at += a.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(len(text).to_bytes(8, "little") + text + b"".join(a.astype("<f4").tobytes() for a in arrays.values()))


def compare(folder, name):
    path = pathlib.Path(folder, name + ".onnx")
    check(path)
    want = tensors(path.with_suffix(".safetensors"))
    answers = run(path, want["image"])
    return {n: float(np.abs(got - want["logits"][:n]).max() / np.abs(want["logits"]).max()) for n, got in answers.items()}


def record(folder, file):
    arrays, metadata = {}, {"made by": f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}"}
    for path in sorted(pathlib.Path(folder).glob("*.onnx")):
        metadata[path.stem] = hashlib.sha256(path.read_bytes()).hexdigest()
        for n, answer in run(path, tensors(path.with_suffix(".safetensors"))["image"]).items():
            arrays[f"{path.stem}/{n}"] = answer
    save(file, arrays, metadata)


def main(command, *args):
    if command == "run":
        print(json.dumps(compare(*args)))
    elif command == "record":
        record(*args)
    elif command == "schema":
        pathlib.Path(args[0]).write_bytes(onnx.onnx_ml_pb2.DESCRIPTOR.serialized_pb)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) > 1 else sys.exit(__doc__)
