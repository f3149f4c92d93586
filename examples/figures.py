"""Draws the lecture's figures into out/figures, one SVG each: `python examples/figures.py`.

The numbers are the textbook's: the shopping graphs, add and multiply with upstream 1.3, an affine
layer, sigmoid, softmax with cross-entropy (Saito, Deep Learning from Scratch, 2016, chapter 5), the
kernel gradient of a convolution, a two-layer network on handwritten digits, and a recurrent net.
The last line counts the files: 19.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import viz
from autograd import Tensor, keep_values, ops, scope

OUT = Path("out/figures")
DATA = Path(__file__).parent / "data" / "optdigits.npz"

Figures = Iterator[tuple[str, viz.Drawing]]


def learned(value: object, name: str) -> Tensor:
    """A value whose gradient is wanted."""
    return Tensor(np.asarray(value, "float64"), requires_grad=True, name=name)


def named(y: Tensor, name: str) -> Tensor:
    """y under a name."""
    y.name = name
    return y


def shopping() -> Figures:
    """Two apples with tax, 220; with three tangerines, 715."""
    apple, apples = learned(100, "사과 가격"), learned(2, "사과 개수")
    tangerine, tangerines = learned(150, "귤 가격"), learned(3, "귤 개수")
    tax = learned(1.1, "소비세")
    one = named(apple * apples * tax, "최종 금액")
    yield "apple_forward", viz.draw(one, "forward")
    yield "apple_backward", viz.draw(one, "backward")
    both = named((apple * apples + tangerine * tangerines) * tax, "최종 금액")
    yield "apples_and_tangerines_forward", viz.draw(both, "forward")
    yield "apples_and_tangerines_backward", viz.draw(both, "backward")
    yield "apples_and_tangerines", viz.draw(both)


def nodes() -> Figures:
    """Add passes the upstream gradient on, multiply swaps the inputs."""
    x, y = learned(10, "x"), learned(5, "y")
    yield "add_node", viz.draw(named(x + y, "z"), gradient=1.3)
    yield "multiply_node", viz.draw(named(x * y, "z"), gradient=1.3)
    x = learned(3, "x")
    yield "branch", viz.draw(named(x * x + x, "y"))


def affine() -> Figures:
    """Y = X·W + B as matrices, and for a batch as shapes."""
    x = learned([[1, 2]], "X")
    w, b = learned([[1, 3, 5], [2, 4, 6]], "W"), learned([1, 2, 3], "B")
    yield "affine", viz.draw(named(x @ w + b, "Y"), gradient=np.array([[1.0, -1.0, 0.5]]))
    rng = np.random.default_rng(0)
    x, w = learned(rng.normal(size=(32, 2)), "X"), learned(rng.normal(size=(2, 50)), "W")
    with keep_values():
        y = named(x @ w + learned(np.zeros(50), "B"), "Y")
    yield "affine_batch", viz.draw(y, gradient=rng.normal(size=(32, 50)))


def sigmoid() -> Figures:
    """1 / (1 + exp(−x)) in its parts, with ∂L/∂y · y²·exp(−x), and as one node, y·(1 − y)."""
    x = learned(1, "x")
    yield "sigmoid_parts", viz.draw(named(1.0 / (1.0 + ops.exp(x * -1.0)), "y"))
    yield "sigmoid", viz.draw(named(x.sigmoid(), "y"))


def softmax_with_cross_entropy() -> Figures:
    """In its parts and as one node: the gradient of the scores is ŷ − t either way."""
    a = learned([0.3, 2.9, 4.0], "a")
    t = Tensor(np.array([0.0, 0.0, 1.0]), name="t")
    e = named(a.exp(), "exp a")
    y = named(e / e.sum(), "ŷ")
    yield "softmax_cross_entropy_parts", viz.draw(named(-(t * y.log()).sum(), "L"))
    loss = named(ops.cross_entropy(a.reshape(1, 3), Tensor(np.array([2]), name="t")), "L")
    yield "softmax_cross_entropy", viz.draw(loss)


def network() -> Figures:
    """64-50-10 on 32 handwritten digits: every operation, and a box for each layer."""
    digits, rng = np.load(DATA), np.random.default_rng(0)
    x = Tensor(digits["images"][:32].reshape(32, 64) / 16.0, name="x")
    t = Tensor(digits["labels"][:32].astype("int64"), name="t")
    model = {
        "fc1.weight": learned(rng.normal(size=(64, 50)) * np.sqrt(2 / 64), ""),
        "fc1.bias": learned(np.zeros(50), ""),
        "fc2.weight": learned(rng.normal(size=(50, 10)) * np.sqrt(2 / 50), ""),
        "fc2.bias": learned(np.zeros(10), ""),
    }
    with keep_values():
        with scope("fc1", "Linear 64 → 50"):
            h = x @ model["fc1.weight"] + model["fc1.bias"]
        with scope("act", "ReLU"):
            h = ops.relu(h)
        with scope("fc2", "Linear 50 → 10"):
            scores = h @ model["fc2.weight"] + model["fc2.bias"]
        loss = named(ops.cross_entropy(scores, t), "loss")
    yield "two_layers_expanded", viz.draw(loss, params=model)
    yield "two_layers_collapsed", viz.draw(loss, params=model, depth=0)


def convolution() -> Figures:
    """A 5×5 image under a 3×3 kernel: 434/243/234, and the gradient that the kernel gets."""
    image = np.array([list(row) for row in "11100 01110 00111 00110 01100".split()], "float64")
    kernel = learned([[[[1, 0, 1], [0, 1, 0], [1, 0, 1]]]], "kernel")
    y = named(ops.conv2d(Tensor(image.reshape(1, 1, 5, 5), name="image"), kernel), "y")
    yield "convolution_kernel_gradient", viz.draw(y, gradient=np.ones((1, 1, 3, 3)))


def recurrent() -> Figures:
    """hₜ = tanh(hₜ₋₁·W + xₜ·U) over three steps, which share W and U: unrolled, and rolled."""
    u, w, h = learned(0.5, "U"), learned(0.8, "W"), Tensor(0.0, dtype="float64", name="h₀")
    for t, value in zip("₁₂₃", (1.0, 0.5, -1.0), strict=True):
        x = Tensor(value, dtype="float64", name=f"x{t}")
        with scope("cell", "tanh(h·W + x·U)"):
            h = named(ops.tanh(h * w + x * u), f"h{t}")
    yield "recurrent_unrolled", viz.draw(h)
    yield "recurrent_rolled", viz.draw(h, roll=True)


CHAPTERS: list[Callable[[], Figures]] = [
    shopping, nodes, affine, sigmoid, softmax_with_cross_entropy, network, convolution, recurrent,
]  # fmt: skip

if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    files = [
        drawing.save(OUT / f"{name}.svg") for chapter in CHAPTERS for name, drawing in chapter()
    ]
    print(*files, sep="\n")
    print(f"{len(files)} figures")
