"""Every optimizer against its paper's formula and against PyTorch's, with all options combined."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from autograd import Tensor, as_tensor
from nn.optim.optimizer import Optimizer

from .cases import NAMES, RULES, STEPS, build, combinations, give_gradients, leaves, start, walk

IN_TORCH = [name for name in NAMES if name != "Lion"]


@pytest.mark.parametrize("name", NAMES)
def test_fifty_steps_follow_the_formula_with_all_options_combined(name: str) -> None:
    for options in combinations(name):
        params, wanted = leaves(start()), start()
        memories: list[dict[str, np.ndarray]] = [{} for _ in wanted]
        optimizer = build(name, params, **options)
        for t in range(1, STEPS + 1):
            give_gradients(params, t)
            for place, (p, memory) in enumerate(zip(params, memories, strict=True)):
                # The same gradients for both: only the steps are compared.
                wanted[place] = RULES[name](wanted[place], p.grad.data, memory, t, options)
            optimizer.step()
        for p, x in zip(params, wanted, strict=True):
            np.testing.assert_allclose(p.data, x, 1e-12, 1e-12, err_msg=str(options))


@pytest.mark.parametrize("name", IN_TORCH)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-6)])
def test_fifty_steps_agree_with_pytorch_with_all_options_combined(
    name: str, dtype: str, tolerance: float
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    for options in combinations(name):
        params = leaves(start(dtype))
        theirs = [torch.tensor(x, requires_grad=True) for x in start(dtype)]
        ours, other = build(name, params, **options), getattr(torch.optim, name)(theirs, **options)
        for t in range(1, STEPS + 1):
            give_gradients(params, t)
            for q, p in zip(theirs, params, strict=True):
                q.grad = torch.tensor(p.grad.data)
            ours.step()
            other.step()
        for p, q in zip(params, theirs, strict=True):
            found, wanted = p.data, q.detach().numpy()
            np.testing.assert_allclose(found, wanted, tolerance, tolerance, err_msg=str(options))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_parameters_keep_their_dtype_and_state_has_it_too_but_for_half(
    name: str, dtype: str
) -> None:
    for options in combinations(name):
        params = leaves(start(dtype))
        optimizer = build(name, params, **options)
        for _ in range(2):
            for p in params:
                p.grad = Tensor(np.full(p.shape, 0.5, dtype))
            optimizer.step()
        assert {p.dtype.name for p in params} == {dtype}
        kept = [v for state in optimizer.state.values() for v in state.values()]
        wanted = "float32" if dtype == "float16" else dtype
        assert {v.dtype.name for v in kept if isinstance(v, np.ndarray)} <= {wanted}


@pytest.mark.parametrize("name", NAMES)
def test_numpy_numbers_as_options_do_not_widen_float32(name: str) -> None:
    params, plain = leaves(start("float32")), leaves(start("float32"))
    rate = build(name, leaves(start())).param_groups[0]["lr"]
    walk(name, params, steps=5, lr=np.float64(rate), weight_decay=np.float64(0.1))
    walk(name, plain, steps=5, lr=rate, weight_decay=0.1)
    for p, q in zip(params, plain, strict=True):
        np.testing.assert_array_equal(p.data, q.data)


@pytest.mark.parametrize("name", NAMES)
def test_no_step_after_the_first_allocates(name: str) -> None:
    for options in combinations(name):
        params = leaves([np.ones((200, 300), np.float32), np.ones(7, np.float32)])
        optimizer = build(name, params, **options)
        give_gradients(params, 1)
        for _ in range(2):
            optimizer.step()
        tracemalloc.start()
        try:
            for _ in range(3):
                optimizer.step()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 8000, (options, peak)


@pytest.mark.parametrize("name", NAMES)
def test_the_array_and_the_gradient_stay_the_same_memory(name: str) -> None:
    for options in combinations(name):
        params = leaves(start())
        optimizer = build(name, params, **options)
        give_gradients(params, 1)
        arrays = [(p.data, p.grad.data, p.grad.data.copy()) for p in params]
        optimizer.step()
        for p, (array, gradient, before) in zip(params, arrays, strict=True):
            assert p.data is array and p.grad.data is gradient
            np.testing.assert_array_equal(gradient, before)


@pytest.mark.parametrize("name", NAMES)
def test_a_gradient_may_be_a_broadcast_or_strided_view(name: str) -> None:
    for options in combinations(name):
        views = leaves([np.ones((3, 4)), np.ones((3, 4))])
        whole = leaves([np.ones((3, 4)), np.ones((3, 4))])
        broadcast = np.broadcast_to(np.array([1.0, -2.0, 3.0, 0.5]), (3, 4))
        strided = np.arange(24.0).reshape(4, 6)[:, ::2].T
        ours, same = build(name, views, **options), build(name, whole, **options)
        for _ in range(3):
            for params, copied in ((views, False), (whole, True)):
                for p, g in zip(params, (broadcast, strided), strict=True):
                    p.grad = as_tensor(g.copy() if copied else g)
                    assert copied or p.grad.data.strides == g.strides
            ours.step()
            same.step()
        for p, q in zip(views, whole, strict=True):
            np.testing.assert_array_equal(p.data, q.data)


@pytest.mark.parametrize("name", NAMES)
def test_a_strided_parameter_is_written_where_it_lies(name: str) -> None:
    base = np.arange(12.0).reshape(3, 4)
    strided, plain = Tensor(0.0, requires_grad=True), Tensor(base.T, requires_grad=True)
    strided._place(base.T, True, None)
    for p in (strided, plain):
        optimizer: Optimizer = build(name, [p])
        for t in (1, 2, 3):
            give_gradients([p], t)
            optimizer.step()
    np.testing.assert_array_equal(base.T, plain.data)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_without_elements_are_stepped(name: str) -> None:
    params = leaves([np.ones((0, 3)), np.ones(2)])
    walk(name, params, steps=2)
    assert params[0].shape == (0, 3) and not np.array_equal(params[1].data, np.ones(2))


@pytest.mark.parametrize("name", NAMES)
def test_values_that_overflow_or_divide_by_zero_do_not_warn(name: str) -> None:
    params = leaves([np.zeros(3, np.float16)])
    eps = {} if name in ("SGD", "Lion") else {"eps": 0.0}
    optimizer = build(name, params, **eps)
    for value in (0.0, 6e4, np.inf, np.nan):
        params[0].grad = Tensor(np.full(3, value, np.float16))
        optimizer.step()
    assert params[0].dtype == np.float16 and optimizer.stepped


@pytest.mark.parametrize("name", NAMES)
def test_half_precision_is_stepped_as_exactly_as_single(name: str) -> None:
    x, g = np.array([1.0, -2.0, 0.5]), np.array([0.0, 1e-4, -3e-3])  # squares are 0 in float16
    half, single = leaves([x.astype("float16")]), leaves([x.astype("float32")])
    for params in (half, single):
        optimizer = build(name, params)
        for _ in range(3):
            params[0].grad = Tensor(g.astype("float16").astype(params[0].dtype))
            optimizer.step()
            params[0].data[...] = params[0].data.astype("float16")
    np.testing.assert_array_equal(half[0].data, single[0].data)
