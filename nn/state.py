"""State dictionaries: all that a module has learned, by path, and how it is put back.

Loading is all or nothing: every problem is found first, and named in one error, before the first
number is written. Files are the business of `checkpoint.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from autograd import Tensor, no_grad
from autograd.promote import to_array

__all__: list[str] = []


class Keys(NamedTuple):
    """What load_state_dict(strict=False) passed over: keys of the module that the state lacks, and
    keys of the state that the module lacks."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class State:
    """The part of Module that reads and writes state dictionaries."""

    _parameters: dict[str, None]
    _buffers: dict[str, bool]
    named_modules: Callable[..., Iterator[tuple[str, Any]]]
    _own: Callable[[dict[str, Any]], Iterator[tuple[str, Any]]]

    def _persistent(self) -> Iterator[tuple[str, Tensor]]:
        """Each parameter and saved buffer with its path; a shared one under each of its paths."""
        for path, module in self.named_modules(remove_duplicate=False):
            start = f"{path}." if path else ""
            for name, tensor in module._own(module._parameters):
                yield start + name, tensor
            for name, tensor in module._own(module._buffers):
                if module._buffers[name]:
                    yield start + name, tensor

    def state_dict(self) -> dict[str, Tensor]:
        """All parameters and saved buffers by path, such as "fc1.weight": untracked, and the same
        memory as the module's. A copy is `copy.deepcopy(model.state_dict())`."""
        return {path: tensor.detach() for path, tensor in self._persistent()}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> Keys:
        """Writes state_dict's numbers into the parameters and buffers of the same paths.

        strict: whether both must have the same paths. Values are cast to the module's dtypes and
        moved to its devices. Returns (missing_keys, unexpected_keys).
        Raises ValueError with all problems at once (missing and unexpected paths, shapes that
        differ, values that are no arrays), TypeError for no mapping; the module is then as it was.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(
                f"load_state_dict: {state_dict!r:.60} is a {type(state_dict).__name__}, not a "
                "mapping of paths to tensors. Of a file, load the content: nn.load(path)."
            )
        built = [m for _, m in self.named_modules() if hasattr(m, "build_from")]
        built = [m for m in built if m.build_from(_below(self, m, state_dict))]
        own = dict(self._persistent())
        missing = [path for path in own if path not in state_dict]
        unexpected = [path for path in state_dict if path not in own]
        faults = _mismatches(own, state_dict)
        if strict:
            faults = [f"missing: {', '.join(missing)}"] * bool(missing) + faults
            faults = [f"unexpected: {', '.join(map(str, unexpected))}"] * bool(unexpected) + faults
        if faults:
            for module in built:
                module.unbuild()
            hint = ""
            if strict and (missing or unexpected):
                hint = " Pass strict=False to load what both have."
            raise ValueError(
                f"load_state_dict of {type(self).__name__}: nothing was loaded, because of\n  "
                + "\n  ".join(faults)
                + f"\nBuild the model as it was saved.{hint}"
            )
        with no_grad():
            for path, tensor in own.items():
                if path in state_dict:
                    tensor.copy_(state_dict[path])
        return Keys(missing, unexpected)


def _below(root: State, module: Any, state_dict: Mapping[str, Any]) -> dict[str, Any]:
    """The part of state_dict that belongs to a module of the tree, by its own names."""
    paths = [path for path, m in root.named_modules() if m is module]
    start = f"{paths[0]}." if paths[0] else ""
    return {key[len(start) :]: v for key, v in state_dict.items() if str(key).startswith(start)}


def _mismatches(own: Mapping[str, Tensor], state_dict: Mapping[str, Any]) -> list[str]:
    """What does not fit among the paths that both have."""
    faults = []
    for path, tensor in own.items():
        if path not in state_dict:
            continue
        try:
            shape = to_array(state_dict[path]).shape
        except (TypeError, ValueError) as error:
            faults.append(f"{path}: no array: {error}")
            continue
        if shape != tensor.shape:
            faults.append(f"{path}: the module's is {tensor.shape}, the state's is {shape}")
        elif not getattr(tensor.data.flags, "writeable", True):
            faults.append(f"{path}: the module's is in read-only memory, as of a file")
    return faults
