"""Samples of the four operations and powers."""

from tests.samples import Sample, normal

SAMPLES = [
    Sample("add", (normal(2, 3), normal(3, seed=1))),
    Sample("mul", (normal(2, 3), normal(2, 1, seed=1))),
]
