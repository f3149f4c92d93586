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
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import backend
from autograd.errors import GraphError, ShapeError
from autograd.graph import SMALL, Node
from autograd.recording import compile_source, kept_names, listed, namespace, select_output
from autograd.shapes import broadcasts_to, sum_to_shape

if TYPE_CHECKING:
    from autograd.op import Op
    from autograd.tensor import Tensor


def make_pull(op: Op[Any]) -> Callable[..., Any]:
    """op's rules on raw arrays."""
    return compile_source(pull_source(op, lifted=False), "pull", op, _rule_functions(op))


def make_pull_tensors(op: Op[Any]) -> Callable[..., Any]:
    """op's rules on Tensors; for a fused op, its composite's."""
    if op.composite is not None:
        function: Callable[..., Any] = namespace["_pull_fused"]
        return function
    return compile_source(pull_source(op, lifted=True), "pull", op, _rule_functions(op))


def mend(op: Op[Any], c: Any, parent: Node) -> Any:
    """c, a rule's result for parent, with parent's shape and dtype.

    A result larger than its input is summed over the axes that were broadcast; one that is smaller
    (a sum's g) is repeated; a NumPy scalar becomes an array. Raises ShapeError if neither fits: the
    rule is wrong.
    """
    c = c if hasattr(c, "astype") else np.asarray(c)
    if c.dtype.kind not in "biuf":
        raise GraphError(f"the rule of {op.name!r} gave {c}, not an array of numbers.")
    if c.shape != parent.shape:
        if broadcasts_to(c.shape, parent.shape):
            c = (
                c.broadcast_to(parent.shape)
                if hasattr(c, "_node")
                else backend.broadcast_to(c, parent.shape)
            )
        else:
            try:
                c = sum_to_shape(c, parent.shape)
            except ShapeError as error:
                raise ShapeError(
                    f"the rule of {op.name!r} gave a gradient of shape {c.shape} for an input of "
                    f"shape {parent.shape}."
                ) from error
    c = c if c.dtype == parent.dtype else c.astype(parent.dtype)
    return np.asarray(c) if isinstance(c, np.generic) else c


def no_rule(op: Op[Any], name: str) -> None:
    """Raises GraphError for an input whose gradient is wanted, and which has no rule."""
    raise GraphError(
        f"op {op.name!r} has no rule for its input {name}, which requires grad. Declare one with "
        f"{op.name}.vjp({name}=(formula, rule)), or pass {name}.detach()."
    )


def _rule_functions(op: Op[Any]) -> dict[str, Any]:
    functions = {f"_rule_{name}": rule.function for name, rule in op.rules.items()}
    return functions | ({"_joint": op.joint.function} if op.joint is not None else {})


def pull_source(op: Op[Any], *, lifted: bool) -> str:
    """The source of op's pull; lifted wraps kept inputs and outputs as Tensors that stand in the
    graph."""
    used = {
        name
        for rule in (*op.rules.values(), *([op.joint] if op.joint else []))
        for name in rule.uses
    }
    kept = kept_names(op)
    lines = [f"{listed(kept)} = _n.kept"] if kept else []
    lines += [f"{name} = _n.settings[{name!r}]" for name in op.settings if name in used]
    if "xp" in used:
        lines += ["xp = _ops" if lifted else f"xp = _module({'_g[0]' if op.outputs else '_g'})"]
    if not lifted:
        lines += _free_lines(op, kept)
    if op.is_starred:
        lines += _starred_lines(op, kept, used, lifted)
    else:
        lines += [f"{listed([f'{n}_p' for n in op.inputs])} = _n.parents"]
        lines += [_shape_line(op, n) for n in op.inputs if f"{n}_shape" in used]
        lines += _lift_lines(op, kept) if lifted else []
        lines += _rule_lines(op, lifted)
    return "def pull(_n, _g, _wanted, _free):\n" + "".join(f"    {line}\n" for line in lines)


def _shape_line(op: Op[Any], name: str) -> str:
    given = f" if {name}_p is not None else None" if name in op.optional else ""
    return f"{name}_shape = {name}_p.shape{given}"


def _free_lines(op: Op[Any], kept: list[str]) -> list[str]:
    """Marks the node spent before the rules run: the local names here still hold the arrays."""
    several = {*(op.inputs if op.is_starred else ()), *(("z",) if op.outputs else ())}
    large = [
        f"any([_a.size > {SMALL} for _a in {name}])"
        if name in several
        else f"{name} is not None and {name}.size > {SMALL}"
        for name in kept
    ]
    lines = ["if _free:", "    _n.spent = True"]
    return [*lines, f"    if {' or '.join(large)}:", "        _n.kept = None"] if large else lines


def _need(parent: str, *, is_optional: bool = True) -> str:
    given = f"{parent} is not None and " if is_optional else ""
    return f"({given}{parent}.tracked and (_wanted is None or {parent} in _wanted))"


def _lift_lines(op: Op[Any], kept: list[str]) -> list[str]:
    lines = [
        f"{n} = _handle({n}, {n}_p) if {n} is not None else None" for n in op.inputs if n in kept
    ]
    return lines + _lift_output(op, kept)


def _lift_output(op: Op[Any], kept: list[str]) -> list[str]:
    if "z" not in kept:
        return []
    return ["z = _outputs(_n, z)" if op.outputs else "z = _handle(z, _n)"]


def _arguments(rule: Any) -> str:
    return ", ".join("_g" if name == "g" else name for name in rule.uses)


def _is_fine(c: str, parent: str, lifted: bool) -> str:
    """The test that a result needs no mending; a Tensor always is an array of its own."""
    kind = f"{c}.__class__ is _Tensor" if lifted else f"{c}.__class__ is _ndarray"
    return f"{kind} and {c}.shape == {parent}.shape and {c}.dtype is {parent}.dtype"


def _rule_lines(op: Op[Any], lifted: bool) -> list[str]:
    if op.joint is not None:
        needs = listed([_need(f"{n}_p", is_optional=n in op.optional) for n in op.inputs])
        return [f"needs = ({needs})", *_joint_lines(op)]
    lines = []
    for n in op.inputs:
        need = _need(f"{n}_p", is_optional=n in op.optional)
        if n not in op.rules:
            lines += [f"if {need}:", f"    _no_rule(_op, {n!r})"]
            continue
        lines += [
            f"{n}_c = None",
            f"if {need}:",
            f"    {n}_c = _rule_{n}({_arguments(op.rules[n])})",
            f"    if not ({_is_fine(f'{n}_c', f'{n}_p', lifted)}):",
            f"        {n}_c = _mend(_op, {n}_c, {n}_p)",
        ]
    return [
        *lines,
        f"return ({listed([f'{n}_c' if n in op.rules else 'None' for n in op.inputs])})",
    ]


def _joint_lines(op: Op[Any]) -> list[str]:
    return [
        f"_cs = _joint({_arguments(op.joint)})",
        "return tuple([_mend(_op, _c, _p) if _w else None for _c, _w, _p in zip(_cs, needs, "
        "_n.parents, strict=True)])",
    ]


def _starred_lines(op: Op[Any], kept: list[str], used: set[str], lifted: bool) -> list[str]:
    xs = op.inputs[0]
    lines = ["_ps = _n.parents"]
    if f"{xs}_shape" in used:
        lines += [f"{xs}_shape = tuple([_p.shape for _p in _ps])"]
    if lifted and xs in kept:
        lines += [f"{xs} = tuple([_handle(_x, _p) for _x, _p in zip({xs}, _ps)])"]
    lines += _lift_output(op, kept) if lifted else []
    if op.joint is not None:
        return [*lines, f"needs = tuple([{_need('_p')} for _p in _ps])", *_joint_lines(op)]
    rule = f"_mend(_op, _rule_{xs}({_arguments(op.rules[xs])}), _p)"
    return [
        *lines,
        f"return tuple([{rule} if {_need('_p')} else None for i, _p in enumerate(_ps)])",
    ]


def outputs_of(hub: Node, arrays: tuple[Any, ...]) -> tuple[Tensor, ...]:
    """The outputs of hub as Tensors of the graph, for a rule that names z and runs on Tensors."""
    return tuple(select_output(hub, i, a) for i, a in enumerate(arrays))


namespace |= {"_outputs": outputs_of, "_mend": mend, "_no_rule": no_rule}
