"""What a drawing knows of an array: a few numbers on the host, wherever the array is.

The package `view` measures the arrays it finds; `format.py` writes the result as text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from autograd import backend
from autograd.graph import SMALL

FAINT = 1e-5
"""A gradient whose largest element is below this, and not zero, is vanishing."""


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of an array: enough to print it, on the host and without the array.

    numbers: row by row, for at most 64 elements; else None.  norm: √Σx².  largest: max |x|.
    norm and largest are None for a value that the graph did not keep.  counts: of whole numbers
    and truths, such as classes and masks, the dtype, the least and the greatest; else None.
    """

    shape: tuple[int, ...]
    numbers: tuple[float | int | bool, ...] | None
    norm: float | None
    largest: float | None
    counts: tuple[str, int, int] | None = None

    @property
    def health(self) -> str:
        """ "bad" with nan or inf, "zero" if exactly so, "faint" if vanishing, else "fine"."""
        if self.largest is None or 0 in self.shape:
            return "fine"
        if not math.isfinite(self.largest):
            return "bad"
        return "zero" if self.largest == 0 else "faint" if self.largest < FAINT else "fine"


def measure(array: Any) -> Value:
    """What is known of an array on any device; of a large one, two numbers come to the host."""
    shape = tuple(array.shape)
    if 0 in shape:
        return Value(shape, (), 0.0, 0.0)
    array = backend.to_host(array) if array.size <= SMALL else array
    with backend.quiet():
        sizes = abs(array.astype("float64"))
        largest = float(sizes.max())
        # Scaled by the largest, so that squares neither overflow nor vanish.
        is_regular = 0 < largest < math.inf
        norm = largest * math.sqrt(float(((sizes / largest) ** 2).sum())) if is_regular else largest
        is_whole = array.dtype.kind in "biu"
        ends = (int(array.min()), int(array.max())) if is_whole else (0, 0)
    numbers = tuple(array.ravel().tolist()) if array.size <= SMALL else None
    return Value(shape, numbers, norm, largest, (str(array.dtype), *ends) if is_whole else None)
