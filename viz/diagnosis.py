"""What is here for drawing, what is missing, and the command that mends it: `viz.doctor()`.

Everything is asked with a time limit, and nothing that fails here is an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from typing import TypeAlias

from viz.layout import LARGEST, Link, Plan, Spot, engines_here, install
from viz.layout.engines import graphviz_layout
from viz.layout.process import EngineError, finish

SECONDS = 5.0
"""How long each question to another program may take."""

WIDTH = 80
"""Columns of the report."""

MARKS = {True: ("✓", "ok"), False: ("✗", "--"), None: ("·", " .")}
"""Here, missing, or merely said: in Unicode and, for other terminals, in ASCII."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that drawing uses.

    is_here: None for what is neither here nor missing, such as the terminal's width.  state: what
    was found.  remedy: the command that mends it, or "".
    """

    what: str
    is_here: bool | None
    state: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What `doctor()` found. Its text has aligned lines of at most 80 columns."""

    findings: tuple[Finding, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return all(finding.is_here is not False for finding in self.findings)

    @property
    def missing(self) -> tuple[Finding, ...]:
        """What is not here."""
        return tuple(finding for finding in self.findings if finding.is_here is False)

    def __str__(self) -> str:
        column = max((len(finding.what) for finding in self.findings), default=0)
        return "\n".join(line for finding in self.findings for line in _lines(finding, column))

    __repr__ = __str__


def doctor() -> Report:
    """What is here for drawing: layouts, picture formats, fonts, the terminal. Never raises."""
    found: list[Finding] = []
    # Asked once: a program that hangs takes its five seconds every time.
    faults = {engine: _fault(engine) for engine in engines_here()}
    for what, ask in QUESTIONS.items():
        try:
            found.append(Finding(what, *ask(faults)))
        # A doctor that falls ill helps nobody: whatever goes wrong is the finding.
        except Exception as error:
            words = " ".join(str(error).split())[:120]
            found.append(Finding(what, None, f"could not be looked at: {words}"))
    return Report(tuple(found))


Answer: TypeAlias = tuple[bool | None, str, str]

Faults: TypeAlias = dict[str, str]
"""Why each Graphviz that is here cannot place two boxes, or "" if it can."""

Question: TypeAlias = Callable[[Faults], Answer]


def _dot(faults: Faults) -> Answer:
    path = shutil.which("dot")
    if path is None:
        return False, "not on PATH", install()
    if faults["dot"]:
        return False, f"{path}: {faults['dot']}", install()
    version = _said([path, "-V"]).partition("version ")[2].partition(" ")[0].strip()
    return True, f"{path} {version}".rstrip() + ", a test layout works", ""


def _pygraphviz(faults: Faults) -> Answer:
    remedy = _extra("dot")
    version = _version("pygraphviz")
    if not version:
        # It is the second choice: with a dot, nothing is missed.
        return None if "dot" in faults else False, "not installed", remedy
    if "pygraphviz" not in faults:
        return False, f"{version} is too old, it has no Graphviz of its own", remedy
    if faults["pygraphviz"]:
        return False, f"{version}: {faults['pygraphviz']}", remedy
    return True, f"{version}, a test layout works", ""


def _own(faults: Faults) -> Answer:
    return True, f"always here, up to {LARGEST:,} boxes", ""


def _used(faults: Faults) -> Answer:
    first = next((name for name, fault in faults.items() if not fault), "graphgrad's own layout")
    return None, f"places boxes with {first}", ""


def _png(faults: Faults) -> Answer:
    if version := _version("resvg_py"):
        return True, f"resvg-py {version}", ""
    if faults.get("dot") == "":
        return None, "by Graphviz; with resvg-py it looks like the SVG", _extra("png")
    return False, "resvg-py is not installed", _extra("png")


def _pdf(faults: Faults) -> Answer:
    if faults.get("dot") == "":
        return True, "by Graphviz", ""
    return False, "needs a dot that works", install()


def _package(name: str, remedy: str) -> Question:
    """The question whether an optional package is installed."""

    def ask(faults: Faults) -> Answer:
        version = _version(name)
        return (True, version, "") if version else (False, "not installed", remedy)

    return ask


def _font(pattern: str, package: str) -> Question:
    """The question whether fontconfig knows a font that fits the pattern."""

    def ask(faults: Faults) -> Answer:
        program = shutil.which("fc-list")
        if program is None:
            return None, "cannot be looked up without fc-list", ""
        names = list(filter(None, _said([program, pattern, "family"]).splitlines()))
        if names:
            return True, _plainest(names), ""
        return False, "no font: PNG and PDF show empty boxes", _font_command(package)

    return ask


def _font_command(package: str) -> str:
    return f"sudo apt-get install {package}" if sys.platform.startswith("linux") else ""


def _plainest(names: list[str]) -> str:
    """The family that is quickest to read: fontconfig's order is the disk's."""
    families = [name.split(",")[0].strip() for name in names]
    return min(families, key=lambda family: (not family.isascii(), len(family), family))


def _terminal(faults: Faults) -> Answer:
    encoding = getattr(sys.stdout, "encoding", None) or "no encoding"
    columns = shutil.get_terminal_size().columns
    colour = "without colour (NO_COLOR)" if os.environ.get("NO_COLOR") else "NO_COLOR is not set"
    state = f"{encoding}, {columns} columns, {colour}"
    if _is_unicode():
        return True, state, ""
    return False, f"{state}; drawings are in ASCII", "export PYTHONIOENCODING=utf-8"


QUESTIONS: dict[str, Question] = {
    "dot": _dot,
    "pygraphviz": _pygraphviz,
    "own layout": _own,
    "draw()": _used,
    "PNG": _png,
    "PDF": _pdf,
    "matplotlib": _package("matplotlib", "pip install 'graphgrad[plot]'"),
    "IPython": _package("ipython", "pip install ipython"),
    "Korean font": _font(":lang=ko", "fonts-nanum"),
    "Japanese font": _font(":lang=ja", "fonts-noto-cjk"),
    "emoji font": _font(":charset=1f34e", "fonts-noto-color-emoji"),
    "terminal": _terminal,
}
"""What the report speaks of, in its order."""


def _extra(name: str) -> str:
    return f"pip install 'graphgrad[{name}]'"


def _version(package: str) -> str:
    """The version of an installed package, or ""."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _said(command: list[str]) -> str:
    """What a program prints, or "" if it fails, cannot be run or takes too long."""
    try:
        done = finish(command, b"", SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else (done.stdout + done.stderr).decode(errors="replace")


def _fault(engine: str) -> str:
    """Why the engine cannot place two boxes, or ""."""
    plan = Plan((Spot("a", 36, 36), Spot("b", 36, 36)), (Link("ab", "a", "b"),))
    try:
        placed = graphviz_layout(plan, engine, SECONDS)
    except EngineError as error:
        return str(error).removeprefix(f"`{engine}` ")
    return placed.note


def _is_unicode() -> bool:
    """Whether the terminal shows ✓."""
    try:
        "✓✗·".encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True


def _lines(finding: Finding, column: int) -> list[str]:
    """The finding's lines: mark, name and state, then the command under the state."""
    mark = MARKS[finding.is_here][0 if _is_unicode() else 1]
    start = f"{mark} {finding.what:<{column}}  "
    blank = " " * len(start)
    text = textwrap.wrap(finding.state, WIDTH, initial_indent=start, subsequent_indent=blank)
    return text + ([f"{blank}{finding.remedy}"] if finding.remedy else [])
