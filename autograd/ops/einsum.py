"""Sums of products over named axes: einsum("ij,jk->ik", x, y).

The subscripts are read here, once for each text and ranks, into one letter for each axis, with
ellipses written out; so that the gradient is another einsum, of g and the other operands.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.diagonals import scatter_diagonal
from autograd.ops.either import either

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = ["einsum"]

LARGE = 512
"""Elements from which NumPy's search for matrix products, some 7 µs, pays."""


class Labels(NamedTuple):
    """Subscripts with a letter for every axis: those of each operand, and those of the result."""

    operands: tuple[str, ...]
    result: str

    def text(self) -> str:
        """As NumPy takes them."""
        return f"{','.join(self.operands)}->{self.result}"


def einsum(subscripts: str, *operands: Any) -> Tensor:
    """z = Σ of the operands' products over the labels that subscripts leave out of the result.

        einsum("ij,jk->ik", x, y) = Σⱼ x[i, j] · y[j, k]

    A label repeated in one operand takes its diagonal; without "->" the labels that occur once, in
    alphabetical order, make the result; "..." stands for any further axes, which broadcast. Sizes
    of 1 broadcast.
    Raises ShapeError if the subscripts do not fit the operands.
    """
    if not isinstance(subscripts, str):
        raise ShapeError("einsum: the subscripts come first, as text: einsum('ij,jk->ik', x, y).")
    if not operands:
        raise ShapeError(
            f"einsum: no operand for {subscripts!r}. Give one for each part between commas."
        )
    return _einsum(*operands, subscripts=subscripts)


@op("einsum", name="einsum")
def _einsum(xp: ArrayModule, *operands: Array, subscripts: str) -> Array:
    labels = _read(subscripts, [x.shape for x in operands])
    return _sum(xp, labels, operands)


_einsum.__doc__ = einsum.__doc__


def _sum(xp: ArrayModule, labels: Labels, operands: Sequence[Array]) -> Array:
    search = len(operands) > 2 or (
        len(operands) == 2 and max(operands[0].size, operands[1].size) > LARGE
    )
    return xp.einsum(labels.text(), *operands, optimize=search)


def _gradient(xp: ArrayModule, g: Any, operands: Any, i: int, subscripts: str) -> Any:
    """Σ of g and the other operands over all labels that operand i does not have.

    A label of its own that neither g nor another operand has was only summed: its gradient is the
    same all along. One of size 1 was broadcast, so its gradient is a sum.
    """
    labels = _read(subscripts, [x.shape for x in operands])
    x, own = operands[i], labels.operands[i]
    names, others = list(dict.fromkeys(own)), [n for k, n in enumerate(labels.operands) if k != i]
    sizes = {name: x.shape[own.index(name)] for name in names}
    found = set(labels.result).union(*others)
    taken = [name for name in names if name in found and sizes[name] != 1]
    factors = [y for k, y in enumerate(operands) if k != i]
    inner = Labels((labels.result, *others), "".join(taken))
    part = either(_einsum, g, *factors, subscripts=inner.text())
    part = part.reshape(_sizes_found(part, taken, names))
    full = tuple([sizes[name] for name in names])
    if part.shape != full:
        part = xp.broadcast_to(part, full)
    return part if len(names) == len(own) else _on_diagonals(part, names, own, sizes)


def _sizes_found(part: Any, taken: list[str], names: list[str]) -> tuple[int, ...]:
    """The shape of part with an axis of size 1 for each of names that it does not have."""
    sizes = dict(zip(taken, part.shape, strict=True))
    return tuple([sizes.get(name, 1) for name in names])


def _on_diagonals(part: Any, names: list[str], own: str, sizes: dict[str, int]) -> Any:
    """part, with an axis for each name, on the diagonals of an array with axes own."""
    for name in names:
        for _ in range(own.count(name) - 1):
            position = names.index(name)
            part = _last(part, position)
            names = [n for k, n in enumerate(names) if k != position] + [name, name]
            part = either(
                scatter_diagonal, part, shape=(*part.shape, sizes[name]), axis1=-2, axis2=-1
            )
    free = list(range(len(names)))
    order = []
    for letter in own:
        order.append(next(k for k in free if names[k] == letter))
        free.remove(order[-1])
    return part.transpose(tuple(order))


def _last(part: Any, position: int) -> Any:
    """part with one axis moved to the end."""
    order = [k for k in range(part.ndim) if k != position]
    return part.transpose((*order, position))


_einsum.vjp(operands=("doperands = einsum(g, operands)", _gradient))


# Reading the subscripts


def _read(subscripts: str, shapes: list[tuple[int, ...]]) -> Labels:
    """The labels of subscripts for operands of those shapes. Raises ShapeError if these differ."""
    labels = _labels(subscripts, tuple([len(shape) for shape in shapes]))
    sizes: dict[str, int] = {}
    for k, (names, shape) in enumerate(zip(labels.operands, shapes, strict=True)):
        here: dict[str, int] = {}
        for name, size in zip(names, shape, strict=True):
            old = sizes.get(name, 1)
            if here.setdefault(name, size) != size or (1 not in (old, size) and old != size):
                other = here[name] if here[name] != size else old
                raise ShapeError(
                    f"einsum: in {subscripts!r} operand {k} is {shape}, so that label {name!r} "
                    f"has size {size}, but it has "
                    f"size {other} before. Sizes of one label must be equal, or 1 in another "
                    "operand."
                )
            sizes[name] = size if old == 1 else old
    return labels


@lru_cache(maxsize=1024)
def _labels(subscripts: str, ranks: tuple[int, ...]) -> Labels:
    text = "".join(subscripts.split())
    left, arrow, right = text.partition("->")
    parts = left.split(",")
    if len(parts) != len(ranks):
        raise ShapeError(
            f"einsum: {subscripts!r} names {len(parts)} operands, but {len(ranks)} are given. "
            "There must be one part between commas for each."
        )
    if bad := [
        c
        for c in left.replace("...", "").replace(",", "") + right.replace("...", "")
        if c not in string.ascii_letters
    ]:
        raise ShapeError(
            f"einsum: {bad[0]!r} in {subscripts!r} is no label. Labels are the letters a to z and "
            "A to Z."
        )
    spare = [c for c in string.ascii_letters if c not in text]
    counts = [
        _hidden(part, rank, k, subscripts)
        for k, (part, rank) in enumerate(zip(parts, ranks, strict=True))
    ]
    hidden = "".join(spare[: max(counts)])
    written = [
        part.replace("...", hidden[len(hidden) - n :])
        for part, n in zip(parts, counts, strict=True)
    ]
    return Labels(tuple(written), _result(left, arrow, right, hidden, subscripts))


def _hidden(part: str, rank: int, k: int, subscripts: str) -> int:
    """How many axes the ellipsis of a part stands for."""
    named = len(part.replace("...", ""))
    if part.count("...") > 1 or rank < named or ("..." not in part and rank != named):
        raise ShapeError(
            f"einsum: operand {k} has {rank} axes, but {subscripts!r} names {named} of them by "
            f"{part!r}. "
            'Name each axis by one letter, and further ones by one "...".'
        )
    return rank - named


def _result(left: str, arrow: str, right: str, hidden: str, subscripts: str) -> str:
    letters = left.replace("...", "").replace(",", "")
    if not arrow:
        return hidden + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    named = right.replace("...", "")
    unknown = [c for c in named if c not in letters or named.count(c) > 1]
    if unknown or right.count("...") > 1:
        raise ShapeError(
            f"einsum: the result of {subscripts!r} names {(unknown or ['...'])[0]!r}, which must "
            "occur once there and in an operand."
        )
    if hidden and "..." not in right:
        raise ShapeError(
            f'einsum: the operands of {subscripts!r} have axes under "...", but the result has '
            'none. Add it behind "->".'
        )
    return right.replace("...", hidden)
