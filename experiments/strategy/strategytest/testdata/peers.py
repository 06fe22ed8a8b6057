"""Trains ten steps of methods in PyTorch and writes what a peer needs to repeat them and to compare.

    peers.py FOLDER [NAME...]     writes FOLDER/NAME.safetensors; without names, all of them

Names are those of FILES. Each function of methods.py, few_labels.py and selfsupervised.py says which code it follows and where codes
differ; where a library has a loss, it is compared with it as it is recorded (published.py). Needs torch (Debian:
python3-torch); torch 1.13 and 2.15 give the same float64, bit for bit. The last bits of float32 depend on torch and on
the processor, so nnclr may pass the bound of write by a little elsewhere.

A file has float32 tensors, by the part of their name before the first slash:

    start/NAME     state before the first step
    batch/NAME     pictures [3, n, 3, 8, 8]: three stored batches of n; step s (from 0) takes batch s mod 3
    seen/NAME      values within the first step, to find where two computations part; each function says which
    grads/NAME     gradients of the first step's loss, without weight decay, of all that is trained
    grads64/NAME   the same from float64 throughout, then rounded to float32
    final/NAME     state after the last step, of all that start/ has
    final64/NAME   the same from float64 throughout, then rounded to float32

Parameters and running statistics are called as in the zoo. The first network's names have no prefix; those of others
begin with "teacher.", "ema." or "second."; "queue" and "table" are no network's.

The one entry of the metadata, "facts", is JSON. Keys of every file:

    method        its name; several files may be of one method
    model         {"name", "depth", "width"}: in the zoo; fc [4, 16] is there only for methods that classify
    optimizer     {"name", "lr", "momentum", "weight_decay"}: of all that is trained, biases and batch norms too,
                  without dampening
    losses        [10] numbers: the loss of every step, computed before its update, in float32
    losses64      [10] numbers: the same in float64
    rounding      {"losses", "grads", "final"}: the largest difference of float32 from float64: of losses relative to
                  the loss, of tensors relative to the tensor's largest magnitude, those in "vanishing" left out
    disturbed     the same for float64 from other weights: the largest of four times in which each was off by about
                  1e-7 of itself. Computed with sums in another order, figures may differ so much
    vanishing     names whose gradient is zero but for rounding: biases that a batch norm takes away. Only weight decay
                  moves them; compare their gradients with a bound. float32 finds up to 1e-7, float64 up to 1e-15
    torch         its version

and of some recorded: [10] numbers a name, what else the method tells of every step, in float64.

Further keys are named in each function. Lists of ten are by step, lists of three by stored batch.

The network is the zoo's resnet_mini of depth 8 and width 4 on pictures of 3x8x8: a first convolution of stride 2, three
stages of one block, shortcuts that take every second pixel and put zeros into the further channels (He et al. 2015,
option A), names as torchvision's. Its features are [n, 16]. Batch norms have epsilon 1e-5 and momentum 0.1; their
scales, shifts and running statistics start at random values, so that none can be taken for another. float64 starts
from the same float32 numbers.
"""
import json
import struct
import sys

import torch

import few_labels
import methods
import published
import selfsupervised
from training import SGD, STEPS, Run, worst


# Each file's method and the seed of its random numbers. Seeds were sought, among the first hundred, at which rounding
# does not decide: no choice is near its threshold, no ReLU near zero (see write).
FILES = {
    "byol": (lambda run: methods.byol(run, [0.99] * STEPS), 22),
    "byol_schedule": (lambda run: methods.byol(run, methods.cosine(0.9)), 22),
    "simsiam": (methods.simsiam, 4),
    "simsiam_through": (lambda run: methods.simsiam(run, stop_gradient=False), 39),
    "moco_v2": (methods.moco_v2, 1),
    "moco_v2_split": (lambda run: methods.moco_v2(run, 2), 92),
    "fixmatch": (methods.fixmatch, 6),
    "mean_teacher": (methods.mean_teacher, 22),
    "pseudo_label": (few_labels.pseudo_label, 13),
    "pi_model": (few_labels.pi_model, 1),
    "flexmatch": (few_labels.flexmatch, 5),
    "flexmatch_cold": (lambda run: few_labels.flexmatch(run, warm_up=False), 2),
    "freematch": (few_labels.freematch, 1),
    "mixmatch": (lambda run: few_labels.mixmatch(run, labelled=16), 76),
    "mixmatch_more": (lambda run: few_labels.mixmatch(run, ratio=2, temperature=0.8), 68),
    "binary": (lambda run: methods.supervised(run, "binary", 0.1), 1),
    "focal": (lambda run: methods.supervised(run, "focal", 0.1), 2),
    "gce": (lambda run: methods.robust(run, "gce"), 1),
    "sce": (lambda run: methods.robust(run, "sce"), 17),
    "nce_rce": (lambda run: methods.robust(run, "nce_rce"), 17),
    "bootstrap": (lambda run: methods.robust(run, "bootstrap"), 1),
    "bootstrap_hard": (lambda run: methods.robust(run, "bootstrap_hard"), 6),
    "forward": (lambda run: methods.robust(run, "forward"), 1),
    "sam": (lambda run: methods.sharp(run, 0.05), 1),
    "asam": (lambda run: methods.sharp(run, 0.5, adaptive=True), 1),
    "distillation": (methods.distillation, 4),
    "distillation_hard": (lambda run: methods.distillation(run, alpha=0.5, hard=True), 1),
    "elr": (methods.elr, 1),
    "co_teaching": (methods.co_teaching, 13),
    "jocor": (methods.jocor, 8),
    "proden": (methods.proden, 6),
    "proden_uniform": (lambda run: methods.proden(run, update=False), 1),
    "pico": (methods.pico, 1),
    "coarse_labels": (methods.coarse_labels, 1),
    "dividemix": (methods.dividemix, 1),
    "dividemix_warm_up": (methods.dividemix_warm_up, 1),
    "dividemix_penalised": (lambda run: methods.dividemix_warm_up(run, penalised=True), 20),
    "confident_learning": (methods.confident_learning, 1),
    "scl_nl": (lambda run: methods.complementary(run, "scl_nl"), 1),
    "scl_exp": (lambda run: methods.complementary(run, "scl_exp"), 1),
    "complementary_forward": (lambda run: methods.complementary(run, "forward"), 1),
    "rotation": (selfsupervised.rotation, 1),
    "rotation_drawn": (lambda run: selfsupervised.rotation(run, every=False), 3),
    "simclr": (selfsupervised.simclr, 2),
    "simclr_apart": (lambda run: selfsupervised.simclr(run, one_pass=False, norm=True, batch=32, rate=0.001), 28),
    "simclr_linear": (lambda run: selfsupervised.simclr(run, projector="linear"), 1),
    "simclr_none": (lambda run: selfsupervised.simclr(run, projector="none"), 1),
    "barlow_twins": (selfsupervised.barlow_twins, 30),
    "barlow_twins_scaled": (lambda run: selfsupervised.barlow_twins(run, one_pass=True, scale=0.1), 30),
    "vicreg": (selfsupervised.vicreg, 3),
    "supcon": (selfsupervised.supcon, 5),
    "dino": (selfsupervised.dino, 1),
    "dino_normed": (lambda run: selfsupervised.dino(run, norm=True), 72),
    "swav": (selfsupervised.swav, 71),
    "jigsaw": (selfsupervised.jigsaw, 1),
    "jigsaw_whole": (lambda run: selfsupervised.jigsaw(run, apart=False), 2),
    "inpainting": (selfsupervised.inpainting, 1),
    "nnclr": (selfsupervised.nnclr, 88),
}


def record(name):
    """The training in float32, in float64, and what the facts say of how they differ."""
    method, seed = FILES[name]
    single, double = (Run(method, dtype, seed) for dtype in (torch.float32, torch.float64))
    vanishing = [k for k, g in double.grads.items() if g.abs().max() < 1e-12]

    def differences(run):
        assert run.facts == double.facts, "another choice was made"
        return {
            "losses": max(abs(a / b - 1) for a, b in zip(run.losses, double.losses)),
            "grads": max(worst(g, double.grads[k]) for k, g in run.grads.items() if k not in vanishing),
            "final": max(worst(v, double.final[k]) for k, v in run.final.items()),
        }

    others = [differences(Run(method, torch.float64, seed, n)) for n in range(1, 5)]
    disturbed = {k: max(other[k] for other in others) for k in others[0]}
    return single, double, {"rounding": differences(single), "disturbed": disturbed, "vanishing": vanishing}


def write(path, name):
    single, double, differing = record(name)
    assert max(differing["rounding"].values()) < 6e-6 and max(differing["disturbed"].values()) < 1e-5, differing
    facts = single.facts | differing | {
        "model": {"name": "resnet_mini", "depth": 8, "width": 4},
        "optimizer": single.facts.get("optimizer", {"name": "sgd"} | SGD),
        "losses": single.losses, "losses64": double.losses, "torch": torch.__version__,
    }
    if double.told:
        facts["recorded"] = double.told
    parts = {"start": single.start, "batch": single.batch, "seen": single.seen, "grads": single.grads, "grads64": double.grads,
             "final": single.final, "final64": double.final}
    header, data = {"__metadata__": {"facts": json.dumps(facts)}}, b""
    for part, tensors in parts.items():
        for k, v in tensors.items():
            values = v.float().contiguous().numpy().tobytes()
            header[f"{part}/{k}"] = {"dtype": "F32", "shape": list(v.shape), "data_offsets": [len(data), len(data) + len(values)]}
            data += values
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)
    print(f"{name}: {8 + len(text) + len(data)} bytes, {differing}")


def main(folder, *names):
    torch.set_num_threads(1)
    for groups in (1, 2):
        methods.check_moco(groups)
    for name in names or FILES:
        write(f"{folder}/{name}.safetensors", name)
    print("compared with", published.USED)


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) > 1 else sys.exit(__doc__)
