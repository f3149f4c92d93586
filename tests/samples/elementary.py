"""Samples of the elementary functions, each inside its domain."""

from tests.samples import Sample, normal, uniform

_ANYWHERE = [
    "exp",
    "expm1",
    "exp2",
    "square",
    "sin",
    "cos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
]
_POSITIVE = ["log", "log1p", "log2", "log10", "sqrt", "cbrt", "reciprocal"]
_INSIDE_ONE = ["tan", "arcsin", "arccos", "arctanh"]
_ROUNDING = ["floor", "ceil", "trunc", "round"]

SAMPLES = [
    *(Sample(name, (normal(2, 3),)) for name in _ANYWHERE),
    *(Sample(name, (normal(),)) for name in ("exp", "tanh")),
    *(Sample(name, (uniform(0.3, 3, 2, 3),)) for name in _POSITIVE),
    *(Sample(name, (uniform(-3, -0.3, 3),)) for name in ("cbrt", "reciprocal")),
    *(Sample(name, (uniform(-0.9, 0.9, 2, 3),)) for name in _INSIDE_ONE),
    Sample("arccosh", (uniform(1.2, 4, 2, 3),)),
    *(Sample(name, (normal(2, 3),)) for name in _ROUNDING),
    Sample("round", (normal(3),), {"decimals": 1}),
    Sample("arctan2", (normal(2, 3), normal(3, seed=1))),
    Sample("hypot", (normal(2, 3), normal(2, 1, seed=1))),
    Sample("logaddexp", (normal(2, 3), normal(3, seed=1))),
    Sample("logaddexp", (normal(3), normal(seed=1))),
]
