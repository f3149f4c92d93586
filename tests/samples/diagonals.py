"""Samples of triangles and diagonals."""

from tests.samples import Sample, normal

SAMPLES = [
    *(
        Sample(name, (normal(*shape),), {"k": k})
        for name in ("tril", "triu")
        for shape, k in [((3, 3), 0), ((2, 3, 4), -1), ((4, 2), 1)]
    ),
    Sample("diagonal", (normal(3, 3),)),
    Sample("diagonal", (normal(3, 4),), {"offset": 1}),
    Sample("diagonal", (normal(3, 2),), {"offset": -2}),
    Sample("diagonal", (normal(2, 2),), {"offset": 5}),
    Sample("diagonal", (normal(2, 3, 2),), {"axis1": -1, "axis2": 0, "offset": -1}),
    Sample("scatter_diagonal", (normal(3),), {"shape": (3, 4)}),
    Sample(
        "scatter_diagonal",
        (normal(3, 1),),
        {"shape": (2, 3, 2), "axis1": 2, "axis2": 0, "offset": 1},
    ),
    Sample(
        "scatter_diagonal", (normal(1),), {"shape": (3, 3)}, "broadcast", has_smooth_formula=False
    ),
    Sample("trace", (normal(3, 3),)),
    Sample("trace", (normal(3, 4),), {"offset": 2}),
    Sample("trace", (normal(2, 3, 2),), {"axis1": 1, "axis2": -1, "offset": -1}),
]
