"""State dictionaries in the .safetensors format, which other tools read (extra `safetensors`).

The format holds a flat dictionary of arrays and strings about it, and no checksums: to go on
training, use `checkpoint.py`. Format: https://github.com/huggingface/safetensors#format.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograd import Tensor, as_tensor, get_default_device
from autograd.backend import is_array, to_host
from nn.archive import CheckpointError
from nn.atomic_file import as_path, replacing
from nn.structure import kind_of

__all__ = ["load_safetensors", "save_safetensors"]

ENDING = ".safetensors"
_DTYPES = "bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 float16 float32 float64".split()


def save_safetensors(
    state_dict: Mapping[str, Any],
    path: str | os.PathLike[str],
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """Writes a flat dictionary of Tensors or arrays, such as a module's state_dict(), to path, and
    returns path.

    metadata: strings by name, stored for readers. The file is replaced in one step, as by `save`.
    Raises ImportError if safetensors is not installed, TypeError for a value or dtype that the
    format cannot hold, OSError for a file that cannot be written.
    """
    library = _library()
    target = as_path(path)
    if not isinstance(state_dict, Mapping):
        raise TypeError(
            f"save_safetensors: a flat dict of arrays is needed, not {kind_of(state_dict)}. "
            "Pass model.state_dict(), or save nested values as .npz with nn.save."
        )
    arrays = {_name(key): _contiguous(key, value) for key, value in state_dict.items()}
    texts = dict(metadata or {})
    for key, text in texts.items():
        if not isinstance(key, str) or not isinstance(text, str):
            raise TypeError(f"metadata: {key!r} is {text!r}; names and values must be strings.")
    content = library.save(arrays, metadata=texts or None)
    with replacing(target) as file:
        file.write(content)
    return target


def load_safetensors(path: str | os.PathLike[str], device: str | None = None) -> dict[str, Tensor]:
    """The arrays of a .safetensors file by name, in sorted order, as Tensors of their own memory.

    device: where they go; the default device if None.
    Raises ImportError if safetensors is not installed, CheckpointError for a file that is damaged
    or holds a dtype that NumPy has not, such as bfloat16.
    """
    library = _library()
    content = as_path(path).read_bytes()
    where = get_default_device() if device is None else device
    try:
        arrays = library.load(content)
    except Exception as error:  # its own class, or KeyError for a dtype that it cannot give
        raise CheckpointError(
            f"{path} cannot be read as safetensors: {type(error).__name__}: {error}. "
            "It is damaged, of another format, or of a dtype without a NumPy equivalent."
        ) from error
    # The library's order changes from run to run.
    return {
        name: as_tensor(np.require(arrays[name], requirements="W"), device=where)
        for name in sorted(arrays)
    }


def _library() -> Any:
    """The module safetensors.numpy."""
    try:
        return importlib.import_module("safetensors.numpy")
    except ImportError as error:
        raise ImportError(
            "files ending in .safetensors need the package safetensors, which is not installed. "
            "Install it with: pip install 'graphgrad[safetensors]'."
        ) from error


def _name(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(
            f"save_safetensors: the key {key!r} is {kind_of(key)}; the format knows only strings. "
            "Convert it with str()."
        )
    return key


def _contiguous(key: str, value: Any) -> np.ndarray[Any, Any]:
    """value on the host, in one piece.

    safetensors 0.8.0 writes an array's memory from its first byte on and heeds no strides, so a
    transposed array would come back scrambled.
    """
    array = value.data if isinstance(value, Tensor) else value
    if not is_array(array):
        raise TypeError(
            f"save_safetensors: {key!r} is {kind_of(value)}; the format holds arrays only. "
            "Save nested values as .npz with nn.save."
        )
    host = np.require(to_host(array), requirements="C")
    if host.dtype.name not in _DTYPES:
        raise TypeError(
            f"save_safetensors: {key!r} has dtype {host.dtype}, which the format cannot hold."
        )
    return host
