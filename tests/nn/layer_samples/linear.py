"""Samples of the layers of products."""

from tests.nn.layer_samples import LayerSample
from tests.samples import normal

_LAZY = {"twin": "Linear", "twin_settings": {"in_features": 3, "out_features": 2}}

SAMPLES = [
    LayerSample("Identity", (normal(2, 3),)),
    LayerSample("Linear", (normal(4, 3),), {"in_features": 3, "out_features": 2}),
    LayerSample("Linear", (normal(3),), {"in_features": 3, "out_features": 2}),
    LayerSample("Linear", (normal(2, 2, 3),), {"in_features": 3, "out_features": 1, "bias": False}),
    LayerSample("Linear", (normal(0, 3),), {"in_features": 3, "out_features": 2}, "no samples"),
    LayerSample("LazyLinear", (normal(4, 3),), {"out_features": 2}, **_LAZY),
    LayerSample("Dense", (normal(4, 3),), {"units": 2}, **_LAZY),
    LayerSample("Dense", (normal(4, 3),), {"units": 2, "activation": "tanh"}, twin=None),
    LayerSample(
        "Dense",
        (normal(4, 3),),
        {"units": 2, "activation": "softmax", "use_bias": False, "input_shape": (3,)},
        twin=None,
    ),
    LayerSample(
        "Bilinear",
        (normal(4, 3), normal(4, 2, seed=1)),
        {"in1_features": 3, "in2_features": 2, "out_features": 5},
    ),
    LayerSample(
        "Bilinear",
        (normal(3), normal(2, seed=1)),
        {"in1_features": 3, "in2_features": 2, "out_features": 2, "bias": False},
    ),
    LayerSample(
        "Bilinear",
        (normal(2, 2, 3), normal(2, 2, 2, seed=1)),
        {"in1_features": 3, "in2_features": 2, "out_features": 2},
    ),
]
