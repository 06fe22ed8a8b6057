"""Losses as libraries publish them: while a method is recorded, its own are compared with these (Run.agree).

Read, and run, are lightly 1.6.0; solo-learn 1.0.2, pytorch-metric-learning 2.9.0 and semilearn 0.3.2 (USB), of which
only files without further needs are (pip install --no-deps is enough). What is not installed is not compared, and
peers.py says so. No package has the methods for wrong and partial labels: bhanML/Co-teaching@49fa8e5 loss.py, @07a0f57
main.py, shengliu66/ELR@513693e ELR/model/loss.py, hongxin001/JoCoR@20a570e algorithm/loss.py, lvjiaqi77/PRODEN
utils/utils_loss.py and ntucllab/libcll@187a8d7 libcll/strategies/{SCL,FWD}.py were read line by line.
"""
import importlib
import importlib.metadata
import importlib.util
import pathlib
import sys
import types

import torch

USED = {}  # versions of the packages that something was compared with


def found(package, distribution, inside=""):
    """A module of a package. One inside it is taken from its file alone, whatever the package itself needs."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        USED[distribution] = "not installed: nothing is compared with it"
        return None
    USED[distribution] = importlib.metadata.version(distribution)
    if not inside:
        return importlib.import_module(package)
    path = pathlib.Path(spec.submodule_search_locations[0], inside)
    name = "published_" + path.stem
    folder = [str(path)] if path.is_dir() else None
    file = path / "__init__.py" if folder else path
    inner = importlib.util.spec_from_file_location(name, file, submodule_search_locations=folder)
    sys.modules[name] = module = importlib.util.module_from_spec(inner)
    inner.loader.exec_module(module)
    return module


def lightly(of):
    """What of(lightly's losses, its modules) makes, without drawing from the method's random numbers, or None."""
    if found("lightly", "lightly") is None:
        return None
    from lightly import loss
    from lightly.models import modules
    with torch.random.fork_rng():
        return of(loss, modules)


def solo(name):
    """A file of solo-learn's losses."""
    return found("solo", "solo-learn", f"losses/{name}.py")


def usb():
    """consistency_loss of USB."""
    criterions = found("semilearn", "semilearn", "core/criterions")
    return criterions and criterions.consistency_loss


class Stub:
    """Stands for what files of USB import and do not need here."""

    def __init__(self, *_, **values):
        self.__dict__.update(values)

    @staticmethod
    def register(_):
        return lambda of: of


def usb_file(algorithm, file):
    """A file of an algorithm of USB, with stubs for the package's own modules."""
    spec = importlib.util.find_spec("semilearn")
    if spec is None:
        return None
    names = ["semilearn", "semilearn.core", "semilearn.core.utils", "semilearn.algorithms", "semilearn.algorithms.hooks",
             "semilearn.algorithms.utils", f"semilearn.algorithms.{algorithm}", f"semilearn.algorithms.{algorithm}.utils"]
    before = {name: sys.modules.get(name) for name in names}
    for name in names:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = []
        sys.modules[name].__getattr__ = lambda _: Stub
    path = pathlib.Path(spec.submodule_search_locations[0], "algorithms", algorithm, file)
    inner = importlib.util.spec_from_file_location(f"semilearn.algorithms.{algorithm}.{path.stem}", path)
    module = importlib.util.module_from_spec(inner)
    inner.loader.exec_module(module)
    for name, one in before.items():
        sys.modules.pop(name)
        if one:
            sys.modules[name] = one
    return module


def usb_hook(algorithm, name, **how):
    """A hook of an algorithm's utils.py."""
    module = usb_file(algorithm, "utils.py")
    return module and getattr(module, name)(**how)


def usb_function(algorithm, name):
    """A function beside an algorithm."""
    module = usb_file(algorithm, f"{algorithm}.py")
    return module and getattr(module, name)


def metric_learning():
    return found("pytorch_metric_learning.losses", "pytorch-metric-learning")


def focal():
    """torchvision's sigmoid_focal_loss."""
    ops = found("torchvision.ops", "torchvision")
    return ops and ops.sigmoid_focal_loss


def dino_head(net, norm):
    """lightly's head with the weights of a network's."""
    import warnings

    def of(_, modules):
        hidden, out, k = net.projector[0].out_features, net.projector[-1].out_features, len(net.prototypes.weight)
        with warnings.catch_warnings():  # of weight_norm, which torch has a newer one of
            warnings.simplefilter("ignore")
            head = modules.heads.DINOProjectionHead(net.projector[0].in_features, hidden, out, k, batch_norm=norm)
        state = net.projector.state_dict()
        missing, more = head.layers.load_state_dict(state, strict=False)
        assert not missing and (norm or not more), (missing, more)  # behind a bias, a batch norm takes it away
        head.last_layer.weight_v.data = net.prototypes.weight.data.clone()
        head.last_layer.weight_g.data = head.last_layer.weight_g.data.to(net.prototypes.weight.dtype)
        return head.to(net.prototypes.weight.dtype)

    return lightly(of)
