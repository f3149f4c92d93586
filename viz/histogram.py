"""`histogram(model)`: how weights, gradients or activations are distributed, array by array.

What is looked at is gathered here. `histogram_text.py` prints it in block characters,
`histogram_image.py` draws it with matplotlib, which is optional.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Tensor, backend
from viz.names import one_line
from viz.plots import LEAST_WIDTH
from viz.plotted import Plotted
from viz.probe import apart, hooked, inputs_for, modules_of, tensors_in, undisturbed
from viz.style import THEME_NAMES

KINDS = ("weights", "gradients", "activations")
"""What a model's histogram can be of."""

LARGEST = float(np.finfo("float64").max)

UNNAMED = "value"
"""What a single array is called."""


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """The numbers of one array.

    counts: (bins,), how many lie between each two of edges, (bins + 1,).  size: how many numbers
    there are.  zeros: the share that is exactly 0.  bad: how many are nan or infinite; those are
    not counted, and have no part in mean, std, low and high, which are nan if nothing is left.
    """

    name: str
    shape: tuple[int, ...]
    counts: NDArray[np.int64]
    edges: NDArray[np.float64]
    size: int
    mean: float
    std: float
    low: float
    high: float
    zeros: float
    bad: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Histogram(Plotted):
    """Distributions, ready to be printed or saved. Made by `histogram()`.

    panels: one for each array.  kind: what they are, such as "weights", or "".
    """

    panels: tuple[Distribution, ...]
    kind: str = ""
    width: int = 72
    theme: str = "auto"

    called: ClassVar[str] = "histograms are"

    def _text(self, encoding: str) -> str:
        from viz.histogram_text import text_of

        return text_of(self, encoding)

    def _image(self, kind: str) -> bytes:
        from viz.histogram_image import image_of

        return image_of(self, kind)


def histogram(
    what: Any,
    *,
    of: str = "weights",
    x: Any = None,
    bins: int = 40,
    width: int = 72,
    theme: str = "auto",
) -> Histogram:
    """How numbers are distributed: mean, standard deviation, share of zeros, and a histogram each.

    what: a model; an array; a mapping of names to arrays; or a list of arrays.  of: what is looked
    at in a model: "weights" (all parameters), "gradients" (those that were computed), or
    "activations", what its innermost modules give for x.  x: a shape, an array or Tensor, or a list
    of them; as in summary(), the model is afterwards as it was.  bins: bars of each histogram.
    width: columns of the text.  theme: "auto", "light", "dark" or "print".
    Raises TypeError for what is none of these, ValueError if there is nothing to show.
    """
    if theme not in THEME_NAMES:
        raise ValueError(f"theme is {theme!r}; it must be one of {', '.join(THEME_NAMES)}.")
    if of not in KINDS:
        raise ValueError(f"of is {of!r}; it must be one of {', '.join(KINDS)}.")
    if type(bins) is not int or not 1 <= bins <= 1000:
        raise ValueError(f"bins is {bins!r}; it must be a number from 1 to 1000.")
    if width < LEAST_WIDTH:
        raise ValueError(f"width is {width}; at least {LEAST_WIDTH} is needed to read anything.")
    is_model = callable(getattr(what, "named_parameters", None))
    named = _of_model(what, of, x) if is_model else _named(what)
    panels = tuple(_distribution(name, array, bins) for name, array in named)
    return Histogram(panels, of if is_model else "", width, theme)


def _of_model(model: Any, of: str, x: Any) -> list[tuple[str, Any]]:
    modules = modules_of(model, "histogram")
    if of == "activations":
        model = apart(model)
        modules = modules_of(model, "histogram")
        if x is None:
            raise ValueError(
                "histogram() of activations needs x: what the model is to run on, or its shape."
            )
        return _activations(model, modules, x)
    parameters = list(model.named_parameters())
    if of == "weights":
        found = [(name, p.data) for name, p in parameters]
        if not found:
            raise ValueError(f"{type(model).__name__} has no parameters.")
        return found
    found = [(name, p.grad.data) for name, p in parameters if p.grad is not None]
    if not found:
        raise ValueError("no parameter has a gradient yet; call backward() on a loss first.")
    return found


def _activations(model: Any, modules: list[tuple[str, Any]], x: Any) -> list[tuple[str, Any]]:
    """What each innermost module gave, all its calls together, in the order of the first calls."""
    around = {path.rpartition(".")[0] for path, _ in modules if path}
    innermost = [(path, module) for path, module in modules if path not in around]
    gave: dict[str, list[Any]] = {}

    def left(path: str, module: Any, inputs: tuple[Any, ...], output: Any) -> None:
        name = f"{path} {type(module).__name__}".strip()
        gave.setdefault(name, []).extend(t.data for t in tensors_in(output))

    given = inputs_for(model, x, "histogram")
    with undisturbed(model), autograd.no_grad(), hooked(innermost, left=left):
        model(*given)
    return [
        (name, arrays[0] if len(arrays) == 1 else np.concatenate([_flat(a) for a in arrays]))
        for name, arrays in gave.items()
        if arrays
    ]


def _named(what: Any) -> list[tuple[str, Any]]:
    if isinstance(what, Mapping):
        found = [(str(name), array) for name, array in what.items()]
    elif isinstance(what, Tensor) or backend.is_array(what):
        return [(UNNAMED, what)]
    elif isinstance(what, Iterable) and not isinstance(what, str | bytes):
        items = list(what)
        if items and all(isinstance(item, int | float | np.number) for item in items):
            return [(UNNAMED, np.asarray(items))]
        found = [(str(i), array) for i, array in enumerate(items)]
    else:
        raise TypeError(
            f"histogram() takes a model, an array, a mapping of names to arrays or a list of "
            f"arrays, not {type(what).__name__}."
        )
    if not found:
        raise ValueError("histogram(): there is nothing to show.")
    return found


def _flat(array: Any) -> NDArray[Any]:
    """All numbers of an array or Tensor, on the host."""
    if isinstance(array, Tensor):
        array = array.data
    return np.asarray(backend.to_host(array) if backend.is_array(array) else array).ravel()


def _distribution(name: str, array: Any, bins: int) -> Distribution:
    flat = _flat(array)
    if flat.dtype.kind not in "fiub":
        raise TypeError(f"histogram(): {name} holds {flat.dtype}, which are no real numbers.")
    shape = tuple(int(n) for n in getattr(array, "shape", flat.shape))
    numbers = flat.astype("float64")
    known = numbers[np.isfinite(numbers)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (np.nan, np.nan)
    # Scaled by the largest, so that nothing overflows.
    scale = max(abs(low), abs(high)) or 1.0
    shares = known / scale
    counts, edges = _counted(known, bins)
    return Distribution(
        name=one_line(name),
        shape=shape,
        counts=counts,
        edges=edges,
        size=len(numbers),
        mean=scale * float(shares.mean()) if len(known) else np.nan,
        std=scale * float(shares.std()) if len(known) else np.nan,
        low=low,
        high=high,
        zeros=float((numbers == 0).mean()) if len(numbers) else 0.0,
        bad=len(numbers) - len(known),
    )


def _counted(known: NDArray[np.float64], bins: int) -> tuple[NDArray[np.int64], Any]:
    """Counts and edges; numbers that all are equal lie in the middle."""
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    largest = max(abs(low), abs(high))
    if high / bins - low / bins <= 4 * np.spacing(largest):  # too close to be told apart
        room = 0.05 * max(largest, 1.0)
        low, high = max(low - room, -LARGEST), min(high + room, LARGEST)
    shares = np.arange(bins + 1) / bins
    # Not from their difference, which may be too large for a number.
    edges = low * (1 - shares) + high * shares
    places = np.clip(np.searchsorted(edges, known, side="right") - 1, 0, bins - 1)
    return np.bincount(places, minlength=bins).astype("int64"), edges
