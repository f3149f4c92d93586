"""Makes the pictures of README.md and docs/: run `python docs/pictures.py` after a change to the
drawings."""

from pathlib import Path

import viz
from autograd import Tensor

HERE = Path(__file__).parent


def lecture() -> Tensor:
    """The shopping graph of apples and tangerines."""
    names = {"사과 가격": 100, "사과 개수": 2, "귤 가격": 150, "귤 개수": 3, "소비세": 1.1}
    apple, apples, tangerine, tangerines, tax = (
        Tensor(value, requires_grad=True, name=name) for name, value in names.items()
    )
    total = (apple * apples + tangerine * tangerines) * tax
    total.name = "최종 금액"
    return total


def branch() -> Tensor:
    """x·x + x at 3."""
    x = Tensor(3.0, requires_grad=True, name="x")
    y = x * x + x
    y.name = "y"
    return y


if __name__ == "__main__":
    for name, y in (("apples_and_tangerines", lecture()), ("branch", branch())):
        print(viz.draw(y).save(HERE / f"{name}.svg"))
        print(viz.draw(y, theme="dark").save(HERE / f"{name}_dark.svg"))
