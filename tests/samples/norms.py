"""Samples of the norms."""

from tests.samples import Sample, distinct, normal

SAMPLES = [
    Sample("norm", (normal(2, 3),), {"axis": (0, 1), "keepdims": False}),
    Sample("norm", (normal(2, 3, 2),), {"axis": (1,), "keepdims": True}),
    Sample("norm", (normal(),), {"axis": (), "keepdims": False}),
    Sample("norm_p", (distinct(2, 3),), {"ord": 3.0, "axis": (1,), "keepdims": False}),
    Sample("norm_p", (distinct(2, 3),), {"ord": 1.5, "axis": (0,), "keepdims": True}),
    Sample("norm_p", (distinct(4),), {"ord": -2.0, "axis": (0,), "keepdims": False}),
]
