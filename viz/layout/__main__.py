"""A layout in a process of its own: `python -m viz.layout dot < graph.dot` prints json0.

Graphviz may crash or hang; here it takes nobody's session with it. `process.py` starts this file by
its path, so that nothing but the engine is imported: `viz` would bring NumPy, at 0.2 s a drawing.
"""

from __future__ import annotations

import signal
import subprocess
import sys

FAILED = 3
"""The exit code for a layout that failed; standard error then has one line that says why."""


def _dot(source: bytes) -> bytes:
    """What the program `dot` makes of the source."""
    import graphviz

    try:
        layout: bytes = graphviz.pipe("dot", "json0", source, quiet=True)
    except subprocess.CalledProcessError as error:
        raise RuntimeError(_reason(error.returncode, error.stderr or b"")) from error
    except graphviz.ExecutableNotFound as error:
        raise RuntimeError("is not on PATH") from error
    return layout


def _reason(code: int, said: bytes) -> str:
    """Why `dot` ended with that code, as the rest of a sentence that starts with its name."""
    if code < 0:
        return f"crashed ({signal.Signals(-code).name})"
    words = " ".join(said.decode(errors="replace").split())
    if "json0" in words and "not recognized" in words:
        return "is too old to write json0; Graphviz 2.40 or newer can"
    return f"failed with code {code}" + (f" ({words[:160]})" if words else "")


def _pygraphviz(source: bytes) -> bytes:
    """What the Graphviz inside of pygraphviz makes of the source."""
    import pygraphviz

    graph = pygraphviz.AGraph(string=source.decode())
    layout: bytes = graph.draw(format="json0", prog="dot")
    return layout


ENGINES = {"dot": _dot, "pygraphviz": _pygraphviz}


def main() -> int:
    """The exit code: 0, FAILED, or 2 for an engine that does not exist."""
    if len(sys.argv) != 2 or sys.argv[1] not in ENGINES:
        print("usage: python -m viz.layout dot|pygraphviz < graph.dot", file=sys.stderr)
        return 2
    try:
        layout = ENGINES[sys.argv[1]](sys.stdin.buffer.read())
    except Exception as error:
        cause = str(error) if type(error) is RuntimeError else f"failed ({error})"
        line = " ".join(cause.split())[:200]
        # What is said before may be a warning of the engine's: the reason has the last line.
        sys.stderr.buffer.write(f"\n{line}\n".encode(errors="replace"))
        return FAILED
    sys.stdout.buffer.write(layout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
