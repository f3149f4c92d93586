"""Writes an operation's functions as source, from its signature, as dataclasses write `__init__`.

Here is `call`: the forward pass, and the node if one is recorded; `pulling.py` writes the rules'
side. Written out for the one signature, it has no loop over arguments and no dictionary on the hot
path; a constructor call for the node would cost as much as the rest. `print(call_source(ops.mul))`
shows one.
"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd.graph import MARK, SMALL
from autograd.recording import compile_source, finish_constant, finish_several, kept_names, listed

if TYPE_CHECKING:
    from autograd.op import Op


def make_call(op: Op[Any]) -> Callable[..., Any]:
    """The forward function of op."""
    defaults = {f"_default_{name}": value for name, value in op.settings.items()}
    more = {"_forward": op.forward, **defaults}
    if not op.is_differentiable:
        more["_finish"] = finish_constant
    elif op.outputs:
        more["_finish"] = finish_several
    return compile_source(call_source(op), op.name, op, more)


def call_source(op: Op[Any]) -> str:
    """The source of op's forward function."""
    lines = _convert_lines(op) + _forward_lines(op)
    if not op.is_differentiable or op.outputs:
        lines += [
            f"return _finish(_op, _z, ({listed(_given(op))}), {_private(op)}, {_settings(op)}, "
            f"_any)"
        ]
    else:
        lines += _record_lines(op)
    return f"def {op.name}({_parameters(op)}):\n" + "".join(f"    {line}\n" for line in lines)


def _parameters(op: Op[Any]) -> str:
    arrays = [
        f"*{n}" if op.is_starred else f"{n}=None" if n in op.optional else n for n in op.inputs
    ]
    settings = [
        f"{n}=_default_{n}" if default is not inspect.Parameter.empty else n
        for n, default in op.settings.items()
    ]
    has_default = ["=" in a for a in arrays + settings]
    needs_star = has_default != sorted(has_default)
    return ", ".join(arrays + (["*"] if needs_star and not op.is_starred else []) + settings)


def _given(op: Op[Any]) -> list[str]:
    return [f"*{op.inputs[0]}"] if op.is_starred else list(op.inputs)


def _private(op: Op[Any]) -> str:
    return f"({listed(list(op.private))})"


def _settings(op: Op[Any]) -> str:
    return "{" + ", ".join(f"{n!r}: {n}" for n in op.settings) + "}" if op.settings else "None"


def _convert_lines(op: Op[Any]) -> list[str]:
    """Reads the tensors' fields; anything that is not a Tensor, or not of one dtype, goes through
    convert once."""
    if op.is_starred:
        xs = op.inputs[0]
        return [
            f"{xs} = _convert(_op, {xs})",
            f"{xs}_a = [_x._data for _x in {xs}]",
            f"_any = any([_x._tracked for _x in {xs}])",
        ]
    settings = ", ".join(f"{n}={n}" for n in op.settings)
    again = f"return _op.call(*_convert(_op, ({listed(list(op.inputs))})), {settings})"
    reads = []
    for n in op.inputs:
        if n in op.optional:
            reads += [
                f"{n}_a, {n}_r = ({n}._data, {n}._tracked) if {n} is not None else (None, False)"
            ]
        else:
            reads += [f"{n}_a = {n}._data", f"{n}_r = {n}._tracked"]
    cast = [n for n, is_cast in zip(op.inputs, op.is_cast, strict=True) if is_cast]
    first = cast[0] if cast else None
    checks = [
        f"({n} is not None and {n}_a.dtype is not {first}_a.dtype)"
        if n in op.optional
        else f"{n}_a.dtype is not {first}_a.dtype"
        for n in cast[1:]
    ]
    if op.floating:
        checks += [f"{first}_a.dtype.kind != 'f'"]
    lines = ["try:", *(f"    {line}" for line in reads), "except AttributeError:", f"    {again}"]
    if checks:
        lines += [f"if {' or '.join(checks)}:", f"    {again}"]
    return [*lines, f"_any = {' or '.join(f'{n}_r' for n in op.inputs)}"]


def _uses_xp(op: Op[Any]) -> bool:
    """Whether forward reads its first argument: looking up the array module costs as much as a
    Python call."""
    return any(
        i.argval == "xp" and i.opname.startswith("LOAD") for i in dis.get_instructions(op.forward)
    )


def _forward_lines(op: Op[Any]) -> list[str]:
    arrays = [f"*{op.inputs[0]}_a"] if op.is_starred else [f"{n}_a" for n in op.inputs]
    first = f"{op.inputs[0]}_a[0]" if op.is_starred else arrays[0]
    targets = "_z" + "".join(f", {n}" for n in op.private)
    lines = (
        [f"_xp = _np if {first}.__class__ is _ndarray else _module({first})"]
        if _uses_xp(op)
        else []
    )
    lines += [
        "try:",
        f"    {targets} = _forward({'_xp' if _uses_xp(op) else 'None'}, "
        f"{', '.join(arrays + [f'{n}={n}' for n in op.settings])})",
        *([] if op.outputs else ["    _shape = _z.shape"]),
        "except Exception as _error:",
        f"    raise _explain(_op, _error, ({listed(_given(op))})) from None",
    ]
    if not op.outputs:
        lines += ["if not _shape:", "    _z = _as_array(_z)"]
    return lines


def _record_lines(op: Op[Any]) -> list[str]:
    """The node and the tensor, written slot by slot: a constructor call would cost as much as the
    rest."""
    parents = (
        f"tuple([_x._node or _constant(_x) for _x in {op.inputs[0]}])"
        if op.is_starred
        else f"({listed([_parent(op, n) for n in op.inputs])})"
    )
    return [
        "_mode = _local.mode",
        "_t = _new(_Tensor)",
        "_t._data = _z",
        "_t._grad = None",
        "if not _any or not _mode.recording:",
        "    _t._node = None",
        "    _t._tracked = False",
        "    return _t",
        *_check_private_lines(op),
        "_n = _new(_Node)",
        "_n.op = _op",
        f"_n.parents = {parents}",
        f"_n.kept = ({listed([_kept(op, name) for name in kept_names(op)])})",
        f"_n.settings = {_settings(op)}",
        "_n.shape = _shape",
        "_n.dtype = _z.dtype",
        f"_n.value = _z if _z.size <= {SMALL} else None",
        "_n.number = _next()",
        "_n.where = _mode.where",
        "if _n.where is None:",
        "    _f = _frame(1)",
        f"    _n.where = (_f.f_code, _f.f_lasti) if {MARK!r} not in _f.f_globals else _caller()",
        "_n.module = _mode.module",
        "_n.origin = _mode.origin",
        "_n.hooks = _n.tensor = _n.name = _n.index = _n.source = None",
        "_n.tracked = True",
        "_n.spent = False",
        "_t._node = _n",
        "_t._tracked = True",
        "if _mode.watch is not None:",
        "    _mode.watch(_n, _z)",
        "return _t",
    ]


def _parent(op: Op[Any], name: str) -> str:
    node = f"{name}._node or _constant({name})"
    return f"({node}) if {name} is not None else None" if name in op.optional else node


def _kept(op: Op[Any], name: str) -> str:
    """The expression for one kept array: None where no rule that names it will run."""
    array = "_z" if name == "z" else name if name in op.private else f"{name}_a"
    if op.is_starred and name in op.inputs:
        return f"tuple({array})"
    if op.is_starred or op.composite is not None or op.joint is not None:
        return array
    users = [f"{n}_r" for n, rule in op.rules.items() if name in rule.uses]
    return (
        array
        if set(op.rules) == {n for n in op.inputs if f"{n}_r" in users}
        else f"{array} if {' or '.join(users)} else None"
    )


def _check_private_lines(op: Op[Any]) -> list[str]:
    if not op.private or op.composite is not None:
        return []
    return [f"_check_private(_op, {_private(op)})"]
