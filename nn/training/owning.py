"""Which parameters a Trainer's optimizer moves: those of its model that are learned."""

from __future__ import annotations

from typing import Any

from nn.training.user_line import warn


def trainable(model: Any) -> list[Any]:
    """The parameters that are learned, not frozen. Raises ValueError if there are none."""
    parameters = [*model.parameters()]
    learned = [parameter for parameter in parameters if parameter.requires_grad]
    kind = type(model).__name__
    if parameters and not learned:
        raise ValueError(
            f"no parameter of {kind} requires grad: all {len(parameters)} are frozen, and nothing "
            "can be learned. Let some learn: model.requires_grad_(), or that of a layer."
        )
    if not learned:
        raise ValueError(
            f"{kind} has no parameters, so nothing can be learned. Set layers as attributes of the "
            "module; of a list of layers make an nn.ModuleList."
        )
    return learned


def check_owner(optimizer: Any, model: Any, loss: Any) -> None:
    """Raises ValueError if an optimizer moves no parameter of the model, and warns if it moves
    others too, except those of the loss."""
    groups = getattr(optimizer, "param_groups", ())
    held = [parameter for group in groups for parameter in group["params"]]
    own = {id(p) for _, p in model.named_parameters()}
    named = getattr(loss, "named_parameters", None)
    losses = {id(p) for _, p in named()} if named is not None else set()
    foreign = [p for p in held if id(p) not in own and id(p) not in losses]
    kind, what = type(optimizer).__name__, type(model).__name__
    if own and foreign and not any(id(p) in own for p in held):
        raise ValueError(
            f"the {kind} moves {len(foreign)} parameters, none of which is {what}'s, so the model "
            f"would never learn. Make it of this model's: nn.optim.{kind}(model.parameters())."
        )
    if foreign:
        warn(
            f"the {kind} moves {len(held)} parameters, {len(foreign)} of which are not {what}'s. "
            "If layers were replaced since it was made, make it anew of model.parameters()."
        )
