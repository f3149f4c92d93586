"""A saved model is built again from its file alone, and computes the same bits."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Tensor, ops
from nn import registration
from nn.archive import CheckpointError
from nn.checkpoint import load, save, write_checkpoint
from nn.saved_model import load_model, save_model
from tests import standin

FEATURES = 6


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is gone after it."""
    monkeypatch.setattr(registration, "_classes", dict(registration._classes))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.npz"


def outputs(model: nn.Module, seed: int = 1) -> Iterator[bytes]:
    """What the model computes for one batch, as bits, twice: once as it is, once evaluating."""
    weight = next(model.parameters(), None)
    dtype = "float32" if weight is None else weight.dtype
    x = np.random.default_rng(seed).normal(size=(5, FEATURES)).astype(dtype)
    modes = {path: module.training for path, module in model.named_modules()}
    for mode in (None, False):
        if mode is not None:
            model.train(mode)
        with autograd.random.replay((seed, 0)):
            result = model(x)
        yield result.data.tobytes()
    for place, training in modes.items():
        model.get_submodule(place).training = training


def assert_same_model(got: nn.Module, expected: nn.Module) -> None:
    assert repr(got) == repr(expected)
    for named in ("named_parameters", "named_buffers"):
        one, other = dict(getattr(got, named)()), dict(getattr(expected, named)())
        assert [*one] == [*other]
        for name, tensor in other.items():
            assert type(one[name]) is type(tensor)
            assert one[name].requires_grad == tensor.requires_grad
            assert one[name].dtype == tensor.dtype
            assert one[name].data.tobytes() == tensor.data.tobytes()
    modes = [{n: m.training for n, m in x.named_modules()} for x in (got, expected)]
    assert modes[0] == modes[1]
    assert [*outputs(got)] == [*outputs(expected)]


class Residual(nn.Module):
    """A user's module: z = f(x) + x, for a module given to the constructor."""

    def __init__(self, inner: nn.Module, *, scales: dict[str, float] | None = None) -> None:
        self.inner, self.scales = inner, scales or {}
        self.register_buffer("seen", autograd.zeros(2))
        self.register_buffer("shift", autograd.ones(1), persistent=False)

    def forward(self, x: Any) -> Tensor:
        return self.inner(x) * self.scales.get("inner", 1.0) + x


class Branches(nn.Module):
    """A user's module that takes any number of modules, and makes one itself."""

    def __init__(self, *branches: nn.Module, **options: Any) -> None:
        self.branches = nn.ModuleList(branches)
        self.named = nn.ModuleDict({"last": nn.Linear(FEATURES, FEATURES, bias=False)})
        self.options = options

    def forward(self, x: Any) -> Tensor:
        for branch in self.branches:
            x = x + branch(x)
        return self.named["last"](x)


@pytest.fixture(autouse=True)
def registered(own_registry: None) -> None:
    nn.register(Residual)
    nn.register("tests.Branches")(Branches)


LAYERS = st.one_of(
    st.builds(nn.Linear, st.just(FEATURES), st.just(FEATURES), st.booleans()),
    st.builds(nn.Dense, st.just(FEATURES), st.sampled_from([None, "relu", "tanh"]), st.booleans()),
    st.builds(nn.Dropout, st.floats(0, 1), inverted=st.booleans()),
    st.sampled_from([nn.ReLU, nn.Tanh, nn.Sigmoid, nn.GELU, nn.Softplus]).map(lambda c: c()),
    st.builds(nn.LeakyReLU, st.floats(0, 1)),
    st.builds(nn.PReLU, st.sampled_from([1, FEATURES]), st.floats(0, 1)),
    st.builds(
        nn.BatchNorm1d,
        st.just(FEATURES),
        momentum=st.sampled_from([None, 0.1]),
        track_running_stats=st.booleans(),
    ),
    st.builds(nn.LayerNorm, st.sampled_from([FEATURES, [FEATURES]]), bias=st.booleans()),
    st.builds(nn.GroupNorm, st.sampled_from([1, 2, 3]), st.just(FEATURES)),
    st.just(nn.Unflatten).map(
        lambda c: nn.Sequential(c(1, (2, 3)), nn.Flatten(), nn.Identity(7, key="word"))
    ),
)


def nest(inner: st.SearchStrategy[nn.Module]) -> st.SearchStrategy[nn.Module]:
    """Modules of modules; one may stand in several places."""
    some = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        some.map(lambda modules: nn.Sequential(*modules)),
        some.map(lambda modules: nn.Sequential({f"part{i}": m for i, m in enumerate(modules)})),
        inner.map(lambda module: nn.Sequential(module, nn.Tanh(), module)),
        st.builds(Residual, inner, scales=st.sampled_from([None, {"inner": 0.5}])),
        some.map(lambda modules: Branches(*modules, note="any", depth=len(modules))),
    )


MODELS = st.recursive(LAYERS, nest, max_leaves=5)
FILES = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FILES
@given(MODELS, st.sampled_from(["float32", "float64"]), st.integers(0, 7))
def test_any_model_comes_back_with_the_same_outputs_bit_for_bit(
    path: Path, model: nn.Module, dtype: str, choice: int
) -> None:
    model.to(dtype)
    [*outputs(model)]  # lazy layers find their sizes, running statistics move
    modules, parameters = [*model.modules()], [*model.parameters()]
    modules[choice % len(modules)].eval()
    if parameters:
        parameters[choice % len(parameters)].requires_grad_(False)
    state = autograd.random.get_state()
    got = load_model(save_model(model, path))
    assert autograd.random.get_state() == state
    assert_same_model(got, model)


def test_lazy_layers_come_back_with_or_without_their_sizes(path: Path) -> None:
    model = nn.Sequential(nn.Dense(4, "relu"), nn.LazyLinear(2))
    fresh = load_model(save_model(model, path))
    assert fresh[0].in_features == 0
    model(autograd.randn(5, FEATURES))
    got = load_model(save_model(model, path))
    assert got[0].in_features == FEATURES
    assert_same_model(got, model)
    fresh(autograd.randn(5, 3))


def test_tied_weights_and_shared_modules_are_shared_again(path: Path) -> None:
    layer = nn.Linear(FEATURES, FEATURES)
    model = nn.Sequential(layer, nn.ReLU(), nn.Sequential(layer), nn.Linear(FEATURES, FEATURES))
    model[3].weight = layer.weight
    got = load_model(save_model(model, path))
    entries = load(path)["architecture"]["modules"]
    assert [entry["class"] for entry in entries].count("Linear") == 2
    assert got[2][0] is got[0]
    assert got[3].weight is got[0].weight
    assert got[3].bias is not got[0].bias
    assert len([*got.parameters()]) == 3
    assert_same_model(got, model)


def test_settings_changed_after_the_constructor_are_saved(path: Path) -> None:
    model = nn.Sequential(nn.Dropout(0.1), nn.LeakyReLU())
    model[0].p, model[1].negative_slope = 0.9, 0.3
    model.append(nn.Linear(FEATURES, 2))
    assert_same_model(load_model(save_model(model, path)), model)


def test_mixed_dtypes_and_buffers_that_are_not_saved_keep_their_dtypes(path: Path) -> None:
    model = nn.Sequential(nn.Linear(2, 2), Residual(nn.Linear(2, 2, dtype=np.float64)))
    model[1].double()
    got = load_model(save_model(model, path))
    dtypes = {name: str(t.dtype) for name, t in [*got.named_parameters(), *got.named_buffers()]}
    assert dtypes == {
        "0.weight": "float32",
        "0.bias": "float32",
        "1.inner.weight": "float64",
        "1.inner.bias": "float64",
        "1.seen": "float64",
        "1.shift": "float64",
    }


def test_a_container_with_a_constructor_of_its_own_is_built_by_it(path: Path) -> None:
    @nn.register
    class Network(nn.Sequential):
        def __init__(self, sizes: list[int], activation: str = "ReLU") -> None:
            super().__init__()
            for before, after in pairwise(sizes):
                self.append(nn.Linear(before, after))
                self.append(getattr(nn, activation)())

    model = Network([FEATURES, 4, 2], activation="Tanh")
    got = load_model(save_model(model, path))
    assert type(got) is Network
    assert_same_model(got, model)


def test_the_architecture_is_json_that_anyone_can_read(path: Path) -> None:
    model = nn.Sequential(nn.Linear(2, 3, dtype=np.dtype("float64")), nn.ReLU())
    save_model(model, path)
    with np.load(path, allow_pickle=False) as file:
        structure = json.loads(file["structure"].tobytes())
        np.testing.assert_array_equal(file["state.0.weight"], model[0].weight.data)
    modules = structure["tree"]["architecture"]["modules"]
    assert [entry["class"] for entry in modules] == ["Linear", "ReLU", "Sequential"]
    assert modules[0]["config"] == {
        "in_features": 2,
        "out_features": 3,
        "bias": True,
        "device": None,
        "dtype": "float64",
    }
    assert modules[2]["config"] == {"modules": [{"module": 0}, {"module": 1}]}
    assert load(path)["state"]["0.weight"].tolist() == model[0].weight.tolist()


def test_arrays_may_be_arguments(path: Path) -> None:
    loss = nn.CrossEntropyLoss(weight=np.array([1.0, 2.0], "f4"))
    got = load_model(save_model(loss, path))
    assert got.weight.tolist() == [1, 2]
    batch = autograd.randn(3, 2), np.array([0, 1, 1])
    assert got(*batch).item() == loss(*batch).item()


def test_a_model_goes_to_the_device_that_is_asked_for(path: Path) -> None:
    with standin.installed():
        model = nn.Sequential(nn.Linear(2, 2, device="cuda"), nn.BatchNorm1d(2, device="cuda"))
        save_model(model, path)
        got = load_model(path, "cuda:0")
        assert {t.device for t in [*got.parameters(), *got.buffers()]} == {"cuda:0"}
        assert {t.device for t in load_model(path).parameters()} == {"cpu"}
        assert got[0].weight.tolist() == model[0].weight.tolist()
    with pytest.raises(autograd.BackendError, match="gpu"):
        load_model(path, "gpu")


def test_a_model_compiled_by_names_comes_back_compiled(path: Path) -> None:
    model = nn.Sequential(nn.Linear(FEATURES, 2))
    assert load_model(save_model(model, path))._compiled is None
    given: dict[str, Any] = {"optimizer": "sgd", "loss": "mse", "metrics": ["r2"]}
    model.compile(**given)
    x, y = np.ones((4, FEATURES), "f4"), np.eye(4, 2, dtype="f4")
    vars(model._compiled)["given"] = given
    assert load_model(save_model(model, path)).evaluate(x, y) == model.evaluate(x, y)
    vars(model._compiled)["given"] = given | {"loss": nn.MSELoss()}
    assert load_model(save_model(model, path))._compiled is None


def test_a_class_that_is_not_registered_is_refused_when_saving_and_when_loading(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Block(nn.Module):
        def forward(self, x: Any) -> Any:
            return x

    model = nn.Sequential(nn.ReLU(), Block())
    with pytest.raises(TypeError, match=r"the class of Block at '1' is not registered.*@nn\.regi"):
        save_model(model, path)
    assert not path.exists()
    nn.register(Block)
    save_model(model, path)
    monkeypatch.delitem(registration._classes, "Block")
    with pytest.raises(CheckpointError, match=r"model\.npz .*has a Block, and no class is regis"):
        load_model(path)


class Applied(nn.Module):
    """A module whose constructor takes anything."""

    def __init__(self, argument: Any) -> None:
        self.argument = argument


@pytest.mark.parametrize(
    "argument",
    [
        lambda x: x,
        ops.relu,
        nn.ReLU,
        [1, {"deep": len}],
        {1, 2},
        nn.Parameter([1.0]),
        object(),
        Path("x"),
        (i for i in range(3)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_arguments_that_are_no_plain_values_are_refused_by_class_and_name(
    path: Path, argument: Any
) -> None:
    nn.register(Applied)
    save({"old": 1}, path)
    with pytest.raises(TypeError, match=r"'argument' of Applied at '0' is .*JSON and never code"):
        save_model(nn.Sequential(Applied(argument)), path)
    assert load(path) == {"old": 1}
    assert os.listdir(path.parent) == [path.name]


def test_a_model_that_its_arguments_do_not_give_again_is_refused_when_it_is_saved(
    path: Path,
) -> None:
    @nn.register
    class Growing(nn.Module):
        def __init__(self, width: int = 2) -> None:
            self.body = nn.Linear(width, width)
            self.act: nn.Module = nn.ReLU()
            self.drop = nn.Dropout()

    changed = [Growing() for _ in range(5)]
    changed[0].body = nn.Linear(5, 5)
    changed[1].extra = nn.Linear(1, 1)
    changed[2].act = nn.Tanh()
    changed[3].act = nn.Sequential(nn.ReLU())
    changed[4].drop.p = 0.9
    facts = [
        r"body\.weight",
        r"extra\.weight",
        r"'act' is Tanh\(\), but would be ReLU\(\)",
        r"'act' is Sequential\(\), but would be ReLU\(\)",
        r"'drop' is Dropout\(p=0\.9.*would be Dropout\(p=0\.5",
    ]
    for model, fact in zip(changed, facts, strict=True):
        with pytest.raises(ValueError, match=f"(?s)does not give this model again.*{fact}"):
            save_model(model, path)
    assert not path.exists()


def test_a_class_whose_constructor_changed_is_named_when_loading(path: Path) -> None:
    def define(name: str) -> type[nn.Module]:
        namespace: dict[str, Any] = {"nn": nn}
        exec(
            "class Block(nn.Module):\n"
            f"    def __init__(self, {name}: int = 3) -> None:\n"
            f"        self.size = {name}\n",
            namespace,
        )
        return nn.register(namespace["Block"])

    save_model(define("width")(4), path)
    define("height")
    with pytest.raises(CheckpointError, match=r"model\.npz .*Block.*has no argument width"):
        load_model(path)


def test_nothing_that_a_file_names_is_imported_or_run(path: Path) -> None:
    names = ["os.system", "builtins.eval", "nn.linear.Linear", "Module", "__import__('os')"]
    for name in names:
        architecture = {"modules": [{"class": name, "config": {"command": "true"}}]}
        content = load(save_model(nn.ReLU(), path)) | {"architecture": architecture}
        write_checkpoint(content, path, "model")
        with pytest.raises(CheckpointError, match="no class is registered under that name"):
            load_model(path)


def test_files_of_other_kinds_are_refused_with_what_reads_them(path: Path) -> None:
    save(nn.Linear(2, 2).state_dict(), path)
    with pytest.raises(CheckpointError, match=r"holds a checkpoint, not a model.*nn\.load\."):
        load_model(path)
    with pytest.raises(ValueError, match=r"would hold no architecture"):
        save_model(nn.ReLU(), path.with_suffix(".safetensors"))
    with pytest.raises(TypeError, match=r"a Module is needed, not a dict\. nn\.save takes"):
        save_model({}, path)
