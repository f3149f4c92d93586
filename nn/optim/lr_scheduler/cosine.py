"""Rates that follow a cosine: down and up again, or down with restarts."""

from __future__ import annotations

import math

from nn.optim.groups import check_range
from nn.optim.lr_scheduler.scheduler import LRScheduler, check_count
from nn.optim.optimizer import Optimizer


class CosineAnnealingLR(LRScheduler):
    """lr = η_min + ½ · (lr₀ − η_min) · (1 + cos(π · t / T_max)); it rises again after T_max.

    optimizer: whose rates to write.  T_max: steps from the highest to the lowest, at least 1.
    eta_min: η_min.  last_epoch: to resume.
    Raises ValueError for T_max below 1.
    Source: Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts (2017),
    eq. 5, without the restarts.
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max = check_count("CosineAnnealingLR", "T_max", T_max)
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at `last_epoch`: each excess over η_min, times a ratio of two heights."""
        if self._is_initial:
            return self._read_lr()
        t, low = self.last_epoch, self.eta_min
        if (t - 1 - self.T_max) % (2 * self.T_max) == 0:
            # The height one step before was 0 and cannot be divided by: rise from the bottom.
            rise = (1 - math.cos(math.pi / self.T_max)) / 2
            pairs = zip(self._read_lr(), self.base_lrs, strict=True)
            return [lr + (base - low) * rise for lr, base in pairs]
        ratio = self._height(t) / self._height(t - 1)
        return [ratio * (lr - low) + low for lr in self._read_lr()]

    def first_lr(self) -> list[float]:
        """The rates at epoch 0."""
        return list(self.base_lrs)

    def _height(self, t: int) -> float:
        """1 + cos(π · t / T_max)."""
        return 1 + math.cos(math.pi * t / self.T_max)


class CosineAnnealingWarmRestarts(LRScheduler):
    """lr = η_min + ½ · (lr₀ − η_min) · (1 + cos(π · T_cur / T_i)), begun anew every T_i steps.

    T_i is T_0 at first, and T_mult times as long after each restart.

    optimizer: whose rates to write.  T_0: at least 1.  T_mult: at least 1.  eta_min: η_min.
    last_epoch: to resume.
    Raises ValueError for T_0 or T_mult below 1.
    Source: Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts (2017),
    eq. 5.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        self.T_0 = check_count("CosineAnnealingWarmRestarts", "T_0", T_0)
        self.T_mult = check_count("CosineAnnealingWarmRestarts", "T_mult", T_mult)
        self.T_i = T_0
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at `T_cur` of the present run."""
        height = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Goes one step on, or to an epoch: a fraction, such as epoch + batch / batches.

        Raises ValueError for a negative epoch.
        """
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            self.last_epoch += 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            check_range("CosineAnnealingWarmRestarts", "epoch", epoch)
            self._go_to(epoch)
            self.last_epoch = math.floor(epoch)
        self._step_count += 1
        self._write(self.get_lr())

    def _go_to(self, epoch: float) -> None:
        """Finds the run that epoch is in, and the place in it."""
        if self.T_mult == 1:
            self.T_i, self.T_cur = self.T_0, epoch % self.T_0
            return
        start, length = 0, self.T_0
        while epoch >= start + length:
            start, length = start + length, length * self.T_mult
        self.T_i, self.T_cur = length, epoch - start


__all__ = ["CosineAnnealingLR", "CosineAnnealingWarmRestarts"]
