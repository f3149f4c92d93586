"""graphgrad's neural networks: modules, layers, losses, optimizers, data and training.

Names, argument orders and defaults are PyTorch's; `compile`, `fit`, `evaluate` and `predict` are
Keras's. All stands on autograd's public names, and everything a network computes can be drawn and
stepped through with `viz`. To read the code, start with `module.py`.
"""

import importlib as _importlib
import sys as _sys
from pathlib import Path as _Path

import autograd

# HIPS autograd has the same import name, and whichever comes first on the path wins.
if not hasattr(autograd, "__graphgrad__"):
    raise ImportError(
        f"nn needs graphgrad's autograd, but {getattr(autograd, '__file__', autograd)} was found "
        "first: another package named autograd, such as HIPS autograd. Give graphgrad a virtual "
        "environment of its own: python3 -m venv .venv && .venv/bin/pip install graphgrad"
    )

# TEMPORARY while the package is being written: takes what is there.
for _name in """registration parameter module containers linear flatten embedding dropout activation
    normalization losses init functional optim data metrics training checkpoint
    saved_model safetensors_files""".split():
    _here = _Path(__file__).parent / _name
    if _here.with_suffix(".py").exists() or (_here / "__init__.py").exists():
        _module = _importlib.import_module(f"nn.{_name}")
        if _name not in ("init", "functional", "optim", "data"):
            globals().update({n: getattr(_module, n) for n in getattr(_module, "__all__", ())})

for _name in [name for name in _sys.modules if name.startswith("nn.")]:
    # A user's line is the nearest frame whose module does not carry this mark.
    vars(_sys.modules[_name])["__graphgrad__"] = autograd.__graphgrad__
