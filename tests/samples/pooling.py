"""Samples of max pooling: windows that overlap, hang out, are padded or dilated."""

import numpy as np

from tests.samples import Sample, distinct, normal

INDEX = np.array([[[0, 1, 0]]])

SAMPLES = [
    Sample("max_pool1d", (distinct(2, 1, 5),), {"kernel_size": 2}),
    Sample("max_pool1d", (distinct(1, 2, 5),), {"kernel_size": 3, "stride": 1, "padding": 1}),
    Sample("max_pool2d", (distinct(1, 2, 4, 4),), {"kernel_size": 2}),
    Sample(
        "max_pool2d",
        (distinct(1, 1, 5, 4),),
        {"kernel_size": (2, 3), "stride": 2, "padding": (1, 0), "ceil_mode": True},
    ),
    Sample("max_pool2d", (distinct(1, 1, 4, 4),), {"kernel_size": 2, "stride": 1, "dilation": 2}),
    Sample("argmax_in_windows", (distinct(1, 1, 4, 4),), {"kernel_size": 2}),
    Sample("take_in_windows", (normal(1, 1, 4), INDEX), {"kernel_size": 2, "stride": 1}),
    Sample(
        "scatter_in_windows",
        (normal(1, 1, 3), INDEX),
        {"shape": (1, 1, 4), "kernel_size": 2, "stride": 1},
    ),
]
