"""Samples of the special functions: both ranges of erf."""

from tests.samples import Sample, normal, uniform

SAMPLES = [
    Sample("erf", (normal(2, 3),)),
    Sample("erf", (uniform(-0.4, 0.4, 4),)),
    Sample("erf", (normal(),)),
]
