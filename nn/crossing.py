"""Backward hooks of modules: what goes into a module and comes out passes nodes at which gradients
are read.

Several tensors pass one node together, so that it is visited once in each reverse pass, whichever
of them that pass reaches. `Module.register_full_backward_hook` is in `calling.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd import Tensor, as_tensor, no_grad, ops
from autograd.errors import ShapeError
from autograd.graph import Node
from autograd.mode import local
from autograd.recording import new_node, select_output

__all__: list[str] = []

Gradients = tuple[Tensor, ...]
Notify = Callable[[Gradients], Gradients]


class Crossing:
    """One run of a module that is watched backwards."""

    def __init__(self, module: Any, hooks: Sequence[Callable[..., Any]]) -> None:
        self.module, self.hooks = module, hooks
        self.grad_output: tuple[Tensor | None, ...] = ()
        self.count = 0
        self.ends_at_outputs = False

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """args, the tracked tensors among them past a node."""
        places = _tracked_places(args)
        self.count, self.ends_at_outputs = len(args), not places

        def notify(gradients: Gradients) -> Gradients:
            found = self._run(_spread(gradients, places, len(args)))
            return tuple(g for g in found if g is not None)

        return _passed(args, places, notify)

    def leave(self, result: Any) -> Any:
        """result, the tracked tensors in it past a node. Raises TypeError if it cannot be read."""
        several, rebuild = self._opened(result)
        places = _tracked_places(several)

        def notify(gradients: Gradients) -> Gradients:
            self.grad_output = _spread(gradients, places, len(several))
            if self.ends_at_outputs:
                self._run((None,) * self.count)
            return gradients

        return rebuild(_passed(several, places, notify))

    def _opened(self, result: Any) -> tuple[tuple[Any, ...], Callable[[tuple[Any, ...]], Any]]:
        """The parts of a result, and what makes such a result of other parts."""
        if isinstance(result, Tensor):
            return (result,), lambda parts: parts[0]
        kind = type(result)
        if isinstance(result, tuple) and hasattr(result, "_fields"):  # a named tuple
            return tuple(result), lambda parts: kind(*parts)
        if isinstance(result, (tuple, list)):
            return tuple(result), kind
        if result is None:
            return (), lambda parts: None
        if isinstance(result, Mapping):
            return tuple(result.values()), lambda parts: dict(zip(result, parts, strict=True))
        raise TypeError(
            f"{type(self.module).__name__} has a backward hook but returned a {kind.__name__}, in "
            "which no gradient can be read. Return a Tensor, or a tuple, list or dict of them."
        )

    def _run(self, grad_input: tuple[Tensor | None, ...]) -> tuple[Tensor | None, ...]:
        """grad_input after the hooks."""
        grad_output, self.grad_output = self.grad_output, ()  # kept, they would keep their graph
        for hook in self.hooks:
            new = hook(self.module, grad_input, grad_output)
            if new is not None:
                grad_input = self._replaced(grad_input, new)
        return grad_input

    def _replaced(
        self, grad_input: tuple[Tensor | None, ...], new: Any
    ) -> tuple[Tensor | None, ...]:
        """What a hook returned, checked: a gradient for each input that has one."""
        given = new if isinstance(new, tuple) else (new,)
        name = type(self.module).__name__
        if len(given) != len(grad_input):
            raise ShapeError(
                f"a backward hook of {name} returned {len(given)} gradients for its "
                f"{len(grad_input)} inputs. Return one for each, None where grad_input has None."
            )
        result: list[Tensor | None] = []
        for old, g in zip(grad_input, given, strict=True):
            if old is None or g is None:
                result.append(old)
                continue
            g = as_tensor(g)
            if g.shape != old.shape:
                raise ShapeError(
                    f"a backward hook of {name} returned shape {g.shape} for a gradient of shape "
                    f"{old.shape}. Return the shape of the input."
                )
            result.append(g if g.dtype == old.dtype else g.astype(old.dtype))
        return tuple(result)


class Together:
    """The operation of a node that several tensors pass unchanged, and their gradients together."""

    name, symbol, composite, private = "backward hook", "→", None, ()
    inputs: tuple[str, ...] = ()
    outputs = ("outputs",)

    def __init__(self, notify: Notify) -> None:
        self.notify = notify
        self.rules: dict[str, Any] = {}

    def pull(self, node: Node, gs: Any, wanted: set[Node] | None, free: bool) -> tuple[Any, ...]:
        """The gradients after the hooks, on raw arrays."""
        if not local.mode.looking:
            with no_grad():
                # Copies, since a hook may write into what it is given.
                gs = [g.data for g in self.notify(tuple(as_tensor(g.copy()) for g in gs))]
        return _wanted(node, gs, wanted)

    def pull_tensors(
        self, node: Node, gs: Any, wanted: set[Node] | None, free: bool
    ) -> tuple[Any, ...]:
        """The same on Tensors."""
        return _wanted(node, gs if local.mode.looking else self.notify(tuple(gs)), wanted)


def _wanted(node: Node, gs: Sequence[Any], wanted: set[Node] | None) -> tuple[Any, ...]:
    pairs = zip(node.parents, gs, strict=True)
    return tuple(g if wanted is None or p in wanted else None for p, g in pairs)


def _tracked_places(values: tuple[Any, ...]) -> list[int]:
    return [i for i, x in enumerate(values) if isinstance(x, Tensor) and x.requires_grad]


def _spread(gradients: Gradients, places: list[int], count: int) -> tuple[Tensor | None, ...]:
    """Gradients at their places among count values, None elsewhere."""
    spread: list[Tensor | None] = [None] * count
    for place, g in zip(places, gradients, strict=True):
        spread[place] = g
    return tuple(spread)


def _passed(values: tuple[Any, ...], places: list[int], notify: Notify) -> tuple[Any, ...]:
    """values, those at places behind a node that tells notify their gradients."""
    made = list(values)
    if not local.mode.recording or not places:
        return values
    if len(places) == 1:
        (place,) = places
        made[place] = ops.copy(values[place])
        made[place].register_hook(lambda g: notify((g,))[0])
        return tuple(made)
    tensors = [values[place] for place in places]
    arrays = tuple(t.data for t in tensors)
    hub = new_node(Together(notify), tuple(t.node for t in tensors), (), {}, arrays)
    for i, (place, t) in enumerate(zip(places, tensors, strict=True)):
        made[place] = select_output(hub, i, t.data)
    return tuple(made)
