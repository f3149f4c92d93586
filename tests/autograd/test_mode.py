"""Switches: recording and the rest, around blocks and functions, each thread with its own.

Generators and coroutines are in `test_mode_resumed.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import (
    DTypeError,
    Tensor,
    detect_anomaly,
    enable_grad,
    get_default_dtype,
    is_grad_enabled,
    keep_values,
    no_grad,
    scope,
    set_default_dtype,
)
from autograd.mode import Entry, local


def leaf() -> Tensor:
    return Tensor(2.0, requires_grad=True)


def in_thread(function: Callable[[], Any]) -> Any:
    """What function returns in a thread of its own."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


# Around a block


def test_nothing_is_recorded_inside_no_grad() -> None:
    x = leaf()
    with no_grad():
        y = x * x
    assert not y.requires_grad
    assert y.node is None
    assert (x * x).requires_grad


def test_a_leaf_made_inside_no_grad_still_requires_grad() -> None:
    with no_grad():
        x = leaf()
    assert x.requires_grad


def test_no_grad_nests() -> None:
    with no_grad():
        with no_grad():
            assert not is_grad_enabled()
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_one_switch_can_be_entered_twice() -> None:
    switch = no_grad()
    with switch, switch:
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_enable_grad_inside_no_grad_records() -> None:
    with no_grad():
        with enable_grad():
            assert (leaf() * 2).requires_grad
        assert not (leaf() * 2).requires_grad


def test_no_grad_inside_enable_grad_does_not_record() -> None:
    with enable_grad(), no_grad():
        assert not (leaf() * 2).requires_grad
    assert is_grad_enabled()


@pytest.mark.parametrize("switch", [no_grad, enable_grad, keep_values, detect_anomaly])
def test_an_exception_restores_every_switch(switch: Any) -> None:
    before = {name: getattr(local.mode, name) for name in type(local.mode).__slots__}
    with no_grad() if switch is enable_grad else enable_grad():
        inner = {name: getattr(local.mode, name) for name in before}
        with pytest.raises(KeyError), switch():
            raise KeyError
        assert {name: getattr(local.mode, name) for name in before} == inner
    assert {name: getattr(local.mode, name) for name in before} == before


# Around a function


@no_grad()
def untracked(x: Tensor, factor: float = 1.0, *, name: str = "") -> tuple[Tensor, str]:
    """x · factor, and name."""
    return x * factor, name


def test_a_decorated_function_takes_and_gives_what_it_did() -> None:
    y, name = untracked(leaf(), 3.0, name="y")
    assert (y.item(), name) == (6.0, "y")
    assert not y.requires_grad
    assert (untracked.__name__, untracked.__doc__) == ("untracked", "x · factor, and name.")
    assert is_grad_enabled()


def test_a_decorated_function_may_call_itself() -> None:
    @no_grad()
    def count(n: int) -> list[bool]:
        return [is_grad_enabled(), *(count(n - 1) if n else [])]

    assert count(3) == [False] * 4
    assert is_grad_enabled()


def test_a_decorated_function_that_raises_restores_recording() -> None:
    @no_grad()
    def wrong() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        wrong()
    assert is_grad_enabled()


def test_a_method_can_be_decorated() -> None:
    class Model:
        @no_grad()
        def predict(self, x: Tensor) -> Tensor:
            return x * 2

    assert not Model().predict(leaf()).requires_grad


# Per thread


def test_a_thread_started_inside_no_grad_begins_with_recording_on() -> None:
    with no_grad():
        assert in_thread(is_grad_enabled) is True
        assert in_thread(lambda: (leaf() * 2).requires_grad) is True


def test_no_grad_in_one_thread_leaves_another_alone() -> None:
    entered, checked = threading.Event(), threading.Event()

    def work() -> None:
        with no_grad():
            entered.set()
            checked.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    assert entered.wait(10)
    assert is_grad_enabled()
    checked.set()
    thread.join()


def test_one_decorated_function_can_run_in_many_threads_at_once() -> None:
    barrier, results = threading.Barrier(4), []

    @no_grad()
    def work() -> None:
        barrier.wait(10)
        results.append(is_grad_enabled())
        barrier.wait(10)

    def outer() -> None:
        work()
        results.append(is_grad_enabled())

    threads = [threading.Thread(target=outer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 4 + [True] * 4


@pytest.mark.parametrize("switch", [no_grad, detect_anomaly, keep_values])
def test_one_switch_entered_in_two_threads_restores_each(switch: Any) -> None:
    shared, entered, left = switch(), threading.Event(), threading.Event()

    def modes() -> tuple[Any, ...]:
        return is_grad_enabled(), local.mode.anomaly, local.mode.watch

    def work() -> bool:
        with no_grad(), detect_anomaly():
            before = modes()
            with shared:
                entered.set()
                assert left.wait(10)
            return modes() == before

    results: list[bool] = []
    before = modes()
    thread = threading.Thread(target=lambda: results.append(work()))
    with enable_grad():
        thread.start()
        assert entered.wait(10)
        with shared:
            pass
        left.set()
        thread.join()
        assert modes() == before
    assert results == [True]


def test_the_default_dtype_belongs_to_the_thread() -> None:
    def work() -> tuple[Any, Any, Any]:
        before = get_default_dtype()
        set_default_dtype("float64")
        return before, get_default_dtype(), Tensor(1.0).dtype

    assert in_thread(work) == (np.float32, np.float64, np.float64)
    assert get_default_dtype() == np.float32
    assert Tensor(1.0).dtype == np.float32


def test_the_default_dtype_must_be_floating() -> None:
    with pytest.raises(DTypeError, match="must be floating, not int64"):
        set_default_dtype("int64")
    assert get_default_dtype() == np.float32


# The other switches


def test_kept_values_are_there_for_large_outputs_too() -> None:
    x = Tensor(np.ones(1000), requires_grad=True)
    with keep_values():
        y = x * 2
    assert y.node.value is y.data
    assert (x * 2).node.value is None


def test_values_are_kept_inside_anomaly_mode_and_around_it() -> None:
    x = Tensor(np.ones(1000), requires_grad=True)
    with detect_anomaly(), keep_values():
        y = x * 2
    with keep_values(), detect_anomaly():
        z = x * 2
    assert y.node.value is y.data
    assert z.node.value is z.data


def test_scopes_nest_into_a_path_and_end() -> None:
    with scope("net"):
        with scope("fc1"):
            inner = leaf() * 2
        outer = leaf() * 2
    assert (inner.node.module.path, outer.node.module.path) == ("net.fc1", "net")
    assert inner.node.module.outer is outer.node.module
    assert (leaf() * 2).node.module is None


def test_the_path_of_ten_thousand_scopes_is_no_recursion() -> None:
    entry = None
    for _ in range(10_000):
        entry = Entry("a", "", entry)
    assert entry is not None and entry.path == ".".join("a" * 10_000)


def test_every_entry_of_a_scope_is_a_part_of_its_own() -> None:
    block = scope("block", "Linear 784 → 50")
    parts = []
    for _ in range(2):
        with block:
            parts.append(((leaf() * 2).node.module, (leaf() * 3).node.module))
    (first, again), (second, _) = parts
    assert first is again and first is not second
    assert (first.name, first.detail, first.outer) == ("block", "Linear 784 → 50", None)
    assert repr(first) == "<Entry block>"


def test_a_scope_may_be_entered_while_it_is_open() -> None:
    block = scope("block")
    with block, block:
        inner = (leaf() * 2).node.module
    assert inner.path == "block.block"
    assert local.mode.module is None


def test_a_decorated_function_keeps_what_its_scope_says() -> None:
    @scope("block", "Block of 4")
    def work() -> Entry:
        return (leaf() * 2).node.module

    assert work().detail == "Block of 4"
    assert work() is not work()


def test_a_scope_is_left_by_an_exception_too() -> None:
    with pytest.raises(KeyError), scope("net"):
        raise KeyError
    assert local.mode.module is None


def test_a_scope_can_decorate_a_function() -> None:
    @scope("block")
    def work() -> str:
        return (leaf() * 2).node.module.path

    with scope("net"):
        assert work() == "net.block"
    assert work() == "block"


def test_the_scope_belongs_to_the_thread() -> None:
    with scope("net"):
        assert in_thread(lambda: (leaf() * 2).node.module) is None


def test_a_switch_without_brackets_decorates_too() -> None:
    @no_grad
    def evaluate(x: Tensor, *, by: float = 1.0) -> Tensor:
        """Documented."""
        return x * by

    x = Tensor([1.0], requires_grad=True)
    assert not evaluate(x, by=2.0).requires_grad
    assert evaluate.__doc__ == "Documented."
    assert is_grad_enabled()
    assert no_grad(lambda: is_grad_enabled())() is False
    with no_grad():
        assert enable_grad(is_grad_enabled)() is True


@pytest.mark.parametrize("switch", [no_grad, enable_grad, keep_values, detect_anomaly])
def test_a_switch_over_a_class_is_refused(switch: Any) -> None:
    for decorate in (switch(), switch):
        with pytest.raises(TypeError, match=rf"@{switch.__name__}\(\) stands over a class, Model"):

            @decorate
            class Model:
                pass


@pytest.mark.parametrize("dtype", ["foo", "float99", object(), [1, 2]])
def test_a_default_dtype_that_is_none_is_refused(dtype: Any) -> None:
    with pytest.raises(DTypeError, match=r"is not a dtype\. Use float32"):
        set_default_dtype(dtype)
    assert get_default_dtype() == np.float32
