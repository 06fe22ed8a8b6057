"""Measures networks in PyTorch for `workbench bench`.

Reads requests and writes replies as lines of JSON on standard input and output; nn/bench/protocol.go has their meaning.
The networks are torchvision's where it has them, else written below in plain PyTorch with the names of the workbench's
parameters. A training step is forward, mean cross-entropy, backward and SGD with momentum and weight decay, eager,
as the workbench's is; an inference step is forward alone. A step of a strategy has lightly's loss and moving average over two views that lie ready. Images and weights lie in the layout that was asked for; weights are float32
masters in either precision.
"""

import copy
import json
import math
import os
import sys
import time
from collections import OrderedDict
from contextlib import nullcontext, suppress
from importlib import metadata

import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from torchvision import models
from torchvision.models.densenet import _DenseBlock, _Transition
from torchvision.models.resnet import BasicBlock, Bottleneck
from torchvision.ops import StochasticDepth

RATE, MOMENTUM, DECAY = 1e-3, 0.9, 1e-4


class Subsample(nn.Module):
    """The parameter-free shortcut: every stride-th pixel, zeros for the channels that are missing."""

    def __init__(self, channels, stride):
        super().__init__()
        self.channels, self.stride = channels, stride

    def forward(self, x):
        x = x[:, :, :: self.stride, :: self.stride]
        return F.pad(x, (0, 0, 0, 0, 0, self.channels - x.shape[1]))


class Nothing(nn.Module):
    """The shortcut of a plain network, to be added to the branch."""

    def forward(self, x):
        return 0.0


class PreBlock(nn.Module):
    """The basic block of wide residual networks: normalisation and ReLU before each convolution."""

    def __init__(self, c, width, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(c)
        self.conv1 = nn.Conv2d(c, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.downsample = None
        if stride != 1 or c != width:
            self.downsample = nn.Sequential(nn.Conv2d(c, width, 1, stride, bias=False))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        first = self.relu(self.bn1(x))
        y = self.conv2(self.relu(self.bn2(self.conv1(first))))
        return y + (x if self.downsample is None else self.downsample(first))


class Small(nn.Module):
    """A residual network for 32×32 images: three stages of n blocks; block(c, width, stride) has width·expansion channels."""

    def __init__(self, block, n, stem, width, classes, expansion=1, pre=False):
        super().__init__()
        self.pre = pre
        self.conv1 = nn.Conv2d(3, stem, 3, 1, 1, bias=False)
        c = stem
        for i in range(3):
            blocks = []
            for j in range(n):
                blocks.append(block(c, width << i, 2 if i > 0 and j == 0 else 1))
                c = (width << i) * expansion
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
        self.bn1 = nn.BatchNorm2d(c if pre else stem)
        self.fc = nn.Linear(c, classes)

    def forward(self, x):
        x = self.conv1(x)
        if not self.pre:
            x = F.relu(self.bn1(x), inplace=True)
        x = self.layer3(self.layer2(self.layer1(x)))
        if self.pre:
            x = F.relu(self.bn1(x), inplace=True)
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


def projected(c, out, stride):
    return nn.Sequential(nn.Conv2d(c, out, 1, stride, bias=False), nn.BatchNorm2d(out))


def cifar_resnet(depth, shortcut):
    """He et al. 2015, section 4.2."""

    def build(classes, options):
        kind = options.pop("shortcut", shortcut)
        around = {"identity": lambda c, out, stride: Subsample(out, stride), "projection": projected}

        def block(c, width, stride):
            if kind == "none":
                return BasicBlock(c, width, stride, Nothing())
            changes = stride != 1 or c != width
            return BasicBlock(c, width, stride, around[kind](c, width, stride) if changes else None)

        return Small(block, (depth - 2) // 6, 16, 16, classes)

    return build


def wide_resnet(depth, k):
    """Zagoruyko and Komodakis 2016, table 1."""
    return lambda classes, options: Small(PreBlock, (depth - 4) // 6, 16, 16 * k, classes, pre=True)


def cifar_resnext(depth, groups, width):
    """Xie et al. 2017, section 5.3."""

    def block(c, planes, stride):
        changes = stride != 1 or c != 4 * planes
        down = projected(c, 4 * planes, stride) if changes else None
        return Bottleneck(c, planes, stride, down, groups=groups, base_width=width)

    return lambda classes, options: Small(block, (depth - 2) // 9, 64, 64, classes, expansion=4)


class CIFARDenseNet(nn.Module):
    """DenseNet-BC with three blocks: Huang et al. 2017, section 4, of torchvision's blocks."""

    def __init__(self, depth, growth, classes):
        super().__init__()
        layers, c = (depth - 4) // 6, 2 * growth
        parts = OrderedDict(conv0=nn.Conv2d(3, c, 3, 1, 1, bias=False))
        for i in range(1, 4):
            parts[f"denseblock{i}"] = _DenseBlock(layers, c, 4, growth, 0)
            c += layers * growth
            if i < 3:
                parts[f"transition{i}"] = _Transition(c, c // 2)
                c //= 2
        parts["norm4"] = nn.BatchNorm2d(c)
        self.features = nn.Sequential(parts)
        self.classifier = nn.Linear(c, classes)

    def forward(self, x):
        x = F.relu(self.features(x), inplace=True)
        return self.classifier(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


def cifar_densenet(depth, growth):
    return lambda classes, options: CIFARDenseNet(depth, growth, classes)


def vgg(name):
    def build(classes, options):
        pool, hidden, p = options.pop("pool", 7), options.pop("hidden", 4096), options.pop("dropout", 0.5)
        net = getattr(models, name)(num_classes=1)  # the head below replaces its own
        net.avgpool = nn.AdaptiveAvgPool2d(pool)
        net.classifier = nn.Sequential(
            nn.Linear(512 * pool * pool, hidden), nn.ReLU(True), nn.Dropout(p),
            nn.Linear(hidden, hidden), nn.ReLU(True), nn.Dropout(p),
            nn.Linear(hidden, classes))
        return net

    return build


def torchvision_resnet(name):
    def build(classes, options):
        net = getattr(models, name)(num_classes=classes)
        if options.get("stem") == "small":
            del options["stem"]
            net.conv1, net.maxpool = nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.Identity()
        return net

    return build


def googlenet(classes, options):
    return models.googlenet(num_classes=classes, aux_logits=options.pop("auxiliary", False), init_weights=False)


def networks():
    """Builders by the workbench's names; each takes the classes and removes from the options those that it knows."""
    own = {"googlenet_torchvision": googlenet}
    for depth in (20, 32, 44, 56, 110, 1202):
        own[f"resnet{depth}_cifar"] = cifar_resnet(depth, "identity")
        own[f"plain{depth}_cifar"] = cifar_resnet(depth, "none")
    for depth, k in ((16, 4), (16, 8), (16, 10), (22, 8), (28, 2), (28, 10), (40, 1), (40, 2), (40, 4)):
        own[f"wrn_{depth}_{k}"] = wide_resnet(depth, k)
    for groups, width in ((1, 64), (2, 64), (4, 64), (8, 64), (16, 64), (32, 4)):
        own[f"resnext29_{groups}x{width}d_cifar"] = cifar_resnext(29, groups, width)
    for depth, growth in ((100, 12), (250, 24), (190, 40), (40, 36), (40, 48), (40, 60)):
        own[f"densenet_bc_{depth}_{growth}_cifar"] = cifar_densenet(depth, growth)
    for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d",
                 "wide_resnet50_2", "wide_resnet101_2"):
        own[name] = torchvision_resnet(name)
    for name in ("vgg11", "vgg13", "vgg16", "vgg19"):
        own[name], own[name + "_bn"] = vgg(name), vgg(name + "_bn")
    for name in ("alexnet", "densenet121", "densenet161", "densenet169", "densenet201", "mobilenet_v2", "mobilenet_v3_large",
                 "mobilenet_v3_small", "shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0",
                 *(f"efficientnet_b{i}" for i in range(8))):
        own[name] = lambda classes, options, make=getattr(models, name): make(num_classes=classes)
    return own


class Refused(Exception):
    pass


def backbone(model):
    """A network without its head, and how many features it gives."""
    features = model.fc.in_features
    model.fc = nn.Identity()
    return model, features


def mlp(inputs, hidden, out, normed):
    layers = [nn.Linear(inputs, hidden)] + ([nn.BatchNorm1d(hidden)] if normed else []) + [nn.ReLU(), nn.Linear(hidden, out)]
    return nn.Sequential(*layers)


class SimCLR(nn.Module):
    """Chen et al. 2020 as lightly's examples have it: a pass for each view, and its NT-Xent."""

    def __init__(self, model, options):
        super().__init__()
        from lightly.loss import NTXentLoss

        self.backbone, features = backbone(model)
        self.projector = mlp(features, options["hidden"], options["projection"], normed=False)
        self.criterion = NTXentLoss(temperature=0.1)

    def forward(self, a, b):
        return self.criterion(self.projector(self.backbone(a)), self.projector(self.backbone(b)))

    def after(self):
        pass


class BYOL(nn.Module):
    """Grill et al. 2020 as lightly's examples have it, with 2 - 2 cos summed over both directions as in the paper."""

    def __init__(self, model, options):
        super().__init__()
        from lightly.loss import NegativeCosineSimilarity
        from lightly.models.utils import deactivate_requires_grad

        hidden, out = options["hidden"], options["projection"]
        self.backbone, features = backbone(model)
        self.projector = mlp(features, hidden, out, normed=True)
        self.predictor = mlp(out, hidden, out, normed=True)
        self.teacher = copy.deepcopy(self.backbone)
        self.teacher_projector = copy.deepcopy(self.projector)
        for part in (self.teacher, self.teacher_projector):
            deactivate_requires_grad(part)
        self.criterion = NegativeCosineSimilarity()

    def forward(self, a, b):
        of_a, of_b = (self.predictor(self.projector(self.backbone(x))) for x in (a, b))
        with torch.no_grad():
            target_a, target_b = (self.teacher_projector(self.teacher(x)) for x in (a, b))
        return 4 + 2 * (self.criterion(of_a, target_b) + self.criterion(of_b, target_a))

    def after(self):
        from lightly.models.utils import update_momentum

        update_momentum(self.backbone, self.teacher, m=0.99)
        update_momentum(self.projector, self.teacher_projector, m=0.99)


STRATEGIES = {"simclr": SimCLR, "byol": BYOL}


def own_name(name):
    """What this script calls a parameter of the workbench's."""
    parts = name.split(".")
    parts = [p for p in parts if p != "pretrain"]
    if parts[0] == "teacher":
        return ".".join(["teacher_projector"] + parts[2:] if parts[1] == "projector" else parts)
    if parts[0] in ("projector", "predictor"):
        return ".".join(parts)
    return ".".join(["backbone"] + parts)


class Subject:
    """A network in one layout, with its batch."""

    def __init__(self, case, layout):
        name, options = case["model"], dict(case.get("options") or {})
        known = networks()
        if name not in known:
            raise Refused(f"the peer script has no network {name}")
        torch.manual_seed(1)
        self.inference = case["inference"]
        precision = case.get("precision", "float32")
        if precision not in ("float32", "bf16"):
            raise Refused(f"the peer script has no precision {precision}")
        self.half = precision == "bf16"
        if self.inference:
            options.pop("auxiliary", None)  # a classifier that trains others
        self.model = known[name](case["classes"], options)
        if options:
            raise Refused(f"the peer script has no option {', '.join(sorted(options))} of {name}")
        self.strategy = case.get("strategy")
        if self.strategy:
            if self.strategy not in STRATEGIES:
                raise Refused(f"the peer script has no strategy {self.strategy}")
            self.model = STRATEGIES[self.strategy](self.model, case["strategy_options"])
        self.format = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}[layout]
        self.model = self.model.to(memory_format=self.format).train(not self.inference)
        self.image = self.lay(torch.randn(case["batch"], *case["input"]))
        self.other = self.lay(torch.randn(case["batch"], *case["input"])) if self.strategy else None
        self.label = torch.randint(case["classes"], (case["batch"],))
        self.optimizer = None
        if not self.inference:
            trained = [p for p in self.model.parameters() if p.requires_grad]
            self.optimizer = torch.optim.SGD(trained, RATE, momentum=MOMENTUM, weight_decay=DECAY)

    def lay(self, x):
        return x.contiguous(memory_format=self.format)

    def parameters(self):
        return sum(p.numel() for p in self.model.parameters() if p.requires_grad)

    def casting(self):
        """The context of a forward pass and its loss: in bf16, PyTorch's automatic choice of each operator's precision."""
        return torch.autocast("cpu", dtype=torch.bfloat16) if self.half else nullcontext()

    def loss(self):
        with self.casting():
            if self.strategy:
                return self.model(self.image, self.other)
            out = self.model(self.image)
            if not isinstance(out, tuple):
                return F.cross_entropy(out, self.label)
            # GoogLeNet's auxiliary classifiers count 0.3 each (Szegedy et al. 2015, section 5).
            return F.cross_entropy(out[0], self.label) + sum(0.3 * F.cross_entropy(o, self.label) for o in out[1:])

    def step(self):
        """Returns the training loss, or the inference logits."""
        if self.inference:
            with torch.inference_mode(), self.casting():
                return self.model(self.image)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss()
        loss.backward()
        self.optimizer.step()
        if self.strategy:
            self.model.after()
        return loss

    def witness(self, steps, rate):
        """What the network is known by: see nn/bench/witness.go."""
        if self.inference:
            logits = self.step().float()
            size = logits.square().mean().sqrt()
            values = [F.cross_entropy(logits / size, self.label).item(), size.item()]
        else:
            values = self.losses(steps, rate)
        if not all(math.isfinite(v) for v in values):
            raise Refused(f"the network's values are {values}")
        return values

    def losses(self, steps, rate):
        """Losses before each step, with nothing dropped by chance."""
        chances = [(m, m.p) for m in self.model.modules() if isinstance(m, (nn.Dropout, StochasticDepth))]
        for m, _ in chances:
            m.p = 0.0
        self.set_rate(rate)
        losses = [self.step().item() for _ in range(steps)]
        self.set_rate(RATE)
        for m, p in chances:
            m.p = p
        return losses

    def set_rate(self, rate):
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def load(self, tensors):
        """Takes (name, values) pairs: every parameter and running statistic, the image and the label."""
        state = {k: v for k, v in self.model.state_dict().items() if not k.endswith("num_batches_tracked")}
        for name, values in tensors:
            if name == "image":
                self.image = self.lay(values)
            elif name == "label":
                self.label = values.long()
            elif name == "image/1":
                self.other = self.lay(values)
            elif (name := own_name(name) if self.strategy else name) not in state:
                raise Refused(f"there is no tensor {name} to load")
            elif state[name].shape != values.shape:
                raise Refused(f"{name} is {tuple(state[name].shape)}, got {tuple(values.shape)}")
            else:
                with torch.no_grad():
                    state.pop(name).copy_(values)
        if state:
            raise Refused(f"no values for {', '.join(sorted(state)[:3])}")

    def seconds(self, steps):
        self.step()
        took = []
        for _ in range(steps):
            began = time.perf_counter()
            self.step()
            took.append(time.perf_counter() - began)
        return took


def received(tensors, stream):
    """Reads the elements that follow a request, one tensor at a time."""
    for t in tensors:
        size = 4
        for d in t["shape"]:
            size *= d
        raw = bytearray(size)
        if stream.readinto(raw) != size:
            raise EOFError(f"{t['name']}: the stream ends too early")
        yield t["name"], torch.frombuffer(raw, dtype=torch.float32).reshape(t["shape"])


def peak_memory():
    """The most bytes this process has had resident, as the workbench measures it: VmHWM."""
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


class Peer:
    def __init__(self, stream):
        self.stream, self.subject = stream, None

    def answer(self, request):
        do = request["do"]
        if do == "hello":
            versions = {"torch": torch.__version__, "torchvision": torchvision.__version__, "python": sys.version.split()[0]}
            with suppress(metadata.PackageNotFoundError):
                versions["lightly"] = metadata.version("lightly")
            return {"versions": versions}
        if do == "open":
            torch.set_num_threads(request["case"]["threads"])
            self.subject = Subject(request["case"], request["layout"])
            return {"opened": {"parameters": self.subject.parameters()}}
        if do == "load":
            tensors = received(request["tensors"], self.stream)
            try:
                self.subject.load(tensors)
            finally:
                for _ in tensors:  # the next request comes after them
                    pass
            return {}
        if do == "witness":
            return {"values": self.subject.witness(request["steps"], request["rate"])}
        if do == "steps":
            return {"seconds": self.subject.seconds(request["steps"])}
        raise Refused(f"unknown request {do!r}")


def main():
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no reply
    peer = Peer(sys.stdin.buffer)
    while True:
        text = sys.stdin.buffer.readline()
        if not text:
            return
        try:
            reply = peer.answer(json.loads(text))
        except EOFError:
            return
        except Exception as problem:  # it is the asker's to handle
            kind = "" if isinstance(problem, Refused) else type(problem).__name__ + ": "
            reply = {"error": " ".join(f"{kind}{problem}".split())}
        reply["memory"] = peak_memory()
        replies.write(json.dumps(reply, allow_nan=False) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
