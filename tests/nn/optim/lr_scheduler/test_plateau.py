"""ReduceLROnPlateau against PyTorch's, by hand, and saved."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from autograd import Tensor
from nn.optim.lr_scheduler import ReduceLROnPlateau

from .schedules import optimizer

METRICS = [
    5,
    4,
    4,
    4.0001,
    3,
    3,
    3,
    3,
    3,
    3,
    float("nan"),
    3,
    2.9999,
    2.9999,
    3,
    2,
    2,
    2,
    2,
    2,
    2,
    2,
]


def lrs(scheduler, metrics) -> list[list[float]]:
    """The rates after each metric."""
    found = []
    for metric in metrics:
        scheduler.step(metric)
        found.append([group["lr"] for group in scheduler.optimizer.param_groups])
    return found


def test_the_rate_falls_when_patience_is_over() -> None:
    scheduler = ReduceLROnPlateau(optimizer(), factor=0.5, patience=2)
    found = [lr for lr, _ in lrs(scheduler, [1.0, 1.0, 1.0, 1.0, 0.5, 0.6, 0.6, 0.6])]
    assert found == [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125]
    assert scheduler.get_last_lr() == [0.125, 0.125 / 4]


def test_all_settings_agree_with_pytorch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    choices = {
        "mode": ("min", "max"),
        "factor": (0.6,),
        "patience": (0, 3),
        "threshold": (1e-4, 0.3),
        "threshold_mode": ("rel", "abs"),
        "cooldown": (0, 2),
        "min_lr": (0, [0.1, 0.01]),
        "eps": (1e-8, 0.05),
    }
    for values in product(*choices.values()):
        settings = dict(zip(choices, values, strict=True))
        groups = [{"params": [torch.ones(1)], "lr": lr} for lr in (0.5, 0.125)]
        other = torch.optim.lr_scheduler.ReduceLROnPlateau(torch.optim.SGD(groups), **settings)
        found = lrs(ReduceLROnPlateau(optimizer(), **settings), METRICS)
        np.testing.assert_allclose(found, lrs(other, METRICS), 1e-14, err_msg=str(settings))


def test_a_resumed_plateau_goes_on() -> None:
    settings = {"factor": 0.5, "patience": 1, "cooldown": 2}
    scheduler = ReduceLROnPlateau(optimizer(), **settings)
    lrs(scheduler, METRICS[:9])
    other = ReduceLROnPlateau(optimizer(), **settings)
    other.optimizer.load_state_dict(scheduler.optimizer.state_dict())
    other.load_state_dict(scheduler.state_dict())
    assert lrs(other, METRICS[9:]) == lrs(scheduler, METRICS[9:])


def test_the_metric_may_be_a_tensor() -> None:
    scheduler = ReduceLROnPlateau(optimizer())
    scheduler.step(Tensor(0.5))
    assert scheduler.best == 0.5 and not scheduler.in_cooldown


def test_groups_added_later_take_the_least_rate_that_all_have() -> None:
    source = optimizer()
    scheduler = ReduceLROnPlateau(source, factor=0.1, patience=0, min_lr=0.1)
    source.add_param_group({"params": [Tensor(np.ones(1), requires_grad=True)], "lr": 0.2})
    assert lrs(scheduler, [1.0, 1.0])[-1] == [0.1, 0.1, 0.1]


def test_groups_added_later_are_refused_where_each_has_its_least_rate() -> None:
    source = optimizer()
    scheduler = ReduceLROnPlateau(source, patience=0, min_lr=[0.1, 0.2])
    source.add_param_group({"params": [Tensor(np.ones(1), requires_grad=True)]})
    with pytest.raises(ValueError, match="has 3 groups now, but min_lr was given for 2"):
        lrs(scheduler, [1.0, 1.0])
