"""Moves on the time line, at both ends and between, and breakpoints in both directions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import GraphError, Tensor, ops, scope
from autograd.breakpoints import Breakpoint
from autograd.stepper import Stepper
from autograd.timeline import Event
from tests.autograd.following import Recipe, graph_of, leaf, random_gradient, recipes


def shop(*, forward: bool = False) -> Stepper:
    """The lecture's graph: events 0 seed, 1–2 ×tax, 3–4 +, 5–6 tangerines, 7–8 apples."""
    apple, apples = leaf(100.0, "apple"), leaf(2.0, "apples")
    tangerine, tangerines, tax = leaf(150.0, "tangerine"), leaf(3.0, "tangerines"), leaf(1.1, "tax")
    total = (apple * apples + tangerine * tangerines) * tax
    return Stepper(total, forward=forward)


def named(stepper: Stepper, name: str) -> Any:
    """The node of a leaf."""
    return next(e.target for e in stepper.events if e.target.name == name)


def at(*indices: int) -> Any:
    """A test that stops at these events."""
    return lambda stepper, event: event.index in indices


# Where one stands


def test_stepping_begins_at_the_seed_or_at_the_first_operation() -> None:
    stepper = shop()
    assert (stepper.index, stepper.event.kind, len(stepper.events)) == (0, "seed", 9)
    assert not stepper.is_at_end
    whole = shop(forward=True)
    assert (whole.index, whole.event.kind, len(whole.events)) == (0, "forward", 13)


def test_the_present_numbers_are_those_of_the_present_event() -> None:
    stepper = shop()
    apple = named(stepper, "apple")
    assert stepper.gradient(apple) is None and not stepper.is_complete(apple)
    stepper.goto(7)
    numbers = stepper.numbers()
    assert float(numbers.upstream) == 1.1 and numbers.before is None
    assert float(numbers.contribution) == float(stepper.gradient(apple)) == 2.2
    assert stepper.is_complete(apple)
    stepper.goto(6)
    assert stepper.gradient(apple) is None and not stepper.is_complete(apple)


def test_a_forward_event_has_no_numbers() -> None:
    with pytest.raises(IndexError, match=r"^event 0 has no gradients; those are 4 to 12\.$"):
        shop(forward=True).numbers()


def test_a_gradient_is_complete_with_its_last_contribution() -> None:
    x = leaf(3.0)
    stepper = Stepper(x * x + x)
    complete = []
    while not stepper.is_at_end:
        stepper.step()
        complete.append(stepper.is_complete(x.node))
    assert complete == [False, False, False, True]
    assert float(stepper.gradient(x.node)) == 7.0
    assert stepper.is_complete(leaf(1.0).node)  # no gradient ever reaches it


def test_an_operation_with_several_outputs_is_complete_with_all_of_them() -> None:
    left, right = ops.split(leaf([1.0, 2.0]), 2)
    stepper = Stepper((left * 2 + right * 3).sum())
    hub = left.node.parents[0]
    complete = {e.index: stepper.is_complete(hub) for e in stepper.events if stepper.goto(e.index)}
    last = max(stepper.timeline.arrivals(left.node) + stepper.timeline.arrivals(right.node))
    assert complete == {i: i >= last for i in range(len(stepper.events))}
    stepper.goto(0)
    assert stepper.until(hub).index == last


def test_what_cannot_be_stepped_raises_as_a_time_line_does() -> None:
    with pytest.raises(GraphError, match="does not require grad"):
        Stepper(Tensor(1.0))


# Steps


def test_a_step_is_one_edge_and_stays_at_the_ends() -> None:
    stepper = shop()
    assert stepper.step(-1) is stepper.events[0]
    assert [stepper.step().index for _ in range(10)] == [1, 2, 3, 4, 5, 6, 7, 8, 8, 8]
    assert stepper.is_at_end
    assert [stepper.step(-1).index for _ in range(3)] == [7, 6, 5]
    assert stepper.step(0).index == 5
    assert stepper.step(100).index == 8 and stepper.step(-100).index == 0


def test_next_is_one_operation_with_all_its_inputs() -> None:
    stepper = shop()
    assert [stepper.next().index for _ in range(6)] == [2, 4, 6, 8, 8, 8]
    stepper.goto(1)
    assert stepper.next().index == 2  # what is left of the operation
    assert stepper.next(2).index == 6
    assert stepper.next(99).index == 8
    stepper.goto(0)
    assert stepper.next(0).index == 0


def test_back_is_one_operation_the_other_way() -> None:
    stepper = shop()
    stepper.goto(8)
    assert [stepper.back().index for _ in range(6)] == [6, 4, 2, 0, 0, 0]
    stepper.goto(7)
    assert stepper.back().index == 6  # to before the operation that has begun
    assert stepper.back(2).index == 2
    assert stepper.back(99).index == 0
    assert stepper.back(0).index == 0


def test_the_seed_is_a_stop_between_forward_and_backward() -> None:
    stepper = shop(forward=True)
    assert [stepper.next().index for _ in range(8)] == [1, 2, 3, 4, 6, 8, 10, 12]
    assert [stepper.back().index for _ in range(9)] == [10, 8, 6, 4, 3, 2, 1, 0, 0]


def test_an_operation_that_follows_itself_is_two_operations() -> None:
    x = leaf(2.0)
    stepper = Stepper(x * x * x)
    assert [stepper.next().index for _ in range(2)] == [2, 4]
    assert stepper.back().index == 2


@given(recipes, st.booleans())
@settings(max_examples=60, deadline=None)
def test_next_and_back_visit_the_same_places(recipe: Recipe, forward: bool) -> None:
    y, _ = graph_of(recipe)
    stepper = Stepper(y, random_gradient(y), forward=forward)
    places = [stepper.index]
    while not stepper.is_at_end:
        places.append(stepper.next().index)
    ways = [stepper.index]
    while stepper.index:
        ways.append(stepper.back().index)
    assert ways == places[::-1]
    nodes = [stepper.events[i].node for i in places if stepper.events[i].kind == "edge"]
    assert len(nodes) == len(set(nodes))


# Jumps


def test_goto_reaches_every_event_and_nothing_beyond() -> None:
    stepper = shop()
    for index in (8, 0, 5, np.int64(3)):
        assert stepper.goto(index).index == index
    for index in (-1, 9, 10**12):
        with pytest.raises(IndexError, match=rf"^there is no event {index}; they are 0 to 8\.$"):
            stepper.goto(index)
        assert stepper.index == 3


@pytest.mark.parametrize("index", [2.0, "2", None])
def test_goto_takes_integers_alone(index: Any) -> None:
    stepper = shop()
    with pytest.raises(TypeError, match="integer"):
        stepper.goto(index)
    assert stepper.event.kind == "seed"


def test_until_goes_to_where_a_gradient_is_complete() -> None:
    stepper = shop()
    assert stepper.until(named(stepper, "tangerine")).index == 5
    assert stepper.until(named(stepper, "apple")).index == 7
    x = leaf(3.0)
    thrice = Stepper(x * x + x)
    assert thrice.until(x.node).index == 4
    whole = shop(forward=True)
    assert whole.until(whole.timeline.output).kind == "seed"


def test_until_goes_to_the_next_operation_of_a_name_or_symbol() -> None:
    stepper = shop()
    assert [stepper.until("mul").index for _ in range(3)] == [1, 5, 7]
    stepper.goto(0)
    assert [stepper.until(name).index for name in ("+", "×")] == [3, 5]
    whole = shop(forward=True)
    assert [whole.until(name).index for name in ("add", "×")] == [7, 9]


def test_until_names_what_is_not_ahead() -> None:
    stepper = shop()
    stepper.goto(7)
    with pytest.raises(ValueError, match=r"^no operation 'mul' begins after event 7\.$"):
        stepper.until("mul")
    with pytest.raises(ValueError, match=r"^no operation 'log' begins after event 7\.$"):
        stepper.until("log")
    complete = r"^the gradient of <Node \d+ leaf \(\)> is complete since event 5\. goto\(5\)"
    with pytest.raises(ValueError, match=complete):
        stepper.until(named(stepper, "tangerine"))
    with pytest.raises(ValueError, match=r"^the gradient of .* is complete since event 7\."):
        stepper.until(stepper.event.target)
    with pytest.raises(ValueError, match=r"^no gradient reaches <Node \d+ leaf \(\)>: the output"):
        stepper.until(leaf(1.0).node)
    assert stepper.index == 7


# Modules


def test_leave_goes_to_the_first_operation_outside_the_module() -> None:
    x = leaf(2.0)
    h = x * 3
    with scope("net"):
        with scope("inner"):
            h = ops.tanh(h) * 2
        h = h + 1
    stepper = Stepper(h * 5)

    def path() -> str:
        return stepper.event.node.module.path if stepper.event.node.module else ""

    assert [path() for e in stepper.events if stepper.goto(e.index) is e] == [
        "", "", "net", "net.inner", "net.inner", "",
    ]  # fmt: skip
    stepper.goto(3)
    assert stepper.leave().index == 5  # from the inner, net is done too
    stepper.goto(2)
    assert stepper.leave().index == 5  # over the inner, which lies in it
    assert stepper.leave().index == 5 and stepper.is_at_end  # outside of all: to the end


def test_leave_stops_in_the_module_around() -> None:
    with scope("net"):
        h = leaf(2.0) * 3
        with scope("inner"):
            h = ops.tanh(h)
    stepper = Stepper(h)
    stepper.step()
    assert stepper.leave().node.module.path == "net"
    again = Stepper(h, forward=True)
    again.goto(1)
    assert again.leave().index == 4


def test_two_runs_of_one_scope_are_two_modules() -> None:
    h = leaf(2.0)
    for _ in range(3):
        with scope("block"):
            h = ops.tanh(ops.sin(h))
    stepper = Stepper(h)
    assert [stepper.leave().index for _ in range(3)] == [3, 5, 6]


# Breakpoints


def test_continue_stops_at_breakpoints_and_at_the_ends() -> None:
    stepper = shop()
    assert stepper.continue_().index == 8  # none is set
    assert stepper.continue_().index == 8
    assert stepper.continue_back().index == 0
    assert stepper.continue_back().index == 0
    stepper.break_at("three", at(3))
    stepper.break_at("three and six", at(3, 6))
    assert [stepper.continue_().index for _ in range(4)] == [3, 6, 8, 8]
    assert [stepper.continue_back().index for _ in range(4)] == [6, 3, 0, 0]
    assert [p.hits for p in stepper.breakpoints] == [2, 4]


def test_breakpoints_are_asked_about_forward_events_too() -> None:
    stepper = shop(forward=True)
    stepper.break_at("op:add", lambda s, e: e.node.op.name == "add")
    assert [stepper.continue_().index for _ in range(4)] == [2, 7, 8, 12]


def test_a_breakpoint_can_ask_for_numbers() -> None:
    def is_large(stepper: Stepper, event: Event) -> bool:
        return abs(stepper.timeline.numbers(event.index).contribution).max() > 100

    stepper = shop()
    stepper.break_at("|g|>100", is_large)
    assert [stepper.continue_().index for _ in range(4)] == [2, 6, 8, 8]


def test_a_condition_is_asked_only_where_its_breakpoint_would_stop() -> None:
    asked = []

    def condition(stepper: Stepper, event: Event) -> bool:
        asked.append((stepper.index, event.index))
        return event.index > 4

    stepper = shop()
    point = stepper.break_at("x", at(2, 5, 7), condition=condition)
    assert stepper.continue_().index == 5
    assert asked == [(2, 2), (5, 5)] and point.hits == 1
    point.condition = None
    stepper.goto(0)
    assert stepper.continue_().index == 2


def test_a_temporary_breakpoint_goes_when_it_is_hit() -> None:
    stepper = shop()
    kept = stepper.break_at("kept", at(4))
    gone = stepper.break_at("gone", at(4, 6), is_temporary=True)
    waiting = stepper.break_at("never", at(6), condition=lambda s, e: False, is_temporary=True)
    assert stepper.continue_().index == 4
    assert stepper.breakpoints == [kept, waiting] and gone.hits == 1
    assert stepper.continue_().index == 8


def test_breakpoints_are_cleared_by_number_or_all_at_once() -> None:
    stepper = shop()
    points = [stepper.break_at(str(i), at(i)) for i in (2, 4, 6)]
    assert [p.number for p in points] == [1, 2, 3]
    stepper.clear(2)
    assert stepper.breakpoints == [points[0], points[2]]
    for number in (0, 2, 4):
        with pytest.raises(ValueError, match=rf"^there is no breakpoint {number}\.$"):
            stepper.clear(number)
    assert [stepper.continue_().index for _ in range(3)] == [2, 6, 8]
    stepper.clear()
    stepper.clear()
    assert stepper.breakpoints == []
    assert stepper.break_at("new", at(1)).number == 4  # a number is never given twice


def test_two_breakpoints_alike_are_two() -> None:
    stepper, test = shop(), at(3)
    first, second = stepper.break_at("x", test), stepper.break_at("x", test, is_temporary=True)
    stepper.continue_()
    assert stepper.breakpoints == [first] and first != second
    assert isinstance(first, Breakpoint)


def test_a_test_that_fails_leaves_the_stepper_where_it_failed() -> None:
    stepper = shop()
    stepper.break_at("broken", lambda s, e: e.index == 3 and 1 / 0 > 0)
    with pytest.raises(ZeroDivisionError):
        stepper.continue_()
    assert stepper.event.index == 3
    assert stepper.continue_().index == 8


# Size


def test_a_hundred_thousand_operations_are_no_recursion() -> None:
    y = x = leaf(1.0)
    for _ in range(100_000):
        y = -y
    stepper = Stepper(y, forward=True)
    assert len(stepper.events) == 200_001
    stepper.break_at("last", at(200_000))
    assert stepper.continue_().target is x.node
    assert float(stepper.numbers().after) == 1.0
    assert stepper.back(50_000).index == 150_000
    assert stepper.until(x.node).index == 200_000
    assert stepper.goto(100_000).kind == "seed"
