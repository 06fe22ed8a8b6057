"""Which network of which library, or of papers.py, is which of the zoo's."""
import importlib

import torch

import papers

SMALL, MIDDLE, LARGE = 32, 64, 224

# Gain of deep networks with gates: at 1 their answers are made of rounding errors, in float32 and in float64 others.
GATED = 0.8


class Peer:
    """make(classes) builds what the zoo calls variant with these options; gain scales its weights, so that sums over very many
    blocks stay finite, and softmaxes of them do not make whole numbers of rounding errors; renamed: its parameters have other names than the zoo's."""

    def __init__(self, library, make, variant, options=None, side=MIDDLE, classes=1000, gain=1.0, renamed=False):
        self.library, self.make, self.variant, self.options = library, make, variant, options or {}
        self.side, self.classes, self.gain, self.renamed = side, classes, gain, renamed


PEERS = {}


def add(library, make, variant, options=None, name=None, **facts):
    PEERS[name or variant] = Peer(library, make, variant, options, **facts)


def of(library, module, function, *args, **settings):
    """A maker of a library's network; the library is imported when it is called."""
    return lambda classes: getattr(importlib.import_module(module), function)(*args, num_classes=classes, **settings)


def torchvision(name, variant=None, options=None, **settings):
    side = LARGE if name.startswith(("alexnet", "vgg")) else MIDDLE  # they take other sizes, but pool them to one
    gain = GATED if name in ("efficientnet_b3", "efficientnet_b4", "efficientnet_b5", "efficientnet_b6", "efficientnet_b7") else 1.0
    add("torchvision", of("torchvision", "torchvision.models", name, weights=None, **settings), variant or name, options, side=side, gain=gain)


def timm(name, variant=None, options=None, **facts):
    add("timm", of("timm", "timm", "create_model", name, pretrained=False), variant or name, options, name=name if variant else None, renamed=bool(variant), **facts)


def cifar(variant, module, function, *args, options=None, **facts):
    """pytorchcv's networks for CIFAR take the number of classes first."""
    make = lambda classes: getattr(importlib.import_module("pytorchcv.models." + module), function)(classes, *args)
    add("pytorchcv", make, variant, options, side=SMALL, classes=10, renamed=True, **facts)


def pooled(make):
    """make, whose network pools 7x7 fields of 224x224 images, for others."""

    def other(classes):
        net = make(classes)
        net.features.final_pool = torch.nn.AdaptiveAvgPool2d(1)
        return net

    return other


def large(variant, module, function, *args, options=None, **facts):
    add("pytorchcv", pooled(of("pytorchcv", "pytorchcv.models." + module, function, *args)), variant, options, renamed=True, **facts)


def paper(variant, make, options=None, **facts):
    add("papers", make, variant, options, **facts)


def small_paper(variant, make, options=None, **facts):
    paper(variant, make, options, side=SMALL, classes=10, **facts)


def torchvision_class(variant, module, name, *args, **settings):
    def make(classes):
        m = importlib.import_module("torchvision.models." + module)
        return getattr(m, name)(*[getattr(m, a) if isinstance(a, str) else a for a in args], num_classes=classes, **settings)

    add("torchvision", make, variant)


for name in """alexnet vgg11 vgg13 vgg16 vgg19 vgg11_bn vgg13_bn vgg16_bn vgg19_bn resnet18 resnet34 resnet50 resnet101 resnet152
wide_resnet50_2 wide_resnet101_2 resnext50_32x4d resnext101_32x8d resnext101_64x4d densenet121 densenet161 densenet169 densenet201
mobilenet_v2 mobilenet_v3_large mobilenet_v3_small shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5 shufflenet_v2_x2_0
efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4 efficientnet_b5 efficientnet_b6 efficientnet_b7""".split():
    torchvision(name)
torchvision("googlenet", "googlenet_torchvision", aux_logits=False, init_weights=False)  # inference has no auxiliary classifiers
torchvision_class("densenet264", "densenet", "DenseNet", 32, (6, 12, 64, 48), 64)
for depth, counts, templates in (50, [3, 4, 6, 3], [(1, 64), (2, 40), (4, 24), (8, 14)]), (101, [3, 4, 23, 3], [(1, 64), (2, 40), (4, 24), (8, 14), (2, 64)]):
    for c, d in templates:
        torchvision_class(f"resnext{depth}_{c}x{d}d", "resnet", "ResNet", "Bottleneck", counts, groups=c, width_per_group=d)
torchvision_class("resnet101_1x100d", "resnet", "ResNet", "Bottleneck", [3, 4, 23, 3], groups=1, width_per_group=100)

for name in """resnest14d resnest26d resnest50d resnest101e resnest200e resnest269e resnest50d_1s4x24d resnest50d_4s2x40d
seresnet18 seresnet34 seresnet50 seresnet101 seresnet152 seresnext50_32x4d seresnext101_32x4d senet154 resnext101_32x4d""".split():
    timm(name, gain={"resnest50d_4s2x40d": 0.85, "resnest101e": 0.75, "resnest200e": 0.7, "resnest269e": 0.65, "seresnet18": 1.0, "seresnet34": 1.0,
                     "resnext101_32x4d": 1.0}.get(name, GATED))
timm("mobilenetv1_100", "mobilenet_v1_1.0_224", {"activation": "relu6"})  # as TensorFlow's; the paper says ReLU
timm("mobilenetv2_140", "mobilenet_v2_1.4")
# timm's legacy_se... networks are the authors' for Caffe, whose first pooling has no padding and rounds up: the zoo has torchvision's.
for i in range(8):
    timm(f"tf_efficientnet_b{i}", f"efficientnet_b{i}", {"padding": "same", "bn_epsilon": 1e-3, "bn_momentum": 0.01}, gain=GATED if i > 2 else 1.0)
for size in "large", "small":
    timm(f"mobilenetv3_{size}_100", f"mobilenet_v3_{size}", {"bn_epsilon": 1e-5, "bn_momentum": 0.1})
add("timm", of("timm", "timm", "create_model", "vgg11_bn", pretrained=False), "vgg11_bn", side=LARGE, name="vgg11_bn_timm", renamed=True)

for depth in 20, 32, 44, 56, 110, 1202:
    gain = 0.4 if depth > 1000 else 1.0
    cifar(f"resnet{depth}_cifar", "resnet_cifar", "get_resnet_cifar", depth, False, options={"shortcut": "projection"}, gain=gain, name=f"resnet{depth}_cifar_optB")
cifar("preresnet110_cifar", "preresnet_cifar", "get_preresnet_cifar", 110, False, options={"shortcut": "projection"}, name="preresnet110_cifar_optB")
cifar("preresnet164_cifar", "preresnet_cifar", "get_preresnet_cifar", 164, True)
cifar("preresnet1001_cifar", "preresnet_cifar", "get_preresnet_cifar", 1001, True, gain=0.5)
for depth, k in (16, 4), (16, 8), (16, 10), (22, 8), (22, 10), (28, 2), (28, 10), (28, 12), (40, 1), (40, 2), (40, 4), (40, 8), (40, 10):
    # The shortcut of a first block that changes no shape is the identity in the paper's code and in the zoo, a projection in pytorchcv.
    if k > 1:
        cifar(f"wrn_{depth}_{k}", "wrn_cifar", "get_wrn_cifar", depth, k)
for c, d in (1, 64), (2, 64), (4, 64), (8, 64), (16, 64), (32, 4):
    cifar(f"resnext29_{c}x{d}d_cifar", "resnext_cifar", "get_resnext_cifar", 29, c, d)
for depth, k in (100, 12), (250, 24), (190, 40), (40, 36), (40, 48), (40, 60):
    cifar(f"densenet_bc_{depth}_{k}_cifar", "densenet_cifar", "get_densenet_cifar", depth, k, True)
for depth in 20, 56, 110:
    cifar(f"seresnet{depth}_cifar", "seresnet_cifar", "get_seresnet_cifar", depth, False, options={"shortcut": "projection"}, name=f"seresnet{depth}_cifar_optB")
for width, scale in ("1.0", 1.0), ("0.75", 0.75), ("0.50", 0.5), ("0.25", 0.25):
    large(f"mobilenet_v1_{width}_224", "mobilenet", "get_mobilenet", scale)
for width, scale, side in ("1.0", 1.0, 192), ("1.0", 1.0, 160), ("1.0", 1.0, 128), ("0.50", 0.5, 160):
    large(f"mobilenet_v1_{width}_{side}", "mobilenet", "get_mobilenet", scale, side=side)
large("resnet50", "resnet", "get_resnet", 50, options={"stride_in": "1x1"}, name="resnet50_stride_1x1")
large("resnet18", "preresnet", "get_preresnet", 18, options={"preactivation": True}, name="preresnet18")
large("resnet50", "preresnet", "get_preresnet", 50, options={"preactivation": True, "stride_in": "1x1"}, name="preresnet50")

paper("alexnet_2012", lambda n: papers.alexnet_2012(n, 2), side=227)
paper("alexnet_2012_one_tower", lambda n: papers.alexnet_2012(n, 1), side=227)
paper("zfnet", lambda n: papers.zfnet(n, 384, 384, 256), side=LARGE)
paper("zfnet_wide", lambda n: papers.zfnet(n, 512, 1024, 512), side=LARGE)
paper("googlenet", papers.GoogLeNet)
paper("googlenet", lambda n: papers.GoogLeNet(n, reduction=False), {"reduction": False, "width": 1.0}, name="googlenet_naive")
paper("googlenet_aux", lambda n: papers.GoogLeNet(n, auxiliary=True), {"dropout": 0, "auxiliary_dropout": 0}, side=96)
for name, shortcut in ("resnet{}_optA", "A"), ("plain{}", "none"):
    for depth, counts in (18, [2, 2, 2, 2]), (34, [3, 4, 6, 3]):
        paper(name.format(depth), lambda n, c=counts, s=shortcut: papers.ResNet(n, c, shortcut=s))
for name, shortcut, depths in ("resnet{}_cifar", "A", (20, 32, 44, 56, 110, 1202)), ("plain{}_cifar", "none", (20, 32, 44, 56, 110)):
    for depth in depths:
        small_paper(name.format(depth), lambda n, d=depth, s=shortcut: papers.ResNet(n, 3 * [(d - 2) // 6], shortcut=s), gain=0.4 if depth > 1000 else 1.0)
small_paper("resnet20_cifar", lambda n: papers.ResNet(n, [3, 3, 3], shortcut="C"), {"shortcut": "projection_all"}, name="resnet20_cifar_optC")
small_paper("preresnet110_cifar", lambda n: papers.ResNet(n, [18, 18, 18], pre=True))
small_paper("wrn_40_1", lambda n: papers.ResNet(n, [6, 6, 6], shortcut="B", pre=True))
small_paper("sewrn_16_8_cifar", lambda n: papers.ResNet(n, [2, 2, 2], widen=8, shortcut="B", pre=True, se="standard"))
for depth in 20, 56, 110:
    small_paper(f"seresnet{depth}_cifar", lambda n, d=depth: papers.ResNet(n, 3 * [(d - 2) // 6], se="standard"))
for place in "pre", "post", "identity":
    for pre in False, True:
        small_paper("seresnet20_cifar", lambda n, p=place, pre=pre: papers.ResNet(n, [3, 3, 3], se=p, pre=pre, reduction=4),
                    {"se_position": place, "preactivation": pre, "se_reduction": 4}, name=f"seresnet20_cifar_{place}" + "_preactivation" * pre)
for squeeze, gate in ("max", "tanh"), ("avg", "relu"):
    paper("seresnet20_cifar", lambda n, q=squeeze, g=gate: papers.ResNet(n, [3, 3, 3], se="standard", squeeze=q, gate=getattr(torch, g)),
          {"se_squeeze": squeeze, "se_excitation": gate}, name=f"seresnet20_cifar_{squeeze}_{gate}", side=16, classes=10)
for kernels, n in ("3", 12), ("333", 4), ("3333", 3), ("131", 6), ("31", 6), ("13", 6), ("311", 6), ("313", 3):  # WRN, tables 2 and 3
    small_paper("resnet_cifar", lambda classes, m=kernels, n=n: papers.ResNet(classes, [n, n, n], 2, "B", True, kernels=[int(k) for k in m]),
                {"block": f"B({','.join(kernels)})", "depth": 3 * n * len(kernels) + 2, "widen": 2, "preactivation": True, "shortcut": "projection"},
                name="wrn_b" + kernels)
small_paper("resnet_cifar", lambda n: papers.ResNet(n, [2, 2, 2], kernels=(3, 1, 1)), {"block": "B(3,1,1)"}, name="resnet20_cifar_b311")
for depth, k in (40, 12), (100, 12), (100, 24):
    small_paper(f"densenet_{depth}_{k}_cifar", lambda n, d=depth, k=k: papers.Dense(n, (d - 4) // 3, k))
for g in 1, 2, 3, 4, 8:
    paper(f"shufflenet_v1_1x_g{g}", lambda n, g=g: papers.ShuffleNet(n, g))
for name, g, scale, stem in ("0.5x_g3", 3, 0.5, 12), ("0.5x_g8", 8, 0.5, 16), ("1.5x_g3", 3, 1.5, 24), ("2x_g3", 3, 2, 48):
    paper("shufflenet_v1_" + name, lambda n, g=g, s=scale, t=stem: papers.ShuffleNet(n, g, s, t))
paper("shufflenet_v1_1x_g3", lambda n: papers.ShuffleNet(n, 3, shuffle=False), {"shuffle": False}, name="shufflenet_v1_1x_g3_unshuffled")
paper("mobilenet_v1_full_conv", lambda n: papers.MobileNet(n, dense=True))
paper("mobilenet_v1_shallow", lambda n: papers.MobileNet(n, (1, 2, 2, 1, 2)))
