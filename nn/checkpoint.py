"""save and load: any nested value of tensors, arrays and numbers, in one file that is always whole.

A checkpoint is an .npz with checksums (`archive.py`), written so that a crash leaves the previous
one (`atomic_file.py`), and holds values only, never code (`structure.py`). Whole models, with their
architecture, are saved by `saved_model.py`; files for other tools by `safetensors_files.py`.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

from autograd.backend import check_device
from nn import archive
from nn.archive import CheckpointError
from nn.atomic_file import as_path, replacing
from nn.safetensors_files import ENDING, load_safetensors, save_safetensors
from nn.structure import Decoder, Encoder

__all__ = ["CheckpointError", "load", "save"]


def save(obj: Any, path: str | os.PathLike[str]) -> Path:
    """Writes obj to path, and returns path.

        nn.save({"model": model.state_dict(), "epoch": 7}, "last.npz")

    obj: a nest of dicts (keys: str and int), lists and tuples of Tensors, arrays of any shape,
    numbers, strings, bytes, bool and None. Any other mapping comes back as a dict, a Parameter as
    an untracked Tensor; what shares memory is stored once.
    path: used as it is, no ending is added (".npz" is the usual one); an ending ".safetensors"
    writes that format, of a flat dict of arrays. A link is followed, and the umask decides who may
    read the file.
    The file is replaced in one step: if saving fails, or the process is killed, what was there
    before is whole. `numpy.load(path)` reads the arrays, by names such as "model.0.weight".
    Raises TypeError naming the place of a value that cannot be stored, ValueError for a nest deeper
    than 100 or one that contains itself, OSError for a file that cannot be written.
    """
    target = as_path(path)
    if target.suffix.lower() == ENDING:
        return save_safetensors(obj, target)
    return write_checkpoint(obj, target, "checkpoint")


def load(path: str | os.PathLike[str], device: str | None = None) -> Any:
    """The value that `save` wrote to path.

    device: where tensors, and arrays that were on a GPU, go; the default device if None. Arrays
    that were on the host come back as NumPy arrays. Nothing in the file is ever run, so a file from
    a stranger can do no worse than fail.
    Raises CheckpointError naming what is damaged or altered, OSError for a file that cannot be
    opened, BackendError for a device that cannot be used.
    """
    source = as_path(path)
    if source.suffix.lower() == ENDING:
        return load_safetensors(source, device)
    return read_checkpoint(source, device)[1]


def write_checkpoint(obj: Any, path: Path, kind: str) -> Path:
    """Writes obj as a checkpoint of a kind, and returns path."""
    encoder = Encoder()
    tree = encoder.encode(obj)
    with replacing(path) as file:
        archive.write(file, kind, tree, encoder.arrays)
    return path


def read_checkpoint(path: Path, device: str | None) -> tuple[str, Any]:
    """A checkpoint's kind and its value."""
    if device is not None:
        check_device(device)
    try:
        kind, tree, arrays = archive.read(path)
    except CheckpointError as error:
        if _is_pytorch(path):
            raise CheckpointError(
                f"{path} was written by torch.save: it holds pickled code, which is not read here. "
                "Convert it where PyTorch is installed: nn.save({k: v.numpy() for k, v in "
                'torch.load("model.pt").items()}, "model.npz"), then '
                'model.load_state_dict(nn.load("model.npz")).'
            ) from error
        raise
    decoder = Decoder(arrays, device)
    try:
        return kind, decoder.decode(tree)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{path} was altered: its structure is not one that nn.save writes ({error}). "
            "Use another copy of it."
        ) from error


def _is_pytorch(path: Path) -> bool:
    """Whether a file is one that torch.save writes: a zip with a data.pkl in its only folder."""
    try:
        with zipfile.ZipFile(path) as file:
            names = file.namelist()
    except Exception:  # zipfile tells damage in many ways, and archive.read has said which it is
        return False
    return any(name.count("/") == 1 and name.endswith("/data.pkl") for name in names)
