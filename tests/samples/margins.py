"""Samples of flip, roll, pad and crop."""

from tests.samples import Sample, normal

SAMPLES = [
    *[Sample("flip", (normal(2, 3),), {"axis": axis}) for axis in (None, -1, (0, 1))],
    Sample("flip", (normal(),)),
    *[Sample("roll", (normal(2, 3),), {"shift": 2, "axis": axis}) for axis in (None, 0, -1)],
    Sample("roll", (normal(4),), {"shift": -5, "axis": 0}),
    Sample("pad", (normal(2, 3),), {"pad_width": ((1, 0), (0, 2)), "value": 0.5}),
    Sample("pad", (normal(),), {"pad_width": ()}),
    Sample("crop", (normal(3, 4),), {"pad_width": ((1, 0), (0, 2))}),
]
