"""The child process that Graphviz runs in, and the ways in which it may end."""

from __future__ import annotations

import io
import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from tests.viz.layout.plans import each_engine, needs_dot, put_dot
from viz.layout import __main__ as child
from viz.layout import process
from viz.layout.process import EngineError, finish, run

GRAPH = "digraph { a -> b }"

FAILURES = {
    "kill -SEGV $$": "`dot` crashed (SIGSEGV)",
    "echo bad >&2; exit 4": "`dot` failed with code 4 (bad)",
    "exit 4": "`dot` failed with code 4",
    """echo 'Format: "json0" not recognized. Use one of: svg' >&2; exit 1""": (
        "`dot` is too old to write json0; Graphviz 2.40 or newer can"
    ),
    "printf '\\377\\376' >&2; exit 1": "`dot` failed with code 1 (\ufffd\ufffd)",
}


@each_engine
def test_a_graph_becomes_json0(engine: str) -> None:
    assert b'"objects"' in run(engine, GRAPH, 20)


@needs_dot
def test_the_package_runs_as_a_module_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "viz.layout", "dot"], input=GRAPH.encode(), capture_output=True
    )
    assert done.returncode == 0 and b'"objects"' in done.stdout and not done.stderr


@needs_dot
def test_the_child_imports_neither_viz_nor_what_lies_in_the_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("graphviz", "subprocess", "json", "viz", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert b'"objects"' in run("dot", GRAPH, 20)


@pytest.mark.parametrize("body", FAILURES)
def test_a_dot_that_fails_is_a_reason_in_one_line(
    body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_dot(tmp_path, body, monkeypatch)
    with pytest.raises(EngineError) as caught:
        run("dot", GRAPH, 20)
    assert str(caught.value) == FAILURES[body]
    assert caught.value.is_about_graph == ("too old" not in FAILURES[body])


def test_a_warning_of_dots_is_nobodys_business(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    put_dot(tmp_path, "echo Warning: no font >&2; echo '{}'", monkeypatch)
    assert run("dot", GRAPH, 20) == b"{}\n"
    assert capfd.readouterr() == ("", "")


def test_a_dot_that_is_not_there_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match=r"^`dot` is not on PATH$"):
        run("dot", GRAPH, 20)


def has_ended(pid: int) -> bool:
    """Whether the process is gone, or goes within seconds: a signal takes a moment to arrive."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 10)[0])
    finally:
        os.close(process)


def test_a_dot_that_hangs_is_ended_with_all_of_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_dot(tmp_path, f"echo $$ > {tmp_path}/pid; /usr/bin/tail -f /dev/null; true", monkeypatch)
    with pytest.raises(EngineError, match=r"^`dot` took more than 0\.5 s$"):
        run("dot", GRAPH, 0.5)
    # On a busy machine the time may be over before `dot` has even begun.
    started = (tmp_path / "pid").read_text() if (tmp_path / "pid").exists() else ""
    assert not started or has_ended(int(started))


def test_the_limit_that_the_user_knows_is_named() -> None:
    with pytest.raises(EngineError, match=r"^`dot` took more than 20 s$"):
        run("dot", GRAPH, -1.0, 20.0)


def test_ctrl_c_ends_the_child_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def interrupted(self: subprocess.Popen[bytes], *_: object) -> tuple[bytes, bytes]:
        started.append(self)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        finish(["/usr/bin/tail", "-f", "/dev/null"], b"", 20)
    assert started[0].returncode is not None and started[0].stdout.closed


def test_a_child_that_ended_by_itself_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: int) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(os, "killpg", gone)
    with pytest.raises(subprocess.TimeoutExpired):
        finish(["/usr/bin/tail", "-f", "/dev/null"], b"", 0.1)


def test_a_crash_of_the_child_itself_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.py"
    monkeypatch.setattr(process, "PROGRAM", broken)
    for body, reason in {
        "import os; os.kill(os.getpid(), 11)": "`dot` crashed (SIGSEGV)",
        "import os, signal; os.kill(os.getpid(), signal.SIGRTMIN + 3)": "`dot` crashed (signal 37)",
        "raise SystemExit('no such thing')": "`dot` could not be started (no such thing)",
        "raise SystemExit(1)": "`dot` could not be started (no reason given)",
    }.items():
        broken.write_text(body)
        with pytest.raises(EngineError) as caught:
            run("dot", GRAPH, 20)
        assert str(caught.value) == reason


@pytest.mark.parametrize("program", ["", None, "/opt/studio/Studio.exe"])
def test_a_program_that_is_no_python_is_not_started(
    program: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", program)
    with pytest.raises(EngineError, match=r"needs a second Python process, but sys\.executable is"):
        run("dot", GRAPH, 20)


def test_a_python_that_cannot_be_started_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(EngineError, match=r"^a second Python process could not be started"):
        run("dot", GRAPH, 20)


def ask_child(monkeypatch: pytest.MonkeyPatch, *arguments: str, source: str = GRAPH) -> int:
    """The exit code of the child's main function, here in this process."""
    monkeypatch.setattr(sys, "argv", ["viz.layout", *arguments])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(source.encode())))
    return child.main()


@each_engine
def test_the_child_prints_the_layout(
    engine: str, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert ask_child(monkeypatch, engine) == 0
    sys.stdout.flush()
    assert b'"objects"' in capfdbinary.readouterr().out


@each_engine
def test_the_child_says_in_its_last_line_why_it_failed(
    engine: str, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert ask_child(monkeypatch, engine, source="digraph {") == child.FAILED == process.FAILED
    sys.stderr.flush()
    assert capfdbinary.readouterr().err.splitlines()[-1].startswith(b"failed")


def test_the_child_knows_two_engines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask_child(monkeypatch, "neato") == ask_child(monkeypatch) == 2
    assert "usage: python -m viz.layout dot|pygraphviz" in capsys.readouterr().err


@pytest.mark.parametrize(("body", "reason"), [("kill -SEGV $$", b"crashed"), ("exit 4", b"failed")])
def test_the_child_outlives_a_dot_that_does_not(
    body: str,
    reason: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    put_dot(tmp_path, body, monkeypatch)
    assert ask_child(monkeypatch, "dot") == child.FAILED
    (tmp_path / "dot").unlink()
    assert ask_child(monkeypatch, "dot") == child.FAILED
    sys.stderr.flush()
    said = capfdbinary.readouterr().err
    assert reason in said and said.endswith(b"is not on PATH\n")
