"""A saved model from a stranger, with checksums that fit, can do no worse than fail."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from nn.archive import CheckpointError
from nn.checkpoint import write_checkpoint
from nn.saved_model import _content, load_model, save_model


def written(path: Path, model: nn.Module, change: Callable[[dict[str, Any]], Any]) -> Path:
    """A model's file, altered before it was written."""
    content = _content(model)
    change(content)
    return write_checkpoint(content, path / "model.npz", "model")


def small() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))


@pytest.mark.parametrize(
    "shared",
    [{"0.0": ""}, {"0.0": "0"}, {"0.0": "1", "1.0": "0"}],
    ids=["the model", "itself", "one another"],
)
def test_modules_that_contain_one_another_are_refused(
    tmp_path: Path, shared: dict[str, str]
) -> None:
    model = nn.Sequential(nn.Sequential(nn.Identity()), nn.Sequential(nn.Identity()))
    path = written(tmp_path, model, lambda content: content.update(shared_modules=shared))
    with pytest.raises(CheckpointError, match=r"Sequential in the model contains itself"):
        load_model(path)


def test_modules_that_stand_at_too_many_places_are_refused(tmp_path: Path) -> None:
    def nest(content: dict[str, Any]) -> None:
        modules: list[Any] = [{"class": "Identity", "config": {"args": [], "kwargs": {"dict": {}}}}]
        for i in range(60):
            config = {"modules": [{"module": i}, {"module": i}]}
            modules.append({"class": "Sequential", "config": config})
        content["architecture"]["modules"] = modules

    path = written(tmp_path, small(), nest)
    with pytest.raises(CheckpointError, match="more than 1,000,000 places"):
        load_model(path)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("Linear", {"in_features": 30_000, "out_features": 30_000}),
        ("Linear", {"in_features": 0, "out_features": 10**9}),
        ("Embedding", {"num_embeddings": 60_000, "embedding_dim": 20_000}),
        ("BatchNorm1d", {"num_features": 10**9}),
        ("PReLU", {"num_parameters": 10**9}),
        ("LayerNorm", {"normalized_shape": (30_000, 30_000)}),
    ],
)
def test_sizes_that_the_file_has_no_numbers_for_take_no_memory(
    tmp_path: Path, name: str, config: dict[str, Any]
) -> None:
    def grow(content: dict[str, Any]) -> None:
        content["architecture"]["modules"][0] = {"class": name, "config": config}

    path = written(tmp_path, small(), grow)
    with pytest.raises(
        CheckpointError, match=rf"a {name} that cannot be built .* the file has only 13"
    ):
        load_model(path)


def test_many_small_layers_together_take_no_memory_either(tmp_path: Path) -> None:
    def repeat(content: dict[str, Any]) -> None:
        config = {"in_features": 1000, "out_features": 1000}
        layers: list[Any] = [{"class": "Linear", "config": config} for _ in range(100)]
        parts = [{"module": i} for i in range(100)]
        modules = [*layers, {"class": "Sequential", "config": {"modules": parts}}]
        content["architecture"]["modules"] = modules

    path = written(tmp_path, small(), repeat)
    tracemalloc.start()
    try:
        with pytest.raises(CheckpointError, match="the file has only 13 numbers"):
            load_model(path)
        assert tracemalloc.get_traced_memory()[1] < 150e6  # 400 MB are asked for
    finally:
        tracemalloc.stop()


def test_a_wide_model_and_numbers_that_are_no_sizes_are_loaded(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(1200, 1200, bias=False), nn.Hardtanh(-(10**9), 10**9))
    loaded = load_model(save_model(model, tmp_path / "wide.npz"))
    x = np.ones((1, 1200), "float32")
    assert np.array_equal(loaded(x).data, model(x).data)
