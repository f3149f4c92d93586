"""Every layer of nn, put through the same checks on its samples."""

from __future__ import annotations

import copy
import gc
import inspect
import weakref
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, no_grad
from nn import architecture
from tests import standin
from tests.nn.layer_samples import LayerSample, all_samples

SAMPLES = all_samples()
SMOOTH = [sample for sample in SAMPLES if sample.is_differentiable]
ALIKE = [sample for sample in SAMPLES if sample.twin is not None]
LAYERS = {
    name: cls
    for name, cls in nn.registry().items()
    if cls.__module__.startswith("nn.")
    and cls.__module__ != "nn.containers"
    and not name.startswith("_")
    and inspect.getattr_static(cls, "forward") is not nn.Module.forward
}


def build(sample: LayerSample, dtype: str = "float64", seed: int = 0) -> Any:
    """The sample's layer with random parameters, called once, so that a lazy one has its sizes."""
    autograd.manual_seed(seed)
    layer = getattr(nn, sample.layer)(**sample.settings).to(dtype).train(sample.training)
    with no_grad():
        layer(*inputs(sample, dtype))
        rng = np.random.default_rng(seed)
        for parameter in layer.parameters():
            if parameter.size and not parameter.data.any():
                parameter.copy_(rng.standard_normal(parameter.shape))
    return layer


def inputs(sample: LayerSample, dtype: str = "float64", requires_grad: bool = False) -> list[Any]:
    """The sample's inputs as tensors."""
    return [
        Tensor(x.astype(dtype), requires_grad=requires_grad) if is_floating(x) else Tensor(x)
        for x in sample.inputs
    ]


def is_floating(x: Any) -> bool:
    return np.asarray(x).dtype.kind == "f"


def call(layer: Any, values: list[Any]) -> Any:
    """The layer's output, with the same random numbers each time."""
    autograd.manual_seed(7)
    return layer(*values)


def substituted(sample: LayerSample) -> tuple[Any, list[Tensor]]:
    """A function of inputs and parameters that calls the layer with them, and values for both."""
    layer = build(sample)
    places = [(path, p) for path, p in layer.named_parameters() if p.requires_grad]
    values = [*inputs(sample, requires_grad=True), *(p.detach().clone() for _, p in places)]
    for value in values[len(sample.inputs) :]:
        value.requires_grad_()

    def function(*given: Any) -> Any:
        for (path, _), value in zip(places, given[len(sample.inputs) :], strict=True):
            owner, _, name = path.rpartition(".")
            vars(layer.get_submodule(owner))[name] = value
        return call(layer, list(given[: len(sample.inputs)]))

    return function, values


def gradients(layer: Any, values: list[Any]) -> list[np.ndarray | None]:
    """The gradients of inputs and parameters for a fixed upstream gradient; None where none is."""
    for tensor in [*values, *layer.parameters()]:
        tensor.grad = None
    output = call(layer, values)
    output.backward(Tensor(upstream(output.shape), dtype=output.dtype))
    return [t.grad for t in [*values, *layer.parameters()] if t.requires_grad]


def upstream(shape: tuple[int, ...]) -> np.ndarray:
    return np.asarray(np.random.default_rng(3).standard_normal(shape))


def test_every_layer_has_a_sample() -> None:
    assert set(LAYERS) == {sample.layer for sample in SAMPLES}


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_every_layer_has_a_docstring_of_its_own(name: str) -> None:
    assert vars(LAYERS[name])["__doc__"]


@pytest.mark.parametrize("sample", SMOOTH, ids=str)
def test_gradients_agree_with_central_differences(sample: LayerSample) -> None:
    function, values = substituted(sample)
    assert autograd.gradcheck(function, values)


@pytest.mark.parametrize("sample", SMOOTH, ids=str)
def test_second_derivatives_agree_with_central_differences(sample: LayerSample) -> None:
    function, values = substituted(sample)
    assert autograd.gradgradcheck(function, values)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_dtype_goes_in_and_the_same_comes_out_and_back(sample: LayerSample, dtype: str) -> None:
    layer = build(sample, dtype)
    values = inputs(sample, dtype, requires_grad=sample.is_differentiable)
    assert call(layer, values).dtype == dtype
    if sample.is_differentiable:
        found = gradients(layer, values)
        assert found
        assert {g.dtype.name for g in found if g is not None} == {dtype}
    assert {p.dtype.name for p in layer.parameters()} <= {dtype}


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_arrays_are_accepted_as_input(sample: LayerSample) -> None:
    layer = build(sample)
    expected = call(layer, inputs(sample))
    assert np.array_equal(call(layer, list(sample.inputs)).detach(), expected.detach())


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_state_dictionary_carries_all_that_a_layer_learned(sample: LayerSample) -> None:
    layer = build(sample)
    other = getattr(nn, sample.layer)(**sample.settings).to("float64").train(sample.training)
    state = {key: value.numpy().copy() for key, value in layer.state_dict().items()}
    other.load_state_dict(state)
    assert list(other.state_dict()) == list(state)
    same_output(other, layer, sample)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_layer_is_built_again_from_its_config(sample: LayerSample) -> None:
    layer = build(sample)
    stored = sum(value.size for value in layer.state_dict().values())
    again: Any = architecture.build(architecture.describe(layer), stored)
    again.to("float64").train(sample.training).load_state_dict(layer.state_dict())
    assert repr(again) == repr(layer)
    assert architecture.describe(again) == architecture.describe(layer)
    same_output(again, layer, sample)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_deep_copy_computes_the_same_in_memory_of_its_own(sample: LayerSample) -> None:
    layer = build(sample)
    other = copy.deepcopy(layer)
    same_output(other, layer, sample)
    assert len(layer.state_dict()) == len(other.state_dict())
    for ours, theirs in zip(layer.state_dict().values(), other.state_dict().values(), strict=True):
        assert not np.shares_memory(ours.data, theirs.data)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_layer_and_its_graph_are_gone_when_they_are_deleted(sample: LayerSample) -> None:
    gc.disable()
    try:
        layer, values = build(sample), inputs(sample, requires_grad=True)
        y = call(layer, values)
        if y.requires_grad:
            y.sum().backward()
        gone = [weakref.ref(layer)]
        gone += [] if y.is_leaf or any(y is value for value in values) else [weakref.ref(y.node)]
        del layer, y
        assert [ref() for ref in gone] == [None] * len(gone)
    finally:
        gc.enable()


@pytest.mark.parametrize("sample", SMOOTH, ids=str)
def test_a_checkpoint_and_a_backward_hook_change_no_gradient(sample: LayerSample) -> None:
    found, runs = [], []
    for way in ("plain", "hooked", "checkpoint"):
        layer, values = build(sample), inputs(sample, requires_grad=True)
        if way == "hooked":
            layer.register_full_backward_hook(lambda m, gi, go: runs.append(1))
        if way == "checkpoint" and sample.is_random:
            continue
        function = layer if way != "checkpoint" else partial(autograd.checkpoint, layer)
        call(function, values).sum().backward()
        leaves = [x for x in (*values, *layer.parameters()) if x.requires_grad]
        found.append([leaf.grad.numpy() for leaf in leaves])
    assert runs == [1]
    for gradients in found[1:]:
        for one, other in zip(found[0], gradients, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)


def same_output(layer: Any, other: Any, sample: LayerSample) -> None:
    ours, theirs = (call(each, inputs(sample)).detach().numpy() for each in (layer, other))
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("sample", [s for s in ALIKE if not s.is_random], ids=str)
def test_values_and_gradients_agree_with_pytorch(sample: LayerSample) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    layer, theirs = build(sample), twin(torch, sample)
    theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in layer.state_dict().items()})
    xs = [torch.tensor(x, requires_grad=is_floating(x)) for x in sample.inputs]
    output = theirs(*xs)
    values = inputs(sample, requires_grad=True)
    ours = call(layer, values)
    close(ours.detach().numpy(), output.detach().numpy())
    output.backward(torch.tensor(upstream(tuple(output.shape))))
    expected = [t.grad for t in [*xs, *theirs.parameters()] if t.requires_grad]
    found = gradients(layer, values)
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        close(0.0 if a is None else a.numpy(), 0.0 if b is None else b.numpy())


@pytest.mark.parametrize("sample", [s for s in ALIKE if s.twin == ""], ids=str)
def test_a_layer_is_written_as_pytorch_writes_it(sample: LayerSample) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    assert repr(build(sample)) == repr(twin(torch, sample))


def twin(torch: Any, sample: LayerSample) -> Any:
    """PyTorch's layer for a sample, in float64."""
    settings = sample.settings if sample.twin_settings is None else sample.twin_settings
    layer = getattr(torch.nn, sample.twin or sample.layer)(**settings)
    return layer.to(torch.float64).train(sample.training)


def close(ours: Any, theirs: Any) -> None:
    # Some of PyTorch's constants, such as hardsigmoid's 1/6, have single precision.
    np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-11)


@pytest.fixture(scope="module")
def device() -> Iterator[str]:
    with standin.installed():
        yield "cuda"


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_on_a_device_a_layer_computes_the_same_without_a_copy(
    sample: LayerSample, device: str
) -> None:
    layer, values = build(sample), inputs(sample, requires_grad=sample.is_differentiable)
    expected = call(layer, values)
    wanted = gradients(layer, values) if sample.is_differentiable else []
    there = copy.deepcopy(layer).to(device)
    moved = [x.detach().to(device).requires_grad_(x.requires_grad) for x in values]
    standin.copies.reset()
    output = call(there, moved)
    assert standin.copies.count <= sample.copies, standin.copies.log
    assert (output.device, output.shape, output.dtype) == (
        "cuda:0",
        expected.shape,
        expected.dtype,
    )
    output.backward(Tensor(upstream(output.shape)).to(device)) if wanted else None
    assert standin.copies.count <= sample.copies, standin.copies.log
    if sample.is_random:
        return
    close(output.detach().cpu().numpy(), expected.detach().numpy())
    found = [t.grad for t in [*moved, *there.parameters()] if t.requires_grad]
    for a, b in zip(found, wanted, strict=True):
        assert (a is None) == (b is None)
        assert a is None or a.device == "cuda:0"
        close(0.0 if a is None else a.cpu().numpy(), 0.0 if b is None else b.numpy())
