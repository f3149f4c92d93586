"""Warnings that point at the user's line, not at the library's."""

from __future__ import annotations

import sys
import warnings

from autograd.graph import MARK


def warn(message: str) -> None:
    """Warns, and shows the nearest line that called into the library from outside it."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and MARK in frame.f_globals:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=level)
