"""Samples of the activations, away from their kinks."""

import numpy as np

from tests.samples import Sample, distinct, normal

_PLAIN = "sigmoid relu leaky_relu elu selu gelu gelu_tanh silu softplus mish hardswish".split()

SAMPLES = [
    *(Sample(name, (distinct(2, 4),)) for name in _PLAIN),
    *(Sample(name, (5 * distinct(7),), label="wide") for name in _PLAIN),
    Sample("sigmoid", (normal(),)),
    Sample("silu", (np.zeros(2),), label="zero"),
    Sample("mish", (np.zeros(2),), label="zero"),
    Sample("softplus", (np.zeros(2),), label="zero"),
    Sample("sigmoid", (np.zeros(2),), label="zero"),
    Sample("leaky_relu", (distinct(5),), {"negative_slope": 0.3}),
    Sample("elu", (distinct(5),), {"alpha": 0.7}),
    Sample("softplus", (distinct(6),), {"beta": 2.0, "threshold": 0.3}),
    Sample("maxout", (distinct(2, 6),), {"pieces": 3}),
    Sample("maxout", (distinct(4, 3),), {"pieces": 2, "axis": 0}),
    Sample("maxout", (distinct(3, 1),), {"pieces": 1, "axis": -2}),
]
