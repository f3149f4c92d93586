"""Makes the pictures of README.md and docs/: run `python docs/pictures.py` after a change to the
drawings; into another folder, if one is named. What it draws comes from examples/figures.py where
the lecture has it."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

import nn
import viz
from autograd import Tensor, ops, scope
from viz import stepping

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "examples"))

from figures import CHAPTERS, learned, named  # noqa: E402  # found by the line above

FROM_FIGURES = (
    "branch",
    "affine",
    "two_layers_expanded",
    "two_layers_collapsed",
    "recurrent_unrolled",
    "recurrent_rolled",
)


def health() -> viz.Drawing:
    """A vanishing, a zero and a broken gradient: a saturated σ, a dead relu, √ at 0."""
    w, v, u = learned(12, "w"), learned(-2, "v"), learned(0, "u")
    return viz.draw(named(w.sigmoid() + ops.relu(v) + ops.sqrt(u * u), "L"))


def backward() -> viz.Drawing:
    """How dy/dx = 3x² is computed for y = x³ at 2."""
    x = learned(2, "x")
    return viz.draw_backward(named(x * x * x, "y"))


def step() -> viz.Drawing:
    """(w·x − t)² before and after a step of gradient descent with rate 0.05."""
    x, t = Tensor(3.0, name="x"), Tensor(1.0, name="t")

    def loss(w: Tensor) -> Tensor:
        return named((w * x - t) ** 2, "L")

    before = learned(1.0, "w")
    loss(before).backward()
    after = learned(before.item() - 0.05 * before.grad.item(), "w")
    return viz.diff(loss(before), loss(after))


def halfway() -> viz.Drawing:
    """The lecture's graph when half of its backward pass has run."""
    apple, apples = learned(100, "사과 가격"), learned(2, "사과 개수")
    tangerine, tangerines = learned(150, "귤 가격"), learned(3, "귤 개수")
    bill = (apple * apples + tangerine * tangerines) * learned(1.1, "소비세")
    stepper = stepping.step(named(bill, "최종 금액"))
    stepper.goto(4)
    return stepper.draw()


def stack() -> Tensor:
    """Twelve blocks h + relu(h·W)·V, in a module of their own each."""
    rng = np.random.default_rng(0)
    h = Tensor(rng.normal(size=(4, 8)), name="x")
    for i in range(12):
        with scope(f"block{i}", "h + relu(h·W)·V"):
            w = learned(rng.normal(size=(8, 32)) / 4, f"block{i}.W")
            v = learned(rng.normal(size=(32, 8)) / 16, f"block{i}.V")
            h = h + ops.relu(h @ w) @ v
    return named((h * h).mean(), "loss")


def exclusive_or() -> tuple[nn.Module, np.ndarray, np.ndarray]:
    """A 2-2-1 net that computes XOR: one hidden unit is OR, the other NAND, the output AND. With
    its four inputs, and what they give."""
    net = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1), nn.Sigmoid())
    net.load_state_dict(
        {
            "0.weight": [[8, 8], [-8, -8]],
            "0.bias": [-4, 12],
            "2.weight": [[8, 8]],
            "2.bias": [-12],
        }
    )
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    return net, x, np.array([0, 1, 1, 0])


def fit() -> viz.Curve:
    """The loss of a straight line through noisy points, by gradient descent."""
    rng = np.random.default_rng(0)
    x = np.linspace(-1, 1, 50)
    y = 2 * x + 1 + 0.3 * rng.normal(size=50)
    w, b, losses = 0.0, 0.0, []
    for _ in range(60):
        error = w * x + b - y
        losses.append(float((error**2).mean()))
        w, b = w - 0.1 * 2 * (error * x).mean(), b - 0.1 * 2 * error.mean()
    return viz.curve({"loss": losses})


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    drawings = {name: drawing for chapter in CHAPTERS for name, drawing in chapter()}
    pictures = {name: drawings[name] for name in FROM_FIGURES}
    pictures |= {
        "health": health(),
        "cube_backward": backward(),
        "step": step(),
        "stepping": halfway(),
        "stack_rolled": viz.draw(stack(), roll=True),
        "stack_around": viz.draw(stack(), around="block4.W", hops=2),
    }
    net, x, t = exclusive_or()
    pictures |= {"network": viz.network(net, x=x[1]), "boundary": viz.boundary(net, x, t)}
    for name, drawing in pictures.items():
        print(drawing.save(folder / f"{name}.svg"))
    lecture = drawings["apples_and_tangerines"]
    for theme in ("light", "dark"):
        picture = replace(lecture, style=replace(lecture.style, theme=theme))
        print(picture.save(folder / f"apples_and_tangerines_{theme}.svg"))
    print(fit().save(folder / "curve.svg"))
