"""Samples of Dropout, in training and after."""

from tests.nn.layer_samples import LayerSample
from tests.samples import distinct

_LECTURE = {"p": 0.5, "inverted": False}

SAMPLES = [
    LayerSample("Dropout", (distinct(4, 3),), is_random=True),
    LayerSample("Dropout", (distinct(4, 3),), {"p": 0.2}, is_random=True),
    LayerSample("Dropout", (distinct(4, 3),), {"p": 0.0}),
    LayerSample("Dropout", (distinct(4, 3),), {"p": 1.0}),
    LayerSample("Dropout", (distinct(4, 3),), training=False, label="eval"),
    LayerSample("Dropout", (distinct(4, 3),), _LECTURE, twin=None, is_random=True),
    LayerSample("Dropout", (distinct(4, 3),), _LECTURE, "eval", twin=None, training=False),
]
