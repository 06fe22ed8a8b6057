"""Networks written from their papers in PyTorch, for those that no library has as published. Parameters carry the zoo's names."""
import torch
from torch import nn
from torch.nn import functional as F


def response_norm(x, n, k, alpha, beta):
    """b_i = a_i / (k + alpha * sum of a_j^2 over the n channels around i)^beta: Krizhevsky et al. 2012, section 3.3."""
    squares = F.pad(x * x, (0, 0, 0, 0, n // 2, n // 2))
    total = sum(squares[:, i : i + x.shape[1]] for i in range(n))
    return x / (k + alpha * total) ** beta


class ResponseNorm(nn.Module):
    def forward(self, x):
        return response_norm(x, 5, 2, 1e-4, 0.75)


def alexnet(classes, convs, ceil=False):
    """Five convolutions (channels, kernel, stride, padding, groups): Krizhevsky et al. 2012, section 3.5; Zeiler and Fergus 2014, figure 3."""
    layers, before = [], 3
    for i, (out, k, stride, pad, groups) in enumerate(convs):
        layers += [nn.Conv2d(before, out, k, stride, pad, groups=groups), nn.ReLU()]
        if i < 2:
            layers.append(ResponseNorm())
        if i in (0, 1, 4):
            layers.append(nn.MaxPool2d(3, 2, ceil_mode=ceil))
        before = out
    net = nn.Module()
    net.features = nn.Sequential(*layers)
    net.classifier = nn.Sequential(nn.Linear(36 * before, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, classes))
    net.forward = lambda x: net.classifier(net.features(x).flatten(1))
    return net


def alexnet_2012(classes, groups):
    return alexnet(classes, [(96, 11, 4, 0, 1), (256, 5, 1, 2, groups), (384, 3, 1, 1, 1), (384, 3, 1, 1, groups), (256, 3, 1, 1, groups)])


def zfnet(classes, third, fourth, fifth):
    return alexnet(classes, [(96, 7, 2, 1, 1), (256, 5, 2, 0, 1), (third, 3, 1, 1, 1), (fourth, 3, 1, 1, 1), (fifth, 3, 1, 1, 1)], ceil=True)


class Conv(nn.Module):
    def __init__(self, before, out, k, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(before, out, k, stride, k // 2)

    def forward(self, x):
        return F.relu(self.conv(x))


class Inception(nn.Module):
    """Szegedy et al. 2015, figure 2b; without reductions 2a."""

    def __init__(self, before, one, reduce3, three, reduce5, five, pool, reduction):
        super().__init__()
        self.branch1 = Conv(before, one, 1)
        first = lambda out: Conv(before, out, 1) if reduction else nn.Identity()
        self.branch2 = nn.Sequential(first(reduce3), Conv(reduce3 if reduction else before, three, 3))
        self.branch3 = nn.Sequential(first(reduce5), Conv(reduce5 if reduction else before, five, 5))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), first(pool))
        self.out = one + three + five + (pool if reduction else before)

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class Auxiliary(nn.Module):
    """Section 5 of the paper, for images so small that the pooling leaves one field."""

    def __init__(self, before, classes):
        super().__init__()
        self.conv, self.fc1, self.fc2 = Conv(before, 128, 1), nn.Linear(128, 1024), nn.Linear(1024, classes)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(self.conv(F.avg_pool2d(x, 5, 3)).flatten(1))))


class GoogLeNet(nn.Module):
    """Table 1 of the paper, with the normalisations and paddings of BVLC's deploy.prototxt. No dropout: it is compared without."""

    ROWS = {"3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64), "4a": (192, 96, 208, 16, 48, 64), "4b": (160, 112, 224, 24, 64, 64),
            "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64), "4e": (256, 160, 320, 32, 128, 128), "5a": (256, 160, 320, 32, 128, 128),
            "5b": (384, 192, 384, 48, 128, 128)}

    def __init__(self, classes, auxiliary=False, reduction=True):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = Conv(3, 64, 7, 2), Conv(64, 64, 1), Conv(64, 192, 3)
        before = 192
        for name, row in self.ROWS.items():
            module = Inception(before, *row, reduction)
            setattr(self, "inception" + name, module)
            before = module.out
            if auxiliary and name in ("4a", "4d"):
                setattr(self, {"4a": "aux1", "4d": "aux2"}[name], Auxiliary(before, classes))
        self.fc = nn.Linear(before, classes)
        self.auxiliary = auxiliary

    def forward(self, x):
        lrn = lambda x: response_norm(x, 5, 1, 1e-4 / 5, 0.75)  # Caffe divides alpha by the channels
        halve = lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True)
        x = lrn(halve(self.conv1(x)))
        x = halve(lrn(self.conv3(self.conv2(x))))
        self.heads = []
        for name in self.ROWS:
            if name in ("4a", "5a"):
                x = halve(x)
            x = getattr(self, "inception" + name)(x)
            if self.auxiliary and self.training and name in ("4a", "4d"):
                self.heads.append(getattr(self, {"4a": "aux1", "4d": "aux2"}[name])(x))
        return self.fc(x.mean((2, 3)))

    def loss(self, logits, labels):
        return F.cross_entropy(logits, labels) + 0.3 * sum(F.cross_entropy(h, labels) for h in self.heads)


class SE(nn.Module):
    """Hu et al. 2018, section 3; other squeezes and gates are those of its tables 11 and 12."""

    def __init__(self, channels, reduction, squeeze="avg", gate=torch.sigmoid):
        super().__init__()
        hidden, self.squeeze, self.gate = channels // reduction, squeeze, gate
        self.fc1, self.fc2 = nn.Conv2d(channels, hidden, 1), nn.Conv2d(hidden, channels, 1)

    def forward(self, x):
        z = x.amax((2, 3), keepdim=True) if self.squeeze == "max" else x.mean((2, 3), keepdim=True)
        return x * self.gate(self.fc2(F.relu(self.fc1(z))))


class Residual(nn.Module):
    """He et al. 2015, figures 2 and 5, and 2016, figure 4e. Places of the SE: Hu et al. 2018, figure 5. kernels are M of B(M)
    (Zagoruyko and Komodakis 2016): all convolutions are as wide as the block, the first has the stride."""

    def __init__(self, before, width, stride, how):
        super().__init__()
        conv = lambda i, o, k, s=1: nn.Conv2d(i, o, k, s, k // 2, bias=False)
        self.how = how
        if how["bottleneck"]:
            out = 4 * width
            first = stride if how["stride_first"] else 1
            self.conv1, self.conv2, self.conv3 = conv(before, width, 1, first), conv(width, width, 3, stride // first), conv(width, out, 1)
        else:
            out = width
            for i, k in enumerate(how["kernels"]):
                setattr(self, f"conv{i + 1}", conv(width, width, k) if i else conv(before, width, k, stride))
        self.out, self.depth = out, 3 if how["bottleneck"] else len(how["kernels"])
        outs = [width] * (self.depth - 1) + [out]
        for i in range(self.depth):
            channels = ([before] + outs)[i] if how["pre"] else outs[i]
            setattr(self, f"bn{i + 1}", nn.BatchNorm2d(channels))
        self.stride, self.changes = stride, stride != 1 or before != out
        if how["shortcut"] == "C" or how["shortcut"] == "B" and self.changes:
            self.downsample = nn.Sequential(conv(before, out, 1, stride), *([] if how["pre"] else [nn.BatchNorm2d(out)]))
        if how["se"]:
            self.se = SE(before if how["se"] == "pre" else out, how["reduction"], how["squeeze"], how["gate"])

    def around(self, x):
        if hasattr(self, "downsample"):
            return self.downsample(x)
        if self.changes:  # option A: every stride-th pixel, zeros for further channels
            x = x[:, :, :: self.stride, :: self.stride]
            x = torch.cat([x, x.new_zeros(x.shape[0], self.out - x.shape[1], *x.shape[2:])], 1)
        return x

    def forward(self, x):
        se = lambda place, y: self.se(y) if self.how["se"] == place else y
        if self.how["pre"]:
            y = F.relu(self.bn1(x))
            x = y if hasattr(self, "downsample") else x
            y = self.conv1(se("pre", y))
            for i in range(2, self.depth + 1):
                y = getattr(self, f"conv{i}")(F.relu(getattr(self, f"bn{i}")(y)))
        else:
            y = se("pre", x)
            for i in range(1, self.depth + 1):
                y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
                if i < self.depth:
                    y = F.relu(y)
        y = se("standard", y)
        if self.how["shortcut"] != "none":
            y = y + se("identity", self.around(x))
        return se("post", y if self.how["pre"] else F.relu(y))


class ResNet(nn.Module):
    """He et al. 2015, table 1 (four stages) and section 4.2 (three); shortcut "A", "B", "C" or "none"; se a place or ""."""

    def __init__(self, classes, counts, widen=1, shortcut="A", pre=False, **others):
        super().__init__()
        how = dict(bottleneck=False, se="", reduction=16, stride_first=False, kernels=(3, 3), squeeze="avg", gate=torch.sigmoid)
        how |= others | dict(shortcut=shortcut, pre=pre)
        self.large, self.pre, self.counts = len(counts) == 4, pre, counts
        before = 64 if self.large else 16
        self.conv1 = nn.Conv2d(3, before, 7, 2, 3, bias=False) if self.large else nn.Conv2d(3, before, 3, 1, 1, bias=False)
        width = before * widen
        if not pre:
            self.bn1 = nn.BatchNorm2d(before)
        for i, n in enumerate(counts):
            blocks = []
            for j in range(n):
                blocks.append(Residual(before, width << i, 2 if i and not j else 1, how))
                before = blocks[-1].out
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
        if pre:
            self.bn1 = nn.BatchNorm2d(before)
        self.fc = nn.Linear(before, classes)

    def forward(self, x):
        x = self.conv1(x)
        if not self.pre:
            x = F.relu(self.bn1(x))
        if self.large:
            x = F.max_pool2d(x, 3, 2, 1)
        for i in range(len(self.counts)):
            x = getattr(self, f"layer{i + 1}")(x)
        if self.pre:
            x = F.relu(self.bn1(x))
        return self.fc(x.mean((2, 3)))


class Dense(nn.Module):
    """Huang et al. 2017, section 4.1: three blocks of n layers of k channels without bottlenecks and compression, 16 channels first."""

    def __init__(self, classes, n, k):
        super().__init__()
        bn, c = nn.BatchNorm2d, 16
        parts = {"conv0": nn.Conv2d(3, c, 3, 1, 1, bias=False)}
        for i in (1, 2, 3):
            block = nn.Module()
            for j in range(1, n + 1):
                layer = nn.Module()
                layer.norm1, layer.conv1 = bn(c), nn.Conv2d(c, k, 3, 1, 1, bias=False)
                setattr(block, f"denselayer{j}", layer)
                c += k
            parts[f"denseblock{i}"] = block
            if i < 3:
                transition = nn.Module()
                transition.norm, transition.conv = bn(c), nn.Conv2d(c, c, 1, bias=False)
                parts[f"transition{i}"] = transition
        parts["norm4"] = bn(c)
        self.features = nn.ModuleDict(parts)
        self.classifier = nn.Linear(c, classes)

    def forward(self, x):
        f = self.features
        x = f["conv0"](x)
        for i in (1, 2, 3):
            for layer in f[f"denseblock{i}"].children():
                x = torch.cat([x, layer.conv1(F.relu(layer.norm1(x)))], 1)
            if i < 3:
                t = f[f"transition{i}"]
                x = F.avg_pool2d(t.conv(F.relu(t.norm(x))), 2)
        return self.classifier(F.relu(f["norm4"](x)).mean((2, 3)))


class ShuffleUnit(nn.Module):
    """Zhang et al. 2018, figures 2b and 2c; which half comes first is megvii-model/ShuffleNet-Series, blocks.py."""

    def __init__(self, before, out, stride, groups, first, shuffle):
        super().__init__()
        mid, added = out // 4, out - before if stride == 2 else out
        self.conv1, self.bn1 = nn.Conv2d(before, mid, 1, groups=first, bias=False), nn.BatchNorm2d(mid)
        self.conv2, self.bn2 = nn.Conv2d(mid, mid, 3, stride, 1, groups=mid, bias=False), nn.BatchNorm2d(mid)
        self.conv3, self.bn3 = nn.Conv2d(mid, added, 1, groups=groups, bias=False), nn.BatchNorm2d(added)
        self.stride, self.groups, self.shuffle = stride, groups, shuffle

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        if self.shuffle:
            n, c, h, w = y.shape
            y = y.view(n, self.groups, c // self.groups, h, w).transpose(1, 2).reshape(n, c, h, w)
        y = self.bn3(self.conv3(self.bn2(self.conv2(y))))
        return F.relu(torch.cat([F.avg_pool2d(x, 3, 2, 1), y], 1) if self.stride == 2 else x + y)


class ShuffleNet(nn.Module):
    """Table 1 of the paper, times the scale; the stem's channels are megvii-model/ShuffleNet-Series'."""

    def __init__(self, classes, groups, scale=1, stem=24, shuffle=True):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(3, stem, 3, 2, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU())
        width, before = int({1: 144, 2: 200, 3: 240, 4: 272, 8: 384}[groups] * scale), stem
        for i, n in enumerate((4, 8, 4)):
            units = []
            for j in range(n):
                units.append(ShuffleUnit(before, width << i, 1 if j else 2, groups, groups if i + j else 1, shuffle))
                before = width << i
            setattr(self, f"stage{i + 2}", nn.Sequential(*units))
        self.fc = nn.Linear(before, classes)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x), 3, 2, 1)
        return self.fc(self.stage4(self.stage3(self.stage2(x))).mean((2, 3)))


class MobileNet(nn.Module):
    """Howard et al. 2017, table 1; dense: 3x3 convolutions in place of the separable ones (table 4); counts: layers of each width."""

    def __init__(self, classes, counts=(1, 2, 2, 6, 2), width=1.0, dense=False):
        super().__init__()
        conv = lambda i, o, k, s, g: nn.Sequential(nn.Conv2d(i, o, k, s, k // 2, groups=g, bias=False), nn.BatchNorm2d(o), nn.ReLU())
        before = round(32 * width)
        layers = [conv(3, before, 3, 2, 1)]
        for i, n in enumerate(counts):
            out = round((64 << i) * width)
            for j in range(n):
                stride = 2 if i and not j else 1
                if dense:
                    layers.append(conv(before, out, 3, stride, 1))
                else:
                    parts = {"depthwise": conv(before, before, 3, stride, before), "pointwise": conv(before, out, 1, 1, 1)}
                    layers.append(nn.Sequential())
                    for name, part in parts.items():
                        layers[-1].add_module(name, part)
                before = out
        self.features, self.fc = nn.Sequential(*layers), nn.Linear(before, classes)

    def forward(self, x):
        return self.fc(self.features(x).mean((2, 3)))
