"""Samples of the activations, away from their kinks."""

import numpy as np

from tests.nn.layer_samples import LayerSample
from tests.samples import distinct

_PLAIN = """ReLU ReLU6 SELU SiLU Mish Hardswish Hardsigmoid Sigmoid Tanh LogSigmoid Softsign
    LeakyReLU ELU PReLU GELU Softplus Hardtanh""".split()

SAMPLES = [
    *(LayerSample(name, (distinct(2, 4),)) for name in _PLAIN),
    *(LayerSample(name, (9 * distinct(7),), label="wide") for name in _PLAIN),
    LayerSample("LeakyReLU", (distinct(5),), {"negative_slope": 0.3}),
    LayerSample("ELU", (distinct(5),), {"alpha": 0.7}),
    LayerSample("PReLU", (distinct(2, 3, 2),), {"num_parameters": 3, "init": 0.1}),
    LayerSample("PReLU", (distinct(3, 2),), {"num_parameters": 2}),
    LayerSample("PReLU", (np.array(-0.7),)),
    LayerSample("GELU", (distinct(5),), {"approximate": "tanh"}),
    LayerSample("Softplus", (distinct(6),), {"beta": 2.0, "threshold": 0.3}),
    LayerSample("Hardtanh", (distinct(6),), {"min_val": -0.4, "max_val": 0.3}),
    LayerSample("Threshold", (distinct(6),), {"threshold": 0.2, "value": -3.0}),
    LayerSample("Softmax", (distinct(2, 3),), {"dim": -1}),
    LayerSample("Softmax", (distinct(2, 3, 2),), {"dim": 1}),
    LayerSample("LogSoftmax", (distinct(2, 3),), {"dim": -1}),
    LayerSample("LogSoftmax", (distinct(3, 2),), {"dim": 0}),
    LayerSample("Maxout", (distinct(2, 6),), {"pieces": 3}, twin=None),
    LayerSample("Maxout", (distinct(4, 3),), {"pieces": 2, "dim": 0}, twin=None),
    LayerSample("Step", (distinct(5),), twin=None, is_differentiable=False),
    LayerSample("Step", (distinct(5),), {"threshold": 0.2}, twin=None, is_differentiable=False),
]
