"""PyTorch's words where NumPy owns the place: each raises, and names the word to use here.

Three tables: keyword arguments, names looked for in the package, and methods of Tensors. Tensor has
no `__getattr__` for the last, because that would slow every look-up of its fields; each name is a
descriptor of its own instead.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

# Arguments

KEYWORDS = {
    "dim": "axis=, as in NumPy",
    "keepdim": "keepdims=, as in NumPy",
    "unbiased": "ddof= (1 for unbiased=True, 0 for False), as in NumPy",
    "correction": "ddof=, as in NumPy",
    "p": "ord=, as in NumPy",
    "descending": "ops.flip(x, axis) on the result",
    "dtype": "x.astype(dtype) before it",
}
"""PyTorch's keyword arguments, and what an operation takes instead."""


def refuse_keywords(
    name: str, keywords: Iterable[str], remedies: Mapping[str, str] = KEYWORDS
) -> None:
    """Raises TypeError if one of keywords has a remedy, naming it."""
    for word in remedies.keys() & set(keywords):
        raise TypeError(f"{name}() takes no {word}=. Use {remedies[word]}.")


def refuses(**remedies: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator: the function, with a TypeError that names the remedy for each of the keywords
    that PyTorch's function of that name takes and this one does not."""

    def answered(function: Callable[P, R]) -> Callable[P, R]:
        name = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            if kwargs:
                refuse_keywords(name, kwargs, remedies)
            return function(*args, **kwargs)

        return call

    return answered


def checked_flag(requires_grad: Any) -> bool:
    """requires_grad as a bool. Raises TypeError if it is none: a size or a dtype, as PyTorch's
    constructors take there, would be taken for True."""
    if not isinstance(requires_grad, (bool, np.bool_)):
        raise TypeError(
            f"requires_grad is {requires_grad!r}, and must be True or False. Sizes go to "
            "autograd.empty(3, 4) or autograd.zeros(3, 4); a dtype is given by name, as in "
            'dtype="int64".'
        )
    return bool(requires_grad)


# Names looked for in the package

_DTYPE = '"{}", the name as a string: dtype="{}", or x.astype("{}")'
_NUMBER = "math.{0}, or numpy.{0}"
_DTYPES = {"long": "int64", "double": "float64", "float": "float32", "half": "float16"}
_DTYPES |= {"int": "int32", "LongTensor": "int64", "FloatTensor": "float32", "bool": "bool"}
_DTYPES |= {name: name for name in ("float16", "float32", "float64", "int32", "int64", "uint8")}

PACKAGE = {
    "Generator": "autograd.manual_seed(seed), or seed= of a DataLoader and of random_split",
    "autograd": "autograd.grad, autograd.functional and autograd.detect_anomaly themselves",
    "bernoulli": "autograd.rand(*shape) < p",
    "bmm": "@, which takes stacks of matrices",
    "cat": "autograd.ops.concatenate",
    "chunk": "autograd.ops.split(x, parts, axis)",
    "clamp": "autograd.ops.clip, or x.clip(min, max)",
    "cuda": 'the device\'s name: device="cuda", or x.to("cuda")',
    "device": 'its name as a string: device="cuda", or x.to("cuda")',
    "from_numpy": "autograd.as_tensor, which shares the array's memory",
    "gather": "autograd.ops.take_along_axis(x, indices, axis=axis)",
    "get_rng_state": "autograd.random.get_state()",
    "inference_mode": "autograd.no_grad()",
    "load": "nn.load(path)",
    "mm": "@",
    "multinomial": "autograd.random.generator().choice(n, p=probabilities)",
    "nn": "import nn: it is a package of its own",
    "normal": "autograd.randn(*shape) * std + mean",
    "optim": "nn.optim",
    "save": "nn.save(object, path)",
    "seed": "autograd.manual_seed(seed)",
    "set_default_tensor_type": 'autograd.set_default_dtype("float64")',
    "set_grad_enabled": "autograd.no_grad() or autograd.enable_grad()",
    "set_rng_state": "autograd.random.set_state(state)",
    "unsqueeze": "autograd.ops.expand_dims(x, axis)",
    "utils": "nn.data for datasets and loaders, autograd.checkpoint for checkpointing",
    **{name: _DTYPE.format(*[dtype] * 3) for name, dtype in _DTYPES.items()},
    **{name: _NUMBER.format(name) for name in ("inf", "nan", "pi", "e")},
}
"""PyTorch's names that are no operations here, and what to use instead."""

DIFFERENCES = {
    "equal": "which compares element by element (array_equal gives one bool)",
    "flatten": "which makes one axis of all (to keep the first: x.reshape((len(x), -1)))",
    "max": "which gives the values alone (argmax: the positions)",
    "min": "which gives the values alone (argmin: the positions)",
    "nonzero": "which gives an array of indices for each axis (argwhere: one matrix)",
    "pad": "whose widths are NumPy's, a pair for each axis from the first",
    "repeat": "which repeats each element (tile: the whole tensor)",
    "round": "whose decimals= NumPy names",
    "scatter": "which makes a new tensor from an index like that of x[index]",
    "sort": "which gives the values alone (argsort: the positions)",
    "split": "which takes the number of equal parts or the positions of the cuts, not sizes",
    "std": "which divides by n (by n − 1 with ddof=1)",
    "transpose": "which takes an order of all axes (swapaxes exchanges two)",
    "var": "which divides by n (by n − 1 with ddof=1)",
}
"""Operations that mean another thing than PyTorch's of that name, and what differs."""


def package_hint(name: str, is_operation: bool) -> str:
    """What to use instead of a name that the package autograd has not; empty if nothing is known.

    is_operation: whether `autograd.ops` has it.
    """
    if name in PACKAGE:
        return f" Use {PACKAGE[name]}."
    if not is_operation:
        return ""
    difference = f", {DIFFERENCES[name]}" if name in DIFFERENCES else ""
    return f" Use autograd.ops.{name}{difference}."


# Methods of Tensors


class Habit:
    """An attribute that is not there: reading it raises AttributeError with the word to use."""

    __slots__ = ("name", "remedy")

    def __init__(self, remedy: str) -> None:
        self.remedy = remedy

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, tensor: object, owner: type) -> NoReturn:
        raise AttributeError(f"a Tensor has no {self.name!r}. Use {self.remedy}.")


_IN_PLACE = "the operator under autograd.no_grad(), such as x += y, or x[...] = y"


class Habits:
    """The names of torch.Tensor's methods that have another name here."""

    __slots__ = ()

    numel: Any = Habit(".size")
    nelement: Any = Habit(".size")
    dim: Any = Habit(".ndim")
    is_cuda: Any = Habit('x.device != "cpu"')
    t: Any = Habit(".T")
    mm: Any = Habit("@, or .dot()")
    bmm: Any = Habit("@")
    add: Any = Habit("+")
    sub: Any = Habit("-")
    mul: Any = Habit("*")
    div: Any = Habit("/")
    neg: Any = Habit("-x")
    pow: Any = Habit("**")
    eq: Any = Habit("==")
    ne: Any = Habit("!=")
    gt: Any = Habit(">")
    ge: Any = Habit(">=")
    lt: Any = Habit("<")
    le: Any = Habit("<=")
    equal: Any = Habit("ops.array_equal(x, y) for one bool, == for one an element")
    isnan: Any = Habit("ops.isnan(x)")
    clamp: Any = Habit(".clip(min, max)")
    amax: Any = Habit(".max(axis)")
    amin: Any = Habit(".min(axis)")
    median: Any = Habit("numpy.median(x.detach().numpy()), which has no gradient")
    topk: Any = Habit("ops.topk(x, k), whose results are values and indices")
    gather: Any = Habit("ops.take_along_axis(x, indices, axis=axis)")
    masked_fill: Any = Habit("ops.masked_fill(x, mask, value=value)")
    nonzero: Any = Habit("ops.argwhere(x) for a matrix of indices, ops.nonzero(x) for NumPy's")
    unsqueeze: Any = Habit(".expand_dims(axis)")
    expand: Any = Habit(".broadcast_to(shape)")
    view_as: Any = Habit(".reshape(other.shape)")
    contiguous: Any = Habit("x itself, for operations take any layout, or .copy()")
    split: Any = Habit("ops.split(x, parts), with the number of parts or the positions of cuts")
    chunk: Any = Habit("ops.split(x, parts)")
    flip: Any = Habit("ops.flip(x, axis)")
    repeat_interleave: Any = Habit(".repeat(repeats, axis)")
    tile: Any = Habit("ops.tile(x, repeats)")
    new_zeros: Any = Habit("autograd.zeros(shape, dtype=x.dtype, device=x.device)")
    new_ones: Any = Habit("autograd.ones(shape, dtype=x.dtype, device=x.device)")
    add_: Any = Habit(_IN_PLACE)
    sub_: Any = Habit(_IN_PLACE)
    mul_: Any = Habit(_IN_PLACE)
    div_: Any = Habit(_IN_PLACE)
    clamp_: Any = Habit("x[...] = x.clip(min, max) under autograd.no_grad()")
    lerp_: Any = Habit("x += weight * (y - x) under autograd.no_grad()")
    normal_: Any = Habit("nn.init.normal_(x, mean, std)")
    uniform_: Any = Habit("nn.init.uniform_(x, low, high)")
    fill_: Any = Habit("x[...] = value under autograd.no_grad()")
    zero_: Any = Habit("x[...] = 0 under autograd.no_grad()")
    zero_grad: Any = Habit("x.grad = None")
    cuda: Any = Habit('.to("cuda")')
    type: Any = Habit(".astype(dtype)")
    type_as: Any = Habit(".astype(other.dtype)")
    grad_fn: Any = Habit(".node")
    detach_: Any = Habit("x = x.detach()")
