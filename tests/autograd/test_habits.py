"""PyTorch's words are answered with the word to use here."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, ops
from autograd.habits import DIFFERENCES, KEYWORDS, PACKAGE, Habit, Habits, package_hint

X = Tensor([[1.0, 2.0], [3.0, 5.0]])
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


@pytest.mark.parametrize("name", sorted(PACKAGE))
def test_a_name_of_pytorch_s_package_names_its_replacement(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"no attribute '{name}'\. Use .+\.$"):
        getattr(autograd, name)


@pytest.mark.parametrize("name", sorted(DIFFERENCES))
def test_an_operation_that_means_another_thing_says_what_differs(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"Use autograd\.ops\.{name}, wh.+\.$"):
        getattr(autograd, name)


def test_remedies_name_only_what_is_there() -> None:
    words = [habit.remedy for habit in vars(Habits).values() if isinstance(habit, Habit)]
    words += [*PACKAGE.values(), *(package_hint(name, True) for name in DIFFERENCES)]
    found = re.findall(r"\b(autograd|ops|nn|math|numpy)\.([\w.]*\w)", " ".join(words))
    assert len(found) > 50
    for root, path in found:
        module = ops if root == "ops" else importlib.import_module(root)
        attrgetter(path)(module)
    for name in re.findall(r"(?:^|\bx)\.(\w+)", "\n".join(words), re.MULTILINE):
        assert hasattr(X, name), name


def test_remedies_for_methods_give_what_pytorch_s_methods_give() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    t, i = torch.tensor([[1.0, 2.0], [3.0, 5.0]]), [[1, 0], [0, 0]]
    mask = X > 2
    pairs = [
        (ops.take_along_axis(X, np.array(i), axis=1), t.gather(1, torch.tensor(i))),
        (ops.masked_fill(X, mask, value=9), t.masked_fill(t > 2, 9)),
        (ops.argwhere(mask), (t > 2).nonzero()),
        (X.repeat(2, 1), t.repeat_interleave(2, 1)),
        (ops.tile(X, (2, 1)), t.repeat(2, 1)),
        (ops.topk(X, 1)[1], t.topk(1)[1]),
        (X.max(1), t.amax(1)),
        (ops.flip(X, 1), t.flip(1)),
        (X.clip(2, 3), t.clamp(2, 3)),
        (X.swapaxes(0, 1), t.transpose(0, 1)),
        (X.std(0, ddof=1), t.std(0)),
        (ops.split(X, 2)[1], t.split(1)[1]),
        (X.reshape((len(X), -1)), t.flatten(1)),
    ]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)


@pytest.mark.parametrize("value", [4, 0, "int64", np.float32, None, [True]])
@pytest.mark.parametrize(
    "make",
    [
        Tensor,
        autograd.tensor,
        lambda data, flag: autograd.zeros(2, requires_grad=flag),
        lambda data, flag: autograd.full((2,), 1.0, requires_grad=flag),
        lambda data, flag: autograd.eye(2, requires_grad=flag),
        lambda data, flag: autograd.arange(3, requires_grad=flag, dtype="float32"),
        lambda data, flag: autograd.ones_like(X, requires_grad=flag),
        lambda data, flag: autograd.randn(2, requires_grad=flag),
        lambda data, flag: Tensor(data).requires_grad_(flag),
    ],
)
def test_a_size_or_dtype_in_the_place_of_requires_grad_is_refused(
    make: Callable[[Any, Any], Tensor], value: Any
) -> None:
    with pytest.raises(
        TypeError, match=r"requires_grad is .* True or False\. Sizes go to .*dtype="
    ):
        make(3.0, value)


def test_numpy_s_truth_values_are_flags_too() -> None:
    assert Tensor(1.0, np.True_).requires_grad is True
    assert autograd.zeros(2, requires_grad=np.False_).requires_grad is False


@pytest.mark.parametrize("name", ["std", "var"])
def test_a_truth_value_is_no_ddof(name: str) -> None:
    for call in (
        lambda: getattr(X, name)(0, True),
        lambda: getattr(X, name)(0, ddof=np.False_),
        lambda: getattr(ops, name)(X, ddof=True),
    ):
        with pytest.raises(TypeError, match=rf"{name}: ddof is .* ddof=1, .* keepdims=True"):
            call()
    assert getattr(X, name)(0, 1, True).shape == (1, 2)


@pytest.mark.parametrize("flatten", [X.flatten, lambda *a, **k: ops.flatten(X, *a, **k)])
def test_flatten_with_a_start_says_how_the_first_axis_stays(flatten: Callable[..., Any]) -> None:
    for call in (lambda: flatten(1), lambda: flatten(start_dim=1), lambda: flatten(0, -1)):
        with pytest.raises(TypeError, match=r"flatten: .* nn\.Flatten\(\), or x\.reshape"):
            call()
    assert flatten().shape == (4,)


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (lambda: X.to(device="cpu"), r'to\(\) takes no device=. Use x.to\("cuda"\)'),
        (lambda: X.to("cpu", non_blocking=True), r"to\(\) takes no non_blocking="),
        (lambda: X.sum(dtype="float64"), r"sum\(\) takes no dtype=. Use x.astype"),
        (lambda: X.norm(p=2), r"norm\(\) takes no p=. Use ord="),
        (lambda: X.sum().backward(inputs=[X]), r"takes no inputs=. Use autograd.grad"),
        (lambda: X.std(0, unbiased=True), r"std\(\) takes no unbiased=. Use ddof="),
        (lambda: X.reshape(4, dim=1), r"reshape\(\) takes no dim=. Use axis="),
    ],
)
def test_a_keyword_of_pytorch_names_the_remedy(call: Callable[[], Any], remedy: str) -> None:
    with pytest.raises(TypeError, match=remedy):
        call()


def test_an_operation_that_has_the_keyword_is_not_told_to_leave_it() -> None:
    assert "dtype" in KEYWORDS
    with pytest.raises(TypeError) as found:
        ops.astype(X, dtype="float32", wrong=1)
    assert "takes no dtype=" not in str(found.value)


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
