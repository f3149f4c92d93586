"""Samples of unfold and fold."""

from tests.samples import Sample, normal

SAMPLES = [
    Sample("unfold", (normal(1, 2, 3, 4),), {"kernel_size": 2}),
    Sample("unfold", (normal(2, 1, 5),), {"kernel_size": 3, "stride": 2, "padding": 1}),
    Sample(
        "unfold",
        (normal(1, 1, 5, 4),),
        {"kernel_size": (2, 3), "dilation": (3, 1), "padding": (1, 0), "stride": (1, 2)},
    ),
    Sample("fold", (normal(1, 8, 6),), {"output_size": (3, 4), "kernel_size": 2}),
    Sample(
        "fold",
        (normal(2, 3, 3),),
        {"output_size": (5,), "kernel_size": 3, "stride": 2, "padding": 1},
    ),
    Sample("scatter_windows", (normal(1, 4, 4),), {"shape": (1, 2, 5), "kernel_size": 2}),
    Sample("scatter_windows", (normal(1, 4, 2),), {"shape": (1, 1, 3, 2), "kernel_size": 2}),
]
