"""The network that peers.py trains, and what is kept of a training."""
import copy

import torch
import torch.nn.functional as F
from torch import nn

STEPS, BATCHES = 10, 3
SGD = {"lr": 0.05, "momentum": 0.9, "weight_decay": 1e-4}


class SplitBatchNorm(nn.BatchNorm2d):
    """Batch norm over groups: sample i belongs to group i mod `groups`. Running statistics become the mean over the
    groups of what each would have made of them, the variance being unbiased within its group
    (colab/moco_cifar10_demo.ipynb of facebookresearch/moco)."""

    def __init__(self, channels, groups):
        super().__init__(channels)
        self.groups = groups

    def forward(self, x):
        n, c, h, w = x.shape
        mean, var = self.running_mean.repeat(self.groups), self.running_var.repeat(self.groups)
        scale, shift = self.weight.repeat(self.groups), self.bias.repeat(self.groups)
        y = F.batch_norm(x.view(-1, self.groups * c, h, w), mean, var, scale, shift, True, self.momentum, self.eps)
        self.running_mean.data.copy_(mean.view(self.groups, c).mean(0))
        self.running_var.data.copy_(var.view(self.groups, c).mean(0))
        return y.view(n, c, h, w)


class Block(nn.Module):
    def __init__(self, before, width, stride, norm):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(before, width, 3, stride, 1, bias=False), norm(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), norm(width)
        self.stride, self.more = stride, width - before

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        x = x[:, :, :: self.stride, :: self.stride]
        return F.relu(y + torch.cat([x, x.new_zeros(len(x), self.more, *x.shape[2:])], 1))


class Network(nn.Module):
    """resnet_mini without its classifier, and heads that read its features."""

    def __init__(self, norm=nn.BatchNorm2d, **heads):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 4, 3, 2, 1, bias=False), norm(4)
        self.layer1 = nn.Sequential(Block(4, 4, 1, norm))
        self.layer2 = nn.Sequential(Block(4, 8, 2, norm))
        self.layer3 = nn.Sequential(Block(8, 16, 2, norm))
        for name, head in heads.items():
            setattr(self, name, head)
        for m in self.modules():
            if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
                nn.init.uniform_(m.weight, 0.5, 1.5)
                nn.init.uniform_(m.bias, -0.2, 0.2)
                nn.init.uniform_(m.running_mean, -0.2, 0.2)
                nn.init.uniform_(m.running_var, 0.5, 1.5)

    def features(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return self.layer3(self.layer2(self.layer1(x))).mean((2, 3))


class Run:
    """A method's training in one precision, and what is kept of it. All random numbers are drawn in float32, so that
    they are the same in both precisions. With a disturbance from 1 on, trained weights start off by about 1e-7 of
    themselves, each time otherwise."""

    def __init__(self, method, dtype, seed, disturbance=0):
        self.noise = torch.Generator().manual_seed(disturbance) if disturbance else None
        self.dtype, self.nets, self.extra, self.batch = dtype, {}, {}, {}
        self.seen, self.grads, self.losses, self.facts, self.told = {}, {}, [], {}, {}
        torch.manual_seed(seed)
        method(self)

    def network(self, prefix="", **parts):
        """A network in training mode that is trained."""
        net = Network(**parts).to(self.dtype).train()
        if self.noise:
            for p in net.parameters():
                p.data *= 1 + 1e-7 * torch.randn(p.shape, generator=self.noise)
        self.nets[prefix] = net
        return net

    def copied(self, prefix, net):
        """A copy of net that is not trained. It is in training mode, too."""
        self.nets[prefix] = copy.deepcopy(net).requires_grad_(False)
        return self.nets[prefix]

    def keep(self, name, tensor):
        """A tensor that belongs to the state and that the method changes in place."""
        self.extra[name] = tensor.to(self.dtype)
        return self.extra[name]

    def pictures(self, name, n, like=None, noise=1.0):
        x = noise * torch.randn(BATCHES, n, 3, 8, 8)
        if like is not None:
            x = like.float() + x
        self.batch[name] = x.to(self.dtype)
        return self.batch[name]

    def say(self, **facts):
        self.facts.update(facts)

    def see(self, **values):
        for name, v in values.items():
            self.seen.setdefault(name, v.detach().clone())

    def state(self):
        found = {p + k: v for p, net in self.nets.items() for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
        return {k: v.clone() for k, v in (found | self.extra).items()}

    def trained(self):
        return {p + k: v for p, net in self.nets.items() for k, v in net.named_parameters() if v.requires_grad}

    def steps(self):
        """Number of the step and of its stored batch."""
        self.start = self.state()
        self.optimizer = torch.optim.SGD(self.trained().values(), **SGD)
        for step in range(STEPS):
            yield step, step % BATCHES
        self.final = self.state()

    def agree(self, loss, **published):
        """A loss of a library is the method's own; in the first step, so is what it does to all weights. None: there is
        no such library."""
        near, moved = (1e-9, 1e-7) if self.dtype == torch.float64 else (1e-5, 1e-4)
        for name, other in published.items():
            if other is None:
                continue
            assert abs(other.item() - loss.item()) <= near * abs(loss.item()), f"{name}: {other.item()}, here {loss.item()}"
            if not self.losses:
                self.agree_in(name, moved, *(self.gradients(one) for one in (loss, other)))

    def gradients(self, loss):
        """Of all that is trained, as one row."""
        grads = torch.autograd.grad(loss.sum(), list(self.trained().values()), retain_graph=True, allow_unused=True)
        return torch.cat([g.flatten() for g in grads if g is not None])

    def agree_in(self, name, near, ours, other):
        if other is not None:
            assert worst(other, ours) < near, f"{name}: off by {worst(other, ours)}"

    def ascend(self, loss, radius, adaptive):
        """To w + eps, where a sharpness-aware step takes its gradient; returns w. Plain: eps = radius·g/|g|, as
        davda54/sam (sam.py, first_step). Adaptive: as SamsungLabs/ASAM (asam.py, ascent_step) with its eta of 0.01: all
        whose name has "weight" is measured in units of its own size. Batch norms then leave their statistics, as
        bypass_bn.py of davda54/sam has it."""
        before = {k: p.detach().clone() for k, p in self.trained().items()}
        grads = dict(zip(before, torch.autograd.grad(loss, list(self.trained().values()))))
        units = {k: w.abs() + 0.01 if adaptive and "weight" in k else torch.ones_like(w) for k, w in before.items()}
        norm = torch.norm(torch.stack([torch.norm(units[k] * g) for k, g in grads.items()]))
        with torch.no_grad():
            for k, p in self.trained().items():
                p += units[k] * units[k] * grads[k] * (radius / (norm + 1e-12))
        self.move_statistics(False)
        return before

    def move_statistics(self, moves):
        for m in (m for net in self.nets.values() for m in net.modules() if isinstance(m, nn.BatchNorm2d)):
            m.momentum = 0.1 if moves else 0.0

    def descend_from(self, before, first, loss):
        """From w, by the gradient where the network is now; first, the loss at w, is recorded."""
        self.optimizer.zero_grad(set_to_none=False)
        loss.backward()
        if not self.losses:
            self.grads = {k: p.grad.clone() for k, p in self.trained().items()}
        with torch.no_grad():
            for k, p in self.trained().items():
                p.copy_(before[k])
        self.optimizer.step()
        self.losses.append(first.item())
        self.move_statistics(True)

    def descend(self, loss):
        self.optimizer.zero_grad(set_to_none=False)  # what is frozen keeps a gradient of zeros; torch 2 would drop it
        loss.backward()
        if not self.losses:
            self.grads = {k: p.grad.clone() for k, p in self.trained().items()}
        self.optimizer.step()
        self.losses.append(loss.item())


@torch.no_grad()
def follow(copied, net, decay):
    """copied = decay · copied + (1 - decay) · net, parameters only."""
    of = dict(net.named_parameters())
    for name, p in copied.named_parameters():
        p.copy_(decay * p + (1 - decay) * of[name])


def worst(got, want):
    """The largest difference, relative to the largest magnitude."""
    return ((got.double() - want.double()).abs().max() / want.double().abs().max()).item()
