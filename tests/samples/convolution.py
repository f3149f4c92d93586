"""Samples of convolution: strides that do not divide, padding, dilation, groups, and bias."""

from tests.samples import Sample, normal

SAMPLES = [
    Sample("conv1d", (normal(2, 2, 5), normal(3, 2, 2, seed=1), normal(3, seed=2))),
    Sample("conv1d", (normal(1, 2, 6), normal(2, 1, 2, seed=1), None), {"stride": 2, "groups": 2}),
    Sample("conv1d", (normal(1, 1, 4), normal(1, 1, 2, seed=1), None), {"padding": "same"}),
    Sample("conv2d", (normal(2, 1, 3, 4), normal(2, 1, 2, 2, seed=1), normal(2, seed=2))),
    Sample(
        "conv2d",
        (normal(1, 2, 4, 5), normal(2, 1, 2, 3, seed=1), normal(2, seed=2)),
        {"stride": (2, 1), "padding": (1, 2), "dilation": (2, 1), "groups": 2},
    ),
    Sample("conv2d", (normal(1, 1, 1, 1), normal(1, 1, 1, 1, seed=1), None)),
    Sample("conv3d", (normal(1, 2, 2, 2, 3), normal(1, 2, 1, 2, 2, seed=1), normal(1, seed=2))),
    Sample(
        "conv3d",
        (normal(1, 1, 2, 3, 3), normal(1, 1, 2, 2, 2, seed=1), None),
        {"stride": (1, 2, 1), "padding": (0, 1, 0)},
    ),
    Sample("conv_transpose1d", (normal(2, 2, 3), normal(2, 1, 3, seed=1), normal(1, seed=2))),
    Sample(
        "conv_transpose1d",
        (normal(1, 2, 3), normal(2, 1, 2, seed=1), normal(2, seed=2)),
        {"stride": 3, "padding": 1, "output_padding": 2, "dilation": 2, "groups": 2},
    ),
    Sample("conv_transpose2d", (normal(1, 2, 2, 3), normal(2, 1, 2, 2, seed=1), None)),
    Sample(
        "conv_transpose2d",
        (normal(2, 1, 2, 2), normal(1, 2, 3, 2, seed=1), normal(2, seed=2)),
        {"stride": (2, 1), "padding": (1, 0), "output_padding": (1, 0)},
    ),
    Sample(
        "conv_transpose3d",
        (normal(1, 1, 2, 1, 2), normal(1, 1, 2, 2, 1, seed=1), normal(1, seed=2)),
    ),
]
