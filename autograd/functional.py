"""Derivatives of functions: products with Jacobians and Hessians, and the matrices themselves.

Each takes a function of Tensors and the point at which to differentiate, leaves `.grad` alone, and
returns Tensors. With create_graph the results can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd import backend, ops
from autograd.differentiate import grad
from autograd.errors import GraphError, ShapeError
from autograd.mode import enable_grad
from autograd.promote import wrap
from autograd.tensor import Tensor

Inputs = Tensor | Sequence[Tensor]


def value_and_grad(
    function: Callable[..., Tensor], argnums: int | Sequence[int] = 0
) -> Callable[..., Any]:
    """A function that returns (function(*args), ∂function/∂args[argnums]) in one pass.

    function returns a single number. argnums: one position, or several for a tuple of gradients.
    Raises GraphError if function's result is not a single number.
    """
    several = not isinstance(argnums, int)
    positions = list(argnums) if not isinstance(argnums, int) else [argnums]

    def with_gradient(*args: Any, **kwargs: Any) -> Any:
        values = list(args)
        for i in positions:
            values[i] = _variable(values[i])
        with enable_grad():
            value = function(*values, **kwargs)
        gradients = grad(value, [values[i] for i in positions], allow_unused=True)
        filled = tuple(_or_zeros(g, values[i]) for g, i in zip(gradients, positions, strict=True))
        return value.detach(), filled if several else filled[0]

    return with_gradient


def vjp(
    function: Callable[..., Any], inputs: Inputs, v: Any = None, create_graph: bool = False
) -> tuple[Any, Any]:
    """(function(*inputs), vᵀ·J): the Jacobian from the left, by one reverse pass.

    v: of the output's shape; may be left out for a single number. Raises ShapeError if v does not
    fit.
    """
    xs, outputs = _run(function, inputs, create_graph)
    vs = None if v is None else list(v) if isinstance(outputs, tuple) else [v]
    outs = list(outputs) if isinstance(outputs, tuple) else [outputs]
    gradients = grad(outs, xs, vs, create_graph=create_graph, allow_unused=True)
    return _packed(outputs, create_graph), _like(
        inputs, [_or_zeros(g, x) for g, x in zip(gradients, xs, strict=True)]
    )


def jvp(
    function: Callable[..., Any], inputs: Inputs, v: Any, create_graph: bool = False
) -> tuple[Any, Any]:
    """(function(*inputs), J·v): the Jacobian from the right.

    vᵀ·J is linear in the upstream gradient u, so its derivative with respect to u, towards v, is
    J·v: two reverse passes.
    v: one tensor of each input's shape. Raises ShapeError if a v does not fit its input.
    """
    vs = [v] if isinstance(inputs, Tensor) else list(v)
    xs, outputs = _run(function, inputs, True)
    for x, direction in zip(xs, vs, strict=True):
        if tuple(direction.shape) != x.shape:
            raise ShapeError(
                f"jvp: v is {tuple(direction.shape)} but its input is {x.shape}; they must be "
                f"equal."
            )
    outs = list(outputs) if isinstance(outputs, tuple) else [outputs]
    us = [wrap(y._data * 0).requires_grad_() for y in outs]
    gradients = grad(outs, xs, us, create_graph=True, allow_unused=True)
    live = [(g, d) for g, d in zip(gradients, vs, strict=True) if g is not None]
    products = (
        grad(
            [g for g, _ in live],
            us,
            [d for _, d in live],
            create_graph=create_graph,
            allow_unused=True,
        )
        if live
        else [None] * len(us)
    )
    results = [_or_zeros(p, y) for p, y in zip(products, outs, strict=True)]
    return _packed(outputs, create_graph), tuple(results) if isinstance(
        outputs, tuple
    ) else results[0]


def jacobian(function: Callable[..., Tensor], inputs: Inputs, create_graph: bool = False) -> Any:
    """∂function/∂inputs, of shape (*output.shape, *input.shape); a tuple if inputs is a sequence.

    One reverse pass for each element of the output.
    """
    xs, output = _run(function, inputs, create_graph)
    if not isinstance(output, Tensor):
        raise GraphError(
            "jacobian: the function must return one Tensor. Concatenate several, or call vjp for "
            "each."
        )
    rows = []
    for i in range(output._data.size):
        one = output._data.ravel() * 0
        one[i] = 1
        seed = wrap(one.reshape(output.shape))
        found = grad(
            output, xs, seed, retain_graph=True, create_graph=create_graph, allow_unused=True
        )
        rows.append([_or_zeros(g, x) for g, x in zip(found, xs, strict=True)])
    matrices = [
        ops.stack([row[k] for row in rows]).reshape((*output.shape, *x.shape))
        if rows
        else wrap(backend.module_of(x._data).zeros((*output.shape, *x.shape), output.dtype))
        for k, x in enumerate(xs)
    ]
    return _like(inputs, matrices)


def hessian(function: Callable[..., Tensor], inputs: Inputs, create_graph: bool = False) -> Any:
    """∂²function/∂inputs², of shape (*input.shape, *input.shape); nested tuples if inputs is a
    sequence.

    function returns a single number. Raises GraphError if it does not.
    """
    if isinstance(inputs, Tensor):
        return jacobian(lambda x: _gradient(function, [x])[0], inputs, create_graph)
    count = len(inputs)
    return tuple(
        jacobian(lambda *xs, i=i: _gradient(function, list(xs))[i], inputs, create_graph)
        for i in range(count)
    )


def hvp(
    function: Callable[..., Tensor], inputs: Inputs, v: Any, create_graph: bool = False
) -> tuple[Tensor, Any]:
    """(function(*inputs), H·v) without building H: the gradient of the gradient's product with v
    (Pearlmutter 1994)."""
    vs = [v] if isinstance(inputs, Tensor) else list(v)
    xs, output = _run(function, inputs, True)
    first = grad(output, xs, create_graph=True, allow_unused=True)
    live = [(g, d) for g, d in zip(first, vs, strict=True) if g is not None and g.requires_grad]
    second = (
        grad(
            [g for g, _ in live],
            xs,
            [d for _, d in live],
            create_graph=create_graph,
            allow_unused=True,
        )
        if live
        else [None] * len(xs)
    )
    return _packed(output, create_graph), _like(
        inputs, [_or_zeros(s, x) for s, x in zip(second, xs, strict=True)]
    )


def _gradient(function: Callable[..., Tensor], xs: list[Tensor]) -> list[Tensor]:
    found = grad(function(*xs), xs, create_graph=True, allow_unused=True)
    return [_or_zeros(g, x) for g, x in zip(found, xs, strict=True)]


def _variable(x: Any) -> Tensor:
    """A fresh leaf with x's value, so that the caller's graph is left alone."""
    return Tensor(x._data if isinstance(x, Tensor) else x, requires_grad=True)


def _run(function: Callable[..., Any], inputs: Inputs, keep: bool) -> tuple[list[Tensor], Any]:
    """The variables and function's outputs at them; with keep, tracked inputs stay connected to the
    caller's graph."""
    given = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    xs = [
        ops.copy(x) if keep and isinstance(x, Tensor) and x.requires_grad else _variable(x)
        for x in given
    ]
    with enable_grad():
        outputs = function(*xs)
    return xs, tuple(outputs) if isinstance(outputs, list) else outputs


def _packed(outputs: Any, create_graph: bool) -> Any:
    if create_graph:
        return outputs
    return tuple(y.detach() for y in outputs) if isinstance(outputs, tuple) else outputs.detach()


def _like(inputs: Inputs, results: list[Any]) -> Any:
    return results[0] if isinstance(inputs, Tensor) else tuple(results)


def _or_zeros(gradient: Tensor | None, x: Tensor) -> Tensor:
    return gradient if gradient is not None else wrap(x._data * 0)
