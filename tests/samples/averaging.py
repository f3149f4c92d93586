"""Samples of sum and average pooling: windows that overlap, hang out or are padded."""

from tests.samples import Sample, normal

WIDE = {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}

SAMPLES = [
    Sample("avg_pool", (normal(1, 2, 4),), {"kernel_size": 2}),
    Sample("avg_pool1d", (normal(2, 1, 5),), {"kernel_size": 2}),
    Sample("avg_pool1d", (normal(1, 2, 6),), WIDE),
    Sample("avg_pool1d", (normal(1, 2, 6),), {**WIDE, "count_include_pad": False}),
    Sample("avg_pool1d", (normal(1, 1, 21),), {"kernel_size": 10}),
    Sample("avg_pool2d", (normal(1, 2, 4, 4),), {"kernel_size": 2}),
    Sample("avg_pool2d", (normal(1, 1, 5, 4),), {"kernel_size": (3, 2), "stride": (1, 2)}),
    Sample("avg_pool2d", (normal(1, 1, 6, 5),), {**WIDE, "count_include_pad": False}),
    Sample("avg_pool2d", (normal(1, 1, 4, 2),), {"kernel_size": 2, "divisor_override": 3}),
    Sample("sum_pool1d", (normal(1, 2, 5),), {"kernel_size": 3, "stride": 1, "padding": 1}),
    Sample("sum_pool2d", (normal(1, 2, 4, 4),), {"kernel_size": 2}),
    Sample("scatter_avg_pool", (normal(1, 2, 3),), {"shape": (1, 2, 5), **WIDE}),
]
