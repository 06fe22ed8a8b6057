"""The methods whose training peers.py writes down, one function each."""
import copy
import math

import torch
import torch.nn.functional as F
from torch import nn

import published
from training import BATCHES, SGD, STEPS, Network, Run, SplitBatchNorm, follow, worst

BATCH, CLASSES, FEATURES, HIDDEN, OUT = 8, 4, 16, 16, 8


def normalized_head(inputs):
    return nn.Sequential(nn.Linear(inputs, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, OUT))


def byol(run, taus, batch=32):
    """Bootstrap Your Own Latent (Grill et al. 2020), after vturrisi/solo-learn: solo/methods/byol.py (heads, loss of
    both directions), solo/losses/byol.py, solo/methods/base.py (order of passes, when the teacher follows),
    solo/utils/momentum.py (tau). The authors' code, byol/byol_experiment.py of google-deepmind/deepmind-research,
    agrees: order of passes, loss, a teacher with running statistics of its own that follows with the parameters that
    the optimizer has just made.

    Choices: the teacher starts as a whole copy of network and projector, running statistics included (solo-learn
    copies parameters only, but its statistics are fresh in both; the authors draw a teacher of its own). It has no
    predictor. The heads' last layers have a bias, as solo-learn's and lightly's (byol/utils/networks.py: none). All
    passes are in training mode, network on a, then on b; teacher on a, then on b. tau of a step is what the teacher
    follows with after that step's update; a schedule is solo-learn's, 1 - (1 - base)·(cos(pi·step/steps) + 1)/2, whose
    first step has the base. solo-learn also trains a linear classifier on detached features, which is left out. The
    batch is 32: with 8, rounding grows to more than 1e-5 of the loss within ten steps, because batch norms see few
    values.

    batch/a, batch/b [3, 32, 3, 8, 8]: two views. seen: online_a, online_b (predictions), target_a, target_b
    (projections), [32, 8] each.
    facts: tau [10].
    """
    net = run.network(projector=normalized_head(FEATURES), predictor=normalized_head(OUT))
    teacher = run.copied("teacher.", net)
    del teacher.predictor
    a, b = run.pictures("a", batch), run.pictures("b", batch)
    run.say(method="byol", tau=taus)

    def regress(p, z):
        return 2 - 2 * F.cosine_similarity(p, z, dim=-1).mean()

    cosine_of, solo = published.lightly(lambda loss, _: loss.NegativeCosineSimilarity()), published.solo("byol")

    for step, i in run.steps():
        online = [net.predictor(net.projector(net.features(x[i]))) for x in (a, b)]
        with torch.no_grad():
            target = [teacher.projector(teacher.features(x[i])) for x in (a, b)]
        run.see(online_a=online[0], online_b=online[1], target_a=target[0], target_b=target[1])
        loss = regress(online[0], target[1]) + regress(online[1], target[0])
        pairs = ((online[0], target[1]), (online[1], target[0]))
        run.agree(loss, lightly=cosine_of and 4 + 2 * sum(cosine_of(p, z) for p, z in pairs),
                  solo=solo and sum(solo.byol_loss_func(p, z) for p, z in pairs))
        run.descend(loss)
        follow(teacher, net, taus[step])


def cosine(base):
    return [1 - (1 - base) * (math.cos(math.pi * step / STEPS) + 1) / 2 for step in range(STEPS)]


def simsiam(run, stop_gradient=True, batch=32):
    """SimSiam (Chen and He 2020), after facebookresearch/simsiam: simsiam/builder.py (order of passes, heads, what is
    detached), main_simsiam.py (loss).

    Choices: linear layers before a batch norm have a bias, which does nothing (the authors: none, or one that is not
    trained); the batch norm without scale and shift at the projector's end has no running statistics. With
    stop_gradient False, projections are not detached, which collapses. The batch is 32, as byol's. The predictor starts
    near a multiple of what it reads, and the views are alike in colour, so that the loss, to which differences are
    compared, is not near 0. The rate is 0.005: with 0.05, rounding grows too far at nearly all seeds.

    batch/a, batch/b [3, 32, 3, 8, 8]: two views. seen: prediction_a, prediction_b, projection_a, projection_b [32, 8].
    facts: stop_gradient.
    """
    projector = nn.Sequential(*normalized_head(FEATURES)[:3], nn.Linear(HIDDEN, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.ReLU(),
                              nn.Linear(HIDDEN, OUT))
    predictor = nn.Sequential(nn.Linear(OUT, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, OUT))
    predictor[3].weight.data = 2 * predictor[0].weight.data.T
    net = run.network(projector=projector, predictor=predictor)
    colours = 2 * torch.randn(BATCHES, batch, 3, 1, 1)
    a, b = (run.pictures(name, batch, like=colours) for name in ("a", "b"))
    optimizer = {"name": "sgd"} | SGD | {"lr": 0.005}
    run.say(method="simsiam", stop_gradient=stop_gradient, optimizer=optimizer)
    cosine_of = published.lightly(lambda loss, _: loss.NegativeCosineSimilarity())
    for step, i in run.steps():
        run.optimizer.param_groups[0]["lr"] = optimizer["lr"]
        z = [F.batch_norm(net.projector(net.features(x[i])), None, None, training=True) for x in (a, b)]
        p = [net.predictor(one) for one in z]
        run.see(prediction_a=p[0], prediction_b=p[1], projection_a=z[0], projection_b=z[1])
        target = [one.detach() for one in z] if stop_gradient else z
        loss = -(F.cosine_similarity(p[0], target[1]).mean() + F.cosine_similarity(p[1], target[0]).mean()) / 2
        run.agree(loss, lightly=cosine_of and (cosine_of(target[0], p[1]) + cosine_of(target[1], p[0])) / 2)
        run.descend(loss)


def moco_v2(run, groups=1, before=False):
    """Momentum Contrast (He et al. 2020) with the head, and T, of v2 (Chen et al. 2020), after facebookresearch/moco:
    moco/builder.py, and colab/moco_cifar10_demo.ipynb for one process: SplitBatchNorm, permutation of the keys' batch
    (not its symmetric loss).

    Choices: the head is Linear, ReLU, Linear. The authors let the key encoder follow at the beginning of a step
    (before=True); here it follows after the update, which is the same but for the very first time, when it follows
    what it is a copy of, and for one more following at the end: check_moco proves it. The queue has a key a row (the
    authors: a column); step s writes rows (8·s) mod 32 and the seven after, after the loss. Key passes are in training
    mode, statistics the key encoder's own. With groups, both encoders' batch norms have them; keys[permutation] is
    what the key encoder sees, so the sample at place i of that is in group i mod groups, and its result is put back;
    queries are not permuted. The demo has T 0.1; this is 0.2 in both.

    batch/query, batch/key [3, 8, 3, 8, 8]: two views. State: queue [32, 8], teacher.* (the key encoder).
    seen: query, key [8, 8], of length one, in the batch's order; logits [8, 33], the positive first, divided by T.
    facts: temperature, decay, groups; permutation [10][8], with groups only.
    """
    temperature, decay, rows = 0.2, 0.99, 4 * BATCH
    norm = (lambda c: SplitBatchNorm(c, groups)) if groups > 1 else nn.BatchNorm2d
    net = run.network(norm=norm, projector=nn.Sequential(nn.Linear(FEATURES, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, OUT)))
    keys = run.copied("teacher.", net)
    queue = run.keep("queue", F.normalize(torch.randn(rows, OUT), dim=1))
    queries, others = run.pictures("query", BATCH), run.pictures("key", BATCH)
    orders = torch.stack([torch.randperm(BATCH) if groups > 1 else torch.arange(BATCH) for _ in range(STEPS)])
    run.say(method="moco_v2", temperature=temperature, decay=decay, groups=groups)
    if groups > 1:
        run.say(permutation=orders.tolist())
    lightly = published.lightly(lambda loss, _: loss.NTXentLoss(temperature, memory_bank_size=(rows, OUT)))
    solo = published.solo("moco")
    if lightly:
        lightly.memory_bank.bank = queue.clone()
    for step, i in run.steps():
        if before:
            follow(keys, net, decay)
        q = F.normalize(net.projector(net.features(queries[i])), dim=1)
        with torch.no_grad():
            k = F.normalize(keys.projector(keys.features(others[i][orders[step]])), dim=1)[orders[step].argsort()]
        logits = torch.cat([(q * k).sum(1, keepdim=True), q @ queue.clone().T], 1) / temperature
        run.see(query=q, key=k, logits=logits)
        loss = F.cross_entropy(logits, torch.zeros(BATCH, dtype=torch.long))
        run.agree(loss, lightly=lightly and lightly(q, k), solo=solo and solo.moco_loss_func(q, k, queue.clone().T, temperature))
        run.descend(loss)
        at = BATCH * step % rows
        queue[at : at + BATCH] = k
        run.agree_in("lightly's queue", 1e-5, queue, lightly and lightly.memory_bank.bank)
        if not before:
            follow(keys, net, decay)


def check_moco(groups):
    """The key encoder may follow before each step or after it."""
    ours = Run(lambda run: moco_v2(run, groups), torch.float64, 1)
    authors = Run(lambda run: moco_v2(run, groups, before=True), torch.float64, 1)
    follow(authors.nets["teacher."], authors.nets[""], authors.facts["decay"])
    assert max(abs(a - b) for a, b in zip(ours.losses, authors.losses)) < 1e-10
    for name, v in authors.state().items():
        assert worst(v, ours.final[name]) < 1e-10, name


def fixmatch(run, labelled=4, ratio=7):
    """FixMatch (Sohn et al. 2020), after microsoft/Semi-supervised-learning (USB):
    semilearn/algorithms/fixmatch/fixmatch.py with use_cat, algorithms/hooks/pseudo_label.py and masking.py,
    core/criterions/consistency.py, core/utils/misc.py (EMA).

    Choices: one pass over [labelled; unlabelled weak; unlabelled strong], so the weak pictures take part in the
    batch's statistics, through which gradients reach them, though not through the pseudo-labels. So does fixmatch.py
    of google-research/fixmatch. A mask is 1 where the largest probability is at least the threshold; the loss of
    unlabelled pictures is the mean over all of them, masked ones counting as zero. The average, "ema.", follows after
    the update: parameters with decay 0.9; running statistics are copied from the network, not averaged, as USB does
    (the authors average trainable variables only and evaluate with the network's statistics: the same). USB trains
    with Nesterov momentum and without decay of biases and batch norms; here all is as in the other files, and the
    threshold is 0.4 in place of 0.95, so that some pass and some do not.

    batch/labelled [3, 4, 3, 8, 8], batch/weak, batch/strong [3, 28, 3, 8, 8]. State: ema.*, running statistics
    included.
    seen: logits [60, 4], mask, pseudo (label, as numbers) [28], loss_labelled, loss_unlabelled [].
    facts: label [3][4], threshold, lambda_u, ema, passed [10]: how many of the 28 the mask lets through.
    """
    threshold, weight, decay, n = 0.4, 1.0, 0.9, labelled * ratio
    net = run.network(fc=nn.Linear(FEATURES, CLASSES))
    average = run.copied("ema.", net)
    x = run.pictures("labelled", labelled)
    weak = run.pictures("weak", n)
    strong = run.pictures("strong", n, like=weak, noise=0.7)
    y = torch.randint(CLASSES, (BATCHES, labelled))
    passed, margins, usb = [], [], published.usb()
    for step, i in run.steps():
        logits = net.fc(net.features(torch.cat([x[i], weak[i], strong[i]])))
        p = logits[labelled : labelled + n].detach().softmax(1)
        top, second = p.topk(2)[0].T
        mask, pseudo = top.ge(threshold).to(p.dtype), p.argmax(1)
        passed.append(int(mask.sum()))
        margins += [(top - threshold).abs().min().item(), (top - second)[mask == 1].min().item()]
        supervised = F.cross_entropy(logits[:labelled], y[i])
        unsupervised = (mask * F.cross_entropy(logits[labelled + n :], pseudo, reduction="none")).mean()
        run.see(logits=logits, mask=mask, pseudo=pseudo.to(p.dtype), loss_labelled=supervised, loss_unlabelled=unsupervised)
        loss = supervised + weight * unsupervised
        run.agree(loss, usb=usb and supervised + weight * usb(logits[labelled + n :], pseudo, "ce", mask=mask))
        run.descend(loss)
        follow(average, net, decay)
        for name, v in net.named_buffers():
            average.get_buffer(name).copy_(v)
    assert min(margins) > 1e-4, f"a pseudo-label hangs by {min(margins)}"
    assert sum(0 < k < n for k in passed) > STEPS / 2, passed
    run.say(method="fixmatch", label=y.tolist(), threshold=threshold, lambda_u=weight, ema=decay, passed=passed)


def mean_teacher(run, labelled=8, ratio=2):
    """Mean teacher (Tarvainen and Valpola 2017), after microsoft/Semi-supervised-learning (USB):
    semilearn/algorithms/meanteacher/meanteacher.py, core/criterions/consistency.py (mse), core/utils/misc.py (EMA,
    Bn_Controller); datasets/cv_datasets/datasetbase.py, where both views are weak.

    Choices: three passes in training mode, the student's on labelled, the teacher's on the first and the student's on
    the second view of unlabelled pictures; the first alone moves running statistics, which the teacher has as well.
    Some versions of USB give the consistency the teacher's logits twice, a slip that makes it zero and is left out.
    The teacher's decay rises as the authors' (CuriousAI/mean-teacher, pytorch/main.py), min(1 - 1/(step + 2), 0.9),
    step from 0; USB's is constant. The weight is USB's, lambda_u · min(step / (warm_up · steps), 1).

    batch/labelled [3, 8, 3, 8, 8], batch/first, batch/second [3, 16, 3, 8, 8]. State: teacher.*, running statistics
    included. seen: logits [8, 4], target, answer [16, 4], loss_labelled, consistency [].
    facts: label [3][8], lambda_u, warm_up, decay.
    """
    weight, warm_up, decay, n = 50.0, 0.4, 0.9, labelled * ratio
    net = run.network(fc=nn.Linear(FEATURES, CLASSES))
    teacher = run.copied("teacher.", net)
    x = run.pictures("labelled", labelled)
    first = run.pictures("first", n)
    second = run.pictures("second", n, like=first, noise=0.7)
    y = torch.randint(CLASSES, (BATCHES, labelled))
    run.say(method="mean_teacher", label=y.tolist(), lambda_u=weight, warm_up=warm_up, decay=decay)
    usb = published.usb()
    for step, i in run.steps():
        logits = net.fc(net.features(x[i]))
        kept = {k: v.clone() for k, v in net.named_buffers()}
        with torch.no_grad():
            target = teacher.fc(teacher.features(first[i])).softmax(1)
        other = net.fc(net.features(second[i]))
        answer = other.softmax(1)
        supervised, consistency = F.cross_entropy(logits, y[i]), F.mse_loss(answer, target)
        run.see(logits=logits, target=target, answer=answer, loss_labelled=supervised, consistency=consistency)
        run.agree(consistency, usb=usb and usb(other, target, "mse"))
        run.descend(supervised + weight * min(step / (warm_up * STEPS), 1) * consistency)
        follow(teacher, net, min(1 - 1 / (step + 2), decay))
        for to in (net, teacher):
            for k, v in to.named_buffers():
                v.copy_(kept[k])


def supervised(run, loss, smoothing=0.0):
    """Losses that take every class as a yes or no of its own. binary: torch's binary_cross_entropy_with_logits, mean over
    classes and images, as timm's BinaryCrossEntropy (Wightman et al. 2021, ResNet strikes back). focal: that of Lin et al.
    2017, as torchvision.ops.sigmoid_focal_loss has it with its alpha of 0.25 and gamma of 2, mean as well.

    batch/image [3, 8, 3, 8, 8]. seen: logits [8, 4]. facts: label [3][8], loss, label_smoothing.
    """
    net = run.network(fc=nn.Linear(FEATURES, CLASSES))
    x = run.pictures("image", BATCH)
    y = torch.randint(CLASSES, (BATCHES, BATCH))
    focal_of = published.focal()
    for _, i in run.steps():
        logits = net.fc(net.features(x[i]))
        target = F.one_hot(y[i], CLASSES).to(logits.dtype) * (1 - smoothing) + smoothing / CLASSES
        value = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
        if loss == "focal":
            p = torch.sigmoid(logits)
            right = p * target + (1 - p) * (1 - target)
            value = value * (1 - right) ** 2 * (0.25 * target + 0.75 * (1 - target))
        run.see(logits=logits)
        run.agree(value.mean(), torchvision=focal_of and focal_of(logits, target, 0.25, 2.0, "mean") if loss == "focal" else None)
        run.descend(value.mean())
    run.say(method="supervised", label=y.tolist(), loss=loss, label_smoothing=smoothing)


def robust(run, loss):
    """Losses for labels some of which are wrong. gce, sce and nce_rce: as HanxunH/Active-Passive-Losses loss.py has them
    (GeneralizedCrossEntropy, SCELoss, NCEandRCE), with q = 0.7, alpha = 0.1 and beta = 1, and 1 and 1; bootstrap and
    bootstrap_hard: Reed et al. 2015, equations 6 and 7, with 0.95 and 0.8; forward: Patrini et al. 2017, theorem 2, with
    labels that are one of the other classes at a rate of 0.4.

    batch/image [3, 8, 3, 8, 8]. seen: logits [8, 4]. facts: label [3][8], loss, label_smoothing.
    """
    net = run.network(fc=nn.Linear(FEATURES, CLASSES))
    x = run.pictures("image", BATCH)
    y = torch.randint(CLASSES, (BATCHES, BATCH))
    for _, i in run.steps():
        logits = net.fc(net.features(x[i]))
        pred, said = F.softmax(logits, 1), F.log_softmax(logits, 1)
        clamped = pred.clamp(1e-7, 1)
        one_hot = F.one_hot(y[i], CLASSES).to(logits.dtype)
        rce = -(clamped * one_hot.clamp(1e-4, 1).log()).sum(1).mean()
        if loss == "gce":
            value = ((1 - (one_hot * clamped).sum(1) ** 0.7) / 0.7).mean()
        elif loss == "sce":
            value = 0.1 * F.cross_entropy(logits, y[i]) + rce
        elif loss == "nce_rce":
            value = (-(one_hot * said).sum(1) / -said.sum(1)).mean() + rce
        elif loss == "bootstrap":
            value = -((0.95 * one_hot + 0.05 * pred) * said).sum(1).mean()
        elif loss == "bootstrap_hard":
            value = -((0.8 * one_hot + 0.2 * F.one_hot(pred.argmax(1), CLASSES)) * said).sum(1).mean()
        else:
            transition = torch.full((CLASSES, CLASSES), 0.4 / (CLASSES - 1), dtype=logits.dtype).fill_diagonal_(0.6)
            value = F.nll_loss((pred @ transition).clamp(1e-7, 1).log(), y[i])
        run.see(logits=logits)
        run.descend(value)
    run.say(method="supervised", label=y.tolist(), loss=loss, label_smoothing=0.0)


def sharp(run, radius, adaptive=False):
    """Cross-entropy, each step sharpness-aware: SAM (Foret et al. 2021) or, adaptive, ASAM (Kwon et al. 2021); see
    Run.ascend for what is followed.

    batch/image [3, 8, 3, 8, 8]. seen: logits [8, 4] of the first pass. grads: at w + eps. losses: at w.
    facts: label [3][8], loss, sam, sam_adaptive.
    """
    net = run.network(fc=nn.Linear(FEATURES, CLASSES))
    x = run.pictures("image", BATCH)
    y = torch.randint(CLASSES, (BATCHES, BATCH))
    for _, i in run.steps():
        logits = net.fc(net.features(x[i]))
        run.see(logits=logits)
        first = F.cross_entropy(logits, y[i])
        before = run.ascend(first, radius, adaptive)
        run.descend_from(before, first, F.cross_entropy(net.fc(net.features(x[i])), y[i]))
    run.say(method="supervised", label=y.tolist(), loss="cross_entropy", label_smoothing=0.0, sam=radius, sam_adaptive=adaptive)


def distillation(run, temperature=4.0, alpha=0.9, hard=False):
    """A student learns from a teacher of another network's weights (Hinton et al. 2015), after HobbitLong/RepDistiller:
    distiller_zoo/KD.py, helper/loops.py (the teacher in evaluation mode, without a gradient; T² times the divergence).
    hard: DeiT's (facebookresearch/deiT, losses.py): the teacher's answer as a label.

    batch/image [3, 8, 3, 8, 8]. State: teacher.*, which stays. seen: logits, teacher [8, 4].
    facts: label [3][8], temperature, alpha, hard.
    """
    net = run.network(fc=nn.Linear(FEATURES, CLASSES))
    teacher = run.copied("teacher.", Network(fc=nn.Linear(FEATURES, CLASSES)).to(run.dtype)).eval()
    with torch.no_grad():
        teacher.fc.weight *= 4
    x = run.pictures("image", BATCH)
    y = torch.randint(CLASSES, (BATCHES, BATCH))
    for _, i in run.steps():
        logits = net.fc(net.features(x[i]))
        with torch.no_grad():
            said = teacher.fc(teacher.features(x[i]))
        run.see(logits=logits, teacher=said)
        if hard:
            told = F.cross_entropy(logits, said.argmax(1))
        else:
            told = temperature**2 * F.kl_div(F.log_softmax(logits / temperature, 1), F.softmax(said / temperature, 1),
                                             reduction="batchmean")
        run.descend((1 - alpha) * F.cross_entropy(logits, y[i]) + alpha * told)
    run.say(method="distillation", label=y.tolist(), temperature=temperature, alpha=alpha, hard=hard)


def elr(run, rows=24):
    """Early-Learning Regularization (Liu et al. 2020), after shengliu66/ELR: ELR/model/loss.py.

    Choices, all the authors': softmax is clamped to [1e-4, 1 - 1e-4]; what enters the table is its detached value
    divided by its sum over the classes, so that rows are distributions once more; the table is written before the loss
    reads it. The gradient goes through the clamped softmax, and is zero where it is clamped. The last class starts
    with a bias of -8, so that some are.

    batch/image [3, 8, 3, 8, 8]. State: table [24, 4] from zeros. seen: logits [8, 4], rows [8, 4] (of the table, after
    they are written), cross_entropy, regularizer [] (the mean of log(1 - <row, softmax>), without lambda).
    facts: label [3][8], index [3][8] (rows of the table; each of the 24 is in one batch), beta, lambda, clamped [10]:
    how many of the 32 probabilities were.
    """
    beta, weight, least = 0.7, 3.0, 1e-4
    net = run.network(fc=nn.Linear(FEATURES, CLASSES))
    net.fc.bias.data[-1] = -8
    table = run.keep("table", torch.zeros(rows, CLASSES))
    x = run.pictures("image", BATCH)
    y = torch.randint(CLASSES - 1, (BATCHES, BATCH))
    index = torch.randperm(rows).view(BATCHES, BATCH)
    clamped = []
    for step, i in run.steps():
        logits = net.fc(net.features(x[i]))
        soft = logits.softmax(1)
        p = soft.clamp(least, 1 - least)
        clamped.append(int((p != soft).sum()))
        assert (soft / least - 1).abs().min() > 1e-4, "a probability is at the clamp"
        table[index[i]] = beta * table[index[i]] + (1 - beta) * p.detach() / p.detach().sum(1, keepdim=True)
        t = table[index[i]]
        entropy, regularizer = F.cross_entropy(logits, y[i]), (1 - (t * p).sum(1)).log().mean()
        run.see(logits=logits, rows=t, cross_entropy=entropy, regularizer=regularizer)
        run.descend(entropy + weight * regularizer)
    assert 0 < min(clamped) and max(clamped) < BATCH, clamped
    run.say(method="elr", label=y.tolist(), index=index.tolist(), beta=beta, clamped=clamped, **{"lambda": weight})


def co_teaching(run):
    """Co-teaching (Han et al. 2018), after bhanML/Co-teaching: loss.py, and main.py (a rate that rises evenly, from
    its second value on, since epochs count from 1).

    Choices: each network's int((1 - rate)·8) samples of least loss teach the other one. The loss of a network is the
    mean over what it was taught; the authors' code divides that mean by the number of samples once more, a slip that
    the paper does not have and that is left out. The authors update with one optimizer a network; the sum of both
    losses and one optimizer over both do the same, which is checked bit for bit. Their Adam is SGD here.

    batch/image [3, 8, 3, 8, 8]. State: the first network, and second.*. losses are sums of both. seen: losses_first,
    losses_second [8], taught_first, taught_second [8]: 1 for samples that this network learns from.
    facts: label [3][8], forget_rate [10], kept [10].
    """
    rates = [round(0.05 * min(step + 1, 9), 2) for step in range(STEPS)]
    nets = [run.network(prefix, fc=nn.Linear(FEATURES, CLASSES)) for prefix in ("", "second.")]
    alone = [copy.deepcopy(net) for net in nets]
    x = run.pictures("image", BATCH)
    y = torch.randint(CLASSES, (BATCHES, BATCH))
    kept = [int((1 - rate) * BATCH) for rate in rates]

    def taught(losses, k):
        chosen = []
        for one in losses:
            order = one.detach().argsort()
            assert k == BATCH or one[order[k]] - one[order[k - 1]] > 1e-4, "a choice hangs by a hair"
            chosen.append(torch.zeros_like(one, dtype=torch.bool).scatter(0, order[:k], True))
        return chosen[::-1]

    optimizers = [torch.optim.SGD(net.parameters(), **SGD) for net in alone]
    for step, i in run.steps():
        for pair, update in ((alone, None), (nets, run.descend)):
            losses = [F.cross_entropy(net.fc(net.features(x[i])), y[i], reduction="none") for net in pair]
            masks = taught(losses, kept[step])
            means = [one[mask].mean() for one, mask in zip(losses, masks)]
            if update:
                update(sum(means))
                continue
            for mean, optimizer in zip(means, optimizers):
                optimizer.zero_grad()
                mean.backward()
                optimizer.step()
        assert step or not torch.equal(*masks), "an exchange that is left out would change nothing"
        first, second = (m.to(run.dtype) for m in masks)
        run.see(losses_first=losses[0], losses_second=losses[1], taught_first=first, taught_second=second)
    for net, other in zip(nets, alone):
        assert all(torch.equal(v, other.state_dict()[k]) for k, v in net.state_dict().items())
    run.say(method="co_teaching", label=y.tolist(), forget_rate=rates, kept=kept)


def jocor(run, lam=0.9):
    """JoCoR (Wei et al. 2020), after hongxin001/JoCoR: algorithm/loss.py (loss_jocor), jocor.py (one optimizer over both
    networks; main.py counts epochs from 1, so that the rate rises from its second value on, as in co_teaching).

    Choices, the authors': the gradient goes through both arguments of both divergences; the int((1 - rate)·8) samples of
    least joint loss are taught to both networks. Their Adam is SGD here.

    batch/image [3, 8, 3, 8, 8]. State: the first network, and second.*. seen: rows [8] (joint losses).
    facts: label [3][8], forget_rate [10], lambda.
    """
    rates = [round(0.05 * min(step + 1, 9), 2) for step in range(STEPS)]
    nets = [run.network(prefix, fc=nn.Linear(FEATURES, CLASSES)) for prefix in ("", "second.")]
    x = run.pictures("image", BATCH)
    y = torch.randint(CLASSES, (BATCHES, BATCH))
    for step, i in run.steps():
        one, two = (net.fc(net.features(x[i])) for net in nets)

        def divergence(of, soft):
            return F.kl_div(F.log_softmax(of, 1), F.softmax(soft, 1), reduction="none").sum(1)

        rows = (1 - lam) * (F.cross_entropy(one, y[i], reduction="none") + F.cross_entropy(two, y[i], reduction="none"))
        rows = rows + lam * (divergence(one, two) + divergence(two, one))
        k = int((1 - rates[step]) * BATCH)
        order = rows.detach().argsort()
        assert k == BATCH or rows[order[k]] - rows[order[k - 1]] > 1e-4, "a choice hangs by a hair"
        run.see(rows=rows)
        run.descend(rows[order[:k]].mean())
    run.say(method="jocor", label=y.tolist(), forget_rate=rates, **{"lambda": lam})


def partial_labels():
    """Candidates of three batches [3, 8, 4]: the class, and every other one with a chance of a half."""
    y = torch.randint(CLASSES, (BATCHES, BATCH))
    return torch.maximum(F.one_hot(y, CLASSES), (torch.rand(BATCHES, BATCH, CLASSES) < 0.5).long())


def proden(run, update=True, rows=24):
    """PRODEN (Lv et al. 2020), after lvjiaqi77/PRODEN: utils/utils_loss.py (partial_loss). Targets are uniform over the
    candidates at first; a step's loss has those before it, and what its softmax makes of the candidates comes after it.

    Choices: the authors take an entry of the target that has become 0 for no candidate any more; none does here. Without
    an update, targets stay uniform.

    batch/image [3, 8, 3, 8, 8]. State: table [24, 4], zeros of images that no step has had yet. seen: logits, target [8, 4].
    facts: candidates [3][8][4], index [3][8], update.
    """
    net = run.network(fc=nn.Linear(FEATURES, CLASSES))
    x = run.pictures("image", BATCH)
    allowed = partial_labels()
    index = torch.randperm(rows).view(BATCHES, BATCH)
    targets = torch.zeros(rows, CLASSES).index_copy(0, index.flatten(), allowed.flatten(0, 1).float()).to(run.dtype)
    targets /= targets.sum(1, keepdim=True)
    table = run.keep("table", torch.zeros(rows, CLASSES)) if update else None
    for _, i in run.steps():
        logits = net.fc(net.features(x[i]))
        target, soft = targets[index[i]], F.softmax(logits, 1)
        run.see(logits=logits, target=target)
        revised = (target > 0) * soft.detach()
        run.descend(-(target * torch.log(soft)).sum() / BATCH)
        if update:
            targets[index[i]] = table[index[i]] = revised / revised.sum(1, keepdim=True)
            assert torch.equal(targets[index[i]] > 0, allowed[i] > 0), "a candidate was lost"
    run.say(method="proden", candidates=allowed.tolist(), index=index.tolist(), update=update)


def pico(run, rows=24, length=32, batch=BATCH):
    """PiCO (Wang et al. 2022), after hbzju/PiCO: model.py, utils/utils_loss.py (partial_loss, SupConLoss), train.py.

    Choices: the key encoder follows after the update, as moco_v2's, and has no classifier; there is one process, so that
    keys are not shuffled. Answers of the queue are -1 before there are any (the authors draw numbers, none of which is a
    class). The 1e-12 within the logarithm of SupConLoss is left out. refines is 0 in the first three steps, in which the
    authors' code has no mask and leaves the targets alone. phi goes from 0.95 to 0.8, prototypes keep 0.9 in place of
    0.99, so that they move.

    batch/query, batch/key [3, 8, 3, 8, 8]. State: table [24, 4], zeros of images that no step has had yet; prototypes [4, 8]
    from zeros; queue [32, 8], answers [32, 4] of its keys as rows with a one; teacher.* (the key encoder). seen: logits,
    target [8, 4], query, key [8, 8], answer [8].
    facts: candidates [3][8][4], index [3][8], temperature, decay, contrast_weight, momentum, refines [10], phi [10].
    """
    temperature, decay, weight, momentum = 0.2, 0.99, 0.5, 0.9
    refines = [0.0] * 3 + [1.0] * (STEPS - 3)
    phis = [0.95 - 0.015 * step for step in range(STEPS)]
    net = run.network(fc=nn.Linear(FEATURES, CLASSES),
                      projector=nn.Sequential(nn.Linear(FEATURES, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, OUT)))
    keys = run.copied("teacher.", net)
    del keys.fc
    queue = run.keep("queue", F.normalize(torch.randn(length, OUT), dim=1))
    said, prototypes = run.keep("answers", torch.zeros(length, CLASSES)), run.keep("prototypes", torch.zeros(CLASSES, OUT))
    x = run.pictures("query", batch)
    other = run.pictures("key", batch, like=x, noise=0.7)
    allowed = partial_labels()
    index = torch.randperm(rows).view(BATCHES, batch)
    targets = torch.zeros(rows, CLASSES).index_copy(0, index.flatten(), allowed.flatten(0, 1).float()).to(run.dtype)
    targets /= targets.sum(1, keepdim=True)
    table, margins = run.keep("table", torch.zeros(rows, CLASSES)), []

    def answer(scores, i):
        top, second = (scores * allowed[i]).topk(2)[0].T
        margins.append((top - second).min().item())
        return (scores * allowed[i]).argmax(1)

    for step, i in run.steps():
        features = net.features(x[i])
        logits, q = net.fc(features), F.normalize(net.projector(features), dim=1)
        label = answer(logits.detach().softmax(1), i)
        scores = (q.detach() @ prototypes.T).softmax(1)
        for feature, of in zip(q.detach(), label):
            prototypes[of] = prototypes[of] * momentum + (1 - momentum) * feature
        prototypes.copy_(F.normalize(prototypes, dim=1))
        with torch.no_grad():
            k = F.normalize(keys.projector(keys.features(other[i])), dim=1)
        if refines[step]:
            nearest = F.one_hot(answer(scores, i), CLASSES)
            targets[index[i]] = phis[step] * targets[index[i]] + (1 - phis[step]) * nearest
        table[index[i]] = target = targets[index[i]].clone()
        run.see(logits=logits, target=target, query=q, key=k, answer=label.to(run.dtype))
        entropy = -(F.log_softmax(logits, 1) * target).sum(1).mean()
        if refines[step]:
            labels = torch.cat([label, label, torch.where(said.sum(1) > 0, said.argmax(1), torch.full((length,), -1))])
            alone = 1 - F.one_hot(torch.arange(batch), 2 * batch + length)
            mask = (label[:, None] == labels) * alone
            similar = q @ torch.cat([q, k, queue.clone()]).T / temperature
            likely = similar - (similar.exp() * alone).sum(1, keepdim=True).log()
            contrast = -((mask * likely).sum(1) / mask.sum(1)).mean()
        else:
            similar = torch.cat([(q * k).sum(1, keepdim=True), q @ queue.clone().T], 1) / temperature
            contrast = F.cross_entropy(similar, torch.zeros(batch, dtype=torch.long))
        for name, value in {"cross_entropy": entropy, "contrast": contrast}.items():
            run.told.setdefault(name, []).append(value.item())
        run.descend(entropy + weight * contrast)
        at = batch * step % length
        queue[at : at + batch], said[at : at + batch] = k, F.one_hot(label, CLASSES).to(run.dtype)
        follow(keys, net, decay)
    assert min(margins) > 1e-4, f"a choice hangs by {min(margins)}"
    run.say(method="pico", candidates=allowed.tolist(), index=index.tolist(), temperature=temperature, decay=decay,
            contrast_weight=weight, momentum=momentum, refines=refines, phi=phis)


def complementary(run, loss):
    """Complementary labels, which say what an image is not, after ntucllab/libcll: strategies/SCL.py (NL and EXP: Chou et
    al. 2020), FWD.py (Yu et al. 2018), each other class being equally likely.

    batch/image [3, 8, 3, 8, 8]. seen: logits [8, 4]. facts: label [3][8], loss.
    """
    net = run.network(fc=nn.Linear(FEATURES, CLASSES))
    x = run.pictures("image", BATCH)
    y = torch.randint(CLASSES, (BATCHES, BATCH))
    q = (1 - torch.eye(CLASSES, dtype=run.dtype)) / (CLASSES - 1)
    for _, i in run.steps():
        logits = net.fc(net.features(x[i]))
        p = F.softmax(logits, 1)
        run.see(logits=logits)
        if loss == "scl_nl":
            value = -F.nll_loss((1 - p + 1e-6).log() * -1, y[i])
        elif loss == "scl_exp":
            value = -F.nll_loss(torch.exp(p), y[i])
        else:
            value = F.nll_loss((torch.mm(p, q) + 1e-6).log(), y[i])
        run.descend(value)
    run.say(method="complementary", label=y.tolist(), loss=loss)


def coarse_labels(run):
    """Cross-entropy of two groups of classes, 0 and 3, 1 and 2 (Huh et al. 2016), of a network that has no other head.

    batch/image [3, 8, 3, 8, 8]. seen: logits [8, 2]. facts: label [3][8] (classes).
    """
    net = run.network(groups=nn.Linear(FEATURES, 2))
    x = run.pictures("image", BATCH)
    y = torch.randint(CLASSES, (BATCHES, BATCH))
    group = torch.tensor([0, 1, 1, 0])
    for _, i in run.steps():
        logits = net.groups(net.features(x[i]))
        run.see(logits=logits)
        run.told.setdefault("group_top1", []).append((logits.argmax(1) == group[y[i]]).double().mean().item())
        run.descend(F.cross_entropy(logits, group[y[i]]))
    run.say(method="coarse_labels", label=y.tolist())


def dividemix_warm_up(run, penalised=False):
    """The warm-up of DivideMix (Li et al. 2020), after LiJunnan1992/DivideMix: Train_cifar.py (warmup, NegEntropy). The
    authors' two optimizers are one over both networks.

    batch/image [3, 8, 3, 8, 8]. State: the first network, and second.*. losses are sums of both. seen: logits [8, 4] of the
    second. facts: label [3][8], penalised.
    """
    nets = [run.network(prefix, fc=nn.Linear(FEATURES, CLASSES)) for prefix in ("", "second.")]
    x = run.pictures("image", BATCH)
    y = torch.randint(CLASSES, (BATCHES, BATCH))
    for _, i in run.steps():
        loss = 0
        for net in nets:
            logits = net.fc(net.features(x[i]))
            run.see(logits=logits)
            p = logits.softmax(1)
            loss = loss + F.cross_entropy(logits, y[i]) + (penalised and (p.log() * p).sum(1).mean())
        run.descend(loss)
    run.say(method="dividemix", label=y.tolist(), phase="warm_up", penalised=penalised)


def dividemix(run, batch=16, threshold=0.5, temperature=0.5):
    """An epoch of DivideMix after the division, after LiJunnan1992/DivideMix: Train_cifar.py (train, SemiLoss).

    Choices: each step has a batch of all pictures, of which each network takes those as labelled whose probability by the
    other one is above the threshold; the authors draw two batches. Both networks learn in a step, from one share and one
    order, and the other network's guesses, in evaluation mode, are of before it. Passes of a network in training mode, each of
    which moves its running statistics: the first view, the second, the mixed pictures. The weight rises as in the first 10
    of 16 epochs of one step, from 0.

    batch/first, batch/second [3, 16, 3, 8, 8]. State: the first network, and second.*; first, second [48, 1], the
    probabilities that labels are right, and precision, recall [1], which stay. losses are sums of both networks. seen: told,
    target [16, 4], mixed [32, 4] (logits) of the second network.
    facts: label [3][16], index [3][16], lambda_u, weights [10], temperature, threshold, share [3], permutation [3][32], phase.
    """
    weight = 25.0
    nets = [run.network(prefix, fc=nn.Linear(FEATURES, CLASSES)) for prefix in ("", "second.")]
    tables = [run.keep(name, torch.rand(BATCHES * batch, 1)) for name in ("first", "second")]
    found = {name: run.keep(name, torch.tensor([value])) for name, value in (("precision", 0.25), ("recall", 0.75))}
    first = run.pictures("first", batch)
    second = run.pictures("second", batch, like=first, noise=0.7)
    y = torch.randint(CLASSES, (BATCHES, batch))
    index = torch.randperm(BATCHES * batch).view(BATCHES, batch)
    orders = torch.stack([torch.randperm(2 * batch) for _ in range(BATCHES)])
    shares = [max(v, 1 - v) for v in torch.distributions.Beta(4.0, 4.0).sample((BATCHES,)).tolist()]
    weights = [weight * step / 16 for step in range(STEPS)]
    assert all((t - threshold).abs().min() > 1e-4 for t in tables)

    def said(net, i):
        with torch.no_grad():
            return sum(net.fc(net.features(v[i])).softmax(1) for v in (first, second)) / 2

    for step, i in run.steps():
        others = [said(net.eval(), i) for net in nets]
        loss, told = 0, {"found_" + name: v.item() for name, v in found.items()}
        for k, net in enumerate(nets):
            net.train()
            right = tables[1 - k][index[i]]
            clean = (right > threshold)[:, 0]
            assert 1 < clean.sum() < batch - 1
            own = said(net, i)
            refined = right * F.one_hot(y[i], CLASSES) + (1 - right) * own
            target = torch.where(clean[:, None], refined, (own + others[1 - k]) / 2) ** (1 / temperature)
            target = target / target.sum(1, keepdim=True)
            pictures, targets = torch.cat([first[i], second[i]]), torch.cat([target, target])
            lam, order = shares[i], orders[i]
            mixed, targets = (lam * v + (1 - lam) * v[order] for v in (pictures, targets))
            logits = net.fc(net.features(mixed))
            p, labelled = logits.softmax(1), torch.cat([clean, clean])
            lx = -(F.log_softmax(logits[labelled], 1) * targets[labelled]).sum(1).mean()
            lu = ((p[~labelled] - targets[~labelled]) ** 2).mean()
            prior = torch.full((CLASSES,), 1 / CLASSES, dtype=run.dtype)
            penalty = (prior * torch.log(prior / p.mean(0))).sum()
            loss = loss + lx + weights[step] * lu + penalty
            for name, v in {"supervised": lx, "consistency": lu, "penalty": penalty, "kept": clean.double().mean() / 2}.items():
                told[name] = told.get(name, 0) + v.item()
        run.see(told=others[0], target=target, mixed=logits)
        for name, v in told.items():
            run.told.setdefault(name, []).append(v)
        run.descend(loss)
    run.say(method="dividemix", label=y.tolist(), index=index.tolist(), lambda_u=weight, weights=weights, temperature=temperature,
            threshold=threshold, share=shares, permutation=orders.tolist(), phase="divide")


def confident_learning(run, folds=3, rows=24):
    """The networks of confident learning (Northcutt et al. 2021), each of which never learns from one fold; a network's
    loss is the mean over the samples of the batch that it may learn from.

    Choices: the networks are trained beside one another on the same batches, whose statistics are of all samples. What is
    found by their answers is compared with cleanlab elsewhere (experiments/confident).

    batch/image [3, 8, 3, 8, 8]. State: fold1.*, fold2.*, fold3.*, and kept [24, 1], which stays. losses are sums. seen:
    logits [8, 4] of the first. facts: label [3][8], index [3][8], folds.
    """
    fold = torch.tensor([0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 0, 2, 1, 2, 1, 0, 0, 0, 1, 1, 1, 0, 2, 2])  # as the strategy draws them
    nets = [run.network(f"fold{n + 1}.", fc=nn.Linear(FEATURES, CLASSES)) for n in range(folds)]
    run.keep("kept", torch.ones(rows, 1))
    x = run.pictures("image", BATCH)
    y = torch.randint(CLASSES, (BATCHES, BATCH))
    index = torch.randperm(rows).view(BATCHES, BATCH)
    for _, i in run.steps():
        loss = 0
        for n, net in enumerate(nets):
            logits, learns = net.fc(net.features(x[i])), fold[index[i]] != n
            run.see(logits=logits)
            loss = loss + F.cross_entropy(logits[learns], y[i][learns])
        run.descend(loss)
    run.say(method="confident_learning", label=y.tolist(), index=index.tolist(), folds=folds)
