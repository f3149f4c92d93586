"""Gauss-Newton and Levenberg-Marquardt: sums of squares ½‖r‖² of a few thousand parameters at most.

With r's Jacobian J the Hessian is JᵀJ + Σ rᵢ ∇²rᵢ; both drop the second term, which needs no second
derivatives and leaves a matrix without negative curvature. Near a small residual that is as good as
Newton's method (`newton.py`), from afar only the damped one is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd import Tensor, backend, enable_grad, no_grad
from autograd.backend import Array
from nn.optim.flat import Flat, asked, only_group
from nn.optim.groups import check_range
from nn.optim.newton import (
    MAX_PARAMETERS,
    check_size,
    differentiated,
    flat_gradient,
    require_finite,
    solve_positive,
)
from nn.optim.optimizer import Optimizer, Params

__all__ = ["GaussNewton", "LevenbergMarquardt"]

LEAST_DAMPING = 1e-15  # with less the damped matrix is singular to rounding where JᵀJ is


class _LeastSquares(Optimizer):
    """What both share: one group of few parameters, and a closure that returns the residual."""

    def __init__(self, params: Params, defaults: dict[str, Any], max_parameters: int) -> None:
        super().__init__(params, defaults)
        self.max_parameters = max_parameters
        self._parameters()

    def _parameters(self) -> tuple[Flat, dict[str, Any]]:
        name = type(self).__name__
        group = only_group(self.param_groups, name)
        flat = Flat(group["params"], name)
        check_size(flat, self)
        return flat, group

    def _linearised(self, closure: Callable[[], Any]) -> tuple[Flat, dict[str, Any], Array, Array]:
        """The parameters, the options, the residual r (m,) and its Jacobian J (m, n) in float64."""
        name = type(self).__name__
        with enable_grad():
            residual = closure()
        flat, group = self._parameters()  # after it, as lazy layers learn their size there
        if not isinstance(residual, Tensor):
            raise TypeError(
                f"{name}: the closure returned a {type(residual).__name__}; it must return the "
                "residual, prediction − target, as a Tensor."
            )
        jacobian = residual_jacobian(flat, residual, name)
        r = residual.data.reshape(-1).astype("float64")
        require_finite(name, residual=r, Jacobian=jacobian)
        return flat, group, r, jacobian

    def _loss(self, r: Array, like: Flat) -> Tensor:
        """½‖r‖² as a Tensor ()."""
        return Tensor(_half_square(r), dtype=like.dtype, device=like.device)


class GaussNewton(_LeastSquares):
    """The Gauss-Newton method: x ← x + lr · δ, where δ is the shortest minimiser of ‖J·δ + r‖.

    δ comes from a singular value decomposition of J, not from JᵀJ, whose condition is J's squared.
    Nothing makes sure that the step descends: from a bad start it can diverge, which is what
    LevenbergMarquardt mends.
    lr: share of the step taken.  max_parameters: refused above.
    Raises ValueError for a negative lr, several groups, or too many parameters.
    Source: Björck, Numerical Methods for Least Squares Problems (1996), §9.2.
    """

    def __init__(
        self, params: Params, lr: float = 1.0, *, max_parameters: int = MAX_PARAMETERS
    ) -> None:
        super().__init__(params, {"lr": lr}, max_parameters)

    def check_options(self, group: Mapping[str, Any]) -> None:
        """Raises ValueError or TypeError if an option of a group is out of its range."""
        check_range("GaussNewton", "lr", group["lr"])

    def step(self, closure: Callable[[], Any] | None = None) -> Tensor:
        """One step; returns ½‖r‖² before it, ().

        closure: computes the residual r, of any shape, and returns it, without backward().
        Raises TypeError without a closure or residual, FloatingPointError if residual or Jacobian
        are not finite; whatever is raised, the parameters are as before.
        """
        flat, group, r, jacobian = self._linearised(asked(closure, "GaussNewton"))
        delta = flat.xp.linalg.lstsq(jacobian, -r, rcond=None)[0]
        require_finite("GaussNewton", step=delta)
        flat.write(flat.read() + (group["lr"] * delta).astype(flat.dtype))
        self.stepped = True
        return self._loss(r, flat)


class LevenbergMarquardt(_LeastSquares):
    """The Levenberg-Marquardt method: x ← x + δ with (JᵀJ + μD) · δ = −Jᵀ·r, D = I or diag(JᵀJ).

    Small μ gives Gauss-Newton's step, large μ a short step downhill. μ starts at
    damping · max diag(JᵀJ), with scaling at damping, and follows the gain ratio

        ρ = (F(x) − F(x + δ)) / (½ δᵀ(μDδ − Jᵀr)),   F = ½‖r‖²

    ρ > 0: the step is taken and μ ← μ · max(⅓, 1 − (2ρ − 1)³); else it is not, and μ grows by 2, 4,
    8, … until one is. `.damping` is μ now; it stays where no step was found.
    damping: 1e-3 of a fair start, 1e-6 of a good one, 1 of a bad one.  scaling: D = diag(JᵀJ)
    (Marquardt), for parameters of very different units.  max_tries: dampings tried in one step().
    Raises ValueError for damping below 1e-15, max_tries below 1, several groups, or too many
    parameters.
    Source: Marquardt, An algorithm for least-squares estimation of nonlinear parameters (1963);
    Nielsen, Damping parameter in Marquardt's method (1999).
    """

    def __init__(
        self,
        params: Params,
        damping: float = 1e-3,
        scaling: bool = False,
        max_tries: int = 20,
        *,
        max_parameters: int = MAX_PARAMETERS,
    ) -> None:
        defaults = {"damping": damping, "scaling": scaling, "max_tries": max_tries}
        super().__init__(params, defaults, max_parameters)

    def check_options(self, group: Mapping[str, Any]) -> None:
        """Raises ValueError or TypeError if an option of a group is out of its range."""
        check_range("LevenbergMarquardt", "damping", group["damping"], low=LEAST_DAMPING)
        check_range("LevenbergMarquardt", "max_tries", group["max_tries"], low=1)

    @property
    def damping(self) -> float | None:
        """μ as it is after the last step; None before the first."""
        found = self.state.get(self.param_groups[0]["params"][0], {}).get("mu")
        return None if found is None else float(found)

    def step(self, closure: Callable[[], Any] | None = None) -> Tensor:
        """One step, for which several dampings may be tried; returns ½‖r‖² before it, ().

        closure: computes the residual r, of any shape, and returns it, without backward().
        If max_tries dampings find no lower ½‖r‖², as at a minimum to rounding, the parameters stay.
        Raises TypeError without a closure or residual, FloatingPointError if residual or Jacobian
        are not finite; whatever is raised, the parameters are as before.
        """
        closure = asked(closure, "LevenbergMarquardt")
        flat, group, r, jacobian = self._linearised(closure)
        first = group["params"][0]
        state = dict(self.state.get(first, {}))
        with flat.restored_on_error() as x:
            self._descend(closure, flat, group, state, x, r, jacobian)
        self.state[first] = state
        self.stepped = True
        return self._loss(r, flat)

    def _descend(
        self,
        closure: Callable[[], Any],
        flat: Flat,
        group: dict[str, Any],
        state: dict[str, Any],
        x: Array,
        r: Array,
        jacobian: Array,
    ) -> None:
        """Writes the first step with a gain, and adapts μ in state."""
        square, g = jacobian.T @ jacobian, jacobian.T @ r
        diagonal = square.diagonal()
        # A parameter that r does not depend on, so far, would leave the scaled matrix singular.
        least = max(float(diagonal.max()) * float(np.finfo("float64").eps), 1e-300)
        scale = diagonal.clip(least) if group["scaling"] else flat.xp.ones_like(diagonal)
        start = 1.0 if group["scaling"] else max(float(diagonal.max()), least)
        mu, nu = state.setdefault("mu", group["damping"] * start), 2.0
        for _ in range(group["max_tries"]):
            delta = solve_positive(square + flat.xp.diag(mu * scale), 0.0, g)
            if delta is not None:
                if _is_negligible(delta, x):
                    break
                flat.write(x + delta.astype(flat.dtype))
                promised = float(flat.xp.dot(delta, mu * scale * delta - g)) / 2
                gained = _half_square(r) - self._half_square_now(closure)
                if promised > 0 and gained > 0:  # False for NaN too
                    state["mu"] = mu * max(1 / 3, 1 - (2 * gained / promised - 1) ** 3)
                    return
            mu, nu = mu * nu, nu * 2
        flat.write(x)

    @staticmethod
    def _half_square_now(closure: Callable[[], Any]) -> float:
        with no_grad(), backend.quiet():  # a trial may overflow, and is then refused
            return _half_square(closure().data.reshape(-1).astype("float64"))


def _is_negligible(delta: Array, x: Array) -> bool:
    """Whether x + delta is x, to rounding: then there is no gain to look for."""
    least = float(np.finfo(x.dtype).eps) * (float(abs(x).max()) + np.finfo(x.dtype).tiny)
    return bool(abs(delta).max() <= least)


def _half_square(r: Array) -> float:
    return float(r @ r) / 2


def residual_jacobian(flat: Flat, residual: Tensor, what: str) -> Array:
    """∂r/∂x, (m, n) in float64, for a residual of m elements and n parameters.

    Row by row, one reverse pass each, or where there are fewer columns, column by column: Jᵀ·u is
    linear in u, so its derivative with respect to u towards eⱼ is column j.
    """
    rows, columns = residual.data.size, flat.size
    xp, dtype = flat.xp, residual.data.dtype
    if rows <= columns:
        return differentiated(flat, residual, xp.eye(rows, dtype=dtype), what)
    u = Tensor(xp.zeros(residual.shape, dtype), requires_grad=True, device=residual.device)
    with enable_grad():
        product = flat_gradient(flat, residual, u, what)
    over_u = Flat([u], what)
    return differentiated(over_u, product, xp.eye(columns, dtype=product.dtype), what).T
