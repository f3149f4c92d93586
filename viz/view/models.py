"""The models that a graph was computed with, and what they and their modules are called.

One model alone goes without a name of its own: its parameters are "fc1.weight". Each of several is
called like the variable of the caller that holds it, or by its class, with a number where several
share it; however often it ran, its frames and its parameters bear that name. Modules that have only
buffers, such as a weighted loss, are no models in this sense.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from autograd.graph import Node, ancestors
from autograd.mode import Entry
from viz.names import model_key


def is_model(thing: Any) -> bool:
    """Whether something has parameters with names, as nn.Module does."""
    return not isinstance(thing, type) and callable(getattr(thing, "named_parameters", None))


def parameters_of(model: Any) -> list[tuple[str, Any]]:
    """The parameters of a model with their paths, and its buffers, if it has such."""
    buffers = getattr(model, "named_buffers", None)
    return [*model.named_parameters(), *(buffers() if callable(buffers) else ())]


class ModelNames:
    """What the models of a graph and their modules are called.

    given: names for models.  variables: of the caller's frame.  bare: the model that goes without a
    name before the paths of its modules; None for the only one, if it has no name of its own.
    """

    def __init__(
        self,
        outputs: Iterable[Node] = (),
        *,
        given: Mapping[Any, str] | None = None,
        variables: Mapping[Any, str] | None = None,
        bare: Any = None,
    ) -> None:
        runs = _first_runs(outputs)
        learned = [run for run in runs if next(iter(run.owner.named_parameters()), None)]
        others = [run for run in runs if run not in learned]
        known = dict(given or {})
        if len(learned) > 1:
            known = {**(variables or {}), **known}
        elif learned and bare is None and model_key(learned[0].owner) not in known:
            is_whole = learned[0].name == type(learned[0].owner).__name__
            bare = learned[0].owner if is_whole else None
        self.models = [run.owner for run in (*learned, *others)]
        self._bare = bare
        self._titles = _titles(learned, known) | _titles(others, given or {})

    def title(self, entry: Entry) -> str:
        """What a frame around one run of a module is called."""
        return self._titles.get(model_key(entry.owner), entry.name)

    def detail(self, entry: Entry) -> str:
        """What it is, unless its title says as much."""
        is_renamed = self.title(entry) != entry.name
        return entry.detail or (entry.name if is_renamed else "")

    def path(self, entry: Entry) -> str:
        """The path of a module, which the names of its parameters begin with; of the model itself,
        its name."""
        names: list[str] = []
        outer: Entry | None = entry
        while outer is not None:
            if outer is entry or outer.owner is None or outer.owner is not self._bare:
                names.append(self.title(outer))
            outer = outer.outer
        return ".".join(reversed(names))

    def prefix(self, model: Any) -> str:
        """What stands before the paths of a model's parameters."""
        title = self._titles.get(model_key(model), "")
        return f"{title}." if title and model is not self._bare else ""


def _first_runs(outputs: Iterable[Node]) -> list[Entry]:
    """For each of the outermost models that outputs were computed in, its first run."""
    entries = {node.module: None for node in ancestors(outputs) if node.module is not None}
    runs: dict[Any, Entry] = {}
    for entry in entries:
        outermost: Entry | None = None
        outer: Entry | None = entry
        while outer is not None:
            outermost = outer if is_model(outer.owner) else outermost
            outer = outer.outer
        if outermost is not None:
            runs.setdefault(model_key(outermost.owner), outermost)
    return [run for run in runs.values() if parameters_of(run.owner)]


def _titles(runs: Iterable[Entry], known: Mapping[Any, str]) -> dict[Any, str]:
    """A name for each model: the known one, else its run's, numbered where several share it."""
    titles = {key: known[key] for run in runs if (key := model_key(run.owner)) in known}
    nameless = [run for run in runs if model_key(run.owner) not in titles]
    namesakes, count = Counter(run.name for run in nameless), Counter[str]()
    for run in nameless:
        count[run.name] += 1
        number = count[run.name] if namesakes[run.name] > 1 else ""
        titles[model_key(run.owner)] = f"{run.name}{number}"
    return titles
