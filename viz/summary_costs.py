"""How many multiply-adds an operation takes, from the shapes of its inputs and output.

Counted are products of two numbers that are added up: matrix products, convolutions and their kin.
What is done once for each element (a bias, an activation, a norm) is left out, as papers do.
Source: Sze et al. (2017), "Efficient processing of deep neural networks", §II-C.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt, prod
from typing import Any, TypeAlias

from autograd.graph import Node

Shape: TypeAlias = tuple[int, ...]


def multiply_adds(node: Node) -> int:
    """The products that are added up in one operation; 0 for one that only maps elements."""
    count = COUNTS.get(node.op.name) if node.op is not None else None
    if count is None:
        return 0
    shapes = [tuple(parent.shape) for parent in node.parents if parent is not None]
    return count(shapes, tuple(node.shape), node.settings)


def _matmul(shapes: list[Shape], z: Shape, settings: dict[str, Any]) -> int:
    return prod(z) * shapes[0][-1]


def _dot(shapes: list[Shape], z: Shape, settings: dict[str, Any]) -> int:
    return prod(z) * shapes[0][-1] if all(shapes[:2]) else 0


def _outer(shapes: list[Shape], z: Shape, settings: dict[str, Any]) -> int:
    return prod(z)


def _tensordot(shapes: list[Shape], z: Shape, settings: dict[str, Any]) -> int:
    """∏free · ∏summed: each summed axis is in x and y, each free one in z and in x or y."""
    return isqrt(prod(shapes[0]) * prod(shapes[1]) * prod(z))


def _einsum(shapes: list[Shape], z: Shape, settings: dict[str, Any]) -> int:
    """All labels' sizes multiplied, once for each operand after the first."""
    operands = settings["subscripts"].replace(" ", "").split("->")[0].split(",")
    sizes: dict[str | int, int] = {}
    for labels, shape in zip(operands, shapes, strict=True):
        for label, size in _sized(labels, shape):
            sizes[label] = size if size != 1 else sizes.get(label, 1)
    return prod(sizes.values()) * (len(shapes) - 1)


def _sized(labels: str, shape: Shape) -> list[tuple[str | int, int]]:
    """Each label with its size; the axes of an ellipsis are counted from its end."""
    before, dots, after = labels.partition("...")
    named: list[tuple[str | int, int]] = list(zip(before, shape, strict=False))
    if dots:
        hidden = shape[len(before) : len(shape) - len(after)]
        named += [(i - len(hidden), size) for i, size in enumerate(hidden)]
        named += list(zip(after, shape[len(shape) - len(after) :], strict=True))
    return named


def _convolution(shapes: list[Shape], z: Shape, settings: dict[str, Any]) -> int:
    return prod(z) * prod(shapes[1][1:])


def _spreading(shapes: list[Shape], z: Shape, settings: dict[str, Any]) -> int:
    return prod(shapes[0]) * prod(shapes[1][1:])


def _weighing(shapes: list[Shape], z: Shape, settings: dict[str, Any]) -> int:
    return prod(shapes[1]) * prod(z[1:])


COUNTS: dict[str, Callable[[list[Shape], Shape, dict[str, Any]], int]] = {
    "linear": _matmul,
    "matmul": _matmul,
    "dot": _dot,
    "outer": _outer,
    "kron": _outer,
    "tensordot": _tensordot,
    "einsum": _einsum,
    "conv1d": _convolution,
    "conv2d": _convolution,
    "conv3d": _convolution,
    "correlate": _convolution,
    "conv_transpose1d": _spreading,
    "conv_transpose2d": _spreading,
    "conv_transpose3d": _spreading,
    "conv_input": _spreading,
    "conv_weight": _weighing,
}
"""By operation, from the shapes of its inputs, the shape of its output and its settings."""
