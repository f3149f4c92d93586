"""Laws of our own layout, for any graph in any regions."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.viz.layout.laws import check, plans
from viz.layout.layered import layered
from viz.layout.plan import Plan


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_nothing_overlaps_and_every_curve_finds_its_way(plan: Plan) -> None:
    check(plan, layered(plan))


@settings(max_examples=20, deadline=None)
@given(plans())
def test_the_same_plan_gives_the_same_placement(plan: Plan) -> None:
    assert layered(plan) == layered(plan)
