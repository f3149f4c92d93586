"""Metrics: numbers that say how well a model does, and that no optimizer looks at.

Each is there as a function of all outputs and targets, and as a class that takes them batch by
batch and gives the same number: it counts, and divides once at the end. `metric.py` has what all
share, `classes.py` how outputs are read as classes, then `hits.py`, `confusion.py`,
`regression.py`; `names.py` finds one by name.
"""

from nn.metrics.confusion import (
    F1,
    MCC,
    ConfusionMatrix,
    Precision,
    Recall,
    confusion_matrix,
    f1,
    mcc,
    precision,
    recall,
)
from nn.metrics.hits import Accuracy, TopKAccuracy, accuracy, top_k_accuracy
from nn.metrics.metric import Mean, Metric
from nn.metrics.names import metric
from nn.metrics.regression import (
    MeanAbsoluteError,
    MeanSquaredError,
    R2Score,
    mean_absolute_error,
    mean_squared_error,
    r2_score,
)

__all__ = [
    "F1",
    "MCC",
    "Accuracy",
    "ConfusionMatrix",
    "Mean",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "Precision",
    "R2Score",
    "Recall",
    "TopKAccuracy",
    "accuracy",
    "confusion_matrix",
    "f1",
    "mcc",
    "mean_absolute_error",
    "mean_squared_error",
    "metric",
    "precision",
    "r2_score",
    "recall",
    "top_k_accuracy",
]
