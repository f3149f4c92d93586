"""Callbacks: what may happen beside training. `callback.py` says when; one file a family."""

from nn.training.callbacks.callback import Callback, LambdaCallback
from nn.training.callbacks.csv_log import CSVLog
from nn.training.callbacks.early_stopping import EarlyStopping
from nn.training.callbacks.non_finite import NonFiniteError, StopOnNaN
from nn.training.callbacks.saving import ModelCheckpoint
from nn.training.callbacks.stepping import GradientClipping, LRSchedule

__all__ = [
    "CSVLog",
    "Callback",
    "EarlyStopping",
    "GradientClipping",
    "LRSchedule",
    "LambdaCallback",
    "ModelCheckpoint",
    "NonFiniteError",
    "StopOnNaN",
]
