"""The (bdb) prompt: the backward debugger, which speaks pdb.

What the commands do is in `commands.py`; here is how lines come in and go out. A line that is no
command is Python, run in the user's frame. On a terminal there is history and tab completion;
commands may also be piped into the standard input, and are then echoed, so that what comes out
reads like a session.
"""

from __future__ import annotations

import builtins
import inspect
import io
import re
import sys
from types import CodeType, FrameType
from typing import IO, Any

from autograd import Tensor
from autograd.graph import MARK
from viz.commands import Commands, Quit
from viz.names import UNSHARED, one_line
from viz.stepping import Stepper
from viz.terminal import wants_colour
from viz.text import can_encode, spelled

PROMPT = "(bdb) "

LONGEST_ERROR = 300
"""Characters of an error's message that are shown."""

LEAVING = re.compile(r"(?:exit|quit)\s*\(.*\)")
"""Python's own words for the end, which would close the standard input before they raise."""


class Prompt(Commands):
    """One session at the prompt.

    frame: where Python is run; its variables can be changed if it is a module's.
    """

    prompt = PROMPT

    def __init__(
        self,
        stepper: Stepper,
        frame: FrameType | None = None,
        *,
        stdin: IO[str] | None = None,
        stdout: IO[str] | None = None,
    ) -> None:
        super().__init__(stepper, _readable(stdin or sys.stdin), stdout or sys.stdout)
        self.space = _space(frame)
        self.is_terminal = self.stdin.isatty() or _is_notebook()
        self.use_rawinput = self.is_terminal and self.stdin is sys.stdin
        self.encoding = getattr(self.stdout, "encoding", None) or "utf-8"
        self.colour = wants_colour(self.stdout)

    def run(self) -> bool:
        """Shows the present line, and takes commands until q or the end of the input. Returns
        whether that was for good: by Q, exit() or the end of the input."""
        self.show()
        while True:
            try:
                self.cmdloop()
                return self.is_final
            except KeyboardInterrupt:
                self.say("interrupted; q leaves, Q for good")

    # How lines come in

    def precmd(self, line: str) -> str:
        """The line, echoed where nobody has typed it on this terminal."""
        if not self.is_terminal:
            self.stdout.write("\n" if line == "EOF" else f"{self._spelled(line.rstrip())}\n")
        elif line == "EOF":
            self.stdout.write("\n")
        return line

    def onecmd(self, line: str) -> bool:
        """Runs one line, and says in a line what went wrong. Returns whether the session ends."""
        try:
            return bool(super().onecmd(line))
        except Quit:
            self.is_final = True
            return True
        except (ValueError, IndexError) as error:  # what commands say of their arguments
            self.fail("", str(error))
        except Exception as error:
            self.fail(type(error).__name__, str(error))
        return False

    def parseline(self, line: str) -> tuple[str | None, str | None, str]:
        """A command and its argument; Python where what follows the first word is no argument,
        such as s.grad."""
        command, argument, line = super().parseline(line)
        if command and line.startswith(command) and line[len(command) :][:1].strip():
            return None, None, line
        return command, argument, line

    def default(self, line: str) -> None:
        """Runs the line as Python in the user's frame, and shows its value."""
        if not line.startswith("#"):
            self.python(line.removeprefix("!").strip())

    def do_shell(self, argument: str) -> None:
        """! code: Python, also where its first word is a command."""
        self.python(argument)

    # Python

    def python(self, text: str) -> None:
        """Runs text, and prints what it gives as Python's own prompt would."""
        if LEAVING.fullmatch(text):
            raise Quit
        try:
            value = self._run(text)
            shown = repr(value) if value is not None else ""
        except (SystemExit, Quit):
            raise Quit from None
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self.fail(type(error).__name__, str(error))
            return
        if shown:
            self.say(shown)

    def evaluate(self, text: str, more: dict[str, Any] | None = None) -> Any:
        """The value of an expression in the user's frame. Raises what the expression raises."""
        return eval(compile(text.strip(), "<bdb>", "eval"), {**self.space, **(more or {})})

    def _run(self, text: str) -> Any:
        code: CodeType
        try:
            code = compile(text, "<bdb>", "eval")
        except SyntaxError:
            exec(compile(f"{text}\n", "<bdb>", "single"), self.space)
            return None
        return eval(code, self.space)

    def tensor(self, text: str) -> Tensor | None:
        """The tensor that an expression of the user's gives, or None."""
        try:
            value = self.evaluate(text)
        except Exception:
            return None
        return value if isinstance(value, Tensor) else None

    # How lines go out

    def say(self, text: str) -> None:
        """Prints text in characters that the terminal has."""
        self.stdout.write(f"{self._spelled(text)}\n")
        self.stdout.flush()

    def fail(self, kind: str, message: str) -> None:
        """Prints one line on what went wrong."""
        text = " ".join(message.split())
        self.say(f"*** {kind}{': ' if kind and text else ''}{one_line(text, LONGEST_ERROR)}")

    def _spelled(self, text: str) -> str:
        return text if can_encode(text, self.encoding) else spelled(text, self.encoding)

    # Completion

    def completenames(self, text: str, *ignored: Any) -> list[str]:
        """What the first word may become: a command, a name, or Python."""
        return [*super().completenames(text), *self._words(text)]

    def completedefault(self, *ignored: Any) -> list[str]:
        """What an argument may become: the rest of a value's name, which may have spaces."""
        text, line, _, end = ignored
        argument = line[:end].partition(" ")[2].lstrip()
        names = [n for n in self.stepper.names.known() if n.startswith(argument)]
        rest = [name[len(argument) - len(text) :] for name in names]
        return list(dict.fromkeys([*rest, *self._words(text)]))

    def _words(self, text: str) -> list[str]:
        """The names that text may become: of values, of Python, or behind its last dot."""
        # rlcompleter would do, but to import it is to set the completer of the whole process.
        if not text:
            return []
        before, dot, begun = text.rpartition(".")
        if dot:
            return [f"{before}.{n}" for n in _attributes(self.space, before) if n.startswith(begun)]
        known = [*self.space, *dir(builtins), *self.stepper.names.known()]
        return sorted({name for name in known if name.startswith(text)})


def _attributes(space: dict[str, Any], path: str) -> list[str]:
    """The attributes of what a dotted name stands for; those with _ in front are left out."""
    first, *rest = path.split(".")
    try:
        value = space[first]
        for name in rest:
            value = getattr(value, name)
        return [name for name in dir(value) if not name.startswith("_")]
    except Exception:  # no such name, or a property that raises
        return []


def _readable(stdin: IO[str] | None) -> IO[str]:
    """stdin, or an input at its end where there is none, or where it was closed."""
    return io.StringIO() if stdin is None or stdin.closed else stdin


def user_frame(frame: FrameType | None) -> FrameType | None:
    """The nearest frame, from the given one outwards, that is not the library's."""
    while frame is not None and _is_ours(frame):
        frame = frame.f_back
    return frame


def _is_ours(frame: FrameType) -> bool:
    name = str(frame.f_globals.get("__name__"))
    return MARK in frame.f_globals or name.partition(".")[0] == "viz"


def variables_of(frame: FrameType) -> dict[str, Any]:
    """The frame's own variables, copied so that the frame does not keep them alive by it."""
    variables = frame.f_locals
    found = dict(variables)
    # Before Python 3.13 f_locals is a copy of a function's variables, which the frame holds on to.
    is_copy = isinstance(variables, dict) and frame.f_code.co_flags & inspect.CO_OPTIMIZED
    if is_copy and sys.getrefcount(variables) <= UNSHARED:
        variables.clear()
    return found


def _space(frame: FrameType | None) -> dict[str, Any]:
    """The names that Python sees: a module's own, or those of a function with its module's."""
    if frame is None:
        return {"__builtins__": builtins}
    if not frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        is_module = frame.f_locals is frame.f_globals
        return frame.f_globals if is_module else {**frame.f_globals, **frame.f_locals}
    # One dictionary, so that a comprehension sees the function's variables too.
    return {**frame.f_globals, **variables_of(frame)}


def _is_notebook() -> bool:
    """Whether input() asks by itself, as in a notebook, whose standard input is no terminal."""
    shell = sys.modules.get("IPython")
    found = shell.get_ipython() if shell is not None else None
    return found is not None and hasattr(found, "kernel")
