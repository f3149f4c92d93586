"""Equal modules in a row become one: stacks of blocks, and cells at every step."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Tensor, ops, scope
from tests.viz.graphs import gated, leaf, matrix, recurrent, stack, transformer
from viz.boxes import Box, View
from viz.view import Selection, view_of
from viz.view.repetition import generic


def rolled(y: Tensor, **options: object) -> View:
    return view_of([y], select=Selection(roll=True, **options))


def modules(view: View) -> list[str]:
    return [box.label for box in view.boxes if box.kind == "module"]


def cell(view: View) -> Box:
    return next(box for box in view.boxes if box.kind == "module")


def test_blocks_with_weights_of_their_own_are_one_box_with_a_count() -> None:
    view = rolled(stack(12))
    assert modules(view) == ["block ×12"]
    assert cell(view).details == ("Linear 3 → 3",) and cell(view).parameters == 108
    assert not any(wire.is_loop for wire in view.wires)


def test_a_cell_that_shares_its_weights_is_one_box_with_its_steps_and_a_loop() -> None:
    view = rolled(recurrent(3))
    assert modules(view) == ["cell ×3"]
    assert cell(view).details == ("RNN 2 → 3", "t = 1 … 3") and cell(view).parameters == 15
    loop = next(wire for wire in view.wires if wire.is_loop)
    assert (loop.source, loop.target, loop.name) == (cell(view).id, cell(view).id, "h")
    assert loop.value is None and loop.gradient is None


def test_the_inputs_of_the_steps_share_a_box_and_a_wire() -> None:
    view = rolled(recurrent(3))
    assert [box.label for box in view.boxes if box.kind == "input"] == ["x1 … x3", "h0"]
    wire = view.wires[0]
    assert (wire.name, wire.count, wire.value) == ("x1 … x3", 3, None)


def test_two_values_are_carried_and_an_input_may_be_used_twice() -> None:
    view = rolled(gated(4))
    assert modules(view) == ["lstm ×4"]
    assert [box.label for box in view.boxes if box.kind == "input"] == ["x1 … x4", "h0", "c0"]
    assert next(wire.name for wire in view.wires if wire.is_loop) == "h, c"


def test_the_gradient_of_shared_weights_is_that_over_all_steps() -> None:
    full = view_of([recurrent(3)])
    norms = [wire.gradient.norm for wire in full.wires if wire.parts and wire.name[0] == "W"]
    assert cell(rolled(recurrent(3))).gradient.norm == pytest.approx(np.hypot(*norms))


def test_a_leaf_that_stands_at_several_places_is_in_one_column_only() -> None:
    h, w = Tensor(1.0, name="h0"), leaf(2.0, "w")
    pairs = [(Tensor(float(i), name=f"a{i}"), Tensor(-1.0, name=f"b{i}")) for i in (1, 2)]
    for i, (a, b) in enumerate(pairs):
        first, second = (a, b) if i == 0 else (b, a)
        with scope("cell"):
            h = h * w + first * w + second * w + a
    labels = [box.label for box in rolled(h).boxes if box.kind == "input"]
    assert labels == ["h0", "a1 … b2", "b1 … a2"]


def test_another_block_between_breaks_the_row() -> None:
    h = Tensor(np.ones((1, 3)), name="x")
    for i in range(5):
        with scope(f"block{i}"):
            h = h @ matrix(3, 3)
            h = h * h if i == 2 else h
    assert modules(rolled(h.sum(), depth=0)) == ["block ×2", "block2", "block ×2"]


@pytest.mark.parametrize("other", ["name", "detail", "shape", "operation", "tied"])
def test_modules_that_differ_are_not_taken_for_equal(other: str) -> None:
    h, w = Tensor(np.ones((1, 3)), name="x"), matrix(3, 3)
    for i in range(2):
        is_other = i == 1
        name = "other" if is_other and other == "name" else f"block{i}"
        with scope(name, "Other" if is_other and other == "detail" else "Block"):
            h = h @ matrix(3, 2 if is_other and other == "shape" else 3)
            if other == "tied":
                w = matrix(3, 3)
                h = h @ w @ (w if is_other else matrix(3, 3))
            h = ops.sin(h) if is_other and other == "operation" else ops.tanh(h)
    assert len(modules(rolled(h.sum(), depth=0))) == 2


def test_equal_modules_side_by_side_are_no_row() -> None:
    x = Tensor(np.ones((1, 3)), name="x")
    heads = []
    for i in range(3):
        with scope(f"head{i}"):
            heads.append(ops.tanh(x @ matrix(3, 3)))
    assert len(modules(rolled((heads[0] + heads[1] + heads[2]).sum(), depth=0))) == 3


def test_a_name_of_digits_only_gives_way_to_what_the_module_is() -> None:
    def numbered(detail: str) -> Tensor:
        h = leaf(1.0)
        for i in range(4):
            with scope(str(i), detail):
                h = h * leaf(2.0)
        return h

    assert modules(rolled(numbered("Block"))) == ["Block ×4"]
    assert modules(rolled(numbered(""))) == ["step ×4"]


def test_rows_inside_a_module_are_found_and_framed() -> None:
    view = rolled(transformer(12))
    assert modules(view) == ["blocks ×12"]
    assert [cluster.name for cluster in view.clusters] == ["net", "embedding"]
    assert cell(view).parameters == 12 * 840
    assert modules(rolled(transformer(12), depth=0)) == ["net"]
    assert modules(rolled(transformer(12), depth=1)) == ["embedding", "blocks ×12"]


def test_a_row_between_whose_steps_something_is_computed_stays_open() -> None:
    h = leaf(1.0, "x")
    for i in range(2):
        with scope(f"block{i}"):
            y = h * leaf(2.0) + h
        between, h = y * 3.0, y
    with scope("block2"):
        y = h * leaf(2.0) + between
    h = y
    for i in range(3):
        with scope(f"other{i}"):
            h = h * leaf(5.0)
    view = rolled(h)
    assert modules(view) == ["other ×3"]
    assert all(int(w.source[1:]) < int(w.target[1:]) for w in view.wires)


def skipping() -> Tensor:
    """Two equal cells; what the second takes from the first goes around outside as well."""
    h, w = leaf(1.0, "h0"), leaf(2.0, "w")
    xs = [Tensor(float(i), name=f"x{i}") for i in (1, 2)]
    skip = Tensor(1.0, name="skip")
    for x in xs:
        with scope("cell"):
            inner = h * w
            with scope("a"):
                inner = inner * w
            with scope("b"):
                h = inner * x + skip
        skip = h * 3.0
    return h


def test_a_circle_takes_out_the_row_with_its_inputs_and_depth_folds_its_modules_alone() -> None:
    kinds = [box.label for box in rolled(skipping()).boxes if box.kind == "input"]
    assert "x1" in kinds and "x2" in kinds
    assert modules(rolled(skipping(), depth=0)) == ["cell", "cell"]


def test_without_parameters_the_same_step_again_is_a_loop() -> None:
    h = Tensor(3.0, requires_grad=True, name="x")
    for i in range(5):
        with scope("square"):
            h = h * h
        h.name = f"h{i + 1}"
    view = rolled(h * 2.0)
    assert modules(view) == ["square ×5"] and cell(view).details == ()
    assert [wire.name for wire in view.wires if wire.is_loop] == ["h"]


def test_a_leaf_that_is_asked_for_stays_outside_its_row() -> None:
    w = leaf(2.0, "w")
    h = Tensor(1.0, name="h0")
    for _ in range(3):
        with scope("cell"):
            h = h * w
    view = view_of([h, w], select=Selection(roll=True))
    assert [box.label for box in view.boxes if box.kind == "input"] == ["h0", "w"]


def test_of_a_model_only_its_own_parameters_go_into_a_row() -> None:
    w, scale = leaf(2.0, "w"), leaf(3.0, "scale")
    h = Tensor(1.0, name="h0")
    for _ in range(3):
        with scope("cell"):
            h = h * w * scale
    view = view_of([h], params={"w": w}, select=Selection(roll=True))
    assert [box.label for box in view.boxes if box.kind == "input"] == ["h0", "scale"]
    assert cell(view).parameters == 1


def test_values_of_a_row_that_go_to_several_places_leave_it_together() -> None:
    h, w, total = Tensor(1.0, name="h0"), leaf(2.0, "w"), leaf(0.0, "sum")
    outs = []
    for _ in range(3):
        with scope("cell"):
            h = h * w
        outs.append(h)
    total = outs[0] * outs[1] + outs[2] * outs[2]
    view = rolled(total)
    counts = [wire.count for wire in view.wires if wire.source == cell(view).id]
    assert counts == [1, 2, 1, 1]  # the loop, both factors of one product, one value twice


def test_a_tracked_input_stands_before_its_stack_and_belongs_to_no_block() -> None:
    for depth in (None, 0):
        h = Tensor(np.ones((1, 3)), requires_grad=True, name="x")
        for i in range(4):
            with scope(f"block{i}"):
                h = ops.tanh(h @ matrix(3, 3))
        view = view_of([h.sum()], select=Selection(depth=depth, roll=True))
        assert [box.label for box in view.boxes[:2]] == ["x", "block ×4"]
        assert view.boxes[1].parameters == 36 and view.wires[0].gradient is not None


@pytest.mark.parametrize(
    ("name", "kind"), [("block.12", "block"), ("h₃", "h"), ("7", ""), ("a1b", "a1b"), ("b_2", "b")]
)
def test_a_generic_name_lacks_the_number_at_its_end(name: str, kind: str) -> None:
    assert generic(name) == kind


def in_turn(pattern: str, *, named: bool = False) -> Tensor:
    """A row of modules: L has a weight, T and S have none; a blank is an operation between."""
    h: Tensor = Tensor(np.ones((1, 3)), name="x")
    kinds = {"L": "Linear 3 → 3", "T": "Tanh", "S": "Sin"}
    for i, kind in enumerate(pattern):
        if kind == " ":
            h = h * 2.0
            continue
        name = f"{kind.lower()}{i}" if named else str(i)
        with scope(name, kinds[kind]):
            h = h @ matrix(3, 3) if kind == "L" else ops.tanh(h) if kind == "T" else ops.sin(h)
    return h.sum()


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("LTLTLT", ["(Linear, Tanh) ×3"]),
        ("LTLTLTS", ["(Linear, Tanh) ×3", "6"]),
        ("LTSLTSS", ["(Linear, Tanh, Sin) ×2", "6"]),
        ("LTLTL", ["(Linear, Tanh) ×2", "4"]),
        ("LLTT", ["Linear 3 → 3 ×2", "Tanh ×2"]),
        ("LTLSLT", ["0", "1", "2", "3", "4", "5"]),
        ("LT LT", ["0", "1", "3", "4"]),
    ],
)
def test_modules_in_turn_are_one_box_with_a_count(pattern: str, expected: list[str]) -> None:
    assert modules(rolled(in_turn(pattern), depth=0)) == expected


def test_modules_in_turn_bear_their_names_details_and_parameters() -> None:
    view = rolled(in_turn("LTLT", named=True))
    assert modules(view) == ["(l, t) ×2"]
    assert cell(view).details == ("Linear 3 → 3, Tanh",)
    assert cell(view).parameters == 18
    assert not view.notes


def test_it_is_said_where_nothing_repeats() -> None:
    assert rolled(in_turn("LTS")).notes[0].startswith("roll=True folded nothing")
    assert not view_of([in_turn("LTS")]).notes
