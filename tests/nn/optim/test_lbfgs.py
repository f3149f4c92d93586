"""L-BFGS against PyTorch's, step by step, and on problems whose answer is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, backend, manual_seed, no_grad, ops
from nn.linear import LazyLinear
from nn.optim.lbfgs import LBFGS
from nn.optim.line_search import Trial, strong_wolfe
from tests.nn.optim.problems import LOWEST, leaf, quadratic, rosenbrock

SEARCHES = pytest.mark.parametrize("search", [None, "strong_wolfe"])
RNG = np.random.default_rng(0)
INPUTS, TARGETS = RNG.standard_normal((30, 3)), RNG.standard_normal((30, 2))
SHAPES = ((3, 4), (4,), (4, 2), (2,))
START = [RNG.standard_normal(shape) for shape in SHAPES]


@pytest.fixture
def torch() -> Iterator[Any]:
    """PyTorch on one thread: on many, so small a net waits for them most of the time."""
    module = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    threads = module.get_num_threads()
    module.set_num_threads(1)
    yield module
    module.set_num_threads(threads)


def closure_of(
    optimizer: LBFGS, loss: Callable[[], Tensor], calls: list[int] | None = None
) -> Callable[[], Tensor]:
    """Clears the gradients, computes the loss and its gradients, as L-BFGS wants it."""

    def closure() -> Tensor:
        if calls is not None:
            calls.append(1)
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    return closure


def net_loss(weights: list[Any], tanh: Callable[[Any], Any], x: Any, y: Any) -> Any:
    """A tanh net's squared error. Weight decay keeps it from being flat, where rounding grows."""
    w1, b1, w2, b2 = weights
    decay = sum((w * w).sum() for w in weights)
    return ((tanh(x @ w1 + b1) @ w2 + b2 - y) ** 2).mean() + 0.05 * decay


@SEARCHES
@pytest.mark.parametrize(
    ("lr", "max_iter", "history_size"), [(1, 1, 100), (0.5, 3, 4), (1, 20, 10)]
)
def test_fifty_steps_agree_with_pytorch(
    torch: Any, search: str | None, lr: float, max_iter: int, history_size: int
) -> None:
    options = {
        "lr": lr,
        "max_iter": max_iter,
        "history_size": history_size,
        "line_search_fn": search,
    }
    ours = [leaf(w) for w in START]
    theirs = [torch.tensor(w, requires_grad=True) for w in START]
    optimizer, witness = LBFGS(ours, **options), torch.optim.LBFGS(theirs, **options)
    x, y = Tensor(INPUTS), Tensor(TARGETS)
    closure = closure_of(optimizer, lambda: net_loss(ours, ops.tanh, x, y))

    def their_closure() -> Any:
        witness.zero_grad()
        value = net_loss(theirs, torch.tanh, torch.tensor(INPUTS), torch.tensor(TARGETS))
        value.backward()
        return value

    for _ in range(50):
        loss, their_loss = optimizer.step(closure), witness.step(their_closure)
        assert loss.item() == pytest.approx(their_loss.item(), rel=1e-6)
        for w, v in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(w.data, v.detach().numpy(), rtol=1e-6, atol=1e-6)
    mine, others = optimizer.state[ours[0]], witness.state[theirs[0]]
    assert mine["n_iter"] == others["n_iter"]
    assert mine["func_evals"] == others["func_evals"]
    assert len(mine["ro"]) == len(others["ro"])


@SEARCHES
def test_a_curved_valley_is_followed_to_its_end(search: str | None) -> None:
    x = leaf([-1.2, 1.0])
    optimizer = LBFGS([x], max_iter=60, line_search_fn=search, tolerance_change=1e-15)
    closure = closure_of(optimizer, lambda: rosenbrock(x))
    for _ in range(5):
        optimizer.step(closure)
    np.testing.assert_allclose(x.data, 1, rtol=1e-6)


def test_one_step_returns_the_first_loss_and_counts_evaluations() -> None:
    x, calls = leaf([3.0, -2.0]), []
    optimizer = LBFGS([x], tolerance_change=1e-12, line_search_fn="strong_wolfe")
    loss = optimizer.step(closure_of(optimizer, lambda: quadratic(x), calls))
    assert loss.item() == quadratic(leaf([3.0, -2.0])).item()
    assert optimizer.state[x]["func_evals"] == len(calls)
    np.testing.assert_allclose(x.data, LOWEST, rtol=1e-6)


def test_no_more_evaluations_than_max_eval_and_its_line_search() -> None:
    x, calls = leaf([-1.2, 1.0]), []
    optimizer = LBFGS([x], max_iter=100, max_eval=7, line_search_fn="strong_wolfe")
    optimizer.step(closure_of(optimizer, lambda: rosenbrock(x), calls))
    assert len(calls) <= 8


def test_a_step_at_the_minimum_moves_nothing() -> None:
    x = leaf([1.0, 1.0])
    optimizer = LBFGS([x])
    optimizer.step(closure_of(optimizer, lambda: rosenbrock(x)))
    np.testing.assert_array_equal(x.data, [1.0, 1.0])
    assert optimizer.state[x]["n_iter"] == 0


@SEARCHES
def test_a_saved_state_goes_on_bit_by_bit(search: str | None) -> None:
    x, y = leaf([-1.2, 1.0]), leaf([0.0, 0.0])
    first = LBFGS([x], max_iter=4, line_search_fn=search)
    second = LBFGS([y])
    for _ in range(4):
        first.step(closure_of(first, lambda: rosenbrock(x)))
    y.data[...] = x.data
    second.load_state_dict(first.state_dict())
    for _ in range(4):
        first.step(closure_of(first, lambda: rosenbrock(x)))
        second.step(closure_of(second, lambda: rosenbrock(y)))
    assert x.data.tobytes() == y.data.tobytes()


def test_a_state_of_another_size_is_refused() -> None:
    x, y = leaf([-1.2, 1.0]), leaf([-1.2, 1.0])
    optimizer = LBFGS([x, y], max_iter=2)
    closure = closure_of(optimizer, lambda: rosenbrock(x) + rosenbrock(y))
    optimizer.step(closure)
    y.requires_grad_(False)
    before = x.data.copy()
    with pytest.raises(ValueError, match="its state is of 4 numbers, but 2 require grad now"):
        optimizer.step(closure)
    np.testing.assert_array_equal(x.data, before)


@SEARCHES
@pytest.mark.parametrize("failing", [1, 2, 4])
def test_a_step_that_fails_changes_nothing(search: str | None, failing: int) -> None:
    x, calls = leaf([-1.2, 1.0]), []
    optimizer = LBFGS([x], lr=1e-3, line_search_fn=search)
    optimizer.step(closure_of(optimizer, lambda: rosenbrock(x)))
    before, state = x.data.copy(), optimizer.state[x]
    kept = {name: len(state[name]) for name in ("old_dirs", "old_stps", "ro")}

    def broken() -> Tensor:
        calls.append(1)
        if len(calls) == failing:
            raise KeyError("batch")
        return closure_of(optimizer, lambda: rosenbrock(x))()

    with pytest.raises(KeyError, match="batch"):
        optimizer.step(broken)
    np.testing.assert_array_equal(x.data, before)
    assert optimizer.state[x] is state
    assert {name: len(state[name]) for name in kept} == kept


def test_recording_is_on_for_the_closure_within_no_grad() -> None:
    x = leaf([3.0, -2.0])
    optimizer = LBFGS([x])
    with no_grad():
        optimizer.step(closure_of(optimizer, lambda: quadratic(x)))
    np.testing.assert_allclose(x.data, LOWEST, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_small_dtypes_stay_what_they_are(dtype: str) -> None:
    x = leaf([3.0, -2.0], dtype)
    optimizer = LBFGS([x], line_search_fn="strong_wolfe")
    optimizer.step(closure_of(optimizer, lambda: quadratic(x)))
    assert x.dtype == dtype
    np.testing.assert_allclose(x.data, LOWEST, atol=5e-3)


def test_a_parameter_without_a_gradient_stays() -> None:
    x, unused = leaf([3.0, -2.0]), leaf([5.0])
    optimizer = LBFGS([unused, x])
    optimizer.step(closure_of(optimizer, lambda: quadratic(x)))
    assert unused.item() == 5
    np.testing.assert_allclose(x.data, LOWEST, rtol=1e-5)


def test_the_line_search_meets_both_wolfe_conditions() -> None:
    def evaluate(t: float) -> Trial:
        """A narrow dent far from the start. Source: Moré and Thuente (1994), function 2."""
        loss = (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4
        slope = 5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3
        return Trial(t, loss, np.array([slope]), slope)

    start = evaluate(0.0)
    for first in (1e-3, 0.1, 1.0, 10.0):
        found, evaluations = strong_wolfe(evaluate, start, first, 1.0, 1e-9, 25)
        assert found.loss <= start.loss + 1e-4 * found.t * start.slope
        assert abs(found.slope) <= 0.9 * abs(start.slope)
        assert evaluations <= 25


def test_a_loss_that_is_infinite_or_nan_on_the_way_is_stepped_back_from() -> None:
    x = leaf([5.0])
    optimizer = LBFGS([x], lr=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        return (x - ops.log(x)).sum() if x.item() > 0 else (x * x * np.inf).sum()

    with np.errstate(all="ignore"):
        for _ in range(3):
            optimizer.step(closure_of(optimizer, loss))
    assert x.item() == pytest.approx(1, abs=1e-4)


def test_bad_options_are_refused() -> None:
    x = leaf([1.0])
    with pytest.raises(ValueError, match="LBFGS: lr is -1"):
        LBFGS([x], lr=-1)
    with pytest.raises(ValueError, match="line_search_fn is 'armijo'; it must be \"strong_wolfe\""):
        LBFGS([x], line_search_fn="armijo")
    with pytest.raises(ValueError, match="2 parameter groups were given"):
        LBFGS([{"params": [x]}, {"params": [leaf([2.0])]}])
    with pytest.raises(TypeError, match=r"LBFGS.step\(\) evaluates the loss itself"):
        LBFGS([x]).step()


def test_a_lazy_layer_may_learn_its_size_in_the_first_step() -> None:
    manual_seed(0)
    model, x = LazyLinear(1, dtype="float64"), Tensor(np.eye(3))
    optimizer = LBFGS(model.parameters(), line_search_fn="strong_wolfe")
    optimizer.step(closure_of(optimizer, lambda: ((model(x) - 2.0) ** 2).sum()))
    np.testing.assert_allclose(model(x).data, 2.0, rtol=1e-3)


@SEARCHES
def test_the_same_steps_on_a_device(search: str | None, device: str) -> None:
    def run(where: str) -> Any:
        x = leaf([-1.2, 1.0], device=where)
        optimizer = LBFGS([x], max_iter=10, line_search_fn=search)
        optimizer.step(closure_of(optimizer, lambda: rosenbrock(x)))
        return backend.to_host(x.data)

    np.testing.assert_allclose(run("cuda"), run("cpu"), rtol=1e-9)
