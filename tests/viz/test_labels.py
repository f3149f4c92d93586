"""What is written on a wire."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.viz.views import LIGHT, array, matrix, number, through
from viz.boxes import Box, Wire
from viz.labels import BARE, SIGN, Label, label_of
from viz.lettering import Line, Matrix
from viz.style import Style


def label(
    style: Style = LIGHT, source: str = "operation", target: str = "operation", **wire: Any
) -> Label:
    """The label of such a wire between boxes of those kinds."""
    made = through(**wire).wires[0]
    details = ("(784, 50)",) if source == "parameter" else ()
    start = Box("n0", source, "a", details=details)
    return label_of(made, start, Box("n1", target, "b"), style)


def texts(lines: tuple[Line, ...]) -> list[str]:
    """Lines as text, a matrix as its rows."""
    return [
        "".join(str(i.rows) if isinstance(i, Matrix) else i.text for i in line.items)
        for line in lines
    ]


def test_a_number_has_its_value_above_and_its_gradient_below() -> None:
    made = label(value=number(650.0), gradient=number(1.1), is_named=False)
    assert texts(made.above) == ["650"] and texts(made.below) == ["1.1"]
    assert made.value == "wire" and made.gradient == "gradient"


@pytest.mark.parametrize(
    ("source", "target", "is_named", "count", "names"),
    [
        ("operation", "operation", True, 1, ["x"]),
        ("module", "branch", True, 1, ["x"]),
        ("hidden", "operation", False, 3, ["x"]),
        ("operation", "operation", False, 1, []),
        ("operation", "output", True, 1, []),
        ("input", "operation", True, 1, []),
        ("branch", "operation", True, 1, []),
    ],
)
def test_only_a_named_value_in_the_middle_has_its_name_on_the_wire(
    source: str, target: str, is_named: bool, count: int, names: list[str]
) -> None:
    made = label(source=source, target=target, is_named=is_named, count=count)
    assert texts(made.above) == names


def test_an_array_is_its_shape_and_norm() -> None:
    made = label(value=array(32, 50), gradient=array(32, 50, norm=0.006), is_named=False)
    assert texts(made.above) == ["(32, 50)", "norm 2.5"] and texts(made.below) == ["norm 0.006"]
    backward = label(Style("backward"), value=array(32, 50), gradient=array(32, 50, norm=0.006))
    assert texts(backward.below) == ["(32, 50)", "norm 0.006"] and not backward.above


def test_a_value_that_was_not_kept_says_so() -> None:
    assert texts(label(value=array(8, norm=None), is_named=False).above) == ["(8,)", "(not kept)"]
    assert texts(label(value=array(norm=None), is_named=False).above) == ["(not kept)"]
    assert texts(label(value=array(0, 4, norm=0.0), is_named=False).above) == ["(0, 4)", "empty"]


def test_a_small_array_is_a_matrix() -> None:
    (line,) = label(value=matrix((1, 2), (3, 4)), is_named=False).above
    assert line.items == (Matrix((("1", "2"), ("3", "4"))),)


def test_a_parameter_has_its_shape_in_the_box() -> None:
    made = label(source="parameter", value=array(784, 50), gradient=array(784, 50))
    assert texts(made.above) == ["norm 2.5"]


def test_contributions_are_added_up_with_the_total_in_bold() -> None:
    parts = (number(3.0), number(3.0), number(1.0))
    (line,) = label(gradient=number(7.0), parts=parts).below
    assert texts((line,)) == ["3+3+1 = 7"]
    assert [getattr(item, "bold", None) for item in line.items] == [False, True]
    many = label(gradient=number(8.0), parts=(number(1.0),) * 8)
    assert texts(many.below) == ["1 + 1 + 1 + 1 + 1 + 3 more = 8"]
    negative = label(gradient=number(-1.0), parts=(number(1.0), number(-2.0)))
    assert texts(negative.below) == ["1-2 = -1"]
    bad = label(gradient=number(math.nan), parts=(number(1.0), number(math.nan)))
    assert texts(bad.below) == ["⚠ 1+nan = nan"]


def test_many_long_contributions_take_several_lines() -> None:
    made = label(gradient=number(0.25), parts=(number(-0.12345),) * 6)
    assert texts(made.below) == [
        "-0.1235-0.1235-0.1235-0.1235",
        "-0.1235-0.1235 = 0.25",
    ]
    more = label(gradient=number(0.25), parts=(number(0.12345),) * 9)
    assert texts(more.below) == [
        "0.1235 + 0.1235 + 0.1235",
        "+ 0.1235 + 0.1235 + 4 more = 0.25",
    ]


def test_a_gradient_that_was_not_computed_is_a_dash() -> None:
    made = label(value=number(1.0))
    assert texts(made.below) == ["–"] and made.gradient == ""


def test_a_constant_says_nothing_unless_it_has_a_gradient() -> None:
    made = label(source="constant", value=number(2.0))
    assert not made.above and not made.below and made.size[0] == BARE
    assert texts(label(source="constant", gradient=number(2.0)).below) == ["2"]


@pytest.mark.parametrize(
    ("gradient", "role", "text"),
    [
        (number(math.nan), "bad", "⚠ nan"),
        (number(-math.inf), "bad", "⚠ -inf"),
        (number(0.0), "zero", "0"),
        (number(1e-9), "faint", "1e-9"),
        (number(1.5), "gradient", "1.5"),
        (array(9, norm=math.inf), "bad", "⚠ norm inf"),
    ],
)
def test_health_is_a_role_and_nan_and_inf_have_a_sign(gradient: Any, role: str, text: str) -> None:
    made = label(gradient=gradient)
    assert texts(made.below) == [text] and made.gradient == role
    assert {item.role for line in made.below for item in line.items} == {role}


def test_a_bad_value_has_a_sign_too() -> None:
    (line,) = label(value=number(math.inf), is_named=False).above
    assert texts((line,)) == ["⚠ inf"] and line.items[1].role == "bad"


def test_a_changed_value_shows_both() -> None:
    made = label(
        value=number(3.0), old_value=number(2.0), gradient=number(1.0), old_gradient=number(1.0),
        change="changed", is_named=False,
    )  # fmt: skip
    assert texts(made.above) == ["2 → 3"] and texts(made.below) == ["1"]
    assert [item.role for item in made.above[0].items] == ["muted", "changed", "changed"]
    arrays = label(value=array(9), old_value=array(9, norm=1.0), is_named=False)
    assert texts(arrays.above) == ["norm 1 → 2.5"]
    shapes = label(value=array(9), old_value=array(8, norm=1.0), is_named=False)
    assert texts(shapes.above) == ["(8,)", "norm 1 → ", "(9,)", "norm 2.5"]
    small = label(value=matrix((1, 2)), old_value=matrix((1, 3)), is_named=False)
    assert texts(small.above) == ["(('1', '3'),) → (('1', '2'),)"]
    worse = label(gradient=number(math.nan), old_gradient=number(1.0))
    assert texts(worse.below) == ["1 → ⚠ nan"] and worse.below[0].items[-1].role == "bad"


def test_what_was_added_or_removed_has_its_role_and_room_for_a_sign() -> None:
    plain = label(value=number(3.0), gradient=number(1.0), is_named=False)
    added = label(value=number(3.0), gradient=number(1.0), is_named=False, change="added")
    assert added.value == added.gradient == "added" == added.above[0].items[0].role
    assert added.size[0] == plain.size[0] + SIGN


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize(
    "wire",
    [
        {"value": array(32, 50), "gradient": array(32, 50)},
        {"value": number(3.0), "gradient": number(1.0)},
        {"value": matrix((1, 2), (3, 4))},
    ],
)
def test_the_room_does_not_depend_on_the_mode(wire: dict[str, Any], direction: str) -> None:
    labels = [
        label(Style(mode, direction=direction), **wire) for mode in ("both", "forward", "backward")
    ]
    assert len({(made.size, made.sides) for made in labels}) == 1


def test_without_values_the_names_stay_and_without_gradients_nothing_is_below() -> None:
    wire: dict[str, Any] = {"value": number(3.0), "gradient": number(1.0)}
    assert texts(label(Style(values=False), **wire).above) == ["x"]
    bare = label(Style(grads=False), **wire)
    assert not bare.below and bare.gradient == ""


def test_from_top_to_bottom_a_label_is_as_wide_as_both_sides() -> None:
    made: Label = label(Style(direction="TB"), value=number(1234567.0), gradient=number(1.0))
    assert made.size[0] == 2 * made.sides[0] > 2 * made.sides[1]
    assert isinstance(made.wire, Wire)
