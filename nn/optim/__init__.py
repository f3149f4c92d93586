"""Optimizers, gradient clipping, and schedules of the learning rate.

First order: SGD, Adagrad, Adadelta, RMSprop, Adam, AdamW, Lion; second order: Newton, GaussNewton,
LevenbergMarquardt, LBFGS; global search: SimulatedAnnealing, GeneticAlgorithm. Names, arguments and
formulas are PyTorch's where PyTorch has them. The base class is in `optimizer.py`, the schedules in
`lr_scheduler`.
"""

from nn.optim import lr_scheduler
from nn.optim.adadelta import Adadelta
from nn.optim.adagrad import Adagrad
from nn.optim.adam import Adam, AdamW
from nn.optim.annealing import SimulatedAnnealing
from nn.optim.clip import (
    clip_grad_norm_,
    clip_grad_value_,
    clip_grads_with_norm_,
    get_total_norm,
)
from nn.optim.genetic import GeneticAlgorithm
from nn.optim.lbfgs import LBFGS
from nn.optim.least_squares import GaussNewton, LevenbergMarquardt
from nn.optim.lion import Lion
from nn.optim.newton import Newton
from nn.optim.optimizer import Optimizer
from nn.optim.rmsprop import RMSprop
from nn.optim.sgd import SGD

__all__ = [
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "GaussNewton",
    "GeneticAlgorithm",
    "LevenbergMarquardt",
    "Lion",
    "Newton",
    "Optimizer",
    "RMSprop",
    "SimulatedAnnealing",
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
    "lr_scheduler",
]
