"""The examples that need real data: their parts on small stand-ins, so that they run everywhere;
and against the published result where the data are there and quickly learned."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autograd
from nn.data import Digits, TfIdf

EXAMPLES = Path(__file__).parent.parent.parent / "examples"

SPAM = ("WIN 1000 pounds now! call 08001234567", "free prize, text 80086 to claim 500 now!")
HAM = ("are you coming home for dinner?", "ok, see you at the lesson then", "i'm at home now")


def example(name: str) -> ModuleType:
    """The module of an example, new for each test, since tests set its constants."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def messages(copies: int) -> SimpleNamespace:
    """Made-up messages with their labels, as SMSSpam has them."""
    return SimpleNamespace(
        texts=[*SPAM, *HAM] * copies,
        labels=np.tile([1] * len(SPAM) + [0] * len(HAM), copies),
    )


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples write their pictures there."""
    monkeypatch.chdir(tmp_path)


# MNIST


@pytest.fixture
def mnist_mlp(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The example, with the embedded digits for MNIST, and with one small net and few epochs."""
    module = example("mnist_mlp")

    def digits(*, train: bool, flat: bool, download: bool) -> Digits:
        assert not download
        return Digits(train=train, flat=flat)

    monkeypatch.setattr(module, "MNIST", digits)
    monkeypatch.setattr(module, "NETS", [((64, 32, 10), 0.0, 0.1, 0.01, 20.0)])
    monkeypatch.setattr(module, "SEEDS", (0,))
    monkeypatch.setattr(module, "EPOCHS", 8)
    monkeypatch.setattr(module, "BATCH", 32)
    monkeypatch.setattr(module, "RATE", 1e-2)
    return module


def test_a_perceptron_has_dropout_before_each_layer(mnist_mlp: ModuleType) -> None:
    model = mnist_mlp.perceptron((784, 500, 300, 10), 0.1, 0.3)
    names = [type(layer).__name__ for layer in model]
    assert names == ["Dropout", "Linear", "ReLU"] * 2 + ["Dropout", "Linear"]
    assert [layer.p for layer in model if type(layer).__name__ == "Dropout"] == [0.1, 0.3, 0.3]


def test_a_net_learns_digits_and_prints_its_error(
    mnist_mlp: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    mnist_mlp.main()
    name, error = re.match(r"(\S+)\s+(\S+)% \(asked 20.0%", capsys.readouterr().out).groups()
    assert name == "64-32-10" and float(error) < 10


def test_a_seed_repeats_a_test_error(
    mnist_mlp: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mnist_mlp, "EPOCHS", 1)
    data = [mnist_mlp.MNIST(train=t, flat=True, download=False).tensors() for t in (True, False)]
    errors = [mnist_mlp.test_error(*mnist_mlp.NETS[0][:4], seed, data) for seed in (1, 1, 2)]
    assert errors[0] == errors[1] != errors[2]


# Spam


def test_a_number_is_a_token_and_so_is_its_length() -> None:
    assert example("sms_spam").tokens("Call 0800, I'm HERE!") == [
        "call", "0800", "<4 digits>", ",", "i'm", "here", "!",
    ]  # fmt: skip


@pytest.mark.parametrize("loss", ["logistic", "squared hinge"])
def test_a_linear_filter_learns_what_made_up_spam_looks_like(loss: str) -> None:
    sms_spam, data = example("sms_spam"), messages(3)
    tfidf = TfIdf(sms_spam.tokens)
    unit = sms_spam.linear_filter(tfidf.fit_transform(data.texts), data.labels, loss)
    unseen = tfidf.transform(["call 0800123 now to claim", "see you home", "free 100 pounds"])
    found = sms_spam.measured(unit, unseen, np.array([1, 0, 1]))
    assert found == {"spam caught": 100, "ham blocked": 0, "accuracy": 100, "MCC": 1}
    found = sms_spam.measured(unit, unseen, np.array([1, 0, 0]))
    assert found["ham blocked"] == 50 and found["MCC"] == pytest.approx(0.5)


def test_the_filters_are_printed_beside_the_papers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sms_spam = example("sms_spam")
    parts = messages(4), messages(1)
    stand_in = SimpleNamespace(paper_split=lambda: parts)
    monkeypatch.setattr(sms_spam, "SMSSpam", lambda download: stand_in)
    sms_spam.main()
    logistic, hinge, _drawn, paper = capsys.readouterr().out.splitlines()
    assert "accuracy 100" in logistic and "accuracy 100" in hinge and "97.64" in paper


@pytest.mark.skipif(
    not Path(os.environ.get("GRAPHGRAD_DATA", "nowhere"), "sms_spam").is_dir(),
    reason="the SMS Spam Collection is not in the folder named by GRAPHGRAD_DATA",
)
def test_a_filter_is_better_than_the_papers_best(capsys: pytest.CaptureFixture[str]) -> None:
    example("sms_spam").main()
    results = re.findall(r"accuracy ([\d.]+)  MCC ([\d.]+)", capsys.readouterr().out)
    assert len(results) == 3 and results[-1] == ("97.64", "0.893")
    for accuracy, mcc in results[:2]:
        assert float(accuracy) > 97.64 and float(mcc) > 0.893


# Cats


def photographs(count: int) -> tuple[Any, Any]:
    """(count, 32, 32, 3) bytes and labels; the cats, a third of all, are the brighter above."""
    rng = np.random.default_rng(count)
    images = rng.integers(0, 160, (count, 32, 32, 3), np.uint8)
    labels = np.where(np.arange(count) % 3 == 0, 3, rng.choice([0, 1, 2, 4, 9], count))
    images[labels == 3, :16] += 90
    return images, labels


def flat(part: tuple[Any, Any]) -> tuple[Any, Any]:
    """The photographs as the example reads them."""
    return part[0].reshape(len(part[0]), -1).astype("float32") / 255, part[1]


def test_the_task_has_all_cats_and_as_many_others() -> None:
    images, labels = flat(photographs(60))
    cat_or_not = example("cat_or_not")
    autograd.manual_seed(0)
    x, y = cat_or_not.balanced(images, labels)
    assert y.shape == (40, 1) and y.sum() == 20
    assert (x[:20] == images[labels == 3]).all()
    others = {image.tobytes() for image in images[labels != 3]}
    assert len({image.tobytes() for image in x[20:]} & others) == 20
    again, _ = cat_or_not.balanced(images, labels)
    assert (again[20:] != x[20:]).any()


@pytest.mark.parametrize("hidden", [0, 8])
def test_bright_cats_are_told_from_others(hidden: int, monkeypatch: pytest.MonkeyPatch) -> None:
    cat_or_not = example("cat_or_not")
    monkeypatch.setattr(cat_or_not, "EPOCHS", 10)
    parts = flat(photographs(90)), flat(photographs(45))
    learned, unseen = cat_or_not.accuracies(hidden, 0, *parts)
    assert learned > 90 and unseen > 90
    assert cat_or_not.accuracies(hidden, 0, *parts) == (learned, unseen)


def test_both_nets_are_printed_with_every_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (train_x, train_y), (test_x, test_y) = photographs(60), photographs(30)
    (tmp_path / "cifar10_subset").mkdir()
    np.savez(
        tmp_path / "cifar10_subset" / "cifar10_subset.npz",
        train_x=train_x, train_y=train_y, test_x=test_x, test_y=test_y,
    )  # fmt: skip
    monkeypatch.setenv("GRAPHGRAD_DATA", str(tmp_path))
    cat_or_not = example("cat_or_not")
    monkeypatch.setattr(cat_or_not, "EPOCHS", 2)
    monkeypatch.setattr(cat_or_not, "SEEDS", (0, 1))
    monkeypatch.setattr(cat_or_not, "WIDTH", 4)
    cat_or_not.main()
    shown = capsys.readouterr().out
    assert "Linear 3072 → 4" in shown and "12,297 parameters" in shown
    lines = re.findall(r"^(.+?)  +training \S+%  test \S+% \((\S+) (\S+)\)$", shown, re.MULTILINE)
    assert [name for name, *_ in lines] == ["logistic unit", "two layers"]
