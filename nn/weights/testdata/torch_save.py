"""Writes small files as torch.save does, and what they hold, for the tests of reading them.

    torch_save.py ARCHIVE

Adds the files to the zip archive. Each NAME.pth has its tensors in NAME.safetensors, by part and name with a slash between:
numbers with a fraction as float32, others as int64, in row-major order. PyTorch 1.13 (Debian's) writes the files that begin with
"v1_", mostly in the format of before 1.6, and PyTorch 2 those that begin with "v2_", one of them also in big-endian byte order: run
it with both, on no archive at first.
Checkpoints hold things besides tensors that only their programs could make.
"""
import argparse
import collections
import json
import os
import pathlib
import pickle
import struct
import sys
import tempfile
import zipfile

import numpy as np
import torch

VERSION = "v" + torch.__version__.split(".")[0] + "_"
torch.manual_seed(1)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 4, 3, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(4)
        self.layer1 = torch.nn.Sequential(torch.nn.Conv2d(4, 2, 1), torch.nn.ReLU())
        self.fc = torch.nn.Linear(2, 3)

    def forward(self, x):
        return self.fc(self.layer1(self.bn1(self.conv1(x))).mean((2, 3)))


class Scheme(str):
    """A class that no reader has."""


def want(name, tensors):
    """tensors: {(part, name): tensor}"""
    header, data = {}, b""
    for (part, key), t in tensors.items():
        t = t.detach()
        a = t.to(torch.float32).numpy() if t.dtype.is_floating_point else t.to(torch.int64).numpy()
        raw = np.ascontiguousarray(a).astype(a.dtype.newbyteorder("<")).tobytes()
        header[part + "/" + key] = {"dtype": "F32" if t.dtype.is_floating_point else "I64", "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(f"{OUT}/{name}.safetensors", "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def save(name, value, tensors, old=False):
    name = VERSION + name
    torch.save(value, f"{OUT}/{name}.pth", _use_new_zipfile_serialization=not old)
    want(name, tensors)


def flat(part, state):
    return {(part, k): v for k, v in state.items()}


def odd():
    """Tensors that are not simply laid out."""
    big = torch.randn(6, 5, 2)
    return collections.OrderedDict(
        half=torch.tensor([1.5, -0.0, 6e-8, 65504, float("inf"), float("nan")], dtype=torch.float16),
        brain=torch.tensor([1.5, 3e38, -1e-40, float("nan")], dtype=torch.bfloat16),
        double=torch.tensor([1 / 3, 1 + 2**-24, 1 + 2**-24 + 2**-50, 1e300, -1e-46, 5e-324], dtype=torch.float64),
        single=torch.tensor([1 / 3, 1e-45, -0.0]),
        long=torch.tensor([2**62, -1]), int=torch.tensor([-2**31]), short=torch.tensor([-7], dtype=torch.int16),
        char=torch.tensor([-128, 127], dtype=torch.int8), byte=torch.tensor([255], dtype=torch.uint8), bool=torch.tensor([True, False]),
        counter=torch.tensor(12), scalar=torch.tensor(2.5), empty=torch.zeros(0, 4), none_high=torch.zeros(3, 0, 2),
        transposed=big.transpose(0, 2), part=big[1:4, ::2, 1], permuted=big.permute(1, 2, 0), shared=big[2], expanded=torch.tensor([[4.0], [5.0]]).expand(2, 3),
        channels_last=torch.randn(2, 3, 2, 2).to(memory_format=torch.channels_last), parameter=torch.nn.Parameter(torch.randn(2)),
        half_turned=torch.randn(3, 2, dtype=torch.float16).t(),
    )


def checkpoint(net, optimizer):
    state = net.state_dict()
    average = {"module." + k: v.clone() + 1 for k, v in state.items()}
    tensors = {**flat("state_dict", state), **flat("averages.0", average)}
    value = {
        "epoch": 3, "best": np.float64(0.25), "history": [np.float32(1.5), 2.5], "arch": "net", "scheme": Scheme("odd"), "huge": 10**40, "function": os.path.join,
        "state_dict": state, "averages": [average], "optimizer": optimizer.state_dict(), "args": argparse.Namespace(lr=0.1, path=pathlib.PurePosixPath("a"), kind=dict),
        "types": {torch.float32: torch.Size([1, 2]), "device": torch.device("cpu")}, "random": torch.get_rng_state()[:4], "set": {1, 2}, "self": [],
    }
    value["self"].append(value["self"])
    return value, {**tensors, ("", "random"): value["random"]}


class Keys(pickle.Unpickler):
    """Learns the bytes of the elements of every storage, by its key."""

    def __init__(self, file):
        super().__init__(file)
        self.widths = {}

    def find_class(self, module, name):
        return getattr(torch, name) if name.endswith("Storage") else lambda *rest: collections.OrderedDict()

    def persistent_load(self, id):
        self.widths[id[2]] = torch.empty(0, dtype=id[1].dtype).element_size()


def big_endian(name):
    """Turns the bytes of every number of a zip file round."""
    with zipfile.ZipFile(f"{OUT}/{VERSION}{name}.pth") as a, zipfile.ZipFile(f"{OUT}/{VERSION}{name}_big.pth", "w") as b:
        keys = Keys(a.open(next(n for n in a.namelist() if n.endswith("/data.pkl"))))
        keys.load()
        for record in a.namelist():
            raw, below = a.read(record), record.partition("/")[2]
            if below == "byteorder":
                raw = b"big"
            elif below.startswith("data/") and raw:
                raw = np.frombuffer(raw, np.uint8).reshape(-1, keys.widths[below[5:]])[:, ::-1].tobytes()
            b.writestr(record, raw)


def main():
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
    net(torch.randn(2, 3, 8, 8)).sum().backward()
    optimizer.step()
    net.eval()
    tensors, old = odd(), VERSION == "v1_"
    save("odd_zip", tensors, flat("", tensors))
    if old:
        save("odd_stream", tensors, flat("", tensors), old)
    save("checkpoint", *checkpoint(net, optimizer), old)
    save("module", net, flat("", net.state_dict()), old)
    if not old:
        torch.jit.script(net).save(f"{OUT}/{VERSION}script.pth")
        want(VERSION + "script", flat("", net.state_dict()))
        big_endian("odd_zip")
        want("v2_odd_zip_big", flat("", torch.load(f"{OUT}/v2_odd_zip.pth")))


with tempfile.TemporaryDirectory() as OUT:
    main()
    with zipfile.ZipFile(sys.argv[1], "a", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(os.listdir(OUT)):
            archive.write(f"{OUT}/{file}", file)
