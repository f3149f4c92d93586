"""The parameters of an optimizer as one vector, for methods that treat them as one unknown.

Newton's method, least squares, L-BFGS and the global searches read all parameters as x (n,),
compute a new x and write it back in place. What fails midway puts the old x back. First-order
methods go parameter by parameter instead: see `sgd.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import Tensor, backend, no_grad, writes
from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError

__all__: list[str] = []


class Flat:
    """Parameters of any shapes as one vector x (n,) in the widest of their dtypes.

    params: those that do not require grad are left out, as frozen.  what: the optimizer's name, for
    messages.  Raises ValueError if none is left or they lie on several devices.
    """

    def __init__(self, params: Sequence[Tensor], what: str) -> None:
        self.params = [p for p in params if p.requires_grad]
        if not self.params:
            raise ValueError(
                f"{what}: none of the {len(params)} parameters requires grad, so nothing may be "
                "moved. Call requires_grad_() on those to optimise."
            )
        self.what = what
        devices = sorted({p.device for p in self.params})
        if len(devices) > 1:
            raise ValueError(
                f"{what}: the parameters lie on {', '.join(devices)}, but are one vector here. "
                "Move them to one device with model.to()."
            )
        self.device = devices[0]
        self.xp: ArrayModule = backend.module_of(self.params[0].data)
        self.dtype = np.result_type(*(p.data.dtype for p in self.params))
        self.size = sum(p.data.size for p in self.params)

    def read(self) -> Array:
        """x (n,), a copy."""
        return self.gather([p.data for p in self.params])

    def gradient(self) -> Array:
        """The parameters' `.grad` as one vector (n,), a copy; zeros where there is none."""
        return self.gather([None if p.grad is None else p.grad.data for p in self.params])

    def gather(self, arrays: Sequence[Array | None]) -> Array:
        """One array of each parameter's shape as one vector (n,); zeros for None."""
        x = self.xp.zeros(self.size, self.dtype)
        for (start, p), array in zip(self._places(), arrays, strict=True):
            if array is not None:
                x[start : start + p.data.size] = array.reshape(-1)
        return x

    def write(self, x: Array) -> None:
        """Writes x (n,) into the parameters in place, each in its own dtype.

        Raises ShapeError if their sizes have changed meanwhile.
        """
        now = sum(p.data.size for p in self.params)
        if now != self.size:
            raise ShapeError(
                f"{self.what}: the parameters had {self.size} numbers and have {now} now, as when "
                "a lazy layer sees its first input. Run the model once before the first step."
            )
        for start, p in self._places():
            p.data[...] = x[start : start + p.data.size].reshape(p.data.shape)
            writes.stamp(p.data)

    def fitting(self, saved: Array) -> Array:
        """saved (…, n), from an earlier step. Raises ShapeError if it is of another length."""
        if saved.shape[-1] != self.size:
            raise ShapeError(
                f"{self.what}: its state is of {saved.shape[-1]} numbers, but {self.size} "
                "require grad now. Freeze the same parameters as before, or make a new optimizer."
            )
        return saved

    @contextmanager
    def restored_on_error(self) -> Iterator[Array]:
        """Gives x (n,) as it is now, and writes it back if the body raises."""
        before = self.read()
        try:
            yield before
        except BaseException:
            self.write(before)
            raise

    def _places(self) -> Iterator[tuple[int, Tensor]]:
        """Each parameter with its first position in x."""
        start = 0
        for p in self.params:
            yield start, p
            start += p.data.size


def only_group(groups: Sequence[dict[str, Any]], what: str) -> dict[str, Any]:
    """The one parameter group. Raises ValueError if there are several."""
    if len(groups) != 1:
        raise ValueError(
            f"{what}: {len(groups)} parameter groups were given, but the parameters are one "
            "vector with one setting. Pass them as one list."
        )
    return groups[0]


def asked(closure: Callable[[], Any] | None, what: str) -> Callable[[], Any]:
    """closure, if there is one. Raises TypeError for None."""
    if closure is None:
        raise TypeError(
            f"{what}.step() evaluates the loss itself, several times. Pass a closure: "
            "optimizer.step(lambda: loss(model(x), y))."
        )
    return closure


def loss_without_graph(closure: Callable[[], Any]) -> float:
    """closure()'s loss as a float, computed under no_grad.

    It is that of a trial, which may overflow: the loss says so, so that no warning has to.
    """
    with no_grad(), backend.quiet():
        return number(closure())


def number(loss: Any) -> float:
    """loss as a float: a Tensor of one element or a number.

    Raises ValueError if it has several elements.
    """
    shape = tuple(getattr(loss, "shape", ()))
    if any(size != 1 for size in shape):
        raise ValueError(
            f"the closure returned an array of shape {shape}; it must return one number, the "
            "loss. Reduce it with .sum() or .mean()."
        )
    return float(loss.item()) if hasattr(loss, "item") else float(loss)
