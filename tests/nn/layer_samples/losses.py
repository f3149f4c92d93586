"""Samples of the losses, away from the kinks of absolute values and hinges.

Weights are in `test_losses.py`: PyTorch takes them as its own tensors only.
"""

import numpy as np

from tests.nn.layer_samples import LayerSample
from tests.samples import distinct, normal, uniform

X, T = distinct(3, 4, seed=1), distinct(3, 4, seed=2) + 0.05
PROBABILITIES = uniform(0.1, 0.9, 3, 4), uniform(0.1, 0.9, 3, 4, seed=1)
LOGARITHMS = np.log(PROBABILITIES[0])
SIGNS = np.array([1, -1, 1])
CLASSES = np.array([3, 0, 1])
SPATIAL = normal(2, 3, 2), np.array([[1, 0], [2, 2]])

SAMPLES = [
    LayerSample("MSELoss", (X, T)),
    LayerSample("MSELoss", (X, T), {"reduction": "none"}),
    LayerSample("L1Loss", (X, T)),
    LayerSample("MAPELoss", (X, T), twin=None),
    LayerSample("SmoothL1Loss", (X, T)),
    LayerSample("SmoothL1Loss", (X, T), {"beta": 0.3, "reduction": "sum"}),
    LayerSample("SmoothL1Loss", (X, T), {"beta": 0.0}),
    LayerSample("HuberLoss", (X, T), {"delta": 0.7}),
    LayerSample("CosineSimilarity", (X, T)),
    LayerSample("CosineSimilarity", (normal(2, 3), normal(2, 1, seed=1)), {"dim": 0}),
    LayerSample("CosineEmbeddingLoss", (X, T, SIGNS), {"margin": -0.9}, copies=1),
    LayerSample("KLDivLoss", (LOGARITHMS, PROBABILITIES[1]), {"reduction": "none"}),
    LayerSample("KLDivLoss", (LOGARITHMS, PROBABILITIES[1]), {"reduction": "batchmean"}),
    LayerSample(
        "KLDivLoss", (LOGARITHMS, LOGARITHMS[[1, 2, 0]]), {"log_target": True, "reduction": "sum"}
    ),
    LayerSample("BCELoss", PROBABILITIES, copies=2),
    LayerSample("BCEWithLogitsLoss", (X, PROBABILITIES[1]), copies=1),
    LayerSample("CrossEntropyLoss", (normal(3, 4), CLASSES)),
    LayerSample("CrossEntropyLoss", SPATIAL, {"label_smoothing": 0.2, "ignore_index": 0}),
    LayerSample("CrossEntropyLoss", (normal(3, 4), PROBABILITIES[1])),
    LayerSample("NLLLoss", (LOGARITHMS, CLASSES), copies=1),
    LayerSample("NLLLoss", SPATIAL, {"ignore_index": 1}, copies=1),
    LayerSample("HingeLoss", (X[0], np.array([1, -1, -1, 1])), twin=None, copies=1),
    LayerSample("MultiMarginLoss", (X, CLASSES), {"margin": 0.9}, copies=1),
    LayerSample("MultiMarginLoss", (X, CLASSES), {"p": 2, "margin": 0.7}, copies=1),
    LayerSample("HingeEmbeddingLoss", (X[:, 0], SIGNS), {"margin": 0.6}, copies=1),
]
