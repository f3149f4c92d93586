"""Samples of convolution's three partial derivatives, which are each other's rules."""

from tests.samples import Sample, normal

MOVES = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2), "groups": 2}

SAMPLES = [
    Sample("correlate", (normal(1, 2, 5), normal(3, 2, 2, seed=1)), {"padding": "same"}),
    Sample("correlate", (normal(1, 2, 4, 3), normal(2, 1, 3, 2, seed=1)), MOVES),
    Sample("conv_input", (normal(2, 1, 3), normal(1, 2, 2, seed=1)), {"input_size": (2, 2, 4)}),
    Sample(
        "conv_input",
        (normal(1, 2, 2, 1), normal(2, 1, 3, 2, seed=1)),
        {"input_size": (1, 2, 4, 3), **MOVES},
    ),
    Sample("conv_weight", (normal(2, 1, 4), normal(2, 2, 3, seed=1)), {"weight_size": (2, 1, 2)}),
    Sample(
        "conv_weight",
        (normal(1, 2, 4, 3), normal(1, 2, 2, 1, seed=1)),
        {"weight_size": (2, 1, 3, 2), **MOVES},
    ),
]
