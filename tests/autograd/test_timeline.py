"""The time line: every contribution of the reverse pass, in its order, and to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import (
    DTypeError,
    GraphError,
    ShapeError,
    Tensor,
    checkpoint,
    grad,
    keep_values,
    no_grad,
    op,
    ops,
)
from autograd.graph import Node, ancestors, constant
from autograd.timeline import Timeline
from tests.autograd.following import (
    Recipe,
    bits,
    check_edges,
    check_gradients,
    gradient_of,
    graph_of,
    leaf,
    random_gradient,
    recipes,
)
from tests.autograd.registry import DIFFERENTIABLE, outputs_of, run, tensors, upstream
from tests.samples import Sample


def lecture() -> tuple[Tensor, list[Tensor]]:
    """Two apples and three tangerines with tax, and its leaves."""
    apple, apples = leaf(100.0, "apple"), leaf(2.0, "apples")
    tangerine, tangerines, tax = leaf(150.0, "tangerine"), leaf(3.0, "tangerines"), leaf(1.1, "tax")
    total = (apple * apples + tangerine * tangerines) * tax
    return total, [apple, apples, tangerine, tangerines, tax]


# Order


def test_the_lecture_s_graph_has_eight_edges_with_the_lecture_s_numbers() -> None:
    total, _ = lecture()
    timeline = Timeline(total)
    found = []
    for event in timeline.events:
        numbers = timeline.numbers(event.index)
        name = event.target.name or event.target.op.symbol
        found.append((event.node.op.symbol, event.position, name, round(float(numbers.after), 12)))
    assert found == [
        ("×", 0, "×", 1.0),
        ("×", 0, "+", 1.1),
        ("×", 1, "tax", 650.0),
        ("+", 0, "×", 1.1),
        ("+", 1, "×", 1.1),
        ("×", 0, "tangerine", 3.3),
        ("×", 1, "tangerines", 165.0),
        ("×", 0, "apple", 2.2),
        ("×", 1, "apples", 110.0),
    ]


def test_with_the_forward_pass_the_lecture_s_graph_has_thirteen_events() -> None:
    total, _ = lecture()
    timeline = Timeline(total, forward=True)
    kinds = [event.kind for event in timeline.events]
    assert kinds == ["forward"] * 4 + ["seed"] + ["edge"] * 8
    assert (len(timeline), timeline.first) == (13, 4)
    assert [e.node.op.symbol for e in timeline.events[:4]] == ["×", "×", "+", "×"]
    assert [e.index for e in timeline.events] == list(range(13))


def test_a_value_used_three_times_receives_three_contributions() -> None:
    x = leaf(3.0)
    timeline = Timeline(x * x + x)
    assert timeline.arrivals(x.node) == [2, 3, 4]
    rows = [(timeline.events[i], timeline.numbers(i)) for i in timeline.arrivals(x.node)]
    assert [float(n.contribution) for _, n in rows] == [1.0, 3.0, 3.0]
    assert [float(n.after) for _, n in rows] == [1.0, 4.0, 7.0]
    assert [e.is_first for e, _ in rows] == [True, False, False]
    assert [e.is_last for e, _ in rows] == [False, False, True]


@given(recipes)
@settings(max_examples=150, deadline=None)
def test_edges_of_random_graphs_add_up_to_the_gradients_of_backward(recipe: Recipe) -> None:
    y, leaves = graph_of(recipe)
    gradient = random_gradient(y)
    timeline = Timeline(y, gradient)
    check_edges(timeline)
    check_gradients(timeline, y, leaves, gradient)


@given(recipes)
@settings(max_examples=60, deadline=None)
def test_operations_of_random_graphs_come_in_descending_order_of_creation(recipe: Recipe) -> None:
    y, _ = graph_of(recipe)
    timeline = Timeline(y, random_gradient(y), forward=True)
    made = [e.node.number for e in timeline.events[: timeline.first]]
    assert made == sorted(set(made))
    edges = timeline.events[timeline.first + 1 :]
    places = [(-e.node.number, e.position) for e in edges]
    assert places == sorted(set(places))
    assert {e.node for e in edges} <= {e.node for e in timeline.events[: timeline.first]}


@given(recipes, st.data())
@settings(max_examples=60, deadline=None)
def test_a_gradient_at_any_time_is_the_sum_of_what_has_arrived(recipe: Recipe, data: Any) -> None:
    y, _ = graph_of(recipe)
    timeline = Timeline(y, random_gradient(y), forward=True)
    node = data.draw(st.sampled_from(ancestors([constant(y)])))
    index = data.draw(st.integers(-1, len(timeline)))
    past = [i for i in timeline.arrivals(node) if i <= index]
    assert all(timeline.events[i].target is node for i in past)
    if not past:
        assert timeline.gradient(node, index) is None
        return
    total = timeline.numbers(past[0]).contribution
    for i in past[1:]:
        total = np.asarray(total + timeline.numbers(i).contribution)
    assert bits(timeline.gradient(node, index)) == bits(total)


def test_hooks_see_gradients_in_the_order_in_which_the_time_line_completes_them() -> None:
    total, leaves = lecture()
    timeline = Timeline(total)
    seen: list[Node] = []
    for x in leaves:
        x.register_hook(lambda g, x=x: seen.append(x.node))
    total.backward()
    # Leaves are visited last, in the descending order of their creation.
    assert seen == [x.node for x in reversed(leaves)]
    assert {n: timeline.complete[n] for n in seen} == dict(
        zip([x.node for x in leaves], [7, 8, 5, 6, 2], strict=True)
    )


# Every operation


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_edges_of_every_operation_add_up_to_the_gradients_of_backward(
    sample: Sample, dtype: str
) -> None:
    values = tensors(sample, dtype)
    leaves = [x for x in values if isinstance(x, Tensor) and x.requires_grad]
    outputs = outputs_of(run(sample, values))
    gradients = upstream(outputs)
    alone = [(outputs[0], gradients[0])]
    if len(outputs) > 1:  # all of them together, then the first with the others unused
        alone.append((sum((y * g).sum() for y, g in zip(outputs, gradients, strict=True)), None))
    for y, g in alone:
        timeline = Timeline(y, g)
        check_edges(timeline)
        for x, theirs in zip(
            leaves, grad(y, leaves, g, retain_graph=True, allow_unused=True), strict=True
        ):
            ours = timeline.gradient(x.node, len(timeline))
            assert (ours is None) == (theirs is None)
            assert theirs is None or bits(ours) == bits(theirs.data)
    check_gradients(timeline, y, leaves, g)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_sum_of_many_uses_is_that_of_backward(dtype: str) -> None:
    rng = np.random.default_rng(0)
    x, w = (
        leaf(rng.standard_normal((4, 3)), dtype=dtype),
        leaf(rng.standard_normal((3, 3)), dtype=dtype),
    )
    h = x
    for _ in range(12):  # a recurrence: backward() adds to w's gradient in place
        h = ops.tanh(h @ w + w[0])
    y = (h * h).sum()
    timeline = Timeline(y)
    assert len(timeline.arrivals(w.node)) == 24
    check_edges(timeline)
    check_gradients(timeline, y, [x, w], None)


STRIDES = {
    "as it is": lambda g: g.copy(),
    "transposed": lambda g: g.T.copy().T,
    "backwards": lambda g: g[::-1],
    "every second": lambda g: np.repeat(g, 2, axis=1)[:, ::2],
    "a repeated row": lambda g: np.broadcast_to(g[0], g.shape),
    "a repeated column": lambda g: np.broadcast_to(g[:, :1], g.shape),
    "a repeated number": lambda g: np.broadcast_to(g[0, 0], g.shape),
}


@pytest.mark.parametrize("arrange", STRIDES.values(), ids=STRIDES)
def test_a_gradient_in_any_order_of_memory_gives_the_bits_of_backward(arrange: Any) -> None:
    rng = np.random.default_rng(1)
    x, b = leaf(rng.standard_normal((100, 200)), dtype="float32"), leaf(0.0, dtype="float32")
    row = leaf(rng.standard_normal(200), dtype="float32")
    y = x * row + b
    gradient = arrange(rng.standard_normal((100, 200)).astype("float32"))
    timeline = Timeline(y, gradient)
    assert bits(timeline.seed) == bits(gradient)
    assert not np.shares_memory(timeline.seed, gradient)
    check_gradients(timeline, y, [x, b, row], gradient)


# Seeds


def test_the_seed_is_an_event_of_its_own() -> None:
    y = leaf([1.0, 2.0]) * 3
    timeline = Timeline(y, [0.5, 0.25])
    event, numbers = timeline.events[0], timeline.numbers(0)
    assert (event.kind, event.node, event.target) == ("seed", y.node, y.node)
    assert event.is_first and event.is_last and numbers.before is None
    assert numbers.upstream is numbers.contribution is numbers.after is timeline.seed
    assert timeline.seed.tolist() == [0.5, 0.25]
    assert timeline.gradient(y.node, 0) is timeline.seed
    assert timeline.arrivals(y.node) == [0] and timeline.complete[y.node] == 0


def test_a_leaf_by_itself_has_only_the_seed() -> None:
    timeline = Timeline(leaf(3.0), forward=True)
    assert [event.kind for event in timeline.events] == ["seed"]
    assert float(timeline.numbers(0).after) == 1.0


def test_a_gradient_that_is_written_over_later_changes_no_number() -> None:
    x, gradient = leaf([1.0, 2.0]), np.array([5.0, 6.0])
    timeline = Timeline(x + 1, gradient)
    gradient[:] = 0
    assert timeline.numbers(1).contribution.tolist() == [5.0, 6.0]


def test_the_numbers_of_a_forward_event_and_of_none_are_refused() -> None:
    timeline = Timeline(lecture()[0], forward=True)
    for index in (-1, 0, 3, 13):
        with pytest.raises(IndexError, match=rf"^event {index} has no gradients; .* 4 to 12\.$"):
            timeline.numbers(index)


def test_a_node_that_no_gradient_reaches_has_none() -> None:
    x, y = leaf(2.0), leaf(3.0)
    constant_ = Tensor(4.0)
    timeline = Timeline(x * constant_)
    for node in (y.node, constant_.node):
        assert timeline.arrivals(node) == []
        assert timeline.gradient(node, len(timeline)) is None
        assert node not in timeline.complete


def test_what_cannot_be_stepped_says_so_as_backward_does() -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises(GraphError, match=r"^step\(\): this tensor does not require grad.*Make a"):
        Timeline(Tensor(1.0))
    with no_grad(), pytest.raises(GraphError, match=r"^step\(\): .*no_grad"):
        Timeline(x * 2)
    with pytest.raises(GraphError, match=r"^step\(\): .*'floor' .*has no gradient"):
        Timeline(ops.floor(x).sum())
    with pytest.raises(GraphError, match=r"^step\(\) needs a gradient .*shape \(2,\)"):
        Timeline(x * 2)
    with pytest.raises(ShapeError, match=r"^step\(\): the gradient is \(3,\) but"):
        Timeline(x * 2, [1.0, 2.0, 3.0])
    with pytest.raises(DTypeError):
        Timeline(x * 2, "ab")


# Graphs of every kind


def test_outputs_of_one_operation_pass_their_gradients_on_together() -> None:
    x = leaf([3.0, 1.0, 2.0])
    first, unused, third = ops.split(x, 3)
    y = (first * 2 + third * first).sum()
    del unused
    timeline = Timeline(y, forward=True)
    check_edges(timeline)
    hub = first.node.parents[0]
    assert [e.node for e in timeline.events if e.kind == "forward"].count(hub) == 1
    (edge,) = [e for e in timeline.events if e.kind == "edge" and e.node is hub]
    upstream_ = timeline.numbers(edge.index).upstream
    assert [part.tolist() for part in upstream_] == [[4.0], [0.0], [3.0]]
    assert timeline.complete[hub] == max(timeline.complete[n] for n in (first.node, third.node))
    assert timeline.gradient(hub, len(timeline)) is None
    check_gradients(timeline, y, [x], None)


def test_one_output_of_several_can_be_the_beginning() -> None:
    x = leaf([3.0, 1.0, 2.0])
    values, _ = ops.topk(x, 2)
    timeline = Timeline(values, [5.0, 7.0])
    assert [e.kind for e in timeline.events] == ["seed", "edge"]
    assert timeline.events[0].node is values.node and timeline.events[1].target is x.node
    assert timeline.complete[values.node.parents[0]] == 0
    check_edges(timeline)
    check_gradients(timeline, values, [x], [5.0, 7.0])


def test_inputs_left_out_or_constant_receive_nothing() -> None:
    image, kernel = leaf(np.ones((1, 1, 3, 3))), Tensor(np.ones((1, 1, 2, 2)))
    y = ops.conv2d(image, kernel).sum()
    timeline = Timeline(y)
    assert y.node.parents[0].parents[2] is None  # no bias
    assert [(e.node.op.name, e.position) for e in timeline.events[1:]] == [
        ("sum", 0),
        ("conv2d", 0),
    ]
    check_edges(timeline)


def test_each_of_many_inputs_receives_its_part() -> None:
    a, b = leaf([1.0, 2.0]), leaf([3.0])
    y = (ops.concatenate([a, b, a]) * np.arange(5.0)).sum()
    timeline = Timeline(y)
    joined = [e for e in timeline.events if e.kind == "edge" and e.node.op.name == "concatenate"]
    assert [(e.position, e.target) for e in joined] == [(0, a.node), (1, b.node), (2, a.node)]
    check_edges(timeline)
    check_gradients(timeline, y, [a, b], None)


def test_a_checkpoint_is_one_operation() -> None:
    w, x = leaf([0.5, 0.25]), leaf([1.0, 2.0])
    y = checkpoint(lambda t: ops.tanh(t * w) * w, x).sum()
    timeline = Timeline(y)
    inner = [e for e in timeline.events if e.kind == "edge" and e.node.op.name == "checkpoint"]
    assert {e.target for e in inner} == {w.node, x.node}
    check_edges(timeline)
    check_gradients(timeline, y, [w, x], None)


def test_the_graph_of_a_gradient_can_be_stepped() -> None:
    logits, x = leaf(np.random.default_rng(2).standard_normal((2, 3))), leaf([1.0, 2.0, 3.0])
    loss = ops.cross_entropy(logits * x, np.array([0, 2])) + (x * x * x).sum()
    (first,) = grad(loss, x, create_graph=True)
    y = (first * first).sum()
    timeline = Timeline(y, forward=True)
    check_edges(timeline)
    check_gradients(timeline, y, [logits, x], None)


@op("±", outputs=("plus", "minus"))
def sums(xp: Any, x: Any, y: Any) -> Any:
    """x + y and x − y."""
    return x + y, x - y


sums.vjp(
    x=("dx = g0 + g1", lambda g: g[0] + g[1]),
    y=("dy = g0 − g1", lambda g: g[0] - g[1]),
)


def test_outputs_used_again_and_again_add_up_before_their_operation_runs() -> None:
    x, y = leaf([1.5, 2.5]), leaf([1.0, 2.0])
    plus, minus = x, y
    for _ in range(5):
        plus, minus = sums(plus * minus, minus + plus)
    with keep_values():
        z = (plus * plus * minus).sum()
    timeline = Timeline(z)
    check_edges(timeline)
    assert gradient_of(z, x).tobytes() == timeline.gradient(x.node, len(timeline)).tobytes()
    check_gradients(timeline, z, [x, y], None)
