"""Stopping in the middle of a real backward()."""

from __future__ import annotations

import contextlib
import gc
import io
import sys
import threading
import weakref
from collections.abc import Iterator

import numpy as np
import pytest

import autograd
from autograd import Tensor, ops
from autograd.mode import local
from tests.viz.graphs import leaf, lecture, matrix, square_plus_self
from viz.breaking import break_on


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """The standard input, into which a test writes commands before it begins."""
    text = io.StringIO()
    monkeypatch.setattr(sys, "stdin", text)
    return text


def give(typed: io.StringIO, *commands: str) -> None:
    typed.write("".join(f"{command}\n" for command in commands))
    typed.seek(0)


def test_backward_stops_where_asked_and_then_gives_its_gradients(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    x = leaf(2.0, "x")
    y = ops.log(x * x) * 3.0
    give(typed, "l", "p x", "c")
    with break_on(op="log"):
        y.backward()
    assert capsys.readouterr().out.splitlines() == [
        "[2/…] log  → input 0 (4)      3 × 0.25 = 0.75   ∂z/∂x = 1 / x",
        "(bdb) l",
        "   [0/…] seed   ∂y/∂y = 1",
        "   [1/…] ×  → input 0 (1.386)    1 × 3 = 3         ∂z/∂x = y = 3",
        "-> [2/…] log  → input 0 (4)      3 × 0.25 = 0.75   ∂z/∂x = 1 / x",
        "(bdb) p x",
        "x = 2     x.grad: –",
        "(bdb) c",
    ]
    assert x.grad is not None and x.grad.item() == 3.0


def test_steps_beyond_the_past_let_the_pass_go_on(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    y = lecture()
    give(
        typed, "goto 3", "s", "n", "unt 귤 개수", "bs 9", "unt +", "goto 99", "explain", "html", "q"
    )
    with break_on():
        y.backward()
    told = [a.split("\n")[1] for a in capsys.readouterr().out.split("(bdb) ")[1:-1]]
    assert told[0].startswith("*** event 3 has not happened; the past is 0 to 0.")
    assert [a.partition("]")[0] for a in told[1:6]] == ["[1/…", "[2/…", "[6/…", "[0/…", "[3/…"]
    assert told[6].startswith("*** event 99 has not happened")
    assert told[7].startswith("*** explain needs the whole pass")
    assert told[8].startswith("*** the page is of a whole pass")


@pytest.mark.parametrize("commands", [("q",), ("c",), ("s 4", "bs 2", "q"), ("s 99", "draw", "q")])
def test_gradients_are_those_of_a_pass_that_nobody_watches(
    typed: io.StringIO, commands: tuple[str, ...]
) -> None:
    x, w = matrix(9, 9, "x"), matrix(9, 9, "w")
    expected = autograd.grad((ops.tanh(x @ w) @ w).sum(), [x, w])
    give(typed, *commands)
    with break_on():
        (ops.tanh(x @ w) @ w).sum().backward()
    for leaf_, g in zip((x, w), expected, strict=True):
        assert np.array_equal(leaf_.grad.numpy(), g.numpy())
        assert not np.shares_memory(leaf_.grad.data, leaf_.data)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the NaN is the point
def test_nan_stops_at_the_first_contribution_that_is_not_finite(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    x = Tensor([1.0, 0.0], requires_grad=True, name="x")
    y = (ops.sqrt(x) * 2.0).sum()
    with break_on(nan=True):
        y.backward()
    assert capsys.readouterr().out.startswith("[3/…] √  → input 0 (x)")


def test_names_tensors_sizes_and_functions_are_places_to_stop(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    y = lecture()
    tax = next(n for n in autograd.graph.ancestors([y.node]) if n.name == "소비세")
    for stop, place in (
        (break_on("귤 개수"), 6),
        (break_on(above=200), 2),
        (break_on(when=lambda stepper, event: event.target is tax), 2),
        (break_on("no such name"), None),
    ):
        with stop:
            y.backward(retain_graph=True)
        shown = capsys.readouterr().out
        assert shown.startswith(f"[{place}/") if place is not None else shown == ""


def test_a_tensor_may_be_given(typed: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    x, w = leaf(2.0), leaf(3.0)
    with break_on(w):
        (x * w).backward()
    assert "→ input 1 (w)" in capsys.readouterr().out


def test_what_is_no_place_to_stop_is_refused() -> None:
    with pytest.raises(TypeError, match=r"break_on\(\): 3 is neither"):
        break_on(3)


def test_grad_and_create_graph_stop_too(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    x = leaf(3.0, "x")
    give(typed, "c")
    with break_on("x"):
        (first,) = autograd.grad(x * x * x, x, create_graph=True)
    assert capsys.readouterr().out.startswith("[2/…] ×  → input 1 (x)")
    (second,) = autograd.grad(first, x)
    assert (first.item(), second.item()) == (27.0, 18.0)


def test_a_backward_typed_at_the_prompt_is_not_stopped(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    a = leaf(2.0, "a")
    b = a * 5.0
    give(typed, "b.backward()", "p a.grad.item()", "q")
    with break_on():
        square_plus_self().backward()
    assert "(bdb) b.backward()\n(bdb) p a.grad.item()\n5.0\n" in capsys.readouterr().out
    assert b is not None


def test_an_error_of_the_pass_is_told_and_raised_when_the_prompt_is_left(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    x = leaf(2.0, "x")
    h = x * 3.0

    def hook(g: Tensor) -> None:
        raise ValueError("the hook refuses")

    h.register_hook(hook)
    give(typed, "s", "s", "q")
    with break_on(), pytest.raises(ValueError, match="the hook refuses"):
        (h * 2.0).backward()
    assert "*** the hook refuses" in capsys.readouterr().out
    assert x.grad is None
    assert local.mode.observer is None


def test_a_pass_cut_short_by_ctrl_c_writes_no_gradient(
    typed: io.StringIO, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    x = leaf(2.0, "x")
    h = x * 3.0

    def interrupted(g: Tensor) -> None:
        raise KeyboardInterrupt

    h.register_hook(interrupted)
    give(typed, "s 9", "q")
    with break_on(), pytest.raises(KeyboardInterrupt):
        (h * 2.0).backward()
    assert "interrupted; q leaves" in capsys.readouterr().out
    assert x.grad is None


def test_the_observer_belongs_to_its_thread_and_goes_with_its_block() -> None:
    seen: list[object] = []
    with break_on("x"):
        assert local.mode.observer is not None
        thread = threading.Thread(target=lambda: seen.append(local.mode.observer))
        thread.start()
        thread.join()
    with pytest.raises(ZeroDivisionError), break_on("x"):
        raise ZeroDivisionError
    assert local.mode.observer is None
    assert seen == [None]


def test_it_may_stand_over_a_function(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    @break_on(op="mul")
    def train(x: Tensor) -> None:
        (x * 2.0).backward()

    train(leaf(1.0, "x"))
    assert capsys.readouterr().out.startswith("[1/…] ×  → input 0 (x)")


def test_nothing_of_the_graph_outlives_the_pass(typed: io.StringIO) -> None:
    def train() -> weakref.ref[object]:
        x = leaf(2.0, "x")
        y = ops.exp(x) * 2.0
        with break_on("no such name"):
            y.backward()
        node = weakref.ref(y.node)
        del y
        assert node() is None
        return node

    assert train()() is None


def test_c_stops_at_a_temporary_breakpoint(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    x = leaf(2.0, "x")
    y = ops.log(x * x)
    give(typed, "tbreak x", "c", "c")
    with break_on():
        y.backward()
    shown = capsys.readouterr().out
    assert shown.count("(bdb) c") == 2 and "[2/…] ×  → input 0 (x)" in shown


@pytest.mark.parametrize("stop", ["x", "nan"])
def test_nothing_of_the_graph_outlives_a_pass_that_failed(typed: io.StringIO, stop: str) -> None:
    x = leaf(2.0, "x")
    y = ops.log(x) * x
    x.register_hook(lambda g: Tensor(1 / 0))
    node = weakref.ref(y.node)
    give(typed, "s", "s", "q")
    gc.disable()
    try:
        with contextlib.suppress(ZeroDivisionError), break_on(stop):
            y.backward()
        del x, y
        assert node() is None
    finally:
        gc.enable()


def steps_of(count: int) -> list[float]:
    """A training of so many passes, with the gradient of each."""
    x = leaf(2.0, "x")
    found = []
    for _ in range(count):
        x.grad = None
        (x * x).backward()
        assert x.grad is not None
        found.append(x.grad.item())
    return found


@pytest.mark.parametrize(
    "command", ["Q", "qq", "exit()", "quit(0)", "! exit()", "import sys; sys.exit()"]
)
@pytest.mark.parametrize("stops", [(), ("x",)])
def test_leaving_for_good_stops_no_later_pass_of_the_block(
    typed: io.StringIO,
    capsys: pytest.CaptureFixture[str],
    command: str,
    stops: tuple[str, ...],
) -> None:
    give(typed, command, "p 1", "p 2")
    with break_on(*stops):
        assert steps_of(5) == [4.0] * 5
    assert capsys.readouterr().out.count("(bdb)") == 1
    assert not typed.closed
    with break_on(*stops):
        steps_of(1)
    assert "(bdb) p 1\n1\n(bdb) p 2" in capsys.readouterr().out


def test_q_leaves_one_pass_and_the_end_of_the_input_all(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    give(typed, "q", "q")
    with break_on("x"):
        assert steps_of(9) == [4.0] * 9
    assert capsys.readouterr().out.count("(bdb)") == 3


def test_stops_that_are_cleared_stay_so_for_the_whole_block(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    give(typed, "cl 2", "q", "cl", "q")
    with break_on("x", op="mul"):
        assert steps_of(9) == [4.0] * 9
    assert capsys.readouterr().out.count("(bdb)") == 4
    give(typed, "q")
    typed.seek(0)
    with break_on("x"):
        steps_of(1)
    assert "(bdb)" in capsys.readouterr().out


def test_a_closed_standard_input_is_one_at_its_end(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    typed.close()
    with break_on():
        assert steps_of(3) == [4.0] * 3
    assert capsys.readouterr().out.count("(bdb)") == 1


def test_a_generator_comes_back_into_the_block_that_it_left(
    typed: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    @break_on("x")
    def train() -> Iterator[float]:
        for _ in range(4):
            yield from steps_of(1)

    give(typed, "q", "Q")
    assert list(train()) == [4.0] * 4
    assert capsys.readouterr().out.count("(bdb)") == 2
