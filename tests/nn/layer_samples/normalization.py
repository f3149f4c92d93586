"""Samples of the layers that normalise, in training and in evaluation."""

from tests.nn.layer_samples import LayerSample
from tests.samples import normal

IMAGES = normal(3, 4, 2, 2)

SAMPLES = [
    LayerSample("BatchNorm1d", (normal(4, 3),), {"num_features": 3}),
    LayerSample("BatchNorm1d", (normal(3, 2, 4),), {"num_features": 2, "eps": 0.1}),
    LayerSample(
        "BatchNorm1d", (normal(4, 3),), {"num_features": 3}, label="evaluation", training=False
    ),
    LayerSample(
        "BatchNorm1d",
        (normal(1, 3),),
        {"num_features": 3, "affine": False},
        label="one sample in evaluation",
        training=False,
    ),
    LayerSample("BatchNorm2d", (IMAGES,), {"num_features": 4, "momentum": None}),
    LayerSample("BatchNorm2d", (IMAGES,), {"num_features": 4, "bias": False}),
    LayerSample("BatchNorm2d", (IMAGES,), {"num_features": 4, "affine": False}),
    LayerSample("BatchNorm2d", (IMAGES,), {"num_features": 4}, "evaluation", training=False),
    LayerSample(
        "BatchNorm2d",
        (IMAGES,),
        {"num_features": 4, "track_running_stats": False},
        "evaluation",
        training=False,
    ),
    LayerSample("LayerNorm", (normal(3, 4),), {"normalized_shape": 4}),
    LayerSample("LayerNorm", (normal(2, 2, 3),), {"normalized_shape": (2, 3), "eps": 0.1}),
    LayerSample("LayerNorm", (normal(2, 3),), {"normalized_shape": [3], "bias": False}),
    LayerSample("LayerNorm", (normal(2, 3),), {"normalized_shape": 3, "elementwise_affine": False}),
    LayerSample("RMSNorm", (normal(3, 4),), {"normalized_shape": 4}),
    LayerSample("RMSNorm", (normal(2, 2, 3),), {"normalized_shape": (2, 3), "eps": 0.1}),
    LayerSample("RMSNorm", (normal(2, 3),), {"normalized_shape": 3, "elementwise_affine": False}),
    LayerSample("GroupNorm", (IMAGES,), {"num_groups": 2, "num_channels": 4}),
    LayerSample("GroupNorm", (IMAGES,), {"num_groups": 4, "num_channels": 4, "bias": False}),
    LayerSample("GroupNorm", (normal(2, 6),), {"num_groups": 2, "num_channels": 6, "eps": 0.1}),
    LayerSample(
        "GroupNorm", (normal(2, 4, 3),), {"num_groups": 1, "num_channels": 4, "affine": False}
    ),
]
