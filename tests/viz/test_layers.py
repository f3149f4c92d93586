"""Gradients by layer: vanishing, exploding, sound."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Tensor, keep_values, ops, scope
from viz.check import check
from viz.layers import ROWS, Layer, table
from viz.terminal import columns


def net(layers: int, activation: object, gain: float) -> Tensor:
    rng = np.random.default_rng(0)
    h = Tensor(rng.standard_normal((8, 16)), name="x")
    with keep_values():
        for i in range(layers):
            with scope(f"layer{i + 1}"):
                w = Tensor(rng.standard_normal((16, 16)) * gain / 4, True, name=f"W{i + 1}")
                h = activation(h @ w)
        return h.sum()


def kinds(y: Tensor) -> list[str]:
    return [finding.kind for finding in check(y).findings]


def test_twelve_layers_of_sigmoid_vanish_and_twelve_of_relu_do_not() -> None:
    report = check(net(12, ops.sigmoid, 1.0))
    assert [one.kind for one in report.findings] == ["vanishing"]
    assert "the smallest is layer1, norm " in report.findings[0].text
    assert "times one of layer12." in report.findings[0].text
    assert report.layers[0].state == "vanishing"
    assert report.layers[-1].state == ""
    assert kinds(net(12, ops.relu, 2**0.5)) == []


def test_large_weights_explode() -> None:
    report = check(net(12, ops.relu, 5.0))
    assert [one.kind for one in report.findings] == ["exploding"]
    assert report.layers[0].state == "exploding"


def test_layers_are_modules_in_the_order_of_their_use() -> None:
    report = check(net(3, ops.tanh, 1.0))
    assert [layer.name for layer in report.layers] == ["layer1", "layer2", "layer3"]
    assert [layer.size for layer in report.layers] == [256] * 3
    assert report.layers[2].norm == pytest.approx(
        np.sqrt(sum(value.norm**2 for value in [*report.backward.gradients.values()][:1]))
    )


def test_numbers_of_a_formula_are_not_compared_with_one_another() -> None:
    x, y = Tensor(1e-4, True, name="x"), Tensor(1e4, True, name="y")
    assert kinds(x * y) == []


def test_rows_that_a_batch_leaves_out_do_not_make_a_layer_vanish() -> None:
    table = Tensor(np.ones((5_000, 4)), True, name="E")
    w = Tensor(np.ones((4, 2)), True, name="W")
    y = (ops.take(table, np.array([1, 2]), axis=0) @ w).sum()
    report = check(y)
    assert report.findings == ()
    assert report.layers[0].zeros > 0.99


def test_where_nothing_comes_back_from_the_output_all_is_vanishing() -> None:
    w = Tensor(np.full((2, 1), 10.0), True, name="W")
    p = ops.sigmoid(Tensor(np.ones((4, 2))) @ w)
    report = check((p**2).mean())  # 1, and wrong: σ is saturated
    assert [one.kind for one in report.findings] == ["vanishing"]
    assert "of the output, 1.031e-9 times as much comes back to it." in report.findings[0].text
    assert kinds((w * 1e7).sum()) == ["exploding"]


def test_small_gradients_of_a_net_that_has_learned_are_sound() -> None:
    ids = np.array([0, 1, 2, 1])
    table = Tensor(np.full((3, 4), 0.5), True, name="emb")
    w = Tensor(np.full((4, 1), 0.5), True, name="fc")
    target = Tensor(np.full((4, 1), 1.0 - 1e-6))
    report = check(((ops.take(table, ids, axis=0) @ w - target) ** 2).mean())
    assert max(layer.largest for layer in report.layers) < 1e-5
    assert report.findings == ()


def test_gradients_that_cancel_in_a_layer_are_sound_though_an_error_remains() -> None:
    x, noise = np.array([[1.0], [1.0]]), np.array([[2.0 + 1e-9], [0.0]])
    w = Tensor([[1.0]], True, name="W")
    report = check(((Tensor(x) @ w - Tensor(noise)) ** 2).mean())
    assert 0 < report.layers[0].largest < 1e-8
    assert report.findings == ()


def test_a_long_table_is_shown_without_its_middle() -> None:
    layers = [Layer(f"layer{i}", 10, 1.0, 0.5, 0.3, 0.0, True) for i in range(100)]
    lines = table(layers)
    assert len(lines) == ROWS + 2
    assert f"  … {100 - ROWS} more layers …" in lines
    assert lines[-1].split() == ["layer99", "10", "1", "1"]


def test_a_long_name_does_not_make_the_table_wide() -> None:
    layers = [
        Layer("encoder." * 20 + "weight", 10**9, 1.234e-300, 1.0, 1e-300, 0.99, True, "vanishing")
    ]
    assert max(map(columns, table(layers))) <= 80
