"""The commands of the (bdb) prompt, one method each; `h` prints their first lines.

They are pdb's, under pdb's abbreviations. Since b is break there, back has names of its own. How
lines are read, and Python is run, is in `prompt.py`.
"""

from __future__ import annotations

from cmd import Cmd
from collections.abc import Callable
from pprint import pformat
from typing import IO, Any

from autograd import Tensor
from autograd.breakpoints import Breakpoint, Test, stop_at
from autograd.graph import Node, line_of
from autograd.stepper import Stepper as Engine
from autograd.timeline import Event
from viz import format
from viz.event_line import number_text
from viz.names import has_line, one_line
from viz.stepping import AROUND, Stepper
from viz.value_names import array_of, value_of

PAGE = "step.html"
"""Where html writes the page if no file is named."""

HELP = """\
s [k]  one edge             n [k]  one operation         Enter  repeat
bs [k] one edge back        bn, back [k]  one operation back
r      out of the module    c      to the next breakpoint
unt X  until X's gradient is complete, or to operation X
rc     back to a breakpoint                   goto N  jump on the time line
b [X]  break at a name, op:log, |g|>1e3, nan or shop.py:6; `b X, condition`
tbreak X, cl [number], condition number [expression]
p X, pp X, whatis X         values and gradients
display [X], undisplay X    show at every stop        watch X  stop when its gradient grows
w      module, operation, source line, what waits     l [N]  events around here
explain [X]  why this number; explain W[3, 7]
draw   a picture at this step                 html [file]  the page for a browser
h [command]                 anything else is Python; ! forces it
q      leave this pass      Q, qq  leave for good: break_on stops no more"""


class Quit(Exception):
    """The session ends, for good."""


class Commands(Cmd):
    """What each command does with a Stepper. shown: the expressions of display.  conditions: of
    breakpoints, by number.  listed: the event that the next l begins behind.  is_final: whether
    no other prompt shall follow, of those that break_on would open."""

    def __init__(self, stepper: Stepper, stdin: IO[str], stdout: IO[str]) -> None:
        super().__init__(stdin=stdin, stdout=stdout)
        self.stepper = stepper
        self.shown: list[str] = []
        self.conditions: dict[int, str] = {}
        self.listed: int | None = None
        self.colour = False
        self.is_final = False

    # What the prompt provides

    def say(self, text: str) -> None:
        """Prints text."""
        raise NotImplementedError

    def evaluate(self, text: str, more: dict[str, Any] | None = None) -> Any:
        """The value of an expression in the user's frame."""
        raise NotImplementedError

    def tensor(self, text: str) -> Tensor | None:
        """The tensor that an expression gives, or None."""
        raise NotImplementedError

    def show(self) -> None:
        """Prints the present line, and what display asks for."""
        self.say(self.stepper.line(colour=self.colour))
        for text in self.shown:
            self.say(f"display {one_line(text)}: {self._told(text)}")

    # Moves

    def do_s(self, argument: str) -> None:
        """s, step [k]: one edge on, or k."""
        self._move(lambda: self.stepper.step(_count(argument, "s")), 1)

    def do_n(self, argument: str) -> None:
        """n, next [k]: one operation on, with all its inputs, or k."""
        self._move(lambda: self.stepper.next(_count(argument, "n")), 1)

    def do_bs(self, argument: str) -> None:
        """bs [k]: one edge back, or k."""
        self._move(lambda: self.stepper.step(-_count(argument, "bs")), -1)

    def do_back(self, argument: str) -> None:
        """bn, back [k]: one operation back, or k."""
        self._move(lambda: self.stepper.back(_count(argument, "back")), -1)

    def do_r(self, argument: str) -> None:
        """r, return: out of the current module."""
        _none(argument, "r")
        self._move(self.stepper.leave, 1)

    def do_c(self, argument: str) -> bool:
        """c, cont, continue: to the next breakpoint, or the end."""
        _none(argument, "c")
        points = list(self.stepper.breakpoints)  # a temporary one is gone when it is hit
        before = sum(point.hits for point in points)
        if not self.stepper.leaves_at_end:
            self._move(self.stepper.continue_, 1)
            return False
        self.stepper.continue_()
        is_over = sum(point.hits for point in points) == before
        if not is_over:
            self._moved()
        return is_over

    def do_rc(self, argument: str) -> None:
        """rc: back to the breakpoint before, or the beginning."""
        _none(argument, "rc")
        self._move(self.stepper.continue_back, -1)

    def do_unt(self, argument: str) -> None:
        """unt, until X: until the gradient of X is complete, or to the next operation X."""
        if not argument:
            raise ValueError("unt needs a name or an operation, as in unt x.")
        what = self._node(argument)
        self._move(lambda: self.stepper.until(what if what is not None else argument), 1)

    def do_goto(self, argument: str) -> None:
        """goto, jump N: to event N of the time line."""
        if not argument.lstrip("-").isdecimal():
            raise ValueError(f"goto needs the number of an event, not {argument!r}.")
        self.stepper.goto(int(argument))
        self._moved()

    def _move(self, move: Callable[[], Event], way: int) -> None:
        before = self.stepper.index
        move()
        if self.stepper.index == before:
            self.say("the end: nothing is ahead" if way > 0 else "the beginning: nothing is behind")
        self._moved()

    def _moved(self) -> None:
        self.listed = None
        self.show()

    # Breakpoints

    def do_b(self, argument: str) -> None:
        """b, break [X[, condition]]: stop at a name, op:log, |g|>1e3, nan or shop.py:6; a list."""
        if not argument:
            self.say("\n".join(map(self._point, self.stepper.breakpoints)) or "no breakpoints")
            return
        self._break(argument, is_temporary=False)

    def do_tbreak(self, argument: str) -> None:
        """tbreak X: a breakpoint that goes when it is hit."""
        if not argument:
            raise ValueError("tbreak needs a name, op:log, |g|>1e3, nan or shop.py:6.")
        self._break(argument, is_temporary=True)

    def do_watch(self, argument: str) -> None:
        """watch X: stop, and show it, whenever the gradient of X grows."""
        node = self.stepper.find(self._node(argument) or argument)[0]
        point = self.stepper.watch(node, f"watch {one_line(argument)}")
        if argument not in self.shown:
            self.shown.append(argument)
        self.say(self._point(point))

    def do_cl(self, argument: str) -> None:
        """cl, clear [number]: remove a breakpoint, or all; those of break_on, for the passes to
        come too."""
        self.stepper.clear(_number(argument, "cl") if argument else None)
        self.say(f"breakpoint {argument} is gone" if argument else "all breakpoints are gone")

    def do_condition(self, argument: str) -> None:
        """condition number [expression]: stop only where it is true, of g, upstream and total."""
        number, _, text = argument.partition(" ")
        wanted = _number(number, "condition")
        for point in self.stepper.breakpoints:
            if point.number == wanted:
                point.condition = self._condition(text) if text.strip() else None
                self.conditions[wanted] = text
                self.say(self._point(point))
                return
        raise ValueError(f"there is no breakpoint {wanted}.")

    def _break(self, argument: str, *, is_temporary: bool) -> None:
        text, comma, condition = argument.partition(",")
        if self.stepper.names.find(argument):  # a name may have a comma in it
            text, comma, condition = argument, "", ""
        node = self._node(text) if not self.stepper.names.find(text) else None
        test = stop_at([node]) if node is not None else self.stepper.test_of(text)
        point = self.stepper.break_at(
            one_line(text.strip()),
            test,
            condition=self._condition(condition) if comma else None,
            is_temporary=is_temporary,
        )
        self.conditions[point.number] = condition
        self.say(self._point(point))

    def _point(self, point: Breakpoint) -> str:
        """`breakpoint 1 at x if g > 2, hit once`."""
        asked = one_line(self.conditions.get(point.number, "").strip())
        hits = f", hit {point.hits} times" if point.hits > 1 else ", hit once" if point.hits else ""
        return f"breakpoint {point.number} at {point.text}{f' if {asked}' if asked else ''}{hits}"

    def _condition(self, text: str) -> Test:
        compile(text.strip(), "<condition>", "eval")

        def test(stepper: Engine, event: Event) -> bool:
            found = stepper.timeline.numbers(event.index)
            known = {"g": found.contribution, "upstream": found.upstream, "total": found.after}
            try:
                return bool(self.evaluate(text, known))
            except Exception as error:  # as in pdb: what cannot be tested stops
                self.say(f"*** {type(error).__name__}: {one_line(str(error), 200)}")
                return True

        return test

    # Values

    def do_p(self, argument: str) -> None:
        """p X: a value with its gradient so far, or any expression."""
        self.say(self._told(argument))

    def do_pp(self, argument: str) -> None:
        """pp X: the same in full."""
        node = self._node(argument)
        if node is None:
            self.say(pformat(self.evaluate(argument)))
            return
        name, g = self.stepper.names(node), self.stepper.gradient(node)
        array = array_of(node)
        self.say(f"{name} =\n{str(array) if array is not None else '(not kept)'}")
        self.say(f"{name}.grad =\n{str(g) if g is not None else format.NO_GRADIENT}")

    def do_whatis(self, argument: str) -> None:
        """whatis X: what made it, its shape, dtype and line."""
        node = self._node(argument)
        if node is None:
            self.say(f"{type(self.evaluate(argument))}")
            return
        op = node.op if node.index is None else node.parents[0].op
        made = f"from {one_line(op.name)}" if op is not None else "leaf"
        tracked = "" if node.tracked else ", without gradient"
        shape = format.shape_text(tuple(node.shape))
        at = f", {one_line(line_of(node))}" if has_line(node) else ""
        self.say(f"{self.stepper.names(node)}: {made}, {shape} {node.dtype}{tracked}{at}")

    def do_display(self, argument: str) -> None:
        """display [X]: show it at every stop; without X, show all now."""
        if argument and argument not in self.shown:
            self.shown.append(argument)
        for text in [argument] if argument else self.shown:
            self.say(f"display {one_line(text)}: {self._told(text)}")

    def do_undisplay(self, argument: str) -> None:
        """undisplay [X]: show it no longer; without X, nothing."""
        if argument and argument not in self.shown:
            raise ValueError(f"{argument} is not displayed.")
        self.shown = [text for text in self.shown if argument and text != argument]

    def _node(self, text: str) -> Node | None:
        """The value of the graph that a name or an expression stands for."""
        text = text.strip()
        if not text:
            raise ValueError("which value? Give a name of the graph, or an expression.")
        found = self.stepper.names.find(text)
        if found:
            return found[-1]
        tensor = self.tensor(text)
        node = tensor.node if tensor is not None else None
        return node if node in self.stepper.names else None

    def _told(self, text: str) -> str:
        """`x = 3     x.grad: 4, complete`, or the value of an expression in one line."""
        if (node := self._node(text)) is not None:
            name = self.stepper.names(node)
            value = format.in_line(value_of(node))
            g = number_text(self.stepper.gradient(node))
            is_open = self.stepper.gradient(node) is not None and not self.stepper.is_complete(node)
            told = value if value == name else f"{name} = {value}"
            return f"{told}     {name}.grad: {g}{' so far' if is_open else ''}"
        try:
            return repr(self.evaluate(text))
        except Exception as error:
            return f"*** {type(error).__name__}: {one_line(str(error), 200)}"

    # Looking around

    def do_w(self, argument: str) -> None:
        """w, where: operation, module, source line, and what waits."""
        self.say(self.stepper.where())

    def do_l(self, argument: str) -> None:
        """l, list [N]: the events around here, then those behind; or around event N."""
        start = _number(argument, "l") if argument else self.listed
        middle = self.stepper.index if start is None else start
        events = list(self.stepper.around(middle))
        for event in events:
            mark = "->" if event.index == self.stepper.index else "  "
            self.say(f"{mark} {self.stepper.line(event, colour=self.colour)}")
        if not events:
            self.say("the end: nothing is ahead")
        self.listed = middle + 2 * AROUND + 1

    def do_explain(self, argument: str) -> None:
        """explain [X]: why this gradient, or that of X, has its value; explain W[3, 7]."""
        is_element = argument.endswith("]") and not self.stepper.names.find(argument)
        what = self._node(argument) if argument and not is_element else None
        found = self.stepper.explain(what if what is not None else argument or None)
        self.say(str(found))

    def do_draw(self, argument: str) -> None:
        """draw [file]: a picture of the graph with the gradients that have come; or into a file."""
        drawing = self.stepper.draw()
        if argument:
            self.say(str(drawing.save(argument)))
        else:
            self.say(drawing.to_text(self.encoding_of(), colour=self.colour))

    def do_html(self, argument: str) -> None:
        """html [file]: the page that walks through these steps in a browser."""
        self.say(str(self.stepper.save(argument or PAGE)))

    def encoding_of(self) -> str:
        """What the output can take."""
        return getattr(self.stdout, "encoding", None) or "utf-8"

    # The session

    def do_help(self, arg: str) -> None:
        """h, help [command]: this."""
        if not arg:
            self.say(HELP)
            return
        method = getattr(self, f"do_{arg}", None)
        if method is None:
            raise ValueError(f"{arg} is no command. h lists them.")
        self.say(" ".join((method.__doc__ or "").split()))

    def do_q(self, argument: str) -> bool:
        """q, quit, exit: leave; under break_on, the next pass stops again."""
        _none(argument, "q")
        return True

    def do_final(self, argument: str) -> bool:
        """Q, qq: leave for good; under break_on, no pass stops any more. So does Ctrl-D."""
        _none(argument, "Q")
        self.is_final = True
        return True

    do_step, do_next, do_bn, do_return = do_s, do_n, do_back, do_r
    do_cont = do_continue = do_c
    do_until, do_break, do_clear = do_unt, do_b, do_cl
    do_j = do_jump = do_goto
    do_where, do_bt, do_list, do_h = do_w, do_w, do_l, do_help
    do_quit = do_exit = do_q
    do_Q = do_qq = do_EOF = do_final


def _count(text: str, command: str) -> int:
    """How many, 1 where nothing is said."""
    if text and not (text.isdecimal() and int(text)):
        raise ValueError(f"{command} takes a number of steps, not {text!r}. ! runs it as Python.")
    return int(text) if text else 1


def _number(text: str, command: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"{command} takes a number, not {text!r}.")
    return int(text)


def _none(text: str, command: str) -> None:
    if text:
        raise ValueError(f"{command} takes no argument, such as {text!r}. ! runs it as Python.")
