"""Every array function that the operations use exists in CuPy, and in a rule for Tensors too."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from autograd import ops
from tests import standin

OPS = Path(ops.__file__).parent


def dotted(node: ast.AST) -> str | None:
    """ "linalg.inv" for the expression `xp.linalg.inv`; None for what does not start at xp."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed(parts)) if isinstance(node, ast.Name) and node.id == "xp" else None


def names_in(tree: ast.AST) -> set[str]:
    """Every name below xp that tree uses, longest chains only."""
    inner = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    chains = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and id(n) not in inner]
    return {name for node in chains if (name := dotted(node))}


def rules_in(module: ast.Module) -> list[ast.AST]:
    """The functions that a module passes to vjp and vjp_all."""
    functions = {
        n.name: n for n in module.body if isinstance(n, ast.FunctionDef) and not n.decorator_list
    }
    calls = [
        n
        for n in ast.walk(module)
        if isinstance(n, ast.Call)
        and isinstance(n.func, ast.Attribute)
        and n.func.attr in ("vjp", "vjp_all")
    ]
    used: list[ast.AST] = []
    for call in calls:
        for node in ast.walk(call):
            if isinstance(node, ast.Lambda):
                used.append(node)
            elif isinstance(node, ast.Name) and node.id in functions:
                used.append(functions[node.id])
    return used


MODULES = {path.stem: ast.parse(path.read_bytes()) for path in sorted(OPS.glob("*.py"))}


def exists_in_cupy(name: str) -> bool:
    """Whether name, or what it is a method or constant of (`add.at`), is one of CuPy's."""
    return name in standin.CUPY_NAMES or name.rpartition(".")[0] in standin.CUPY_NAMES


@pytest.mark.parametrize("module", MODULES)
def test_every_array_function_exists_in_cupy(module: str) -> None:
    assert [name for name in names_in(MODULES[module]) if not exists_in_cupy(name)] == []


@pytest.mark.parametrize("module", MODULES)
def test_every_name_in_a_rule_exists_for_tensors_too(module: str) -> None:
    def known(name: str) -> bool:
        found: Any = ops
        for part in name.split("."):
            found = getattr(found, part, None)
        return found is not None

    used = {name for rule in rules_in(MODULES[module]) for name in names_in(rule)}
    assert [name for name in used if not known(name)] == []


def test_the_name_check_sees_the_names() -> None:
    found = {name for module in MODULES.values() for name in names_in(module)}
    assert {"exp", "where", "linalg.inv", "concatenate"} <= found
    assert {"tanh", "where"} & {
        n for m in MODULES.values() for r in rules_in(m) for n in names_in(r)
    }
    assert not exists_in_cupy("put_along_axis")
