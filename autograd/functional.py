"""Derivatives of functions: products with Jacobians and Hessians, and the matrices themselves.

Each takes a function of Tensors and the point at which to differentiate, leaves `.grad` alone, and
returns Tensors. What the function does not depend on has zeros. With create_graph the results can
be differentiated again. A tuple or list of inputs or outputs gives a tuple of results.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd import backend, ops
from autograd.differentiate import grad
from autograd.errors import GraphError, ShapeError
from autograd.graph import ancestors_since, next_number
from autograd.mode import enable_grad, is_grad_enabled
from autograd.promote import wrap
from autograd.tensor import Tensor, as_tensor

Inputs = Tensor | Sequence[Tensor]


def value_and_grad(
    function: Callable[..., Tensor], argnums: int | Sequence[int] = 0
) -> Callable[..., Any]:
    """A function that returns (function(*args), ∂function/∂args[argnums]) in one pass.

    function returns a single number. argnums: one position, or several for a tuple of gradients.
    Both results can be differentiated where recording is on and they depend on a tracked tensor
    from outside, so that value_and_grad composes with itself; else they are constants.
    Raises GraphError if function's result is not a single number.
    """
    positions = [argnums] if isinstance(argnums, int) else list(argnums)

    def with_gradient(*args: Any, **kwargs: Any) -> Any:
        values, start, keep = list(args), next_number(), is_grad_enabled()
        for i in positions:
            if not -len(values) <= i < len(values):
                raise IndexError(f"value_and_grad: argnums has {i}, but {len(values)} are given.")
            values[i] = _variable(values[i], keep)
        with enable_grad():
            value = function(*values, **kwargs)
        _require_number(value, "value_and_grad")
        create_graph = keep and _reaches_outside(value, start)
        found = tuple(
            _pull([value], [values[i] for i in positions], None, create_graph=create_graph)
        )
        return _packed(value, create_graph), found[0] if isinstance(argnums, int) else found

    return with_gradient


def vjp(
    function: Callable[..., Any], inputs: Inputs, v: Any = None, create_graph: bool = False
) -> tuple[Any, Any]:
    """(function(*inputs), vᵀ·J): the Jacobian from the left, by one reverse pass.

    v: of the output's shape, one for each output; may be left out for a single number.
    create_graph: needed also within another function of this module, as in
    jacobian(lambda x: vjp(f, x, v, create_graph=True)[1], x); without it the results are constants.
    Raises ShapeError if v does not fit.
    """
    xs, outputs = _run(function, inputs, create_graph, "vjp")
    vs = None if v is None else _one_each(v, outputs, "vjp", "outputs")
    found = _pull(_listed(outputs), xs, vs, create_graph=create_graph)
    return _packed(outputs, create_graph), _like(inputs, found)


def jvp(
    function: Callable[..., Any], inputs: Inputs, v: Any, create_graph: bool = False
) -> tuple[Any, Any]:
    """(function(*inputs), J·v): the Jacobian from the right.

    vᵀ·J is linear in the upstream gradient u, so its derivative with respect to u, towards v, is
    J·v: two reverse passes. v: one tensor of each input's shape. Raises ShapeError if a v does not
    fit its input.
    """
    xs, outputs = _run(function, inputs, True, "jvp")
    vs = _directions(v, inputs, xs, "jvp")
    outs = _listed(outputs)
    us = [_zeros_like(y).requires_grad_() for y in outs]
    rows = _pull(outs, xs, us, create_graph=True)
    return _packed(outputs, create_graph), _like(
        outputs, _pull(rows, us, vs, create_graph=create_graph)
    )


def jacobian(function: Callable[..., Tensor], inputs: Inputs, create_graph: bool = False) -> Any:
    """∂function/∂inputs, of shape (*output.shape, *input.shape).

    One reverse pass for each element of the output. Raises GraphError if function returns several.
    """
    xs, output = _run(function, inputs, create_graph, "jacobian")
    if not isinstance(output, Tensor):
        raise GraphError(
            "jacobian: the function must return one Tensor. Concatenate several, or call vjp for "
            "each."
        )
    rows = []
    for i in range(output._data.size):
        one = _zeros_like(output)._data.reshape(-1)
        one[i] = 1
        seed = wrap(one.reshape(output.shape))
        rows.append(_pull([output], xs, [seed], retain_graph=True, create_graph=create_graph))
    return _like(inputs, [_matrix([row[k] for row in rows], output, x) for k, x in enumerate(xs)])


def _matrix(rows: list[Tensor], output: Tensor, x: Tensor) -> Tensor:
    shape = (*output.shape, *x.shape)
    if not rows:
        return wrap(backend.module_of(x._data).zeros(shape, x.dtype))
    return ops.stack(rows).reshape(shape)


def hessian(function: Callable[..., Tensor], inputs: Inputs, create_graph: bool = False) -> Any:
    """∂²function/∂inputs², of shape (*input.shape, *input.shape); nested tuples for several inputs.

    function returns a single number. Raises GraphError if it does not.
    """

    def gradient(*xs: Tensor) -> list[Tensor]:
        value = function(*xs)
        _require_number(value, "hessian")
        return _pull([value], list(xs), None, create_graph=True)

    if not isinstance(inputs, (tuple, list)):
        return jacobian(lambda x: gradient(x)[0], inputs, create_graph)
    return tuple(
        jacobian(lambda *xs, i=i: gradient(*xs)[i], inputs, create_graph)
        for i in range(len(inputs))
    )


def hvp(
    function: Callable[..., Tensor], inputs: Inputs, v: Any, create_graph: bool = False
) -> tuple[Tensor, Any]:
    """(function(*inputs), H·v) without building H: the gradient of the gradient's product with v.

    v: one tensor of each input's shape. Raises GraphError if function does not return a single
    number. Source: Pearlmutter, Fast Exact Multiplication by the Hessian (1994).
    """
    xs, output = _run(function, inputs, True, "hvp")
    _require_number(output, "hvp")
    vs = _directions(v, inputs, xs, "hvp")
    first = _pull([output], xs, None, create_graph=True)
    second = _pull(first, xs, vs, create_graph=create_graph)
    return _packed(output, create_graph), _like(inputs, second)


def _pull(outputs: list[Tensor], xs: list[Tensor], vs: Any, **options: bool) -> list[Tensor]:
    """Σ vᵀ·∂output/∂x for each x, where an output that depends on nothing counts as constant."""
    given = [None] * len(outputs) if vs is None else vs
    live = [(y, v) for y, v in zip(outputs, given, strict=True) if y.requires_grad]
    if not live:
        return [_zeros_like(x) for x in xs]
    found = grad([y for y, _ in live], xs, [v for _, v in live], allow_unused=True, **options)
    return [_zeros_like(x) if g is None else g for g, x in zip(found, xs, strict=True)]


def _variable(x: Any, keep: bool) -> Tensor:
    """A fresh leaf with x's value, so that the caller's graph is left alone; with keep, one that
    stays connected to it if x is tracked."""
    if keep and isinstance(x, Tensor) and x.requires_grad:
        return ops.copy(x)
    return as_tensor(x).detach().requires_grad_()


def _reaches_outside(value: Tensor, start: int) -> bool:
    """Whether value depends on a tracked tensor that was there before start."""
    if value.node is None or not value.requires_grad:
        return False
    return any(n.tracked and n.number <= start for n in ancestors_since([value.node], start))


def _run(
    function: Callable[..., Any], inputs: Inputs, keep: bool, what: str
) -> tuple[list[Tensor], Any]:
    """The variables and function's outputs at them.

    With keep, tracked inputs stay connected to the caller's graph.
    """
    keep = keep and is_grad_enabled()
    xs = [_variable(x, keep) for x in _listed(inputs)]
    with enable_grad():
        outputs = function(*xs)
    for y in _listed(outputs):
        if not isinstance(y, Tensor):
            raise GraphError(f"{what}: the function returned a {type(y).__name__}, not a Tensor.")
    return xs, tuple(outputs) if isinstance(outputs, list) else outputs


def _require_number(value: Any, what: str) -> None:
    if not isinstance(value, Tensor) or value.size != 1:
        got = f"shape {value.shape}" if isinstance(value, Tensor) else f"a {type(value).__name__}"
        raise GraphError(
            f"{what}: the function must return a single number as a Tensor, not {got}. Reduce it "
            "with .sum() or .mean(), or use jacobian."
        )


def _one_each(v: Any, values: Any, what: str, kind: str) -> list[Any]:
    """v as a list with one for each of values: the tuple given for a tuple, itself for one."""
    if not isinstance(values, (tuple, list)):
        return [v]
    if not isinstance(v, (tuple, list)) or len(v) != len(values):
        got = f"{len(v)} are" if isinstance(v, (tuple, list)) else f"a {type(v).__name__} is"
        raise ShapeError(
            f"{what}: {len(values)} {kind} need a tuple of as many v, but {got} given."
        )
    return list(v)


def _directions(v: Any, inputs: Any, xs: list[Tensor], what: str) -> list[Tensor]:
    vs = [as_tensor(one) for one in _one_each(v, inputs, what, "inputs")]
    for x, direction in zip(xs, vs, strict=True):
        if direction.shape != x.shape:
            raise ShapeError(
                f"{what}: v is {direction.shape} but its input is {x.shape}; they must be equal."
            )
    return vs


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, (tuple, list)) else [values]


def _packed(outputs: Any, create_graph: bool) -> Any:
    if create_graph:
        return outputs
    return tuple(y.detach() for y in outputs) if isinstance(outputs, tuple) else outputs.detach()


def _like(inputs: Any, results: list[Any]) -> Any:
    return tuple(results) if isinstance(inputs, (tuple, list)) else results[0]


def _zeros_like(x: Tensor) -> Tensor:
    return wrap(backend.module_of(x._data).zeros(x.shape, x.dtype))
