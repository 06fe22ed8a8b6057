"""Methods that learn from a few labels, beside fixmatch and mean_teacher of methods.py. All follow
microsoft/Semi-supervised-learning (USB, semilearn 0.3.2) and its semilearn/algorithms/NAME.

As in fixmatch, USB's Nesterov momentum and its decay that leaves out biases and batch norms are not taken over. facts
of all: label [3][n] of labelled pictures, truth [3][m] of unlabelled ones, by which guesses are judged and from which
nothing is learnt.
In recorded, "precision" is the share of the unlabelled pictures that pass the mask with the right answer, "precision/of" that of
those that pass it.
"""
import torch
import torch.nn.functional as F
from torch import nn

import published
from methods import CLASSES, FEATURES
from training import BATCHES, STEPS

NEAR = 1e-4  # no choice may be as near to its threshold


class Few:
    """Labelled and unlabelled pictures, what is drawn for them, and what is told of the steps."""

    def __init__(self, run, labelled, ratio, views):
        self.run, self.n = run, labelled * ratio
        self.net = run.network(fc=nn.Linear(FEATURES, CLASSES))
        self.x = run.pictures("labelled", labelled)
        first = run.pictures(views[0], self.n)
        self.views = [first] + [run.pictures(name, self.n, like=first, noise=0.7) for name in views[1:]]
        self.y = torch.randint(CLASSES, (BATCHES, labelled))
        self.truth = torch.randint(CLASSES, (BATCHES, self.n))
        self.told, self.margins = {}, []
        self.usb = published.usb()

    def logits(self, *pictures):
        return self.net.fc(self.net.features(torch.cat(pictures)))

    def kept(self, *pictures):
        """The same, and running statistics stay: USB's Bn_Controller."""
        norms = [m for m in self.net.modules() if isinstance(m, nn.BatchNorm2d)]
        kept = [(m.running_mean, m.running_var) for m in norms]
        for m in norms:
            m.running_mean, m.running_var = m.running_mean.clone(), m.running_var.clone()
        y = self.logits(*pictures)
        for m, (mean, var) in zip(norms, kept):
            m.running_mean, m.running_var = mean, var
        return y

    def tell(self, **values):
        for name, v in values.items():
            self.told.setdefault(name, []).append(v.item())

    def judge(self, i, mask, pseudo):
        right = (pseudo == self.truth[i]).to(mask.dtype)
        self.tell(**{"precision": (mask * right).mean(), "precision/of": mask.mean()})

    def apart(self, p, limit, chosen=None):
        """Notes how near a choice is: probabilities to their limits, and answers that count to the second best."""
        top, second = p.topk(2)[0].T
        self.margins.append((top - limit).abs().min().item())
        if chosen is None or chosen.any():
            self.margins.append((top - second)[slice(None) if chosen is None else chosen].min().item())
        return top

    def say(self, method, **facts):
        assert not self.margins or min(self.margins) > NEAR, f"a choice hangs by {min(self.margins)}"
        self.run.told = self.told
        self.run.say(method=method, label=self.y.tolist(), truth=self.truth.tolist(), **facts)


def ramp(step, warm_up):
    """clip(it / (unsup_warm_up · num_train_iter), 0, 1)."""
    return min(step / (warm_up * STEPS), 1)


def pseudo_label(run, labelled=8, ratio=2):
    """Pseudo-Label (Lee 2013). Passes: labelled pictures, then unlabelled ones, whose running statistics are taken back.
    The threshold is 0.4 in place of 0.95, so that some pass and some do not.

    batch/labelled [3, 8, 3, 8, 8], batch/weak [3, 16, 3, 8, 8]. seen: logits [8, 4], others [16, 4], mask [16].
    facts: threshold, lambda_u, warm_up.
    """
    threshold, weight, warm_up = 0.4, 1.0, 0.4
    few = Few(run, labelled, ratio, ["weak"])
    for step, i in run.steps():
        logits = few.logits(few.x[i])
        others = few.kept(few.views[0][i])
        p = others.detach().softmax(1)
        mask, pseudo = few.apart(p, threshold).ge(threshold).to(p.dtype), p.argmax(1)
        supervised = F.cross_entropy(logits, few.y[i])
        consistency = (mask * F.cross_entropy(others, pseudo, reduction="none")).mean()
        run.see(logits=logits, others=others, mask=mask)
        run.agree(consistency, usb=few.usb and few.usb(others, pseudo, "ce", mask=mask))
        few.tell(supervised=supervised, consistency=consistency, sure=mask.mean())
        few.judge(i, mask, pseudo)
        run.descend(supervised + weight * consistency * ramp(step, warm_up))
    few.say("pseudo_label", threshold=threshold, lambda_u=weight, warm_up=warm_up)


def pi_model(run, labelled=8, ratio=2):
    """The Π-model (Laine and Aila 2017). Passes: labelled pictures, the first view, the second; the first alone moves
    running statistics.

    batch/labelled [3, 8, 3, 8, 8], batch/first, batch/second [3, 16, 3, 8, 8]. seen: logits [8, 4], target, answer
    [16, 4]. facts: lambda_u, warm_up.
    """
    weight, warm_up = 10.0, 0.4
    few = Few(run, labelled, ratio, ["first", "second"])
    for step, i in run.steps():
        logits = few.logits(few.x[i])
        target = few.kept(few.views[0][i]).detach().softmax(1)
        other = few.kept(few.views[1][i])
        answer = other.softmax(1)
        supervised, consistency = F.cross_entropy(logits, few.y[i]), F.mse_loss(answer, target)
        run.see(logits=logits, target=target, answer=answer)
        run.agree(consistency, usb=few.usb and few.usb(other, target, "mse"))
        few.tell(supervised=supervised, consistency=consistency)
        run.descend(supervised + weight * consistency * ramp(step, warm_up))
    few.say("pi_model", lambda_u=weight, warm_up=warm_up)


def one_pass(few, i):
    """Logits of labelled pictures, of strong views, and probabilities of weak ones, from one pass over all (use_cat)."""
    n = len(few.x[i])
    logits = few.logits(few.x[i], few.views[0][i], few.views[1][i])
    return logits[:n], logits[n + few.n :], logits[n : n + few.n].detach().softmax(1)


def flexmatch(run, labelled=4, ratio=7, warm_up=True):
    """FlexMatch (Zhang et al. 2021), its thresholds by the hook of utils.py, convex mapping; warm_up is thresh_warmup. The
    threshold is 0.4 in place of 0.95.

    The hook leaves the thresholds as they are where all pictures have one label, which does not happen here.

    batch/labelled [3, 4, 3, 8, 8], batch/weak, batch/strong [3, 28, 3, 8, 8]. State: table [84, 1], the last sure label of
    each unlabelled picture, from -1; counts [1, 4], how often each class is in it. seen: logits [4, 4], strong [28, 4],
    mask [28]. facts: threshold, lambda_u, index [3][28], threshold_warm_up.
    """
    threshold, weight = 0.4, 1.0
    few = Few(run, labelled, ratio, ["weak", "strong"])
    rows = BATCHES * few.n
    table, counts = run.keep("table", -torch.ones(rows, 1)), run.keep("counts", torch.zeros(1, CLASSES))
    index = torch.randperm(rows).view(BATCHES, few.n)
    hook = published.usb_hook("flexmatch", "FlexMatchThresholdingHook", ulb_dest_len=rows, num_classes=CLASSES, thresh_warmup=warm_up)
    if hook:
        hook.classwise_acc = hook.classwise_acc.to(run.dtype)
    passed = []
    for step, i in run.steps():
        logits, strong, p = one_pass(few, i)
        seen = table[:, 0].long()
        of = torch.bincount(seen + 1, minlength=CLASSES + 1)
        acc = of[1:].to(p.dtype) / max(1, of.max() if warm_up else of[1:].max())
        pseudo = p.argmax(1)
        limit = threshold * acc[pseudo] / (2 - acc[pseudo])
        mask = few.apart(p, limit).ge(limit).to(p.dtype)
        sure = few.apart(p, threshold) >= threshold
        table[index[i][sure], 0] = pseudo[sure].to(p.dtype)
        counts.copy_(torch.bincount(table[:, 0].long() + 1, minlength=CLASSES + 1)[1:])
        assert counts.max() < rows
        if hook:
            its = hook.masking(published.Stub(p_cutoff=threshold), p, index[i], softmax_x_ulb=False)
            assert torch.equal(its, mask) and torch.equal(hook.selected_label, table[:, 0].long())
        supervised = F.cross_entropy(logits, few.y[i])
        consistency = (mask * F.cross_entropy(strong, pseudo, reduction="none")).mean()
        run.see(logits=logits, strong=strong, mask=mask)
        run.agree(consistency, usb=few.usb and few.usb(strong, pseudo, "ce", mask=mask))
        passed.append(int(mask.sum()))
        few.tell(supervised=supervised, consistency=consistency, sure=mask.mean(), threshold=limit.mean())
        few.judge(i, mask, pseudo)
        run.descend(supervised + weight * consistency)
    assert sum(0 < k < few.n for k in passed) > STEPS / 2, passed
    few.say("flexmatch", threshold=threshold, lambda_u=weight, index=index.tolist(), threshold_warm_up=warm_up)


def freematch(run, labelled=4, ratio=7, momentum=0.9, fairness_weight=0.5):
    """FreeMatch (Wang et al. 2023), with use_quantile and clip_thresh off. The momentum is 0.9 in place of 0.999, so that
    the averages move, and the weight of the entropy loss 0.5 in place of 0.001, so that it shows.

    batch/labelled [3, 4, 3, 8, 8], batch/weak, batch/strong [3, 28, 3, 8, 8]. State: sureness [1, 1] (time_p), probabilities
    (p_model) and answers (label_hist) [1, 4], each from 1/4. seen: logits [4, 4], strong [28, 4], mask [28], fairness [].
    facts: lambda_u, momentum, fairness_weight.
    """
    weight = 1.0
    few = Few(run, labelled, ratio, ["weak", "strong"])
    sureness = run.keep("sureness", torch.full((1, 1), 1 / CLASSES))
    probabilities, answers = (run.keep(name, torch.full((1, CLASSES), 1 / CLASSES)) for name in ("probabilities", "answers"))
    hook = published.usb_hook("freematch", "FreeMatchThresholdingHook", num_classes=CLASSES, momentum=momentum)
    entropy_of = published.usb_function("freematch", "entropy_loss")
    if hook:
        hook.p_model, hook.label_hist, hook.time_p = (v.to(run.dtype) for v in (hook.p_model, hook.label_hist, hook.time_p))
    passed, unseen = [], 0

    def quotient(x, y):
        q = torch.where(y > 0, x / torch.where(y > 0, y, torch.ones_like(y)), torch.zeros_like(x))
        return q / q.sum()

    for step, i in run.steps():
        logits, strong, p = one_pass(few, i)
        top, pseudo = p.max(1)
        for state, value in ((sureness, top.mean()), (probabilities, p.mean(0)), (answers, F.one_hot(pseudo, CLASSES).to(p.dtype).mean(0))):
            state.mul_(momentum).add_((1 - momentum) * value)
        limit = sureness[0] * probabilities[0, pseudo] / probabilities.max()
        mask = few.apart(p, limit).ge(limit).to(p.dtype)
        supervised = F.cross_entropy(logits, few.y[i])
        consistency = (mask * F.cross_entropy(strong, pseudo, reduction="none")).mean()
        of = strong[mask == 1]
        few.apart(of.detach().softmax(1), -1)
        hist = torch.bincount(of.argmax(1), minlength=CLASSES).to(p.dtype)
        unseen += int((hist == 0).any())
        fairness = (quotient(probabilities[0], answers[0]) * (quotient(of.softmax(1).mean(0), hist / hist.sum()) + 1e-12).log()).sum()
        if hook:
            algorithm = published.Stub(distributed=False, world_size=1, use_quantile=False, clip_thresh=False)
            assert torch.equal(hook.masking(algorithm, p, softmax_x_ulb=False), mask)
            run.agree(fairness, usb=entropy_of(mask, strong, algorithm.p_model, algorithm.label_hist)[0])
        run.agree(consistency, usb=few.usb and few.usb(strong, pseudo, "ce", mask=mask))
        run.see(logits=logits, strong=strong, mask=mask, fairness=fairness)
        passed.append(int(mask.sum()))
        few.tell(supervised=supervised, consistency=consistency, sure=mask.mean(), threshold=limit.mean(), fairness=fairness)
        few.judge(i, mask, pseudo)
        run.descend(supervised + weight * consistency + fairness_weight * fairness)
    assert sum(0 < k < few.n for k in passed) > STEPS / 2 and unseen, (passed, unseen)
    few.say("freematch", lambda_u=weight, momentum=momentum, fairness_weight=fairness_weight)


def mixmatch(run, labelled=8, ratio=1, temperature=0.5):
    """MixMatch (Berthelot et al. 2019) with two views. Passes: guesses of the first view and of the second, without
    gradient; then the mixed pictures in batches of as many as there are labelled ones, not interleaved. The first of
    these alone moves running statistics. The share and the order of a step are drawn once for all of its pictures.
    USB's further pass over the labelled pictures, whose features nothing reads, is left out.

    n labelled pictures, 8 or 16; with fewer, rounding grows too far at the sharper temperature.

    batch/labelled [3, n, 3, 8, 8], batch/first, batch/second [3, n·ratio, 3, 8, 8]. seen: guess [n·ratio, 4], logits
    [n, 4], others [2·n·ratio, 4]. facts: lambda_u, warm_up, temperature, share [3], permutation [3][n + 2·n·ratio].
    """
    weight, warm_up = 100.0, 0.4
    few = Few(run, labelled, ratio, ["first", "second"])
    total = labelled + 2 * few.n
    orders = torch.stack([torch.randperm(total) for _ in range(BATCHES)])
    shares = [max(v, 1 - v) for v in torch.distributions.Beta(0.5, 0.5).sample((BATCHES,)).tolist()]
    assert min(shares) < 0.9, shares
    for step, i in run.steps():
        with torch.no_grad():
            mean = sum(few.kept(view[i]).softmax(1) for view in few.views) / 2
            guess = mean ** (1 / temperature)
            guess = guess / guess.sum(1, keepdim=True)
        few.apart(guess, -1)
        pictures = torch.cat([few.x[i], few.views[0][i], few.views[1][i]])
        targets = torch.cat([F.one_hot(few.y[i], CLASSES).to(run.dtype), guess, guess])
        lam, order = shares[i], orders[i]
        mixed, targets = (lam * v + (1 - lam) * v[order] for v in (pictures, targets))
        batches = mixed.split(labelled)
        logits = few.logits(batches[0])
        others = torch.cat([few.kept(batch) for batch in batches[1:]])
        supervised = -(targets[:labelled] * F.log_softmax(logits, 1)).sum(1).mean()
        consistency = F.mse_loss(others.softmax(1), targets[labelled:])
        run.see(guess=guess, logits=logits, others=others)
        run.agree(consistency, usb=few.usb and few.usb(others, targets[labelled:], "mse"))
        few.tell(supervised=supervised, consistency=consistency)
        few.judge(i, torch.ones(few.n), guess.argmax(1))
        run.descend(supervised + weight * consistency * ramp(step, warm_up))
    few.say("mixmatch", lambda_u=weight, warm_up=warm_up, temperature=temperature, share=shares, permutation=orders.tolist())
