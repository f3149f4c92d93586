"""Which boxes of two graphs are the same one."""

from __future__ import annotations

from tests.viz.graphs import square_plus_self
from viz.alignment import CANDIDATES, MERGED, Network, _common, align
from viz.boxes import Box, View, Wire
from viz.view import view_of


def test_branches_are_passed_over() -> None:
    network = Network(view_of([square_plus_self()]))
    assert [box.kind for box in network.boxes] == ["input", "operation", "operation", "output"]
    assert [*network.operands(1)] == [(0, 0), (0, 0)] and [*network.operands(2)] == [(1, 0), (0, 0)]
    assert network.branched == {(0, 0)} and network.name(0) == "x"


def test_a_network_and_itself_pair_box_by_box() -> None:
    network = Network(view_of([square_plus_self()]))
    assert align(network, network) == [(n, n) for n in range(4)]


def test_results_have_slots_and_merged_wires_have_none() -> None:
    boxes = (
        Box("n0", "operation", "split", "split", results=("a", "b")),
        Box("n1", "hidden", "… 9 more"), Box("n2", "output", "a"), Box("n3", "output", "b"),
    )  # fmt: skip
    wires = (
        Wire("e0", "n0", "n1", "b", True, None), Wire("e1", "n0", "n2", "a", True, None),
        Wire("e2", "n1", "n3", "2 values", False, None, count=2),
    )  # fmt: skip
    network = Network(View(boxes, wires))
    assert [use.slot for uses in network.inputs for use in uses] == [1, 0, MERGED]


def test_a_common_sequence_is_the_longest_one() -> None:
    one, other = ([(i, c) for i, c in enumerate(text)] for text in ("caaab", "aaacb"))
    assert _common(one, other) == [(1, 0), (2, 1), (3, 2), (4, 4)]
    assert _common(one, []) == []


def test_of_many_equal_things_the_kth_goes_with_the_kth() -> None:
    many = [(i, "a") for i in range(CANDIDATES // 100)]
    assert _common(many, many) == [(i, i) for i in range(len(many))]
