"""Simulated annealing and the genetic algorithm: out of minima that hold gradient descent."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, backend, is_grad_enabled, manual_seed, no_grad
from autograd.random import get_state, set_state
from nn.linear import LazyLinear
from nn.optim.annealing import SimulatedAnnealing, acceptance
from nn.optim.genetic import GeneticAlgorithm
from tests.nn.optim.problems import double_well, leaf, quadratic, rastrigin

BOTH = pytest.mark.parametrize("kind", [SimulatedAnnealing, GeneticAlgorithm])
PROBLEMS = pytest.mark.parametrize(
    ("loss", "start", "stuck", "deepest"),
    [(double_well, [1.0], 0.28, -0.3), (rastrigin, [3.0, -2.0], 12.9, 0.2)],
)


def descend(loss: Callable[[Tensor], Tensor], start: list[float], steps: int = 500) -> float:
    """The loss at which gradient descent from start ends."""
    x = leaf(start)
    for _ in range(steps):
        x.grad = None
        value = loss(x)
        value.backward()
        with no_grad():
            x -= 2e-3 * x.grad
    return loss(x).item()


@PROBLEMS
@pytest.mark.parametrize("seed", [0, 3])
def test_annealing_escapes_where_descent_stays(
    loss: Callable[[Tensor], Tensor], start: list[float], stuck: float, deepest: float, seed: int
) -> None:
    assert descend(loss, start) > stuck
    manual_seed(seed)
    x = leaf(start)
    optimizer = SimulatedAnnealing([x], lr=0.5, temperature=5.0, cooling=0.97)
    for _ in range(200):
        optimizer.step(lambda: loss(x))
    optimizer.restore_best()
    assert loss(x).item() == optimizer.best_loss
    assert optimizer.best_loss < deepest


@PROBLEMS
@pytest.mark.parametrize("crossover", ["uniform", "one_point", "blend"])
def test_evolution_escapes_where_descent_stays(
    loss: Callable[[Tensor], Tensor],
    start: list[float],
    stuck: float,
    deepest: float,
    crossover: str,
) -> None:
    assert descend(loss, start) > stuck
    manual_seed(3)
    x = leaf(start)
    optimizer = GeneticAlgorithm([x], crossover=crossover, lr=0.3, mutation_rate=0.3)
    losses = [optimizer.step(lambda: loss(x)) for _ in range(40)]
    assert loss(x).item() == optimizer.best_loss == min(losses)
    assert losses == sorted(losses, reverse=True)  # the elite keeps the best alive
    assert optimizer.best_loss < deepest


def test_acceptance_follows_the_boltzmann_factor() -> None:
    assert acceptance(-1.0, 0.5) == acceptance(0.0, 0.5) == 1
    assert acceptance(1.0, 0.5) == math.exp(-2)
    assert acceptance(1e-9, 0.0) == 0
    assert acceptance(math.inf, 1.0) == acceptance(math.nan, 1.0) == 0


def test_a_walk_at_constant_temperature_visits_points_as_boltzmann_says() -> None:
    manual_seed(0)
    x = leaf([0.0])
    optimizer = SimulatedAnnealing([x], 1.5, temperature=2.0, schedule="constant", moves=5)
    seen = []
    for _ in range(2000):
        optimizer.step(lambda: (x * x).sum())
        seen.append(x.item())
    assert np.var(seen) == pytest.approx(1, abs=0.15)  # exp(−x²/T) is a normal of variance T/2


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("exponential", [4, 2, 1]),
        ("cauchy", [4, 2, 4 / 3]),
        ("logarithmic", [4, 4 / math.log(math.e + 1), 4 / math.log(math.e + 2)]),
        ("constant", [4, 4, 4]),
        (lambda step: 10.0 - step, [10, 9, 8]),
    ],
)
def test_the_temperature_falls_by_its_schedule(schedule: Any, expected: list[float]) -> None:
    x = leaf([0.0])
    optimizer = SimulatedAnnealing([x], temperature=4, cooling=0.5, schedule=schedule)
    seen = []
    for _ in range(3):
        seen.append(optimizer.temperature)
        optimizer.step(lambda: (x * x).sum())
    assert seen == pytest.approx(expected)


def test_a_frozen_walk_only_descends() -> None:
    manual_seed(0)
    x = leaf([3.0, -2.0])
    optimizer = SimulatedAnnealing([x], temperature=0.0, moves=1)
    losses = [optimizer.step(lambda: quadratic(x)) for _ in range(50)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0]
    assert losses[-1] == quadratic(x).item() == optimizer.best_loss


@BOTH
def test_saved_with_the_random_state_it_goes_on_bit_by_bit(kind: Any) -> None:
    manual_seed(1)
    x, y = leaf([3.0, -2.0]), leaf([0.0, 0.0])
    first, second = kind([x], lr=0.5), kind([y], lr=0.1)
    for _ in range(5):
        first.step(lambda: rastrigin(x))
    saved, random, at = first.state_dict(), get_state(), x.data.copy()
    ends = [first.step(lambda: rastrigin(x)) for _ in range(5)]
    second.load_state_dict(saved)
    y.data[...] = at
    set_state(random)
    assert [second.step(lambda: rastrigin(y)) for _ in range(5)] == ends
    assert x.data.tobytes() == y.data.tobytes()
    assert first.best_loss == second.best_loss


@BOTH
def test_one_seed_gives_one_run(kind: Any) -> None:
    ends = []
    for seed in (0, 0, 1):
        manual_seed(seed)
        x = leaf([3.0, -2.0])
        optimizer = kind([x])
        for _ in range(4):
            optimizer.step(lambda: rastrigin(x))  # noqa: B023  # called at once
        ends.append(x.data.tolist())
    assert ends[0] == ends[1] != ends[2]


@BOTH
def test_the_closure_runs_unrecorded_and_may_return_a_plain_number(kind: Any) -> None:
    x, recording = leaf([3.0, -2.0]), []

    def loss() -> float:
        recording.append(is_grad_enabled())
        return float((x.data**2).sum())

    optimizer = kind([x])
    assert isinstance(optimizer.step(loss), float)
    assert recording and not any(recording)
    assert is_grad_enabled()


@BOTH
def test_nan_is_never_the_best(kind: Any) -> None:
    manual_seed(0)
    x = leaf([3.0, -2.0])
    optimizer = kind([x], lr=1.0)
    for _ in range(10):
        optimizer.step(lambda: math.nan if x.data[0] < 2.9 else float(x.data[0]))
    optimizer.restore_best()
    assert 2.9 <= optimizer.best_loss == x.data[0] < 3


@BOTH
def test_a_step_that_fails_changes_nothing(kind: Any) -> None:
    manual_seed(0)
    x, calls = leaf([3.0, -2.0]), []
    optimizer = kind([x])

    def loss() -> float:
        calls.append(1)
        if len(calls) % 5 == 0:
            raise KeyError("batch")
        return 0.0

    with pytest.raises(KeyError, match="batch"):
        optimizer.step(loss)
    np.testing.assert_array_equal(x.data, [3.0, -2.0])
    assert not optimizer.state
    assert optimizer.best_loss == math.inf
    optimizer.restore_best()
    np.testing.assert_array_equal(x.data, [3.0, -2.0])


@BOTH
def test_groups_move_by_their_own_lr_and_frozen_parameters_not_at_all(kind: Any) -> None:
    manual_seed(0)
    still, moved, frozen = leaf([1.0, 2.0]), leaf([[3.0]]), leaf([5.0])
    optimizer = kind([{"params": [still], "lr": 0.0}, {"params": [moved, frozen]}], lr=1.0)
    if kind is GeneticAlgorithm:
        optimizer.param_groups[0]["spread"] = 0.0
    frozen.requires_grad_(False)
    for _ in range(10):
        optimizer.step(lambda: (moved * moved).sum() + still.sum())
    optimizer.restore_best()
    np.testing.assert_array_equal(still.data, [1.0, 2.0])
    assert frozen.item() == 5
    assert abs(moved.item()) < 1


@BOTH
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_small_dtypes_stay_what_they_are(kind: Any, dtype: str) -> None:
    manual_seed(0)
    x = leaf([3.0, -2.0], dtype)
    optimizer = kind([x], lr=0.5)
    for _ in range(10):
        optimizer.step(lambda: quadratic(x))
    assert x.dtype == dtype
    assert optimizer.best_loss < quadratic(leaf([3.0, -2.0])).item()


def test_without_mutation_uniform_children_have_only_genes_of_their_parents() -> None:
    manual_seed(0)
    x = leaf(np.zeros(6))
    optimizer = GeneticAlgorithm([x], population=8, mutation_rate=0.0, elite=0)
    optimizer.step(lambda: float(x.data.sum()))
    start = optimizer.state[x]["population"]
    for _ in range(3):
        optimizer.step(lambda: float(x.data.sum()))
    for gene in range(6):
        assert set(optimizer.state[x]["population"][:, gene]) <= set(start[:, gene])


def test_a_tournament_of_all_breeds_from_the_best_alone() -> None:
    manual_seed(0)
    x = leaf(np.zeros(3))
    optimizer = GeneticAlgorithm([x], 4, mutation_rate=0.0, tournament=4, crossover_rate=1.0)
    losses = {}

    def loss() -> float:
        value = float((x.data**2).sum())
        losses[value] = x.data.copy()
        return value

    for _ in range(8):  # a member may be missing from a tournament, as drawing puts back
        optimizer.step(loss)
    spread = np.ptp(optimizer.state[x]["population"], axis=0)
    np.testing.assert_array_equal(spread, 0)
    np.testing.assert_array_equal(x.data, losses[min(losses)])


@BOTH
def test_misuse_is_told_what_is_wanted(kind: Any) -> None:
    x, name = leaf([3.0, -2.0]), kind.__name__
    with pytest.raises(ValueError, match=f"{name}: lr is -1; it must be at least 0"):
        kind([x], lr=-1)
    common = "tournament" if kind is GeneticAlgorithm else "moves"
    with pytest.raises(ValueError, match=f"a group has {common} 4, but it is .* whole search"):
        kind([{"params": [x], common: 4}])
    optimizer = kind([x])
    with pytest.raises(TypeError, match=rf"{name}.step\(\) evaluates the loss itself"):
        optimizer.step()
    with pytest.raises(ValueError, match=r"an array of shape \(2,\)"):
        optimizer.step(lambda: x * x)
    optimizer.step(lambda: quadratic(x))
    with pytest.raises(ValueError, match="parameters cannot be added after the first step"):
        optimizer.add_param_group({"params": [leaf([1.0])]})
    x.requires_grad_(False)
    with pytest.raises(ValueError, match="none of the 1 parameters requires grad"):
        optimizer.step(lambda: quadratic(x))


def test_unknown_schedules_and_crossovers_are_refused() -> None:
    x = leaf([1.0])
    with pytest.raises(ValueError, match="schedule is 'linear'; it must be one of exponential"):
        SimulatedAnnealing([x], schedule="linear")
    with pytest.raises(ValueError, match="crossover is 'two_point'; it must be one of uniform"):
        GeneticAlgorithm([x], crossover="two_point")
    with pytest.raises(ValueError, match="tournament is 9"):
        GeneticAlgorithm([x], population=8, tournament=9)
    saved = SimulatedAnnealing([x], schedule=lambda step: 1.0).state_dict()
    with pytest.raises(ValueError, match="the schedule was a function, which no state holds"):
        SimulatedAnnealing([x]).load_state_dict(saved)


@BOTH
def test_a_lazy_layer_must_have_seen_an_input(kind: Any) -> None:
    model, x = LazyLinear(1), Tensor(np.eye(3, dtype="float32"))
    optimizer = kind(model.parameters())
    with pytest.raises(
        ShapeError, match=r"had 1 numbers and have 4 now.*Run the model once before"
    ):
        optimizer.step(lambda: (model(x) ** 2).sum())
    assert not optimizer.state
    optimizer.step(lambda: (model(x) ** 2).sum())


@BOTH
def test_a_step_on_a_device(kind: Any, device: str) -> None:
    manual_seed(0)
    x = leaf([3.0, -2.0], device="cuda")
    for crossover in ("uniform", "one_point") if kind is GeneticAlgorithm else (None,):
        optimizer = kind([x], **({} if crossover is None else {"crossover": crossover}))
        first = optimizer.step(lambda: rastrigin(x))
        for _ in range(10):
            optimizer.step(lambda: rastrigin(x))
        optimizer.restore_best()
        assert backend.is_cupy(x.data)
        assert (
            rastrigin(x).item() == pytest.approx(optimizer.best_loss)
            and optimizer.best_loss <= first
        )
