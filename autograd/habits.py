"""PyTorch's words where NumPy owns the place: each raises, and names the word to use here.

Tensor has no `__getattr__` for them, because that would slow every look-up of its fields; each name
is a descriptor of its own instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

KEYWORDS = {
    "dim": "axis=",
    "keepdim": "keepdims=",
    "unbiased": "ddof= (1 for unbiased=True, 0 for False)",
}
"""PyTorch's keyword arguments, and NumPy's."""


def refuse_keywords(name: str, keywords: Iterable[str]) -> None:
    """Raises TypeError if one of keywords is PyTorch's, naming NumPy's."""
    for word in KEYWORDS.keys() & set(keywords):
        raise TypeError(
            f"{name}() takes no {word}=, for Tensors speak NumPy here. Use {KEYWORDS[word]}."
        )


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
    dim: Any = Habit(".ndim")
    t: Any = Habit(".T")
    mm: Any = Habit("@, or .dot()")
    bmm: Any = Habit("@")
    add: Any = Habit("+")
    sub: Any = Habit("-")
    mul: Any = Habit("*")
    div: Any = Habit("/")
    pow: Any = Habit("**")
    unsqueeze: Any = Habit(".expand_dims(axis)")
    expand: Any = Habit(".broadcast_to(shape)")
    add_: Any = Habit(_IN_PLACE)
    sub_: Any = Habit(_IN_PLACE)
    mul_: Any = Habit(_IN_PLACE)
    div_: Any = Habit(_IN_PLACE)
    fill_: Any = Habit("x[...] = value under autograd.no_grad()")
    zero_: Any = Habit("x[...] = 0 under autograd.no_grad()")
    zero_grad: Any = Habit("x.grad = None")
    cuda: Any = Habit('.to("cuda")')
    type: Any = Habit(".astype(dtype)")
    grad_fn: Any = Habit(".node")
    detach_: Any = Habit("x = x.detach()")
