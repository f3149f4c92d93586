"""A time line leaves everything of the user's as it is: gradients, modes, arrays, and memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import (
    AnomalyError,
    GraphError,
    Tensor,
    checkpoint,
    detect_anomaly,
    enable_grad,
    grad,
    keep_values,
    no_grad,
    ops,
    rand_like,
    random,
)
from autograd.graph import ancestors, constant
from autograd.mode import local
from autograd.stepper import Stepper
from autograd.timeline import Numbers, Timeline
from autograd.writes import arrays_in
from tests import standin
from tests.autograd.following import all_bits, bits, check_edges, check_gradients, leaf
from tests.autograd.watching import Watch, garbage_collector_off
from tests.autograd.watching import leaf as big_leaf


def layers(size: int = 3) -> tuple[Tensor, list[Tensor]]:
    """A small network with a branch, several outputs, and a weight that is used three times."""
    rng = np.random.default_rng(4)
    x, w = leaf(rng.standard_normal((2, size))), leaf(rng.standard_normal((size, size)))
    h = ops.tanh(x @ w) @ w
    left, right = ops.split(h @ w + h, [1], axis=1)
    return (left.sum() * right).sum(), [x, w]


def everything(timeline: Timeline) -> list[Numbers]:
    """All numbers, one event after the other."""
    return [timeline.numbers(i) for i in range(timeline.first, len(timeline))]


def mode_now() -> dict[str, Any]:
    """The switches of this thread, and NumPy's."""
    return {name: getattr(local.mode, name) for name in local.mode.__slots__} | np.geterr()


def test_no_gradient_array_or_flag_of_the_graph_changes() -> None:
    y, leaves = layers()
    y.retain_grad()
    leaves[0].grad = Tensor(np.ones((2, 3)))
    nodes = ancestors([constant(y)])

    def state() -> list[Any]:
        return [
            (n.spent, n.tracked, n.number, n.shape, n.parents, [bits(a) for a in arrays_in(n.kept)])
            for n in nodes
        ]

    before, ids = state(), [[id(a) for a in arrays_in(n.kept)] for n in nodes]
    for _ in range(2):
        everything(Timeline(y, forward=True))
    assert state() == before
    assert [[id(a) for a in arrays_in(n.kept)] for n in nodes] == ids
    assert [x.grad if x.grad is None else x.grad.tolist() for x in (y, *leaves)] == [
        None,
        np.ones((2, 3)).tolist(),
        None,
    ]


def test_stepping_twice_gives_the_same_numbers_and_backward_still_works() -> None:
    y, leaves = layers()
    first, second = Timeline(y), Timeline(y)
    assert [all_bits(n) for n in everything(first)] == [all_bits(n) for n in everything(second)]
    check_gradients(second, y, leaves, None)
    assert [all_bits(n) for n in everything(first)] == [all_bits(n) for n in everything(second)]


def test_hooks_are_never_run() -> None:
    x = leaf([1.0, 2.0])
    h = x * 3
    plain = Timeline((h * h).sum())

    def shout(g: Tensor) -> Tensor:
        raise AssertionError("a hook was run")

    x.register_hook(shout)
    h.register_hook(shout)
    timeline = Timeline((h * h).sum())
    assert len(timeline) == len(plain)
    assert timeline.gradient(x.node, 9).tolist() == [18.0, 36.0]


@pytest.mark.parametrize("switch", [no_grad, enable_grad, detect_anomaly, keep_values])
def test_modes_change_no_number_and_stepping_changes_no_mode(switch: Any) -> None:
    y, leaves = layers()
    plain = [all_bits(n) for n in everything(Timeline(y))]
    with switch():
        before = mode_now()
        timeline = Timeline(y, forward=True)
        assert mode_now() == before
        assert [all_bits(n) for n in everything(timeline)] == plain
        assert mode_now() == before
    check_gradients(timeline, y, leaves, None)


def test_a_mode_comes_back_when_the_pass_fails() -> None:
    x = big_leaf()
    y = (x * x).sum()
    y.backward()
    with detect_anomaly():
        before = mode_now()
        with pytest.raises(GraphError, match="freed"):
            Timeline(y)
        assert mode_now() == before


def reciprocal_of_nothing(through: str, x: Tensor) -> Tensor:
    """A finite output whose gradient is NaN, by way of a rule that runs other rules."""
    if through == "plain":
        return (ops.sqrt(x) * 0).sum()
    if through == "checkpoint":
        return checkpoint(lambda t: ops.sqrt(t) * 0, x).sum()
    (first,) = grad(ops.cross_entropy(ops.sqrt(x) * 0, np.array([0])), x, create_graph=True)
    return first.sum()


@pytest.mark.parametrize("through", ["plain", "checkpoint", "fused"])
def test_anomaly_mode_does_not_stop_a_time_line_at_nan(through: str) -> None:
    x = leaf([[0.0, 4.0]])
    y = reciprocal_of_nothing(through, x)
    with detect_anomaly():
        timeline = Timeline(y)
        with pytest.raises(AnomalyError):
            y.backward()
    assert any(np.isnan(n.after).any() for n in everything(timeline))


@pytest.mark.parametrize("through", ["plain", "checkpoint", "fused"])
def test_rules_run_without_warnings_and_unobserved(through: str) -> None:
    y = reciprocal_of_nothing(through, leaf([[0.0, 4.0]]))

    def observer(seeds: Any, steps: Any) -> Any:
        raise AssertionError("a pass was observed")

    local.mode.observer = observer
    try:
        with np.errstate(all="raise"):
            everything(Timeline(y))
    finally:
        local.mode.observer = None


def test_random_numbers_go_on_as_if_nothing_had_been_stepped() -> None:
    x = leaf(np.ones(20))
    y = checkpoint(lambda t: rand_like(t) * t, x).sum()
    before = random.get_state()
    timeline = Timeline(y)
    check_edges(timeline)
    assert random.get_state() == before
    check_gradients(timeline, y, [x], None)


def test_on_a_gpu_no_number_travels_to_the_host() -> None:
    with standin.installed():
        x, w = (Tensor(t.data, requires_grad=True, device="cuda") for t in layers()[1])
        h = ops.tanh(x @ w) @ w
        y = (ops.split(h, [1], axis=1)[0] * x).sum()
        standin.copies.reset()
        timeline = Timeline(y, forward=True)
        everything(timeline)
        everything(Timeline(h, x.detach() * 2))
        assert standin.copies.count == 0, standin.copies.log
        y.backward()
        found = timeline.gradient(w.node, len(timeline))
        assert found.get().tobytes() == w.grad.data.get().tobytes()


# After backward() and after writes


def test_after_backward_an_expression_of_small_values_steps() -> None:
    y, leaves = layers()
    y.backward()
    timeline = Timeline(y)
    assert bits(timeline.gradient(leaves[1].node, 99)) == bits(leaves[1].grad.data)


def test_a_large_graph_that_backward_freed_says_what_to_do() -> None:
    x = big_leaf()
    y = (x * x).sum()
    y.backward()
    message = r"through 'mul' .*test_timeline_aside.*freed by an earlier .* Pass retain_graph=True"
    with pytest.raises(GraphError, match=message):
        Timeline(y)
    z = (x * x).sum()
    z.backward(retain_graph=True)
    check_edges(Timeline(z))
    total = (x + x).sum()  # an addition keeps nothing, so nothing of it was freed
    total.backward()
    check_edges(Timeline(total))


def test_a_checkpoint_that_backward_freed_says_what_to_do() -> None:
    x = leaf(2.0)
    y = checkpoint(lambda t: t * t, x)
    y.backward()
    with pytest.raises(GraphError, match=r"'checkpoint' .*freed .*retain_graph=True"):
        Timeline(y)


def test_an_array_that_was_written_over_is_named() -> None:
    w = leaf([1.0, 2.0], "w")
    y = (w * w).sum()
    y.backward()
    before = Timeline(y)
    with no_grad():
        w -= 0.1 * w.grad
    with pytest.raises(
        GraphError, match=r"'mul' .*its input x 'w' .*overwritten after the forward"
    ):
        Timeline(y)
    assert before.gradient(w.node, 9).tolist() == [2.0, 4.0]


# Memory


def test_no_array_of_the_pass_is_changed_later() -> None:
    y, _ = layers()
    timeline = Timeline(y)
    found = everything(timeline)
    copies = [all_bits(n) for n in found]
    stepper = Stepper(y)
    while not stepper.is_at_end:
        stepper.next()
    y.backward(retain_graph=True)
    grad(y, ancestors_of(y), retain_graph=True, create_graph=True)
    everything(Timeline(y))
    assert [all_bits(n) for n in found] == copies
    assert [all_bits(n) for n in everything(timeline)] == copies


def ancestors_of(y: Tensor) -> list[Tensor]:
    """The tensors of all leaves."""
    nodes = ancestors([constant(y)])
    return [n.tensor() for n in nodes if n.op is None and n.tracked and n.tensor is not None]


def test_gradients_that_backward_writes_share_no_memory_with_a_time_line() -> None:
    y, leaves = layers()
    timeline = Timeline(y)
    y.backward()
    for x in leaves:
        copy = timeline.gradient(x.node, 99).copy()
        x.grad.data[...] = 0
        assert timeline.gradient(x.node, 99).tolist() == copy.tolist()


def test_a_time_line_and_its_graph_die_by_reference_counting() -> None:
    with garbage_collector_off():
        watch, x = Watch(), big_leaf()
        y = (ops.tanh(x * 2) * x).sum()
        stepper = Stepper(y, forward=True)
        stepper.break_at("all", lambda s, e: True)
        stepper.continue_()
        stepper.until(x.node)
        stepper.leave()
        watch(x=x, y=y, timeline=stepper.timeline, after=stepper.numbers().after)
        del x, y, stepper
        assert watch.alive() == []
