"""`boundary(model, x, y)`: which class a classifier of two inputs gives, all over the plane.

The model runs on a grid of points around the data, in evaluation mode and without recording.
`boundary_image.py` draws the regions with matplotlib, `boundary_text.py` in characters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Tensor, backend
from viz.format import shape_text
from viz.names import one_line
from viz.plots import LEAST_WIDTH
from viz.plotted import Plotted
from viz.probe import apart, inputs_for, undisturbed
from viz.style import THEME_NAMES

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]

FARTHEST = 1e150
"""Numbers beyond have products that are none."""

MARGIN = 0.15
"""How far the plane reaches beyond the points, of their range."""

AT_ONCE = 65_536
"""Points of the grid that a model is given at once."""

MOST_CLASSES = 100
"""Classes that could still be told apart, and more than any data in a plane has."""

UNDECIDED = -1
"""The region where an output is nan."""


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """What one model says. regions: (rows, columns) places in the list of classes, lowest row
    first.  margins: for each line between regions, a (rows, columns) field that is 0 on it.
    right: how many of the points it classifies rightly.
    """

    title: str
    regions: Indices
    margins: tuple[Numbers, ...]
    right: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Boundary(Plotted):
    """Decision regions, ready to be printed or saved. Made by `boundary()`.

    planes: one for each model.  points: (N, 2).  targets: (N,), places in classes.  classes: their
    names.  extent: least x₁, greatest x₁, least x₂, greatest x₂.  names: of the two inputs.
    """

    planes: tuple[Plane, ...]
    points: Numbers
    targets: Indices
    classes: tuple[str, ...]
    extent: tuple[float, float, float, float]
    names: tuple[str, str]
    width: int = 64
    theme: str = "auto"

    called: ClassVar[str] = "decision regions are"

    def _text(self, encoding: str) -> str:
        from viz.boundary_text import text_of

        return text_of(self, encoding)

    def _image(self, kind: str) -> bytes:
        from viz.boundary_image import image_of

        return image_of(self, kind)


def boundary(
    model: Any,
    x: Any,
    y: Any,
    *,
    resolution: int = 200,
    threshold: float | None = None,
    classes: Sequence[str] = (),
    names: Sequence[str] = ("x₁", "x₂"),
    width: int = 64,
    theme: str = "auto",
) -> Boundary:
    """The decision regions of a classifier with two inputs, and the points that it learned from.

    model: what takes (N, 2) to (N, C) scores, or to (N,) or (N, 1) with one output; a list of them,
    or a mapping of titles to them, stands side by side.  x: (N, 2).  y: (N,) classes, numbers or
    names.  With several scores the greatest decides; one output decides for the larger class where
    it is above the threshold, by default the middle of the two classes (0.5 for 0 and 1, 0 for −1
    and 1); a model whose output is a logit for 0 and 1 needs threshold=0.  resolution: points of
    the grid along each axis.  classes: their names, the smallest first; without them the names in y
    are taken in alphabetical order.  names: of the inputs.  width: columns of the text.  theme:
    "auto", "light", "dark" or "print".
    Models run in evaluation mode, and are afterwards as they were.
    Raises ValueError for data or outputs of another shape, TypeError for what cannot be called.
    """
    if theme not in THEME_NAMES:
        raise ValueError(f"theme is {theme!r}; it must be one of {', '.join(THEME_NAMES)}.")
    if type(resolution) is not int or not 2 <= resolution <= 2000:
        raise ValueError(f"resolution is {resolution!r}; it must be a number from 2 to 2000.")
    if width < LEAST_WIDTH:
        raise ValueError(f"width is {width}; at least {LEAST_WIDTH} is needed to read anything.")
    points, labels, classes = _data(x, y, classes)
    extent = _extent(points)
    pair = _pair(names)
    models = [(title, apart(one)) for title, one in _titled(model)]
    across, down = (np.linspace(extent[i], extent[i + 1], resolution) for i in (0, 2))
    grid = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    scores = [_scores(m, grid, resolution) for _, m in models]
    at_points = [_outputs(m, points) for _, m in models]
    known = _classes(labels, max(score.shape[-1] for score in scores))
    middle = (known[0] + known[-1]) / 2 if threshold is None else threshold
    planes = []
    targets = np.searchsorted(known, labels)
    for (title, _), score, found in zip(models, scores, at_points, strict=True):
        _check_count(title, score.shape[-1], known, labels)
        right = int((_decided(found, middle) == targets).sum())
        fields = tuple(_margins(score, middle))
        planes.append(Plane(title, _decided(score, middle), fields, right))
    shown = _class_names(classes, known)
    return Boundary(tuple(planes), points, targets, shown, extent, pair, width, theme)


def _pair(names: Sequence[str]) -> tuple[str, str]:
    """The names of the two inputs."""
    if isinstance(names, str) or len(names) != 2:
        raise ValueError(f"names is {names!r}; the plane has two inputs, so give two names.")
    return one_line(str(names[0])), one_line(str(names[1]))


def _titled(model: Any) -> list[tuple[str, Any]]:
    if isinstance(model, Mapping):
        titled = [(one_line(str(title)), one) for title, one in model.items()]
    elif isinstance(model, list | tuple):
        titled = [(f"{i}. {type(one).__name__}", one) for i, one in enumerate(model, start=1)]
    else:
        titled = [("", model)]
    if not titled:
        raise ValueError("boundary(): there is no model to draw.")
    for _, one in titled:
        if isinstance(one, type) or not callable(one):
            raise TypeError(
                f"boundary(): a model takes (N, 2) to scores, but {one!r} cannot be called so."
            )
    return titled


def _data(x: Any, y: Any, classes: Sequence[str]) -> tuple[Numbers, Numbers, Sequence[str]]:
    """Points (N, 2) and classes (N,), on the host, and the classes' names: if y has names, those.
    Raises ValueError for other shapes."""
    points, labels = _host(x), _host(y)
    if points.dtype.kind not in "fiub":
        raise ValueError(f"boundary(): x holds {points.dtype}, which are no real numbers.")
    points = points.astype("float64")
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(
            f"boundary(): x has shape {shape_text(points.shape)}; it must be (N, 2): the regions "
            "of other models cannot be drawn in a plane."
        )
    labels = labels.reshape(-1) if labels.shape == (len(points), 1) else labels
    if labels.shape != (len(points),):
        raise ValueError(
            f"boundary(): y has shape {shape_text(labels.shape)}, but x has {len(points)} points; "
            "give one class for each."
        )
    if labels.dtype.kind in "US" or any(isinstance(label, str) for label in labels.tolist()):
        labels, classes = _numbered(labels, classes)
    if not (np.isfinite(points).all() and np.isfinite(labels.astype("float64")).all()):
        raise ValueError("boundary(): x and y must be finite numbers.")
    return points, labels.astype("float64"), classes


def _numbered(labels: NDArray[Any], classes: Sequence[str]) -> tuple[Indices, Sequence[str]]:
    """The places of labels that are names: in classes, or in their own sorted order."""
    names = [str(label) for label in labels.astype(str).tolist()]
    known = [str(name) for name in classes] or sorted(set(names))
    unknown = sorted(set(names) - set(known))
    if unknown or isinstance(classes, str):
        raise ValueError(
            f"boundary(): y has the class {unknown[0] if unknown else classes!r}, which is not "
            "among classes. Give the names of all classes, in the order of the model's scores."
        )
    return np.array([known.index(name) for name in names], "int64"), known


def _host(value: Any) -> NDArray[Any]:
    if isinstance(value, Tensor):
        value = value.data
    return np.asarray(backend.to_host(value) if backend.is_array(value) else value)


def _extent(points: Numbers) -> tuple[float, float, float, float]:
    low, high = points.min(axis=0), points.max(axis=0)
    largest = abs(points).max(axis=0)
    if largest.max() > FARTHEST:
        raise ValueError(f"boundary(): x reaches to {largest.max():g}; scale it, to about 1.")
    # Points that differ by rounding alone have no range.
    is_wide = high - low > 1e-12 * largest
    room = np.where(is_wide, MARGIN * (high - low), np.maximum(0.05 * largest, 1.0))
    (a, c), (b, d) = (low - room).tolist(), (high + room).tolist()
    return a, b, c, d


def _outputs(model: Any, grid: Numbers) -> Numbers:
    """(N, C), what the model gives for the points."""
    is_module = all(
        callable(getattr(model, n, None)) for n in ("named_modules", "named_parameters")
    )
    parts = []
    with undisturbed(model) if is_module else nullcontext(), autograd.no_grad():
        for start in range(0, len(grid), AT_ONCE):
            part = grid[start : start + AT_ONCE]
            given = inputs_for(model, part, "boundary")[0] if is_module else part
            found = _host(model(given)).astype("float64")
            if found.shape not in ((len(part),), (len(part), *found.shape[1:2])):
                raise ValueError(
                    f"boundary(): for {len(part)} points the model gives "
                    f"{shape_text(found.shape)}; it must be (N, C), (N, 1) or (N,)."
                )
            parts.append(found.reshape(len(part), -1))
    return np.concatenate(parts)


def _scores(model: Any, grid: Numbers, resolution: int) -> Numbers:
    """(resolution, resolution, C) over the grid."""
    return _outputs(model, grid).reshape(resolution, resolution, -1)


def _classes(labels: Numbers, count: int) -> Numbers:
    """All classes: those of the points and, of several scores, 0, 1, … for each score."""
    found = np.unique(labels)
    if count > 1:
        found = np.union1d(found, np.arange(count))
    elif len(found) == 1:
        found = np.union1d(found, 1 - found if found[0] in (0, 1) else -found)
    return found


def _check_count(title: str, count: int, known: Numbers, labels: Numbers) -> None:
    named = f"{title}: " if title else ""
    if count == 1 and len(known) > 2:
        raise ValueError(
            f"boundary(): {named}one output tells two classes apart, but there are {len(known)}."
        )
    if count > 1 and not np.array_equal(known, np.arange(count)):
        raise ValueError(
            f"boundary(): {named}the model has {count} scores, so y must be integers from 0 to "
            f"{count - 1}; it has {', '.join(f'{k:g}' for k in np.unique(labels)[:8])}."
        )
    if len(known) > MOST_CLASSES:
        raise ValueError(f"boundary(): {len(known)} classes are too many to tell apart.")


def _class_names(given: Sequence[str], known: Numbers) -> tuple[str, ...]:
    if given and (isinstance(given, str) or len(given) != len(known)):
        raise ValueError(f"classes has {len(given)} names, but there are {len(known)} classes.")
    return tuple(one_line(str(name)) for name in given) or tuple(f"{k:g}" for k in known)


def _decided(scores: Numbers, threshold: float) -> Indices:
    """The class at each place of (…, C) scores; UNDECIDED where one is nan."""
    if scores.shape[-1] == 1:
        decided = (scores[..., 0] > threshold).astype("int64")
    else:
        decided = scores.argmax(axis=-1)
    return np.where(np.isnan(scores).any(axis=-1), UNDECIDED, decided)


def _margins(scores: Numbers, threshold: float) -> list[Numbers]:
    """For one output, how far it is above the threshold; for several, each above the others."""
    count = scores.shape[-1]
    if count == 1:
        return [scores[..., 0] - threshold]
    margins = []
    for k in range(1 if count == 2 else 0, count):
        others = np.delete(scores, k, axis=-1).max(axis=-1)
        with np.errstate(invalid="ignore", over="ignore"):  # ∞ − ∞ is no side of a line
            margins.append(scores[..., k] - others)
    return margins
