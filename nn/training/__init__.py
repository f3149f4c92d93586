"""Training: the Trainer, what it measures into a History, and callbacks.

`trainer.py` is what users call, `loop.py` the loop; `model.compile(...)` and `model.fit(...)`, in
`nn/compiled.py`, stand on it. Metrics are in `nn.metrics`.
"""

from nn.training.callbacks import (
    Callback,
    CSVLog,
    EarlyStopping,
    GradientClipping,
    LambdaCallback,
    LRSchedule,
    ModelCheckpoint,
    NonFiniteError,
    StopOnNaN,
)
from nn.training.history import History
from nn.training.trainer import Trainer

__all__ = [
    "CSVLog",
    "Callback",
    "EarlyStopping",
    "GradientClipping",
    "History",
    "LRSchedule",
    "LambdaCallback",
    "ModelCheckpoint",
    "NonFiniteError",
    "StopOnNaN",
    "Trainer",
]
