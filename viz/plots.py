"""`curve(history)`: loss and metrics over the steps of a training, as text or as a picture.

What a history may be is read here. `plot_text.py` draws it for the terminal, `plot_image.py` with
matplotlib, which is optional.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from autograd import Tensor, backend
from viz.names import one_line
from viz.plotted import Plotted
from viz.style import THEME_NAMES

STAGES = ("train_", "val_", "valid_", "test_")
"""What the name of a quantity begins with where it is measured on other data; one axis for all."""

UNNAMED = "value"
"""What a history without names is called."""

LEAST_WIDTH, LEAST_HEIGHT = 40, 3
"""Columns and rows below which nothing could be read off."""

SEVERAL = (
    '. A history is a list of numbers, {"loss": [3, 2]}, [{"loss": 3}, {"loss": 2}], or what fit() '
    'returns; several runs are {"first": run["loss"], "second": other["loss"]}'
)
"""What a history may be, said of one that has more than one number at a step."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One quantity: its values y at the steps x, which ascend.  remark: how x was found, or ""."""

    name: str
    x: Numbers
    y: Numbers
    remark: str = ""

    def shown(self, log: bool) -> NDArray[np.bool_]:
        """Which of the values stand on the axis: finite ones and, on a log one, above zero."""
        finite = np.isfinite(self.y)
        return np.asarray(finite & (self.y > 0) if log else finite)

    def missing(self, log: bool) -> str:
        """How many values do not stand on the axis: "2 nan, 1 inf"; "" if none."""
        counts = {
            "nan": np.isnan(self.y),
            "inf": self.y == math.inf,
            "-inf": self.y == -math.inf,
            "not above 0": np.isfinite(self.y) & (self.y <= 0) & log,
        }
        return ", ".join(f"{int(m.sum()):,} {what}" for what, m in counts.items() if m.any())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Curve(Plotted):
    """Loss and metrics over steps, ready to be printed or saved. Made by `curve()`.

    panels: the series that share an axis, one panel below the other.  width, height: of the text,
    the height for each panel.  log: whether the value axis is logarithmic.  theme: of the picture.
    unit: what is counted along the other axis, steps or epochs.
    """

    panels: tuple[tuple[Series, ...], ...]
    title: str = ""
    width: int = 72
    height: int = 12
    log: bool = False
    theme: str = "auto"
    unit: str = "step"

    called: ClassVar[str] = "a curve is"

    def _text(self, encoding: str) -> str:
        from viz.plot_text import text_of

        return text_of(self, encoding)

    def _image(self, kind: str) -> bytes:
        from viz.plot_image import image_of

        return image_of(self, kind)


def curve(
    history: Any,
    *,
    metrics: Sequence[str] | str | None = None,
    steps: Any = None,
    width: int = 72,
    height: int = 12,
    title: str | None = None,
    log: bool = False,
    together: bool = False,
    theme: str = "auto",
) -> Curve:
    """Loss and metrics over the steps of a training: printed as text, saved as a picture.

    history: numbers; a mapping of names to numbers; a list of such mappings, one for each step; or
    an object whose `.history` is one of them. One with `.epochs`, such as fit() returns, is drawn
    over these.  metrics: which names to show, in that order; without it, a learning rate "lr" that
    never changed is left out.  steps: the step of each number, or a mapping of names to them; else
    0, 1, 2, …, and of a series that is k times shorter than the longest, the last of every k.
    width, height: of the text in columns and rows.  log: whether the value axis is logarithmic.
    together: whether all share one axis; else only a quantity and its val_ do.  theme: "auto",
    "light", "dark" or "print".
    Values that are not finite leave a gap, a mark below it, and their count.
    Raises ValueError for an empty history, TypeError for what is none, KeyError for a name that is
    not in it.
    """
    if theme not in THEME_NAMES:
        raise ValueError(f"theme is {theme!r}; it must be one of {', '.join(THEME_NAMES)}.")
    for what, size, least in (("width", width, LEAST_WIDTH), ("height", height, LEAST_HEIGHT)):
        if size < least:
            raise ValueError(f"{what} is {size}; at least {least} is needed to read anything.")
    if not isinstance(history, Mapping | Tensor) and hasattr(history, "history"):
        history = history.history
    epochs = getattr(history, "epochs", None) if steps is None else None
    named = _chosen(_named(history), metrics)
    longest = max((len(y) for _, y in named.values()), default=0)
    steps = epochs if epochs is not None else steps
    series = [_series(name, x, y, steps, longest) for name, (x, y) in named.items()]
    if not any(len(one.y) for one in series):
        raise ValueError("the history is empty: there is no step to draw yet.")
    series = [one for one in series if len(one.y)]
    panels: dict[str, list[Series]] = {}
    for one in series:
        panels.setdefault("" if together else quantity(one.name), []).append(one)
    title = one_line(title or "", width)
    unit = "step" if epochs is None else "epoch"
    return Curve(tuple(map(tuple, panels.values())), title, width, height, log, theme, unit)


def quantity(name: str) -> str:
    """What a series measures, on whatever data: "loss" for val_loss."""
    prefix = next((p for p in STAGES if name.startswith(p) and name != p), "")
    return name.removeprefix(prefix)


def thinned(x: Numbers, y: Numbers, columns: int) -> tuple[Numbers, Numbers]:
    """Those of many points that show the same picture in that many columns.

    Of each column the first, least, greatest and last one are kept, in their order, so that no
    spike is lost. nan marks a gap, and stays where a column has nothing else.
    """
    if len(x) <= 4 * columns or x[0] == x[-1]:
        return x, y
    place = ((x - x[0]) / (x[-1] - x[0]) * (columns - 1)).astype(int)
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    kept: list[int] = []
    for start, end in zip(starts, [*starts[1:], len(x)], strict=True):
        known = start + np.flatnonzero(~np.isnan(y[start:end]))
        if not len(known):
            kept.append(int(start))
            continue
        least, most = known[np.argmin(y[known])], known[np.argmax(y[known])]
        kept += sorted({int(i) for i in (known[0], least, most, known[-1])})
    return x[kept], y[kept]


def _named(history: Any) -> dict[str, tuple[Numbers | None, Numbers]]:
    """For each name its steps, where the history itself tells them, and its values."""
    if isinstance(history, Mapping):
        return {str(name): (None, _numbers(values, str(name))) for name, values in history.items()}
    is_array = isinstance(history, np.ndarray | Tensor)
    listed = history if is_array else _listed(history, "history")
    if is_array or not listed or not isinstance(listed[0], Mapping):
        return {UNNAMED: (None, _numbers(listed, "history"))}
    found: dict[str, tuple[list[int], list[Any]]] = {}
    for step, row in enumerate(listed):
        for name, value in row.items():
            places, values = found.setdefault(str(name), ([], []))
            places.append(step)
            values.append(value)
    return {
        name: (np.asarray(places, "float64"), _numbers(values, name))
        for name, (places, values) in found.items()
    }


def _listed(values: Any, what: str) -> list[Any]:
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise TypeError(
            f"{what} is {type(values).__name__}; it must be a list of numbers, or a mapping such "
            'as {"loss": [...], "val_loss": [...]}.'
        )
    return list(values)


def _numbers(values: Any, name: str) -> Numbers:
    """values in float64, on the host; None becomes nan."""
    if isinstance(values, Tensor):
        values = backend.to_host(values.data)
    items = values if isinstance(values, np.ndarray) else _listed(values, name)
    try:
        if items is not values:
            items = [math.nan if item is None else float(item) for item in items]
        if np.iscomplexobj(items):
            raise TypeError("complex numbers have no order")
        array = np.asarray(items, "float64")
    except (TypeError, ValueError) as error:
        several = next((item for item in items if isinstance(item, list | tuple | Mapping)), None)
        what = str(error) if several is None else f"one has a {type(several).__name__}{SEVERAL}"
        raise TypeError(f"{name}: each step needs one real number; {what}.") from error
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}; one number for each step is needed.")
    return array


def _chosen(
    named: dict[str, tuple[Numbers | None, Numbers]], metrics: Sequence[str] | str | None
) -> dict[str, tuple[Numbers | None, Numbers]]:
    if metrics is None:
        if "lr" in named and len(named) > 1 and np.ptp(named["lr"][1]) == 0:
            return {name: pair for name, pair in named.items() if name != "lr"}
        return named
    names = [metrics] if isinstance(metrics, str) else list(metrics)
    if unknown := [name for name in names if name not in named]:
        raise KeyError(f"{unknown[0]} is not in the history, which has {', '.join(named)}.")
    return {name: named[name] for name in names}


def _series(name: str, x: Numbers | None, y: Numbers, steps: Any, longest: int) -> Series:
    given = steps.get(name) if isinstance(steps, Mapping) else steps
    shown, remark = one_line(name), ""
    if given is not None:
        x = _numbers(given, f"steps of {name}")
        if len(x) != len(y):
            raise ValueError(
                f"{name} has {len(y):,} values but {len(x):,} steps; give one for each."
            )
        if not np.isfinite(x).all():
            raise ValueError(f"steps of {name}: each must be a finite number.")
        order = np.argsort(x, kind="stable")
        return Series(shown, x[order], y[order])
    if x is None:
        every = longest // len(y) if len(y) > 1 and longest % len(y) == 0 else 1
        x = np.arange(1, len(y) + 1, dtype="float64") * every - 1
        remark = f"{shown}: one value every {every:,} steps" if every > 1 else ""
    return Series(shown, x, y, remark)
