"""The house rules, read off the source: sizes, docstrings, names, and imports that run one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("autograd", "nn", "viz")
FOLDERS = (*PACKAGES, "tests", "examples", "benchmarks")
FILE_LINES = 400
FUNCTION_LINES = 40
VAGUE = {"utils", "helpers", "misc", "common"}
FORBIDDEN = {"autograd": {"nn", "viz"}, "nn": {"viz"}, "viz": {"nn"}}

# Inside autograd a file imports only what stands before it here; `ops` is the whole folder.
# The knot (ops make Tensors, Tensors have ops) is tied in autograd/__init__.py, which is exempt.
ORDER = """
    errors habits backend mode graph writes anomaly shapes promote expression formula
    recording specialise pulling op ops
    backward differentiate fusion inplace interop methods protocols tensor random functional
    checkpoint timeline breakpoints stepper gradcheck
""".split()

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(*folders: str) -> Iterator[tuple[PurePosixPath, ast.Module]]:
    """Each Python file below the folders: its path from the root, and its tree."""
    for path in sorted(chain.from_iterable((ROOT / folder).rglob("*.py") for folder in folders)):
        yield PurePosixPath(path.relative_to(ROOT)), ast.parse(path.read_bytes())


def code_lines(function: Function) -> int:
    """Lines of a function from `def` to its end, without the docstring."""
    total = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is None:
        return total
    docstring = function.body[0]
    return total - (docstring.end_lineno - docstring.lineno + 1)


def public(
    node: ast.Module | ast.ClassDef | ast.If, prefix: str = ""
) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """Public classes, functions and methods by qualified name; overloads and setters left out."""
    for child in chain(node.body, node.orelse if isinstance(node, ast.If) else ()):
        if isinstance(child, ast.If):
            yield from public(child, prefix)
        if not isinstance(child, Function | ast.ClassDef) or child.name.startswith("_"):
            continue
        words = {ast.unparse(d).rpartition(".")[2] for d in child.decorator_list}
        if not words & {"overload", "setter", "deleter"}:
            yield prefix + child.name, child
        if isinstance(child, ast.ClassDef):
            yield from public(child, f"{prefix}{child.name}.")


def imports(path: PurePosixPath, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of all that a file imports when it runs, inside functions too.

    `from a import b` gives a.b, since b may be a module. Left out: what only type checkers read.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = [*path.parts[: -node.level], node.module] if node.level else [node.module]
            stem = ".".join(filter(None, start))
            yield from ((node.lineno, f"{stem}.{alias.name}") for alias in node.names)
        else:
            yield from imports(path, node)


def imports_below(package: str, path: PurePosixPath, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and first name below the package: `from autograd.mode import local` gives mode."""
    for line, name in imports(path, tree):
        if name == package or name.startswith(f"{package}."):
            yield line, name[len(package) + 1 :].partition(".")[0]


def report(faults: list[str]) -> None:
    """Fails with every fault once, one a line."""
    if faults:
        pytest.fail("\n".join(dict.fromkeys(faults)), pytrace=False)


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {path: (ROOT / path).read_bytes().count(b"\n") for path, _ in sources(*FOLDERS)}
    report([f"{p}: {n} lines; at most {FILE_LINES}" for p, n in lengths.items() if n > FILE_LINES])


def test_no_function_is_longer_than_40_lines() -> None:
    report(
        [
            f"{path}:{node.lineno}: {node.name} has {lines} lines; at most {FUNCTION_LINES}"
            for path, tree in sources(*FOLDERS)
            for node in ast.walk(tree)
            if isinstance(node, Function) and (lines := code_lines(node)) > FUNCTION_LINES
        ]
    )


def test_every_public_name_has_a_docstring() -> None:
    faults = []
    for path, tree in sources(*PACKAGES):
        if not ast.get_docstring(tree):
            faults.append(f"{path}:1: the module has no docstring")
        for name, node in public(tree):
            if not ast.get_docstring(node):
                faults.append(f"{path}:{node.lineno}: {name} has no docstring")
    report(faults)


def test_no_module_is_a_room_where_everything_piles_up() -> None:
    report(
        [
            f"{path}: name it after what lives in it"
            for path, _ in sources(*FOLDERS)
            if VAGUE & {*path.parent.parts, path.stem.strip("_")}
        ]
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_one_way(package: str) -> None:
    report(
        [
            f"{path}:{line}: imports {name}; {package} must not import {name.partition('.')[0]}"
            for path, tree in sources(package)
            for line, name in imports(path, tree)
            if name.partition(".")[0] in FORBIDDEN[package]
        ]
    )


def test_every_file_of_autograd_has_its_place_in_the_order() -> None:
    places = {path.parts[1].removesuffix(".py") for path, _ in sources("autograd")} - {"__init__"}
    report(
        [
            f"autograd/{name}: not in ORDER of tests/test_structure.py"
            for name in sorted(places - {*ORDER})
        ]
    )


def test_inside_autograd_a_file_imports_only_files_above_it() -> None:
    faults = []
    for path, tree in sources("autograd"):
        place = path.parts[1].removesuffix(".py")
        if place not in ORDER:
            continue
        above = {*ORDER[: ORDER.index(place)]} | ({"ops"} if place == "ops" else set())
        faults += [
            f"{path}:{line}: imports autograd{'.' * bool(name)}{name}, which is not above {place}"
            for line, name in imports_below("autograd", path, tree)
            if name not in above
        ]
    report(faults)


def test_the_files_of_ops_import_one_another_without_a_cycle() -> None:
    needs = {
        path.stem: {name for _, name in imports_below("autograd.ops", path, tree)}
        for path, tree in sources("autograd/ops")
        if path.stem != "__init__"
    }
    report(
        [
            f"autograd/ops/{stem}.py: imports {name or 'autograd.ops'} through ops/__init__.py; "
            "name its file"
            for stem, names in needs.items()
            for name in sorted(names - {*needs})
        ]
    )
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        pytest.fail(f"autograd/ops: {' imports '.join(reversed(error.args[1]))}", pytrace=False)
