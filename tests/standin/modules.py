"""The modules that `standin.installed` puts in sys.modules: cupy, cupyx and what lies below.

A name that is not in `names.py`, or that the stand-in does not imitate, raises AttributeError.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from . import cuda, functions, generators, names
from .array import FUNCTIONS, ndarray
from .ufuncs import ufunc


def build_modules() -> dict[str, ModuleType]:
    """Every stand-in module by its full name."""
    contents: dict[str, dict[str, Any]] = {
        "cupy": _cupy(),
        "cupy.linalg": _below("linalg") | {"LinAlgError": np.linalg.LinAlgError},
        "cupy.lib": {},
        "cupy.lib.stride_tricks": _below("lib.stride_tricks"),
        "cupy.random": _random(),
        "cupy.cuda": {"Device": cuda.Device, "is_available": cuda.is_available},
        "cupy.cuda.runtime": {
            "CUDARuntimeError": cuda.CUDARuntimeError,
            "getDeviceCount": cuda.get_device_count,
            "getDeviceProperties": cuda.get_device_properties,
        },
        "cupyx": _cupyx(),
        "cupyx.scipy": {},
        "cupyx.scipy.special": {"erf": functions.erf},
    }
    modules = {name: _module(name, content) for name, content in contents.items()}
    for name, module in modules.items():
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(modules[parent], child, module)
    return modules


def _module(name: str, content: dict[str, Any]) -> ModuleType:
    """A module (a package, so that its submodules import) with `content`."""
    module = ModuleType(name, f"Stand-in for {name}.")
    module.__path__ = []
    module.__dict__.update(content)
    return module


def _cupy() -> dict[str, Any]:
    """The contents of `cupy` itself."""
    return {
        **{name: function for name, function in FUNCTIONS.items() if "." not in name},
        **{name: getattr(np, name) for name in names.BORROWED},
        "__version__": "13.6.0",
        "is_available": cuda.is_available,
        "ndarray": ndarray,
        "ufunc": ufunc,
    }


def _below(prefix: str) -> dict[str, Any]:
    """The functions whose dotted names lie below `prefix`."""
    dotted = {name.rpartition("."): function for name, function in FUNCTIONS.items()}
    return {name: function for (path, _, name), function in dotted.items() if path == prefix}


def _random() -> dict[str, Any]:
    """The contents of `cupy.random`."""
    own = {"Generator": generators.Generator, "default_rng": generators.default_rng}
    return generators.legacy_functions() | own


def _cupyx() -> dict[str, Any]:
    """The contents of `cupyx`."""
    return {
        "errstate": functions.errstate,
        "rsqrt": functions.rsqrt,
        "scatter_add": functions.scatter("add"),
        "scatter_max": functions.scatter("maximum"),
        "scatter_min": functions.scatter("minimum"),
    }
