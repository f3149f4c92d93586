"""graphgrad's neural networks: modules, layers, losses, optimizers, data and training.

Names, argument orders and defaults are PyTorch's; `compile`, `fit`, `evaluate` and `predict` are
Keras's. All stands on autograd's public names, and everything a network computes can be drawn and
stepped through with `viz`. To read the code, start with `module.py`.
"""

import sys as _sys
from types import ModuleType as _ModuleType
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import NoReturn as _NoReturn

import autograd

# HIPS autograd has the same import name, and whichever comes first on the path wins.
if not hasattr(autograd, "__graphgrad__"):
    raise ImportError(
        f"nn needs graphgrad's autograd, but {getattr(autograd, '__file__', autograd)} was found "
        "first: another package named autograd, such as HIPS autograd. Give graphgrad a virtual "
        "environment of its own: python3 -m venv .venv && .venv/bin/pip install graphgrad"
    )

from nn import absent as _absent
from nn import data as data
from nn import functional as functional
from nn import init as init
from nn import metrics as metrics
from nn import optim as optim
from nn.activation import *
from nn.checkpoint import *
from nn.containers import *
from nn.dropout import *
from nn.embedding import *
from nn.flatten import *
from nn.linear import *
from nn.losses import *
from nn.module import *
from nn.normalization import *
from nn.parameter import *
from nn.parameter_lists import *
from nn.registration import *
from nn.safetensors_files import *
from nn.saved_model import *
from nn.training import *

for _name in [name for name in _sys.modules if name.startswith("nn.")]:
    # A user's line is the nearest frame whose module does not carry this mark.
    vars(_sys.modules[_name])["__graphgrad__"] = autograd.__graphgrad__


def __dir__() -> list[str]:
    # What users look for; the modules that these come from only get in the way of completion.
    rooms = ("data", "functional", "init", "metrics", "optim", "training")
    return sorted(
        name
        for name, value in globals().items()
        if not name.startswith("_") and (name in rooms or not isinstance(value, _ModuleType))
    )


if not _TYPE_CHECKING:  # which would take every name for there

    def __getattr__(name: str) -> _NoReturn:
        raise _absent.layer(name)
