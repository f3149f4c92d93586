"""How an operation is declared: its mathematics, its symbol, and a rule for each input.

    @op("×")
    def mul(xp, x, y):
        return x * y

    mul.vjp(x=("∂z/∂x = y", lambda g, y: g * y),
            y=("∂z/∂y = x", lambda g, x: g * x))

Positional parameters are arrays, keyword-only parameters are settings; `xp`, the array module,
comes first.
A rule's parameter names say what it uses, and what a rule names is what a node keeps.
`specialise.py` turns the declaration into the functions that run.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec

from autograd import pulling, specialise
from autograd.formula import Formula
from autograd.graph import next_number
from autograd.habits import refuse_keywords

if TYPE_CHECKING:
    from autograd.tensor import Tensor

P = ParamSpec("P")

REGISTRY: dict[str, Op[Any]] = {}
"""The library's own operations by name; those that users declare are not listed."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The vector-Jacobian product with respect to one input, and its formula in the grammar of
    `formula.py`."""

    formula: str
    function: Callable[..., Any]
    uses: tuple[str, ...]

    def parsed(self) -> Formula:
        """The formula as a tree, for drawing and for the test that evaluates it."""
        return Formula.parse(self.formula)


class Op(Generic[P]):
    """A differentiable operation. Made by `@op(symbol)`; call it with Tensors, arrays or numbers.

    inputs: names of the array parameters.  optional: those that may be None.  settings: keyword
    settings and their defaults.  outputs: names of several outputs, () for one.  private: names of
    further arrays that forward returns for the rules alone.  composite: the same function in plain
    ops, for a fused op.
    """

    name: str
    symbol: str
    forward: Callable[..., Any]
    inputs: tuple[str, ...]
    optional: frozenset[str]
    is_starred: bool
    settings: dict[str, Any]
    outputs: tuple[str, ...]
    private: tuple[str, ...]
    composite: Callable[..., Any] | None
    floating: bool
    rules: dict[str, Rule]
    joint: Rule | None
    _earlier: tuple[int, tuple[Callable[..., Any], Callable[..., Any]]] | None

    def __init__(
        self,
        forward: Callable[..., Any],
        symbol: str,
        *,
        name: str | None = None,
        outputs: tuple[str, ...] = (),
        private: tuple[str, ...] = (),
        composite: Callable[..., Any] | None = None,
        floating: bool = False,
    ) -> None:
        self.forward, self.symbol, self.name = forward, symbol, name or forward.__name__.strip("_")
        self.outputs, self.private, self.composite, self.floating = (
            outputs,
            private,
            composite,
            floating,
        )
        self.rules, self.joint, self._earlier = {}, None, None
        self.__doc__, self.__name__, self.__wrapped__ = forward.__doc__, self.name, forward
        self.__module__ = forward.__module__
        self.__qualname__ = getattr(forward, "__qualname__", self.name)
        self._read_signature()

    def _read_signature(self) -> None:
        parameters = list(inspect.signature(self.forward).parameters.values())
        if not parameters or parameters[0].name != "xp":
            raise TypeError(
                f"op {self.name!r}: the first parameter must be xp, the array module. "
                f"Write def {self.name}(xp, x, ...)."
            )
        arrays = [p for p in parameters[1:] if p.kind is not p.KEYWORD_ONLY]
        self._check_arrays(arrays)
        self.is_starred = any(p.kind is p.VAR_POSITIONAL for p in arrays)
        if self.is_starred and len(arrays) != 1:
            raise TypeError(
                f"op {self.name!r}: *{arrays[-1].name} must be its only array parameter."
            )
        self.inputs = tuple(p.name for p in arrays)
        self.optional = frozenset(p.name for p in arrays if p.default is None)
        self.settings = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        self._check_names()

    def _check_names(self) -> None:
        """Refuses names that a rule could not tell from its own words, or that calls need."""
        names = [*self.inputs, *self.settings, *self.private]
        words = {"g", "z", "xp", "needs"} | {f"{name}_shape" for name in self.inputs}
        words |= {"i"} if self.is_starred else set()
        if taken := [name for name in names if name in words or name.startswith("_")]:
            raise TypeError(
                f"op {self.name!r}: the name {taken[0]!r} is taken: in rules g is the upstream "
                "gradient, z the output, x_shape the shape of x. Rename it; names that begin with "
                "an underscore are the engine's."
            )

    def _check_arrays(self, arrays: list[inspect.Parameter]) -> None:
        if not arrays:
            raise TypeError(f"op {self.name!r}: it needs an array parameter after xp.")
        for p in arrays:
            if p.kind is p.VAR_KEYWORD:
                raise TypeError(f"op {self.name!r}: **{p.name} is not possible; name each setting.")
            if p.default is not p.empty and p.default is not None:
                raise TypeError(
                    f"op {self.name!r}: {p.name}={p.default!r} looks like a setting, and those are "
                    f"keyword-only. Write *, {p.name}={p.default!r}."
                )

    @cached_property
    def is_cast(self) -> tuple[bool, ...]:
        """For each input, whether the call casts it: those with a rule, or all where there is no
        rule."""
        return tuple(not self.is_differentiable or name in self.rules for name in self.inputs)

    @property
    def is_differentiable(self) -> bool:
        """Whether any input has a rule."""
        return bool(self.rules)

    def vjp(self, /, **rules: tuple[str, Callable[..., Any]]) -> None:
        """Declares a rule per input: `x=("∂z/∂x = y", lambda g, y: g * y)`.

        A rule may name g (∂L/∂z), z, any input, `<input>_shape`, any setting, any private array,
        xp, and for a starred input i, the position. Raises TypeError for any other name.
        """
        made = {}
        for name, pair in rules.items():
            self._check_input(name)
            if not isinstance(pair, tuple) or len(pair) != 2 or not callable(pair[1]):
                raise TypeError(
                    f"op {self.name!r}: the rule for {name} must be a pair of its formula and a "
                    f'function, such as {name}=("∂z/∂{name} = 2 · {name}", lambda g, {name}: ...).'
                )
            made[name] = self._rule(*pair)
        self._declare(made)

    def vjp_all(self, function: Callable[..., Any], /, **formulas: str) -> None:
        """Declares one rule that gives all gradients at once, as a tuple in the order of the
        inputs.

        formulas: the formula of each input that has a gradient. The rule may also name needs, a
        tuple of bools in that order. Raises TypeError for a name that the operation does not have.
        """
        for name in formulas:
            self._check_input(name)
        made = {name: self._rule(text, function, "needs") for name, text in formulas.items()}
        self._declare(made, Rule("", function, self._names(function, "needs")))

    def _check_input(self, name: str) -> None:
        if name not in self.inputs:
            raise TypeError(
                f"op {self.name!r} has no input {name!r}; its inputs are {', '.join(self.inputs)}."
            )

    def _rule(self, formula: str, function: Callable[..., Any], *more: str) -> Rule:
        rule = Rule(formula, function, self._names(function, *more))
        if (
            self.name not in REGISTRY
        ):  # the library's own are parsed by a test: importing is quicker
            rule.parsed()
        return rule

    def _declare(self, rules: dict[str, Rule], joint: Rule | None = None) -> None:
        """Takes rules on, and drops what was written for those so far: a REPL may call an op before
        it has any. Nodes that were recorded under earlier rules keep them."""
        is_used = self.is_differentiable and "call" in self.__dict__
        if is_used and (REGISTRY.get(self.name) is self or self.composite is not None):
            kind = "built in" if self.composite is None else "fused"
            raise TypeError(
                f"op {self.name!r} is {kind} and in use, so its rules stay as they are. Declare an "
                "op of your own with @op."
            )
        if rules and self.joint is not None and joint is None:
            raise TypeError(
                f"op {self.name!r} has one joint rule for all its inputs. Call vjp_all() again."
            )
        if is_used:
            self._earlier = next_number(), (self.pull, self.pull_tensors)
        self.rules |= rules
        self.joint = joint or self.joint
        for name in ("is_cast", "call", "pull", "pull_tensors"):
            self.__dict__.pop(name, None)

    def _names(self, function: Callable[..., Any], *more: str) -> tuple[str, ...]:
        known = {"g", "z", "xp", *more, *self.inputs, *self.settings, *self.private}
        known |= {f"{name}_shape" for name in self.inputs} | ({"i"} if self.is_starred else set())
        parameters = inspect.signature(function).parameters
        for p in parameters.values():
            if p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
                raise TypeError(
                    f"op {self.name!r}: the rule's parameter {p} cannot be given, for a rule is "
                    f"called by position. Name what it uses: lambda g, {self.inputs[0]}: ..."
                )
        uses = tuple(parameters)
        if unknown := [name for name in uses if name not in known]:
            raise TypeError(
                f"op {self.name!r}: a rule names {', '.join(unknown)}, which the operation does "
                f"not have. "
                f"It may name {', '.join(sorted(known))}."
            )
        return uses

    def __call__(self, /, *args: P.args, **settings: P.kwargs) -> Tensor:
        """Applies the operation; records a node if an input is tracked and recording is on."""
        try:
            result: Tensor = self.call(*args, **settings)
        except TypeError:
            refuse_keywords(self.name, settings.keys() - self.settings.keys())
            raise
        return result

    # The three functions that run are written on first use, so that importing the library stays
    # quick.

    @cached_property
    def call(self) -> Callable[..., Any]:
        """The forward function: operators are bound to it directly."""
        return specialise.make_call(self)

    @cached_property
    def pull(self) -> Callable[..., Any]:
        """The rules on raw arrays."""
        return self._by_age(pulling.make_pull(self), 0)

    @cached_property
    def pull_tensors(self) -> Callable[..., Any]:
        """The rules on Tensors."""
        return self._by_age(pulling.make_pull_tensors(self), 1)

    def _by_age(self, pull: Callable[..., Any], position: int) -> Callable[..., Any]:
        """pull, or for nodes older than the latest declaration, what was at position before it."""
        if self._earlier is None:
            return pull
        number, pulls = self._earlier
        earlier = pulls[position]
        return lambda node, *rest: (earlier if node.number < number else pull)(node, *rest)

    def __copy__(self) -> Op[P]:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Op[P]:
        return self  # there is one of each: a copied module must not leave the registry

    def __reduce__(self) -> str:
        return self.__qualname__  # pickled by name, as functions are

    def __repr__(self) -> str:
        return f"<op {self.name} {self.symbol}>"


def op(
    symbol: str,
    *,
    name: str | None = None,
    outputs: tuple[str, ...] = (),
    private: tuple[str, ...] = (),
    composite: Callable[..., Any] | None = None,
    floating: bool = False,
) -> Callable[[Callable[Concatenate[Any, P], Any]], Op[P]]:
    """Declares an operation: `@op("×")` above a function of (xp, arrays..., *, settings...).

    symbol: what drawings show in its circle.  name: the function's name if not given.  outputs:
    names, where forward returns a tuple of several; one name for any number.  private: names of
    further arrays for the rules; forward returns (z, *private), and they must be integer or bool
    unless there is a composite.  floating: integer inputs become the default dtype.
    composite: the same function of Tensors in plain ops; its derivatives are the higher
    derivatives.
    """
    if not isinstance(symbol, str):
        raise TypeError('@op takes the symbol that drawings show: write @op("×"), not @op.')

    def declare(forward: Callable[Concatenate[Any, P], Any]) -> Op[P]:
        made: Op[P] = Op(
            forward,
            symbol,
            name=name,
            outputs=outputs,
            private=private,
            composite=composite,
            floating=floating,
        )
        if str(forward.__module__).startswith("autograd.ops."):
            REGISTRY[made.name] = made
        return made

    return declare
