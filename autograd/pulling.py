"""Writes an operation's pull: its rules with the look-up of what they name, as source for the one
signature.

`pull(node, g, wanted, free)` gives each parent's gradient on raw arrays, None where none is needed;
with free it drops the node's large kept arrays. `pull_tensors` runs the same rules on Tensors, so
that what they do is recorded.
Broadcasting, dtype and shape of a gradient are mended here, in one place, so that no rule needs to
think of them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import backend
from autograd.errors import GraphError, ShapeError
from autograd.graph import SMALL, Node
from autograd.promote import wrap
from autograd.recording import compile_source, kept_names, listed, namespace, select_output
from autograd.shapes import broadcasts_to, sum_to_shape

if TYPE_CHECKING:
    from autograd.op import Op, Rule
    from autograd.tensor import Tensor


def make_pull(op: Op[Any]) -> Callable[..., Any]:
    """op's rules on raw arrays."""
    return compile_source(pull_source(op, lifted=False), f"pull of {op.name}", op, _functions(op))


def make_pull_tensors(op: Op[Any]) -> Callable[..., Any]:
    """op's rules on Tensors; for a fused op, its composite's."""
    if op.composite is not None:
        function: Callable[..., Any] = namespace["_pull_fused"]
        return function
    return compile_source(pull_source(op, lifted=True), f"pull of {op.name}", op, _functions(op))


def mend(op: Any, c: Any, parent: Node, node: Node) -> Any:
    """c, what a rule gave for parent, with parent's shape and dtype, as an array or a Tensor.

    A result larger than its input is summed over the axes that were broadcast. One that is smaller
    is repeated where node reduced its input (a sum's g), or where it is a Python number. Raises
    ShapeError if neither fits, GraphError if c holds no numbers: the rule is wrong.
    """
    if hasattr(c, "_node"):
        raise GraphError(
            f"the rule of {op.name!r} gave a Tensor, but was handed arrays. Compute with g, the "
            "inputs and xp, which are Tensors and autograd.ops where that is wanted."
        )
    return _mended(op, c, parent, node)


def _mended(op: Any, c: Any, parent: Node, node: Node) -> Any:
    is_number = not hasattr(c, "astype")
    c = np.asarray(c) if is_number else c
    if c.dtype.kind not in "biuf":
        raise GraphError(f"the rule of {op.name!r} gave {c}, not an array of numbers.")
    if c.shape != parent.shape:
        # With more axes than its input it was broadcast, and nothing else is to be asked.
        is_larger = c.ndim > len(parent.shape)
        c = _fit(op, c, parent, not is_larger and (is_number or _is_reduced(node, parent)))
    c = c if c.dtype == parent.dtype else c.astype(parent.dtype)
    return np.asarray(c) if isinstance(c, np.generic) else c


def mend_lifted(op: Any, c: Any, parent: Node, node: Node) -> Any:
    """As mend, for a rule that ran on Tensors: what it gave as an array is a constant."""
    mended = _mended(op, c, parent, node)
    return mended if hasattr(mended, "_node") else wrap(mended)


def _fit(op: Any, c: Any, parent: Node, may_repeat: bool) -> Any:
    if may_repeat and broadcasts_to(c.shape, parent.shape):
        is_tensor = hasattr(c, "_node")
        return c.broadcast_to(parent.shape) if is_tensor else backend.broadcast_to(c, parent.shape)
    try:
        return sum_to_shape(c, parent.shape)
    except ShapeError as error:
        raise ShapeError(
            f"the rule of {op.name!r} gave a gradient of shape {c.shape} for an input of shape "
            f"{parent.shape}. Give it the input's shape, or the output's where that was broadcast."
        ) from error


def _is_reduced(node: Node, parent: Node) -> bool:
    """Whether node, or one of its several outputs, may be a reduction of parent."""
    shapes = node.shape if node.op.outputs else (node.shape,)
    return any(
        shape != parent.shape and (prod(shape) <= prod(parent.shape) or 0 in parent.shape)
        for shape in shapes
    )


def no_rule(op: Op[Any], name: str) -> None:
    """Raises GraphError for an input whose gradient is wanted, and which has no rule."""
    raise GraphError(
        f"op {op.name!r} has no rule for its input {name}, which requires grad. Declare one with "
        f"{op.name}.vjp({name}=(formula, rule)), or pass {name}.detach()."
    )


def _functions(op: Op[Any]) -> dict[str, Any]:
    functions = {f"_rule{op.inputs.index(n)}": rule.function for n, rule in op.rules.items()}
    return functions | ({"_joint": op.joint.function} if op.joint is not None else {})


def pull_source(op: Op[Any], *, lifted: bool) -> str:
    """The source of op's pull; lifted wraps kept inputs and outputs as Tensors that stand in the
    graph.

    _k0 is the first kept array, _p0 the first parent, _c0 what goes to it.
    """
    kept = kept_names(op)
    lines = [f"{listed([f'_k{j}' for j in range(len(kept))])} = _n.kept"] if kept else []
    if "xp" in _used(op):
        lines += ["_xp = _ops" if lifted else f"_xp = _module({'_g[0]' if op.outputs else '_g'})"]
    lines += _free_lines(op, kept)
    if op.is_starred:
        return _function(lines + _lift_lines(op, kept, lifted) + _starred_lines(op, lifted))
    lines += [f"{listed([f'_p{i}' for i in range(len(op.inputs))])} = _n.parents"]
    lines += _lift_lines(op, kept, lifted)
    return _function(lines + (_joint_lines(op, lifted) if op.joint else _rule_lines(op, lifted)))


def _function(lines: list[str]) -> str:
    return "def _function(_n, _g, _wanted, _free):\n" + "".join(f"    {x}\n" for x in lines)


def _used(op: Op[Any]) -> set[str]:
    rules = [*op.rules.values(), *([op.joint] if op.joint is not None else [])]
    return {name for rule in rules for name in rule.uses}


def _free_lines(op: Op[Any], kept: list[str]) -> list[str]:
    """Marks the node spent before the rules run: the local names here still hold the arrays."""
    several = {*(op.inputs if op.is_starred else ()), *(("z",) if op.outputs else ())}
    large = [
        f"_any([_a.size > {SMALL} for _a in _k{j}])"
        if name in several
        else f"_k{j} is not None and _k{j}.size > {SMALL}"
        for j, name in enumerate(kept)
    ]
    lines = ["if _free:", "    _n.spent = True"]
    return [*lines, f"    if {' or '.join(large)}:", "        _n.kept = None"] if large else lines


def _need(parent: str, *, is_optional: bool = True) -> str:
    given = f"{parent} is not None and " if is_optional else ""
    return f"({given}{parent}.tracked and (_wanted is None or {parent} in _wanted))"


def _lift_lines(op: Op[Any], kept: list[str], lifted: bool) -> list[str]:
    if not lifted:
        return []
    lines = []
    for j, name in enumerate(kept):
        if name == "z":
            call = f"_outputs(_n, _k{j})" if op.outputs else f"_handle(_k{j}, _n)"
            lines += [f"_k{j} = {call}"]
        elif op.is_starred and name in op.inputs:
            lines += [f"_k{j} = _tuple([_handle(_x, _p) for _x, _p in _zip(_k{j}, _n.parents)])"]
        elif name in op.inputs:
            parent = f"_p{op.inputs.index(name)}"
            lines += [f"_k{j} = _handle(_k{j}, {parent}) if _k{j} is not None else None"]
    return lines


def _arguments(op: Op[Any], rule: Rule) -> str:
    """What a rule is called with, by position: the expression for each name that it uses."""
    kept = kept_names(op)
    known = {"g": "_g", "xp": "_xp", "i": "_i", "needs": "_needs"}
    known |= {name: f"_n.settings[{name!r}]" for name in op.settings}
    known |= {name: f"_k{j}" for j, name in enumerate(kept)}
    if op.is_starred:
        known |= {f"{op.inputs[0]}_shape": "_tuple([_p.shape for _p in _n.parents])"}
    else:
        known |= {f"{n}_shape": _shape(op, i) for i, n in enumerate(op.inputs)}
    return ", ".join(known[name] for name in rule.uses)


def _shape(op: Op[Any], i: int) -> str:
    given = f" if _p{i} is not None else None" if op.inputs[i] in op.optional else ""
    return f"(_p{i}.shape{given})"


def _rule_lines(op: Op[Any], lifted: bool) -> list[str]:
    kind, mended = ("_Tensor", "_mend_lifted") if lifted else ("_ndarray", "_mend")
    lines = []
    for i, n in enumerate(op.inputs):
        lines += [f"_c{i} = None", f"if {_need(f'_p{i}', is_optional=n in op.optional)}:"]
        if n not in op.rules:
            lines += [f"    _no_rule(_op, {n!r})"]
            continue
        is_fine = (
            f"_c{i}.__class__ is {kind} and _c{i}.shape == _p{i}.shape "
            f"and _c{i}.dtype is _p{i}.dtype"
        )
        lines += [
            f"    _c{i} = _rule{i}({_arguments(op, op.rules[n])})",
            f"    if not ({is_fine}):",
            f"        _c{i} = {mended}(_op, _c{i}, _p{i}, _n)",
        ]
    return [*lines, f"return ({listed([f'_c{i}' for i in range(len(op.inputs))])})"]


def _joint_lines(op: Op[Any], lifted: bool) -> list[str]:
    assert op.joint is not None
    mended = "_mend_lifted" if lifted else "_mend"
    return [
        f"_needs = _tuple([{_need('_p')} for _p in _n.parents])",
        f"_cs = _joint({_arguments(op, op.joint)})",
        f"return _tuple([{mended}(_op, _c, _p, _n) if _w else None "
        "for _c, _w, _p in _zip(_cs, _needs, _n.parents, strict=True)])",
    ]


def _starred_lines(op: Op[Any], lifted: bool) -> list[str]:
    if op.joint is not None:
        return _joint_lines(op, lifted)
    rule = f"_rule0({_arguments(op, op.rules[op.inputs[0]])})"
    mended = f"{'_mend_lifted' if lifted else '_mend'}(_op, {rule}, _p, _n)"
    each = "for _i, _p in _enumerate(_n.parents)"
    return [f"return _tuple([{mended} if {_need('_p')} else None {each}])"]


def outputs_of(hub: Node, arrays: tuple[Any, ...]) -> tuple[Tensor, ...]:
    """The outputs of hub as Tensors of the graph, for a rule that names z and runs on Tensors."""
    return tuple(select_output(hub, i, a) for i, a in enumerate(arrays))


namespace |= {
    "_outputs": outputs_of,
    "_mend": mend,
    "_mend_lifted": mend_lifted,
    "_no_rule": no_rule,
}
