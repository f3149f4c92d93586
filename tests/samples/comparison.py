"""Samples of comparisons, logic and tests, none of which has a gradient."""

import numpy as np

from tests.samples import Sample, normal

_PAIR = (normal(2, 3), normal(3, seed=1))
_BOOLS = (normal(2, 3) > 0, normal(3, seed=1) > 0)
_ODD = np.array([1.0, np.nan, np.inf, -np.inf])

SAMPLES = [
    *(
        Sample(n, _PAIR)
        for n in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
    ),
    *(Sample(n, _BOOLS) for n in ("logical_and", "logical_or", "logical_xor")),
    *(Sample(n, _BOOLS) for n in ("bitwise_and", "bitwise_or", "bitwise_xor")),
    Sample("logical_not", _BOOLS[:1]),
    Sample("invert", _BOOLS[:1]),
    *(Sample(n, (_ODD,)) for n in ("isnan", "isinf", "isfinite")),
]
