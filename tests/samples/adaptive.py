"""Samples of adaptive average pooling: cells that divide the size, and cells that overlap."""

from tests.samples import Sample, normal

SAMPLES = [
    Sample("adaptive_avg_pool", (normal(1, 2, 5),), {"output_size": 3}),
    Sample("adaptive_avg_pool1d", (normal(1, 2, 5),), {"output_size": 2}),
    Sample("adaptive_avg_pool1d", (normal(1, 1, 3),), {"output_size": 5}),
    Sample("adaptive_avg_pool2d", (normal(1, 1, 5, 4),), {"output_size": (3, None)}),
    Sample("adaptive_avg_pool2d", (normal(2, 2, 3, 3),), {"output_size": 1}),
    Sample(
        "scatter_adaptive_avg_pool",
        (normal(1, 2, 3),),
        {"shape": (1, 2, 5), "output_size": 3},
    ),
]
