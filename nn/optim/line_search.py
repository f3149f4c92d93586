"""A line search for the strong Wolfe conditions, on a function of the step length t alone.

    f(t) ≤ f(0) + c₁ t f′(0)   and   |f′(t)| ≤ c₂ |f′(0)|

First t grows until it brackets such a point, then the bracket shrinks around it by cubic
interpolation. Source: Nocedal and Wright, Numerical Optimization (2006), algorithms 3.5 and 3.6.
The safeguards are those of PyTorch's L-BFGS, so that both take the same steps. Used by `lbfgs.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from autograd.backend import Array

__all__: list[str] = []

SUFFICIENT, CURVATURE = 1e-4, 0.9  # c₁ and c₂ of the two conditions


class Trial(NamedTuple):
    """What is known at the step length t: the loss, the gradient (n,), and the loss's slope f′."""

    t: float
    loss: float
    gradient: Array
    slope: float


Evaluate = Callable[[float], Trial]


def strong_wolfe(
    evaluate: Evaluate,
    start: Trial,
    t: float,
    largest: float,
    tolerance_change: float,
    max_evaluations: int,
) -> tuple[Trial, int]:
    """A trial that meets the strong Wolfe conditions, and the number of evaluations it took.

    evaluate: the trial at t, of infinite loss where there is none: a NaN is not comparable.  start:
    the trial at 0, whose slope is negative.  t: the first step length to try.  largest: the largest
    element of the direction, |d|∞; the search ends where the bracket moves no parameter by more
    than tolerance_change. After about max_evaluations the lowest trial so far is given.
    """
    bracket, tried = _bracketed(evaluate, start, t, max_evaluations)
    if len(bracket) == 1:
        return bracket[0], tried
    return _zoomed(evaluate, start, bracket, tried, largest, tolerance_change, max_evaluations)


def _enough(trial: Trial, start: Trial) -> bool:
    """Whether the loss fell in proportion to the step (Armijo's condition)."""
    return trial.loss <= start.loss + SUFFICIENT * trial.t * start.slope


def _flat(trial: Trial, start: Trial) -> bool:
    """Whether the slope has become small enough (the curvature condition)."""
    return abs(trial.slope) <= -CURVATURE * start.slope


def _bracketed(
    evaluate: Evaluate, start: Trial, t: float, max_evaluations: int
) -> tuple[list[Trial], int]:
    """One trial that meets both conditions, or two that have such a one between them."""
    last, trial = start, evaluate(t)
    for done in range(max_evaluations):
        if not _enough(trial, start) or (done > 1 and trial.loss >= last.loss):
            return [last, trial], done + 1
        if _flat(trial, start):
            return [trial], done + 1
        if trial.slope >= 0:
            return [last, trial], done + 1
        least = trial.t + 0.01 * (trial.t - last.t)
        t = _cubic_minimum(last, trial, least, 10 * trial.t)
        last, trial = trial, evaluate(t)
    return [start, trial], max_evaluations + 1


def _zoomed(
    evaluate: Evaluate,
    start: Trial,
    ends: list[Trial],
    tried: int,
    largest: float,
    tolerance_change: float,
    max_evaluations: int,
) -> tuple[Trial, int]:
    """The bracket narrowed to a trial that meets both conditions, or until it moves nothing."""
    low = 0 if ends[0].loss <= ends[1].loss else 1
    stalled = False
    while tried <= max_evaluations:
        if abs(ends[1].t - ends[0].t) * largest < tolerance_change:
            break
        t, stalled = _inside(ends, stalled)
        trial = evaluate(t)
        tried += 1
        if not _enough(trial, start) or trial.loss >= ends[low].loss:
            ends[1 - low] = trial
            low = 0 if ends[0].loss <= ends[1].loss else 1
            continue
        if _flat(trial, start):
            return trial, tried
        if trial.slope * (ends[1 - low].t - ends[low].t) >= 0:
            ends[1 - low] = ends[low]
        ends[low] = trial
    return ends[low], tried


def _inside(ends: list[Trial], stalled: bool) -> tuple[float, bool]:
    """The next step length in the bracket, and whether it came close to an end.

    The second time in a row, or on the end itself, it is moved a tenth of the bracket inwards:
    interpolation alone can creep along an end for ever.
    """
    least, most = sorted((ends[0].t, ends[1].t))
    t = _cubic_minimum(ends[0], ends[1], least, most)
    margin = 0.1 * (most - least)
    if min(most - t, t - least) >= margin:
        return t, False
    if not stalled and least < t < most:
        return t, True
    return (most - margin if abs(t - most) < abs(t - least) else least + margin), False


def _cubic_minimum(a: Trial, b: Trial, least: float, most: float) -> float:
    """Where the cubic through both trials' losses and slopes is least, clipped to [least, most].

    The middle, if the cubic has no minimum. Source: Nocedal and Wright (2006), equation 3.59.
    """
    if a.t > b.t:
        a, b = b, a
    middle = (least + most) / 2
    if a.t == b.t:
        return middle
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0:
        return middle
    d2 = math.sqrt(square)
    width = b.slope - a.slope + 2 * d2
    if width == 0 or not math.isfinite(width):
        return middle
    t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / width)
    return min(max(t, least), most)
