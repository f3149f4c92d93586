"""Where to stop, as people write it."""

from __future__ import annotations

import pytest

from autograd import Tensor, ops
from autograd.graph import line_of
from tests.viz.graphs import lecture, square_plus_self
from viz.stepping import Stepper, step
from viz.stops import stop_of


def places(stepper: Stepper, text: str) -> list[int]:
    """The events at which the words stop."""
    test = stop_of(text, stepper.names.find)
    return [event.index for event in stepper.events if test(stepper, event)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("소비세", [2]),
        ("op:mul", [1, 5, 7]),
        ("op:×", [1, 5, 7]),
        ("|g|>100", [2, 6, 8]),
        ("|g| >= 165", [2, 6]),
        ("|g|<1.2", [1, 3, 4]),
        ("|g|=650", [2]),
        ("nan", []),
        (" op: + ", [3]),
    ],
)
def test_names_operations_sizes_and_lines_are_understood(text: str, found: list[int]) -> None:
    assert places(step(lecture()), text) == found


def test_a_line_of_the_users_stops_at_each_of_its_operations() -> None:
    stepper = step(lecture())
    line = line_of(stepper.events[1].node)
    assert line.startswith("graphs.py:")
    assert places(stepper, line) == [1, 3]
    assert places(stepper, "graphs.py:1") == []


def test_a_value_used_several_times_stops_at_each_contribution() -> None:
    assert places(step(square_plus_self()), "x") == [2, 3, 4]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the NaN is the point
def test_nan_stops_at_infinities_too() -> None:
    x = Tensor([0.0, 1.0], requires_grad=True, name="x")
    stepper = step((ops.sqrt(x) * 2.0).sum())
    assert places(stepper, "nan") == [3]
    assert places(stepper, "|g|>1e30") == [3]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("pear", "'pear' is no value of this graph; a breakpoint is a name, op:log"),
        ("op:", "op: needs the name of an operation"),
        ("|g|>many", r"\|g\|> needs a number, as in \|g\|>1e3, not 'many'"),
    ],
)
def test_other_words_are_refused_with_what_could_stand_there(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        places(step(lecture()), text)


def test_a_steppers_breakpoints_are_written_the_same_way() -> None:
    stepper = step(lecture())
    stepper.break_on("귤 가격")
    stepper.break_on("op:+", is_temporary=True)
    assert [stepper.continue_().index for _ in range(3)] == [3, 5, 8]
    assert [point.text for point in stepper.breakpoints] == ["귤 가격"]


def test_a_breakpoint_on_an_operation_that_never_comes_is_refused() -> None:
    stepper = step(lecture())
    with pytest.raises(ValueError, match=r"no operation .* is called 'mull'; they are mul, add\."):
        stepper.break_on("op:mull")
    assert not stepper.breakpoints
