"""The reverse pass: sums over uses, broadcasting, memory of its own, and failures that change nothing."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, mutually_broadcastable_shapes

from autograd import GraphError, ShapeError, Tensor, is_grad_enabled, no_grad, op, ops
from autograd.op import REGISTRY
from autograd.shapes import sum_to_shape
from tests.samples import Sample, all_samples

SHAPES: list[tuple[int, ...]] = [(), (1,), (3,), (2, 3), (1, 3), (2, 1), (1, 1, 3), (4, 2, 3)]
EMPTY: list[tuple[int, ...]] = [(), (1,), (3,), (0, 3), (1, 3), (1, 1, 3), (0, 1), (0,)]


def leaf(value: Any, dtype: str = "float64") -> Tensor:
    return Tensor(np.asarray(value, dtype), requires_grad=True)


def is_compatible(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    try:
        np.broadcast_shapes(first, second)
    except ValueError:
        return False
    return True


PAIRS = sorted(
    {pair for s in (SHAPES, EMPTY) for pair in itertools.product(s, s) if is_compatible(*pair)}
)


def gradient_of(function: Any, *values: Any) -> list[np.ndarray]:
    """The gradients of Σ function(leaves), weighted so that no two elements are alike."""
    leaves = [leaf(v) for v in values]
    y = function(*leaves)
    y.backward(np.arange(1.0, y.data.size + 1).reshape(y.shape))
    return [x.grad.data for x in leaves]


# One tensor used more than once


def test_a_sum_of_sums_of_one_leaf_gives_four() -> None:
    a = leaf(1.0)
    b = a + a
    c = b + b
    c.backward()
    assert a.grad.item() == 4.0


def test_a_tensor_times_itself_has_twice_itself_as_gradient() -> None:
    (g,) = gradient_of(lambda x: x * x, [1.0, -2.0, 3.0])
    np.testing.assert_array_equal(g, [2.0, -8.0, 18.0])


def test_a_tensor_minus_itself_has_gradient_zero() -> None:
    (g,) = gradient_of(lambda x: x - x, [1.0, -2.0, 3.0])
    np.testing.assert_array_equal(g, [0.0, 0.0, 0.0])


def test_a_matrix_times_itself_adds_the_gradients_of_both_places() -> None:
    x = np.arange(4.0).reshape(2, 2)
    seed = np.arange(1.0, 5.0).reshape(2, 2)
    (g,) = gradient_of(lambda t: t @ t, x)
    np.testing.assert_array_equal(g, seed @ x.T + x.T @ seed)


def test_a_tensor_joined_to_itself_adds_the_gradients_of_both_parts() -> None:
    (g,) = gradient_of(lambda x: ops.concatenate([x, x]), [5.0, 6.0])
    np.testing.assert_array_equal(g, [1.0 + 3.0, 2.0 + 4.0])


def test_choosing_between_a_tensor_and_itself_gives_the_whole_gradient() -> None:
    condition = np.array([True, False, True])
    (g,) = gradient_of(lambda x: ops.where(condition, x, x), [5.0, 6.0, 7.0])
    np.testing.assert_array_equal(g, [1.0, 2.0, 3.0])


def test_a_tensor_used_many_times_adds_every_use() -> None:
    x = leaf([1.0, 2.0])
    total = x * 0
    for factor in range(1, 11):
        total = total + x * factor
    total.sum().backward()
    np.testing.assert_array_equal(x.grad.data, [55.0, 55.0])


def test_gradients_of_two_passes_add_up() -> None:
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    (x * 3).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [5.0, 7.0])


# Broadcasting


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("function", [ops.add, ops.sub, ops.mul, ops.div], ids=lambda f: f.name)
@pytest.mark.parametrize(("first", "second"), PAIRS, ids=str)
def test_every_broadcasting_pair_gives_gradients_of_the_inputs_shape_and_dtype(
    first: tuple[int, ...], second: tuple[int, ...], function: Any, dtype: str
) -> None:
    rng = np.random.default_rng(0)
    x, y = (leaf(rng.uniform(1, 2, size=shape), dtype) for shape in (first, second))
    z = function(x, y)
    assert type(z.data) is np.ndarray
    z.backward(np.ones(z.shape, dtype))
    for t in (x, y):
        assert type(t.grad.data) is np.ndarray
        assert (t.grad.shape, t.grad.dtype) == (t.shape, t.dtype)
    ones = np.ones(z.shape)
    slopes = {"add": (1, 1), "sub": (1, -1), "mul": (y.data, x.data)}
    slopes["div"] = (1 / y.data, -z.data / y.data)
    for t, slope in zip((x, y), slopes[function.name], strict=True):
        expected = sum_to_shape(np.asarray(ones * slope, "float64"), t.shape)
        np.testing.assert_allclose(t.grad.data, expected, rtol=2e-2 if dtype == "float16" else 1e-5)


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=str)
def test_broadcasting_gives_arrays_also_through_create_graph(
    first: tuple[int, ...], second: tuple[int, ...]
) -> None:
    x, y = leaf(np.full(first, 2.0)), leaf(np.full(second, 3.0))
    z = x * y
    z.backward(np.ones(z.shape), create_graph=True)
    for t in (x, y):
        assert type(t.grad.data) is np.ndarray
        assert (t.grad.shape, t.grad.dtype) == (t.shape, t.dtype)


def test_three_broadcast_inputs_each_get_their_own_shape() -> None:
    condition = np.array([[True], [False]])
    x, y = leaf(1.0), leaf(np.ones((1, 1, 3)))
    z = ops.where(condition, x, y)
    z.sum().backward()
    assert z.shape == (1, 2, 3)
    assert x.grad.item() == 3.0
    np.testing.assert_array_equal(y.grad.data, np.ones((1, 1, 3)))


@given(mutually_broadcastable_shapes(num_shapes=1, max_dims=4, max_side=4), st.data())
@settings(max_examples=60, deadline=None)
def test_sum_to_shape_is_the_adjoint_of_broadcast_to(shapes: Any, data: Any) -> None:
    """⟨broadcast(x), g⟩ = ⟨x, sum_to_shape(g)⟩ for every x and g: exact, for they are integers."""
    (shape,), target = shapes
    whole = st.integers(-9, 9).map(float)
    extra = data.draw(st.lists(st.integers(1, 3), max_size=2).map(tuple))
    target = (*extra, *np.broadcast_shapes(shape, target))
    x, g = (
        data.draw(arrays("float64", shape, elements=whole)),
        data.draw(arrays("float64", target, elements=whole)),
    )
    summed = sum_to_shape(g, shape)
    assert summed.shape == shape
    assert (np.broadcast_to(x, target) * g).sum() == (x * summed).sum()


LINEAR = [
    Sample("mul", (np.array([1.5, -2.0]), np.array([[0.5], [3.0]]))),
    *(s for s in all_samples() if REGISTRY[s.op].is_differentiable),
]


def pulled(sample: Sample, g: list[np.ndarray]) -> list[np.ndarray]:
    """The gradients of the sample's floating inputs for the upstream gradients g."""
    operation = REGISTRY[sample.op]
    inputs: list[Any] = []
    for i, x in enumerate(sample.inputs):
        is_smooth = operation.is_starred or operation.inputs[i] in operation.rules
        is_variable = is_smooth and isinstance(x, np.ndarray) and x.dtype.kind == "f"
        inputs.append(leaf(x) if is_variable else x)
    z = operation(*inputs, **sample.settings)
    outputs = [o for o in (z if isinstance(z, tuple) else (z,)) if o.requires_grad]
    from autograd import grad

    leaves = [x for x in inputs if isinstance(x, Tensor)]
    seeds = [np.resize(a, o.shape) for a, o in zip(itertools.cycle(g), outputs, strict=False)]
    return [f.data for f in grad(outputs, leaves, seeds, allow_unused=True) if f is not None]


@given(st.sampled_from(LINEAR), st.integers(0, 2**16), st.sampled_from([-2.0, 0.5, 4.0]))
@settings(max_examples=150, deadline=None)
def test_rules_are_linear_in_the_upstream_gradient(
    sample: Sample, seed: int, factor: float
) -> None:
    first, second = np.random.default_rng(seed).standard_normal((2, 97))
    both = pulled(sample, [first + factor * second])
    for a, b, sum_ in zip(pulled(sample, [first]), pulled(sample, [second]), both, strict=True):
        np.testing.assert_allclose(sum_, a + factor * b, rtol=1e-6, atol=1e-9)


# Memory of its own


def shared(arrays_: list[np.ndarray]) -> list[tuple[int, int]]:
    pairs = itertools.combinations(range(len(arrays_)), 2)
    return [(i, j) for i, j in pairs if np.shares_memory(arrays_[i], arrays_[j])]


COPIES = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "add twice": lambda a, b: (a + b) + a,
    "reshape": lambda a, b: (a + b).reshape(3, 2),
    "transpose": lambda a, b: ops.transpose(a) + ops.transpose(b),
    "sum": lambda a, b: a.sum() + b.sum(),
    "broadcast_to": lambda a, b: ops.broadcast_to(a, (2, 2, 3)) + b,
    "getitem": lambda a, b: a[0] + b[1],
    "concatenate": lambda a, b: ops.concatenate([a, b]),
    "stack": lambda a, b: ops.stack([a, b]),
    "where": lambda a, b: ops.where(True, a, b),
    "mul": lambda a, b: a * b,
    "copy": lambda a, b: a.copy() + b.copy(),
    "astype": lambda a, b: a.astype("float64") + b,
}


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("name", COPIES)
def test_gradients_share_no_memory_and_can_be_written(name: str, create_graph: bool) -> None:
    a, b = leaf(np.ones((2, 3))), leaf(np.full((2, 3), 2.0))
    z = COPIES[name](a, b)
    seed = np.ones(z.shape)
    z.backward(seed, create_graph=create_graph)
    found = [a.grad.data, b.grad.data]
    assert shared([*found, seed, a.data, b.data, z.data]) == []
    for g in found:
        assert g.flags.writeable
        g[...] = 7.0
    assert (seed == 1).all()


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_seed_given_as_tensor_is_not_the_gradient(create_graph: bool) -> None:
    x, seed = leaf([1.0, 2.0]), Tensor([3.0, 4.0], dtype="float64")
    x.backward(seed, create_graph=create_graph)
    np.testing.assert_array_equal(x.grad.data, [3.0, 4.0])
    assert not np.shares_memory(x.grad.data, seed.data)


def test_a_gradient_seen_by_a_hook_is_not_that_of_the_leaf() -> None:
    seen: list[Tensor] = []
    x = leaf([1.0, 2.0])
    x.register_hook(seen.append)
    (x * 2).sum().backward()
    assert not np.shares_memory(seen[0].data, x.grad.data)


def test_retained_gradients_of_inner_tensors_are_their_own() -> None:
    x = leaf([1.0, 2.0])
    y = x + 1.0
    z = y + 2.0
    y.retain_grad()
    z.retain_grad()
    z.backward(np.ones(2))
    assert shared([x.grad.data, y.grad.data, z.grad.data]) == []


def test_a_later_pass_leaves_an_earlier_gradient_as_it_was() -> None:
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    before = x.grad
    (x * x).sum().backward()
    np.testing.assert_array_equal(before.data, [2.0, 4.0])
    np.testing.assert_array_equal(x.grad.data, [4.0, 8.0])


def test_a_rule_that_gives_its_kept_array_does_not_give_it_away() -> None:
    @op("id'")
    def own_input(xp: Any, x: Any) -> Any:
        return x * x / 2

    own_input.vjp(x=("∂z/∂x = x", lambda x: x))
    x = leaf([1.0, 2.0])
    own_input(x).sum().backward()
    assert not np.shares_memory(x.grad.data, x.data)


# Recorded or not, the same numbers


@pytest.mark.parametrize("sample", [s for s in LINEAR if s.op in REGISTRY], ids=str)
def test_first_gradients_are_the_same_bits_with_and_without_create_graph(sample: Sample) -> None:
    operation = REGISTRY[sample.op]

    def gradients(create_graph: bool) -> list[np.ndarray | None]:
        inputs: list[Any] = []
        for i, x in enumerate(sample.inputs):
            is_smooth = operation.is_starred or operation.inputs[i] in operation.rules
            is_variable = is_smooth and isinstance(x, np.ndarray) and x.dtype.kind == "f"
            inputs.append(Tensor(x.astype("float32"), is_variable) if is_variable else x)
        z = operation(*inputs, **sample.settings)
        outputs = [o for o in (z if isinstance(z, tuple) else (z,)) if o.requires_grad]
        total = outputs[0].sum()
        for o in outputs[1:]:
            total = total + (o * o).sum()
        (total * total).backward(create_graph=create_graph)
        leaves = [x for x in inputs if isinstance(x, Tensor)]
        return [None if x.grad is None else x.grad.data for x in leaves]

    for plain, recorded in zip(gradients(False), gradients(True), strict=True):
        assert (plain is None) == (recorded is None)
        if plain is not None:
            assert plain.dtype == recorded.dtype == np.float32
            assert plain.tobytes() == recorded.tobytes()


def test_names_and_scopes_change_no_number() -> None:
    from autograd import scope

    def gradient(is_labelled: bool) -> bytes:
        x = leaf(np.linspace(-1, 1, 7))
        if is_labelled:
            x.name = "x"
            with scope("layer"):
                y = ops.tanh(x * 3)
            y.name = "hidden"
        else:
            y = ops.tanh(x * 3)
        (y * x).sum().backward()
        return x.grad.data.tobytes()

    assert gradient(True) == gradient(False)


# Several outputs


@op("±", outputs=("plus", "minus", "whole"))
def sums(xp: Any, x: Any, y: Any) -> Any:
    """x + y, x − y, and ⌊x⌋ as integers."""
    return x + y, x - y, xp.floor(x).astype("int64")


sums.vjp(
    x=("dx = g0 + g1", lambda g: g[0] + g[1]),
    y=("dy = g0 − g1", lambda g: g[0] - g[1]),
)


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(("used", "dx", "dy"), [((0,), 1, 1), ((1,), 1, -1), ((0, 1), 2, 0)])
def test_outputs_that_nobody_uses_count_as_zeros(
    used: tuple[int, ...], dx: float, dy: float, create_graph: bool
) -> None:
    x, y = leaf([1.5, 2.5]), leaf([1.0, 2.0])
    outputs = sums(x, y)
    chosen = [outputs[i].sum() for i in used]
    del outputs
    total = chosen[0] if len(chosen) == 1 else chosen[0] + chosen[1]
    total.backward(create_graph=create_graph)
    np.testing.assert_array_equal(x.grad.data, [dx, dx])
    np.testing.assert_array_equal(y.grad.data, [dy, dy])


def test_an_output_used_twice_adds_both_uses() -> None:
    x, y = leaf([1.5, 2.5]), leaf([1.0, 2.0])
    plus, _, _ = sums(x, y)
    (plus * plus).sum().backward()
    np.testing.assert_array_equal(x.grad.data, 2 * (x.data + y.data))


def test_an_integer_output_is_not_tracked() -> None:
    _, _, whole = sums(leaf([1.5]), leaf([1.0]))
    assert not whole.requires_grad
    np.testing.assert_array_equal(whole.data, [1])


def test_outputs_of_a_sort_can_be_dropped() -> None:
    x = leaf([3.0, 1.0, 2.0])
    ops.topk(x, 2)[0].sum().backward()
    np.testing.assert_array_equal(x.grad.data, [1.0, 0.0, 1.0])


# A second pass


def test_a_second_pass_without_retain_graph_names_the_operation_and_its_line() -> None:
    x = leaf([1.0, 2.0])
    y = x * x
    y.backward(np.ones(2))
    line = y.node.where[0].co_firstlineno + 2
    message = (
        rf"^backward\(\) through 'mul' \(test_backward\.py:{line}\): its kept arrays were freed by "
        r"an earlier backward\(\)\. Pass retain_graph=True to the first call\.$"
    )
    with pytest.raises(GraphError, match=message):
        y.backward(np.ones(2))
    np.testing.assert_array_equal(x.grad.data, [2.0, 4.0])


def test_a_shared_part_walked_by_another_output_is_spent_too() -> None:
    x = leaf([1.0, 2.0])
    common = x * x
    first, second = common.sum(), (common * 2).sum()
    first.backward()
    with pytest.raises(GraphError, match="through 'mul'"):
        second.backward()
    np.testing.assert_array_equal(x.grad.data, [2.0, 4.0])


@pytest.mark.parametrize("create_graph", [False, True])
def test_with_retain_graph_a_second_pass_adds_the_same_gradient(create_graph: bool) -> None:
    x = leaf(np.arange(100.0))
    y = (x * x * x).sum()
    y.backward(retain_graph=True, create_graph=create_graph)
    first = x.grad.data.copy()
    y.backward()
    np.testing.assert_array_equal(first, 3 * x.data**2)
    np.testing.assert_array_equal(x.grad.data, 2 * first)


def test_three_passes_over_a_power_give_three_times_the_gradient() -> None:
    x = leaf(2.0)
    y = x**4
    for _ in range(2):
        y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 96.0


# Seeds


def test_backward_from_several_numbers_asks_for_a_gradient() -> None:
    with pytest.raises(GraphError, match=r"output of shape \(2,\).*\.sum\(\) or \.mean\(\)"):
        (leaf([1.0, 2.0]) * 2).backward()


def test_a_gradient_of_another_shape_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"gradient is \(3,\) but the output is \(2,\)"):
        (leaf([1.0, 2.0]) * 2).backward(np.ones(3))


def test_backward_from_an_untracked_tensor_says_how_to_track_it() -> None:
    with pytest.raises(GraphError, match="requires_grad=True"):
        Tensor(1.0).backward()


def test_backward_through_an_operation_without_gradient_names_it_and_its_line() -> None:
    y = ops.floor(leaf(1.5))
    with pytest.raises(GraphError, match=r"'floor' \(test_backward\.py:\d+\), which has no"):
        y.backward()


def test_the_seed_takes_the_dtype_of_the_output() -> None:
    x = leaf([1.0, 2.0], "float32")
    (x * 2).backward(np.ones(2, "float64"))
    assert x.grad.dtype == np.float32


def test_a_leaf_can_be_its_own_output() -> None:
    x = leaf(3.0)
    x.backward()
    assert x.grad.item() == 1.0


def test_backward_works_under_no_grad() -> None:
    x = leaf(3.0)
    y = x * x
    with no_grad():
        y.backward()
    assert x.grad.item() == 6.0
    assert not x.grad.requires_grad


# Failure


class Overheated(Exception):
    """An exception that only a user's rule would raise."""


@op("fail")
def failing(xp: Any, x: Any) -> Any:
    """x, with a rule that raises."""
    return x * 1


def _fail(g: Any) -> Any:
    raise Overheated("no gradient today")


failing.vjp(x=("∂z/∂x = 1", _fail))


@pytest.mark.parametrize("create_graph", [False, True])
def test_an_error_in_a_rule_changes_no_gradient_and_keeps_its_type(create_graph: bool) -> None:
    before, after = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    after.grad = kept = Tensor([9.0, 9.0], dtype="float64")
    y = (failing(before * 2) * after).sum()
    with pytest.raises(Overheated) as caught:
        y.backward(create_graph=create_graph)
    assert before.grad is None
    assert after.grad is kept
    np.testing.assert_array_equal(kept.data, [9.0, 9.0])
    assert str(caught.value) == "no gradient today"


@pytest.mark.parametrize("create_graph", [False, True])
def test_an_error_in_a_rule_gains_the_operation_shapes_and_line(create_graph: bool) -> None:
    y = failing(leaf(np.ones((2, 3))))
    line = y.node.where[0].co_firstlineno + 2
    with pytest.raises(Overheated) as caught:
        y.backward(np.ones((2, 3)), create_graph=create_graph)
    (note,) = caught.value.__notes__
    assert note == (
        f"in backward of 'failing' (test_backward.py:{line}): inputs (2, 3), output (2, 3)"
    )


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("is_recording", [False, True])
def test_an_error_in_a_rule_restores_the_modes(is_recording: bool, create_graph: bool) -> None:
    from autograd import enable_grad
    from autograd.mode import local

    y, before = failing(leaf(1.0)), np.geterr()
    with enable_grad() if is_recording else no_grad():
        with pytest.raises(Overheated):
            y.backward(create_graph=create_graph)
        assert is_grad_enabled() is is_recording
    assert local.mode.origin is None
    assert np.geterr() == before


def test_the_pass_can_be_run_again_after_a_failed_one_with_retain_graph() -> None:
    x = leaf(2.0)
    calls: list[int] = []

    def once(g: Tensor) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise Overheated

    y = x * x
    x.register_hook(once)
    with pytest.raises(Overheated):
        y.backward(retain_graph=True)
    assert x.grad is None
    y.backward()
    assert x.grad.item() == 4.0


def test_a_rule_whose_gradient_has_a_wrong_shape_is_named() -> None:
    @op("bad")
    def misshapen(xp: Any, x: Any) -> Any:
        return x * 1

    misshapen.vjp(x=("∂z/∂x = 1", lambda xp, g: xp.concatenate([g, g])))
    x = leaf([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"'misshapen' gave .* \(4,\) for an input of .* \(2,\)"):
        misshapen(x).backward(np.ones(2))
    assert x.grad is None


def test_a_joint_rule_that_forgets_an_input_is_refused() -> None:
    @op("two")
    def paired(xp: Any, x: Any, y: Any) -> Any:
        return x + y

    paired.vjp_all(lambda g: (g,), x="∂z/∂x = 1", y="∂z/∂y = 1")
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    with pytest.raises(ValueError, match="argument"):
        paired(x, y).backward(np.ones(2))
    assert x.grad is None
    assert y.grad is None


def test_a_rule_may_give_a_number_or_a_smaller_array() -> None:
    @op("k")
    def constant_slope(xp: Any, x: Any) -> Any:
        return x * 2

    constant_slope.vjp(x=("∂z/∂x = 2", lambda g: 2))
    x = leaf(np.ones((2, 3)), "float32")
    constant_slope(x).backward(np.ones((2, 3)))
    assert type(x.grad.data) is np.ndarray
    assert x.grad.dtype == np.float32
    np.testing.assert_array_equal(x.grad.data, np.full((2, 3), 2.0))


def test_a_rule_runs_only_for_an_input_that_needs_it() -> None:
    asked: list[str] = []

    @op("seen")
    def observed(xp: Any, x: Any, y: Any) -> Any:
        return x * y

    def rule(name: str, slope: Any) -> Any:
        asked.append(name)
        return slope

    observed.vjp(
        x=("∂z/∂x = y", lambda g, y: rule("x", g * y)),
        y=("∂z/∂y = x", lambda g, x: rule("y", g * x)),
    )
    x = leaf(2.0)
    observed(x, Tensor(3.0, dtype="float64")).backward()
    assert asked == ["x"]
    assert x.grad.item() == 3.0
