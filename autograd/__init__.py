"""graphgrad's engine: reverse-mode autodiff on a graph you can draw, step through and read.

The public names are gathered here, and the one knot of the engine is tied: operations make Tensors,
and Tensors have operations. To read the code, start with `op.py`, `graph.py` and `backward.py`.
"""

import sys as _sys
from typing import Any as _Any

from autograd import backward as _backward
from autograd import functional, ops
from autograd import fusion as _fusion
from autograd import habits as _habits
from autograd import methods as _methods
from autograd import promote as _promote
from autograd import recording as _recording
from autograd import stepper as _stepper  # noqa: F401  # marked below, as all modules here
from autograd.anomaly import detect_anomaly
from autograd.checkpoint import checkpoint
from autograd.differentiate import grad
from autograd.errors import AnomalyError, BackendError, DTypeError, GraphError, ShapeError
from autograd.gradcheck import gradcheck, gradgradcheck
from autograd.mode import (
    enable_grad,
    get_default_device,
    get_default_dtype,
    is_grad_enabled,
    keep_values,
    no_grad,
    scope,
    set_default_device,
    set_default_dtype,
)
from autograd.op import op
from autograd.ops.creation import (
    arange,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from autograd.random import manual_seed, rand, rand_like, randint, randn, randn_like, randperm
from autograd.tensor import Tensor, as_tensor, tensor

__all__ = [
    "AnomalyError",
    "BackendError",
    "DTypeError",
    "GraphError",
    "ShapeError",
    "Tensor",
    "arange",
    "as_tensor",
    "checkpoint",
    "detect_anomaly",
    "empty",
    "empty_like",
    "enable_grad",
    "eye",
    "full",
    "full_like",
    "functional",
    "get_default_device",
    "get_default_dtype",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "is_grad_enabled",
    "keep_values",
    "linspace",
    "manual_seed",
    "no_grad",
    "ones",
    "ones_like",
    "op",
    "ops",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "scope",
    "set_default_device",
    "set_default_dtype",
    "tensor",
    "zeros",
    "zeros_like",
]
__version__ = "0.1.0"
__graphgrad__ = __version__  # tells this package from others named autograd

_promote.bind(Tensor)
_recording.namespace |= {
    "_Tensor": Tensor,
    "_ops": ops,
    "_SELECT": _backward.SELECT,
    "_pull_fused": _fusion.pull_tensors,
}
_methods.bind_operators()
for _name in [name for name in _sys.modules if name.startswith("autograd.")]:
    # A user's line is the nearest frame whose module does not carry this mark.
    vars(_sys.modules[_name])["__graphgrad__"] = __version__


def __getattr__(name: str) -> _Any:
    is_operation = not name.startswith("_") and hasattr(ops, name)
    hint = _habits.package_hint(name, is_operation)
    raise AttributeError(f"module 'autograd' has no attribute {name!r}.{hint}")
