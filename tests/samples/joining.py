"""Samples of joining, taking apart and repeating."""

from tests.samples import Sample, normal

SAMPLES = [
    Sample("concatenate", (normal(2, 3), normal(1, 3, seed=1), normal(2, 3, seed=2)), {"axis": 0}),
    Sample("concatenate", (normal(2, 3), normal(2, 2, seed=1)), {"axis": -1}),
    Sample("stack", (normal(2, 3), normal(2, 3, seed=1)), {"axis": -1}),
    Sample("stack", (normal(), normal(seed=1)), {"axis": 0}),
    Sample("split", (normal(5, 2),), {"at": (1, 3), "axis": 0}),
    Sample("split", (normal(2, 4),), {"at": (0, 3, 4), "axis": -1}),
    Sample("unbind", (normal(2, 3),), {"axis": -1}),
    Sample("unbind", (normal(3),), {"axis": 0}),
    Sample("repeat", (normal(2, 3),), {"repeats": 2, "axis": -1}),
    Sample("repeat", (normal(2, 3),), {"repeats": (2, 0, 3), "axis": 1}),
    Sample("repeat", (normal(2),), {"repeats": 0, "axis": 0}),
    Sample("sum_repeats", (normal(4, 2),), {"repeats": 2, "axis": 0, "shape": (2, 2)}),
    Sample("sum_repeats", (normal(2, 4),), {"repeats": (3, 0, 1), "axis": 1, "shape": (2, 3)}),
    Sample("tile", (normal(2, 3),), {"reps": (2, 1, 2)}),
    Sample("tile", (normal(1, 2, 2),), {"reps": (3,)}),
    Sample("sum_tiles", (normal(4, 6),), {"reps": (2, 3), "shape": (2, 2)}),
]
