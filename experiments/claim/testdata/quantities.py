"""The quantities of the claims, by claim and by the name of the value, each a function that asks the libraries' modules."""
import functools
import math
import unittest.mock

import timm
import torch
import torchvision
from torch import nn

from modules import conv, made, net, steepest, used

V = {}
EFFICIENT_SIDES = dict(b0=224, b1=240, b2=260, b3=300, b4=380, b5=456, b6=528, b7=600)  # timm's; see efficientnet-scaling-table


def each(what, names):
    """what of each network, by the value's name; names that are not a map name values as networks."""
    pairs = names.items() if isinstance(names, dict) else ((n, n) for n in names.split())
    return {value: functools.partial(what, n) for value, n in pairs}


def total(layers, what):
    return sum(getattr(l, what) for l in layers)


def params(name):
    return net(name).params


def giga(name, side=None):
    return net(name, side).macs / 1e9


def alex():
    return net("alexnet_2012", 227)


def one_tower():
    return net("alexnet_2012_one_tower", 227)


V["alexnet-eight-weight-layers"] = {"conv": lambda: len(alex().convs), "linear": lambda: len(alex().linears), 
                                     "total": lambda: len(alex().weighted)}
V["alexnet-params-60m"] = {"two_gpu_grouped": lambda: alex().params, "one_tower": lambda: one_tower().params, "torchvision": lambda: params("alexnet")}
V["alexnet-params-per-layer"] = {n: functools.partial(lambda i: alex().weighted[i].params, i)
                                 for i, n in enumerate("conv1 conv2 conv3 conv4 conv5 fc6 fc7 fc8".split())}
V["alexnet-input-227"] = {"input_227_pad_0": lambda: alex().convs[0].out[1], "input_224_pad_2": lambda: net("alexnet").convs[0].out[1]}


def is_pool(l):
    return isinstance(l.module, (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d))


V["alexnet-shapes"] = {"sides": lambda: [227] + [l.out[1] for l in alex().layers if l.conv or isinstance(l.module, nn.MaxPool2d)]}
V["alexnet-overlapping-pool-shape"] = {"window3_stride2": lambda: next(l.out[1] for l in alex().layers if is_pool(l)),
                                       "window2_stride2": lambda: nn.MaxPool2d(2, 2)(torch.empty(alex().convs[0].out, device="meta")).shape[1]}
V["alexnet-fc-widths"] = {"widths": lambda: [alex().linears[0].module.in_features] + [l.out[0] for l in alex().linears]}
V["alexnet-fc-share"] = {
    "fc_params": lambda: total(alex().linears, "params"), "fc_param_share": lambda: total(alex().linears, "params") / alex().params,
    "fc_macs": lambda: total(alex().linears, "macs"), "fc_mac_share": lambda: total(alex().linears, "macs") / alex().macs}
V["alexnet-compute-vs-memory"] = {
    "alexnet_gmacs": lambda: giga("alexnet"), "vgg16_gmacs": lambda: giga("vgg16"), "mac_ratio": lambda: net("vgg16").macs / net("alexnet").macs,
    "weight_mib_float32": lambda: 4 * params("alexnet") / 2**20}
V["alexnet-two-gpu-split"] = {
    "params_saved": lambda: one_tower().params - alex().params, "macs_grouped": lambda: alex().macs, "macs_one_tower": lambda: one_tower().macs,
    "layers_reading_both_gpus": lambda: [n for n, l in zip("conv1 conv2 conv3 conv4 conv5 fc6 fc7 fc8".split(), alex().weighted)
                                         if n != "conv1" and getattr(l.module, "groups", 1) == 1]}
V["alexnet-saturating-gradient-bound"] = {
    **{n: functools.partial(lambda n: steepest(getattr(torch, n)), n) for n in ("sigmoid", "tanh", "relu")},
    "sigmoid_7_hidden_layers_product_bound": lambda: steepest(torch.sigmoid) ** sum(isinstance(l.module, nn.ReLU) for l in net("alexnet").layers)}


def dense_ends(name):
    return [net(name).layer(f"features.denseblock{i}").out[0] for i in (1, 2, 3, 4)]


def connections(n, block):
    """Of a dense block: what its layers read, in units of what one adds."""
    first = [l for l in n.within(f"features.denseblock{block}") if l.path.endswith(".conv1")]
    return sum((l.ins[0] - first[0].ins[0]) / 32 + 1 for l in first)


V["densenet-concat-growth"] = {
    "densenet121_block_ends": lambda: dense_ends("densenet121"), "densenet201_block_ends": lambda: dense_ends("densenet201"),
    "densenet_bc_100_12_final": lambda: net("densenet_bc_100_12_cifar").linears[0].ins[0],
    "densenet_bc_190_40_final": lambda: net("densenet_bc_190_40_cifar").linears[0].ins[0]}
V["densenet-connections"] = {
    "L5": lambda: connections(made(lambda: torchvision.models.DenseNet(32, (5,), 64)), 1),
    **{f"L{n}": functools.partial(lambda b: connections(net("densenet121"), b), b) for b, n in ((1, 6), (2, 12), (3, 24))}}
V["densenet-params"] = each(params, {n: n if n[8:].isdigit() else n + "_cifar" for n in """densenet121 densenet169 densenet201 densenet161
densenet264 densenet_40_12 densenet_100_12 densenet_100_24 densenet_bc_100_12 densenet_bc_250_24 densenet_bc_190_40""".split()})
V["densenet-50-vs-resnet-152"] = {f"{n} {k}": functools.partial(f, {"wrn_50_2": "wide_resnet50_2"}.get(n, n))
                                  for n in "densenet121 densenet169 densenet201 densenet264 resnet50 resnet101 resnet152 wrn_50_2".split()
                                  for k, f in (("params", params), ("gmacs", giga))}
V["densenet-params-vs-resnet"] = {
    "densenet_bc_100_12": lambda: params("densenet_bc_100_12_cifar"), "preresnet1001": lambda: params("preresnet1001_cifar"),
    "saving": lambda: 1 - params("densenet_bc_100_12_cifar") / params("preresnet1001_cifar")}
V["densenet-activation-cost"] = each(lambda n: total(net(n).weighted, "values"), "densenet121 densenet201 resnet50")


def scaled(width=1.0, depth=1.0, side=224):
    rows, last = torchvision.models.efficientnet._efficientnet_conf("efficientnet_b0", width_mult=width, depth_mult=depth)
    return made(lambda: torchvision.models.EfficientNet(rows, 0.2, last_channel=last), side).macs


def log2_ratio(n):
    return math.log2(n / scaled())


def multipliers(i):
    """What timm makes the network with, and of which images."""
    with unittest.mock.patch("timm.models.efficientnet._gen_efficientnet") as make:
        getattr(timm.models.efficientnet, f"tf_efficientnet_b{i}")()
    made(lambda: nn.Conv2d(3, 3, 1), 1, "timm")
    width, depth = make.call_args.kwargs["channel_multiplier"], make.call_args.kwargs["depth_multiplier"]
    return [width, depth, timm.get_pretrained_cfg(f"tf_efficientnet_b{i}").input_size[1]]


V["efficientnet-flops-law"] = {"depth": lambda: log2_ratio(scaled(depth=2)), "width": lambda: log2_ratio(scaled(width=2)),
                               "resolution": lambda: log2_ratio(scaled(side=448))}
V["efficientnet-params"] = each(params, {b: "efficientnet_" + b for b in EFFICIENT_SIDES})
V["efficientnet-compute"] = {
    **{b: functools.partial(giga, "efficientnet_" + b, side) for b, side in EFFICIENT_SIDES.items()},
    "published": lambda: [giga("efficientnet_" + b, side) for b, side in EFFICIENT_SIDES.items()]}
V["efficientnet-scaling-table"] = {f"b{i}": functools.partial(multipliers, i) for i in range(8)}
V["general-fc-layer-count"] = {
    **each(lambda n: len(net(n).linears), dict(vgg16="vgg16", vgg19="vgg19", googlenet="googlenet_torchvision", resnet50="resnet50",
                                               densenet121="densenet121", mobilenet_v1="mobilenetv1_100", shufflenet_v1="shufflenet_v1_1x_g3",
                                               efficientnet_b0="efficientnet_b0")),
    "alexnet": lambda: len(alex().linears)}
V["efficient-timeline"] = each(giga, {
    "vgg16_71.5": "vgg16", "googlenet_69.8": "googlenet", "resnet18_69.8": "resnet18", "mobilenet_v1_70.6": "mobilenetv1_100",
    "shufflenet_v1_1.5x_71.5": "shufflenet_v1_1.5x_g3", "mobilenet_v2_72.0": "mobilenet_v2", "shufflenet_v2_1x_69.4": "shufflenet_v2_x1_0",
    "efficientnet_b0_77.1": "efficientnet_b0"})


def goog():
    return net("googlenet")


def goog_tv():
    return net("googlenet_torchvision")


def goog_aux():
    return made(lambda: torchvision.models.googlenet(aux_logits=True, init_weights=False)).params


@functools.lru_cache(None)
def goog_heads():
    """Parameters of torchvision's auxiliary classifiers, whose convolution has a bias in the paper and a batch norm there."""
    with torch.device("meta"):
        n = torchvision.models.googlenet(aux_logits=True, init_weights=False)
    return [sum(p.numel() for m in (h.conv.conv, h.fc1, h.fc2) for p in m.parameters()) + h.conv.conv.out_channels for h in (n.aux1, n.aux2)]


def heads():
    used.add("torchvision")
    return goog_heads()


def with_aux():
    return goog().params + sum(heads())


def between_modules(n):
    """Poolings on the way through all modules, of which a branch has none."""
    return sum(is_pool(l) and "branch" not in l.path for l in n.layers)


V["googlenet-22-layers"] = {"with_parameters": lambda: goog_tv().depth, "with_pooling": lambda: goog_tv().depth + between_modules(goog_tv()),
                            "conv_modules_total": lambda: len(goog_tv().convs), "linear": lambda: len(goog_tv().linears)}
V["googlenet-params"] = {
    "caffe_topology": lambda: goog().params, "torchvision_bn_3x3": lambda: goog_tv().params, "caffe_with_aux": with_aux,
    "torchvision_with_aux": goog_aux, "without_classifier": lambda: goog().params - goog().linears[0].params}
V["googlenet-param-ratio"] = {
    "alexnet_over_googlenet": lambda: alex().params / goog().params, "vgg16_over_googlenet": lambda: params("vgg16") / goog().params,
    "torchvision_alexnet_ratio": lambda: params("alexnet") / goog_tv().params, "torchvision_vgg16_ratio": lambda: params("vgg16") / goog_tv().params}
V["googlenet-no-fc"] = {
    "gap_classifier": lambda: goog_tv().linears[0].params, "share": lambda: goog().linears[0].params / goog().params,
    "flattened_classifier": lambda: nn.Linear(goog_tv().layer("inception5b").values, 1000, device="meta").weight.numel() + 1000}
V["inception-branches"] = each(lambda n: goog_tv().layer("inception" + n).out[0], "3a 3b 4a 4b 4c 4d 4e 5a 5b")
MODULE = [(256, 128, 1), (256, 192, 3), (256, 96, 5)]
REDUCED = [(256, 64, 1)] * 3 + [(256, 128, 1), (64, 192, 3), (64, 96, 5)]


def cost(rows, what="macs"):
    return sum(getattr(conv(i, o, k, side=28), what) for i, o, k in rows)


V["inception-naive-854m"] = {
    **{n: functools.partial(cost, [row]) for n, row in zip(("one_by_one", "three_by_three", "five_by_five"), MODULE)},
    "total": lambda: cost(MODULE), "weights": lambda: cost(MODULE, "weights"),
    "output_channels": lambda: sum(conv(i, o, k, side=28).out[0] for i, o, k in MODULE) + nn.MaxPool2d(3, 1, 1)(torch.empty(256, 28, 28)).shape[0]}
V["inception-bottleneck-358m"] = {
    **{n: functools.partial(cost, [row]) for n, row in dict(
        reduce_1x1_before_3x3=(256, 64, 1), reduce_1x1_before_5x5=(256, 64, 1), branch_1x1_128=(256, 128, 1), conv_3x3_192_on_64=(64, 192, 3),
        conv_5x5_96_on_64=(64, 96, 5), pool_projection_64=(256, 64, 1)).items()},
    "total": lambda: cost(REDUCED), "as_printed": lambda: cost(REDUCED + [(64, 192, 3)]), "saving": lambda: 1 - cost(REDUCED) / cost(MODULE),
    "output_channels": lambda: sum(conv(i, o, k, side=28).out[0] for i, o, k in REDUCED[2:]), "weights": lambda: cost(REDUCED, "weights")}
V["inception-3b-real"] = {
    "bottleneck": lambda: goog().block("inception3b", "macs"), "weights": lambda: goog().block("inception3b", "weights"),
    "naive": lambda: cost([(goog().layer("inception3b").ins[0], o, k) for o, k in zip((128, 192, 96), (1, 3, 5))])}
V["inception-all-modules"] = each(lambda n: goog().block("inception" + n, "macs"), "3a 3b 4a 4b 4c 4d 4e 5a 5b")
V["googlenet-total-compute"] = {
    "caffe_topology": lambda: goog().macs / 1e9, "torchvision": lambda: goog_tv().macs / 1e9, "vgg16_ratio": lambda: net("vgg16").macs / goog().macs,
    "alexnet_ratio": lambda: goog().macs / alex().macs}


V["googlenet-aux-params"] = {"head_4a": lambda: heads()[0], "head_4d": lambda: heads()[1], "total_with_main": with_aux}
V["googlenet-aux-removed"] = {"removed": lambda: sum(heads()), "share_of_training_graph": lambda: sum(heads()) / with_aux()}
