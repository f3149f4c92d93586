"""Devices: what is refused without a GPU, what moves, and what moves by itself.

The stand-in takes CuPy's place; the operations themselves are in test_device_parity.py.
"""

from __future__ import annotations

import copy
import importlib.util
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    BackendError,
    DTypeError,
    GraphError,
    Tensor,
    as_tensor,
    backend,
    checkpoint,
    detect_anomaly,
    functional,
    grad,
    gradcheck,
    manual_seed,
    no_grad,
    ops,
    set_default_device,
)
from tests import standin

without_cupy = pytest.mark.skipif(
    importlib.util.find_spec("cupy") is not None, reason="CuPy is installed here"
)


@pytest.fixture
def cupy() -> Iterator[ModuleType]:
    with standin.installed() as module:
        try:
            yield module
        finally:
            set_default_device("cpu")


def on_gpu(*values: float, requires_grad: bool = True) -> Tensor:
    return Tensor(values, requires_grad, device="cuda")


def host(x: Any) -> list[Any]:
    return x.detach().cpu().tolist()


# Without a GPU


@without_cupy
def test_without_cupy_the_error_names_the_step_and_the_command() -> None:
    x = Tensor([1.0], requires_grad=True)
    requests: list[Callable[[], Any]] = [
        lambda: x.to("cuda"),
        lambda: x.to("cuda:1"),
        lambda: Tensor([1.0], device="cuda"),
        lambda: as_tensor(np.ones(2), device="cuda"),
        lambda: set_default_device("cuda"),
        lambda: autograd.rand(2, device="cuda"),
        lambda: autograd.zeros(2, device="cuda"),
    ]
    for request in requests:
        with pytest.raises(
            BackendError, match=r"`import cupy` failed: No module named 'cupy'.*pip"
        ):
            request()
    assert autograd.get_default_device() == "cpu"
    assert (x * 2).device == "cpu"


def test_a_cupy_without_a_working_gpu_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> Any:
        raise RuntimeError("cudaErrorInsufficientDriver")

    with standin.installed() as module:
        monkeypatch.setattr(module, "zeros", fail)
        with pytest.raises(
            BackendError, match=r"allocation .*Insufficient.*nvidia-smi.*graphgrad\["
        ):
            set_default_device("cuda")
    assert autograd.get_default_device() == "cpu"


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "cpu:0", "", "CUDA", "mps"])
def test_unknown_devices_are_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(BackendError, match=r'is not known. Use "cpu", "cuda" or "cuda:N"'):
        Tensor([1.0], device=name)
    with pytest.raises(BackendError, match="is not known"):
        set_default_device(name)
    with pytest.raises((BackendError, DTypeError)):
        Tensor([1.0]).to(name)


def test_importing_the_library_does_not_import_cupy() -> None:
    assert "cupy" not in sys.modules or importlib.util.find_spec("cupy") is not None


# Moves


def test_a_tensor_moves_and_its_gradient_comes_back(cupy: ModuleType) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    there = x.to("cuda")
    assert there.device == "cuda:0"
    assert isinstance(there.data, cupy.ndarray)
    assert there.to("cuda:0") is there
    assert there.to("cuda") is there or there.to("cuda").device == "cuda:0"
    (there * there).sum().backward()
    assert x.grad is not None
    assert x.grad.device == "cpu"
    assert x.grad.tolist() == [2, 4]
    y = on_gpu(1.0, 2.0)
    (y.cpu() * 3).sum().backward()
    assert y.grad is not None
    assert y.grad.device == "cuda:0"
    assert host(y.grad) == [3, 3]


def test_moves_are_differentiated_twice(cupy: ModuleType) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, dtype="float64")
    (dx,) = grad((x.to("cuda") ** 3).sum(), x, create_graph=True)
    assert dx.device == "cpu"
    (d2x,) = grad(dx.sum(), x)
    assert d2x.tolist() == [6, 12]
    assert gradcheck(lambda x: ops.sin(x.to("cuda")).cpu() * x, [x])


def test_numpy_takes_a_device_tensor_only_when_asked(cupy: ModuleType) -> None:
    x = on_gpu(1.0, 2.0, requires_grad=False)
    assert x.numpy().tolist() == x.cpu().numpy().tolist() == [1, 2]
    with pytest.raises(GraphError, match=r"on cuda:0.*\.detach\(\)\.cpu\(\)\.numpy\(\)"):
        np.asarray(x)
    with pytest.raises(GraphError, match="requires grad"):
        on_gpu(1.0).numpy()
    assert (x.item if x.size == 1 else x.tolist)() == [1, 2]
    assert f"{x.sum():.1f}" == "3.0"
    assert repr(x) == "Tensor([1., 2.], device='cuda:0')"


def test_the_default_device_is_where_new_tensors_are_made(cupy: ModuleType) -> None:
    set_default_device("cuda")
    made = [
        Tensor([1.0]),
        Tensor(np.ones(2)),
        as_tensor([1.0]),
        as_tensor(np.ones(2)),
        autograd.zeros(2),
        autograd.ones(2),
        autograd.arange(3),
        autograd.rand(2),
        autograd.randn(2),
        autograd.eye(2),
    ]
    assert {x.device for x in made} == {"cuda:0"}
    x = Tensor([1.0, 2.0], requires_grad=True)
    (x * 2 + 1).sum().backward()
    assert x.grad is not None
    assert x.grad.device == "cuda:0"
    assert Tensor([1.0], device="cpu").device == "cpu"
    set_default_device("cpu")
    assert Tensor([1.0]).device == "cpu"
    assert (x * 2).device == "cuda:0"
    assert Tensor(x.data).device == "cuda:0"


def test_the_default_device_is_of_one_thread(cupy: ModuleType) -> None:
    set_default_device("cuda")
    seen: list[str] = []
    thread = threading.Thread(target=lambda: seen.append(Tensor([1.0]).device))
    thread.start()
    thread.join()
    assert seen == ["cpu"]


# Mixing


def test_two_devices_in_one_operation_are_refused_with_a_remedy(cupy: ModuleType) -> None:
    x, y = on_gpu(1.0, 2.0), Tensor([1.0, 2.0])
    mixtures: list[Callable[[], Any]] = [
        lambda: x + y,
        lambda: y * x,
        lambda: ops.concatenate([x, y]),
        lambda: ops.where(x > 0, x, y),
        lambda: x + np.ones(2),
        lambda: np.ones(2) + x,
        lambda: ops.matmul(x, y),
    ]
    for mix in mixtures:
        with pytest.raises(BackendError, match=r'is on cuda:0 and another.*x\.to\("cuda:0"\)'):
            mix()
    with pytest.raises((BackendError, TypeError)):
        y.data + x.data


def test_numbers_and_lists_move_by_themselves(cupy: ModuleType) -> None:
    x = on_gpu(1.0, 2.0)
    standin.copies.reset()
    results = [x + 1, 2 * x, x - 1.5, x / 2, 2**x, x * [1, 2], [1, 2] * x, x * np.float64(2)]
    results += [x * True, x * Tensor(np.float32(2), device="cuda"), ops.maximum(x, 0)]
    assert {(y.device, y.dtype.name) for y in results} == {("cuda:0", "float32")}
    for y in results:
        (dx,) = grad(y.sum(), x)
        assert dx.device == "cuda:0"
    assert standin.copies.count == 0, standin.copies.log


def test_arrays_of_the_device_meet_tensors_from_both_sides(cupy: ModuleType) -> None:
    x, array = on_gpu(1.0, 2.0), cupy.asarray([3.0, 4.0], dtype="float32")
    for y in (x * array, array * x, x + array, array + x, array < x, x @ array, array @ x):
        assert isinstance(y, Tensor)
        assert y.device == "cuda:0"


def test_a_gradient_given_on_the_host_moves(cupy: ModuleType) -> None:
    x = on_gpu(1.0, 2.0)
    (x * 2).backward(np.array([1.0, 10.0]))
    assert x.grad is not None
    assert host(x.grad) == [2, 20]


# The rest of the surface on a device


def test_functional_transforms_run_there(cupy: ModuleType) -> None:
    x = Tensor(np.array([1.0, 2.0]), True, device="cuda")

    def cube(x: Tensor) -> Tensor:
        return (x * x * x).sum()

    standin.copies.reset()
    v = Tensor(np.ones(2), device="cuda")
    results = [
        functional.vjp(cube, x)[1],
        functional.jvp(lambda x: x * x, x, v)[1],
        functional.jacobian(lambda x: x * x, x),
        functional.hessian(cube, x),
        functional.hvp(cube, x, v)[1],
        functional.value_and_grad(cube)(x)[1],
        functional.jacobian(lambda x: v, x),
    ]
    assert standin.copies.count == 0, standin.copies.log
    assert {r.device for r in results} == {"cuda:0"}
    assert [host(r) for r in results] == [
        *([3, 12], [2, 4], [[2, 0], [0, 4]], [[6, 0], [0, 12]], [6, 12], [3, 12]),
        [[0, 0], [0, 0]],
    ]


def test_random_tensors_repeat_there(cupy: ModuleType) -> None:
    draws = []
    for _ in range(2):
        manual_seed(5)
        draws.append([autograd.rand(3, device="cuda"), autograd.randn(3, device="cuda")])
    assert {x.device for pair in draws for x in pair} == {"cuda:0"}
    assert [host(x) for x in draws[0]] == [host(x) for x in draws[1]]
    half = autograd.rand(1000, device="cuda", dtype="float16")
    assert half.dtype == np.float16
    assert 0 <= half.cpu().numpy().min() < half.cpu().numpy().max() < 1


def test_checkpoints_and_hooks_run_there(cupy: ModuleType) -> None:
    x, w = on_gpu(1.0, 2.0), on_gpu(3.0, 4.0)
    seen: list[str] = []
    standin.copies.reset()
    y = checkpoint(lambda x: ops.tanh(x * w), x)
    y.register_hook(lambda g: seen.append(g.device))
    y.sum().backward()
    assert standin.copies.count == 0, standin.copies.log
    assert seen == ["cuda:0"]
    assert x.grad is not None
    assert w.grad is not None
    assert x.grad.device == w.grad.device == "cuda:0"


def test_writes_are_found_there(cupy: ModuleType) -> None:
    x = on_gpu(1.0, 2.0)
    y = (x * x).sum()
    with no_grad():
        x.copy_([5.0, 6.0])
    assert host(x) == [5, 6]
    with pytest.raises(GraphError, match="overwritten"):
        y.backward()


def test_anomalies_are_found_there(cupy: ModuleType) -> None:
    x = on_gpu(0.0, 1.0)
    with (
        detect_anomaly(),
        pytest.raises(autograd.AnomalyError, match=r"'log'.*-inf at index \(0,\)"),
    ):
        ops.log(x)


def test_copies_and_pickles_of_device_leaves(cupy: ModuleType) -> None:
    x = on_gpu(1.0, 2.0)
    again = copy.deepcopy(x)
    assert again.device == "cuda:0"
    assert host(again) == [1, 2]
    assert pickle.loads(pickle.dumps(x)).tolist() == [1, 2]


def test_gradients_on_a_device_share_no_memory(cupy: ModuleType) -> None:
    a, b = on_gpu(1.0, 2.0), on_gpu(3.0, 4.0)
    seed = Tensor([1.0, 1.0], device="cuda")
    (a + b).backward(seed)
    assert a.grad is not None
    assert b.grad is not None
    roots = [id(backend.root_of(t.data)) for t in (a, b, a.grad, b.grad, seed)]
    assert len(set(roots)) == 5
