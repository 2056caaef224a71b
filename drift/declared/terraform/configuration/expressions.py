"""Terraform's expressions as objects that know how to evaluate themselves: what can't be known stays
:class:`drift.model.Unresolved`, and nothing is made up in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from drift.declared.terraform.configuration.values import (
    Exhausted,
    Failure,
    Namespace,
    SetOf,
    bool_of,
    kind_of,
    number_of,
    settled,
    text_of,
    unknown,
    whole_number,
)
from drift.model import Unresolved
from drift.values import same

#: How many members and calls all expressions of one configuration may take together.
MOST_STEPS = 5_000_000


@dataclass(slots=True)
class Budget:
    """What is left of the work that a configuration may ask for."""

    left: int = field(default_factory=lambda: MOST_STEPS)

    def spend(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise Exhausted("the expressions ask for more work than is done for one configuration")


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: ``root`` looks up a first name (``var``, ``aws_vpc``), ``call`` a function;
    ``local`` are the names of loops."""

    root: Callable[[str], Any]
    call: Callable[[str], Callable[..., Any] | None]
    budget: Budget
    local: Mapping[str, Any] = field(default_factory=dict)

    def within(self, names: Mapping[str, Any]) -> Scope:
        return Scope(self.root, self.call, self.budget, {**self.local, **names})


class Expression(Protocol):
    def evaluate(self, scope: Scope) -> Any:
        """The value. Raises Failure where there is none."""
        ...


def value_of(expression: Expression, scope: Scope) -> Any:
    """The plain value of an expression; Unresolved with the reason where it has none."""
    try:
        return settled(expression.evaluate(scope))
    except (Failure, Exhausted) as error:
        return Unresolved(str(error))
    except RecursionError:
        return Unresolved("it is nested too deeply")


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any

    def evaluate(self, scope: Scope) -> Any:
        return self.value


@dataclass(frozen=True, slots=True)
class Name:
    """The first word of a reference."""

    name: str

    def evaluate(self, scope: Scope) -> Any:
        return scope.local[self.name] if self.name in scope.local else scope.root(self.name)


@dataclass(frozen=True, slots=True)
class Member:
    """``base.name`` and, ``indexed``, ``base[key]``."""

    base: Expression
    key: Expression
    indexed: bool = False

    def evaluate(self, scope: Scope) -> Any:
        return member(self.base.evaluate(scope), self.key.evaluate(scope))


def member(base: Any, key: Any) -> Any:
    """Raises Failure where there is no such member."""
    if isinstance(base, Unresolved):
        return base
    if isinstance(key, Unresolved):
        return key
    if isinstance(base, Namespace):
        if isinstance(key, (str, int)):
            return base.get(key)  # type: ignore[arg-type]
        raise Failure(f"{kind_of(key)} names no member")
    if isinstance(base, SetOf):
        raise Failure("a set has no members by key")
    if isinstance(base, Mapping):
        name = text_of(key)
        if name in base:
            return base[name]
        raise Failure(f"there is no member {name!r}")
    if isinstance(base, list):
        index = number_of(key)
        if isinstance(index, int) and 0 <= index < len(base):
            return base[index]
        raise Failure(f"there is no member {index} of {len(base)}")
    raise Failure(f"{kind_of(base)} has no members")


@dataclass(frozen=True, slots=True)
class Splat:
    """``base[*]…`` and ``base.*…``: ``rest`` is evaluated with each member as ``each``."""

    base: Expression
    rest: tuple[Expression, ...]

    def evaluate(self, scope: Scope) -> Any:
        base = self.base.evaluate(scope)
        if isinstance(base, Namespace):
            base = base.whole()
        if isinstance(base, Unresolved):
            return base
        items = [] if base is None else base if isinstance(base, list) else [base]
        scope.budget.spend(len(items))
        return [self._each(item, scope) for item in items]

    def _each(self, item: Any, scope: Scope) -> Any:
        for key in self.rest:
            item = member(item, key.evaluate(scope))
        return item


@dataclass(frozen=True, slots=True)
class Template:
    """A text with values in it."""

    parts: tuple[Expression, ...]

    def evaluate(self, scope: Scope) -> Any:
        made = []
        for part in self.parts:
            value = settled(part.evaluate(scope))
            found = unknown(value)
            if found is not None:
                return found
            made.append(text_of(value))
        return "".join(made)


@dataclass(frozen=True, slots=True)
class Conditional:
    condition: Expression
    yes: Expression
    no: Expression

    def evaluate(self, scope: Scope) -> Any:
        condition = settled(self.condition.evaluate(scope))
        if isinstance(condition, Unresolved):
            one, other = value_of(self.yes, scope), value_of(self.no, scope)
            return one if unknown(one) is None and same(one, other) else condition
        return (self.yes if bool_of(condition) else self.no).evaluate(scope)


@dataclass(frozen=True, slots=True)
class Unary:
    sign: str
    operand: Expression

    def evaluate(self, scope: Scope) -> Any:
        value = settled(self.operand.evaluate(scope))
        if isinstance(value, Unresolved):
            return value
        return not bool_of(value) if self.sign == "!" else -number_of(value)


_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


@dataclass(frozen=True, slots=True)
class Binary:
    left: Expression
    sign: str
    right: Expression

    def evaluate(self, scope: Scope) -> Any:
        left = settled(self.left.evaluate(scope))
        if self.sign in ("&&", "||"):
            return self._logic(left, scope)
        right = settled(self.right.evaluate(scope))
        found = unknown(left) or unknown(right)
        if found is not None:
            return found
        if self.sign in ("==", "!="):
            return same(_loose(left), _loose(right)) == (self.sign == "==")
        one, other = number_of(left), number_of(right)
        if self.sign in _COMPARED:
            return _COMPARED[self.sign](one, other)
        if self.sign == "+":
            return _exact(one + other)
        if self.sign == "-":
            return _exact(one - other)
        if self.sign == "*":
            return _exact(one * other)
        if other == 0:
            raise Failure("it divides by zero")
        if self.sign == "/":
            return _exact(one / other) if one % other else whole_number(one // other)
        return one - other * int(one / other)  # %

    def _logic(self, left: Any, scope: Scope) -> Any:
        ends = self.sign == "||"
        if not isinstance(left, Unresolved) and bool_of(left) == ends:
            return ends
        right = settled(self.right.evaluate(scope))
        if not isinstance(right, Unresolved) and bool_of(right) == ends:
            return ends
        return next((one for one in (left, right) if isinstance(one, Unresolved)), not ends)


def _exact(value: float) -> int | float:
    """A number as Terraform has it, which reckons with more digits than a float's."""
    return whole_number(float(f"{value:.15g}")) if isinstance(value, float) else value


def _loose(value: Any) -> Any:
    """A set as a list: they are compared by their members."""
    return list(value) if isinstance(value, SetOf) else value


@dataclass(frozen=True, slots=True)
class Tuple:
    items: tuple[Expression, ...]

    def evaluate(self, scope: Scope) -> Any:
        return [item.evaluate(scope) for item in self.items]


@dataclass(frozen=True, slots=True)
class Object:
    """``lines`` says on which line each of the items stands."""

    items: tuple[tuple[Expression, Expression], ...]
    lines: tuple[int, ...] = ()

    def evaluate(self, scope: Scope) -> Any:
        made: dict[str, Any] = {}
        for key, value in self.items:
            name = settled(key.evaluate(scope))
            if isinstance(name, Unresolved):
                return name
            made[text_of(name)] = value.evaluate(scope)
        return made


@dataclass(frozen=True, slots=True)
class For:
    """``[for …]`` and, with ``made_key``, ``{for …}``; ``grouped`` collects values of the same key."""

    names: tuple[str, ...]
    over: Expression
    made_key: Expression | None
    made: Expression
    condition: Expression | None = None
    grouped: bool = False

    def evaluate(self, scope: Scope) -> Any:
        over = self.over.evaluate(scope)
        if isinstance(over, Namespace):
            over = over.whole()
        if isinstance(over, Unresolved):
            return over
        items: list[Any] = []
        keyed: dict[str, Any] = {}
        for key, value in pairs(over):
            scope.budget.spend()
            bound = (key, value) if len(self.names) > 1 else (value,)
            inner = scope.within(dict(zip(self.names, bound, strict=True)))
            if self.condition is not None:
                kept = settled(self.condition.evaluate(inner))
                if isinstance(kept, Unresolved):
                    return kept
                if not bool_of(kept):
                    continue
            if self.made_key is None:
                items.append(self.made.evaluate(inner))
                continue
            name = settled(self.made_key.evaluate(inner))
            if isinstance(name, Unresolved):
                return name
            made = self.made.evaluate(inner)
            if self.grouped:
                keyed.setdefault(text_of(name), []).append(made)
            else:
                keyed[text_of(name)] = made
        return items if self.made_key is None else keyed


def pairs(value: Any) -> Iterator[tuple[Any, Any]]:
    """The (key, member) pairs of a collection in Terraform's order. Raises Failure of anything else."""
    if isinstance(value, Mapping):
        for key in sorted(value):
            yield key, value[key]
    elif isinstance(value, SetOf):
        for item in value:
            yield item, item
    elif isinstance(value, list):
        yield from enumerate(value)
    else:
        raise Failure(f"{kind_of(value)} is no collection")


@dataclass(frozen=True, slots=True)
class Loop:
    """``%{ for }`` in a template."""

    names: tuple[str, ...]
    over: Expression
    body: Expression

    def evaluate(self, scope: Scope) -> Any:
        made = For(self.names, self.over, None, self.body).evaluate(scope)
        if isinstance(made, Unresolved):
            return made
        found = unknown(made)
        return "".join(made) if found is None else found


@dataclass(frozen=True, slots=True)
class Call:
    """``spread``: the last argument is a list of the rest (``...``)."""

    function: str
    arguments: tuple[Expression, ...]
    spread: bool = False

    def evaluate(self, scope: Scope) -> Any:
        scope.budget.spend()
        if self.function in ("try", "can"):
            return self._tried(scope)
        function = scope.call(self.function)
        if function is None:
            return Unresolved(f"the function {self.function} is not evaluated")
        arguments = [settled(one.evaluate(scope)) for one in self.arguments]
        if self.spread and arguments:
            last = arguments.pop()
            if isinstance(last, Unresolved):
                return last
            arguments.extend(item for _, item in pairs(last))
        try:
            made = function(*arguments)
        except (Failure, Exhausted, RecursionError):
            raise
        except TypeError as error:
            raise Failure(f"{self.function} is called with what it does not take") from error
        except Exception as error:  # noqa: BLE001 - of whatever a function refuses nothing is known
            raise Failure(f"{self.function}: {' '.join(str(error).split())}") from error
        scope.budget.spend(len(made) if isinstance(made, (list, dict)) else 1)
        return made

    def _tried(self, scope: Scope) -> Any:
        failure = "none of its arguments has a value"
        for argument in self.arguments:
            try:
                value = settled(argument.evaluate(scope))
            except Failure as error:
                failure = str(error)
                continue
            if isinstance(value, Unresolved):
                return value
            return value if self.function == "try" else True
        if self.function == "can":
            return False
        raise Failure(failure)
