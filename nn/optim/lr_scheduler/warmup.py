"""Rates that begin low: held down, raised evenly, or raised and then lowered (Transformers)."""

from __future__ import annotations

from nn.optim.groups import check_range
from nn.optim.lr_scheduler.scheduler import LRScheduler, check_count
from nn.optim.optimizer import Optimizer


class ConstantLR(LRScheduler):
    """lr = factor · lr₀ for total_iters steps, then lr₀.

    optimizer: whose rates to write.  factor: in [0, 1].  total_iters: steps held down.
    last_epoch: to resume.
    Raises ValueError for an argument out of its range.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        check_range("ConstantLR", "factor", factor, 0, 1)
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at `last_epoch`."""
        if self.last_epoch == 0:
            return self._scaled(self.factor)
        if self.last_epoch != self.total_iters:
            return self._read_lr()
        # From 0 no factor leads back.
        return self._scaled(1.0 / self.factor) if self.factor else list(self.base_lrs)

    def first_lr(self) -> list[float]:
        """The rates at epoch 0."""
        factor = 1.0 if self.total_iters <= 0 else self.factor
        return [lr * factor for lr in self.base_lrs]


class LinearLR(LRScheduler):
    """lr = lr₀ · (s + (e − s) · min(t, T) / T): a warm-up from s to e over T steps.

    optimizer: whose rates to write.  start_factor: s, in (0, 1].  end_factor: e, in [0, 1].
    total_iters: T.  last_epoch: to resume.
    Raises ValueError for an argument out of its range.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        check_range("LinearLR", "start_factor", start_factor, 0, 1)
        check_range("LinearLR", "end_factor", end_factor, 0, 1)
        if start_factor == 0:
            raise ValueError(
                "LinearLR: start_factor is 0, and each rate is a multiple of the one before. Use a "
                "small one, such as 1e-3."
            )
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = check_count("LinearLR", "total_iters", total_iters)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at `last_epoch`."""
        if self.last_epoch == 0:
            return self._scaled(self.start_factor)
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._read_lr()
        rise = self.end_factor - self.start_factor
        before = self.total_iters * self.start_factor + (self.last_epoch - 1) * rise
        return self._scaled(1.0 + rise / before)

    def first_lr(self) -> list[float]:
        """The rates at epoch 0."""
        return [lr * self.start_factor for lr in self.base_lrs]


class NoamLR(LRScheduler):
    """lr = factor · d_model^(−½) · min(s^(−½), s · warmup_steps^(−3/2)) at step s = t + 1.

    It rises evenly for warmup_steps, then falls with the root of the step. The optimizer's own rate
    has no part in it. Call step() after every batch.

    optimizer: whose rates to write.  d_model: the model's width.  warmup_steps: at least 1.
    factor: scales all.  last_epoch: to resume.
    Raises ValueError for d_model or warmup_steps below 1, or a negative factor.
    Source: Vaswani et al., Attention Is All You Need (2017), eq. 3.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        d_model: int,
        warmup_steps: int = 4000,
        factor: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        self.d_model = check_count("NoamLR", "d_model", d_model)
        self.warmup_steps = check_count("NoamLR", "warmup_steps", warmup_steps)
        check_range("NoamLR", "factor", factor)
        self.factor = factor
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at `last_epoch`, the same for every group."""
        step = self.last_epoch + 1
        least = min(step**-0.5, step * self.warmup_steps**-1.5)
        return [self.factor * self.d_model**-0.5 * least] * len(self.base_lrs)


__all__ = ["ConstantLR", "LinearLR", "NoamLR"]
