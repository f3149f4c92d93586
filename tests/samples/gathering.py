"""Samples of gathering along an axis and adding back."""

import numpy as np

from tests.samples import Sample, normal

X = normal(3, 4)
ROWS = np.array([2, 0, 2, -1])
INDICES = np.array([[0, 2, 2, 1], [1, 1, 0, -1]])

SAMPLES = [
    Sample("take", (X, ROWS), {"axis": 0}),
    Sample("take", (X, INDICES), {"axis": -1}),
    Sample("take", (X, np.array([11, 0, 11, -2]))),
    Sample("take", (X, np.array(1)), {"axis": 1}),
    Sample("scatter_take", (normal(4, 4), ROWS), {"shape": (3, 4), "axis": 0}),
    Sample("scatter_take", (normal(3, 2, 4), INDICES), {"shape": (3, 4), "axis": -1}),
    Sample("scatter_take", (normal(4), np.array([5, 0, 5, -2])), {"shape": (2, 3)}),
    Sample("take_along_axis", (X, INDICES), {"axis": 0}),
    Sample("take_along_axis", (X, np.array([[0, 3], [1, 1], [2, -1]]))),
    Sample("take_along_axis", (X, np.array([[0, 3, 3]])), {"axis": 1}, "broadcast"),
    Sample("take_along_axis", (X, np.array([0, 11, 0])), {"axis": None}),
    Sample("scatter_along_axis", (normal(2, 4), INDICES), {"shape": (3, 4), "axis": 0}),
    Sample("scatter_along_axis", (normal(3), np.array([0, 5, 0])), {"shape": (2, 3), "axis": None}),
    Sample("scatter_add", (X, INDICES, normal(2, 4, seed=1)), {"axis": 0}),
    Sample(
        "scatter_add",
        (X, INDICES, normal(2, 5, seed=1)),
        {"axis": 1},
        "smaller",
        has_smooth_formula=False,
    ),
]
