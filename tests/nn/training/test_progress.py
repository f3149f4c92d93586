"""What a run shows: bars in a terminal, lines elsewhere where asked, and else nothing."""

from __future__ import annotations

import io
import sys
from functools import partialmethod
from typing import Any

import pytest

from nn.training import LambdaCallback
from tests.nn.training.runs import loader, samples, trainer


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def open_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """The standard error as a terminal. Called in the test, as pytest puts its own streams in place
    after the fixtures."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def shown_by(capsys: pytest.CaptureFixture[str], **options: Any) -> str:
    """What two epochs print on the standard output."""
    trainer(metrics=["accuracy"]).fit(loader(), epochs=2, **options)
    return capsys.readouterr().out


def test_nothing_is_shown_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    trainer().fit(loader(), epochs=2)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("verbose", [True, 1, 2])
def test_verbose_prints_a_line_an_epoch(verbose: Any, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown_by(capsys, verbose=verbose, validation=[*loader()]).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("epoch 1/2: loss ") and ", val_accuracy 0." in lines[1]
    assert capsys.readouterr().err == ""


def test_verbose_false_shows_nothing_in_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = open_terminal(monkeypatch)
    assert shown_by(capsys, verbose=False) == "" == terminal.getvalue()


@pytest.mark.parametrize("verbose", ["auto", True])
def test_a_terminal_gets_a_bar_an_epoch(
    verbose: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = open_terminal(monkeypatch)
    pytest.importorskip("tqdm", reason="bars are tqdm's, which is optional")
    assert shown_by(capsys, verbose=verbose) == ""
    text = terminal.getvalue()
    assert "Epoch 1/2" in text and "Epoch 2/2   0%|" in text and "0/6" in text
    last = text.rstrip().rpartition("\r")[2]
    assert text.endswith("\n") and last.startswith("Epoch 2/2 00:0") and "accuracy 0." in last


def test_a_finished_epoch_shows_four_numbers_in_a_hundred_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = open_terminal(monkeypatch)
    tqdm = pytest.importorskip("tqdm", reason="bars are tqdm's, which is optional")
    monkeypatch.setattr(tqdm.tqdm, "__init__", partialmethod(tqdm.tqdm.__init__, ncols=100))
    trainer(metrics=["accuracy"]).fit(loader(), epochs=9, validation=samples())
    last = terminal.getvalue().rstrip().rpartition("\r")[2]
    assert len(last) <= 100 and "val_accuracy 0." in last and "lr" not in last


def test_a_bar_is_closed_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    pytest.importorskip("tqdm", reason="bars are tqdm's, which is optional")

    def fail(run: Any) -> None:
        raise KeyError("stop")

    with pytest.raises(KeyError):
        trainer(callbacks=[LambdaCallback(on_batch_end=fail)]).fit(loader())
    assert terminal.getvalue().endswith("\n")


def test_without_tqdm_lines_take_the_place_of_bars(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = open_terminal(monkeypatch)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert shown_by(capsys, verbose="auto").count("\n") == 2
    assert terminal.getvalue() == ""


def test_a_notebook_gets_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})()
    monkeypatch.setattr(sys, "stdout", stream)
    trainer().fit(loader(), epochs=2)
    assert stream.getvalue().count("epoch ") == 2


def test_a_resumed_epoch_has_a_bar_of_its_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = open_terminal(monkeypatch)
    pytest.importorskip("tqdm", reason="bars are tqdm's, which is optional")

    def fail(run: Any) -> None:
        if run.step == 4:
            raise KeyError("stop")

    run = trainer(callbacks=[LambdaCallback(on_batch_end=fail)])
    with pytest.raises(KeyError):
        run.fit(loader())
    run.resume().fit(loader())
    assert "67%|" in terminal.getvalue() and "4/6" in terminal.getvalue()
