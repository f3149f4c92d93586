"""Samples of linear algebra: regular, singular and stacked matrices."""

import numpy as np

from tests.samples import Sample, normal


def regular(*shape: int, seed: int = 0) -> np.ndarray:
    """Matrices far from singular."""
    return normal(*shape, seed=seed) + 3 * np.eye(shape[-1])


def positive(*shape: int, seed: int = 0) -> np.ndarray:
    """Symmetric positive definite matrices."""
    x = normal(*shape, seed=seed)
    return x @ x.swapaxes(-1, -2) + np.eye(shape[-1])


RANK_2 = normal(3, 2) @ normal(2, 3, seed=1)
RANK_1 = np.outer([1.0, -2.0, 0.5], [0.5, 1.0, 3.0])

SAMPLES = [
    Sample("inv", (regular(3, 3),)),
    Sample("inv", (regular(2, 1, 2, 2),)),
    Sample("inv", (regular(1, 1),)),
    Sample("solve", (regular(3, 3), normal(3, 2, seed=1))),
    Sample("solve", (regular(2, 2, 2), normal(2, 2, 1, seed=1))),
    Sample("solve", (regular(2, 2), normal(3, 2, 1, seed=1)), label="b stacked"),
    Sample("solve", (regular(2, 1, 2, 2), normal(3, 2, 1, seed=1)), label="both stacked"),
    Sample("solve", (regular(3, 3), normal(3, seed=1)), label="vector", has_smooth_formula=False),
    Sample(
        "solve",
        (regular(2, 2, 2), normal(2, seed=1)),
        label="vector, stacked",
        has_smooth_formula=False,
    ),
    Sample("det", (normal(3, 3),)),
    Sample("det", (normal(2, 2, 2),), has_smooth_formula=False),
    Sample("det", (normal(1, 1),)),
    Sample("det", (RANK_2,), label="rank 2"),
    Sample("det", (RANK_1,), label="rank 1"),
    Sample("det", (np.zeros((2, 2)),), label="zero"),
    Sample("cofactor", (regular(3, 3),)),
    Sample("cofactor", (regular(2, 2, 2),), has_smooth_formula=False),
    Sample("slogdet", (normal(3, 3),)),
    Sample("slogdet", (regular(2, 2, 2),), has_smooth_formula=False),
    Sample("cholesky", (positive(3, 3),)),
    Sample("cholesky", (positive(2, 2, 2),)),
    Sample("cholesky", (positive(1, 1),)),
]
