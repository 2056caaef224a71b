"""Evaluates a template's values as ARM would at deployment; what can't be known becomes Unresolved with a
reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from drift.lined import Map, Trace
from drift.model import Sensitive, Unresolved
from providers.azure.arm import lambdas
from providers.azure.arm import values as functions
from providers.azure.arm.expressions import (
    Call,
    Literal,
    Malformed,
    Member,
    Node,
    is_expression,
    literal,
    parse,
)
from providers.azure.arm.functions import TABLE
from providers.azure.arm.loops import Loops, is_copies, times
from providers.azure.arm.names import Names
from providers.azure.arm.place import ID_FUNCTIONS, Place, resource_id
from providers.azure.arm.values import (
    Unknown,
    attempted,
    bounded,
    integer,
    marked,
    opened,
    raised,
    what,
    word,
)

#: Asks for the nested deployment that a function names, where the name is made of this deployment's unknown
#: one.
ASSUMED = "assumed deployment"


@dataclass
class Evaluator:
    """The values of one template at one place. ``asked`` answers functions that look at resources or the live
    side."""

    parameters: Mapping[str, Any]
    variables: Map
    place: Place
    asked: Callable[[str, list[Any]], Any]
    users: Mapping[str, Any] = field(default_factory=dict)
    loops: Loops = field(default_factory=Loops)
    _lambdas: dict[str, Any] = field(default_factory=dict)
    names: Names = field(init=False)

    def __post_init__(self) -> None:
        self.names = Names(self.parameters, self.variables, self.value, self.copied)

    def value(self, node: Any, trace: Trace | None = None) -> Any:
        """What a node of the template means."""
        try:
            if isinstance(node, str):
                return self.expression(node)
            if isinstance(node, Mapping):
                return self._mapping(node, trace)
            if isinstance(node, list):
                return self._list(node, trace)
        except Unknown as reason:
            return Unresolved(f"{node[:120]}: {reason}" if isinstance(node, str) else str(reason))
        except RecursionError:
            return Unresolved("the value is nested too deeply")
        return node

    def plain(self, node: Any) -> Any:
        """A value that must be known. Raises Unknown."""
        value = self.value(node)
        return functions.known(value)

    def expression(self, said: str) -> Any:
        """What a text means. Raises Unknown."""
        if not is_expression(said):
            return literal(said)
        try:
            tree = parse(said)
        except Malformed as error:
            raise Unknown(str(error)) from error
        return bounded(self.node(tree))

    def _mapping(self, node: Mapping[str, Any], trace: Trace | None) -> Any:
        found: dict[str, Any] = {}
        lines = getattr(node, "lines", {})
        for key, item in node.items():
            if key.lower() == "copy" and is_copies(item):
                for one in item:
                    name = literal(str(one["name"]))
                    found[name] = self.copied(name, one)
                continue
            name = literal(key)
            if is_expression(key):
                said, secret = opened(self.expression(key))
                if secret:
                    raise Unknown("a secret value names the member")
                name = functions.text(said)
            below = trace.member(name) if trace else None
            if below and key in lines:
                below.lines[below.pointer] = lines[key]
            found[name] = self.value(item, below)
        return found

    def _list(self, node: list[Any], trace: Trace | None) -> list[Any]:
        found = []
        lines = getattr(node, "lines", ())
        for at, item in enumerate(node):
            below = trace.member(at) if trace else None
            if below and at < len(lines):
                below.lines[below.pointer] = lines[at]
            found.append(self.value(item, below))
        return found

    def copied(self, name: str, one: Mapping[str, Any]) -> Any:
        """The array that a copy loop of values makes."""
        try:
            count = self.count(one.get("count"))
        except Unknown as reason:
            return Unresolved(f"the copy loop {name}: {reason}")
        found = []
        for at in range(count):
            with self.loops.within(name, at, own=not name):
                found.append(self.value(one.get("input")))
        return found

    def count(self, said: Any) -> int:
        """How often a copy loop runs. Raises Unknown."""
        return times(self.plain(said))

    def looped(self, name: str, at: int) -> AbstractContextManager[None]:
        """Within one turn of a copy loop."""
        return self.loops.within(name, at)

    def node(self, node: Node) -> Any:
        """The value of an expression's tree. Raises Unknown."""
        if isinstance(node, Literal):
            return node.value
        if isinstance(node, Member):
            return self._member(node)
        name = node.name.lower()
        if name == "if" and len(node.arguments) == 3:
            test, yes, no = node.arguments
            chosen = opened(self.node(test))[0]
            return self.node(yes if functions.boolean(chosen) else no)
        if name in ("coalesce", "tryget") or name in lambdas.TABLE:
            return self._special(name, node.arguments)
        if name in ("and", "or"):
            return self._junction(name, node.arguments)
        if name in ("createobject", "createarray"):
            return self._built(name, node.arguments)
        try:
            given = [opened(self.node(one)) for one in node.arguments]
        except Unknown:
            found = self._assumed(node) if name == "reference" and 0 < len(node.arguments) < 3 else None
            if found is None:
                raise
            return found
        try:
            result = self._call(name, node.name, [value for value, _ in given])
        except Unknown as reason:
            if any(secret or marked(value) for value, secret in given):
                raise Unknown(f"{node.name}() can't be told for this secret value") from reason
            raise
        hidden = any(secret for _, secret in given) or any(
            marked(value) for value, _ in given if name in _TEXTS
        )
        return Sensitive(result) if hidden and not isinstance(result, (Unresolved, Sensitive)) else result

    def _built(self, name: str, arguments: tuple[Node, ...]) -> Any:
        """A new array or object; what is unknown or secret in it is one member, not the whole."""
        if name == "createarray":
            return [attempted(self.node, one) for one in arguments]
        if len(arguments) % 2:
            raise Unknown("createObject expects keys and values in pairs")
        made: dict[str, Any] = {}
        for key, value in zip(arguments[::2], arguments[1::2], strict=True):
            said, secret = opened(self.node(key))
            if secret:
                raise Unknown("a secret value names the member")
            made[word(said)] = attempted(self.node, value)
        return made

    def _assumed(self, node: Call) -> Any:
        """``reference()`` of a nested deployment whose name is made of this deployment's, which nobody
        tells."""
        return self.asked(ASSUMED, [lambda: opened(self.node(node.arguments[0]))[0]])

    def _junction(self, name: str, arguments: tuple[Node, ...]) -> bool:
        unknown: Unknown | None = None
        for one in arguments:
            try:
                holds = functions.boolean(opened(self.node(one))[0])
            except Unknown as reason:
                unknown = reason
                continue
            if holds is (name == "or"):
                return holds
        if unknown:
            raise unknown
        return name == "and"

    def _member(self, node: Member) -> Any:
        of, secret = opened(self.node(node.of))
        key, hidden = opened(self.node(node.key))
        if hidden:
            raise Unknown("a secret value names the member")
        if node.safe and of is None:
            return None
        if isinstance(of, Mapping):
            found = next((item for name, item in of.items() if name.lower() == word(key).lower()), Unknown)
        elif isinstance(of, list):
            at = integer(key)
            found = of[at] if 0 <= at < len(of) else Unknown
        else:
            raise Unknown(f"{_said(key)} is asked of {what(of)}")
        if found is Unknown:
            if node.safe:
                return None
            raise Unknown(f"there is no {_said(key)} in the {'array' if isinstance(of, list) else 'object'}")
        if isinstance(found, Unresolved):
            raise Unknown(found.reason)
        return Sensitive(found) if secret and not isinstance(found, Sensitive) else found

    def _call(self, name: str, said: str, values: list[Any]) -> Any:
        if name in ("parameters", "variables"):
            return self.names.of(name, values)
        if name == "copyindex":
            return self.loops.index(values)
        if name in ID_FUNCTIONS:
            return resource_id(name, self.place, values)
        if name == "lambdavariables" and len(values) == 1 and word(values[0]) in self._lambdas:
            return self._lambdas[values[0]]
        if name in TABLE:
            least, most, function = TABLE[name]
            if not least <= len(values) <= most:
                raise Unknown(f"{said} expects {least} to {most} arguments, got {len(values)}")
            try:
                return function(*values)
            except (TypeError, ValueError, AttributeError, OverflowError) as error:
                raise Unknown(f"{said} can't be told for these arguments") from error
        if name in self.users:
            return self._user(name, values)
        return self.asked(name, values)

    def _user(self, name: str, values: list[Any]) -> Any:
        said = self.users[name]
        taken = said.get("parameters") or []
        if not isinstance(taken, list):
            raise Unknown(f"the parameters of the function {name} are no list")
        names = [str(one.get("name")).lower() for one in taken if isinstance(one, Mapping)]
        if len(names) != len(values) or not isinstance(said.get("output"), Mapping):
            raise Unknown(f"the function {name} expects {len(names)} arguments")
        if len(self.names.asking) > 50:
            raise Unknown(f"the function {name} calls itself")
        inner = Evaluator(dict(zip(names, values, strict=True)), Map(), self.place, self.asked, self.users)
        inner.names.asking = [*self.names.asking, name]
        return raised(inner.value(said["output"].get("value")))

    def _special(self, name: str, arguments: tuple[Node, ...]) -> Any:
        if name == "coalesce":
            for one in arguments:
                found = self.node(one)
                if opened(found)[0] is not None:
                    return found
            return None
        if name == "tryget" and arguments:
            of = arguments[0]
            for key in arguments[1:]:
                of = Member(of, key, safe=True)
            return self.node(of)
        if name in lambdas.TABLE:
            return lambdas.value(name, arguments, self.node, self._applied)
        raise Unknown(f"the function {name} is not known here with {len(arguments)} arguments")

    def _applied(self, function: Node, values: tuple[Any, ...]) -> Any:
        if not isinstance(function, Call) or function.name.lower() != "lambda" or not function.arguments:
            raise Unknown("expected a lambda")
        *names, body = function.arguments
        before = dict(self._lambdas)
        said = [word(opened(self.node(name))[0]) for name in names]
        self._lambdas.update(zip(said, values, strict=False))
        try:
            return self.node(body)
        finally:
            self._lambdas = before


#: Functions that make one text or number of all that their arguments hold.
_TEXTS = frozenset(("string", "concat", "format", "join", "base64", "uniquestring", "guid"))


def _said(key: Any) -> str:
    """A member's name or index as messages say it; of anything else only what it is, for it may hold a
    secret."""
    return repr(key[:60]) if isinstance(key, str) else str(key) if isinstance(key, int) else what(key)
