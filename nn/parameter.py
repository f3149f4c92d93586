"""Parameter: a tensor that a module learns.

Assigned to an attribute of a Module, it is registered there under the attribute's name. It keeps
its identity for life, so that optimizers and tied layers may hold on to it while `Module.to()`
changes its dtype or device. Read `module.py` next.
"""

from __future__ import annotations

from typing import Any, Self

from autograd import Tensor
from autograd.graph import constant

__all__ = ["Parameter"]


class Parameter(Tensor):
    """A leaf tensor, of any shape, that requires grad unless told otherwise.

    data: a number, a nest of lists, an array (copied), or a Tensor.  name: what drawings call it;
    left out, they use its path in the model, such as "fc1.weight".
    Raises DTypeError for integers, which have no gradient, unless requires_grad is False.
    """

    def __init__(
        self,
        data: Any,
        requires_grad: bool = True,
        *,
        name: str | None = None,
        dtype: Any = None,
        device: str | None = None,
    ) -> None:
        super().__init__(data, requires_grad, name=name, dtype=dtype, device=device)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """self, learned from now on, or frozen; its hooks stay.

        Raises DTypeError for an integer parameter that shall be learned.
        """
        hooks = self.node.hooks if self.node is not None else None
        super().requires_grad_(requires_grad)
        if hooks:
            constant(self).hooks = hooks
        return self

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


def become(tensor: Tensor, array: Any) -> None:
    """tensor, the same object, from now on a leaf around array: of another dtype, shape or device.

    Graphs made before keep the old array. The gradient is dropped: it would not fit.
    """
    hooks = tensor.node.hooks if tensor.node is not None else None
    tensor._place(array, tensor.requires_grad, tensor.name)
    if hooks:
        constant(tensor).hooks = hooks
