"""The quantities of quantities.py for the families from MobileNet on."""
import functools

import timm
import torch
from timm.layers import SEModule

from modules import conv, field, made, net
from quantities import V, each, giga, params, total


def mobile():
    return net("mobilenetv1_100")


def full():
    return net("mobilenet_v1_full_conv")


def depthwise(l):
    return l.conv and l.module.groups == l.ins[0] > 1


def pointwise(l):
    return l.conv and l.kernel == 1


def middle(n, keep):
    return [l for l in n.convs if keep(l) and l.ins[0] == l.out[0] == 512 and l.out[1] == 14][0].macs


def separable(c):
    return (conv(c, k=3, groups=c, side=14).macs + conv(c, side=14).macs) / conv(c, k=3, side=14).macs


def cost(name, side=None):
    n = net(name, side)
    return [n.params, n.macs]


V["mobilenet-standard-cost"] = {"value": lambda: middle(full(), lambda l: True)}
V["mobilenet-depthwise-cost"] = {"value": lambda: middle(mobile(), depthwise)}
V["mobilenet-pointwise-cost"] = {"value": lambda: middle(mobile(), pointwise)}
V["mobilenet-separable-saving"] = {f"C{c}": functools.partial(separable, c) for c in (64, 128, 256, 512, 1024)}
V["mobilenet-params"] = each(lambda n: cost(n, 224), {
    "mobilenet_1.0": "mobilenetv1_100", "full_convolution": "mobilenet_v1_full_conv", "width_0.75": "mobilenet_v1_0.75_224",
    "width_0.5": "mobilenet_v1_0.50_224", "width_0.25": "mobilenet_v1_0.25_224", "shallow": "mobilenet_v1_shallow"})
V["mobilenet-resolution"] = {str(s): functools.partial(lambda s: net("mobilenetv1_100", s).macs, s) for s in (224, 192, 160, 128)}


def share(keep, what):
    return total([l for l in mobile().layers if keep(l)], what) / total(mobile().layers, what)


V["mobilenet-pointwise-share"] = {
    "pointwise_macs": lambda: share(pointwise, "macs"), "pointwise_params": lambda: share(pointwise, "weights"),
    "depthwise_macs": lambda: share(depthwise, "macs"), "depthwise_params": lambda: share(depthwise, "weights"),
    "first_conv_macs": lambda: mobile().convs[0].macs / mobile().macs,
    "fc_macs": lambda: share(lambda l: l.linear, "macs"), "fc_params": lambda: share(lambda l: l.linear, "weights")}


def resnest(name, side=224):
    return [net(name).params, giga(name, side)]


V["resnest-params"] = {
    "resnest50": lambda: resnest("resnest50d"), "resnest101_256": lambda: resnest("resnest101e", 256),
    "resnest200_320": lambda: resnest("resnest200e", 320), "resnest269": lambda: params("resnest269e"),
    "resnest50_fast_4s2x40d": lambda: resnest("resnest50d_4s2x40d"), "resnest50_fast_1s4x24d": lambda: resnest("resnest50d_1s4x24d")}
RESNETS = "resnet18 resnet34 resnet50 resnet101 resnet152"
V["resnet-depth-152"] = {  # the last has no projections
    **each(lambda n: net(n).depth, RESNETS), "cifar_max": lambda: len(net("resnet1202_cifar").weighted)}
V["resnet-halve-double"] = {n: functools.partial(lambda i: net("resnet18").block(f"layer{i}.1", "macs"), i)
                            for i, n in enumerate("stage1_56x56x64 stage2_28x28x128 stage3_14x14x256 stage4_7x7x512".split(), 1)}


def kernels(name, k, keep=lambda l: True):
    return [l for l in net(name).convs if l.kernel == k and keep(l)]


def projects(l):
    return "downsample" in l.path


V["resnet-mostly-3x3"] = {
    **each(lambda n: total(kernels(n, 3), "macs") / net(n).macs, RESNETS),
    "resnet50_1x1_share": lambda: total(kernels("resnet50", 1), "macs") / net("resnet50").macs,
    "resnet50_counts 7x7": lambda: len(kernels("resnet50", 7)), "resnet50_counts 3x3": lambda: len(kernels("resnet50", 3)),
    "resnet50_counts 1x1_main": lambda: len(kernels("resnet50", 1, lambda l: not projects(l))),
    "resnet50_counts 1x1_projection": lambda: len(kernels("resnet50", 1, projects))}
V["resnet-gap-one-fc"] = each(lambda n: net(n).layer("fc").params, RESNETS)
V["resnet-block-types"] = each(lambda n: [len(getattr(net(n).module, f"layer{i}")) for i in (1, 2, 3, 4)], RESNETS)
V["resnet-bottleneck-cost"] = {
    "bottleneck_256_64": lambda: net("resnet50").block("layer1.1", "weights"), "basic_64": lambda: net("resnet18").block("layer1.1", "weights"),
    "basic_256": lambda: net("resnet18").block("layer3.1", "weights"),
    "ratio_basic256": lambda: net("resnet18").block("layer3.1", "weights") / net("resnet50").block("layer1.1", "weights"),
    "macs_at_56x56_bottleneck": lambda: net("resnet50").block("layer1.1", "macs"),
    "macs_at_56x56_basic64": lambda: net("resnet18").block("layer1.1", "macs")}
V["resnet-params"] = each(params, RESNETS)
V["resnet-compute"] = {**each(giga, RESNETS), "resnet34_over_vgg19": lambda: net("resnet34").macs / net("vgg19").macs}
V["resnet-cifar-params"] = each(params, {f"resnet{d}": f"resnet{d}_cifar" for d in (20, 32, 44, 56, 110, 1202)})
V["resnet-plain-same-params"] = each(params, {
    "plain20_equals_resnet20": "plain20_cifar", "plain56_equals_resnet56": "plain56_cifar", "plain18_equals_resnet18_optA": "plain18",
    "plain34_equals_resnet34_optA": "plain34", "resnet20": "resnet20_cifar", "resnet56": "resnet56_cifar", "resnet18_optA": "resnet18_optA",
    "resnet34_optA": "resnet34_optA"})
TEMPLATES = "1x64d 2x40d 4x24d 8x14d 32x4d"
V["resnext-equal-complexity-block"] = each(lambda n: net("resnext50_" + n).block("layer1.1", "weights"), TEMPLATES)
V["resnext-equal-complexity-net"] = each(lambda n: [params("resnext50_" + n), giga("resnext50_" + n)], TEMPLATES)
V["resnext-params"] = each(params, {n: n for n in "resnext50_32x4d resnext101_32x4d resnext101_64x4d resnext101_32x8d".split()} | {
    "resnext29_8x64d_c10": "resnext29_8x64d_cifar", "resnext29_16x64d_c10": "resnext29_16x64d_cifar"})
V["resnext-group-conv-cost"] = {"dense": lambda: net("wide_resnet50_2").layer("layer1.1.conv2").weights,
                                "groups_32": lambda: net("resnext50_32x4d").layer("layer1.1.conv2").weights}
V["resnext-identical-paths"] = {"inception_v1": lambda: sum(l.conv for l in net("googlenet_torchvision").within("inception3a"))}


def reduced(r):
    """timm's network with another reduction."""
    squeeze = functools.partial(SEModule, rd_ratio=1 / r)
    return made(lambda: timm.create_model("seresnet50", pretrained=False, block_args=dict(attn_layer=squeeze)), library="timm")


def gates(n, path=""):
    return [l for l in n.convs if ".se." in l.path and l.path.startswith(path)]


def se50():
    return net("seresnet50")


V["senet-parameter-formula"] = {
    **{f"r{r}": functools.partial(lambda r: total(gates(reduced(r)), "weights"), r) for r in (2, 4, 8, 16, 32)},
    "biases_r16": lambda: total(gates(se50()), "params") - total(gates(se50()), "weights"), "se_resnet50": lambda: se50().params,
    "increase": lambda: se50().params / params("resnet50") - 1}
V["senet-last-stage-share"] = {**{f"stage{i}": functools.partial(lambda i: total(gates(se50(), f"layer{i}."), "params"), i) for i in (1, 2, 3, 4)},
                               "total": lambda: total(gates(se50()), "params")}
V["senet-compute"] = {"resnet50": lambda: net("resnet50").macs, "se_resnet50": lambda: se50().macs, "added": lambda: se50().macs - net("resnet50").macs}
V["senet-params"] = each(params, {
    "se_resnet50": "seresnet50", "se_resnet101": "seresnet101", "se_resnet152": "seresnet152", "se_resnext50_32x4d": "seresnext50_32x4d",
    "se_resnext101_32x4d": "seresnext101_32x4d", "senet154": "senet154", "se_resnet20_cifar_optA": "seresnet20_cifar",
    "se_resnet110_cifar_optA": "seresnet110_cifar", "se_wrn_16_8": "sewrn_16_8_cifar"})
V["shufflenet-group-saving"] = {f"g{g}": functools.partial(lambda g: conv(240, groups=g).macs / conv(240).macs, g) for g in (2, 3, 4, 8)}
GROUPS = (1, 2, 3, 4, 8)


def shuffle(g):
    return net(f"shufflenet_v1_1x_g{g}")


V["shufflenet-complexity"] = {
    **{f"g{g}": functools.partial(lambda g: shuffle(g).macs, g) for g in GROUPS},
    "published_mflops": lambda: [shuffle(g).macs / 1e6 for g in GROUPS],
    **{f"stage_widths g{g}": functools.partial(lambda g: [shuffle(g).layer(f"stage{i}").out[0] for i in (2, 3, 4)], g) for g in GROUPS}}
V["shufflenet-params"] = each(params, {f"v1_1x_g{g}": f"shufflenet_v1_1x_g{g}" for g in GROUPS} | {
    "v1_0.5x_g3": "shufflenet_v1_0.5x_g3", "v1_2x_g3": "shufflenet_v1_2x_g3", "v2_0.5x": "shufflenet_v2_x0_5", "v2_1x": "shufflenet_v2_x1_0",
    "v2_1.5x": "shufflenet_v2_x1_5", "v2_2x": "shufflenet_v2_x2_0"})
V["vgg-depth-16-19"] = each(lambda n: net(n).depth, "vgg16 vgg19")


def convs_between(first, last):
    return field([l.module for l in net("vgg16").convs[first - 1:last]])


V["vgg-receptive-field-two-3x3"] = {"receptive_field": lambda: convs_between(1, 2)}
V["vgg-receptive-field-three-3x3"] = {"receptive_field": lambda: convs_between(5, 7)}


def square(c, k, n=1):
    return n * conv(c, k=k).weights


V["vgg-relu-count"] = {"one_7x7": lambda: sum(isinstance(l.module, torch.nn.ReLU) and l.out[0] == 96 for l in net("zfnet").layers),
                       "three_3x3": lambda: sum(isinstance(l.module, torch.nn.ReLU) and l.out[0] == 256 for l in net("vgg16").layers)}
V["vgg-params-49c2-27c2"] = {
    "one_7x7": lambda: square(64, 7) / 64**2, "three_3x3": lambda: square(64, 3, 3) / 64**2, "saving": lambda: 1 - square(64, 3, 3) / square(64, 7),
    "excess_of_7x7": lambda: square(64, 7) / square(64, 3, 3) - 1}
V["vgg-params-25c2-18c2"] = {"one_5x5": lambda: square(64, 5) / 64**2, "two_3x3": lambda: square(64, 3, 2) / 64**2,
                             "saving": lambda: 1 - square(64, 3, 2) / square(64, 5)}


def pools():
    return [l for l in net("vgg16").layers if isinstance(l.module, torch.nn.MaxPool2d)]


V["vgg-conv-keeps-size"] = {"sides": lambda: [224] + [l.out[1] for l in pools()]}
V["vgg-channel-doubling"] = {"widths": lambda: [l.out[0] for l in pools()]}
V["vgg-all-3x3"] = {f"{n}_conv_kernels 3x3": functools.partial(lambda n: len(kernels(n, 3)), n) for n in ("vgg16", "vgg19")}
V["vgg-fc-head"] = {"widths": lambda: [net("vgg16").linears[0].module.in_features] + [l.out[0] for l in net("vgg16").linears]}
V["vgg-params-138m"] = each(params, "vgg16 vgg19 vgg11 vgg13")


def vgg(kind, what):
    return total(getattr(net("vgg16"), kind), what)


V["vgg-params-mostly-fc"] = {
    "fc": lambda: vgg("linears", "params"), "conv": lambda: vgg("convs", "params"), "fc_share": lambda: vgg("linears", "params") / params("vgg16"),
    "fc6": lambda: net("vgg16").linears[0].params, "fc6_share": lambda: net("vgg16").linears[0].params / params("vgg16")}
V["vgg-compute"] = each(giga, "vgg16 vgg19 resnet152 googlenet alexnet")


def first_values(n):
    return total(net("vgg16").convs[:n], "values")


V["vgg-activation-memory"] = {
    "all_conv_fc_outputs": lambda: vgg("weighted", "values"), "conv1_1_and_conv1_2": lambda: first_values(2), "first_four_convs": lambda: first_values(4),
    "share_first_two": lambda: first_values(2) / vgg("weighted", "values"), "mib_float32": lambda: 4 * vgg("weighted", "values") / 2**20}
V["wrn-width-quadratic"] = {
    **{f"k{k}": functools.partial(params, f"wrn_40_{k}") for k in (1, 2, 4, 8)},
    **{f"ratio_k{k}_k{k // 2}": functools.partial(lambda k: params(f"wrn_40_{k}") / params(f"wrn_40_{k // 2}"), k) for k in (2, 4, 8)}}
V["wrn-params"] = each(params, {n: n for n in "wrn_28_10 wrn_16_8 wrn_40_4 wrn_28_12".split()} | {"wrn_50_2_bottleneck": "wide_resnet50_2"})
