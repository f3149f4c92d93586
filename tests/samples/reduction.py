"""Samples of the reductions."""

import numpy as np

from tests.samples import Sample, distinct, normal

_AXES = [{}, {"axis": (0, -1)}, {"axis": 1, "keepdims": True}, {"axis": -2}]
_TIED = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])

SAMPLES = [
    *[
        Sample(name, (normal(2, 3, 2),), axes)
        for name in ("sum", "mean", "logsumexp")
        for axes in _AXES
    ],
    *[Sample(name, (normal(2, 3, 2),), axes) for name in ("var", "std") for axes in _AXES],
    *[Sample(name, (normal(2, 3),), {"axis": 1, "ddof": 1}) for name in ("var", "std")],
    *[Sample(name, (distinct(2, 3, 2),), axes) for name in ("max", "min") for axes in _AXES],
    *[
        Sample(name, (normal(),), {"axis": axis}, f"scalar,{axis}")
        for name in ("sum", "mean", "logsumexp", "max", "min", "var")
        for axis in (None, ())
    ],
    *[
        Sample(name, (normal(3, 1),), {"axis": 1})
        for name in ("sum", "mean", "logsumexp", "max", "min")
    ],
    *[Sample(name, (_TIED,), {"axis": 1}) for name in ("argmax", "argmin")],
    *[Sample(name, (_TIED,), {"keepdims": True}) for name in ("argmax", "argmin")],
    *[Sample(name, (_TIED > 1,), {"axis": 1}) for name in ("all", "any", "count_nonzero")],
    *[
        Sample(name, (normal(2, 3),), {"axis": (0, 1), "keepdims": True})
        for name in ("all", "any", "count_nonzero")
    ],
]
