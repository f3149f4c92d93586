"""Linear algebra on stacks of matrices in the last two axes: inv, solve, det, slogdet, cholesky.

float16 is computed in float32, since LAPACK has no half precision. Products are in `matmul.py`.
Source of the rules, unless said: Giles, An extended collection of matrix derivative results (2008).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import backend
from autograd.backend import Array, ArrayModule
from autograd.errors import ShapeError
from autograd.op import op
from autograd.ops.diagonals import tril
from autograd.ops.either import either

__all__ = ["cholesky", "cofactor", "det", "inv", "slogdet", "solve"]

SINGULAR = "singular. Check its rank, or add a small multiple of the identity"
INDEFINITE = (
    "not positive definite. Check that its eigenvalues are positive, "
    "or add a small multiple of the identity"
)


def _check_square(x: Array, name: str, what: str = "x") -> None:
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(
            f"{name}: {what} is {x.shape}; it must be a square matrix, or a stack of them, (…, n, "
            "n)."
        )


def _run(name: str, function: Callable[..., Any], fault: str, x: Array, *more: Array) -> Any:
    """function(x, *more) in float32 at least. Raises LinAlgError, saying what is wrong with x."""
    dtype = x.dtype
    arrays = [a.astype(np.float32) if dtype == np.float16 else a for a in (x, *more)]
    try:
        with backend.checked_linalg(x):
            z = function(*arrays)
    except np.linalg.LinAlgError:
        stack = "; the first, or one of the stack, is " if x.ndim > 2 else " and "
        raise np.linalg.LinAlgError(
            f"{name}: {'xa'[bool(more)]} is {x.shape}{stack}{fault}."
        ) from None
    if isinstance(z, tuple):
        return tuple([part.astype(dtype, copy=False) for part in z])
    return z.astype(dtype, copy=False)


def _transposed(xp: ArrayModule, x: Any) -> Any:
    return x.T if x.ndim == 2 else xp.swapaxes(x, axis1=-1, axis2=-2)


def _as_matrices(g: Any) -> Any:
    """g, one number for each matrix, with two axes of size 1 behind."""
    return g.reshape((*g.shape, 1, 1))


@op("⁻¹", floating=True)
def inv(xp: ArrayModule, x: Array) -> Array:
    """z = x⁻¹, the matrix with x @ z = 1; shapes (…, n, n).

    Raises ShapeError if x is not square, LinAlgError if a matrix is singular.
    """
    _check_square(x, "inv")
    return _run("inv", xp.linalg.inv, SINGULAR, x)


def _inv_dx(xp: ArrayModule, g: Any, z: Any) -> Any:
    t = _transposed(xp, z)
    return -(t @ g @ t)


inv.vjp(x=("dx = −zᵀ @ g @ zᵀ", _inv_dx))


@op("solve", floating=True)
def solve(xp: ArrayModule, a: Array, b: Array) -> Array:
    """z = a⁻¹ @ b, the solution of a @ z = b.

    a is (…, n, n), b (n,) or (…, n, k), and the axes before broadcast.
    Raises ShapeError if a is not square or b has not n rows, LinAlgError if a matrix is singular.
    """
    _check_square(a, "solve", "a")
    if not b.ndim or b.shape[-2 if b.ndim > 1 else 0] != a.shape[-1]:
        raise ShapeError(
            f"solve: a is {a.shape} and b is {b.shape}; b must have {a.shape[-1]} rows, as (n,) "
            "or (…, n, k). "
            "For a stack of vectors use expand_dims(b, axis=-1)."
        )
    if b.ndim == 1:
        return _solved(xp, a, b.reshape((-1, 1)))[..., 0]
    return _solved(xp, a, b)


def _solved(xp: ArrayModule, a: Array, b: Array) -> Array:
    if xp is not np and a.shape[:-2] != b.shape[:-2]:  # CuPy does not broadcast here
        lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        a, b = xp.broadcast_to(a, lead + a.shape[-2:]), xp.broadcast_to(b, lead + b.shape[-2:])
    return _run("solve", xp.linalg.solve, SINGULAR, a, b)


def _solve_gradients(
    xp: ArrayModule, g: Any, a: Any, z: Any, b_shape: tuple[int, ...], needs: tuple[bool, bool]
) -> tuple[Any, Any]:
    shape = g.shape
    if len(b_shape) == 1:
        g, z = g.reshape((*shape, 1)), z.reshape((*shape, 1))
    db = either(solve, _transposed(xp, a), g)
    da = -(db @ _transposed(xp, z)) if needs[0] else None
    return da, db.reshape(shape)


solve.vjp_all(_solve_gradients, a="da = −solve(aᵀ, g) @ zᵀ", b="db = solve(aᵀ, g)")


# Determinants


@op("det", floating=True)
def det(xp: ArrayModule, x: Array) -> Array:
    """z = det x, one number for each matrix; shapes (…, n, n) -> (…).

    Its gradient is x's matrix of cofactors, right for singular matrices too. Raises ShapeError if x
    is not square.
    """
    _check_square(x, "det")
    return _run("det", xp.linalg.det, SINGULAR, x)


@op("cof", composite=lambda x: _cofactor_of_regular(x), floating=True)
def cofactor(xp: ArrayModule, x: Array) -> Array:
    """z = the cofactors of x, ∂ det x / ∂x; shapes (…, n, n).

        z = det(u) det(v) · u · diag(Πⱼ≠ᵢ sⱼ) · v   where x = u · diag(s) · v, its SVD

    Equals det(x) · (x⁻¹)ᵀ where x is regular, but nothing is divided, so that singular matrices are
    nothing special; only third derivatives of det need a regular x.
    Raises ShapeError if x is not square.
    """
    _check_square(x, "cofactor")
    return _run("cofactor", lambda a: _cofactor(xp, a), "not finite", x)


def _cofactor(xp: ArrayModule, x: Array) -> Array:
    if not x.size:
        return x.copy()
    u, s, v, sign = _rotations(xp, x)
    return sign * (u * _others(xp, s)[..., None, :]) @ v


def _rotations(xp: ArrayModule, x: Array) -> tuple[Array, Array, Array, Array]:
    u, s, v = xp.linalg.svd(x)
    return u, s, v, _as_matrices(xp.sign(xp.linalg.det(u) * xp.linalg.det(v)))


def _others(xp: ArrayModule, s: Array) -> Array:
    """For each element along the last axis, the product of all others."""
    one = xp.ones_like(s[..., :1])
    before = xp.cumprod(xp.concatenate([one, s[..., :-1]], axis=-1), axis=-1)
    behind = xp.cumprod(xp.concatenate([one, s[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    return before * behind


def _cofactor_dx(xp: ArrayModule, g: Array, x: Array) -> Array:
    """The map from a change of x to that of its cofactors, which is its own adjoint.

    In the axes of x = u · diag(s) · v: dzᵢᵢ = Σₖ dxₖₖ pᵢₖ and dzᵢⱼ = −dxⱼᵢ pᵢⱼ. Here pᵢⱼ is the
    product of the singular values other than sᵢ and sⱼ, and 0 for i = j.
    """
    if not x.size:
        return x.copy()
    wide = x.astype(np.float32) if x.dtype == np.float16 else x
    u, s, v, sign = _rotations(xp, wide)
    eye = xp.eye(x.shape[-1], dtype=bool)
    p = xp.where(eye, 0, _others(xp, xp.where(eye, 1, s[..., None, :])))
    h = _transposed(xp, u) @ g.astype(wide.dtype) @ _transposed(xp, v)
    on_diagonal = p @ xp.where(eye, h, 0).sum(axis=-1)[..., None]
    return sign * (u @ (xp.where(eye, on_diagonal, 0) - p * _transposed(xp, h)) @ v)


def _cofactor_of_regular(x: Any) -> Any:
    inverse = inv(x)
    axes = (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2)
    return det(x).reshape((*x.shape[:-2], 1, 1)) * inverse.transpose(axes)


cofactor.vjp(x=("dx = (sum(g · z) · z − z @ gᵀ @ z) / det(x)", _cofactor_dx))
det.vjp(x=("dx = g · cofactor(x)", lambda g, x: _as_matrices(g) * either(cofactor, x)))


@op("slogdet", outputs=("sign", "logabsdet"), floating=True)
def slogdet(xp: ArrayModule, x: Array) -> tuple[Array, Array]:
    """(sign, log |det x|) for each matrix, for where det x would overflow; (…, n, n) -> (…), (…).

    (0, −inf) for a singular matrix, whose gradient raises LinAlgError.
    Raises ShapeError if x is not square.
    """
    _check_square(x, "slogdet")
    sign, logabsdet = _run("slogdet", lambda a: tuple(xp.linalg.slogdet(a)), SINGULAR, x)
    return sign, logabsdet


slogdet.vjp(
    x=(
        "dx = g1 · inv(x)ᵀ",
        lambda xp, g, x: _as_matrices(g[1]) * _transposed(xp, either(inv, x)),
    )
)


# Factors


@op("chol", floating=True)
def cholesky(xp: ArrayModule, x: Array) -> Array:
    """z lower triangular with z @ zᵀ = x, for symmetric positive definite x; shapes (…, n, n).

    What is factored is (x + xᵀ)/2, so that the gradient is symmetric, as x is.
    Raises ShapeError if x is not square, LinAlgError if a matrix is not positive definite.
    Source of the rule: Murray, Differentiation of the Cholesky decomposition (2016), eq. 10.
    """
    _check_square(x, "cholesky")
    return _run("cholesky", xp.linalg.cholesky, INDEFINITE, (x + _transposed(xp, x)) * 0.5)


def _cholesky_dx(xp: ArrayModule, g: Any, z: Any) -> Any:
    """z⁻ᵀ Φ(zᵀ g) z⁻¹ and its transpose, halved; Φ is the lower triangle with half the diagonal."""
    t = _transposed(xp, z)
    product = t @ g
    phi = (either(tril, product) + either(tril, product, k=-1)) * 0.5
    half = _transposed(xp, either(solve, t, phi))
    s = either(solve, t, half)
    return (s + _transposed(xp, s)) * 0.5


cholesky.vjp(
    x=(
        "dx = inv(z)ᵀ @ (tril(zᵀ @ g) + tril(zᵀ @ g, k=−1) + tril(zᵀ @ g)ᵀ + tril(zᵀ @ g, k=−1)ᵀ) "
        "@ inv(z) / 4",
        _cholesky_dx,
    )
)
