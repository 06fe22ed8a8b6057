"""Trains with stochastic weight averaging in PyTorch and writes what a peer needs to repeat it and to compare.

    averages.py FILE.safetensors

The network is that of ../../strategy/strategytest/testdata/training.py with a classifier. Images and labels follow from
their number (see picture), so that they are not in the file. What averages is torch.optim.swa_utils: AveragedModel,
update_bn, SWALR. Weights are averaged as in its documentation and in the authors' code (timgaripov/swa, train.py): from
the end of epoch FROM on, that one included.

The file has float32 tensors: start/NAME, the state before the first step, and final/NAME, the averaged network with the
statistics of update_bn after the last epoch, both from float64 throughout. Its metadata "facts" is JSON:

    test_loss  [EPOCHS] numbers: cross-entropy of the test images after each epoch, from FROM on of the averaged network
    rounding   by how much the same in float32 differs, of the largest number of each tensor
"""
import json
import pathlib
import struct
import sys

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.swa_utils import SWALR, AveragedModel, update_bn

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "strategy/strategytest/testdata"))
from training import Network, worst  # noqa: E402

TRAIN, TEST, BATCH, EPOCHS, FROM, CLASSES, SEED = 24, 10, 8, 6, 3, 10, 5
RATE, LATER = 0.02, 0.01


def picture(i):
    """Image i [3, 8, 8] of bytes, as what a network gets, and its label."""
    c, y, x = torch.meshgrid(torch.arange(3), torch.arange(8), torch.arange(8), indexing="ij")
    return ((37 * i + 91 * c + (i + 3) * y * x + 29 * (y + c) * (x + i)) % 256).double() / 255, (7 * i) % CLASSES


def images(first, n):
    x, y = zip(*(picture(i) for i in range(first, first + n)))
    return torch.stack(x), torch.tensor(y)


class Classifier(Network):
    def forward(self, x):
        return self.fc(self.features(x))


def train(dtype):
    torch.manual_seed(SEED)
    net = Classifier(fc=nn.Linear(16, CLASSES)).to(dtype).train()
    start = {k: v.clone() for k, v in net.state_dict().items()}
    (x, y), (test, right) = images(0, TRAIN), images(TRAIN, TEST)
    batches = list(zip(x.to(dtype).split(BATCH), y.split(BATCH)))
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE, momentum=0.9, weight_decay=1e-4)
    averaged, losses = AveragedModel(net), []
    for epoch in range(1, EPOCHS + 1):
        for images_of, labels in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(images_of), labels).backward()
            optimizer.step()
        told = net
        if epoch >= FROM:
            averaged.update_parameters(net)
            update_bn(batches, averaged)
            told = averaged
        if epoch == FROM:
            SWALR(optimizer, swa_lr=LATER, anneal_epochs=0).step()
            assert optimizer.param_groups[0]["lr"] == LATER
        told.eval()
        with torch.no_grad():
            losses.append(F.cross_entropy(told(test.to(dtype)), right).item())
        told.train()
    assert averaged.n_averaged == EPOCHS - FROM + 1
    return start, averaged.module.state_dict(), losses


def main(path):
    torch.set_num_threads(1)
    _, single, _ = train(torch.float32)
    start, final, losses = train(torch.float64)
    kept = [k for k in start if not k.endswith("num_batches_tracked")]
    rounding = max(worst(single[k], final[k]) for k in kept)
    assert rounding < 5e-6, rounding
    facts = {"test_loss": losses, "rounding": rounding, "torch": torch.__version__}
    header, data = {"__metadata__": {"facts": json.dumps(facts)}}, b""
    for part, tensors in {"start": start, "final": final}.items():
        for k in kept:
            values = tensors[k].float().contiguous().numpy().tobytes()
            header[f"{part}/{k}"] = {"dtype": "F32", "shape": list(tensors[k].shape),
                                     "data_offsets": [len(data), len(data) + len(values)]}
            data += values
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)
    print(f"{8 + len(text) + len(data)} bytes, {facts}")


if __name__ == "__main__":
    main(sys.argv[1]) if len(sys.argv) == 2 else sys.exit(__doc__)
