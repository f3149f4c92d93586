"""Optimizers and losses by name, class or object, as `compile(optimizer="adam", ...)` takes them.

Optimizers are known under their class's name in any case, losses also under usual short names.
Metrics are found by `nn.metrics.metric`.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nn import losses, optim
from nn.metrics import Metric, metric
from nn.module import Module

LOSSES = {
    "bce": "BCELoss",
    "bce_with_logits": "BCEWithLogitsLoss",
    "binary_cross_entropy": "BCELoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
    "cross_entropy": "CrossEntropyLoss",
    "hinge": "HingeLoss",
    "huber": "HuberLoss",
    "kl_div": "KLDivLoss",
    "l1": "L1Loss",
    "mae": "L1Loss",
    "mape": "MAPELoss",
    "mean_absolute_error": "L1Loss",
    "mean_squared_error": "MSELoss",
    "mse": "MSELoss",
    "multi_margin": "MultiMarginLoss",
    "nll": "NLLLoss",
    "smooth_l1": "SmoothL1Loss",
}
"""The class of each loss's name; the classes' own names are known too."""

KERAS = {
    "binary_crossentropy": '"bce" takes probabilities and "bce_with_logits" logits',
    "categorical_crossentropy": '"cross_entropy" takes logits, so leave out the last Softmax',
    "sparse_categorical_crossentropy": '"cross_entropy" takes logits and class indices, so leave '
    "out the last Softmax",
}
"""Keras's names that are refused with advice: there they take probabilities, here logits, and
training would go on wrongly in silence."""


TAKEN = ("loss", "lr", "epoch")
"""Names in a history that are not a metric's."""


def optimizer_of(given: Any, parameters: Callable[[], Iterable[Any]]) -> Any:
    """The optimizer that given names or is, for a name or class made over parameters().

    given: a name such as "adam"; a class, or any function of the parameters that returns an
    optimizer, such as functools.partial(nn.optim.SGD, lr=0.1); or an optimizer.
    Raises ValueError for an unknown name, TypeError for what is none of these.
    """
    given = known_optimizer(given)
    return given if _is_optimizer(given) else given(parameters())


def known_optimizer(given: Any, lr: float | None = None) -> Any:
    """given, or the class that it names: an optimizer, or a function that makes one.

    lr: the learning rate that a name or class is to have. Raises as optimizer_of does, and
    TypeError for an lr beside an optimizer that has its own.
    """
    if isinstance(given, str):
        given = _found(given, _optimizers(), "optimizer")
    if not callable(given) and not _is_optimizer(given):
        raise TypeError(
            f"an optimizer is a name, an Optimizer, its class or a function of the parameters, not "
            f"{given!r}."
        )
    if lr is None:
        return given
    if not inspect.isclass(given):
        raise TypeError(
            f"compile: lr={lr} is for an optimizer given by its name or class, and this one, a "
            f"{type(given).__name__}, has its own. Set the rate where it is made."
        )
    made: Callable[..., Any] = given
    return functools.partial(made, lr=lr)


def _is_optimizer(given: Any) -> bool:
    return hasattr(given, "step") and not inspect.isclass(given)


def _optimizers() -> dict[str, Any]:
    return {c.__name__.lower(): c for c in _classes(optim, optim.Optimizer)}


def _is_optimizer_class(given: Any) -> bool:
    return inspect.isclass(given) and issubclass(given, optim.Optimizer)


def loss_of(given: Any) -> Any:
    """The loss that given names or is: a function of (output, target).

    given: a name such as "cross_entropy"; a loss, or its class; or any function.
    Raises ValueError for an unknown name, TypeError for what is none of these.
    """
    is_name = isinstance(given, str) and given.lower() in _optimizers()
    if is_name or isinstance(given, optim.Optimizer) or _is_optimizer_class(given):
        kind = given if inspect.isclass(given) else type(given)
        name = repr(given) if is_name else kind.__name__
        raise TypeError(
            f"the loss that was given is an optimizer, {name}. The order is Trainer(model, loss, "
            "optimizer), and compile(optimizer, loss)."
        )
    if isinstance(given, str):
        if given in KERAS:
            raise ValueError(f"loss {given!r} is not used here: {KERAS[given]}.")
        own = {_key(c.__name__): c for c in _classes(losses, Module)}
        named = {name: own[_key(kind)] for name, kind in LOSSES.items()}
        given = own.get(_key(given)) or _found(given, named, "loss")
    if inspect.isclass(given):
        given = given()
    if not callable(given):
        raise TypeError(f"a loss is a name, a Module or a function of two Tensors, not {given!r}.")
    return given


def takes_logits(loss: Any) -> bool:
    """Whether a loss of two classes takes scores around 0, not probabilities."""
    return type(loss).__name__ in ("BCEWithLogitsLoss", "HingeLoss")


def closure_of(optimizer: Any) -> str:
    """What an optimizer's step() must be given: "" for nothing; "gradient" or "loss" for a closure
    that computes the loss with its gradients, or without.

    Raises TypeError for one that minimises a vector of residuals, which no loss gives.
    """
    kinds = {kind.__name__ for kind in type(optimizer).__mro__}
    if kinds & {"GaussNewton", "LevenbergMarquardt"}:
        raise TypeError(
            f"{type(optimizer).__name__} minimises a vector of residuals, and a Trainer has a loss "
            "of one number. Call optimizer.step(closure) in a loop of your own."
        )
    if "LBFGS" in kinds:
        return "gradient"
    return "loss" if kinds & {"Newton", "SimulatedAnnealing", "GeneticAlgorithm"} else ""


def _found(name: str, known: dict[str, Any], what: str) -> Any:
    key = name.lower()
    if key not in known:
        close = difflib.get_close_matches(key, known, 1)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        raise ValueError(
            f"{what} {name!r} is not known. {hint}Known are {', '.join(sorted(known))}."
        )
    return known[key]


def _classes(module: Any, base: type) -> list[Any]:
    """The concrete classes that a module offers."""
    offered = (getattr(module, name) for name in module.__all__)
    return [c for c in offered if inspect.isclass(c) and issubclass(c, base) and c is not base]


def _key(name: str) -> str:
    """A class's name as a lower-case key: "CrossEntropyLoss" and "cross_entropy" are one."""
    return re.sub(r"[\s_\-]", "", name).lower().removesuffix("loss")


def metrics_of(given: Any, loss: Any) -> list[Metric]:
    """The metrics that a list names or holds, set to what loss takes: logits or probabilities, and
    the target that it ignores.

    Raises ValueError for a name that is unknown or taken, TypeError for what is no list.
    """
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise TypeError(f"metrics is {given!r}; it must be a list, such as [{given!r}].")
    threshold = 0.0 if takes_logits(loss) else 0.5
    ignored = getattr(loss, "ignore_index", None)
    metrics = [metric(m, threshold=threshold, ignore_index=ignored) for m in given]
    names = [m.name for m in metrics]
    if twice := sorted({name for name in names if names.count(name) > 1 or name in TAKEN}):
        raise ValueError(
            f"the name {twice[0]!r} is taken: metrics need names of their own. Give name= to one."
        )
    return metrics
