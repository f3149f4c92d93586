"""Optimizer: parameter groups, their options, the state of each parameter, and the step over them.

A subclass names its options (`defaults`), what it keeps for a parameter (`state_names`) and how it
writes one parameter (`update`). The base class checks everything before anything is written, lends
scratch memory so that no step after the first allocates, and stamps what was written. Groups are
read in `groups.py`, saved state in `loading.py`; the rules are in `sgd.py`, `adam.py` and so on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self, TypeAlias

from autograd import Tensor, as_tensor, backend, enable_grad, writes
from autograd.backend import Array, ArrayModule
from autograd.errors import DTypeError, GraphError, ShapeError
from nn.optim import groups, loading
from nn.optim.keywords import check_keywords

Params: TypeAlias = Iterable[Tensor] | Iterable[tuple[str, Tensor]] | Iterable[dict[str, Any]]
"""Parameters, (name, parameter) pairs, or dictionaries with "params" and options of their own."""


class _Ready:
    """What the step of one parameter needs: checked once, while x, state and names stay."""

    __slots__ = ("device", "is_plain", "names", "scratch", "state", "wide", "x", "xp")

    def __init__(
        self,
        x: Array,
        state: dict[str, Any],
        names: tuple[str, ...],
        scratch: tuple[Array, ...],
        wide: tuple[Array, ...],
    ) -> None:
        self.x, self.state, self.names, self.scratch = x, state, names, scratch
        self.wide = wide  # where x and its gradient are taken in single precision, if they are half
        self.xp, self.device = backend.module_of(x), backend.device_of(x)
        self.is_plain = self.device == "cpu" and not wide

    def fits(self, x: Array, state: dict[str, Any] | None, names: tuple[str, ...]) -> bool:
        """Whether these are the very array and state that were checked, and the same names."""
        return self.x is x and self.names == names and (self.state is state or not names)


class Optimizer:
    """What every optimizer has: groups of parameters, state, `step`, `zero_grad`, saving, loading.

    params: parameters, (name, parameter) pairs as `named_parameters()` gives them, or dictionaries,
    each a group: "params" and the options that differ there.  defaults: the other options.
    Frozen parameters may be among them: they have no gradient, and stay until they are unfrozen.
    Raises ValueError for no parameters, a parameter twice, or an option out of its range; TypeError
    for what is no Tensor; GraphError for a parameter that is no leaf, or if none requires grad.
    """

    scratch_arrays: ClassVar[int] = 2
    """How many arrays of a parameter's shape `update` needs beside its state."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """An optimizer without anything yet. Keywords of other libraries are refused here, with
        what to write instead: see keywords.py."""
        check_keywords(cls, args, kwargs)
        return super().__new__(cls)

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        self.stepped = False
        self._scratch: dict[tuple[str, Any], tuple[Array, ...]] = {}
        self._ready: dict[Tensor, _Ready] = {}
        for group in groups.as_groups(params, type(self).__name__):
            self.add_param_group(group)
        groups.check_trainable(self.param_groups, type(self).__name__)

    # What a subclass says

    def check_options(self, group: Mapping[str, Any]) -> None:
        """Raises ValueError or TypeError if an option of a group is out of its range."""

    def state_names(self, group: Mapping[str, Any]) -> tuple[str, ...]:
        """What is kept for each parameter of a group: "step" is a number, the rest are arrays."""
        return ()

    def new_state(self, name: str, group: Mapping[str, Any], array: Array) -> Any:
        """What `name` of the state is before the first step: 0 for "step", else zeros."""
        return 0 if name == "step" else backend.module_of(array).zeros_like(array)

    def update(
        self,
        xp: ArrayModule,
        group: Mapping[str, Any],
        state: dict[str, Any],
        x: Array,
        g: Array,
        *scratch: Array,
    ) -> None:
        """Writes a parameter's array x in place, given its gradient g, which stays as it is.

        scratch: `scratch_arrays` arrays of x's shape and dtype, with anything in them. Parameters
        in half precision come as copies in single, and so does their state.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no update(): write one, or a step() of its own."
        )

    # What the user calls

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds parameters with options of their own: {"params": layer.parameters(), "lr": 1e-3}.

        The dictionary is copied. Raises as the constructor does, and then adds nothing.
        """
        owner = type(self).__name__
        group = groups.read_group(param_group, self.param_groups, owner)
        for name, value in self.defaults.items():
            group.setdefault(name, value)
        self.check_options(group)
        self.param_groups.append(group)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Moves every parameter that has a gradient; those whose `.grad` is None stay.

        closure: computes the loss and its gradients anew.  Returns what it returned, else None.
        Raises ShapeError, DTypeError or GraphError, and moves nothing, if a parameter, its gradient
        and its state no longer fit together.
        """
        loss = None if closure is None else self.evaluate(closure)
        work = list(self._work())
        with backend.quiet():
            for group, ready, g in work:
                if ready.is_plain:
                    self.update(ready.xp, group, ready.state, ready.x, g, *ready.scratch)
                else:
                    self._update_apart(group, ready, g)
                writes.stamp(ready.x)
        self.stepped = True
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drops every parameter's gradient; with set_to_none=False fills it with zeros instead."""
        for parameter in groups.parameters_of(self.param_groups):
            gradient = parameter.grad
            if gradient is None:
                continue
            if set_to_none:
                parameter.grad = None
            elif gradient.requires_grad or not getattr(gradient.data.flags, "writeable", True):
                xp = backend.module_of(parameter.data)
                parameter.grad = as_tensor(xp.zeros_like(parameter.data))
            else:
                gradient.data.fill(0)
                writes.stamp(gradient.data)

    def state_dict(self) -> dict[str, Any]:
        """The options and the state by numbers in place of parameters, to save and to load.

            {"state": {0: {"step": 3, "exp_avg": array, …}, …},
             "param_groups": [{"lr": 0.1, …, "params": [0, 1, …]}, …]}

        The arrays are the optimizer's own, raw ones, where a model's state_dict() has Tensors: the
        next step changes them. Copy or save them before.
        """
        return loading.state_dict(self.param_groups, self.state)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes over a copy of what `state_dict()` gave, in each parameter's dtype and device.

        Raises ValueError with all that does not fit, and then changes nothing: another number or
        size of groups, options or state that are missing, arrays of another shape.
        """
        loaded, state = loading.read(self, state_dict)
        for group, new in zip(self.param_groups, loaded, strict=True):
            group.clear()
            group.update(new)
        self.state = state
        self.stepped = self.stepped or bool(state)  # else a resumed scheduler warns

    # How

    def evaluate(self, closure: Callable[[], Any]) -> Any:
        """What closure returns, run with recording on, also when step() is under no_grad."""
        with enable_grad():
            return closure()

    def _work(self) -> Iterator[tuple[dict[str, Any], _Ready, Array]]:
        """Each group, parameter to move, and gradient; raises if they do not fit together."""
        for group in self.param_groups:
            names = self.state_names(group)
            for parameter in group["params"]:
                gradient = parameter.grad
                if gradient is None:
                    continue
                x, g = parameter.data, gradient.data
                if g.dtype != x.dtype or g.shape != x.shape or g.__class__ is not x.__class__:
                    cure = "Call zero_grad() and backward() again."
                    self._misfit(parameter, "its gradient", g, cure)
                ready, kept = self._ready.get(parameter), self.state.get(parameter)
                if ready is None or not ready.fits(x, kept, names):
                    ready = self._make_ready(group, names, parameter)
                yield group, ready, g

    def _update_apart(self, group: Mapping[str, Any], ready: _Ready, g: Array) -> None:
        """update() on a device, or in single precision for parameters in half, where the square of
        a small gradient would be 0 and Adam would divide by it."""
        x = ready.x
        with backend.on_device(ready.device):
            if ready.wide:
                x, wide_g = ready.wide
                x[...], wide_g[...] = ready.x, g
                g = wide_g
            self.update(ready.xp, group, ready.state, x, g, *ready.scratch)
            if ready.wide:
                ready.x[...] = x

    def _make_ready(
        self, group: Mapping[str, Any], names: tuple[str, ...], parameter: Tensor
    ) -> _Ready:
        """Checks a parameter and its state, fills what the state lacks, and lends scratch arrays.

        Raises ShapeError, DTypeError or GraphError if the parameter cannot be moved.
        """
        x, kept = parameter.data, self.state.get(parameter, {})
        if not getattr(x.flags, "writeable", True):
            raise GraphError(
                f"{type(self).__name__}.step(): {self._label(parameter)} of shape {x.shape} is in "
                "read-only memory. Build the parameter from a copy of the array."
            )
        dtype = loading.state_dtype(x)
        for name in names:
            old = kept.get(name)
            if name == "step" or old is None:
                continue
            if old.dtype != dtype or old.shape != x.shape or old.__class__ is not x.__class__:
                self._misfit(
                    parameter,
                    f"its state {name!r}",
                    old,
                    "Move or cast the model before the optimizer is built; a new dtype or device "
                    "is taken over by optimizer.load_state_dict(optimizer.state_dict()).",
                )
        with backend.on_device(backend.device_of(x)):
            count = self.scratch_arrays
            lent = self._lend(x, dtype, count if dtype == x.dtype else count + 2)
            scratch, wide = lent[:count], lent[count:]
            if names:
                kept = self.state[parameter]
                for name in names:
                    if name not in kept:
                        kept[name] = self.new_state(name, group, wide[0] if wide else x)
        self._ready[parameter] = ready = _Ready(x, kept, names, scratch, wide)
        return ready

    def _misfit(self, parameter: Tensor, what: str, array: Array, cure: str) -> None:
        """Raises ShapeError if array has another shape than parameter, else DTypeError."""
        error = ShapeError if array.shape != parameter.shape else DTypeError
        raise error(
            f"{type(self).__name__}.step(): {self._label(parameter)} is {parameter.shape} "
            f"{parameter.dtype} on {parameter.device}, but {what} is {array.shape} {array.dtype} "
            f"on {backend.device_of(array)}. {cure}"
        )

    def _label(self, parameter: Tensor) -> str:
        """What to call a parameter in a message: its number and its name."""
        return groups.label(parameter, self.param_groups)

    def _lend(self, x: Array, dtype: Any, count: int) -> tuple[Array, ...]:
        """count arrays of x's shape and device: views of memory kept for all."""
        key = (backend.device_of(x), x.dtype)
        flat = self._scratch.get(key)
        if flat is None or (flat and flat[0].size < x.size):
            every = groups.parameters_of(self.param_groups)
            alike = [p.size for p in every if p.requires_grad and p.dtype == x.dtype]
            empty = backend.module_of(x).empty
            flat = tuple(empty(max(x.size, *alike, 0), dtype) for _ in range(count))
            self._scratch[key] = flat
            self._ready.clear()
        return tuple(array[: x.size].reshape(x.shape) for array in flat)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_scratch": {}, "_ready": {}}

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])


def gradient_of(
    xp: ArrayModule, group: Mapping[str, Any], x: Array, g: Array, scratch: Array
) -> Array:
    """The gradient to descend: ±g + weight_decay · x, minus if the group maximizes.

    It is g itself where there is nothing to add, else it is written into scratch.
    """
    decay = float(group["weight_decay"])
    if not decay:
        return signed(xp, group, g, scratch)
    xp.multiply(x, decay, out=scratch)
    return (xp.subtract if group["maximize"] else xp.add)(scratch, g, out=scratch)


def signed(xp: ArrayModule, group: Mapping[str, Any], g: Array, scratch: Array) -> Array:
    """g, or −g in scratch if the group maximizes."""
    return xp.negative(g, out=scratch) if group["maximize"] else g


def average_square(xp: ArrayModule, mean: Array, g: Array, keep: float, spare: Array) -> None:
    """mean ← keep · mean + (1 − keep) · g², in place; spare is overwritten."""
    xp.multiply(mean, keep, out=mean)
    xp.multiply(g, 1.0 - keep, out=spare)
    xp.multiply(spare, g, out=spare)
    xp.add(mean, spare, out=mean)


def average(xp: ArrayModule, mean: Array, g: Array, keep: float, spare: Array) -> None:
    """mean ← keep · mean + (1 − keep) · g, as mean + (1 − keep) · (g − mean), in place."""
    xp.subtract(g, mean, out=spare)
    xp.multiply(spare, 1.0 - keep, out=spare)
    xp.add(mean, spare, out=mean)


__all__ = ["Optimizer", "Params"]
