"""Writes what the networks of other libraries (peers.py) answer, for comparison with the zoo's.

    parity.py list                     names of the networks that this Python has the libraries for, a few a line
    parity.py export FOLDER NAME...    weights (NAME.safetensors) and answers (answers.safetensors) at all classes
    parity.py record FILE              answers alone, of the smaller networks at 10 classes

Every weight and pixel is a function of its name and index, the same here and in the test in Go, so that answers can be
recorded without weights. Answers: "NAME/logits" in evaluation mode; for some "NAME/loss" and "NAME/grad/PARAMETER" of the
cross-entropy in training mode, the classes being 0, 1, 2 and so on. What a network is called in the zoo is in the metadata, below
NAME, as JSON. Gradients are computed in float64: in float32, where a ReLU's input is near zero, rounding decides whether it
passes, and DenseNet-121's come out off by a hundredth. Needs torch and torchvision (Debian: python3-torchvision); timm and
pytorchcv (PyPI) for those networks that torchvision has not.
"""
import importlib.util
import json
import struct
import sys

import numpy as np
import torch

from peers import PEERS

RECORDED = """resnet18 resnet50 resnext50_32x4d densenet121 mobilenet_v2 mobilenet_v3_large shufflenet_v2_x1_0 efficientnet_b0
googlenet_torchvision seresnet18 resnest50d_4s2x40d mobilenetv1_100 tf_efficientnet_b0 wrn_16_4 googlenet resnet20_cifar plain20_cifar
resnet20_cifar_optC seresnet20_cifar seresnet20_cifar_pre_preactivation densenet_40_12_cifar wrn_40_1 shufflenet_v1_1x_g3
seresnet20_cifar_max_tanh seresnet20_cifar_avg_relu wrn_b313 resnet20_cifar_b311""".split()
RECORDED_GRADIENTS = ["shufflenet_v2_x1_0"]  # the others take long in float64
GRADIENTS = ["resnet18", "densenet121", "shufflenet_v2_x1_0", "googlenet_aux", "seresnet20_cifar_max_tanh", "resnet20_cifar_b311"]
BATCH = 2
AT_ONCE = 4  # networks of a line of list, whose weights lie beside each other


def uniform(name, shape):
    """Numbers in [0, 1) with 24 bits: splitmix64 (Steele et al. 2014) from the FNV-1a hash of the name."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    z = np.uint64(seed) + np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return ((z >> np.uint64(40)).astype(np.float64) / 2**24).reshape(shape)


def values(name, shape, gain=1.0):
    u = uniform(name, shape)
    if len(shape) > 1:  # keeps the variance through ReLUs
        u = gain * (2 * u - 1) * np.sqrt(6 / np.prod(shape[1:]))
    elif name.endswith(("running_mean", "bias")):
        u = 0.2 * (u - 0.5)
    else:  # scales and variances
        u = u + 0.5
    return torch.from_numpy(np.asarray(u, dtype=np.float32))


def network(peer, classes):
    net = peer.make(classes)
    state = {k: v if k.endswith("num_batches_tracked") else values(k, tuple(v.shape), peer.gain) for k, v in net.state_dict().items()}
    net.load_state_dict({k: v for k, v in state.items() if not k.endswith("num_batches_tracked")}, strict=True)
    return net.eval(), state


def answers(name, classes):
    peer = PEERS[name]
    net, state = network(peer, classes)
    shape = (BATCH, 3, peer.side, peer.side)
    image = torch.from_numpy((4 * uniform("image", shape) - 2).astype(np.float32))
    with torch.no_grad():
        found = {name + "/logits": net(image)}
    if name in (RECORDED_GRADIENTS if classes == 10 and peer.classes == 1000 else GRADIENTS):
        net.train().double()
        cross_entropy = getattr(net, "loss", torch.nn.functional.cross_entropy)
        loss = cross_entropy(net(image.double()), torch.arange(BATCH))
        loss.backward()
        found[name + "/loss"] = loss.detach().float()
        kept = [n for n, p in net.named_parameters()]
        if classes == 10:  # few, so that the record is small: at the two ends of the network
            kept = [n for n, p in net.named_parameters() if p.numel() < 1000]
            kept = kept[:6] + kept[-3:]
        found |= {f"{name}/grad/{n}": p.grad.float() for n, p in net.named_parameters() if n in kept}
    facts = {"library": peer.library, "variant": peer.variant, "options": peer.options, "side": peer.side, "gain": peer.gain}
    if peer.renamed:
        facts["names"] = [k for k in state if not k.endswith("num_batches_tracked")]
    return found, {name: json.dumps(facts)}, state


def runnable():
    """Names of the networks whose libraries are here; says which are not."""
    names, missing = [], {}
    for name, peer in PEERS.items():
        if peer.library == "papers" or importlib.util.find_spec(peer.library):
            names.append(name)
        else:
            missing.setdefault(peer.library, []).append(name)
    for library, without in missing.items():
        print(f"This Python has no {library}: not compared are {', '.join(without)}.", file=sys.stderr)
    return names


def save(path, tensors, metadata):
    """A safetensors file."""
    kinds = {torch.float32: "F32", torch.int64: "I64"}
    header, at = {"__metadata__": metadata}, 0
    for name, t in tensors.items():
        end = at + t.numel() * t.element_size()
        header[name] = {"dtype": kinds[t.dtype], "shape": list(t.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for t in tensors.values():
            f.write(t.contiguous().numpy().tobytes())


def main(command, *args):
    torch.manual_seed(1)
    tensors, metadata = {}, {}
    if command == "list":
        names = runnable()
        for i in range(0, len(names), AT_ONCE):
            print(*names[i : i + AT_ONCE])
    elif command == "export":
        for name in args[1:]:
            found, facts, state = answers(name, PEERS[name].classes)
            save(f"{args[0]}/{name}.safetensors", state, {"format": "pt"})
            tensors, metadata = tensors | found, metadata | facts
        save(f"{args[0]}/answers.safetensors", tensors, metadata)
    elif command == "record":
        metadata["variants"] = " ".join(sorted({peer.variant for peer in PEERS.values()}))  # that make parity compares
        for name in RECORDED:
            found, facts, _ = answers(name, 10)
            tensors, metadata = tensors | found, metadata | facts
        save(args[0], tensors, metadata)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) > 1 else sys.exit(__doc__)
