"""What a call of a module does: hooks, its `forward`, and its name on what is recorded meanwhile.

The outermost module of a call has no name of its own; those below it are called by the attribute
that holds them, so that drawings show "encoder" and in it "0". Nodes take the line of the user who
called a layer of this library; in a user's own `forward`, each line there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from autograd import Tensor, as_tensor
from autograd.backend import is_array
from autograd.graph import MARK, caller, next_number
from autograd.mode import Entry, local
from autograd.tensor import Hook
from nn.crossing import Crossing

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
            hooks = vars(self).get("_call_hooks")
            for arg in args:
                if arg.__class__ is not Tensor and is_array(arg):
                    # One tensor for all uses of it: as many arrays would be as many inputs.
                    args = tuple([as_tensor(x) if is_array(x) else x for x in args])
                    break
            if hooks is None:
                return self.forward(*args, **kwargs)
            return self._call_with(hooks, args, kwargs)
        finally:
            mode.module, mode.where = outer, where

    def _enter(self, outer: Entry | None) -> Entry:
        """This run's place in drawings."""
        name = vars(self).get("_name") or type(self).__name__
        if outer is not None and outer.owner is not None:
            held = vars(outer.owner)
            if held.get(name) is not self:  # as in a slice of a Sequential, under another name
                found = (n for n in outer.owner._modules if held.get(n) is self)
                name = next(found, name)
        return Entry(name, None, outer, self)

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
        grad_output: ∂L/∂y for each output; both are zeros for a tensor that nothing used. What the
        hook returns, if not None, replaces grad_input: a tuple as long, or one gradient alone.
        The module must return a Tensor, or a tuple, list or dict of them, else it raises TypeError.
        Returns a handle whose remove() takes the hook off.
        """
        return self._register("backward", hook)

    def _register(self, kind: str, hook: Callable[..., Any]) -> Hook:
        if not callable(hook):
            raise TypeError(f"a hook must be a function, not {hook!r}.")
        hooks = getattr(vars(self).setdefault("_call_hooks", Hooks()), kind)
        handle = Hook(hooks, next_number())
        hooks[handle.key] = hook
        return handle


class Hooks:
    """The hooks of one module, by kind, in the order of their registration."""

    def __init__(self) -> None:
        self.before: dict[int, Callable[..., Any]] = {}
        self.after: dict[int, Callable[..., Any]] = {}
        self.backward: dict[int, Callable[..., Any]] = {}
