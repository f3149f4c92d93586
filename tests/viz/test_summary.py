"""What `summary` says of a model: counted by hand, and nothing changed by looking."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import autograd
import nn
import viz
from autograd import Tensor, ops
from autograd.op import REGISTRY
from tests.viz.models import xor
from viz.summary import Summary
from viz.summary_costs import COUNTS, multiply_adds
from viz.summary_table import bytes_text
from viz.terminal import columns


class Scaled(nn.Module):
    """A layer whose own work is one convolution, besides that of a Linear inside."""

    def __init__(self) -> None:
        self.kernel = nn.Parameter(np.ones((4, 2, 3, 3), "float32"))
        self.inner = nn.Linear(4, 5)

    def forward(self, x: Any) -> Any:
        z = ops.conv2d(x, self.kernel, stride=2, padding=1)
        return self.inner(z.mean(axis=(2, 3)))


class Careless(nn.Module):
    """A module that writes its buffers and draws random numbers whatever mode it is in."""

    def __init__(self) -> None:
        self.register_buffer("written", Tensor(np.array([1.0, np.nan])))
        self.register_buffer("replaced", Tensor(np.zeros(2)))

    def forward(self, x: Any) -> Any:
        self.written.data[...] = 7.0
        self.replaced = Tensor(np.ones(2))
        return x + autograd.rand(*x.shape)


def mlp() -> nn.Sequential:
    return nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))


def test_an_mlp_is_counted_as_by_hand() -> None:
    told = viz.summary(mlp(), (32, 784))
    assert [row.path for row in told.rows] == ["", "0", "1", "2"]
    assert [row.outputs for row in told.rows] == [((32, n),) for n in (10, 50, 50, 10)]
    assert [row.parameters for row in told.rows] == [0, 784 * 50 + 50, 0, 50 * 10 + 10]
    assert [row.multiply_adds for row in told.rows] == [0, 32 * 784 * 50, 0, 32 * 50 * 10]
    assert [row.output_bytes for row in told.rows] == [0, 4 * 32 * 50, 4 * 32 * 50, 4 * 32 * 10]
    assert told.total_parameters == told.trainable_parameters == 39_760
    assert told.parameter_bytes == 4 * 39_760 and told.multiply_adds == 1_270_400
    assert told.row("0").detail == "Linear 784 → 50"


def test_a_convolution_belongs_to_the_module_that_runs_it() -> None:
    told = viz.summary(nn.Sequential(Scaled()), (3, 2, 8, 8))
    # 4 kernels of 2·3·3 weights at 4·4 places, for 3 images.
    assert told.row("0").multiply_adds == 3 * 4 * 4 * 4 * (2 * 3 * 3)
    assert told.row("0.inner").multiply_adds == 3 * 4 * 5
    assert told.row("0").parameters == 4 * 2 * 3 * 3 and told.row("0.inner").parameters == 25


def ones(*shape: int) -> Tensor:
    return Tensor(np.ones(shape), requires_grad=True)


@pytest.mark.parametrize(
    ("z", "count"),
    [
        (lambda: ops.matmul(ones(5, 2, 3), ones(3, 4)), 5 * 2 * 3 * 4),
        (lambda: ops.matmul(ones(3), ones(3)), 3),
        (lambda: ops.linear(ones(2, 3), ones(4, 3)), 2 * 3 * 4),
        (lambda: ops.dot(ones(2, 3), ones(3, 4)), 2 * 3 * 4),
        (lambda: ops.outer(ones(2), ones(3)), 6),
        (lambda: ops.kron(ones(2, 2), ones(3, 3)), 36),
        (lambda: ops.tensordot(ones(2, 3, 4), ones(3, 4, 5)), 2 * 3 * 4 * 5),
        (lambda: ops.tensordot(ones(2), ones(3), axes=0), 6),
        (lambda: ops.einsum("bij,bjk->bik", ones(2, 3, 4), ones(2, 4, 5)), 2 * 3 * 4 * 5),
        (lambda: ops.einsum("...ij,jk", ones(2, 3, 4), ones(4, 5)), 2 * 3 * 4 * 5),
        (lambda: ops.einsum("ij,ij->i", ones(1, 4), ones(3, 4)), 12),
        (lambda: ops.einsum("ij->ji", ones(3, 4)), 0),
        (lambda: ops.einsum("i,j,k->ijk", ones(2), ones(3), ones(4)), 48),
        (lambda: ops.conv1d(ones(2, 4, 9), ones(6, 2, 3), groups=2), 2 * 6 * 7 * (2 * 3)),
        (lambda: ops.conv_transpose2d(ones(1, 2, 3, 3), ones(2, 4, 2, 2)), 2 * 9 * (4 * 4)),
        (lambda: ops.matmul(ones(2, 0), ones(0, 4)), 0),
        (lambda: ones(3) * ones(3), 0),
        (lambda: ops.tanh(ones(3)), 0),
    ],
)
def test_an_operation_costs_the_products_that_it_adds_up(z: Any, count: int) -> None:
    assert multiply_adds(z().node) == count


def test_a_convolution_costs_as_much_as_each_way_back_through_it() -> None:
    x, w = ones(2, 3, 8, 8), ones(4, 3, 3, 3)
    y = ops.conv2d(x, w, stride=2, padding=1)
    size = {"stride": 2, "padding": 1}
    back = ops.conv_input(y, w, input_size=x.shape, **size)
    weight = ops.conv_weight(x, y, weight_size=w.shape, **size)
    costs = {multiply_adds(z.node) for z in (y, back, weight)}
    assert costs == {2 * 4 * 4 * 4 * 27}


def test_every_operation_that_multiplies_matrices_is_counted() -> None:
    homes = ("matmul", "einsum", "convolution", "correlation")
    needed = set()
    for name, operation in REGISTRY.items():
        home, body = operation.__module__.rpartition(".")[2], inspect.getsource(operation.forward)
        if home in homes or (" @ " in body.rpartition('"""')[2] and home != "linalg"):
            needed.add(name)
    # A layer norm sums rows by a product with ones.
    assert needed - {"layer_norm"} <= COUNTS.keys()


def test_looking_changes_nothing() -> None:
    autograd.manual_seed(3)
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), Careless())
    model[2].eval()
    model[3].written.data[...] = [1.0, np.nan]
    held = [buffer.data.copy() for buffer in model.buffers()]
    same = list(model.buffers())
    before = autograd.random.get_state()
    viz.summary(model, (8, 4))
    assert autograd.random.get_state() == before
    assert [m.training for m in model] == [True, True, False, True] and model.training
    assert all(a is b for a, b in zip(model.buffers(), same, strict=True))
    for buffer, array in zip(model.buffers(), held, strict=True):
        np.testing.assert_array_equal(buffer.data, array)
    assert all(p.grad is None and p.requires_grad for p in model.parameters())
    assert autograd.is_grad_enabled()


def test_a_model_that_fails_is_put_back_and_the_place_told() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.ReLU(), nn.Linear(3, 2)))
    with pytest.raises(ValueError) as caught:
        viz.summary(model, (8, 4))
    assert caught.value.__notes__ == ["summary() ran 1.1 on (8, 4)."]
    assert model.training and model[1][1].training
    with pytest.raises(ValueError):
        viz.summary(model, (8, 4))  # the hooks of the first try are gone
    assert len(caught.value.__notes__) == 1


def test_frozen_models_on_integers_are_counted_too() -> None:
    model = nn.Sequential(nn.Embedding(10, 3), nn.Linear(3, 2)).requires_grad_(False)
    told = viz.summary(model, np.zeros((4, 7), "int64"))
    assert told.multiply_adds == 4 * 7 * 3 * 2
    assert told.frozen_parameters == told.total_parameters == 38
    assert told.trainable_parameters == 0 and not any(p.requires_grad for p in model.parameters())


def test_lazy_layers_are_shown_built_and_stay_without_a_size() -> None:
    autograd.manual_seed(0)
    before = autograd.random.get_state()
    model = nn.Sequential(nn.LazyLinear(5), nn.Dense(2, "relu"))
    told = viz.summary(model, (3, 4))
    assert (told.total_parameters, told.multiply_adds) == (25 + 12, 3 * (4 * 5 + 5 * 2))
    assert told.row("0").detail == "LazyLinear 4 → 5" and "of a copy that ran" in str(told)
    assert [p.shape for p in model.parameters()] == [(5, 0), (5,), (2, 0), (2,)]
    assert autograd.random.get_state() == before
    assert "0.weight, 1.weight: no size in the model yet; give x" in str(viz.summary(model))


def test_an_input_stays_untracked_and_outside_of_the_graph() -> None:
    x = Tensor(np.ones((2, 784), "float32"))
    viz.summary(mlp(), x)
    assert not x.requires_grad and x.node is None


def test_a_shared_parameter_counts_once_at_its_first_place() -> None:
    model = nn.Sequential(nn.Linear(3, 3, bias=False), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    told = viz.summary(model, (1, 3))
    assert told.total_parameters == 12 and told.shared == (("1.weight", "0.weight"),)
    assert "1.weight is 0.weight: counted once" in str(told)


def test_a_module_called_twice_counts_twice() -> None:
    layer = nn.Linear(3, 3)
    told = viz.summary(nn.Sequential(layer, nn.ReLU(), layer), (2, 3))
    assert told.row("0").calls == 2 and told.row("0").multiply_adds == 2 * 2 * 9
    assert "(2, 3) ×2" in str(told) and told.total_parameters == 12


def test_gradients_are_shown_where_they_are() -> None:
    model = mlp()
    assert all(row.gradient is None for row in viz.summary(model).rows)
    model(np.ones((2, 784), "float32")).sum().backward()
    told = viz.summary(model)
    norm = np.sqrt(sum(float((p.grad.data**2).sum()) for p in model[0].parameters()))
    assert told.row("0").gradient == pytest.approx(norm, rel=1e-6)
    assert told.row("1").gradient is None
    assert "gradient" in str(told) and "gradient" not in str(viz.summary(model, grads=False))


def test_depth_folds_modules_and_keeps_the_totals() -> None:
    model = nn.Sequential(nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.Linear(4, 2))), mlp())
    del model[1]
    model(np.ones((2, 4), "float32")).sum().backward()
    whole = viz.summary(model, (2, 4))
    for depth, count in ((0, 1), (1, 2), (2, 4), (9, 5)):
        folded = viz.summary(model, (2, 4), depth=depth)
        assert len(folded.rows) == count
        for total in ("total_parameters", "multiply_adds", "parameter_bytes", "output_bytes"):
            assert getattr(folded, total) == getattr(whole, total)
        norms = (np.hypot.reduce([r.gradient or 0.0 for r in s.rows]) for s in (folded, whole))
        assert next(norms) == pytest.approx(next(norms))
    with pytest.raises(ValueError, match="depth is -1"):
        viz.summary(model, depth=-1)


def test_several_inputs_and_outputs_are_listed() -> None:
    class Pair(nn.Module):
        def forward(self, x: Any, y: Any) -> Any:
            return {"sum": x + y, "list": [x, (y,)]}

    told = viz.summary(Pair(), [(2, 3), np.ones((1, 3))])
    assert told.inputs == ((2, 3), (1, 3))
    assert told.row("").outputs == ((2, 3), (2, 3), (1, 3))


def test_floating_arrays_take_the_models_dtype_and_tensors_keep_theirs() -> None:
    viz.summary(mlp(), np.ones((1, 784)))  # float64, while the weights are float32
    with pytest.raises(TypeError, match="float64"):
        viz.summary(mlp(), Tensor(np.ones((1, 784))))


@pytest.mark.parametrize("model", [None, nn.Linear, 3, lambda x: x])
def test_what_is_no_model_is_refused(model: Any) -> None:
    with pytest.raises(TypeError, match="takes a model"):
        viz.summary(model)
    with pytest.raises(TypeError, match="x is str"):
        viz.summary(mlp(), "32,784")


def test_the_table_is_aligned_in_every_alphabet() -> None:
    model = nn.Sequential()
    model.add_module("합성곱", nn.Linear(784, 50))
    model.add_module("활성", nn.ReLU())
    told = viz.summary(model, (32, 784))
    for encoding in ("utf-8", "ascii", "cp949"):
        text = told.to_text(encoding)
        text.encode(encoding)
        lines = text.splitlines()
        assert len({columns(line) for line in lines[2:5]}) == 1
        assert max(map(columns, lines)) <= 80
    assert "합성곱" in told.to_text("utf-8") and "\\ud569" in told.to_text("ascii")


def test_the_table_keeps_to_its_width() -> None:
    model = nn.Sequential(nn.Sequential(nn.Sequential(nn.Linear(5408, 12))))
    model(np.ones((1, 5408), "float32")).sum().backward()
    told = viz.summary(model, (12, 1, 1, 5408))
    for width in (80, 100):
        assert max(map(columns, told.to_text("utf-8", width).splitlines())) <= width
    assert "…" in told.to_text("utf-8", 80)


def test_the_whole_table_reads_so() -> None:
    told = viz.summary(xor(), (4, 2), grads=False)
    assert told.to_text("utf-8").splitlines() == [
        "module   what          output  parameters  memory  multiply-adds",
        "────────────────────────────────────────────────────────────────",
        "(model)  Sequential    (4, 1)           –       –              –",
        "0        Linear 2 → 2  (4, 2)           6    56 B             16",
        "1        Sigmoid       (4, 2)           –    32 B              –",
        "2        Linear 2 → 1  (4, 1)           3    28 B              8",
        "3        Sigmoid       (4, 1)           –    16 B              –",
        "────────────────────────────────────────────────────────────────",
        "9 parameters (9 trainable, 0 frozen), 36 B",
        "24 multiply-adds and 96 B of outputs for an input of (4, 2)",
    ]


def test_without_an_input_there_are_no_outputs_and_costs() -> None:
    told = viz.summary(nn.BatchNorm1d(3))
    assert told.inputs is None and told.multiply_adds is None and told.output_bytes is None
    text = told.to_text("utf-8")
    assert "multiply-adds" not in text and "output" not in text
    assert "buffers" in text and isinstance(told, Summary)


def test_a_row_is_found_by_its_path() -> None:
    with pytest.raises(KeyError, match='"", 0, 1, 2'):
        viz.summary(mlp()).row("fc1")


def test_bytes_are_said_in_three_digits() -> None:
    assert [bytes_text(n) for n in (0, 999, 1000, 1_999_999, 10**13)] == [
        "0 B", "999 B", "1 kB", "2 MB", "10 TB",
    ]  # fmt: skip


def test_a_module_that_is_called_with_nothing_is_named_so() -> None:
    class Lost(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.Linear(2, 2)

        def forward(self, x: Any) -> Any:
            return self.inner(None)

    with pytest.raises(TypeError) as caught:
        viz.summary(Lost(), (1, 2))
    assert caught.value.__notes__ == ["summary() ran inner on no Tensor."]
