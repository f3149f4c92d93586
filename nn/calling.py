"""What a call of a module does: hooks, its `forward`, and its name on what is recorded meanwhile.

The outermost module of a call has no name of its own; those below it are called by the attribute
that holds them, so that drawings show "encoder" and in it "0". Nodes take the line of the user who
called a layer of this library; in a user's own `forward`, each line there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from autograd import Tensor, ops
from autograd.graph import MARK, caller, next_number
from autograd.mode import Entry, local
from autograd.tensor import Hook

__all__: list[str] = []


class Calling:
    """The part of Module that runs it."""

    _modules: dict[str, None]
    forward: Callable[..., Any]
    drawing_detail: Callable[[], str]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        mode = local.mode
        outer, where = mode.module, mode.where
        mode.module = self._enter(outer)
        try:
            if MARK in getattr(type(self).forward, "__globals__", ()):
                if where is None:
                    frame = sys._getframe(1)
                    is_users = MARK not in frame.f_globals
                    mode.where = (frame.f_code, frame.f_lasti) if is_users else caller()
            else:
                mode.where = None
            hooks = vars(self).get("_hooks")
            if hooks is None:
                return self.forward(*args, **kwargs)
            return self._call_with(hooks, args, kwargs)
        finally:
            mode.module, mode.where = outer, where

    def _enter(self, outer: Entry | None) -> Entry:
        """This run's place in drawings."""
        return Entry(vars(self).get("_name") or type(self).__name__, None, outer, self)

    def _call_with(self, hooks: Hooks, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        for hook in [*hooks.before.values()]:
            changed = hook(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        watch = Crossing(self, [*hooks.backward.values()]) if hooks.backward else None
        if watch is not None:
            args = watch.enter(args)
        result = self.forward(*args, **kwargs)
        if watch is not None:
            result = watch.leave(result)
        for hook in [*hooks.after.values()]:
            changed = hook(self, args, result)
            if changed is not None:
                result = changed
        return result

    def register_forward_pre_hook(self, hook: Callable[[Any, tuple[Any, ...]], Any]) -> Hook:
        """Runs hook(module, args) before each forward; what it returns, if not None, replaces the
        arguments. Returns a handle whose remove() takes the hook off."""
        return self._register("before", hook)

    def register_forward_hook(self, hook: Callable[[Any, tuple[Any, ...], Any], Any]) -> Hook:
        """Runs hook(module, args, output) after each forward; what it returns, if not None,
        replaces the output. Returns a handle whose remove() takes the hook off."""
        return self._register("after", hook)

    def register_full_backward_hook(self, hook: Callable[[Any, Any, Any], Any]) -> Hook:
        """Runs hook(module, grad_input, grad_output) in each backward pass through the module.

        grad_input: ∂L/∂x for each positional argument, None where it is no tracked tensor.
        grad_output: ∂L/∂y for each output. Of a module with one tracked input, what the hook
        returns, if not None, replaces that input's gradient; with several, it must return None.
        Returns a handle whose remove() takes the hook off.
        """
        return self._register("backward", hook)

    def _register(self, kind: str, hook: Callable[..., Any]) -> Hook:
        if not callable(hook):
            raise TypeError(f"a hook must be a function, not {hook!r}.")
        hooks = getattr(vars(self).setdefault("_hooks", Hooks()), kind)
        handle = Hook(hooks, next_number())
        hooks[handle.key] = hook
        return handle


class Hooks:
    """The hooks of one module, by kind, in the order of their registration."""

    def __init__(self) -> None:
        self.before: dict[int, Callable[..., Any]] = {}
        self.after: dict[int, Callable[..., Any]] = {}
        self.backward: dict[int, Callable[..., Any]] = {}


class Crossing:
    """One run of a module that is watched backwards: what goes in and out gets nodes of its own, at
    which the gradients are read."""

    def __init__(self, module: Any, hooks: list[Callable[..., Any]]) -> None:
        self.module, self.hooks = module, hooks
        self.grad_input: list[Tensor | None] = []
        self.grad_output: list[Tensor | None] = []
        self.waiting: set[int] = set()

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """args, each tracked tensor with a node of its own."""
        self.grad_input = [None] * len(args)
        passed = [ops.copy(x) if _is_tracked(x) else x for x in args]
        for i, x in enumerate(passed):
            if _is_tracked(x):
                self.waiting.add(i)
                x.register_hook(partial(self._arrived, i))
        return tuple(passed)

    def leave(self, result: Any) -> Any:
        """result, each tracked tensor with a node of its own."""
        several = result if isinstance(result, tuple) else (result,)
        self.grad_output = [None] * len(several)
        passed = [ops.copy(y) if _is_tracked(y) else y for y in several]
        tracked = [i for i, y in enumerate(passed) if _is_tracked(y)]
        for i in tracked:
            # Without a tracked input, the first output's gradient, the last to come, is the end.
            ends = not self.waiting and i == tracked[0]
            passed[i].register_hook(partial(self._left, i, ends))
        return tuple(passed) if isinstance(result, tuple) else passed[0]

    def _left(self, i: int, ends: bool, gradient: Tensor) -> None:
        self.grad_output[i] = gradient
        if ends:
            self._run()

    def _arrived(self, i: int, gradient: Tensor) -> Tensor | None:
        self.grad_input[i] = gradient
        self.waiting.discard(i)
        return None if self.waiting else self._run()

    def _run(self) -> Tensor | None:
        places = [i for i, g in enumerate(self.grad_input) if g is not None]
        for hook in self.hooks:
            new = hook(self.module, tuple(self.grad_input), tuple(self.grad_output))
            if new is None:
                continue
            if len(places) != 1:
                raise TypeError(
                    f"a backward hook of {type(self.module).__name__} returned a gradient, but "
                    f"{len(places)} inputs of the module have one. Return None, or put a hook on "
                    "the tensor itself with register_hook()."
                )
            self.grad_input[places[0]] = new[places[0]] if isinstance(new, tuple) else new
        return self.grad_input[places[0]] if len(places) == 1 else None


def _is_tracked(value: Any) -> bool:
    return isinstance(value, Tensor) and value.requires_grad
