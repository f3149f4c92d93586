"""Convolution against loops written out, PyTorch, and its own adjoint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import ShapeError, Tensor, grad, ops
from tests.samples import normal

CONVS = {1: ops.conv1d, 2: ops.conv2d, 3: ops.conv3d}
TRANSPOSED = {1: ops.conv_transpose1d, 2: ops.conv_transpose2d, 3: ops.conv_transpose3d}

GRID = [
    # n, x, w, settings
    (1, (2, 3, 7), (4, 3, 3), {}),
    (1, (2, 4, 8), (6, 2, 3), {"stride": 3, "padding": 2, "groups": 2}),
    (1, (1, 2, 9), (2, 2, 4), {"padding": "same", "dilation": 2}),
    (2, (2, 3, 6, 5), (4, 3, 3, 3), {}),
    (2, (2, 3, 7, 6), (2, 3, 3, 2), {"stride": 2, "padding": 1}),
    (2, (1, 4, 7, 8), (4, 1, 2, 3), {"groups": 4, "dilation": (2, 3), "stride": (3, 1)}),
    (2, (2, 2, 5, 6), (2, 2, 4, 2), {"padding": "same"}),
    (2, (2, 2, 5, 6), (3, 2, 5, 6), {"padding": "valid"}),
    (2, (0, 2, 5, 6), (3, 2, 2, 2), {}),
    (2, (1, 1, 3, 3), (1, 1, 1, 1), {"stride": 2, "padding": (0, 1)}),
    (3, (1, 2, 4, 5, 3), (2, 2, 2, 3, 2), {"stride": (1, 2, 1), "padding": (1, 0, 1)}),
]
TRANSPOSED_GRID = [
    (1, (2, 3, 4), (3, 2, 3), {}),
    (1, (1, 4, 3), (4, 2, 3), {"stride": 3, "padding": 1, "output_padding": 2, "groups": 2}),
    (2, (2, 3, 4, 3), (3, 2, 3, 2), {"stride": 2, "padding": 1, "output_padding": 1}),
    (2, (1, 2, 3, 3), (2, 1, 2, 3), {"stride": (2, 1), "dilation": (1, 2), "groups": 2}),
    (3, (1, 2, 2, 3, 2), (2, 1, 2, 1, 2), {"stride": 2, "output_padding": (1, 0, 1)}),
]


def leaves(x: tuple[int, ...], w: tuple[int, ...], channels: int) -> list[Tensor]:
    shapes = (x, w, (channels,))
    return [
        Tensor(normal(*shape, seed=i), requires_grad=True, dtype="float64")
        for i, shape in enumerate(shapes)
    ]


def agrees_with_torch(
    ours: Any, theirs: Any, values: list[Tensor], settings: dict[str, Any]
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    mirrors = [torch.tensor(v.numpy(), requires_grad=True) for v in map(Tensor.detach, values)]
    z, expected = ours(*values, **settings), theirs(*mirrors, **settings)
    np.testing.assert_allclose(
        z.detach().numpy(), expected.detach().numpy(), rtol=1e-10, atol=1e-12
    )
    g = normal(*z.shape, seed=9)
    expected.backward(torch.tensor(g))
    for found, mirror in zip(grad(z, values, g), mirrors, strict=True):
        np.testing.assert_allclose(found.numpy(), mirror.grad.numpy(), rtol=1e-10, atol=1e-10)


@pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning")  # PyTorch's, of the witness
@pytest.mark.parametrize(("n", "x", "w", "settings"), GRID)
def test_convolution_and_its_gradients_agree_with_pytorch(
    n: int, x: tuple[int, ...], w: tuple[int, ...], settings: dict[str, Any]
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    theirs = getattr(torch.nn.functional, f"conv{n}d")
    agrees_with_torch(CONVS[n], theirs, leaves(x, w, w[0]), settings)


@pytest.mark.parametrize(("n", "x", "w", "settings"), TRANSPOSED_GRID)
def test_transposed_convolution_and_its_gradients_agree_with_pytorch(
    n: int, x: tuple[int, ...], w: tuple[int, ...], settings: dict[str, Any]
) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    theirs = getattr(torch.nn.functional, f"conv_transpose{n}d")
    values = leaves(x, w, w[1] * settings.get("groups", 1))
    agrees_with_torch(TRANSPOSED[n], theirs, values, settings)


def test_the_lectures_image_and_kernel_give_its_feature_map() -> None:
    image = np.array([[int(c) for c in row] for row in "11100 01110 00111 00110 01100".split()])
    kernel = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
    z = ops.conv2d(image[None, None], kernel[None, None])
    assert z.numpy()[0, 0].tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]


def test_convolution_is_the_sum_written_out() -> None:
    x, w = normal(2, 4, 6, 7), normal(6, 2, 3, 2, seed=1)
    z = ops.conv2d(x, w, stride=(2, 1), padding=(1, 2), dilation=(1, 3), groups=2).numpy()
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (2, 2)))
    expected = np.zeros_like(z)
    for n, o, i, j in np.ndindex(*z.shape):
        seen = padded[n, o // 3 * 2 : o // 3 * 2 + 2, 2 * i : 2 * i + 3, j : j + 4 : 3]
        expected[n, o, i, j] = (seen * w[o]).sum()
    np.testing.assert_allclose(z, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "settings",
    [{}, {"stride": 2, "padding": 1}, {"dilation": 2, "groups": 2}, {"padding": "same"}],
    ids=str,
)
def test_the_three_partial_derivatives_are_each_others_adjoints(settings: dict[str, Any]) -> None:
    groups = settings.get("groups", 1)
    x, w = normal(2, 4, 6, 5), normal(2, 4 // groups, 3, 2, seed=1)
    z = ops.correlate(x, w, **settings).numpy()
    y = normal(*z.shape, seed=2)
    back = ops.conv_input(y, w, input_size=x.shape, **settings).numpy()
    kernel = ops.conv_weight(x, y, weight_size=w.shape, **settings).numpy()
    assert back.shape == x.shape and kernel.shape == w.shape
    np.testing.assert_allclose((back * x).sum(), (z * y).sum())
    np.testing.assert_allclose((kernel * w).sum(), (z * y).sum())


def test_a_transposed_convolution_undoes_the_shape_of_a_convolution() -> None:
    x, w = normal(1, 2, 8, 7), normal(3, 2, 3, 3, seed=1)
    z = ops.conv2d(x, w, stride=2, padding=1)
    back = ops.conv_transpose2d(z, w, stride=2, padding=1, output_padding=(1, 0))
    assert z.shape == (1, 3, 4, 4) and back.shape == x.shape


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("function", [ops.conv2d, ops.conv_transpose2d])
def test_convolution_keeps_the_dtype_forward_and_backward(function: Any, dtype: str) -> None:
    x = Tensor(np.ones((1, 2, 3, 3), dtype), requires_grad=True)
    w = Tensor(np.ones((2, 2, 2, 2), dtype), requires_grad=True)
    bias = Tensor(np.ones(2, dtype), requires_grad=True)
    z = function(x, w, bias)
    z.sum().backward()
    assert z.dtype == x.grad.dtype == w.grad.dtype == bias.grad.dtype == np.dtype(dtype)


def test_a_convolution_is_one_node_with_parents_x_w_and_bias_that_keeps_no_windows() -> None:
    x, w, bias = leaves((2, 3, 8, 8), (4, 3, 3, 3), 4)
    node = ops.conv2d(x, w, bias)._node
    assert node.op.name == "conv2d"
    assert [p.shape for p in node.parents] == [x.shape, w.shape, bias.shape]
    assert sorted(a.size for a in node.kept) == sorted([x.size, w.size])


def test_a_convolution_of_data_keeps_no_kernel() -> None:
    x = Tensor(normal(1, 1, 9, 9))
    w = Tensor(normal(2, 1, 3, 3), requires_grad=True, dtype="float64")
    assert [a is None for a in ops.conv2d(x, w)._node.kept] == [False, True]


def call(x: tuple[int, ...], w: tuple[int, ...], *bias: Any, **settings: Any) -> Any:
    return ops.conv2d(np.ones(x), np.ones(w), *bias, **settings)


@pytest.mark.parametrize(
    ("x", "w", "settings", "parts"),
    [
        ((1, 3, 5, 5), (2, 4, 3, 3), {}, ["(1, 3, 5, 5)", "(2, 4, 3, 3)", "4 channels", "has 3"]),
        ((3, 5, 5), (2, 3, 3, 3), {}, ["(3, 5, 5)", "(N, C, H, W)", "x[None]"]),
        ((1, 1, 4, 5), (1, 1, 5, 3), {}, ["(5, 3)", "(4, 5)", "larger than the padded input"]),
        ((1, 1, 4, 4), (1, 1, 3, 3), {"dilation": 2}, ["(5, 5)", "(4, 4)"]),
        ((1, 3, 5, 5), (2, 1, 3, 3), {"groups": 2}, ["groups=2", "3 channels"]),
        ((1, 4, 5, 5), (2, 2, 3, 3), {"groups": 0}, ["groups=0"]),
        ((1, 1, 5, 5), (1, 1, 3, 3), {"stride": 0}, ["stride=0", "at least 1"]),
        ((1, 1, 5, 5), (1, 1, 3, 3), {"stride": (1, 2, 3)}, ["stride=(1, 2, 3)", "2 of them"]),
        ((1, 1, 5, 5), (1, 1, 3, 3), {"padding": -1}, ["padding=-1", "at least 0"]),
        ((1, 1, 5, 5), (1, 1, 3, 3), {"padding": "full"}, ["'full'", '"same"']),
        ((1, 1, 5, 5), (1, 1, 3, 3), {"padding": "same", "stride": 2}, ["stride 1", "(2, 2)"]),
    ],
)
def test_wrong_arguments_are_refused_with_their_values(
    x: tuple[int, ...], w: tuple[int, ...], settings: dict[str, Any], parts: list[str]
) -> None:
    with pytest.raises(ShapeError) as error:
        call(x, w, **settings)
    assert all(part in str(error.value) for part in ["conv2d", *parts])


def test_a_bias_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"conv2d: bias is \(3,\) but must be \(2,\)"):
        call((1, 1, 4, 4), (2, 1, 3, 3), np.ones(3))


@pytest.mark.parametrize(
    ("w", "settings", "message"),
    [
        ((3, 2, 2, 2), {}, "w takes 3 channels but x has 2"),
        ((2, 2, 2, 2), {"output_padding": 1}, r"output_padding \(1, 1\) must be smaller"),
        ((2, 2, 2, 2), {"padding": 3}, "each must be at least 1"),
        ((2, 2, 2, 2), {"groups": 3}, "groups=3 must divide"),
    ],
)
def test_wrong_arguments_of_a_transposed_convolution_are_refused(
    w: tuple[int, ...], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ShapeError, match=message):
        ops.conv_transpose2d(np.ones((1, 2, 3, 3)), np.ones(w), **settings)


def test_upstream_of_the_wrong_shape_is_refused_by_the_partial_derivatives() -> None:
    x, w, y = np.ones((1, 1, 4)), np.ones((1, 1, 2)), np.ones((1, 1, 4))
    with pytest.raises(ShapeError, match=r"y is \(1, 1, 4\), but such a convolution gives"):
        ops.conv_input(y, w, input_size=x.shape)
    with pytest.raises(ShapeError, match=r"y is \(1, 1, 4\), but such a convolution gives"):
        ops.conv_weight(x, y, weight_size=w.shape)


@pytest.mark.parametrize("groups", ["a", None, 1.5, 0])
def test_groups_that_are_no_whole_number_are_refused(groups: Any) -> None:
    for name in ("conv1d", "conv_transpose1d"):
        with pytest.raises(ShapeError, match=f"{name}: groups={groups} must divide"):
            getattr(ops, name)(normal(1, 2, 5), normal(2, 2, 3), groups=groups)


def test_groups_may_be_a_numpy_integer() -> None:
    x, w = normal(1, 2, 5), normal(2, 1, 3)
    for name in ("conv1d", "conv_transpose1d"):
        wanted = getattr(ops, name)(x, w, groups=2).numpy()
        np.testing.assert_array_equal(getattr(ops, name)(x, w, groups=np.int64(2)).numpy(), wanted)
