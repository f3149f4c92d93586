"""Newton's method with the full Hessian, for losses of a few hundred parameters.

Close to a minimum each step doubles the correct digits; elsewhere the Hessian may have negative
curvature, along which Newton's step climbs, so that it is shifted until the step descends. Sums of
squares have a cheaper and always positive Hessian: `least_squares.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd import GraphError, Tensor, backend, enable_grad, grad, ops
from autograd.backend import Array
from nn.optim.flat import Flat, asked, loss_without_graph, number, only_group
from nn.optim.groups import check_range
from nn.optim.optimizer import Optimizer, Params

__all__ = ["Newton"]

MAX_PARAMETERS = 5_000
"""The Hessian of so many takes 200 MB in float64, and a reverse pass for each of its rows."""
SUFFICIENT = 1e-4  # of the decrease that the slope promises, which a step must reach (Armijo)
FIRST_SHIFT = 1e-3  # of the Hessian's largest element
TRIES = 60  # doublings, after which the shift is 1e15 times the Hessian and the step rounds to 0


class Newton(Optimizer):
    """Newton's method: x ← x − lr · (H + λI)⁻¹ · g, with H the Hessian of the loss, g its gradient.

    λ is `damping` where H + damping·I is positive definite and the step lowers the loss; else the
    smallest of a doubling series for which both hold (Levenberg's shift). `.shift` is the λ of the
    last step, and the first time that a Hessian is not positive definite there is a warning.
    lr: share of the step taken.  damping: λ at least.  max_parameters: refused above, since H has
    their number squared.
    Raises ValueError for a negative lr or damping, several groups, or too many parameters.
    Source: Nocedal and Wright, Numerical Optimization (2006), §3.3 and algorithm 3.3; Levenberg, A
    method for the solution of certain non-linear problems in least squares (1944).
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        damping: float = 0.0,
        *,
        max_parameters: int = MAX_PARAMETERS,
    ) -> None:
        super().__init__(params, {"lr": lr, "damping": damping})
        self.max_parameters = max_parameters
        self.shift = damping
        self._has_warned = False
        check_size(Flat(only_group(self.param_groups, "Newton")["params"], "Newton"), self)

    def check_options(self, group: Mapping[str, Any]) -> None:
        """Raises ValueError or TypeError if an option of a group is out of its range."""
        for name in ("lr", "damping"):
            check_range("Newton", name, group[name])

    def step(self, closure: Callable[[], Any] | None = None) -> Tensor:
        """One step; returns the loss before it, ().

        closure: computes the loss and returns it, without backward().
        If no shift finds a lower loss, as at a minimum to rounding, the parameters stay. Raises
        TypeError without a closure, FloatingPointError if loss, gradient or Hessian are not finite;
        whatever is raised, the parameters are as before.
        """
        closure = asked(closure, "Newton")
        group = only_group(self.param_groups, "Newton")
        with enable_grad():
            value = closure()
        flat = Flat(group["params"], "Newton")  # after it, as lazy layers learn their size there
        check_size(flat, self)
        loss, g, hessian = _second_order(value, flat)
        del value  # the graph of both derivatives, which is not needed for the trials
        with flat.restored_on_error() as x:
            self.shift = self._descend(closure, flat, group, x, number(loss), g, hessian)
        self.stepped = True
        return loss

    def _descend(
        self,
        closure: Callable[[], Any],
        flat: Flat,
        group: dict[str, Any],
        x: Array,
        loss: float,
        g: Array,
        hessian: Array,
    ) -> float:
        """Writes the first step that lowers the loss, and returns its shift λ."""
        lr, shift = float(group["lr"]), float(group["damping"])
        least = FIRST_SHIFT * max(float(abs(hessian).max()), float(np.finfo(flat.dtype).tiny))
        # Losses differ by rounding alone near a minimum, where the step is still an improvement.
        rounding = 4 * float(np.finfo(flat.dtype).eps) * abs(loss)
        for _ in range(TRIES):
            delta = solve_positive(hessian, shift, g)
            if delta is None:
                self._warn_once(hessian, max(2 * shift, least))
            else:
                flat.write(x + (lr * delta).astype(flat.dtype))
                promised = SUFFICIENT * lr * float(flat.xp.dot(g, delta))
                if loss_without_graph(closure) <= loss + promised + rounding:
                    return shift
            shift = max(2 * shift, least)
        flat.write(x)
        return shift

    def _warn_once(self, hessian: Array, shift: float) -> None:
        if self._has_warned:
            return
        self._has_warned = True
        lowest = float(backend.module_of(hessian).linalg.eigvalsh(hessian).min())
        warnings.warn(
            f"Newton: the Hessian {hessian.shape} is not positive definite, its lowest eigenvalue "
            f"is {lowest:.3g}. From {shift:.3g} on, multiples of the identity are added until the "
            "step descends; .shift tells how much, and this warning comes once.",
            stacklevel=4,
        )


def check_size(flat: Flat, optimizer: Any) -> None:
    """Raises ValueError if the optimizer has more parameters than its max_parameters."""
    if flat.size > optimizer.max_parameters:
        raise ValueError(
            f"{type(optimizer).__name__}: {flat.size:,} parameters need a matrix of "
            f"{flat.size:,}² numbers; at most {optimizer.max_parameters:,} are allowed. Use LBFGS "
            "or Adam, or raise max_parameters."
        )


def solve_positive(matrix: Array, shift: float, g: Array) -> Array | None:
    """−(matrix + shift·I)⁻¹ · g, (n,); None if that matrix (n, n) is not positive definite."""
    xp = backend.module_of(matrix)
    shifted = matrix + shift * xp.eye(len(matrix), dtype=matrix.dtype)
    try:
        with backend.checked_linalg(matrix):
            xp.linalg.cholesky(shifted)
            delta = -xp.linalg.solve(shifted, g)
    except np.linalg.LinAlgError:
        return None
    return delta if bool(xp.isfinite(delta).all()) else None


def differentiated(flat: Flat, output: Tensor, seeds: Array, what: str) -> Array:
    """∂(seedᵀ·output)/∂parameters for each row of seeds (k, m), as rows (k, n) in float64.

    Zeros where output depends on no parameter. If a closure has called backward(), the error says
    that it must not.
    """
    rows = flat.xp.zeros((len(seeds), flat.size), "float64")
    if not output.requires_grad:
        return rows
    try:
        for row, seed in zip(rows, seeds, strict=True):
            v = Tensor(seed.reshape(output.shape), device=output.device)
            found = grad(output, flat.params, v, retain_graph=True, allow_unused=True)
            row[...] = flat.gather([None if one is None else one.data for one in found])
    except GraphError as error:
        error.add_note(f"{what} differentiates by itself: the closure must not call backward().")
        raise
    return rows


def _second_order(loss: Any, flat: Flat) -> tuple[Tensor, Array, Array]:
    """The loss (), its gradient (n,) and Hessian (n, n), both in float64.

    Raises TypeError if the loss is no Tensor, FloatingPointError if something is not finite.
    """
    if not isinstance(loss, Tensor):
        raise TypeError(
            f"Newton: the closure returned a {type(loss).__name__}, which cannot be "
            "differentiated. Return the loss as the Tensor that it is."
        )
    number(loss)
    g = flat_gradient(flat, loss, None, "Newton")
    hessian = differentiated(flat, g, flat.xp.eye(flat.size, dtype=g.dtype), "Newton")
    hessian = (hessian + hessian.T) / 2  # symmetric but for rounding
    first = g.data.astype("float64")
    require_finite("Newton", loss=loss.data, gradient=first, Hessian=hessian)
    return loss.detach(), first, hessian


def flat_gradient(flat: Flat, output: Tensor, upstream: Tensor | None, what: str) -> Tensor:
    """∂(upstreamᵀ·output)/∂parameters as one Tensor (n,) that can be differentiated again."""
    if not output.requires_grad:
        return Tensor(flat.xp.zeros(flat.size, flat.dtype), device=flat.device)
    try:
        found = grad(output, flat.params, upstream, create_graph=True, allow_unused=True)
    except GraphError as error:
        error.add_note(f"{what} differentiates by itself: the closure must not call backward().")
        raise
    parts = [
        ops.zeros(p.data.size, dtype=flat.dtype, device=flat.device)
        if one is None
        else one.reshape(-1)
        for one, p in zip(found, flat.params, strict=True)
    ]
    return ops.concatenate(parts)


def require_finite(what: str, **arrays: Array) -> None:
    """Raises FloatingPointError naming the first array with a NaN or infinity."""
    for name, array in arrays.items():
        if not bool(backend.module_of(array).isfinite(array).all()):
            raise FloatingPointError(
                f"{what}: the {name} has NaN or infinite elements, so there is no step to take and "
                "nothing was changed. Find their origin with autograd.detect_anomaly()."
            )
