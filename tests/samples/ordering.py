"""Samples of sorting."""

import numpy as np

from tests.samples import Sample, distinct

_TIED = np.array([[2, 1, 2], [0, 0, 1]])

SAMPLES = [
    *[Sample("sort", (distinct(2, 5),), {"axis": axis}) for axis in (-1, 0)],
    Sample("sort", (distinct(2, 3),), {"axis": None}),
    *[Sample("argsort", (_TIED,), {"axis": axis}) for axis in (-1, 0, None)],
    Sample("topk", (distinct(2, 5),), {"k": 2, "axis": -1, "largest": True}),
    Sample("topk", (distinct(4, 2),), {"k": 3, "axis": 0, "largest": False}),
]
