"""Samples of products: every pair of ranks, empty inner axes, and the axes of tensordot."""

from tests.samples import Sample, normal


def pair(
    op: str, x: tuple[int, ...], y: tuple[int, ...], *, formula: bool = True, **settings: object
) -> Sample:
    """A product of arrays of two shapes; formula says whether the matrix formula holds for them."""
    return Sample(op, (normal(*x), normal(*y, seed=1)), settings, has_smooth_formula=formula)


SAMPLES = [
    pair("matmul", (2, 3), (3, 4)),
    pair("matmul", (2, 1), (1, 4)),
    pair("linear", (2, 3), (4, 3)),
    pair("linear", (3,), (4, 3), formula=False),
    pair("linear", (2, 5, 3), (4, 3), formula=False),
    pair("matmul", (3,), (3,), formula=False),
    pair("matmul", (3,), (3, 2), formula=False),
    pair("matmul", (2, 3), (3,), formula=False),
    pair("matmul", (3,), (2, 3, 2), formula=False),
    pair("matmul", (2, 2, 3), (3,), formula=False),
    pair("matmul", (2, 2, 3), (3, 2)),
    pair("matmul", (2, 3), (2, 3, 2)),
    pair("matmul", (2, 2, 3), (2, 3, 2)),
    pair("matmul", (2, 1, 2, 3), (3, 3, 1)),
    pair("matmul", (1, 2, 2), (3, 2, 1)),
    pair("matmul", (2, 0), (0, 3)),
    pair("matmul", (0, 2), (2, 3)),
    pair("matmul", (2, 2, 0), (0, 3)),
    pair("matmul", (0,), (0,), formula=False),
    pair("dot", (2, 3), (3, 2)),
    pair("dot", (3,), (3,), formula=False),
    pair("dot", (2, 2, 3), (2, 3, 2), formula=False),
    pair("dot", (2, 3), (3,), formula=False),
    pair("dot", (3,), (2, 3, 2), formula=False),
    pair("dot", (), (2, 3), formula=False),
    pair("dot", (2,), (), formula=False),
    pair("outer", (2,), (3,)),
    pair("outer", (2, 2), (1, 3)),
    pair("outer", (), (3,)),
    pair("tensordot", (2, 3), (3, 4), axes=1),
    pair("tensordot", (2, 2, 3), (2, 3, 2), formula=False),
    pair("tensordot", (2, 3), (2, 3), formula=False),
    pair("tensordot", (2, 3), (2,), axes=0, formula=False),
    pair("tensordot", (2, 3, 4), (4, 2, 2), axes=((0, 2), (2, 0)), formula=False),
    pair("tensordot", (2, 3, 1), (3, 2, 2), axes=((1, 0), (-3, -1)), formula=False),
    pair("tensordot", (2, 3), (2, 3), axes=(1, 1), formula=False),
    pair("kron", (2,), (3,)),
    pair("kron", (2, 2), (2, 3), formula=False),
    pair("kron", (2, 1), (3,), formula=False),
    pair("kron", (2,), (1, 2, 2), formula=False),
    pair("kron", (), (), formula=False),
]
