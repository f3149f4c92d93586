"""Runs `__main__.py` in a child process, with a limit, and says in one line why it failed.

Crashes, hangs and nonsense end here. `engines.py` says what goes in and reads what comes out.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

PROGRAM = Path(__file__).with_name("__main__.py")

FAILED = 3
"""Its exit code when it says why; it cannot be imported from there, where it starts as `-m`."""


class EngineError(RuntimeError):
    """Graphviz gave no layout. The message says why, as "`dot` crashed (SIGSEGV)".

    is_about_graph: another graph might work.
    """

    def __init__(self, reason: str, is_about_graph: bool = False) -> None:
        super().__init__(reason)
        self.is_about_graph = is_about_graph


class EngineTimeout(EngineError):
    """Graphviz took all the time that it had."""


def run(engine: str, source: str, seconds: float, limit: float | None = None) -> bytes:
    """What the engine ("dot" or "pygraphviz") makes of a DOT source, as json0.

    seconds: how long it may take.  limit: what the user is told about a larger time that this one
    is the rest of.  Raises EngineError.
    """
    program = sys.executable
    # Inside of a larger program, sys.executable may be empty or that program, to be started again.
    if not program or getattr(sys, "frozen", False) or "py" not in Path(program).stem.lower():
        raise EngineError(
            f"Graphviz needs a second Python process, but sys.executable is {program!r}"
        )
    try:
        # -P: the folder of __main__.py has names of its own that must not hide any module.
        done = finish([program, "-P", str(PROGRAM), engine], source.encode(), seconds)
    except subprocess.TimeoutExpired:
        raise EngineTimeout(f"`{engine}` took more than {limit or seconds:g} s") from None
    except OSError as error:
        raise EngineError(f"a second Python process could not be started ({error})") from error
    if done.returncode:
        raise _failure(engine, done.returncode, done.stderr)
    return done.stdout


def finish(command: list[str], text: bytes, seconds: float) -> subprocess.CompletedProcess[bytes]:
    """How a program ended that reads the text: its exit code and what it printed.

    Unlike subprocess.run, after the given seconds or Ctrl-C it kills the program's children too.
    Raises subprocess.TimeoutExpired, and OSError if the program cannot be started.
    """
    if seconds <= 0:
        raise subprocess.TimeoutExpired(command, seconds)
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        # Ctrl-C reaches this process alone, which then ends the child and all of its children.
        start_new_session=sys.platform != "win32",
    )
    try:
        out, said = child.communicate(text, seconds)
    except BaseException:
        _end(child)
        raise
    return subprocess.CompletedProcess(command, child.returncode, out, said)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kills the child and the `dot` that it may have started."""
    if sys.platform == "win32":
        tree = ["taskkill", "/F", "/T", "/PID", str(child.pid)]
        subprocess.run(tree, capture_output=True, creationflags=subprocess.CREATE_NO_WINDOW)
        child.kill()
    else:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # it has just ended by itself
            child.kill()
    # Not communicate(): who else holds the pipes could keep it waiting.
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            _close(pipe)
    child.wait()


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:  # what was still to be written has nowhere to go
        pass


def _failure(engine: str, code: int, said: bytes) -> EngineError:
    """Why the child ended with that code, having said that on standard error."""
    if code < 0:
        return EngineError(f"`{engine}` crashed ({_signal_name(-code)})", is_about_graph=True)
    lines = said.decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "no reason given")
    if code == FAILED:
        is_about_graph = last.startswith(("crashed", "failed with code"))
        return EngineError(f"`{engine}` {last}", is_about_graph)
    return EngineError(f"`{engine}` could not be started ({last[:200]})")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
