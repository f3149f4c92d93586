"""What the stepper calls values, and which value a name means."""

from __future__ import annotations

from autograd import Tensor, ops
from tests.viz.graphs import leaf, matrix
from viz.value_names import ValueNames, array_of, value_of


def names_of(y: Tensor, **variables: Tensor) -> ValueNames:
    return ValueNames([y.node], {}, {t.node: name for name, t in variables.items()})


def test_a_value_goes_by_its_name_its_variable_its_number_or_a_count() -> None:
    x, w = leaf(2.0, "x"), leaf(3.0)
    a = matrix(2, 2, "a")
    y = (x * w + (a * 2.0).sum()) * 4.0
    names = names_of(y, w=w)
    told = [names(value) for value in names.values]
    assert told == ["x", "w", "6", "a", "2", "v2", "-1.538", "4.462", "4", "17.85"]
    assert names(x.node) == "x"
    assert names.known() == ["x", "w", "a"]
    assert names.is_named(x.node) and not names.is_named(y.node)


def test_of_values_with_equal_numbers_none_is_meant_by_the_number() -> None:
    x = leaf(2.0, "x")
    y = (x + 1.0) * (x + 1.0)
    names = names_of(y)
    assert names.find("3") == []
    assert names.find("9") == [y.node] == names.find("v3")
    assert names.find(" x ") == [x.node]
    assert names.find("pear") == []


def test_a_named_variable_is_found_by_both() -> None:
    apple = leaf(2.0, "사과 가격")
    names = names_of(apple * 2.0, apple=apple)
    assert names.find("apple") == names.find("사과 가격") == [apple.node]
    assert names(apple.node) == "사과 가격"


def test_an_operation_with_several_outputs_goes_by_them() -> None:
    x = matrix(2, 4, "x")
    one, other = ops.split(x, 2, axis=1)
    one.name, other.name = "left", "right"
    names = names_of((one * other).sum())
    assert names(one.node.parents[0]) == "left, right"
    assert one.node in names and one.node.parents[0] not in names


def test_a_large_array_is_read_from_the_living_tensor() -> None:
    x = matrix(20, 20, "x")
    assert array_of(x.node) is x.data
    y = x * 2.0
    assert array_of(y.node) is None and value_of(y.node).norm is None
    assert value_of(y.node).shape == (20, 20)
