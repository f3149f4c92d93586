"""L-BFGS: Newton's direction from the last few changes of the gradient, without a matrix.

For full-batch problems of up to millions of parameters. Settings, stopping rules and steps are
those of torch.optim.LBFGS. The line search is in `line_search.py`; `newton.py` is exact.
Source: Nocedal and Wright, Numerical Optimization (2006), algorithms 7.4 and 7.5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from autograd import backend, enable_grad
from autograd.backend import Array
from nn.optim.flat import Flat, asked, number, only_group
from nn.optim.groups import check_range
from nn.optim.line_search import Trial, strong_wolfe
from nn.optim.optimizer import Optimizer, Params

__all__ = ["LBFGS"]

CURVED = 1e-10  # yᵀs below which a pair says nothing about the curvature, as in PyTorch


class LBFGS(Optimizer):
    """Limited-memory BFGS, as torch.optim.LBFGS.

        d = −Hₖ · g,   x ← x + t · d

    Hₖ is the inverse Hessian that fits the last `history_size` pairs s = Δx, y = Δg; t is lr (in
    the very first iteration lr · min(1, 1/‖g‖₁)), or what the line search finds from there.
    lr: step length.  max_iter: iterations in one step().  max_eval: evaluations of the closure in
    one step(), 1.25 · max_iter if not given.  tolerance_grad: stop at |g|∞ below it.
    tolerance_change: stop where the loss or all parameters change by less.  history_size: pairs
    remembered.  line_search_fn: None or "strong_wolfe".
    Raises ValueError for a negative option, another line search, or several parameter groups.
    Source: Liu and Nocedal, On the limited memory BFGS method for large scale optimization (1989).
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        only_group(self.param_groups, "LBFGS")

    def check_options(self, group: Mapping[str, Any]) -> None:
        """Raises ValueError or TypeError if an option of a group is out of its range."""
        for name in ("lr", "max_iter", "max_eval", "tolerance_grad", "tolerance_change"):
            check_range("LBFGS", name, group[name])
        check_range("LBFGS", "history_size", group["history_size"], low=1)
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise ValueError(
                f"LBFGS: line_search_fn is {group['line_search_fn']!r}; it must be "
                '"strong_wolfe" or None.'
            )

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Up to max_iter iterations; returns what closure returned first.

        closure: clears the gradients, computes the loss, calls backward() and returns the loss.
        If it raises, parameters and state are as before. Raises TypeError without a closure.
        """
        closure = asked(closure, "LBFGS")
        group = only_group(self.param_groups, "LBFGS")
        first = group["params"][0]
        with enable_grad():
            loss = closure()
            flat = Flat(group["params"], "LBFGS")  # after it, as lazy layers learn their size there
            with flat.restored_on_error() as x:
                run = _Run(closure, flat, group, dict(self.state.get(first, {})))
                run.all_iterations(x, number(loss))
        self.state[first] = run.state
        self.stepped = True
        return loss


class _Run:
    """One call of step(): the settings, and a copy of the state, which is given back at its end."""

    def __init__(
        self, closure: Callable[[], Any], flat: Flat, group: dict[str, Any], state: dict[str, Any]
    ) -> None:
        self.closure, self.flat, self.group = closure, flat, group
        self.state = {"func_evals": 0, "n_iter": 0} | state
        for name in ("old_dirs", "old_stps", "ro"):
            self.state[name] = list(self.state.get(name, ()))

    def all_iterations(self, x: Array, loss: float) -> None:
        """Iterates from x, with that loss, until a limit or tolerance is reached."""
        group, state = self.group, self.state
        here = Trial(0.0, loss, self.flat.gradient(), 0.0)
        evaluations = 1
        state["func_evals"] += 1
        if self._is_optimal(here.gradient):
            return
        for iteration in range(1, group["max_iter"] + 1):
            d = self._next_direction(here)
            lr = float(group["lr"])
            if state["n_iter"] == 1:
                lr *= min(1.0, 1.0 / float(abs(here.gradient).sum()))
            here, before = here._replace(t=0.0, slope=_dot(here.gradient, d)), here.loss
            state.update(d=d, t=lr)
            if here.slope > -group["tolerance_change"]:
                break
            is_last = iteration == group["max_iter"]
            here, used = self._moved(x, d, lr, here, is_last, group["max_eval"] - evaluations)
            state["t"] = here.t
            evaluations += used
            state["func_evals"] += used
            change = here.t * d
            x = x + change
            self.flat.write(x)
            if (
                is_last
                or evaluations >= group["max_eval"]
                or self._is_optimal(here.gradient)
                or float(abs(change).max()) <= group["tolerance_change"]
                or abs(here.loss - before) < group["tolerance_change"]
            ):
                break

    def _is_optimal(self, gradient: Array) -> bool:
        return bool(abs(gradient).max() <= self.group["tolerance_grad"])

    def _next_direction(self, here: Trial) -> Array:
        """−Hₖ · g, after the last step's pair (s, y) has been added to Hₖ."""
        state = self.state
        state["n_iter"] += 1
        if state["n_iter"] == 1:
            state["H_diag"] = 1.0
        else:
            y = here.gradient - self.flat.fitting(state["prev_flat_grad"])
            self._remember(state["d"] * state["t"], y)
        state["prev_flat_grad"], state["prev_loss"] = here.gradient, here.loss
        return self._two_loops(here.gradient)

    def _remember(self, s: Array, y: Array) -> None:
        """Adds the pair, unless its curvature yᵀs is not positive; the oldest makes room."""
        state, ys = self.state, _dot(y, s)
        if not ys > CURVED:
            return
        if len(state["ro"]) == self.group["history_size"]:
            for name in ("old_dirs", "old_stps", "ro"):
                state[name].pop(0)
        state["old_dirs"].append(y)  # PyTorch's names, for the same state_dict: these are y and s
        state["old_stps"].append(s)
        state["ro"].append(1.0 / ys)
        state["H_diag"] = ys / _dot(y, y)

    def _two_loops(self, gradient: Array) -> Array:
        """−Hₖ · g by the two-loop recursion, Nocedal and Wright (2006), algorithm 7.4."""
        state = self.state
        pairs = list(zip(state["old_stps"], state["old_dirs"], state["ro"], strict=True))
        q, alphas = -gradient, []
        for s, y, ro in reversed(pairs):
            alphas.append(_dot(s, q) * ro)
            q -= alphas[-1] * y
        q *= state["H_diag"]
        for s, y, ro in pairs:
            q += (alphas.pop() - _dot(y, q) * ro) * s
        return q

    def _moved(
        self, x: Array, d: Array, t: float, here: Trial, is_last: bool, evaluations_left: int
    ) -> tuple[Trial, int]:
        """Where the step along d ends, and how many evaluations that took."""
        if self.group["line_search_fn"] is None:
            # After the last iteration nobody asks for the loss, so it is not computed.
            return (here._replace(t=t), 0) if is_last else (self._at(x, d, t), 1)
        largest = float(abs(d).max())
        tolerance = 1e-9  # PyTorch's search has its own, whatever the optimizer's is

        def trial(t: float) -> Trial:
            found = self._at(x, d, t)
            # A NaN is neither lower nor higher: what has no loss is to be stepped back from.
            return found._replace(loss=math.inf) if math.isnan(found.loss) else found

        return strong_wolfe(trial, here, t, largest, tolerance, evaluations_left)

    def _at(self, x: Array, d: Array, t: float) -> Trial:
        """The closure evaluated at x + t · d."""
        self.flat.write(x + t * d)
        loss = number(self.closure())
        gradient = self.flat.gradient()
        return Trial(t, loss, gradient, _dot(gradient, d))


def _dot(a: Array, b: Array) -> float:
    return float(backend.module_of(a).dot(a, b))
