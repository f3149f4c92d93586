"""A stand-in for CuPy where there is no GPU: refuses what CuPy refuses, counts copies to the host.

    with standin.installed() as cupy:
        standin.copies.reset()
        ...                                  # `import cupy` finds the stand-in here
        assert standin.copies.count == 0

It shows that code keeps to CuPy's names, types and rules; not that CuPy's kernels are right, fast
or deterministic.  Read next: `names.py` (what exists), `array.py` (the wall around an array),
`functions.py` (what differs).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from .counter import Copies, copies
from .modules import build_modules
from .names import CUPY_NAMES

__all__ = ["CUPY_NAMES", "Copies", "copies", "installed"]

_modules = build_modules()


@contextmanager
def installed() -> Iterator[ModuleType]:
    """Puts the stand-in in sys.modules as cupy and cupyx, and yields it; then restores all.

    The counter starts at zero.  A real CuPy that was imported before steps aside meanwhile.
    """
    before = {name: module for name, module in sys.modules.items() if _is_cupy(name)}
    for name in before:
        del sys.modules[name]
    sys.modules.update(_modules)
    copies.reset()
    try:
        yield _modules["cupy"]
    finally:
        for name in [name for name in sys.modules if _is_cupy(name)]:
            del sys.modules[name]
        sys.modules.update(before)


def _is_cupy(name: str) -> bool:
    """Whether a module's name is CuPy's or below it."""
    return name.partition(".")[0] in {"cupy", "cupyx"}
