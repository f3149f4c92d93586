"""StopOnNaN: stops at the first loss or gradient that is not finite, and says where it began.

The batch is known by then, but not the module: so its forward pass is run once more, with the same
random state and buffers, and each module's output looked at. All is left as it was before.
"""

from __future__ import annotations

from typing import Any

from autograd import Tensor, backend, no_grad, random
from nn.training.callbacks.callback import Callback
from nn.training.snapshot import copies, put_back


class NonFiniteError(FloatingPointError):
    """A loss or gradient that is nan or infinite.

    epoch, batch: where, from 1.  loss: its value.  module: path of the first module whose output is
    not finite, or whose forward makes such numbers between its modules; "" for the model itself, or
    None.  parameter: path of the first parameter whose
    gradient is not finite, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        epoch: int,
        batch: int,
        loss: float,
        module: str | None = None,
        parameter: str | None = None,
    ) -> None:
        super().__init__(message)
        self.epoch, self.batch, self.loss = epoch, batch, loss
        self.module, self.parameter = module, parameter


class StopOnNaN(Callback):
    """Raises NonFiniteError before a step that nan or infinity would spoil, naming the layer.

    The model's parameters and buffers, the optimizer and the random state are left as they were
    before the batch. Each batch costs one read from the device, and a copy of the model's buffers.
    """

    def on_batch_begin(self, trainer: Any) -> None:
        """Notes what the forward pass may change."""
        self._random = random.get_state()
        self._buffers = copies(trainer.model.named_buffers())

    def on_before_step(self, trainer: Any) -> None:
        """Looks at the loss and the gradients."""
        loss = trainer.current.loss
        gradients = [p.grad for _, p in trainer.model.named_parameters() if p.grad is not None]
        if _are_finite([loss, *gradients]):
            return
        bad = [
            name
            for name, p in trainer.model.named_parameters()
            if p.grad is not None and not _are_finite([p.grad])
        ]
        put_back(trainer.model, self._buffers)
        module, before = self._first_module(trainer)
        put_back(trainer.model, self._buffers)
        random.set_state(self._random)
        raise _error(trainer, module, before, bad)

    def _first_module(self, trainer: Any) -> tuple[str | None, str | None]:
        """(path, before): of the first module whose output is not finite, if one is, and None; or,
        where its input was not finite either, of the module in whose forward that was made, and of
        the one before whose call it was made."""
        calls: list[tuple[str, bool]] = []
        found: list[tuple[str, str | None]] = []

        def enter(path: str) -> Any:
            return lambda module, args: calls.append((path, _are_finite(_tensors(args))))

        def leave(path: str) -> Any:
            def hook(module: Any, args: Any, output: Any) -> None:
                while calls[-1][0] != path:  # one that raised, and whose error was caught
                    calls.pop()
                if not found and not _are_finite(_tensors(output)):
                    found.append(_origin(calls))
                calls.pop()

            return hook

        handles = []
        for path, module in trainer.model.named_modules():
            handles.append(module.register_forward_pre_hook(enter(path)))
            handles.append(module.register_forward_hook(leave(path)))
        try:
            with no_grad(), random.replay(self._random):
                trainer.model(*trainer.current.inputs)
        finally:
            for handle in handles:
                handle.remove()
        return found[0] if found else (None, None)


def _origin(calls: list[tuple[str, bool]]) -> tuple[str, str | None]:
    """(path, before), as above, of a module whose output is not finite. calls: those under way, the
    outermost first: each path, and whether the input was finite."""
    depth = len(calls) - 1
    while depth > 0 and not calls[depth - 1][1]:
        depth -= 1  # what a module was given, it may have handed on
    if depth == 0 or calls[depth][1]:
        return calls[-1][0], None
    return calls[depth - 1][0], calls[depth][0]


def _error(trainer: Any, module: str | None, before: str | None, bad: list[str]) -> NonFiniteError:
    """What to raise: the fact, where it began, and what to try. module, before: of
    `_first_module`."""
    current, epoch, batch = trainer.current, trainer.epoch + 1, trainer.batch + 1
    loss = float(current.loss)
    fact = (
        f"the loss is {loss} in epoch {epoch}, batch {batch}"
        if not _are_finite([current.loss])
        else f"a gradient is not finite in epoch {epoch}, batch {batch} (the loss is {loss:.4g})"
    )
    model = trainer.model
    weights = [name for name, p in model.named_parameters() if not _are_finite([p])]
    remedy = "Try a lower learning rate, or clip the gradients."
    if not _are_finite(_tensors((*current.inputs, current.target))):
        place, remedy = "the batch itself holds nan or infinity", "Clean the data."
    elif weights:
        place = f"the weight {weights[0]!r} is not finite since the step before"
    elif module is not None and before is not None:
        kind, child = (type(model.get_submodule(path)).__name__ for path in (module, before))
        place = f"it is made in {kind}.forward between modules, before {before!r} ({child}) is run"
        remedy = "Run that batch again: viz.check(loss) finds the operation."
    elif module is not None:
        kind = type(model.get_submodule(module)).__name__
        place = f"the first output that is not finite is that of {module or 'the model'!r} ({kind})"
    elif not _are_finite([current.loss]):
        place = f"every module's output is finite, but not what {type(trainer.loss).__name__} gives"
    else:
        place = "every output is finite, but not the backward pass"
    if bad:
        place += f"; the first such gradient is that of {bad[0]!r}"
    return NonFiniteError(
        f"{fact}: {place}. The weights are as they were before this batch. {remedy}",
        epoch=epoch,
        batch=batch,
        loss=loss,
        module=module,
        parameter=bad[0] if bad else None,
    )


def _tensors(value: Any) -> list[Any]:
    """The tensors in an output, or in a nest of them."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = [*value.values()]
    return [t for part in value for t in _tensors(part)] if isinstance(value, tuple | list) else []


def _are_finite(tensors: list[Any]) -> bool:
    """Whether all numbers are finite: one read from the device."""
    arrays = [t.data for t in tensors if t.data.dtype.kind == "f"]
    flags = [backend.module_of(array).isfinite(array).all() for array in arrays]
    total = flags[0] if flags else True
    for flag in flags[1:]:
        total = total & flag
    return bool(total)
