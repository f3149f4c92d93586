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
from types import FunctionType
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
    """The source of op's forward function.

    Names that the user chose appear as parameters only; all others begin with an underscore, which
    an operation's names must not. _a0 is the array of input 0, _r0 whether it is tracked.
    """
    lines = _starred_lines(op) if op.is_starred else _convert_lines(op)
    lines += _forward_lines(op)
    if not op.is_differentiable or op.outputs:
        given = f"({listed(_given(op))}), ({listed(list(op.private))}), {_settings(op)}"
        lines += [f"return _finish(_op, _z, {given}, _tracked)"]
    else:
        lines += _record_lines(op)
    return f"def _function({_parameters(op)}):\n" + "".join(f"    {line}\n" for line in lines)


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
    return ["*_xs"] if op.is_starred else list(op.inputs)


def _settings(op: Op[Any]) -> str:
    return "{" + ", ".join(f"{n!r}: {n}" for n in op.settings) + "}" if op.settings else "None"


def _starred_lines(op: Op[Any]) -> list[str]:
    return [
        f"_xs = _convert(_op, {op.inputs[0]})",
        "_as = [_x._data for _x in _xs]",
        "_tracked = _any([_x._tracked for _x in _xs])",
    ]


def _convert_lines(op: Op[Any]) -> list[str]:
    """Reads the tensors' fields; anything that is not a Tensor, or not of one dtype, goes through
    convert once."""
    settings = ", ".join(f"{n}={n}" for n in op.settings)
    again = f"return _op.call(*_convert(_op, ({listed(list(op.inputs))})), {settings})"
    reads = []
    for i, n in enumerate(op.inputs):
        if n in op.optional:
            reads += [f"_a{i}, _r{i} = ({n}._data, {n}._tracked) if {n} is not None else _absent"]
        else:
            reads += [f"_a{i} = {n}._data", f"_r{i} = {n}._tracked"]
    lines = ["try:", *(f"    {line}" for line in reads), "except _AttributeError:", f"    {again}"]
    if checks := _dtype_checks(op):
        lines += [f"if {' or '.join(checks)}:", f"    {again}"]
    return [*lines, f"_tracked = {' or '.join(f'_r{i}' for i in range(len(op.inputs)))}"]


def _dtype_checks(op: Op[Any]) -> list[str]:
    """The tests that say an input must be cast first. Optional inputs may be None."""
    first = _first_cast(op)
    cast = [i for i, is_cast in enumerate(op.is_cast) if is_cast]
    if first is None:
        return [f"_is_mixed(_op, ({listed([f'_a{i}' for i in cast])}))"] if cast else []
    checks = [
        f"(_a{i} is not None and _a{i}.dtype is not _a{first}.dtype)"
        if op.inputs[i] in op.optional
        else f"_a{i}.dtype is not _a{first}.dtype"
        for i in cast
        if i != first
    ]
    return [*checks, f"_a{first}.dtype.kind != 'f'"] if op.floating else checks


def _first_cast(op: Op[Any]) -> int | None:
    """The position of the first input that is cast and cannot be None."""
    positions = enumerate(zip(op.inputs, op.is_cast, strict=True))
    return next((i for i, (n, cast) in positions if cast and n not in op.optional), None)


def uses_xp(forward: Callable[..., Any]) -> bool:
    """Whether forward reads its first argument, which costs as much to look up as a Python call.

    When in doubt it does: a function behind a decorator is not what its signature says.
    """
    if not isinstance(forward, FunctionType) or hasattr(forward, "__wrapped__"):
        return True
    for instruction in dis.get_instructions(forward):
        # From Python 3.13 one instruction may load two variables, and names both in a tuple.
        names = (
            instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
        )
        if "xp" in names:
            return True
    return False


def _forward_lines(op: Op[Any]) -> list[str]:
    arrays = ["*_as"] if op.is_starred else [f"_a{i}" for i in range(len(op.inputs))]
    targets = "_z" + "".join(f", {n}" for n in op.private)
    lines, module = [], "None"
    if uses_xp(op.forward):
        some = " or ".join(["_as[0]"] if op.is_starred else [f"_a{_first_given(op)}"])
        lines, module = [f"_xp = _np if {some}.__class__ is _ndarray else _module({some})"], "_xp"
    arguments = ", ".join([module, *arrays, *(f"{n}={n}" for n in op.settings)])
    lines += ["try:", f"    {targets} = _forward({arguments})"]
    if not op.outputs:
        lines += ["    if _z.__class__ is not _ndarray:", "        _z = _checked(_op, _z)"]
    return [
        *lines,
        "except _Exception as _error:",
        f"    raise _explain(_op, _error, ({listed(_given(op))})) from None",
    ]


def _first_given(op: Op[Any]) -> int:
    """The position of an input that tells the device: one that cannot be None, if there is one."""
    return next((i for i, n in enumerate(op.inputs) if n not in op.optional), 0)


def _record_lines(op: Op[Any]) -> list[str]:
    """The node and the tensor, written slot by slot: a constructor call would cost as much as the
    rest."""
    first = _first_cast(op)
    arrays = "_as[0]" if op.is_starred else f"_a{first}"
    is_odd = "True" if first is None and not op.is_starred else f"_n.dtype is not {arrays}.dtype"
    return [
        *_untracked_lines(op),
        *_check_private_lines(op),
        "_n = _new(_Node)",
        "_n.op = _op",
        f"_n.parents = {_parents(op)}",
        f"_n.kept = ({listed([_kept(op, name) for name in kept_names(op)])})",
        f"_n.settings = {_settings(op)}",
        "_n.shape = _z.shape",
        "_n.dtype = _z.dtype",
        f"if {is_odd}:",
        "    _check_floating(_op, _z)",
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


def _untracked_lines(op: Op[Any]) -> list[str]:
    """The tensor, and all that there is to do if it is not to be tracked."""
    return [
        "_mode = _local.mode",
        "_t = _new(_Tensor)",
        "_t._data = _z",
        "_t._grad = None",
        "if not _tracked or not _mode.recording:",
        "    _t._node = None",
        "    _t._tracked = False",
        f"    if {_has_node(op)}:",
        f"        _inherit_source(_t, ({listed(_given(op))}))",
        "    return _t",
    ]


def _has_node(op: Op[Any]) -> str:
    """Whether an untracked result may come from an op without gradient: an input remembers one."""
    if op.is_starred:
        return "_any([_x._node is not None for _x in _xs])"
    return " or ".join(
        f"({n} is not None and {n}._node is not None)"
        if n in op.optional
        else f"{n}._node is not None"
        for n in op.inputs
    )


def _parents(op: Op[Any]) -> str:
    if op.is_starred:
        return "_tuple([_x._node or _constant(_x) for _x in _xs])"
    nodes = []
    for name in op.inputs:
        node = f"{name}._node or _constant({name})"
        nodes += [f"({node}) if {name} is not None else None" if name in op.optional else node]
    return f"({listed(nodes)})"


def _kept(op: Op[Any], name: str) -> str:
    """The expression for one kept array: None where no rule that names it will run."""
    if op.is_starred and name in op.inputs:
        return "_tuple(_as)"
    array = "_z" if name == "z" else name if name in op.private else f"_a{op.inputs.index(name)}"
    if op.is_starred or op.composite is not None or op.joint is not None:
        return array
    users = [i for i, n in enumerate(op.inputs) if n in op.rules and name in op.rules[n].uses]
    if len(users) == len(op.inputs):
        return array  # whichever input is tracked, a rule names it
    return f"{array} if {' or '.join(f'_r{i}' for i in users)} else None"


def _check_private_lines(op: Op[Any]) -> list[str]:
    if not op.private or op.composite is not None:
        return []
    return [f"_check_private(_op, ({listed(list(op.private))}))"]
