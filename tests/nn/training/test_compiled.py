"""compile, fit, evaluate, predict and save on a model, as a Keras user writes them."""

from __future__ import annotations

import copy
import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from nn.data import DataLoader, TensorDataset
from nn.training import EarlyStopping, LambdaCallback
from tests.nn.training.runs import all_numbers, loader, network, samples

X, Y = samples(60)


def compiled(**options: Any) -> nn.Module:
    """A compiled network."""
    model = network()
    model.compile(
        **{"optimizer": "adam", "loss": "cross_entropy", "metrics": ["accuracy"], **options}
    )
    return model


def test_the_lines_of_a_keras_user_train_a_model() -> None:
    autograd.manual_seed(0)
    model = nn.Sequential()
    model.add(nn.Dense(16, "relu"))
    model.add(nn.Dense(3))
    model.compile(optimizer="adam", loss="cross_entropy", metrics=["accuracy"])
    x, y = samples(300)
    history = model.fit(x, y, batch_size=16, epochs=50, validation_split=0.2, verbose=False)
    assert history["loss"][-1] < history["loss"][0] / 2
    assert model.evaluate(x, y)["accuracy"] > 0.9
    predicted = model.predict(x, batch_size=128)
    assert predicted.shape == (300, 3) and (predicted.argmax(1) == y).mean() > 0.9


def test_fit_is_what_a_trainer_does() -> None:
    model, other = compiled(), network()
    autograd.manual_seed(5)
    history = model.fit(X, Y, batch_size=10, epochs=2, validation_data=(X, Y))
    autograd.manual_seed(5)
    run = nn.Trainer(other, "cross_entropy", "adam", ["accuracy"])
    assert run.fit(X, Y, batch_size=10, epochs=2, validation=(X, Y)) == history
    assert all_numbers(model.state_dict()) == all_numbers(other.state_dict())


def test_the_optimizer_goes_on_from_one_fit_to_the_next() -> None:
    model, other = compiled(), compiled()
    autograd.manual_seed(5)
    for _ in range(2):
        model.fit(X, Y, epochs=1, shuffle=False)
    autograd.manual_seed(5)
    other.fit(X, Y, epochs=2, shuffle=False)
    steps = {state["step"] for state in model._compiled.optimizer.state.values()}
    assert steps == {4}
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        assert np.allclose(one.data, two.data, atol=0.02)


def test_validation_split_takes_the_last_part_before_shuffling() -> None:
    seen: list[float] = []

    def note(run: Any) -> None:
        seen.extend(run.current.inputs[0].data[:, 0].tolist())

    model = compiled()
    history = model.fit(
        X, Y, epochs=1, validation_split=0.3, callbacks=[LambdaCallback(on_batch_begin=note)]
    )
    assert sorted(seen) == sorted(X[:42, 0].tolist())
    again = compiled().fit(X[:42], Y[:42], epochs=1, validation_data=(X[42:], Y[42:]))
    assert history == again


def test_datasets_and_loaders_are_taken_as_they_are() -> None:
    model = compiled()
    data = TensorDataset(X, Y)
    assert len(model.fit(data, epochs=2, validation_data=DataLoader(data, 7)).epochs) == 2
    assert model.evaluate(data) == model.evaluate(X, Y)
    assert np.array_equal(model.predict(data), model.predict(X))
    batches = loader()
    model.fit(batches, epochs=3)
    assert batches.epoch == 3


def test_class_weights_and_callbacks_reach_the_trainer() -> None:
    model, plain = compiled(optimizer="sgd"), compiled(optimizer="sgd")
    stopping = EarlyStopping("loss", patience=0, min_delta=100.0)
    history = model.fit(
        X, Y, epochs=9, class_weight={0: 3.0, 1: 3.0, 2: 3.0}, callbacks=[stopping], shuffle=False
    )
    assert history.epochs == [1, 2] and stopping.stopped_epoch == 2
    first = plain.fit(X, Y, epochs=1, shuffle=False)["loss"][0]
    assert history["loss"][0] > 2 * first


def test_predict_needs_no_compiling_and_keeps_each_modules_mode() -> None:
    model = network()
    model[1].eval()
    first, second = model.predict(X), model.predict(X, batch_size=1)
    assert np.allclose(first, second, atol=1e-6)
    assert [module.training for module in model] == [True, False, True, True, True]


def test_a_compiled_model_is_copied_and_freed_like_any_other() -> None:
    model = compiled()
    model.fit(X, Y)
    twin = copy.deepcopy(model)
    before = all_numbers(model.state_dict())
    twin.fit(X, Y)
    assert all_numbers(model.state_dict()) == before != all_numbers(twin.state_dict())
    gone = weakref.ref(model)
    gc.collect()
    gc.disable()
    try:
        del model
        assert gone() is None
    finally:
        gc.enable()


def test_frozen_parameters_are_left_alone() -> None:
    model = network()
    model[0].requires_grad_(False)
    before = model[0].weight.data.copy(), model[4].weight.data.copy()
    model.compile("adam", "cross_entropy")
    model.fit(X, Y)
    assert np.array_equal(model[0].weight.data, before[0])
    assert not np.array_equal(model[4].weight.data, before[1])


def test_a_frozen_model_is_measured_though_nothing_of_it_learns() -> None:
    model = compiled()
    before = model.evaluate(X, Y)
    model.requires_grad_(False)
    assert model.evaluate(X, Y) == before
    with pytest.raises(ValueError, match="no parameter of Sequential requires grad"):
        model.fit(X, Y)


def test_layers_added_after_the_first_fit_are_not_left_untrained_in_silence() -> None:
    model = compiled()
    model.fit(X, Y)
    model.add(nn.Linear(3, 3))
    with pytest.raises(ValueError, match=r"5.weight, 5.bias came to the model.*compile\(\) again"):
        model.fit(X, Y)
    model.compile("adam", "cross_entropy")
    model.fit(X, Y)


def test_what_compile_was_given_is_kept_as_it_was_written() -> None:
    assert compiled()._compiled.given == {
        "optimizer": "adam",
        "lr": None,
        "loss": "cross_entropy",
        "metrics": ["accuracy"],
        "clip_grad_norm": None,
        "clip_grad_value": None,
    }


def test_an_optimizer_by_name_takes_a_learning_rate_that_is_saved(tmp_path: Path) -> None:
    model = network()
    model.compile("sgd", "cross_entropy", lr=0.25)
    assert model.fit(X, Y)["lr"] == [0.25]
    again = nn.load_model(model.save(tmp_path / "model.npz"))
    assert again.fit(X, Y)["lr"] == [0.25]


def test_a_compiled_models_loss_is_no_part_of_it() -> None:
    assert len([*compiled().modules()]) == len([*network().modules()])


def test_a_model_is_saved_and_loaded_with_its_architecture(tmp_path: Path) -> None:
    model = compiled()
    model.fit(X, Y)
    model.save(tmp_path / "model.npz")
    assert np.array_equal(nn.load_model(tmp_path / "model.npz").predict(X), model.predict(X))


def test_validation_is_validation_data_under_the_trainers_name() -> None:
    one = compiled().fit(X, Y, shuffle=False, validation=(X, Y))
    assert one == compiled().fit(X, Y, shuffle=False, validation_data=(X, Y))


def test_methods_that_only_keras_has_say_what_to_use() -> None:
    model = compiled()
    with pytest.raises(AttributeError, match=r"Sequential has no 'summary'.*viz.summary"):
        model.summary()
    assert not hasattr(model, "load_weights")
    model.summary = nn.Linear(2, 2)  # the name is free
    assert [*model.state_dict()][-2:] == ["summary.weight", "summary.bias"]


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "fit before": (lambda: network().fit(X, Y), RuntimeError, "Sequential is not compiled"),
    "evaluate before": (lambda: network().evaluate(X, Y), RuntimeError, "evaluate: "),
    "no loss": (lambda: network().compile("adam"), TypeError, "loss is missing"),
    "loss": (lambda: network().compile(loss="mes"), ValueError, "'mse'"),
    "optimizer": (lambda: network().compile("adm", "mse"), ValueError, "'adam'"),
    "rate of an optimizer": (
        lambda: (m := network()).compile(nn.optim.SGD(m.parameters()), "mse", lr=0.1),
        TypeError,
        "lr=0.1 is for an optimizer given by its name",
    ),
    "metric": (lambda: network().compile("adam", "mse", ["acuracy"]), ValueError, "'accuracy'"),
    "two validations": (
        lambda: compiled().fit(X, Y, validation_split=0.2, validation_data=(X, Y)),
        ValueError,
        "Leave one out",
    ),
    "all held out": (
        lambda: compiled().fit(X, Y, validation_split=1.0),
        ValueError,
        "leaves 0 of 60",
    ),
    "none held out": (
        lambda: compiled().fit(X, Y, validation_split=-0.1),
        ValueError,
        "validation_split is -0.1",
    ),
    "split of a loader": (
        lambda: compiled().fit(loader(), validation_split=0.2),
        TypeError,
        "random_split",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused(case: str) -> None:
    call, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message):
        call()


def test_keras_word_for_the_rate_is_answered() -> None:
    with pytest.raises(TypeError, match=r"learning_rate.*Use lr="):
        network().compile("adam", "mse", learning_rate=0.1)
