"""The exceptions that graphgrad raises on purpose.

Each one is also the built-in exception a reader would expect, so `except ValueError` still catches
a ShapeError. A message gives the fact with its values, the cause, and the remedy.
"""


class ShapeError(ValueError):
    """Shapes that do not fit together, or an axis that is not there."""


class DTypeError(TypeError):
    """A dtype or Python type that an operation cannot take."""


class GraphError(RuntimeError):
    """A graph that cannot be walked: freed, detached, overwritten, or without a rule."""


class AnomalyError(GraphError):
    """The first NaN or infinity found under `detect_anomaly()`, with its operation, index and
    line."""


class BackendError(RuntimeError):
    """A device or array module that is missing, broken, or mixed with another."""
