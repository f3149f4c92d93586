"""Every schedule against its closed form and against PyTorch's, saved and resumed."""

from __future__ import annotations

import copy
import math
import pickle
import warnings
from collections.abc import Callable

import numpy as np
import pytest

from nn import optim
from nn.optim import lr_scheduler

from .schedules import BUILDS, STEPS, optimizer, rates

NAMES = sorted(BUILDS)
CLOSED: dict[str, Callable[[int, float], float]] = {
    "step by 7": lambda t, lr: lr * 0.3 ** (t // 7),
    "milestones twice": lambda t, lr: lr * 0.5 ** sum(t >= m for m in (5, 5, 12, 31)),
    "exponential": lambda t, lr: lr * 0.93**t,
    "cosine 7": lambda t, lr: 0.01 + (lr - 0.01) * (1 + math.cos(math.pi * t / 7)) / 2,
    "cosine 1": lambda t, lr: lr * (1 + math.cos(math.pi * t)) / 2,
    "lambda": lambda t, lr: lr * 0.95**t,
    "constant": lambda t, lr: lr * (0.25 if t < 4 else 1),
    "linear": lambda t, lr: lr * (0.1 + 0.7 * min(t, 9) / 9),
    "linear down": lambda t, lr: lr * (1 - min(t, 9) / 9),
    "restarts 1": lambda t, lr: lr * (1 + math.cos(math.pi * (t % 5) / 5)) / 2,
}


@pytest.mark.parametrize("name", sorted(CLOSED))
def test_rates_follow_the_closed_form(name: str) -> None:
    found = rates(STEPS, BUILDS[name](lr_scheduler, optimizer()))
    wanted = [[CLOSED[name](t, lr) for lr in (0.5, 0.125)] for t in range(STEPS + 1)]
    np.testing.assert_allclose([row[:2] for row in found], wanted, 1e-12, 1e-15)


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize("name", NAMES)
def test_rates_and_momenta_agree_with_pytorch(name: str, kind: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    options = {"momentum": 0.9} if kind == "SGD" else {}
    found = rates(STEPS, BUILDS[name](lr_scheduler, optimizer(kind, **options)))
    groups = [{"params": [torch.ones(2, requires_grad=True)], "lr": lr} for lr in (0.5, 0.125)]
    other = getattr(torch.optim, kind)(groups, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside PyTorch's own schedulers
        wanted = rates(STEPS, BUILDS[name](torch.optim.lr_scheduler, other))
    np.testing.assert_allclose(found, wanted, 1e-12, 1e-15)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("before", [0, 4, 23])
def test_a_resumed_schedule_goes_on_bit_for_bit(name: str, before: int) -> None:
    source = optimizer(momentum=0.9)
    scheduler = BUILDS[name](lr_scheduler, source)
    rates(before, scheduler)
    saved = copy.deepcopy((source.state_dict(), scheduler.state_dict()))
    other = optimizer(momentum=0.9)
    resumed = BUILDS[name](lr_scheduler, other)
    other.load_state_dict(saved[0])
    resumed.load_state_dict(saved[1])
    assert rates(STEPS - before, resumed) == rates(STEPS - before, scheduler)


@pytest.mark.parametrize("name", [n for n in NAMES if "lambda" not in n and "linear late" not in n])
def test_a_pickled_schedule_goes_on_with_its_optimizer(name: str) -> None:
    scheduler = BUILDS[name](lr_scheduler, optimizer(momentum=0.9))
    rates(5, scheduler)
    twin = pickle.loads(pickle.dumps(scheduler))
    assert rates(20, twin) == rates(20, scheduler)


@pytest.mark.parametrize("name", NAMES)
def test_saved_state_holds_plain_values_alone_and_is_a_copy(name: str) -> None:
    scheduler = BUILDS[name](lr_scheduler, optimizer(momentum=0.9))
    state = scheduler.state_dict()

    def check(value: object) -> None:
        if isinstance(value, dict):
            assert all(isinstance(key, str) for key in value)
        assert isinstance(value, dict | list | tuple | int | float | str | None)
        for item in value.values() if isinstance(value, dict) else ():
            check(item)
        for item in value if isinstance(value, list | tuple) else ():
            check(item)

    check(state)
    before = copy.deepcopy(state)
    rates(3, scheduler)
    assert state == before


@pytest.mark.parametrize("name", ["step by 7", "exponential", "cosine 7", "linear", "lambda"])
def test_a_schedule_resumed_by_last_epoch_agrees_with_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")

    def resumed(module, opt):
        first = {"step by 7": (7, 0.3), "exponential": (0.93,), "cosine 7": (7, 0.01)}
        rest = {"linear": (0.1, 0.8, 9), "lambda": (lambda e: 0.95**e,)}
        kinds = {
            "step by 7": "StepLR",
            "exponential": "ExponentialLR",
            "cosine 7": "CosineAnnealingLR",
            "linear": "LinearLR",
            "lambda": "LambdaLR",
        }
        for group in opt.param_groups:
            group["initial_lr"] = group["lr"]
        return getattr(module, kinds[name])(opt, *{**first, **rest}[name], last_epoch=6)

    found = rates(20, resumed(lr_scheduler, optimizer(momentum=0.9)))
    groups = [{"params": [torch.ones(2, requires_grad=True)], "lr": lr} for lr in (0.5, 0.125)]
    other = torch.optim.SGD(groups, momentum=0.9)
    wanted = rates(20, resumed(torch.optim.lr_scheduler, other))
    np.testing.assert_allclose(found, wanted, 1e-12, 1e-15)


def test_schedules_on_one_optimizer_multiply() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    found = []
    for module, opt in (
        (lr_scheduler, optimizer(momentum=0.9)),
        (torch.optim.lr_scheduler, torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.5)),
    ):
        both = [module.StepLR(opt, 3), module.ExponentialLR(opt, 0.9), module.LinearLR(opt, 0.5)]
        column = []
        for _ in range(20):
            opt.step()
            for scheduler in both:
                scheduler.step()
            column.append(opt.param_groups[0]["lr"])
        found.append(column)
    np.testing.assert_allclose(*found, 1e-12)


def test_noam_rises_to_its_peak_at_the_end_of_the_warm_up() -> None:
    source = optimizer(momentum=0.9)
    scheduler = lr_scheduler.NoamLR(source, d_model=64, warmup_steps=10, factor=2.0)
    found = [row[0] for row in rates(STEPS, scheduler)]
    wanted = [2 * 64**-0.5 * min(s**-0.5, s * 10**-1.5) for s in range(1, STEPS + 2)]
    np.testing.assert_allclose(found, wanted, 1e-14)
    assert found.index(max(found)) == 9
    other = lr_scheduler.NoamLR(optimizer(momentum=0.9), 64, 10, 2.0)
    other.load_state_dict(scheduler.state_dict())
    assert other.get_lr() == scheduler.get_lr()


def test_restarts_may_be_stepped_by_fractions_of_an_epoch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    theirs = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.5)
    for mult in (1, 2, 3):
        ours = lr_scheduler.CosineAnnealingWarmRestarts(optimizer(), 3, mult)
        other = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(theirs, 3, mult)
        for epoch in np.arange(0, 30, 0.5):
            ours.step(float(epoch))
            other.step(float(epoch))
            np.testing.assert_allclose(ours.get_last_lr()[0], other.get_last_lr()[0], 1e-9, 1e-12)
        with pytest.raises(ValueError, match="epoch is -1"):
            ours.step(-1)


def test_attributes_of_a_lambda_object_are_saved() -> None:
    class Decay:
        def __init__(self, base: float) -> None:
            self.base = base

        def __call__(self, epoch: int) -> float:
            return self.base**epoch

    saved = lr_scheduler.LambdaLR(optimizer(), [Decay(0.5), lambda e: 1.0]).state_dict()
    assert saved["lr_lambdas"] == [{"base": 0.5}, None]
    own = Decay(0.9)
    other = lr_scheduler.LambdaLR(optimizer(), [own, lambda e: 1.0])
    other.load_state_dict(saved)
    assert own.base == 0.5


def test_a_rate_held_at_zero_comes_back() -> None:
    found = rates(4, lr_scheduler.ConstantLR(optimizer(momentum=0.9), 0.0, total_iters=2))
    assert [row[0] for row in found] == [0.0, 0.0, 0.5, 0.5, 0.5]


def test_lambdas_of_another_number_of_groups_are_refused() -> None:
    scheduler = lr_scheduler.LambdaLR(optimizer(), abs)
    state = {**scheduler.state_dict(), "lr_lambdas": [None], "last_epoch": 9}
    with pytest.raises(ValueError, match="the state is of 1 groups, but there are 2"):
        scheduler.load_state_dict(state)
    assert scheduler.last_epoch == 0


def test_a_scheduler_that_is_stepped_before_the_optimizer_warns() -> None:
    source = optimizer()
    scheduler = lr_scheduler.StepLR(source, 3)
    with pytest.warns(UserWarning, match=r"StepLR.step\(\) was called before the optimizer's"):
        scheduler.step()


def test_an_optimizer_with_a_step_of_its_own_is_not_suspected() -> None:
    class Own(optim.SGD):
        def step(self, closure=None):
            return None

    scheduler = lr_scheduler.ExponentialLR(Own(optimizer().param_groups), 0.5)
    scheduler.step()
    assert scheduler.last_epoch == 1


def test_a_scheduler_of_your_own_needs_get_lr_alone() -> None:
    class Halved(lr_scheduler.LRScheduler):
        def get_lr(self):
            return [lr / 2**self.last_epoch for lr in self.base_lrs]

    assert [row[0] for row in rates(3, Halved(optimizer(momentum=0.9)))] == [
        0.5,
        0.25,
        0.125,
        1 / 16,
    ]
    with pytest.raises(NotImplementedError, match=r"LRScheduler has no get_lr\(\)"):
        lr_scheduler.LRScheduler(optimizer())


def test_repr_shows_the_epoch_and_the_rates() -> None:
    assert repr(lr_scheduler.StepLR(optimizer(), 3)) == "StepLR(last_epoch=0, lr=[0.5, 0.125])"


# Errors


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda m, o: m.StepLR(None, 3), TypeError, "the first argument is a NoneType"),
        (lambda m, o: m.StepLR(o, 0), ValueError, "step_size is 0; it must be an integer"),
        (lambda m, o: m.StepLR(o, 3, last_epoch=4), ValueError, 'no "initial_lr" to resume'),
        (lambda m, o: m.CosineAnnealingLR(o, 0), ValueError, "T_max is 0"),
        (lambda m, o: m.CosineAnnealingWarmRestarts(o, 2.5), ValueError, "T_0 is 2.5"),
        (lambda m, o: m.CosineAnnealingWarmRestarts(o, 2, 0), ValueError, "T_mult is 0"),
        (lambda m, o: m.ConstantLR(o, 1.5), ValueError, "factor is 1.5"),
        (lambda m, o: m.LinearLR(o, 0), ValueError, "start_factor is 0, and each rate"),
        (lambda m, o: m.LinearLR(o, 0.5, 2.0), ValueError, "end_factor is 2.0"),
        (lambda m, o: m.LambdaLR(o, [abs]), ValueError, "lr_lambda has 1 entries but"),
        (lambda m, o: m.LambdaLR(o, 0.5), TypeError, "lr_lambda is 0.5; it must be a function"),
        (lambda m, o: m.NoamLR(o, 0), ValueError, "d_model is 0"),
        (lambda m, o: m.NoamLR(o, 8, 0), ValueError, "warmup_steps is 0"),
        (lambda m, o: m.OneCycleLR(o, 1.0), ValueError, "give total_steps, or both epochs"),
        (lambda m, o: m.OneCycleLR(o, 1.0, -3), ValueError, "total_steps is -3"),
        (lambda m, o: m.OneCycleLR(o, 1.0, 9, pct_start=2), ValueError, "pct_start is 2"),
        (lambda m, o: m.OneCycleLR(o, [1.0], 9), ValueError, "max_lr has 1 entries"),
        (lambda m, o: m.OneCycleLR(o, 1.0, 9, anneal_strategy="x"), ValueError, "is 'x'"),
        (
            lambda m, o: m.OneCycleLR(optimizer("Adagrad"), 1.0, 9),
            ValueError,
            "Adagrad has no momentum to change",
        ),
        (lambda m, o: m.ReduceLROnPlateau(o, "least"), ValueError, "mode is 'least'"),
        (lambda m, o: m.ReduceLROnPlateau(o, factor=1.0), ValueError, "factor is 1.0"),
        (
            lambda m, o: m.ReduceLROnPlateau(o, threshold_mode="x"),
            ValueError,
            "threshold_mode is 'x'",
        ),
        (lambda m, o: m.ReduceLROnPlateau(o, min_lr=[0.1]), ValueError, "min_lr has 1 entries"),
        (lambda m, o: m.SequentialLR(o, [], []), ValueError, "there are no schedulers"),
        (
            lambda m, o: m.SequentialLR(o, [m.ReduceLROnPlateau(o)], []),
            TypeError,
            "scheduler 0 is a ReduceLROnPlateau",
        ),
        (
            lambda m, o: m.SequentialLR(o, [m.StepLR(o, 1)], [3]),
            ValueError,
            "1 schedulers need 0 milestones",
        ),
        (
            lambda m, o: m.SequentialLR(o, [m.StepLR(o, 1)] * 3, [3, 3]),
            ValueError,
            "they must rise",
        ),
        (
            lambda m, o: m.SequentialLR(optimizer(), [m.StepLR(o, 1)], []),
            ValueError,
            "made for another optimizer",
        ),
    ],
)
def test_settings_that_make_no_schedule_are_refused(build, error, message) -> None:
    with pytest.raises(error, match=message):
        build(lr_scheduler, optimizer())


def test_a_cycle_cannot_be_stepped_beyond_its_end() -> None:
    scheduler = lr_scheduler.OneCycleLR(optimizer(momentum=0.9), 1.0, 5)
    rates(5, scheduler)
    with pytest.raises(ValueError, match="step 6 is beyond the cycle of 5 steps"):
        scheduler.step()


@pytest.mark.parametrize("name", ["exponential", "lambda", "warm-up, cosine, steps"])
def test_another_schedules_state_is_refused_and_nothing_changes(name: str) -> None:
    scheduler = BUILDS[name](lr_scheduler, optimizer(momentum=0.9))
    rates(3, scheduler)
    before = scheduler.state_dict()
    other = BUILDS["cosine 7"](lr_scheduler, optimizer(momentum=0.9))
    with pytest.raises(ValueError, match=r"load_state_dict: .*"):
        scheduler.load_state_dict(other.state_dict())
    parts = {**before, "_schedulers": [other.state_dict()] * 3, "last_epoch": 9}
    with pytest.raises(ValueError, match=r"is missing|is unknown"):
        scheduler.load_state_dict(parts)
    assert scheduler.state_dict() == before
