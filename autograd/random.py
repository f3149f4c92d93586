"""Random tensors, and the seed that makes them repeatable.

One generator a device, shared by all threads. CuPy's generators have no readable state, so what is
kept is a seed and a counter: each draw makes a fresh generator from both. Saving and restoring the
two numbers replays a run, which `checkpoint` and resumed training rely on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import backend
from autograd.backend import Array
from autograd.errors import DTypeError
from autograd.mode import local
from autograd.promote import to_dtype
from autograd.shapes import sizes_of
from autograd.tensor import Tensor

_lock = threading.Lock()
_seed = int(np.random.SeedSequence().entropy) % 2**63  # type: ignore[arg-type]  # a fresh sequence has an int
_count = 0


class _Replay(threading.local):
    """The state that this thread replays instead of the shared one, if it does."""

    state: tuple[int, int] | None = None


_replay = _Replay()


def manual_seed(seed: int) -> None:
    """Makes every random tensor and mask from here on repeatable, on every device and in every
    thread."""
    set_state((seed, 0))


def get_state() -> tuple[int, int]:
    """(seed, number of draws so far): all there is to know about the random state."""
    with _lock:
        return _replay.state or (_seed, _count)


def set_state(state: tuple[int, int]) -> None:
    """Goes back to a state that get_state() gave."""
    global _seed, _count
    if _replay.state is not None:  # inside a checkpoint: its own stream
        _replay.state = int(state[0]), int(state[1])
        return
    with _lock:
        _seed, _count = int(state[0]), int(state[1])


@contextmanager
def replay(state: tuple[int, int]) -> Iterator[None]:
    """Draws again, in this thread alone, what was drawn from state on; then goes on as before."""
    previous, _replay.state = _replay.state, state
    try:
        yield
    finally:
        _replay.state = previous


def fork() -> tuple[int, int]:
    """A state of its own, made by one draw: what is drawn under replay(fork()) can be replayed
    whatever other threads draw meanwhile."""
    seed, count = _next_state()
    sequence = np.random.SeedSequence([seed % 2**63, count])
    return int(sequence.generate_state(1, np.uint64)[0] >> 1), 0


def generator(device: str = "cpu") -> Any:
    """A fresh generator for one draw: NumPy's on the host, CuPy's on a GPU."""
    seed, count = _next_state()
    sequence = np.random.SeedSequence([seed % 2**63, count])
    if device == "cpu":
        return np.random.Generator(np.random.PCG64(sequence))
    return backend.cupy().random.default_rng(int(sequence.generate_state(1, np.uint64)[0] >> 1))


def _next_state() -> tuple[int, int]:
    """The state for one draw, which counts it."""
    global _count
    if _replay.state is not None:
        seed, count = _replay.state
        _replay.state = (seed, count + 1)
        return seed, count
    with _lock:
        _count += 1
        return _seed, _count - 1


def rand(
    *shape: int,
    requires_grad: bool = False,
    name: str | None = None,
    dtype: Any = None,
    device: str | None = None,
) -> Tensor:
    """Uniform random numbers in [0, 1), of the given shape."""
    return _filled("random", shape, requires_grad, name, dtype, device)


def randn(
    *shape: int,
    requires_grad: bool = False,
    name: str | None = None,
    dtype: Any = None,
    device: str | None = None,
) -> Tensor:
    """Standard normal random numbers, of the given shape."""
    return _filled("standard_normal", shape, requires_grad, name, dtype, device)


def rand_like(x: Tensor, *, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """Uniform random numbers in [0, 1) with x's shape, dtype and device."""
    return rand(*x.shape, requires_grad=requires_grad, name=name, dtype=x.dtype, device=x.device)


def randn_like(x: Tensor, *, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """Standard normal random numbers with x's shape, dtype and device."""
    return randn(*x.shape, requires_grad=requires_grad, name=name, dtype=x.dtype, device=x.device)


def randint(
    low: int, high: int, shape: int | tuple[int, ...], *, device: str | None = None
) -> Tensor:
    """Uniform random integers in [low, high), of the given shape, as int64.

    Raises ShapeError for sizes that are not integers of at least 0, ValueError if high ≤ low.
    """
    device = device or local.mode.device
    sizes = sizes_of((shape,), "randint")
    if not low < high:
        raise ValueError(f"randint: there is no integer in [{low}, {high}). Give low, then high.")
    return _tensor(generator(device).integers(low, high, sizes), False, None, device)


def randperm(n: int, *, device: str | None = None) -> Tensor:
    """A random order of 0 … n−1, (n,) of int64; the same on every device.

    Raises ShapeError for n that is not an integer of at least 0.
    """
    (size,) = sizes_of((n,), "randperm")
    return _tensor(permutation(size), False, None, device or local.mode.device)


def permutation(n: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """A random order of 0 … n−1, drawn on the host on every device."""
    return generator().permutation(n)  # type: ignore[no-any-return]  # Generator is Any here


def _filled(
    method: str,
    shape: tuple[Any, ...],
    requires_grad: bool,
    name: str | None,
    dtype: Any,
    device: str | None,
) -> Tensor:
    device = device or local.mode.device
    sizes = sizes_of(shape, "rand" if method == "random" else "randn")
    wanted = to_dtype(dtype) if dtype is not None else local.mode.dtype
    if wanted.kind != "f":
        raise DTypeError(f"random numbers of dtype {wanted} cannot be drawn. Use a floating dtype.")
    drawn = getattr(generator(device), method)(
        sizes, dtype=wanted if wanted.itemsize >= 4 else np.float32
    )
    array = backend.as_array(drawn).astype(wanted, copy=False)
    if method == "random" and wanted.itemsize < 4:  # rounding may have given 1, which is excluded
        array = array.clip(0, 1 - np.finfo(wanted).epsneg)
    return _tensor(array, requires_grad, name, device)


def _tensor(array: Array, requires_grad: bool, name: str | None, device: str) -> Tensor:
    return Tensor(array, requires_grad=requires_grad, name=name, device=device)
