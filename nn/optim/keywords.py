"""Keywords that constructors of other libraries take, and what to write instead.

Python's own message names the keyword only. Optimizers and schedules ask here before their
constructor is called; a subclass that has an argument of such a name keeps it.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

__all__: list[str] = []

_ONE_WAY = "Each step runs in one way, in place and without copies. Leave it out."
_DECAY = "Use a schedule of nn.optim.lr_scheduler, such as ExponentialLR."

REMEDIES = {
    "learning_rate": "Use lr=.",
    "beta_1": "Use betas=(beta_1, beta_2).",
    "beta_2": "Use betas=(beta_1, beta_2).",
    "epsilon": "Use eps=.",
    "decay": _DECAY,
    "foreach": _ONE_WAY,
    "fused": _ONE_WAY,
    "capturable": _ONE_WAY,
    "differentiable": "A step is not recorded. Leave it out.",
    "verbose": "Print scheduler.get_last_lr() instead.",
    "clipnorm": "Call nn.optim.clip_grad_norm_(model.parameters(), max_norm) before step().",
    "clipvalue": "Call nn.optim.clip_grad_value_(model.parameters(), value) before step().",
}
"""Keywords of PyTorch's and Keras's optimizers and schedules that are not there."""


def check_keywords(cls: type[Any], args: Sequence[Any], keywords: Mapping[str, Any]) -> None:
    """Raises TypeError, with what to write, for a keyword that cls has under another name or not
    at all, and for options without parameters."""
    own = inspect.signature(cls.__init__).parameters
    if any(p.kind is p.VAR_KEYWORD for p in own.values()):
        return
    for word in keywords:
        if word in REMEDIES and word not in own:
            raise TypeError(f"{cls.__name__}() takes no {word}=. {REMEDIES[word]}")
    if "params" in own and keywords and not args and "params" not in keywords:
        given = ", ".join(f"{word}=…" for word in keywords)
        raise TypeError(
            f"{cls.__name__}({given}): what it shall optimize is missing. Use "
            f"{cls.__name__}(model.parameters(), {given})."
        )
