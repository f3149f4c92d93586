"""What the current thread is doing: recording or not, what it keeps, where new arrays are made.

Every switch is a small class that is a context manager and a decorator. A decorated generator or
coroutine has the switch on only while it runs, never while it waits. Read `graph.py` next.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, TypeVar

import numpy as np

from autograd import backend
from autograd.errors import DTypeError

F = TypeVar("F", bound=Callable[..., Any])


class Entry:
    """One run of a scope or module: all nodes made before it is left again share this object.

    detail: what it is, for drawings, such as "Linear 784 → 50"; None to ask the owner.  outer: the
    run around it.  owner: the module that ran; None for a scope.
    """

    __slots__ = ("_detail", "name", "outer", "owner")

    def __init__(
        self, name: str, detail: str | None, outer: Entry | None, owner: Any = None
    ) -> None:
        self.name, self._detail, self.outer, self.owner = name, detail, outer, owner

    @property
    def detail(self) -> str:
        """What it is, unless its name says as much."""
        detail = self.owner.drawing_detail() if self._detail is None else self._detail
        return "" if detail == self.name else detail

    @property
    def path(self) -> str:
        """The names from the outermost on, with dots between: "net.fc1"."""
        names, outer = [self.name], self.outer
        while outer is not None:
            names.append(outer.name)
            outer = outer.outer
        return ".".join(reversed(names))

    def __repr__(self) -> str:
        return f"<Entry {self.path}>"


class Mode:
    """The switches of one thread. A plain object, so that an operation reads them with one look-up.

    recording: whether operations on tracked tensors make nodes.
    where: the user's line that new nodes take, as (code, offset); None means "look at the caller".
    module: the entry into the nn.Module or scope being run.  origin: the forward node whose rule
    is running.
    watch: called with each new node and its output array (keep_values, detect_anomaly).
    anomaly: whether backward checks every contribution.  observer: given the seeds and the steps of
    each reverse pass, returns the steps that `backward()` and `grad()` then take (viz.break_on).
    looking: whether the pass that runs now only looks (drawing, stepping), and so runs no hooks.
    """

    __slots__ = (
        "anomaly",
        "device",
        "dtype",
        "looking",
        "module",
        "observer",
        "origin",
        "recording",
        "watch",
        "where",
    )

    def __init__(self) -> None:
        self.recording = True
        self.where: tuple[Any, int] | None = None
        self.module: Entry | None = None
        self.origin: Any = None
        self.watch: Callable[[Any, Any], None] | None = None
        self.anomaly = False
        self.looking = False
        self.observer: Callable[[Any, Any], Any] | None = None
        self.dtype = np.dtype("float32")
        self.device = "cpu"


class _Local(threading.local):
    def __init__(self) -> None:
        self.mode = Mode()


local = _Local()
"""`local.mode` is the Mode of the thread that asks."""


class Switch:
    """Sets one field of the thread's Mode, and puts the old value back on leaving, also by an
    exception."""

    __slots__ = ("_previous",)
    field: str

    def __new__(cls, *args: Any) -> Any:
        """A switch; or, where cls stands bare over a function as in `@no_grad`, the function under
        one."""
        if args and callable(args[0]):
            return cls()(args[0])
        return super().__new__(cls)

    def __init__(self) -> None:
        # By thread, as one switch may be shared: `with frozen:` in two threads at once.
        self._previous: dict[Mode, list[Any]] = {}

    def value(self, previous: Any) -> Any:
        """What the field becomes, given what it was."""
        raise NotImplementedError

    def __enter__(self) -> None:
        mode = local.mode
        previous = getattr(mode, self.field)
        setattr(mode, self.field, self.value(previous))
        self._previous.setdefault(mode, []).append(previous)

    def __exit__(self, *exception: object) -> None:
        mode = local.mode
        stack = self._previous[mode]
        setattr(mode, self.field, stack.pop())
        if not stack:
            del self._previous[mode]

    def _fresh(self) -> Switch:
        """A switch of the same kind, because two calls of one decorated function may overlap."""
        return type(self)()

    def __call__(self, function: F) -> F:
        """function, run under this switch. Raises TypeError for a class."""
        if inspect.isclass(function):
            raise TypeError(
                f"@{type(self).__name__}() stands over a class, {function.__name__}, whose methods "
                "would not be switched. Put it over each method."
            )
        if inspect.isgeneratorfunction(function):
            wrapper = self._around_generator(function)
        elif inspect.iscoroutinefunction(function):
            wrapper = self._around_coroutine(function)
        elif inspect.isasyncgenfunction(function):
            wrapper = self._around_async_generator(function)
        else:

            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self._fresh():
                    return function(*args, **kwargs)

        return functools.wraps(function)(wrapper)  # type: ignore[return-value]  # same call signature

    def _around_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            return (yield from _Resumed(function(*args, **kwargs), self._fresh()))

        return wrapper

    def _around_coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            return await _Resumed(function(*args, **kwargs), self._fresh())

        return wrapper

    def _around_async_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
            inner, switch = function(*args, **kwargs), self._fresh()
            step = inner.asend(None)
            try:
                while True:
                    try:
                        item = await _Resumed(step, switch)
                    except StopAsyncIteration:
                        return
                    try:
                        step = inner.asend((yield item))
                    except GeneratorExit:
                        raise
                    except BaseException as error:  # a task's cancellation too
                        step = inner.athrow(error)
            finally:
                await _Resumed(inner.aclose(), switch)

        return wrapper


class _Resumed(Generator[Any, Any, Any]):
    """A generator or coroutine that has a switch on while it runs and off while it is suspended."""

    def __init__(self, inner: Any, switch: Switch) -> None:
        self._inner, self._switch = inner, switch

    def send(self, value: Any) -> Any:
        with self._switch:
            return self._inner.send(value)

    def throw(self, *exception: Any) -> Any:
        with self._switch:
            return self._inner.throw(*exception)

    def close(self) -> None:
        with self._switch:
            self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self


class no_grad(Switch):
    """Nothing is recorded inside: `with no_grad():`, `@no_grad()`."""

    __slots__ = ()
    field = "recording"

    def value(self, previous: Any) -> bool:
        """False: not recording."""
        return False


class enable_grad(Switch):
    """Recording is on inside, also within no_grad."""

    __slots__ = ()
    field = "recording"

    def value(self, previous: Any) -> bool:
        """True: recording."""
        return True


class keep_values(Switch):
    """Every node made inside keeps its output array, whatever its size, for drawing and
    stepping."""

    __slots__ = ()
    field = "watch"

    def value(self, previous: Any) -> Callable[[Any, Any], None]:
        """A watcher that stores the value, then does what was watched before."""

        def watch(node: Any, array: Any) -> None:
            node.value = array
            if previous is not None:
                previous(node, array)

        return watch


class scope(Switch):
    """Names the part of a graph that is built inside, as nn.Module does: `with scope("fc1"):`.

    detail: what it is, which drawings show beside the name. Scopes nest, and every entry is a part
    of its own: a scope that is entered once a time step gives as many frames, which drawings can
    fold into one (`viz.draw(y, roll=True)`).
    """

    __slots__ = ("_detail", "_name")
    field = "module"

    def __init__(self, name: str, detail: str = "") -> None:
        super().__init__()
        self._name, self._detail = name, detail

    def value(self, previous: Any) -> Entry:
        """A new entry, inside the one that is open."""
        return Entry(self._name, self._detail, previous)

    def _fresh(self) -> scope:
        return scope(self._name, self._detail)


class _Replace(Switch):
    """Sets a field to a given value; for the engine's own use."""

    __slots__ = ("_new",)

    def __init__(self, new: Any) -> None:
        super().__init__()
        self._new = new

    def value(self, previous: Any) -> Any:
        """The given value."""
        return self._new


class at(_Replace):
    """Nodes made inside take this (code, offset) as their line."""

    __slots__ = ()
    field = "where"


class looking(_Replace):
    """Passes inside run no hooks: that of a checkpoint which a drawing walks through."""

    __slots__ = ()
    field = "looking"


class origin(_Replace):
    """Nodes made inside are the backward graph of this forward node."""

    __slots__ = ()
    field = "origin"


def is_grad_enabled() -> bool:
    """Whether operations of this thread are recorded now."""
    return local.mode.recording


def set_default_dtype(dtype: Any) -> None:
    """Sets the dtype that Python numbers and lists become, for this thread. It starts as float32.

    Raises DTypeError if dtype is not a floating dtype.
    """
    try:
        new = np.dtype(dtype)
    except TypeError as error:
        raise DTypeError(f"{dtype!r} is not a dtype. Use float32 or float64.") from error
    if new.kind != "f":
        raise DTypeError(f"the default dtype must be floating, not {new}. Use float32 or float64.")
    local.mode.dtype = new


def get_default_dtype() -> np.dtype[Any]:
    """The dtype that Python numbers and lists become in this thread."""
    return local.mode.dtype


def set_default_device(device: str) -> None:
    """Sets where this thread makes new arrays: "cpu", "cuda" or "cuda:N". It starts as "cpu".

    Raises BackendError if CuPy or the GPU cannot be used.
    """
    if backend.check_device(device) != "cpu":
        backend.cupy()
    local.mode.device = device


def get_default_device() -> str:
    """Where this thread makes new arrays."""
    return local.mode.device
