"""Initial values: bounds, deviations, orthogonality, repetition, on the host and on a device."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import erf, sqrt
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import ShapeError, Tensor, zeros
from nn import Parameter, init
from tests import standin

ROWS, COLUMNS = 120, 80

UNIFORM: dict[str, tuple[Callable[[Any], Any], float]] = {
    "uniform_": (partial(init.uniform_, a=-0.3, b=0.3), 0.3),
    "xavier_uniform_": (partial(init.xavier_uniform_, gain=2.0), 2 * sqrt(6 / (ROWS + COLUMNS))),
    "kaiming_uniform_": (init.kaiming_uniform_, sqrt(6 / COLUMNS)),
    "kaiming_uniform_ of a slope": (partial(init.kaiming_uniform_, a=sqrt(5)), sqrt(1 / COLUMNS)),
    "kaiming_uniform_ backwards": (
        partial(init.kaiming_uniform_, mode="fan_out", nonlinearity="tanh"),
        5 / 3 * sqrt(3 / ROWS),
    ),
}
NORMAL: dict[str, tuple[Callable[[Any], Any], float]] = {
    "normal_": (partial(init.normal_, std=0.7), 0.7),
    "xavier_normal_": (init.xavier_normal_, sqrt(2 / (ROWS + COLUMNS))),
    "kaiming_normal_": (partial(init.kaiming_normal_, nonlinearity="relu"), sqrt(2 / COLUMNS)),
    "lecun_normal_": (init.lecun_normal_, sqrt(1 / COLUMNS)),
}
RANDOM: dict[str, Callable[[Any], Any]] = {
    "uniform_": init.uniform_,
    "normal_": init.normal_,
    "trunc_normal_": init.trunc_normal_,
    "xavier_uniform_": init.xavier_uniform_,
    "xavier_normal_": init.xavier_normal_,
    "kaiming_uniform_": init.kaiming_uniform_,
    "kaiming_normal_": init.kaiming_normal_,
    "lecun_normal_": init.lecun_normal_,
    "orthogonal_": init.orthogonal_,
    "sparse_": partial(init.sparse_, sparsity=0.5),
}
ALL = RANDOM | {
    "constant_": partial(init.constant_, val=2.0),
    "zeros_": init.zeros_,
    "ones_": init.ones_,
    "eye_": init.eye_,
}


def drawn(function: Callable[[Any], Any], *shape: int, seed: int = 0) -> np.ndarray:
    autograd.manual_seed(seed)
    return function(zeros(shape or (ROWS, COLUMNS), dtype="float64")).numpy()


@pytest.mark.parametrize("name", UNIFORM)
def test_uniform_schemes_fill_their_bounds(name: str) -> None:
    function, bound = UNIFORM[name]
    values = drawn(function)
    assert np.abs(values).max() <= bound
    assert np.abs(values).max() > 0.998 * bound
    assert values.std() == pytest.approx(bound / sqrt(3), rel=0.02)
    assert abs(values.mean()) < 0.02 * bound


@pytest.mark.parametrize("name", NORMAL)
def test_normal_schemes_have_their_deviation(name: str) -> None:
    function, std = NORMAL[name]
    values = drawn(function)
    assert values.std() == pytest.approx(std, rel=0.03)
    assert abs(values.mean()) < 0.03 * std
    within = (np.abs(values) < std).mean()
    assert within == pytest.approx(erf(1 / sqrt(2)), abs=0.02)


@pytest.mark.parametrize("name", [*UNIFORM, *NORMAL])
def test_deviations_are_pytorch_s(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    function, _ = (UNIFORM | NORMAL)[name]
    arguments = getattr(function, "keywords", {})
    theirs = getattr(torch.nn.init, name.partition(" ")[0], None)
    if theirs is None:
        pytest.skip("PyTorch has no such scheme")
    torch.manual_seed(0)
    values = theirs(torch.zeros(ROWS, COLUMNS, dtype=torch.float64), **arguments).numpy()
    assert drawn(function).std() == pytest.approx(values.std(), rel=0.03)


def test_the_kernel_of_a_convolution_counts_in_both_fans() -> None:
    fan_in, fan_out = 3 * 5 * 5, 8 * 5 * 5
    values = drawn(init.kaiming_uniform_, 8, 3, 5, 5)
    assert np.abs(values).max() == pytest.approx(sqrt(6 / fan_in), rel=0.02)
    values = drawn(init.xavier_uniform_, 8, 3, 5, 5)
    assert np.abs(values).max() == pytest.approx(sqrt(6 / (fan_in + fan_out)), rel=0.02)


@pytest.mark.parametrize(
    ("a", "b"), [(-2.0, 2.0), (-0.1, 0.05), (1.0, float("inf")), (5.0, 9.0), (-60.0, -50.0)]
)
def test_a_truncated_normal_has_the_mean_of_its_window(a: float, b: float) -> None:
    mean, std = 0.3, 0.5
    values = drawn(lambda t: init.trunc_normal_(t, mean, std, mean + std * a, mean + std * b))
    assert values.min() >= mean + std * a
    assert values.max() <= mean + std * b
    low, high = (a, b) if a > 0 else (-b, -a) if b < 0 else (a, b)
    grid = np.linspace(low, min(high, low + 12), 200_001)
    density = np.exp((low * low - grid * grid) / 2)
    expected = (grid * density).sum() / density.sum() * (-1 if b < 0 else 1)
    spread = sqrt((grid * grid * density).sum() / density.sum() - expected**2)
    found = (values - mean) / std
    assert found.mean() == pytest.approx(expected, abs=4 * spread / sqrt(values.size))
    assert found.std() == pytest.approx(spread, rel=0.05)


def test_the_default_window_keeps_the_density_of_the_normal() -> None:
    sizes = np.abs(drawn(init.trunc_normal_))
    for bound in (0.25, 0.5, 1.0, 1.5):
        share = erf(bound / sqrt(2)) / erf(2 / sqrt(2))
        assert (sizes < bound).mean() == pytest.approx(share, abs=0.015)


@pytest.mark.parametrize(("a", "b", "std"), [(1.0, 1.0, 1.0), (2.0, 1.0, 1.0), (0.0, 1.0, 0.0)])
def test_an_empty_window_is_refused(a: float, b: float, std: float) -> None:
    with pytest.raises(ValueError, match="a < b"):
        init.trunc_normal_(zeros(3), std=std, a=a, b=b)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 2, 2), (4, 4)])
def test_an_orthogonal_matrix_has_orthonormal_rows_or_columns(shape: tuple[int, ...]) -> None:
    matrix = drawn(partial(init.orthogonal_, gain=3.0), *shape).reshape(shape[0], -1) / 3
    rows, columns = matrix.shape
    product = matrix.T @ matrix if rows >= columns else matrix @ matrix.T
    np.testing.assert_allclose(product, np.eye(min(rows, columns)), atol=1e-12)


def test_no_orthogonal_matrix_is_likelier_than_another() -> None:
    # QR alone would give all first elements one sign.
    signs = [np.sign(drawn(init.orthogonal_, 2, 2, seed=seed)[0, 0]) for seed in range(40)]
    assert 10 <= signs.count(1.0) <= 30


def test_a_sparse_matrix_has_its_share_of_zeros_in_each_column() -> None:
    values = drawn(partial(init.sparse_, sparsity=0.31, std=0.1), 10, 6)
    assert ((values == 0).sum(axis=0) == 4).all()
    values = drawn(partial(init.sparse_, sparsity=0.5, std=0.1))
    assert values[values != 0].std() == pytest.approx(0.1, rel=0.05)
    assert len({tuple(column) for column in (values == 0).T}) > 1


def test_fixed_values_are_what_they_say() -> None:
    assert (drawn(partial(init.constant_, val=2.5), 2, 3) == 2.5).all()
    assert (drawn(init.ones_, 2) == 1).all()
    assert (init.zeros_(Tensor([1.0, 2.0])).numpy() == 0).all()
    np.testing.assert_array_equal(drawn(init.eye_, 2, 3), np.eye(2, 3))


@pytest.mark.parametrize(
    ("name", "param"),
    [
        *((n, None) for n in "linear conv1d conv2d conv3d sigmoid tanh relu selu".split()),
        ("leaky_relu", None),
        ("leaky_relu", 0.3),
    ],
)
def test_gains_are_pytorch_s(name: str, param: float | None) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    assert init.calculate_gain(name, param) == torch.nn.init.calculate_gain(name, param)


def test_an_unknown_nonlinearity_or_mode_is_named_and_writes_nothing() -> None:
    tensor = Tensor([[1.0, 2.0]])
    with pytest.raises(ValueError, match="'rleu' is not known"):
        init.kaiming_normal_(tensor, nonlinearity="rleu")
    with pytest.raises(ValueError, match="mode is 'fan'"):
        init.kaiming_normal_(tensor, mode="fan")
    assert tensor.tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(
    "name", "xavier_uniform_ kaiming_normal_ lecun_normal_ orthogonal_ sparse_ eye_".split()
)
def test_what_needs_a_matrix_says_so(name: str) -> None:
    with pytest.raises(ShapeError, match=rf"{name}: the tensor is \(3,\)"):
        ALL[name](zeros(3))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ALL)
def test_a_parameter_is_filled_in_place_and_returned(name: str, dtype: str) -> None:
    parameter = Parameter(np.full((6, 4), 9.0, dtype))
    memory = parameter.data
    assert ALL[name](parameter) is parameter
    assert parameter.data is memory
    assert (parameter.dtype, parameter.requires_grad) == (dtype, True)
    assert parameter.is_leaf
    assert not (memory == 9).any()


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_repeats_what_is_drawn(name: str) -> None:
    first, again, other = (drawn(RANDOM[name], 6, 4, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_on_a_device_nothing_is_read_back_but_masks(name: str, dtype: str) -> None:
    with standin.installed():
        parameter = Parameter(np.full((6, 4), 9.0, dtype), device="cuda")
        standin.copies.reset()
        assert ALL[name](parameter).device == "cuda:0"
        assert name == "trunc_normal_" or standin.copies.count == 0, standin.copies.log
        assert not (parameter.cpu().detach().numpy() == 9).any()
