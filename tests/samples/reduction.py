"""Samples of the reductions."""

from tests.samples import Sample, normal

SAMPLES = [
    Sample("sum", (normal(2, 3),)),
    Sample("sum", (normal(2, 3, 2),), {"axis": (0, -1)}),
    Sample("sum", (normal(2, 3),), {"axis": 1, "keepdims": True}),
]
