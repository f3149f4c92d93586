"""Samples of products and running sums; factors of 0 are in test_cumulative.py."""

from tests.samples import Sample, distinct, normal

SAMPLES = [
    *[
        Sample(name, (distinct(2, 3),), {"axis": axis})
        for name in ("cumsum", "cumprod")
        for axis in (None, 0, -1)
    ],
    *[Sample(name, (normal(),), {}) for name in ("cumsum", "cumprod", "prod")],
    *[Sample(name, (normal(1),), {"axis": 0}) for name in ("cumsum", "cumprod", "prod")],
    Sample("cumprod", (normal(5) + 2,), {"axis": 0}),
    Sample("prod", (distinct(2, 3),)),
    Sample("prod", (distinct(2, 3, 2),), {"axis": (0, -1)}),
    Sample("prod", (distinct(2, 3, 2),), {"axis": (2, 0), "keepdims": True}),
    Sample("prod", (distinct(2, 3),), {"axis": 0}),
]
