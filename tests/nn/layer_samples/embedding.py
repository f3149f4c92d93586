"""Samples of Embedding, away from the padding row, whose gradient is not the true one.

On a device, the check of the indices reads one flag, and that of `take` another.
"""

import numpy as np

from tests.nn.layer_samples import LayerSample

SAMPLES = [
    LayerSample(
        "Embedding",
        (np.array([[0, 2], [2, 3]]),),
        {"num_embeddings": 4, "embedding_dim": 3},
        copies=2,
    ),
    LayerSample(
        "Embedding",
        (np.array([0, 2, 3, 2]),),
        {"num_embeddings": 4, "embedding_dim": 3, "padding_idx": 1},
        copies=2,
    ),
]
