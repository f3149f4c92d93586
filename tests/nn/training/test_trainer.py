"""Trainer: what it computes is what the loop written by hand computes; modes, data, errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from nn.data import DataLoader, TensorDataset
from nn.training import LambdaCallback
from tests import standin
from tests.nn.training.runs import all_numbers, linear, loader, network, samples, trainer


def by_hand(model: nn.Module, batches: Any, epochs: int) -> list[float]:
    """The mean loss of each epoch of the loop as PyTorch's users write it."""
    optimizer, loss_fn, losses = nn.optim.Adam(model.parameters()), nn.CrossEntropyLoss(), []
    model.train()
    for _ in range(epochs):
        total, count = 0.0, 0
        for x, y in batches:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            total, count = total + float(loss.detach()) * len(x), count + len(x)
        losses.append(total / count)
    return losses


def test_fit_is_the_loop_by_hand_to_the_last_bit() -> None:
    one, other = network(), network()
    batches = loader(n=45)  # the last batch is smaller
    autograd.manual_seed(3)
    expected = by_hand(one, batches, 3)
    autograd.manual_seed(3)
    run = nn.Trainer(other, "cross_entropy", "adam")
    history = run.fit(loader(n=45), epochs=3)
    assert all_numbers(one.state_dict()) == all_numbers(other.state_dict())
    assert history["loss"] == expected and history.epochs == [1, 2, 3]
    assert history["lr"] == [0.001] * 3
    assert (run.epoch, run.batch, run.step) == (3, 0, 18)


def test_a_step_of_a_linear_unit_has_the_numbers_found_by_hand() -> None:
    unit = linear([[1.0, 2.0]])
    run = nn.Trainer(unit, "mse", lambda p: nn.optim.SGD(p, lr=0.1), ["mae"])
    history = run.fit([(Tensor([[1.0, 1.0]]), Tensor([[1.0]]))])
    # (3 − 1)² = 4; dL/dw = 2 · 2 · x = (4, 4)
    assert history["loss"] == [4] and history["mae"] == [2]
    assert np.allclose(unit.weight.data, [[0.6, 1.6]])


def test_evaluate_measures_in_evaluation_mode_without_a_trace() -> None:
    x, y = samples()
    model = network()
    model[1].eval()
    before, state = all_numbers(model.state_dict()), autograd.random.get_state()
    result = trainer(model).evaluate(x, y, batch_size=7)
    assert [module.training for module in model] == [True, False, True, True, True]
    assert all_numbers(model.state_dict()) == before
    assert autograd.random.get_state() == state
    assert all(p.grad is None for p in model.parameters())
    model.eval()
    with autograd.no_grad():
        output = model(x)
    expected = float(nn.CrossEntropyLoss()(output, y))
    assert result["loss"] == pytest.approx(expected, rel=1e-6)
    assert result["accuracy"] == nn.metrics.accuracy(output, y)
    assert result["f1"] == nn.metrics.f1(output, y)


def test_measuring_and_predicting_record_nothing() -> None:
    outputs: list[Any] = []
    model = network()
    model.register_forward_hook(lambda module, args, output: outputs.append(output))
    trainer(model).evaluate(*samples())
    trainer(model).predict(samples()[0])
    assert outputs and not any(output.requires_grad for output in outputs)


def test_predict_gives_what_the_model_gives_in_evaluation_mode() -> None:
    x, y = samples()
    model = network()
    expected = model.eval()(x).detach().numpy()
    model.train()
    run = trainer(model)
    for data in (
        x,
        Tensor(x),
        TensorDataset(x),
        TensorDataset(x, y),
        DataLoader(TensorDataset(x, y), 5),
    ):
        found = run.predict(data, batch_size=10)
        assert type(found) is np.ndarray and found.dtype == np.float32
        assert np.allclose(found, expected, atol=1e-6)
    assert model.training and model[3].training


class TwoInputs(nn.Module):
    """The sum of two linear units, and their difference."""

    def __init__(self) -> None:
        self.one, self.two = linear([[1.0, 0.0]]), linear([[0.0, 1.0]])

    def forward(self, x: Any, y: Any) -> Any:
        """Both as a tuple."""
        return self.one(x) + self.two(y), self.one(x) - self.two(y)


def test_models_of_several_inputs_and_outputs() -> None:
    x = np.arange(12.0).reshape(6, 2)
    run = nn.Trainer(TwoInputs(), lambda output, target: (output[0] - target).abs().mean(), "sgd")
    added, taken = run.predict((x, 2 * x), batch_size=4)
    assert np.allclose(added[:, 0], x[:, 0] + 2 * x[:, 1])
    assert np.allclose(taken[:, 0], x[:, 0] - 2 * x[:, 1])
    assert run.evaluate((x, 2 * x), added)["loss"] == 0
    assert run.evaluate([x, 2 * x], added)["loss"] == 0
    assert run.fit((x, 2 * x), added + 1).epochs == [1]


@pytest.mark.parametrize("ends", [True, False])
def test_modes_are_restored_after_fit_and_after_an_error(ends: bool) -> None:
    model = network()
    model[3].eval()
    seen: list[Any] = []

    def look(run: Any) -> None:
        seen.append([module.training for module in model])
        if not ends:
            raise KeyError("stop")

    run = trainer(model, [LambdaCallback(on_batch_end=look)])
    if ends:
        run.fit(loader(), validation=samples())
    else:
        with pytest.raises(KeyError):
            run.fit(loader())
    assert seen[0] == [True] * 5 == seen[-1]
    assert [module.training for module in model] == [True, True, True, False, True]


def test_validation_is_measured_after_each_epoch() -> None:
    held = samples(20, seed=9)
    run = trainer()
    history = run.fit(loader(), epochs=2, validation=DataLoader(TensorDataset(*held), 7))
    assert [*history] == [
        *(f"{p}{n}" for p in ("", "val_") for n in ("loss", "accuracy", "f1")),
        "lr",
    ]
    assert run.evaluate(*held)["loss"] == pytest.approx(history["val_loss"][-1], rel=1e-6)
    assert len(history["val_accuracy"]) == 2


def test_losses_summed_over_the_batch_are_reported_by_sample() -> None:
    x, y = samples(20)
    model = network()
    mean = nn.Trainer(model, nn.CrossEntropyLoss()).evaluate(x, y, batch_size=8)
    summed = nn.Trainer(model, nn.CrossEntropyLoss(reduction="sum")).evaluate(x, y, batch_size=8)
    assert summed["loss"] == pytest.approx(mean["loss"], rel=1e-6)


def test_lazy_layers_learn_their_sizes_before_the_first_batch() -> None:
    autograd.manual_seed(0)
    model = nn.Sequential(nn.LazyLinear(6), nn.Dropout(0.5), nn.LazyLinear(3))
    shapes: list[Any] = []
    look = LambdaCallback(
        on_fit_begin=lambda run: shapes.extend(p.shape for p in model.parameters())
    )
    data = loader()
    nn.Trainer(model, "cross_entropy", "adam", callbacks=[look]).fit(data, epochs=1)
    assert shapes == [(6, 4), (6,), (3, 6), (3,)]
    assert data.epoch == 1


def test_learning_sizes_changes_no_running_statistics() -> None:
    model = nn.Sequential(nn.LazyLinear(6), nn.BatchNorm1d(6), nn.LazyLinear(3))
    seen: list[Any] = []
    look = LambdaCallback(on_fit_begin=lambda run: seen.append(model[1].running_mean.data.copy()))
    nn.Trainer(model, "cross_entropy", "adam", callbacks=[look]).fit(loader(), epochs=1)
    assert not seen[0].any() and model[1].running_mean.data.any()


def test_a_model_that_knows_its_sizes_is_not_run_before_the_first_batch() -> None:
    calls: list[int] = []
    model = network()
    model.register_forward_hook(lambda *_: calls.append(1))
    trainer(model).fit(loader())
    assert len(calls) == 6


def test_validation_data_is_validation_under_kerass_name() -> None:
    one, other = (
        trainer().fit(X, Y, shuffle=False, **{name: (X, Y)})
        for name in ("validation", "validation_data")
    )
    assert one == other and "val_loss" in one


def test_initial_epoch_counts_as_finished() -> None:
    run = trainer()
    assert run.fit(loader(), epochs=5, initial_epoch=3).epochs == [4, 5]
    assert run.step == 12
    with pytest.warns(UserWarning, match="epochs counts from the run"):
        assert run.fit(loader(), epochs=2, initial_epoch=2).epochs == []


def test_arrays_take_the_models_dtype_and_tensors_keep_theirs() -> None:
    x, y = samples()
    run = trainer()
    assert math.isfinite(run.fit(x.astype("float64"), y.tolist())["loss"][0])
    with pytest.raises(autograd.DTypeError, match="x is float64 but weight is float32"):
        run.fit(Tensor(x.astype("float64")), y)


def test_shuffling_draws_from_the_seed_and_can_be_left_out() -> None:
    x = np.arange(40.0).reshape(10, 4).astype("float32")
    y = np.zeros(10, "int64")

    def order(**options: Any) -> list[float]:
        seen: list[float] = []

        def note(run: Any) -> None:
            seen.extend(run.current.inputs[0].data[:, 0].tolist())

        trainer(callbacks=[LambdaCallback(on_batch_begin=note)]).fit(x, y, batch_size=5, **options)
        return seen

    assert order(shuffle=False) == x[:, 0].tolist()
    assert order() == order() != x[:, 0].tolist()
    assert sorted(order()) == x[:, 0].tolist()


def test_class_weights_multiply_losses_and_divide_by_samples() -> None:
    x, y = samples(30)
    model = network().eval()
    losses = nn.CrossEntropyLoss(reduction="none")(model(x), y).data
    weights = np.array([1.0, 5.0, 0.5])[y]
    weighted = nn.training.weighting.ClassWeighted(nn.CrossEntropyLoss(), {1: 5.0, 2: 0.5})
    expected = (weights * losses).sum() / 30
    assert float(weighted(model(x), Tensor(y))) == pytest.approx(expected, rel=1e-6)
    one_hot = np.eye(3, dtype="float32")[y]
    assert float(weighted(model(x), one_hot)) == pytest.approx(expected, rel=1e-6)
    as_list = nn.training.weighting.ClassWeighted(nn.CrossEntropyLoss(), [1.0, 5.0, 0.5])
    assert float(as_list(model(x), y)) == pytest.approx(expected, rel=1e-6)


def test_a_class_without_a_weight_counts_once() -> None:
    x, y = samples(30)
    model = network().eval()
    losses = nn.CrossEntropyLoss(reduction="none")(model(x), y).data
    y[4] = -100  # ignored by the loss
    losses[4] = 0
    weighted = nn.training.weighting.ClassWeighted(nn.CrossEntropyLoss(), {0: 3.0})
    expected = (np.where(y == 0, 3, 1) * losses).sum() / 30
    assert float(weighted(model(x), y)) == pytest.approx(expected, rel=1e-6)


def test_class_weights_of_a_summed_loss_are_summed() -> None:
    x, y = samples(10)
    model, weights = network().eval(), {0: 2.0, 2: 3.0}
    mean = nn.training.weighting.ClassWeighted(nn.CrossEntropyLoss(), weights)
    summed = nn.training.weighting.ClassWeighted(nn.CrossEntropyLoss(reduction="sum"), weights)
    assert float(summed(model(x), y)) == pytest.approx(10 * float(mean(model(x), y)), rel=1e-6)


def test_class_weights_of_a_logistic_unit() -> None:
    unit = nn.training.weighting.ClassWeighted(nn.BCEWithLogitsLoss(), {0: 1.0, 1: 5.0})
    output, target = Tensor([[0.0], [0.0], [0.0]]), Tensor([[1.0], [0.0], [0.0]])
    assert float(unit(output, target)) == pytest.approx(math.log(2) * 7 / 3, rel=1e-6)


def test_class_weights_act_on_training_and_not_on_validation() -> None:
    x, y = samples()
    run = trainer(optimizer=lambda p: nn.optim.SGD(p, lr=0.0), scheduler=None)
    history = run.fit(x, y, validation=(x, y), class_weight={0: 2.0, 1: 2.0, 2: 2.0})
    plain = trainer(optimizer=lambda p: nn.optim.SGD(p, lr=0.0), scheduler=None)
    expected = plain.fit(x, y, validation=(x, y))
    assert history["loss"][0] == pytest.approx(2 * expected["loss"][0], rel=1e-6)
    assert history["val_loss"] == expected["val_loss"]


def test_an_optimizer_that_asks_for_a_closure_gets_one() -> None:
    from nn.optim.lbfgs import LBFGS

    x = np.random.default_rng(0).normal(size=(50, 2)).astype("float32")
    y = x @ np.array([[2.0], [-1.0]], "float32")
    unit = linear()
    history = nn.Trainer(unit, "mse", LBFGS).fit(x, y, epochs=3, batch_size=50)
    assert np.allclose(unit.weight.data, [[2.0, -1.0]], atol=1e-3)
    assert history["loss"][0] == pytest.approx(float((y**2).mean()), rel=1e-5)


def once() -> Iterator[Any]:
    """Something that can be run through once."""
    yield from loader()


X, Y = samples()
REFUSED: dict[str, tuple[Callable[[nn.Trainer], Any], type[Exception], str]] = {
    "lengths": (lambda run: run.fit(X, Y[:3]), autograd.ShapeError, "48, 3 samples"),
    "empty": (lambda run: run.fit(X[:0], Y[:0]), autograd.ShapeError, "at least one"),
    "no target": (lambda run: run.fit(X), TypeError, "Give y beside x"),
    "y twice": (lambda run: run.fit(loader(), Y), TypeError, "Leave y out"),
    "a generator": (lambda run: run.fit(once()), TypeError, "only once"),
    "a string": (lambda run: run.fit("mnist"), TypeError, "a str is no data"),
    "no batch": (lambda run: run.fit([]), ValueError, "gave no batch"),
    "nothing to measure": (lambda run: run.evaluate([]), ValueError, "gave no batch"),
    "nothing to predict": (lambda run: run.predict([]), ValueError, "gave no batch"),
    "epoch": (lambda run: run.fit(X, Y, initial_epoch=-1), ValueError, "-1"),
    "no epoch": (lambda run: run.fit(X, Y, epochs=-1), ValueError, "epochs is -1"),
    "half an epoch": (lambda run: run.fit(X, Y, epochs=2.5), TypeError, "whole number"),
    "strings": (lambda run: run.fit(X, ["a"] * 48), autograd.DTypeError, "return_inverse=True"),
    "two validations": (
        lambda run: run.fit(X, Y, validation=(X, Y), validation_data=(X, Y)),
        ValueError,
        "validation and validation_data are both given",
    ),
    "verbose": (lambda run: run.fit(X, Y, verbose="loud"), ValueError, "loud"),
    "weights": (lambda run: run.fit(X, Y, class_weight={0: -1.0}), ValueError, "class 0"),
    "classes": (lambda run: run.fit(X, Y, class_weight={-1: 1.0}), ValueError, "class -1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_data_that_cannot_be_used_is_refused_and_changes_nothing(case: str) -> None:
    call, kind, message = REFUSED[case]
    run = trainer()
    before = all_numbers(run.model.state_dict())
    with pytest.raises(kind, match=message):
        call(run)
    assert all_numbers(run.model.state_dict()) == before


def test_a_loss_that_gives_no_single_number_is_refused() -> None:
    with pytest.raises(ValueError, match='reduction="mean"'):
        trainer(model=network()).__class__(network(), nn.CrossEntropyLoss(reduction="none")).fit(
            X, Y
        )
    with pytest.raises(TypeError, match="returned a float"):
        nn.Trainer(network(), lambda output, target: 1.0).fit(X, Y)
    with pytest.raises(TypeError, match="no reduction"):
        nn.Trainer(network(), lambda output, target: output.sum()).fit(X, Y, class_weight={0: 1.0})


def test_training_on_a_device_copies_nothing_to_the_host_until_the_epoch_ends(device: str) -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)).to("cuda")
    counts: list[int] = []
    look = LambdaCallback(
        on_epoch_begin=lambda run: standin.copies.reset(),
        on_batch_end=lambda run: counts.append(standin.copies.count),
    )
    run = nn.Trainer(model, "mse", "adam", ["mae", nn.metrics.TopKAccuracy(2)], [look])
    history = run.fit(X, np.eye(3, dtype="float32")[Y], epochs=2, batch_size=8)
    assert counts == [0] * 12
    assert history["loss"][1] < history["loss"][0]
    assert run.predict(X).shape == (48, 3)
