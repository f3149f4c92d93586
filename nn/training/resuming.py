"""The state of a run as plain data, and how a trainer goes on from it.

It is taken between batches. What fit is given each time, the data, is not in it; only the place in
the data is, and it is put back when fit begins, together with the random state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from autograd import random
from nn.training.callbacks.callback import keyed, states_of
from nn.training.history import History
from nn.training.snapshot import put_back, weights_of

FORMAT = "graphgrad training 1"
KEYS = {
    "format",
    "model",
    "optimizer",
    "callbacks",
    "history",
    "position",
    "totals",
    "loaders",
    "random",
}


@dataclass
class Position:
    """Where a run is. epoch: finished epochs.  batch: finished batches of the one under way.
    step: finished batches in all.  is_open: whether an epoch is under way.  is_trained: whether all
    its batches are finished, and it is yet to be measured."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    is_open: bool = False
    is_trained: bool = False

    def close(self) -> None:
        """Counts the epoch under way as finished."""
        self.epoch, self.batch = self.epoch + 1, 0
        self.is_open = self.is_trained = False


def state_of(trainer: Any) -> dict[str, Any]:
    """All that the run needs to go on exactly."""
    if trainer.pending is not None:  # loaded, and no fit since: the place in the data is there
        places, state = trainer.pending["loaders"], trainer.pending["random"]
    else:
        is_measuring = trainer.state.is_trained
        places = {
            name: _place(loader, is_cut_off=name == "validation" and is_measuring)
            for name, loader in trainer.loaders.items()
        }
        if trainer.place is not None and trainer.state.is_open and not is_measuring:
            # Of the epoch under way, whatever else the loader was asked for meanwhile; a batch that
            # an error ended is repeated.
            places["train"] = {**trainer.place, "position": trainer.batch}
        state = random.get_state()
    return {
        "format": FORMAT,
        "model": trainer.model.state_dict(),
        "optimizer": trainer.optimizer.state_dict(),
        "callbacks": states_of(trainer.callbacks),
        "history": trainer.history.state_dict(),
        "position": asdict(trainer.state),
        "totals": trainer.totals.state_dict(),
        "loaders": places,
        "random": tuple(state),
    }


def _place(loader: Any, is_cut_off: bool) -> dict[str, Any] | None:
    """Where a loader stands that is between epochs; None for one that does not tell.

    An epoch that somebody left is over. is_cut_off: except for one that is to begin again.
    """
    if not hasattr(loader, "state_dict"):
        return None
    place = dict(loader.state_dict())
    if {"epoch", "position"} <= place.keys() and place["position"]:
        place |= {"epoch": place["epoch"] + (not is_cut_off), "position": 0}
    return place


def counted(loader: Any) -> dict[str, Any] | None:
    """Where a loader stands that counts its batches as nn.data's does; None for any other."""
    place = dict(loader.state_dict()) if hasattr(loader, "state_dict") else {}
    return place if {"epoch", "position"} <= place.keys() else None


def load(trainer: Any, state: Mapping[str, Any]) -> None:
    """Puts trainer where state was taken. Raises ValueError, and changes nothing, if state is not
    of such a trainer."""
    callbacks = _checked(trainer, state)
    history = History()
    history.load_state_dict(state["history"])
    before = weights_of(trainer.model)
    trainer.model.load_state_dict(state["model"])
    try:
        trainer.optimizer.load_state_dict(state["optimizer"])
    except Exception:
        own = dict([*trainer.model.named_parameters(), *trainer.model.named_buffers()])
        put_back(trainer.model, {k: v for k, v in before.items() if own[k].shape == v.shape})
        raise
    for key, saved in state["callbacks"].items():
        callbacks[key].load_state_dict(saved)
    trainer.totals.load_state_dict(state["totals"])
    trainer.history, trainer.state = history, Position(**state["position"])
    if trainer.step:
        trainer.optimizer.stepped = True  # or a schedule would warn that it comes too early
    trainer.pending = {"loaders": dict(state["loaders"]), "random": tuple(state["random"])}


def _checked(trainer: Any, state: Mapping[str, Any]) -> dict[str, Any]:
    """The trainer's callbacks by key, if state can be loaded."""
    if not isinstance(state, Mapping) or state.get("format") != FORMAT or not KEYS <= set(state):
        raise ValueError(
            "this is no state of a Trainer, so no run can go on from it. Use what trainer.save() "
            "or ModelCheckpoint wrote; a model's own state is for model.load_state_dict()."
        )
    callbacks = keyed(trainer.callbacks)
    if unknown := [key for key in state["callbacks"] if key not in callbacks]:
        raise ValueError(
            f"the saved run had the callbacks {', '.join(state['callbacks'])}, but this trainer "
            f"has no {', '.join(unknown)}. Give it the same callbacks in the same order."
        )
    saved, own = len(state["totals"]["metrics"]), len(trainer.metrics)
    if saved != own:
        raise ValueError(
            f"the saved run had {saved} metrics, but this trainer has {own}. Give it the same "
            "metrics in the same order."
        )
    return callbacks


def begin(trainer: Any, initial_epoch: int) -> None:
    """Begins a new run; or goes on with the one that was loaded, at its place in the data.

    Raises what a loader raises whose data is not that of the saved run.
    """
    pending = trainer.pending
    trainer.should_stop = False
    if pending is None:
        trainer.history, trainer.state = History(), Position(epoch=initial_epoch)
        trainer.logs, trainer.place = {}, None
        return
    for name, place in pending["loaders"].items():
        loader = trainer.loaders.get(name)
        if place is not None and hasattr(loader, "load_state_dict"):
            loader.load_state_dict(place)
    random.set_state(pending["random"])
    trainer.place = counted(trainer.loaders["train"])
    trainer.pending, trainer.is_resumed = None, True
