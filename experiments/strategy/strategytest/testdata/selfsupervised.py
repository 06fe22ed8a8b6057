"""Methods without labels, and one with, that methods.py has not: one function each, as there."""
import itertools

import numpy
import torch
import torch.nn.functional as F
from torch import nn

import published
from training import BATCHES, SGD, follow

FEATURES, HIDDEN, OUT = 16, 16, 8


def slowly(run, rate):
    """The rate of a method whose rounding would grow too far at the others'."""
    run.optimizer.param_groups[0]["lr"] = rate
    run.say(optimizer={"name": "sgd"} | SGD | {"lr": rate})


def rotation(run, every=True, batch=8):
    """Rotation prediction (Gidaris et al. 2018), after gidariss/FeatureLearningRotNet: dataloader.py (an image is
    augmented, then turned by all four angles, which are one batch) and architectures (cross-entropy).

    Choices: turned images come angle by angle, not image by image, which changes nothing in a mean and in the
    statistics of a batch but the order of sums. With every False, an image is turned by one angle, which was drawn.

    batch/image [3, 8, 3, 8, 8]: before they are turned; with every False, after. seen: logits [32, 4] or [8, 4].
    facts: every_angle, target [3][8] (of images that are turned already).
    """
    net = run.network(rotation=nn.Linear(FEATURES, 4))
    x, angles = run.pictures("image", batch), torch.randint(4, (BATCHES, batch))
    run.say(method="rotation", every_angle=every, target=angles.tolist())
    for step, i in run.steps():
        turned, angle = x[i], angles[i]
        if every:
            turned = torch.cat([torch.rot90(x[i], k, (2, 3)) for k in range(4)])
            angle = torch.arange(4).repeat_interleave(batch)
        logits = net.rotation(net.features(turned))
        run.see(logits=logits)
        run.descend(F.cross_entropy(logits, angle))


def both(net, a, b, one_pass):
    """What the projector makes of two views, in one batch or one after the other."""
    if one_pass:
        return net.projector(net.features(torch.cat([a, b]))).chunk(2)
    return [net.projector(net.features(x)) for x in (a, b)]


def head(*widths, norm=True, last=False):
    """Linear layers with a ReLU between two and batch norms before it; last: one behind the last layer, too."""
    layers = []
    for i, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        end = i + 2 == len(widths)
        layers.append(nn.Linear(inputs, outputs))
        if norm and (last or not end):
            layers.append(nn.BatchNorm1d(outputs))
        if not end:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def simclr(run, one_pass=True, norm=False, batch=16, rate=0.01, projector="nonlinear"):
    """SimCLR (Chen et al. 2020), after google-research/simclr: objective.py (add_contrastive_loss: similarities within
    a view, without the diagonal, beside those to the other view; both directions) and model.py (one pass over both
    views). The authors add both directions, each a mean over n; here, as in the paper's equation and in lightly, it is
    the mean over 2n. With norm, the last batch norm has a shift, as lightly's; model_util.py has none there.

    projector is proj_head_mode of the authors' model_util.py (projection_head), whose "linear" and "none" are figure 8's.

    batch/a, batch/b [3, n, 3, 8, 8]: two views. seen: projection_a, projection_b [n, 8]; [n, 16] without a head. facts:
    temperature, one_pass, head_norm (batch norms behind both layers of the head), head (where it is not "nonlinear").
    """
    temperature = 0.5 if norm else 0.2
    widths = {"nonlinear": (FEATURES, HIDDEN, OUT), "linear": (FEATURES, OUT), "none": (FEATURES,)}[projector]
    net = run.network(projector=head(*widths, norm=norm, last=norm))
    a, b = run.pictures("a", batch), run.pictures("b", batch)
    run.say(method="simclr", temperature=temperature, one_pass=one_pass, head_norm=norm,
            **({} if projector == "nonlinear" else {"head": projector}))
    lightly, solo = published.lightly(lambda loss, _: loss.NTXentLoss(temperature)), published.solo("simclr")
    for step, i in run.steps():
        slowly(run, rate)
        z = both(net, a[i], b[i], one_pass)
        run.see(projection_a=z[0], projection_b=z[1])
        x, y = (F.normalize(one, dim=1) for one in z)
        own = torch.eye(batch, dtype=x.dtype) * 1e9
        xx, yy, xy = x @ x.T / temperature - own, y @ y.T / temperature - own, x @ y.T / temperature
        labels = torch.arange(batch)
        loss = (F.cross_entropy(torch.cat([xy, xx], 1), labels) + F.cross_entropy(torch.cat([xy.T, yy], 1), labels)) / 2
        run.agree(loss, lightly=lightly and lightly(*z), solo=solo and solo.simclr_loss_func(*z, temperature))
        run.descend(loss)


def off_diagonal(x):
    n, _ = x.shape
    return x.flatten()[:-1].view(n - 1, n + 1)[:, 1:].flatten()


def barlow_twins(run, one_pass=False, scale=1.0, batch=32):
    """Barlow Twins (Zbontar et al. 2021), after facebookresearch/barlowtwins: main.py (batch norm without scale and
    shift of the projections, matrix over both divided by the batch, loss).

    Choices: linear layers have a bias, which the batch norms take away (the authors: none). The batch norm at the end
    has no running statistics here, which nothing reads. scale is 1 in the authors' code, 0.1 in solo-learn's CIFAR.

    batch/a, batch/b [3, 32, 3, 8, 8]. seen: projection_a, projection_b [32, 8], correlation [8, 8]. facts: lambda,
    scale, one_pass.
    """
    weight = 0.0051
    net = run.network(projector=head(FEATURES, HIDDEN, HIDDEN, OUT))
    a, b = run.pictures("a", batch), run.pictures("b", batch)
    run.say(method="barlow_twins", scale=scale, one_pass=one_pass, **{"lambda": weight})
    lightly = published.lightly(lambda loss, _: loss.BarlowTwinsLoss(weight))
    for step, i in run.steps():
        slowly(run, 0.002 / scale)
        z = both(net, a[i], b[i], one_pass)
        x, y = (F.batch_norm(one, None, None, training=True) for one in z)
        c = x.T @ y / batch
        run.see(projection_a=z[0], projection_b=z[1], correlation=c)
        on = (torch.diagonal(c) - 1).pow(2).sum()
        loss = scale * (on + weight * off_diagonal(c).pow(2).sum())
        run.agree(loss, lightly=lightly and scale * lightly(*z))
        run.descend(loss)


def vicreg(run, batch=32):
    """VICReg (Bardes et al. 2022), after facebookresearch/vicreg: main_vicreg.py. Its variance is the mean over both
    views; the paper's, and solo-learn's, is the sum. Linear layers have a bias (the authors' last one: none, which
    changes nothing: it is taken away from variances, and is the same in both views).

    batch/a, batch/b [3, 32, 3, 8, 8]. seen: projection_a, projection_b [32, 8]. facts: sim, std, cov.
    """
    sim, std, cov = 25.0, 25.0, 1.0
    net = run.network(projector=head(FEATURES, HIDDEN, HIDDEN, OUT))
    a, b = run.pictures("a", batch), run.pictures("b", batch)
    run.say(method="vicreg", sim=sim, std=std, cov=cov)
    lightly = published.lightly(lambda loss, _: loss.VICRegLoss(sim, std, cov))
    for step, i in run.steps():
        slowly(run, 0.001)
        x, y = both(net, a[i], b[i], False)
        run.see(projection_a=x, projection_b=y)
        other = lightly and lightly(x, y)
        alike = F.mse_loss(x, y)
        x, y = x - x.mean(0), y - y.mean(0)
        spread = sum(F.relu(1 - torch.sqrt(one.var(0) + 0.0001)).mean() / 2 for one in (x, y))
        together = sum(off_diagonal(one.T @ one / (batch - 1)).pow(2).sum() / OUT for one in (x, y))
        loss = sim * alike + std * spread + cov * together
        run.agree(loss, lightly=other)
        run.descend(loss)


def supcon(run, batch=16):
    """Supervised contrastive learning (Khosla et al. 2020), after HobbitLong/SupContrast: losses.py (SupConLoss with
    contrast_mode "all") and networks/resnet_big.py (head without batch norm, normalised).

    batch/a, batch/b [3, 16, 3, 8, 8]. seen: projection [32, 8]: all of a, then all of b. facts: label [3][16],
    temperature, base_temperature.
    """
    temperature, base = 0.1, 0.07
    net = run.network(projector=head(FEATURES, HIDDEN, OUT, norm=False))
    a, b = run.pictures("a", batch), run.pictures("b", batch)
    y = torch.randint(4, (BATCHES, batch))
    run.say(method="supcon", temperature=temperature, base_temperature=base, label=y.tolist())
    other = published.metric_learning()
    for step, i in run.steps():
        slowly(run, 0.01)
        z = F.normalize(torch.cat(both(net, a[i], b[i], True)), dim=1)
        run.see(projection=z)
        mask = (y[i][:, None] == y[i][None]).to(z.dtype).repeat(2, 2)
        logits = z @ z.T / temperature
        logits = logits - logits.max(1, keepdim=True)[0].detach()
        others = 1 - torch.eye(2 * batch, dtype=z.dtype)
        mask = mask * others
        log_prob = logits - torch.log((logits.exp() * others).sum(1, keepdim=True))
        loss = (-(temperature / base) * (mask * log_prob).sum(1) / mask.sum(1)).mean()
        run.agree(loss, metric_learning=other and temperature / base * other.SupConLoss(temperature)(z, y[i].repeat(2)))
        run.descend(loss)


def nnclr(run, batch=32, rows=80):
    """NNCLR (Dwibedi et al. 2021): the paper's heads and pseudo-code, with which solo-learn's solo/methods/nnclr.py and
    losses/nnclr.py agree, projector included: neighbours are sought in the queue before it takes
    the first view's projections in; predictions are what is told from; half of the sum of both directions.

    The queue has a row a key; step s writes rows (32·s) mod 80 and those after, round the end.

    batch/a, batch/b [3, 32, 3, 8, 8]. State: queue [80, 8]. seen: projection_a, projection_b, neighbour_a, neighbour_b
    [32, 8]. facts: temperature, neighbours [10][32] of a.
    """
    temperature = 0.5
    net = run.network(projector=head(FEATURES, HIDDEN, HIDDEN, OUT, last=True), predictor=head(OUT, HIDDEN, OUT))
    queue = run.keep("queue", F.normalize(torch.randn(rows, OUT), dim=1))
    a, b = run.pictures("a", batch), run.pictures("b", batch)
    found, solo = [], published.solo("nnclr")
    bank = published.lightly(lambda _, modules: modules.NNMemoryBankModule((rows, OUT)))

    def nearest(z):
        like = z @ queue.T
        top = like.topk(2, dim=1)[0]
        assert (top[:, 0] - top[:, 1]).min() > 1e-4, "a neighbour hangs by a hair"
        return like.max(1)[1]

    for step, i in run.steps():
        slowly(run, 0.002)
        z = both(net, a[i], b[i], False)
        p = [F.normalize(net.predictor(one), dim=1) for one in z]
        z = [F.normalize(one.detach(), dim=1) for one in z]
        index = [nearest(one) for one in z]
        found.append(index[0].tolist())
        n = [queue[one].clone() for one in index]
        run.see(projection_a=z[0], projection_b=z[1], neighbour_a=n[0], neighbour_b=n[1])
        labels = torch.arange(batch)
        loss = sum(F.cross_entropy(x @ y.T / temperature, labels) for x, y in ((n[0], p[1]), (n[1], p[0]))) / 2
        if bank:  # its queue leaves out what goes beyond its end
            bank.bank = queue.clone()
            run.agree_in("lightly's neighbours", 1e-6, torch.cat(n), torch.cat([bank(one) for one in z]))
        theirs = solo and [solo.nnclr_loss_func(x, y, temperature) for x, y in ((n[0], p[1]), (n[1], p[0]))]
        run.agree(loss, solo=theirs and sum(theirs) / 2)
        run.descend(loss)
        queue[torch.arange(batch * step, batch * (step + 1)) % rows] = z[0]
    run.say(method="nnclr", temperature=temperature, neighbours=found)


MOVES = [1, 0, 0] + [1] * 7  # steps in which prototypes get a gradient


class Prototypes(nn.Module):
    """Scores of directions, which a linear layer with a normed weight has."""

    def __init__(self, inputs, k):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(k, inputs))

    def forward(self, x, moves=1):
        w = F.normalize(self.weight, dim=1)
        return x @ (w if moves else w.detach()).T


def dino(run, norm=False, batch=32, k=12):
    """DINO (Caron et al. 2021), after facebookresearch/dino: main_dino.py (DINOLoss with two crops of full size, centre,
    order of what a step does) and vision_transformer.py (DINOHead: three layers with GELUs, length
    one, a weight-normed last layer whose magnitudes are 1 and do not move).

    Choices: the teacher starts as a whole copy, and its running statistics are its own. tau and the teacher's
    temperature change from step to step, faster than the authors'; the last layer is frozen in steps 1 and 2, in place
    of the first epoch. Frozen, it has a gradient of zeros, so that weight decay and momentum act, where the authors' has
    none; its length does not matter, and at the beginning there is no momentum.

    batch/a, batch/b [3, 32, 3, 8, 8]. State: centre [1, 12], teacher.*. seen: scores_a, scores_b, teacher_a, teacher_b
    [32, 12]. facts: temperature, teacher_temperature [10], keeps, tau [10], moves [10], head_norm (batch norms behind the
    hidden layers).
    """
    temperature, keeps = 0.1, 0.9
    sharp = [0.08 - 0.004 * step for step in range(10)]
    taus = [0.9 + 0.01 * step for step in range(10)]
    layers = []
    for inputs in (FEATURES, HIDDEN):
        layers += [nn.Linear(inputs, HIDDEN)] + [nn.BatchNorm1d(HIDDEN)] * norm + [nn.GELU()]
    net = run.network(projector=nn.Sequential(*layers, nn.Linear(HIDDEN, OUT)), prototypes=Prototypes(OUT, k))
    teacher = run.copied("teacher.", net)
    centre = run.keep("centre", 0.1 * torch.randn(1, k))
    a, b = run.pictures("a", batch), run.pictures("b", batch)
    run.say(method="dino", temperature=temperature, teacher_temperature=sharp, keeps=keeps, tau=taus, moves=MOVES, head_norm=norm)
    lightly = published.lightly(lambda loss, _: loss.DINOLoss(k, center_momentum=keeps, student_temp=temperature))
    if lightly:
        lightly.center = centre.clone()[None]
    for step, i in run.steps():
        slowly(run, 0.005)
        x = torch.cat([a[i], b[i]])
        their_head = published.dino_head(net, norm)
        features = net.features(x)
        out = net.prototypes(F.normalize(net.projector(features), dim=1), MOVES[step])
        with torch.no_grad():
            answer = teacher.prototypes(F.normalize(teacher.projector(teacher.features(x)), dim=1))
        run.see(scores_a=out[:batch], scores_b=out[batch:], teacher_a=answer[:batch], teacher_b=answer[batch:])
        student = (out / temperature).chunk(2)
        target = F.softmax((answer - centre) / sharp[step], dim=-1).chunk(2)
        total, terms = 0, 0
        for q, p in itertools.product(range(2), range(2)):
            if q != p:
                total = total + torch.sum(-target[q] * F.log_softmax(student[p], dim=-1), dim=-1).mean()
                terms += 1
        loss = total / terms
        theirs = lightly and lightly(list(answer.chunk(2)), list(out.chunk(2)), numpy.float64(sharp[step]))
        run.agree(loss, lightly=theirs)
        run.agree_in("lightly's head", 1e-5, out, their_head and their_head(features))
        run.descend(loss)
        centre.copy_(centre * keeps + answer.mean(0, keepdim=True) * (1 - keeps))
        run.agree_in("lightly's centre", 1e-5, centre, lightly and lightly.center[0])
        follow(teacher, net, taus[step])


@torch.no_grad()
def sinkhorn(out, epsilon, iterations):
    """distributed_sinkhorn of facebookresearch/swav's main_swav.py, for one process."""
    q = torch.exp(out / epsilon).t()
    k, n = q.shape
    q /= q.sum()
    for _ in range(iterations):
        q /= q.sum(1, keepdim=True)
        q /= k
        q /= q.sum(0, keepdim=True)
        q /= n
    return (q * n).t()


def swav(run, batch=32, k=12):
    """SwAV (Caron et al. 2020), after facebookresearch/swav: main_swav.py and src/resnet50.py (head with a batch norm,
    length one), two crops of full size, no queue.

    Choices: prototypes are brought to length one where they are read, so that gradients are those of directions; the
    authors write them back at length one before each step. They are frozen in steps 1 and 2, in place of the first 313.

    batch/a, batch/b [3, 32, 3, 8, 8]. seen: scores_a, scores_b, sorted_a, sorted_b [32, 12]. facts: temperature,
    epsilon, iterations, moves [10].
    """
    temperature, epsilon, iterations = 0.1, 0.05, 3
    net = run.network(projector=head(FEATURES, HIDDEN, OUT), prototypes=Prototypes(OUT, k))
    a, b = run.pictures("a", batch), run.pictures("b", batch)
    run.say(method="swav", temperature=temperature, epsilon=epsilon, iterations=iterations, moves=MOVES)
    lightly = published.lightly(lambda loss, _: loss.SwaVLoss(temperature, iterations, epsilon))
    for step, i in run.steps():
        slowly(run, 0.005)
        out = net.prototypes(F.normalize(torch.cat(both(net, a[i], b[i], True)), dim=1), MOVES[step]).chunk(2)
        q = [sinkhorn(one.detach(), epsilon, iterations) for one in out]
        run.see(scores_a=out[0], scores_b=out[1], sorted_a=q[0], sorted_b=q[1])
        loss = 0
        for crop in range(2):
            loss -= torch.mean(torch.sum(q[crop] * F.log_softmax(out[1 - crop] / temperature, dim=1), dim=1))
        run.agree(loss / 2, lightly=lightly and lightly(list(out), []))
        run.descend(loss / 2)


def jigsaw(run, apart=True, batch=8):
    """Jigsaw puzzles (Noroozi and Favaro 2016, section 3): every tile through one network, features of all tiles, in a
    fixed order, through a hidden layer. The paper's layer for each tile between them is left out.

    Choices: 24 orders of 2x2 tiles. Pictures are shuffled already; tiles are read column by column. With apart False,
    the network reads the shuffled picture.

    batch/image [3, 8, 3, 8, 8]. seen: logits [8, 24]. facts: tile_by_tile, target [3][8].
    """
    net = run.network(jigsaw=head((4 if apart else 1) * FEATURES, HIDDEN, 24, norm=False))
    x, orders = run.pictures("image", batch), torch.randint(24, (BATCHES, batch))
    run.say(method="jigsaw", tile_by_tile=apart, target=orders.tolist())
    for step, i in run.steps():
        slowly(run, 0.02)
        read = [x[i]]
        if apart:
            read = [x[i][:, :, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4] for column in range(2) for row in range(2)]
        logits = net.jigsaw(torch.cat(net.features(torch.cat(read)).split(batch), 1))
        run.see(logits=logits)
        run.descend(F.cross_entropy(logits, orders[i]))


def inpainting(run, batch=8):
    """Context encoders (Pathak et al. 2016), their reconstruction loss only: the middle of a picture, half its side, is
    replaced by zeros and predicted. The decoder has one hidden layer, and paints means of 2x2 pixels.

    batch/image [3, 8, 3, 8, 8]. seen: painted [8, 12].
    """
    net = run.network(decoder=head(FEATURES, HIDDEN, 12, norm=False))
    x = run.pictures("image", batch)
    run.say(method="inpainting")
    for step, i in run.steps():
        hollow = x[i].clone()
        hollow[:, :, 2:6, 2:6] = 0
        painted = net.decoder(net.features(hollow))
        run.see(painted=painted)
        run.descend(F.mse_loss(painted, F.avg_pool2d(x[i][:, :, 2:6, 2:6], 2).flatten(1)))
