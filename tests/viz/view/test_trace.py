"""From nodes to the ids of a view."""

from __future__ import annotations

from autograd.graph import ancestors, constant
from tests.viz.graphs import chain, lecture, square_plus_self
from viz.view import Selection, Trace, view_of


def test_each_edge_has_the_wire_that_runs_from_its_input_to_its_operation() -> None:
    y, trace = lecture(), Trace()
    view = view_of([y], trace=trace)
    wires = {wire.id: wire for wire in view.wires}
    operations = [node for node in ancestors([constant(y)]) if node.op is not None]
    assert len(operations) == 4
    for node in operations:
        for i, value in enumerate(node.parents):
            wire = wires[trace.into(node, i) or ""]
            assert wire.target == trace.box(node)
            assert wire.value == trace.values[value]
    assert wires[trace.into_output(constant(y)) or ""].name == "최종 금액"


def test_a_value_with_several_uses_has_a_trunk_and_a_wire_for_each() -> None:
    y, trace = square_plus_self(), Trace()
    view = view_of([y], trace=trace)
    total = constant(y)
    square, x = total.parents
    branches = {box.id for box in view.boxes if box.kind == "branch"}
    targets = {wire.id: wire.target for wire in view.wires}
    assert targets[trace.trunk(x) or ""] in branches and trace.trunk(square) is None
    ways = [trace.into(square, 0), trace.into(square, 1), trace.into(total, 1)]
    assert len({*ways, trace.trunk(x)}) == 4
    assert sorted(map(str, trace.out_of()[x])) == sorted(map(str, [*ways, trace.trunk(x)]))


def test_what_is_hidden_has_the_box_that_hides_it_and_no_wires_inside() -> None:
    y, trace = chain(50), Trace()
    view = view_of([y], select=Selection(max_nodes=10), trace=trace)
    (hidden,) = [box.id for box in view.boxes if box.kind == "hidden"]
    nodes = [node for node in ancestors([constant(y)]) if node.op is not None]
    inside = [node for node in nodes if trace.is_hidden(node)]
    assert inside and all(trace.is_folded(node) and trace.box(node) == hidden for node in inside)
    assert trace.into(inside[1], 0) is None and trace.into(inside[1], 1) is not None
    assert not trace.is_hidden(nodes[-1]) and not trace.is_folded(nodes[-1])
