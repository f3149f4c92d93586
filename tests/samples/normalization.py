"""Samples of the normalisations; their formulas for x are those with a weight, and batch_norm's for
(N, C)."""

from tests.samples import Sample, normal

SAMPLES = [
    Sample("layer_norm", (normal(3, 4), normal(4, seed=1), normal(4, seed=2))),
    Sample(
        "layer_norm",
        (normal(2, 3, 2), normal(3, 2, seed=1), normal(3, 2, seed=2)),
        {"axis": (-2, -1), "eps": 0.1},
    ),
    Sample("layer_norm", (normal(2, 2, 3), normal(3, seed=1), None), {"axis": 2}),
    Sample("layer_norm", (normal(2, 3), None, normal(3, seed=2)), has_smooth_formula=False),
    Sample("layer_norm", (normal(5), None, None), has_smooth_formula=False),
    Sample("layer_norm", (normal(0, 3), normal(3, seed=1), normal(3, seed=2))),
    Sample("rms_norm", (normal(3, 4), normal(4, seed=1))),
    Sample("rms_norm", (normal(2, 3, 2), normal(3, 2, seed=1)), {"axis": (-2, -1), "eps": 0.1}),
    Sample("rms_norm", (normal(4), None), has_smooth_formula=False),
    Sample("batch_norm", (normal(4, 3), normal(3, seed=1), normal(3, seed=2))),
    Sample(
        "batch_norm",
        (normal(3, 2, 2), normal(2, seed=1), normal(2, seed=2)),
        {"eps": 0.1},
        has_smooth_formula=False,
    ),
    Sample("batch_norm", (normal(2, 2, 2, 1), None, None), has_smooth_formula=False),
    Sample("batch_norm", (normal(3, 2), normal(2, seed=1), None)),
]
