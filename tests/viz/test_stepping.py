"""Walking through backprop by methods: the lines, the moves with names, and what stays as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd import GraphError, Tensor, checkpoint, ops, scope
from tests.autograd.registry import DIFFERENTIABLE, outputs_of, run, tensors
from tests.samples import Sample
from tests.viz.graphs import chain, leaf, lecture, matrix, square_plus_self, two_layers
from viz.stepping import Stepper, step

LECTURE = """\
[0/8] seed   ∂최종 금액/∂최종 금액 = 1
[1/8] ×  → input 0 (650)      1 × 1.1 = 1.1     ∂z/∂x = y = 소비세
[2/8] ×  → input 1 (소비세)   1 × 650 = 650     ∂z/∂y = x = 650            소비세.grad: – → 650
[3/8] +  → input 0 (200)      1.1 × 1 = 1.1     ∂z/∂x = 1
[4/8] +  → input 1 (450)      1.1 × 1 = 1.1     ∂z/∂y = 1
[5/8] ×  → input 0 (귤 가격)  1.1 × 3 = 3.3     ∂z/∂x = y = 귤 개수        귤 가격.grad: – → 3.3
[6/8] ×  → input 1 (귤 개수)  1.1 × 150 = 165   ∂z/∂y = x = 귤 가격        귤 개수.grad: – → 165
[7/8] ×  → input 0 (사과 가격)  1.1 × 2 = 2.2     ∂z/∂x = y = 사과 개수      사과 가격.grad: – → 2.2
[8/8] ×  → input 1 (사과 개수)  1.1 × 100 = 110   ∂z/∂y = x = 사과 가격      사과 개수.grad: – → 110
"""


def lines(stepper: Stepper) -> list[str]:
    return [stepper.line(event) for event in stepper.events]


def test_the_lectures_graph_is_told_line_by_line() -> None:
    assert lines(step(lecture())) == LECTURE.splitlines()


def test_a_branch_shows_the_sum_as_it_grows() -> None:
    last = [line.rpartition("     ")[2].strip() for line in lines(step(square_plus_self()))]
    assert last[2:] == ["x.grad: – → 1", "x.grad: 1 → 4", "x.grad: 4 → 7"]


def test_forward_operations_come_first_on_the_same_time_line() -> None:
    stepper = step(square_plus_self(), forward=True)
    assert stepper.index == 0
    assert lines(stepper)[:3] == [
        "[0/6] ×  forward              3 × 3 = 9         x, x",
        "[1/6] +  forward              9 + 3 = 12        9, x",
        "[2/6] seed   ∂y/∂y = 1",
    ]
    assert len(step(lecture(), forward=True).events) == 13


def test_matrices_are_told_by_their_rule_with_shapes() -> None:
    x, w, b = Tensor(np.ones((32, 784)), name="x"), matrix(784, 50, "W"), matrix(1, 50, "b")
    told = "\n".join(lines(step((x @ w + b).sum())))
    assert "dW (784, 50) = xᵀ (784, 32) @ G (32, 50)     W.grad: – → norm " in told
    assert "db (1, 50) = sum of G (32, 50) over axis 0     b.grad: – → norm 226.3" in told


def test_small_matrices_are_shown_with_their_numbers() -> None:
    x = Tensor([[1.0, 2.0]], requires_grad=True, name="x")
    assert lines(step((x * 3.0).sum()))[-1].endswith(
        "dx (1, 2) = G (1, 2) · 3      x.grad: – → [[3 3]]"
    )


def test_a_local_derivative_is_the_rule_at_this_point() -> None:
    x = leaf(2.0, "x")
    y = ops.exp(-x)
    assert "1 × 0.1353 = 0.1353  ∂z/∂x = z = y" in lines(step(y))[1]
    assert "0.1353 × (-1) = -0.1353" in lines(step(y))[2]


def test_operations_with_several_outputs_and_checkpoints_are_told() -> None:
    x = matrix(2, 4, "x")
    one, other = ops.split(x, 2, axis=1)
    assert "dx (2, 4) = concatenate(G, axis=1)" in lines(step((one * other).sum()))[-1]
    y = checkpoint(lambda a: (a * a).sum(), x)
    assert "→ input 0 (x)" in lines(step(y))[-1]


def test_variables_and_parameter_paths_are_names() -> None:
    weight = Tensor(2.0, requires_grad=True)
    hidden = Tensor(3.0, requires_grad=True)
    loss = weight * hidden
    told = lines(step(loss, params={"fc.weight": weight}))
    assert told[0] == "[0/2] seed   ∂loss/∂loss = 1"
    assert "(fc.weight)" in told[1] and "y = hidden" in told[1]


def test_values_without_a_name_go_by_their_number_or_a_count() -> None:
    stepper = step((matrix(2, 2, "w") * 2.0).sum() * 3.0)
    told = lines(stepper)
    assert "(v1)" in told[2] and "seed   ∂output/∂output" in told[0]
    assert stepper.until("v1").index == 2


def test_moves_know_names_tensors_and_operations() -> None:
    y = lecture()
    stepper = step(y)
    assert stepper.until("사과 가격").index == 7
    stepper.goto(0)
    assert stepper.until("+").index == 3
    stepper.goto(0)
    assert [stepper.until("×").index for _ in range(3)] == [1, 5, 7]
    stepper.goto(0)
    assert stepper.until("650").index == 1
    stepper.goto(0)
    assert stepper.next(2).index == 4
    assert stepper.back(2).index == 0
    assert repr(stepper) == LECTURE.splitlines()[0]


def test_tensors_are_found_whatever_they_are_called() -> None:
    x, w = leaf(2.0), leaf(3.0)
    stepper = step(x * w)
    assert stepper.until(w).index == 2
    with pytest.raises(ValueError, match="this tensor is no value of this graph"):
        stepper.until(leaf(1.0))


def test_what_cannot_be_reached_is_said_with_the_way_back() -> None:
    stepper = step(lecture())
    stepper.goto(8)
    with pytest.raises(ValueError, match=r"is complete since \[7\]\. goto 7 shows it"):
        stepper.until("사과 가격")
    with pytest.raises(ValueError, match="no operation mul is ahead of \\[8\\]"):
        stepper.until("mul")
    with pytest.raises(ValueError, match=r"'pear' is no value of this graph\. It has 사과 가격,"):
        stepper.until("pear")
    data = Tensor(2.0, name="data")
    with pytest.raises(ValueError, match="no gradient goes to data: it is not tracked"):
        step(leaf(1.0) * data).until("data")


def test_where_tells_operation_module_line_and_what_waits() -> None:
    stepper = step(two_layers().sum())
    stepper.until("tanh")
    rows = str(stepper.where()).splitlines()
    assert rows[0] == "operation  tanh: v2 → v3"
    assert rows[1] == "module     net.act"
    assert rows[2].startswith("line       graphs.py:") and rows[2].endswith("h = ops.tanh(h)")
    assert rows[3].startswith("waits      v2 ([[")
    assert repr(stepper.where()) == str(stepper.where())


def test_leaving_a_module_goes_to_the_first_edge_outside() -> None:
    x = leaf(2.0, "x")
    with scope("inner"):
        h = ops.tanh(ops.exp(x * x))
    stepper = step(h * 2.0)
    stepper.until("tanh")
    assert stepper.leave().index == len(stepper.events) - 1


def test_the_picture_shows_only_what_has_come() -> None:
    stepper = step(lecture())
    stepper.goto(2)
    text = stepper.draw().to_text("utf-8")
    assert [line.split("←─ ")[1].split()[0] for line in text.splitlines()] == [
        *["–"] * 6, "1.1", "650", "1",
    ]  # fmt: skip
    stepper.goto(8)
    text = stepper.draw().to_text("utf-8")
    assert [line.split("←─ ")[1].split()[0] for line in text.splitlines()] == [
        "2.2", "110", "3.3", "165", "1.1", "1.1", "1.1", "650", "1",
    ]  # fmt: skip


def test_nothing_of_the_users_changes_by_stepping() -> None:
    y = square_plus_self()
    x = next(node for node in autograd.graph.ancestors([y.node]) if node.name == "x").tensor
    kept = [node.kept for node in autograd.graph.ancestors([y.node])]
    for _ in range(2):
        stepper = step(y)
        stepper.goto(4)
        stepper.draw(), stepper.where(), repr(stepper), stepper.explain("x")
    assert x() is None or x().grad is None
    assert [node.kept for node in autograd.graph.ancestors([y.node])] == kept
    assert autograd.is_grad_enabled()


def test_after_backward_a_small_graph_steps_and_a_large_one_says_what_to_do() -> None:
    y = lecture()
    y.backward()
    assert lines(step(y)) == LECTURE.splitlines()
    w = matrix(20, 20, "w")
    z = (w @ w).sum()
    z.backward()
    with pytest.raises(GraphError, match="retain_graph=True"):
        step(z)


def test_a_backward_while_stepping_leaves_the_numbers_there() -> None:
    a, b = matrix(1, 100, "a"), matrix(100, 1, "b")
    y = (a @ b).reshape(())
    stepper = step(y)
    before = lines(stepper)
    y.backward()
    assert lines(stepper) == before


def test_only_tracked_tensors_can_be_stepped_through() -> None:
    with pytest.raises(TypeError, match="step\\(\\) takes a Tensor, not float"):
        step(2.0)
    with pytest.raises(GraphError, match="does not require grad"):
        step(Tensor(2.0))
    with pytest.raises(GraphError, match="gradient"):
        step(matrix(2, 2) * 2.0)
    assert "(2, 2) [[1 1] [1 1]]" in lines(step(matrix(2, 2) * 2.0, np.ones((2, 2))))[0]


def test_explain_takes_names_elements_and_the_present_value() -> None:
    stepper = step(lecture())
    stepper.until("사과 가격")
    assert str(stepper.explain()).startswith("∂최종 금액/∂사과 가격 = 2.2")
    assert str(stepper.explain("소비세")).startswith("∂최종 금액/∂소비세 = 650")
    w = matrix(2, 2, "W")
    assert "W[0, 1] = 1" in str(step(w.sum()).explain("W[0, 1]"))


def test_the_page_is_saved_at_the_present_step(tmp_path: Path) -> None:
    stepper = step(lecture())
    stepper.goto(2)
    path = stepper.save(tmp_path / "apple.html")
    assert 'data-step="7"' in path.read_text("utf-8")
    assert "iframe" in str(stepper._repr_html_())
    with pytest.raises(ValueError, match=r"does not end in \.html"):
        stepper.save(tmp_path / "apple.svg")


@pytest.mark.parametrize("name", ["</script>", "a\nb", "\x1b[31mred", "x" * 10_000])
def test_hostile_names_stay_one_line_of_text(name: str) -> None:
    stepper = step(leaf(2.0, name) * leaf(3.0, "y"))
    for line in lines(stepper):
        assert line.isprintable() and len(line) < 300
    assert stepper.until(name).index == 1


def test_a_long_chain_is_walked_without_recursion() -> None:
    stepper = step(chain(5_000))
    assert stepper.until("first").index == len(stepper.events) - 2
    assert repr(stepper).endswith("first.grad: – → 1")


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_every_operation_of_the_registry_is_told(sample: Sample) -> None:
    outputs = outputs_of(run(sample, tensors(sample)))
    total = sum((y.sum() for y in outputs[1:]), outputs[0].sum())
    stepper = step(total, forward=True)
    for event in stepper.events:
        stepper.goto(event.index)
        assert stepper.line().startswith(f"[{event.index}/{len(stepper.events) - 1}] ")
        assert stepper.line().isprintable()
        assert stepper.where()
    assert stepper.draw().view.boxes
