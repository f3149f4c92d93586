"""PyTorch's words are answered with the word to use here."""

from __future__ import annotations

import pytest

import autograd
from autograd import Tensor, ops
from autograd.habits import Habit, Habits

NAMES = sorted(name for name, value in vars(Habits).items() if isinstance(value, Habit))


@pytest.mark.parametrize("name", NAMES)
def test_a_method_of_pytorch_names_its_replacement(name: str) -> None:
    x = Tensor([1.0])
    assert not hasattr(x, name)
    with pytest.raises(AttributeError, match=rf"a Tensor has no '{name}'. Use .+"):
        getattr(x, name)


def test_a_tensor_has_no_getattr_of_its_own_which_would_slow_every_field() -> None:
    assert "__getattr__" not in dir(Tensor)


def test_operations_refuse_pytorch_s_keywords_as_methods_do() -> None:
    with pytest.raises(TypeError, match=r"softmax\(\) takes no dim=.* Use axis="):
        ops.softmax(Tensor([1.0]), dim=0)
    with pytest.raises(TypeError, match="unexpected keyword"):
        ops.softmax(Tensor([1.0]), axes=0)


def test_an_operation_looked_for_in_the_package_is_pointed_at() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'relu'. Use autograd.ops.relu"):
        autograd.relu  # noqa: B018  # the access is the test
    with pytest.raises(AttributeError, match=r"no attribute 'nonsense'.$"):
        autograd.nonsense  # noqa: B018  # the access is the test


def test_a_device_or_dtype_that_is_neither_is_told_both() -> None:
    with pytest.raises(autograd.DTypeError, match=r"'gpu' is neither a device nor a dtype"):
        Tensor([1.0]).to("gpu")


def test_large_constants_are_kept_where_all_values_are() -> None:
    big = autograd.ones(100)
    with autograd.keep_values():
        y = Tensor(2.0, requires_grad=True) * big
    assert y.node is not None
    assert y.node.parents[1].value is big.data


def test_a_refused_change_in_place_is_named_as_python_writes_it() -> None:
    x = Tensor([1.0], requires_grad=True)
    with pytest.raises(autograd.GraphError, match=r"t \*= v on a leaf"):
        x *= 2
