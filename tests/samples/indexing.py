"""Samples of indexing: every kind of key, and repeated indices."""

import numpy as np

from tests.samples import Sample, normal

X = normal(3, 4)
MASK = np.array(
    [[True, False, True, False], [False, False, True, True], [True, True, False, False]]
)
ROWS = np.array([2, 0, 2, -1])

KEYS = {
    "int": 1,
    "negative int": -1,
    "ints": (0, -2),
    "slice": slice(1, None),
    "negative step": (slice(None, None, -2), slice(3, 0, -1)),
    "new axis": (None, 1, ..., None),
    "ellipsis": (..., 2),
    "everything": ...,
    "nothing": (),
    "empty slice": slice(2, 2),
    "mask": MASK,
    "row mask": (np.array([True, False, True]), slice(1, 3)),
    "empty mask": np.zeros((3, 4), bool),
    "bool": True,
    "rows": ROWS,
    "rows twice": np.array([[0, 0], [1, 0]]),
    "columns": (slice(None), ROWS),
    "last axis": (..., np.array([[1, 1]])),
    "pairs": (ROWS, np.array([1, 3, 1, 0])),
    "broadcast pairs": (np.array([[0], [2]]), np.array([1, 1, -1])),
    "pairs apart": (ROWS, None, np.array([1, 3, 1, 0])),
    "int and array": (1, ROWS),
    "array and slice": (ROWS, slice(None, None, 2)),
    "mask and array": (np.array([True, True, False]), np.array([1, 1])),
    "no rows": np.zeros(0, np.int64),
    "0-d array": np.array(2),
}

SAMPLES = [
    *(Sample("getitem", (X,), {"index": key}, name) for name, key in KEYS.items()),
    Sample(
        "getitem",
        (normal(2, 3, 2),),
        {"index": (slice(None), ROWS[:3] * 0, slice(None))},
        "middle axis",
    ),
    Sample(
        "getitem",
        (normal(2, 2, 2),),
        {"index": (ROWS[1:3] // 2, slice(None), np.array([1, 1]))},
        "apart",
    ),
    Sample("getitem", (normal(),), {"index": ()}, "0-d"),
    *(
        Sample("scatter", (normal(*X[key].shape),), {"index": key, "shape": (3, 4)}, name)
        for name, key in KEYS.items()
    ),
    *(
        Sample("setitem", (X, normal(*X[key].shape, seed=1)), {"index": key}, name)
        for name, key in KEYS.items()
        if X[key].size in range(1, 12)
        and name not in ("rows twice", "columns", "pairs", "last axis")
        and "rows" not in name
        and "array" not in name
        and "pairs" not in name
    ),
    Sample("setitem", (X, normal(1, 4, seed=1)), {"index": slice(1, None)}, "broadcast rows"),
    Sample("setitem", (X, normal(seed=1)), {"index": (slice(None), 1)}, "broadcast number"),
    Sample(
        "setitem", (X, normal(1, 4, seed=1)), {"index": 0}, "more axes", has_smooth_formula=False
    ),
    Sample(
        "setitem", (X, normal(2, seed=1)), {"index": (np.array([0, 2]), np.array([1, 1]))}, "pairs"
    ),
    Sample(
        "setitem",
        (X, normal(4, 4, seed=1)),
        {"index": ROWS},
        "rows twice",
        has_smooth_formula=False,
    ),
    Sample(
        "setitem",
        (X, normal(4, seed=1)),
        {"index": ROWS},
        "rows twice, one row",
        has_smooth_formula=False,
    ),
    Sample("masked_fill", (X, MASK), {"value": 2.0}),
    Sample("masked_fill", (X, MASK[0]), {"value": -1.0}),
    Sample("argwhere", (X,)),
    Sample("flatnonzero", (X,)),
]
