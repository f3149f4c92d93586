"""The stand-in's `cupy.cuda`: one device that is always there."""

from __future__ import annotations

from typing import Any


class CUDARuntimeError(RuntimeError):
    """What CUDA's calls raise."""


class Device:
    """A device by number; a context manager that makes it current."""

    def __init__(self, device: Any = 0) -> None:
        """Device number `device`; there is only number 0."""
        self.id = int(device)

    def use(self) -> None:
        """Makes it the current device; CUDARuntimeError if it is not there."""
        if self.id != 0:
            raise CUDARuntimeError("cudaErrorInvalidDevice: invalid device ordinal")

    def synchronize(self) -> None:
        """Waits for the device, which is never behind."""
        self.use()

    def __enter__(self) -> Device:
        self.use()
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __int__(self) -> int:
        return self.id

    def __repr__(self) -> str:
        return f"<CUDA Device {self.id}>"


def get_device_count() -> int:
    """The number of devices."""
    return 1


def get_device_properties(device: int) -> dict[str, Any]:
    """The few properties a message may name."""
    return {"name": b"stand-in", "totalGlobalMem": 0, "major": 0, "minor": 0}


def is_available() -> bool:
    """True: the pretended device is there."""
    return True
