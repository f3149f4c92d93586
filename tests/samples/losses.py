"""Samples of the losses that read logits, where their formulas hold: reduced by the mean."""

import numpy as np

from tests.samples import Sample, normal, uniform

SAMPLES = [
    Sample("indicator", (np.array([2, 0]),), {"shape": (2, 3)}),
    Sample("cross_entropy", (normal(3, 4), np.array([1, 0, 3]))),
    Sample("cross_entropy", (normal(2, 3, 2), np.array([[1, 0], [2, 2]]))),
    Sample("binary_cross_entropy_with_logits", (normal(3, 2), uniform(0, 1, 3, 2, seed=1))),
    Sample(
        "binary_cross_entropy_with_logits",
        (normal(4), uniform(0, 1, 4, seed=1)),
        {"reduction": "none"},
    ),
]
