"""Samples of the operations that move numbers."""

from tests.samples import Sample, normal

SAMPLES = [
    Sample("reshape", (normal(2, 3),), {"shape": (3, -1)}),
    Sample("reshape", (normal(1),), {"shape": ()}),
    Sample("ravel", (normal(2, 3),)),
    Sample("ravel", (normal(),)),
    Sample("squeeze", (normal(1, 3, 1),)),
    Sample("squeeze", (normal(1, 3, 1),), {"axis": -1}),
    Sample("squeeze", (normal(1, 3, 1),), {"axis": (0, 2)}),
    Sample("expand_dims", (normal(2, 3),), {"axis": -2}),
    Sample("expand_dims", (normal(3),), {"axis": (0, -1)}),
    Sample("broadcast_to", (normal(3, 1),), {"shape": (2, 3, 4)}),
    Sample("broadcast_to", (normal(),), {"shape": (2, 3)}),
    Sample("sum_to_shape", (normal(2, 3, 2),), {"shape": (3, 1)}),
    Sample("transpose", (normal(2, 3),)),
    Sample("transpose", (normal(2, 3, 2),), {"axes": (2, 0, 1)}),
    Sample("transpose", (normal(2, 3, 2),), {"axes": (-1, 0, -2)}),
    Sample("swapaxes", (normal(2, 3, 2),), {"axis1": 0, "axis2": -2}),
    Sample("moveaxis", (normal(2, 3, 2),), {"source": 0, "destination": -1}),
    Sample("moveaxis", (normal(2, 3, 2),), {"source": (0, 1), "destination": (2, 0)}),
    Sample("astype", (normal(2, 3),), {"dtype": "float64"}),
    Sample("as_whole", (normal(2, 3),), {"dtype": "int64"}),
    Sample("copy", (normal(2, 3),)),
    Sample("to_device", (normal(2, 3),), {"device": "cpu", "source": "cpu"}),
]
