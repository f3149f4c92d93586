"""A model read as layers of neurons: weights, biases, activations, and what flows for one input.

The model runs once on one input. A layer is a module with a `weight` of shape (out, in) that maps
(1, in) to (1, out); its activation is what the graph shows between it and the next. A model that is
no plain stack of such layers is refused, with the reason. `network_scene.py` places the circles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import DTypeError, ShapeError, Tensor, backend
from autograd.graph import Node, constant
from viz.format import shape_text
from viz.names import one_line
from viz.probe import (
    ModelError,
    apart,
    check_tensors,
    detail_of,
    hooked,
    inputs_for,
    modules_of,
    own_parameters,
    tracked,
    undisturbed,
)

Numbers = NDArray[np.float64]

SYMBOLS = {
    "sigmoid": "σ", "relu": "ReLU", "tanh": "tanh", "softmax": "softmax",
    "log_softmax": "log softmax", "leaky_relu": "leaky", "elu": "ELU", "selu": "SELU",
    "gelu": "GELU", "gelu_tanh": "GELU", "silu": "SiLU", "softplus": "softplus", "mish": "Mish",
    "hardswish": "hswish", "maxout": "maxout", "sign": "sign", "sin": "sin", "exp": "exp",
    "square": "x²", "greater": "step", "greater_equal": "step", "less": "step",
    "less_equal": "step", "batch_norm": "norm", "layer_norm": "norm", "rms_norm": "norm",
}  # fmt: skip
"""Activations by operation, as they stand in a circle."""

MOVING = frozenset("transpose getitem moveaxis swapaxes".split())
"""Operations that change no number, and may change their order."""

PASSING = frozenset("reshape ravel copy expand_dims squeeze".split()) | MOVING
"""Operations that change no number."""

PRODUCTS = frozenset(("linear", "matmul", "dot", "tensordot", "einsum"))
"""Operations that a layer applies its weight by."""

LONGEST = 200
"""Characters of a model's own error that are shown."""

ADVICE = "viz.draw() and viz.summary() show any model."


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One layer of neurons.

    path: of its module.  weight: (out, in).  bias: (out,), or None.  activation: as it stands in
    a circle, "" for none.  values: (out,) behind the activation.
    """

    path: str
    weight: Numbers
    bias: Numbers | None
    activation: str
    values: Numbers

    @property
    def size(self) -> int:
        """How many neurons."""
        return int(self.weight.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A stack of layers. inputs: (in,), what it ran on.  is_given: whether the user gave that."""

    layers: tuple[Layer, ...]
    inputs: Numbers
    is_given: bool

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units layer by layer, the inputs first: (2, 2, 1)."""
        return (len(self.inputs), *(layer.size for layer in self.layers))


@dataclass(frozen=True, slots=True)
class _Call:
    path: str
    module: Any
    source: Tensor
    result: Tensor


def read(model: Any, x: Any) -> Reading:
    """The layers of a model, run on x, or on any numbers.

    Raises TypeError for what is no model, ModelError for one that is no stack of fully connected
    layers, ValueError if x is not one input of the right size.
    """
    modules_of(model, "network")
    check_tensors(model, "network")
    model = apart(model)
    modules = modules_of(model, "network")
    candidates = [module for _, module in modules if _is_matrix(_weight(module))]
    _check_kinds(modules)
    if not candidates:
        raise ModelError(
            f"network(): {type(model).__name__} has no module with a weight of shape (out, in), "
            f"such as nn.Linear. {ADVICE}"
        )
    # A module may hold its layers in another order than it runs them.
    sizes = list(dict.fromkeys(int(_weight(module).shape[1]) for module in candidates))
    start, calls, output = _ran(model, modules, _starts(model, x, sizes))
    if not isinstance(output, Tensor):
        raise ModelError(f"network(): the model gives {type(output).__name__}, not one Tensor.")
    if not calls:
        raise ModelError(f"network(): running the model called none of its layers. {ADVICE}")
    return Reading(_layers(start, calls, output), _host(start), x is not None)


def _ran(
    model: Any, modules: list[tuple[str, Any]], starts: list[Tensor]
) -> tuple[Tensor, list[_Call], Any]:
    """The first of the starts that the model can run on, the calls of its layers, its output.

    Raises what the model raises on the first of them if it can run on none; ModelError with what it
    says, where it takes no such numbers.
    """
    faults: list[tuple[Tensor, Exception]] = []
    for start in starts:
        recorder = _Recorder()
        try:
            with (
                undisturbed(model),
                autograd.enable_grad(),
                hooked(modules, recorder.enter, recorder.leave),
            ):
                return start, recorder.calls, model(start)
        except ModelError:
            raise
        except (DTypeError, ShapeError) as error:
            faults.append((start, error))
        except Exception as error:
            error.add_note(f"network() ran the model on {shape_text(start.shape)}. {ADVICE}")
            faults.append((start, error))
    start, fault = faults[0]
    if not isinstance(fault, DTypeError | ShapeError):
        raise fault
    reason = str(fault).strip().partition("\n")[0].rstrip(".")
    # One error: that of the model would come with all the lines between.
    raise ModelError(
        f"network() runs {type(model).__name__} on real numbers of shape "
        f"{shape_text(start.shape)}, which it does not take: {one_line(reason, LONGEST)}. {ADVICE}"
    ) from None


class _Recorder:
    """Takes down the calls of layers. given: what the modules that run now were given."""

    def __init__(self) -> None:
        self.calls: list[_Call] = []
        self.given: list[tuple[Any, ...]] = []

    def enter(self, path: str, module: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Notes what a module is given."""
        self.given.append(inputs or (None,))
        # What a step function gave is not tracked; what its successor makes of it must be.
        return tuple(map(tracked, inputs)) if _is_matrix(_weight(module)) else inputs

    def leave(self, path: str, module: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Notes what a layer gave."""
        source = self.given.pop()[0]
        if _is_matrix(_weight(module)):
            _check_call(path, module, source, output, self.calls)
            self.calls.append(_Call(path, module, source, output))


def _weight(module: Any) -> Any:
    return getattr(module, "weight", None)


def _is_matrix(weight: Any) -> bool:
    return isinstance(weight, Tensor) and weight.ndim == 2


def _check_kinds(modules: list[tuple[str, Any]]) -> None:
    """Refuses modules that learn other arrays than a matrix of weights and vectors."""
    for path, module in modules:
        for name, parameter in own_parameters(module):
            if parameter.ndim > 1 and not (name == "weight" and parameter.ndim == 2):
                what = f"{path or 'the model'} ({detail_of(module)})"
                raise ModelError(
                    f"network() draws stacks of fully connected layers, but {what} has a {name} of "
                    f"shape {shape_text(parameter.shape)}. {ADVICE}"
                )


def _starts(model: Any, x: Any, sizes: list[int]) -> list[Tensor]:
    """Tracked inputs to try: x, or any numbers of each of the sizes; (1, size)."""
    if x is None:
        if not any(sizes):
            raise ModelError(
                "network(): the model has not yet learned how many inputs it has. Give x, one "
                "input, or call the model once."
            )
        # All different, so that units that change places are seen.
        tried = (np.arange(1.0, size + 1)[None] / size for size in sizes if size)
        return [inputs_for(model, one, "network")[0].requires_grad_() for one in tried]
    array = backend.to_host(x.data) if isinstance(x, Tensor) else np.asarray(x)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"network(): x holds {array.dtype}, which are no real numbers.")
    if 0 not in sizes and array.size not in sizes:
        raise ValueError(
            f"network(): x has shape {shape_text(array.shape)}, but the first layer takes "
            f"{sizes[0]} numbers. Give one input, not a batch."
        )
    given = array.reshape(1, -1).astype("float64")
    return [inputs_for(model, given, "network")[0].requires_grad_()]


def _check_call(path: str, module: Any, source: Any, output: Any, calls: list[_Call]) -> None:
    # A lazy layer has its sizes by now.
    outputs, inputs = (int(n) for n in _weight(module).shape)
    if not outputs:
        raise ModelError(f"network(): {path or 'the model'} has no units to draw. {ADVICE}")
    is_linear = isinstance(source, Tensor) and isinstance(output, Tensor)
    if not is_linear or (source.shape, output.shape) != ((1, inputs), (1, outputs)):
        raise ModelError(
            f"network(): {path or 'the model'} ({detail_of(module)}) is no layer that takes "
            f"(1, {inputs}) to (1, {outputs}). {ADVICE}"
        )
    if any(call.module is module for call in calls):
        raise ModelError(
            f"network(): {path or 'the model'} runs more than once, as in a recurrent net. {ADVICE}"
        )


def _layers(start: Tensor, calls: list[_Call], output: Tensor) -> tuple[Layer, ...]:
    before = [start, *(call.result for call in calls)]
    ends = [*(call.source for call in calls), output]
    known = {constant(tensor): i for i, tensor in enumerate(before)}
    names = ["the input", *(call.path or "the model" for call in calls), "the output"]
    layers = []
    for i, end in enumerate(ends):
        inside = _inside(calls[i - 1]) if i else []
        function = _between(before[i], end, known, names, i, inside)
        if not function and not _is_same(before[i], end):
            raise ModelError(
                f"network(): between {names[i]} and {names[i + 1]} the units change places. "
                f"{ADVICE}"
            )
        if i == 0:
            if function:
                raise ModelError(
                    f"network(): {names[1]} takes not the input itself, but {function} of it. Give "
                    f"network() the model without that step. {ADVICE}"
                )
            continue
        if end.shape != before[i].shape and end.size != before[i].size:
            raise ModelError(
                f"network(): between {names[i]} and {names[i + 1]} the sizes change from "
                f"{shape_text(before[i].shape)} to {shape_text(end.shape)}. {ADVICE}"
            )
        module = calls[i - 1].module
        bias = getattr(module, "bias", None)
        bias = _host(bias) if isinstance(bias, Tensor) else None
        path = one_line(calls[i - 1].path)
        layers.append(Layer(path, _matrix(_weight(module)), bias, function, _host(end)))
    return tuple(layers)


def _between(
    first: Tensor,
    last: Tensor,
    known: dict[Node, int],
    names: list[str],
    i: int,
    inside: list[str],
) -> str:
    """The activation between what a layer gives and what the next takes, after the operations
    inside of the layer. Raises ModelError if anything else flows in there."""
    start, end = constant(first), constant(last)
    if not last.requires_grad and end.source is not None:
        name = str(end.source.name)
        return SYMBOLS.get(name, name)
    seen, stack, others = {end}, [end], set()
    while stack:
        node = stack.pop()
        if node is not start and node in known:
            others.add(known[node])
        elif node is not start:
            new = [p for p in node.parents if p is not None and p not in seen]
            seen.update(new)
            stack += new
    if start not in seen or others:
        found = f"also takes what {names[min(others)]} gives" if start in seen else "does not"
        raise ModelError(
            f"network() draws plain stacks, where each layer takes what the one before gives; "
            f"{names[i + 1]} {found}. {ADVICE}"
        )
    made = sorted(seen - {start}, key=lambda node: node.number)
    ops = [*inside, *(node.op.name for node in made if node.op is not None)]
    if all(name in PASSING for name in ops):
        return ""
    # With a function between, nobody can tell what an operation that may change their order does.
    kept = PASSING - MOVING
    return _symbol([name for name in ops if name not in kept])


def _inside(call: _Call) -> list[str]:
    """The operations of a layer's own activation, behind the product and the bias."""
    source, seen, stack = constant(call.source), set(), [constant(call.result)]
    while stack:
        node = stack.pop()
        if node is not source and node not in seen:
            seen.add(node)
            stack += [parent for parent in node.parents if parent is not None]
    made = [n.op.name for n in sorted(seen, key=lambda node: node.number) if n.op is not None]
    products = [i for i, name in enumerate(made) if name in PRODUCTS]
    made = made[products[-1] + 1 :] if products else []
    return made[1:] if made[:1] == ["add"] else made


def _symbol(ops: list[str]) -> str:
    """What stands in a circle for these operations, one after the other."""
    if len(ops) < 2:
        return SYMBOLS.get(ops[0], ops[0]) if ops else ""
    # Of several operations the last may have a symbol, and what is before it is some function f.
    inner = SYMBOLS.get(ops[0], "f") if len(ops) == 2 else "f"
    return f"{SYMBOLS[ops[-1]]}∘{inner}" if ops[-1] in SYMBOLS else "f"


def _is_same(first: Tensor, last: Tensor) -> bool:
    """Whether both hold the same numbers in the same order, or other numbers of them."""
    one, other = _host(first), _host(last)
    return one.size != other.size or bool(np.array_equal(one, other, equal_nan=True))


def _host(tensor: Tensor) -> Numbers:
    return np.asarray(backend.to_host(tensor.data), "float64").ravel()


def _matrix(tensor: Tensor) -> Numbers:
    return np.asarray(backend.to_host(tensor.data), "float64")
