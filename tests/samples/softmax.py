"""Samples of softmax and log_softmax."""

from tests.samples import Sample, normal

SAMPLES = [
    Sample(name, (x,), settings)
    for name in ("softmax", "log_softmax")
    for x, settings in (
        (normal(5), {}),
        (normal(2, 3), {"axis": 0}),
        (normal(2, 3, 2), {"axis": -2}),
        (normal(3, 1), {}),
    )
]
