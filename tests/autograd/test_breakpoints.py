"""Where a walk along a time line stops."""

from __future__ import annotations

from autograd.breakpoints import Test, stop_at, stop_at_nan, stop_at_operation, stop_sized
from autograd.stepper import Stepper
from tests.viz.graphs import lecture, square_plus_self


def test_next_and_until_do_not_run_past_a_breakpoint() -> None:
    stepper = Stepper(lecture())
    tax, last = stepper.events[2].target, stepper.events[8].target
    stepper.break_at("tax", stop_at([tax]))
    assert stepper.until(last).index == 2 and stepper.until(last).index == 8
    stepper.goto(0)
    assert stepper.next(3).index == 2 and stepper.next().index == 4


def test_tests_name_a_tensor_an_operation_a_size_or_the_first_nan() -> None:
    stepper = Stepper(lecture())

    def places(test: Test) -> list[int]:
        return [event.index for event in stepper.events if test(stepper, event)]

    assert places(stop_at([stepper.events[7].target])) == [7]
    assert places(stop_at_operation("mul")) == [1, 5, 7]
    assert places(stop_sized(">", 100)) == [2, 6, 8]
    assert places(stop_at_nan) == []


def test_a_watch_stops_wherever_a_gradient_grows() -> None:
    stepper = Stepper(square_plus_self())
    x = stepper.events[-1].target
    assert stepper.watch(x).text == "watch x"
    assert [stepper.continue_().index for _ in range(3)] == [2, 3, 4]
