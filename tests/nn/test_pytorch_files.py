"""A file of torch.save given to nn.load: recognised, and refused with the way to convert it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.checkpoint import CheckpointError

MESSAGE = r"was written by torch\.save.*v\.numpy\(\) for k, v.*load_state_dict\(nn\.load"


def test_a_file_of_pytorch_is_recognised_and_the_conversion_named(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("model/data.pkl", b"\x80\x02}q\x00.")
        file.writestr("model/version", b"3\n")
    for read in (nn.load, nn.load_model):
        with pytest.raises(CheckpointError, match=MESSAGE):
            read(path)


def test_the_conversion_that_is_named_works(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    theirs, ours = torch.nn.Linear(3, 2), nn.Linear(3, 2)
    torch.save(theirs.state_dict(), tmp_path / "model.pt")
    with pytest.raises(CheckpointError, match=MESSAGE):
        nn.load(tmp_path / "model.pt")
    state = torch.load(tmp_path / "model.pt")
    nn.save({k: v.numpy() for k, v in state.items()}, tmp_path / "model.npz")
    ours.load_state_dict(nn.load(tmp_path / "model.npz"))
    np.testing.assert_array_equal(ours.weight.data, theirs.weight.detach().numpy())


def test_another_zip_is_no_file_of_pytorch(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("data.txt", b"x")
    with pytest.raises(CheckpointError) as caught:
        nn.load(path)
    assert "torch" not in str(caught.value)
