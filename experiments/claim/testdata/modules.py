"""What hooks and torch.fx find in networks of torchvision, timm and others: shapes, parameters, multiply-adds, depth.

A network is made on the device "meta", which computes shapes alone. Names are those of ../../../nn/weights/testdata/peers.py,
which says whose networks they are: torchvision's, timm's and pytorchcv's, and those of papers.py, which follow the papers
where no library has them.
"""
import functools
import pathlib
import sys

import torch
from torch import fx, nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "nn/weights/testdata"))
import peers  # noqa: E402

used = set()  # the libraries asked since it was emptied


class Layer:
    """A leaf module as it was called: shapes without the batch axis; weights without biases; macs of one image."""

    def __init__(self, path, module, x, y):
        self.path, self.module, self.ins, self.out = path, module, tuple(x.shape[1:]), tuple(y.shape[1:])
        self.params = sum(p.numel() for p in module.parameters())
        self.conv, self.linear = isinstance(module, nn.Conv2d), isinstance(module, nn.Linear)
        self.weighted = self.conv or self.linear
        self.weights = module.weight.numel() if self.weighted else 0
        self.values = y[0].numel()
        self.kernel = module.kernel_size[0] if self.conv else 0
        self.macs = 0
        if self.conv:
            self.macs = self.values * self.ins[0] // module.groups * self.kernel * module.kernel_size[1]
        elif self.linear:
            self.macs = self.values * module.in_features


class Net:
    """A network on images [1, 3, side, side], with its layers in the order in which they are called."""

    def __init__(self, module, side):
        self.module, self.side, self.layers, self.blocks, handles = module.eval(), side, [], {}, []
        for path, m in module.named_modules():
            leaf = not next(m.children(), None)
            handles.append(m.register_forward_hook(functools.partial(self.called, path, leaf)))
        with torch.no_grad():
            self.result = module(torch.empty(1, 3, side, side, device="meta"))
        for h in handles:
            h.remove()

    def called(self, path, leaf, module, inputs, y):
        if not isinstance(y, torch.Tensor):
            return
        self.blocks[path] = Layer(path, module, inputs[0], y) if isinstance(inputs[0], torch.Tensor) else None
        if leaf:
            self.layers.append(self.blocks[path])

    @property
    def params(self):
        return sum(p.numel() for p in self.module.parameters())

    @property
    def macs(self):
        return sum(l.macs for l in self.layers)

    @property
    def convs(self):
        return [l for l in self.layers if l.conv]

    @property
    def linears(self):
        return [l for l in self.layers if l.linear]

    @property
    def weighted(self):
        return [l for l in self.layers if l.weighted]

    def layer(self, path):
        return self.blocks[path]

    def within(self, path):
        return [l for l in self.layers if l.path.startswith(path + ".")]

    def block(self, path, what):
        return sum(getattr(l, what) for l in self.within(path))

    @functools.cached_property
    def depth(self):
        """Convolutions and linear layers on the longest way through the network."""
        graph, far = fx.symbolic_trace(self.module).graph, {}
        for node in graph.nodes:
            m = self.module.get_submodule(node.target) if node.op == "call_module" else None
            far[node] = max((far[a] for a in node.all_input_nodes), default=0) + isinstance(m, (nn.Conv2d, nn.Linear))
        return max(far.values())


def made(make, side=224, library="torchvision"):
    used.add(library)
    with torch.device("meta"):
        return Net(make(), side)


@functools.lru_cache(None)
def peer(name, side):
    p = peers.PEERS[name]
    with torch.device("meta"):
        return Net(p.make(p.classes), side)


def net(name, side=None):
    p = peers.PEERS[name]
    used.add(p.library)
    return peer(name, side or (32 if p.side == peers.SMALL else 224))


def conv(channels, out=None, k=1, groups=1, side=1):
    """A layer of PyTorch alone, without biases, that keeps the side."""
    used.add("torch")
    with torch.device("meta"):
        m = nn.Conv2d(channels, out or channels, k, padding=k // 2, groups=groups, bias=False)
        return Layer("", m, torch.empty(1, channels, side, side), m(torch.empty(1, channels, side, side)))


def field(modules):
    """Side of the square of input pixels that a pixel behind the layers depends on, from a gradient in float64."""
    copies = []
    for m in modules:
        c = nn.Conv2d(m.in_channels, m.out_channels, m.kernel_size, m.stride, m.padding).double()
        nn.init.ones_(c.weight)
        copies.append(c)
    x = torch.zeros(1, modules[0].in_channels, 21, 21, dtype=torch.float64, requires_grad=True)
    y = nn.Sequential(*copies)(x)
    y[0, 0, y.shape[2] // 2, y.shape[3] // 2].backward()
    return int((x.grad[0, 0].abs().sum(0) > 0).sum())


def steepest(f):
    """The largest slope of an activation, by autograd on a grid that holds 0."""
    used.add("torch")
    x = torch.linspace(-8, 8, 4097, dtype=torch.float64, requires_grad=True)
    f(x).sum().backward()
    return x.grad.max().item()
