"""Graphs that several tests draw."""

from __future__ import annotations

from autograd import Tensor

VALUES = ["100", "2", "150", "3", "200", "450", "650", "1.1", "715"]
GRADIENTS = ["2.2", "110", "3.3", "165", "1.1", "1.1", "1.1", "650", "1"]
"""What stands on the wires of the lecture's graph, from the inputs on, operands in their order."""


def leaf(value: float, name: str | None = None) -> Tensor:
    """A number whose gradient is wanted."""
    return Tensor(value, requires_grad=True, name=name)


def lecture() -> Tensor:
    """Two apples and three tangerines with tax. Source: Saito, Deep Learning from Scratch, §5.1."""
    tax = leaf(1.1, "소비세")
    apples = leaf(100.0, "사과 가격") * leaf(2.0, "사과 개수")
    tangerines = leaf(150.0, "귤 가격") * leaf(3.0, "귤 개수")
    total = (apples + tangerines) * tax
    total.name = "최종 금액"
    return total


def square_plus_self() -> Tensor:
    """x·x + x at 3: a value that is used three times."""
    x = leaf(3.0, "x")
    y = x * x + x
    y.name = "y"
    return y


def chain(length: int) -> Tensor:
    """length multiplications by 1, one after the other, of a leaf named first."""
    y = leaf(1.0, "first")
    one = leaf(1.0, "one")
    for _ in range(length):
        y = y * one
    y.name = "last"
    return y
