"""Samples of the four operations, powers, extremes of two, where and clip."""

import numpy as np

from tests.samples import Sample, distinct, normal, uniform

_PAIR = (distinct(2, 3), distinct(3, seed=1) + 0.03)
_CONDITION = normal(2, 3, seed=5) > 0

SAMPLES = [
    Sample("add", (normal(2, 3), normal(3, seed=1))),
    Sample("add", (normal(), normal(1, 2, seed=1))),
    Sample("sub", (normal(2, 1), normal(2, 3, seed=1))),
    Sample("mul", (normal(2, 3), normal(2, 1, seed=1))),
    Sample("mul", (normal(), normal(seed=1))),
    Sample("div", (normal(2, 3), uniform(0.5, 2, 3, seed=1))),
    Sample("div", (normal(), uniform(-2, -0.5, 2, 1, seed=1))),
    Sample("floor_divide", (normal(2, 3), uniform(0.5, 2, 3))),
    Sample("mod", (np.array([5.3, -5.3, 5.3, -5.3]), np.array([2.1, 2.1, -2.1, -2.1]))),
    Sample("mod", (np.array([[0.3], [7.7]]), np.array([1.0, 1.9]))),
    Sample("neg", (normal(2, 3),)),
    Sample("abs", (distinct(2, 3),)),
    Sample("sign", (distinct(2, 3),)),
    Sample("pow", (uniform(0.5, 2, 2, 3), normal(3, seed=1))),
    Sample("pow", (uniform(0.5, 2, 2, 3), normal(seed=1))),
    Sample("pow", (uniform(0.5, 2), np.array([0.0, 1.0, 2.0])), label="whole exponents"),
    Sample("pow", (uniform(0.5, 2, 3), np.array(0.0)), label="exponent 0"),
    Sample("maximum", _PAIR),
    Sample("maximum", (distinct(2, 3), np.array(0.03))),
    Sample("minimum", _PAIR),
    Sample("minimum", (np.array([0.03]), distinct(2, 3))),
    Sample("where", (_CONDITION, normal(2, 3), normal(3, seed=1))),
    Sample("where", (_CONDITION[0], normal(2, 1), normal(seed=1))),
    Sample("clip", (distinct(2, 4),), {"min": -0.42, "max": 0.33}),
    Sample("clip", (distinct(2, 4),), {"max": 0.33}),
    Sample("clip", (distinct(5),), {"min": -0.12}),
    Sample("clip", (distinct(3),)),
]
