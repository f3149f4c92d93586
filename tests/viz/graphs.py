"""Graphs that several tests draw."""

from __future__ import annotations

import numpy as np

from autograd import Tensor, ops, scope

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


def matrix(rows: int, columns: int, name: str | None = None) -> Tensor:
    """Numbers of either sign, none of them zero, whose gradient is wanted."""
    numbers = (np.arange(rows * columns) * 7 % 13 - 6.5).reshape(rows, columns) / 13
    return Tensor(numbers, requires_grad=True, name=name)


def two_layers(x: Tensor | None = None) -> Tensor:
    """A network of two linear layers inside a scope of its own: 4 → 3 → 2, for two samples."""
    x = Tensor(np.ones((2, 4)), name="x") if x is None else x
    with scope("net", "MLP"):
        with scope("fc1", "Linear 4 → 3"):
            h = x @ matrix(4, 3, "net.fc1.weight") + matrix(1, 3, "net.fc1.bias")
        with scope("act"):
            h = ops.tanh(h)
        with scope("fc2", "Linear 3 → 2"):
            y = h @ matrix(3, 2, "net.fc2.weight") + matrix(1, 2, "net.fc2.bias")
    return y.sum()


def stack(blocks: int) -> Tensor:
    """Equal blocks one after the other, each with a weight of its own."""
    h = Tensor(np.ones((2, 3)), name="x")
    for i in range(blocks):
        with scope(f"block{i + 1}", "Linear 3 → 3"):
            h = ops.tanh(h @ matrix(3, 3, f"W{i + 1}"))
    return h.sum()


def recurrent(steps: int) -> Tensor:
    """A cell with the same two weights at every step. Source: Saito 2 (2018), §5.3."""
    w_x, w_h = matrix(2, 3, "Wx"), matrix(3, 3, "Wh")
    h = Tensor(np.zeros((1, 3)), name="h0")
    for t in range(1, steps + 1):
        x = Tensor(np.full((1, 2), t), name=f"x{t}")
        with scope(f"cell{t}", "RNN 2 → 3"):
            h = ops.tanh(x @ w_x + h @ w_h)
        h.name = f"h{t}"
    return h.sum()


def gated(steps: int) -> Tensor:
    """A cell that carries two values, and takes its input twice, like an LSTM."""
    w_x, w_h = matrix(2, 3, "Wx"), matrix(3, 3, "Wh")
    h, c = Tensor(np.zeros((1, 3)), name="h0"), Tensor(np.zeros((1, 3)), name="c0")
    for t in range(1, steps + 1):
        x = Tensor(np.full((1, 2), t / 10), name=f"x{t}")
        with scope("lstm"):
            gate = ops.sigmoid(x @ w_x + h @ w_h)
            c = gate * c + ops.tanh(x @ w_x)
            h = gate * ops.tanh(c)
        h.name, c.name = f"h{t}", f"c{t}"
    return h.sum()


def transformer(layers: int, width: int = 8) -> Tensor:
    """Pre-norm blocks of attention and a feed-forward net with residual connections."""

    def linear(name: str, x: Tensor, out: int) -> Tensor:
        with scope(name, f"Linear {x.shape[-1]} → {out}"):
            return x @ matrix(x.shape[-1], out) + matrix(1, out)

    def normal(name: str, x: Tensor) -> Tensor:
        with scope(name, f"LayerNorm {width}"):
            x = x - x.mean(axis=-1, keepdims=True)
            return x / ops.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5)

    def attention(x: Tensor) -> Tensor:
        with scope("attention"):
            q, k, v = (linear(name, x, width) for name in "qkv")
            return linear("out", ops.softmax(q @ k.T * width**-0.5) @ v, width)

    h = Tensor(np.linspace(-1, 1, 4 * width).reshape(4, width), name="tokens")
    with scope("net", "Transformer"):
        h = linear("embedding", h, width)
        for i in range(layers):
            with scope(f"blocks.{i}", "Block"):
                h = h + attention(normal("ln1", h))
                with scope("mlp"):
                    wide = linear("fc1", normal("ln2", h), 4 * width)
                    h = h + linear("fc2", ops.tanh(wide), width)
    return h.sum()
