"""ModelCheckpoint: the latest and the best epoch in files, and a file for each epoch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nn
from nn.training import LambdaCallback, ModelCheckpoint
from tests.nn.training.runs import loader, scripted, trainer


def test_checkpoints_keep_the_best_epoch_and_the_latest(tmp_path: Path) -> None:
    saving = ModelCheckpoint(tmp_path / "new" / "folder")
    scripted([3.0, 1.0, 2.0], saving)
    best, last = nn.load(saving.best_path), nn.load(saving.last_path)
    assert best["model"]["0.weight"].item() == 2 and last["model"]["0.weight"].item() == 3
    assert best["position"]["epoch"] == 2 and last["position"]["epoch"] == 3
    assert saving.best_path == tmp_path / "new" / "folder" / "best.npz"
    assert sorted(p.name for p in saving.best_path.parent.iterdir()) == ["best.npz", "last.npz"]


def test_a_checkpoint_may_be_a_file_with_the_best_beside_it(tmp_path: Path) -> None:
    scripted([1.0, 2.0], ModelCheckpoint(tmp_path / "v1.2" / "run.npz"))
    assert nn.load(tmp_path / "v1.2" / "run.npz")["position"]["epoch"] == 2
    assert nn.load(tmp_path / "v1.2" / "run.best.npz")["position"]["epoch"] == 1


def test_checkpoints_without_validation_go_by_the_loss(tmp_path: Path) -> None:
    saving = ModelCheckpoint(tmp_path, save_last=False)
    history = trainer(callbacks=[saving]).fit(loader(), epochs=3)
    assert nn.load(saving.best_path)["position"]["epoch"] == history.best("loss").epoch
    assert not saving.last_path.exists()


def test_a_resumed_run_remembers_which_epoch_was_the_best(tmp_path: Path) -> None:
    saving = ModelCheckpoint(tmp_path)
    run = trainer(callbacks=[saving])
    run.fit(loader(), epochs=1)
    state = run.state_dict()
    state["callbacks"]["ModelCheckpoint"]["best"] = -1.0
    saving.best_path.unlink()
    run.load_state_dict(state)
    run.fit(loader(), epochs=2)
    assert saving.last_path.exists() and not saving.best_path.exists()
    run.fit(loader(), epochs=1)
    assert saving.best_path.exists()


def test_checkpoints_come_after_all_other_callbacks(tmp_path: Path) -> None:
    order: list[str] = []

    class Noting(ModelCheckpoint):
        """Notes when it saves."""

        def on_epoch_end(self, run: Any) -> None:
            """Saves."""
            order.append("save")
            super().on_epoch_end(run)

    other = LambdaCallback(on_epoch_end=lambda run: order.append("other"))
    trainer(callbacks=[Noting(tmp_path), other]).fit(loader())
    assert order == ["other", "save"]


def test_a_checkpoints_name_is_filled_in_with_the_epoch_and_what_it_measured(
    tmp_path: Path,
) -> None:
    saving = ModelCheckpoint(tmp_path / "new" / "run_{epoch:02d}_{val_loss:.1f}.npz")
    scripted([3.0, 1.0, 2.0], saving)
    found = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert found == [
        "run_01_3.0.best.npz",
        "run_01_3.0.npz",
        "run_02_1.0.best.npz",
        "run_02_1.0.npz",
        "run_03_2.0.npz",
    ]
    assert saving.last_path.name == found[-1] and saving.best_path.name == found[2]
    assert nn.load(tmp_path / "new" / "run_02_1.0.npz")["position"]["epoch"] == 2


def test_a_checkpoints_name_that_asks_for_what_was_not_measured_says_what_was(
    tmp_path: Path,
) -> None:
    saving = ModelCheckpoint(tmp_path / "run_{val_loss:.2f}.npz")
    with pytest.raises(ValueError, match="There are epoch, loss, accuracy, f1, lr"):
        trainer(callbacks=[saving]).fit(loader())


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "a name within an epoch": (
        lambda: ModelCheckpoint("run_{epoch}.npz", every_batches=2),
        ValueError,
        "Leave out every_batches",
    ),
    "a name without an ending": (lambda: ModelCheckpoint("run_{loss:.2f}"), ValueError, "ends in"),
    "batches": (lambda: ModelCheckpoint("x", every_batches=0), ValueError, "every_batches is 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_names_that_cannot_be_are_refused(case: str) -> None:
    call, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message):
        call()
