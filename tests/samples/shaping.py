"""Samples of the operations that move numbers."""

from tests.samples import Sample, normal

SAMPLES = [
    Sample("reshape", (normal(2, 3),), {"shape": (3, -1)}),
    Sample("broadcast_to", (normal(3, 1),), {"shape": (2, 3, 4)}),
    Sample("astype", (normal(2, 3),), {"dtype": "float64"}),
]
