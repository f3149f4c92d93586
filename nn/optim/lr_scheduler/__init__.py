"""Schedules of the learning rate: each writes `optimizer.param_groups[i]["lr"]` when it is stepped.

    scheduler = nn.optim.lr_scheduler.StepLR(optimizer, step_size=30)
    for epoch in range(90):
        ...                 # batches: zero_grad(), backward(), optimizer.step()
        scheduler.step()

Names, arguments and rates are PyTorch's; `NoamLR` is the Transformer's.
"""

from nn.optim.lr_scheduler.cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from nn.optim.lr_scheduler.decay import ExponentialLR, LambdaLR, MultiStepLR, StepLR
from nn.optim.lr_scheduler.one_cycle import OneCycleLR
from nn.optim.lr_scheduler.plateau import ReduceLROnPlateau
from nn.optim.lr_scheduler.scheduler import LRScheduler
from nn.optim.lr_scheduler.sequential import SequentialLR
from nn.optim.lr_scheduler.warmup import ConstantLR, LinearLR, NoamLR

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "NoamLR",
    "OneCycleLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
