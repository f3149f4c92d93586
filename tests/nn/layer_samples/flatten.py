"""Samples of the layers that change shapes."""

import numpy as np

from tests.nn.layer_samples import LayerSample
from tests.samples import normal

SAMPLES = [
    LayerSample("Flatten", (normal(2, 3, 2),)),
    LayerSample("Flatten", (normal(2, 3, 2),), {"start_dim": 0, "end_dim": 1}),
    LayerSample("Flatten", (normal(0, 3, 2),), label="no samples"),
    LayerSample("Flatten", (np.array(0.3),), {"start_dim": 0}),
    LayerSample("Unflatten", (normal(2, 6),), {"dim": 1, "unflattened_size": (2, 3)}),
    LayerSample("Unflatten", (normal(6, 2),), {"dim": -2, "unflattened_size": (-1, 3)}),
]
