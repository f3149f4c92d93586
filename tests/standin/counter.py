"""The counter of device-to-host copies: what the parity tests assert to be zero.

A copy reads a value (get, item, float, bool, ...).  A mask is a read that CuPy makes to learn a
result's shape (boolean-mask indexing, nonzero), a status one of linalg's.  DESIGN.md allows the
latter two, so they are counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Copies:
    """Device-to-host copies since the last reset."""

    count: int = 0
    masks: int = 0
    status: int = 0
    log: list[str] = field(default_factory=list)

    def record(self, reason: str) -> None:
        """Counts one copy of values, which an op must not make."""
        self.count += 1
        self.log.append(reason)

    def record_mask(self, reason: str) -> None:
        """Counts one read of a shape that depends on values, which is allowed."""
        self.masks += 1
        self.log.append(f"mask: {reason}")

    def record_status(self, reason: str) -> None:
        """Counts one read of a linalg status, which is allowed."""
        self.status += 1
        self.log.append(f"status: {reason}")

    def reset(self) -> None:
        """Starts again from zero."""
        self.count = self.masks = self.status = 0
        self.log.clear()


copies = Copies()
