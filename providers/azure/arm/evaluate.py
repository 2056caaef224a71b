"""Evaluates a template's values as ARM would at deployment; what can't be known becomes Unresolved with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

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
from providers.azure.arm.place import Place, resource_id
from providers.azure.arm.syntax import Map, Seq
from providers.azure.arm.values import Unknown, bounded, integer, marked, opened, raised, what, word

MOST_COPIES = 800  # as ARM allows
_RUNTIME = {
    "utcnow": "the time of the deployment is not known",
    "newguid": "newGuid() gives another value at each deployment",
    "pickzones": "pickZones() is asked of Azure at deployment",
    "providers": "providers() is asked of Azure at deployment",
    "getsecret": "a Key Vault secret is not read",
    "deployer": "who deploys is not known",
}
_IDS = (
    "resourceid",
    "subscriptionresourceid",
    "tenantresourceid",
    "extensionresourceid",
    "managementgroupresourceid",
)


@dataclass(frozen=True, slots=True)
class Trace:
    """Where in the result a value will stand: its JSON Pointer, and the lines found so far."""

    lines: dict[str, int]
    pointer: str = ""

    def member(self, name: str | int) -> Trace:
        return Trace(self.lines, f"{self.pointer}/{str(name).replace('~', '~0').replace('/', '~1')}")


@dataclass
class Evaluator:
    """The values of one template at one place. ``asked`` answers functions that look at resources or the live side."""

    parameters: Mapping[str, Any]
    variables: Map
    place: Place
    asked: Callable[[str, list[Any]], Any]
    users: Mapping[str, Any] = field(default_factory=dict)
    loops: dict[str, int] = field(default_factory=dict)
    _current: list[str] = field(default_factory=list)
    _lambdas: dict[str, Any] = field(default_factory=dict)
    _known: dict[str, Any] = field(default_factory=dict)
    _asking: list[str] = field(default_factory=list)

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
            if key.lower() == "copy" and _is_copies(item):
                for one in item:
                    name = literal(str(one["name"]))
                    found[name] = self._copied(name, one)
                continue
            name = key
            if is_expression(key):
                name = functions.text(self.expression(key))
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

    def _copied(self, name: str, one: Mapping[str, Any]) -> Any:
        try:
            count = self.count(one.get("count"))
        except Unknown as reason:
            return Unresolved(f"the copy loop {name}: {reason}")
        found = []
        for at in range(count):
            with self.looped(name, at):
                found.append(self.value(one.get("input")))
        return found

    def count(self, said: Any) -> int:
        """How often a copy loop runs. Raises Unknown."""
        count = integer(self.plain(said))
        if not 0 <= count <= MOST_COPIES:
            raise Unknown(f"a copy loop runs 0 to {MOST_COPIES} times, not {count}")
        return count

    @contextmanager
    def looped(self, name: str, at: int) -> Iterator[None]:
        """Within one turn of a copy loop."""
        key = name.lower()
        before = self.loops.get(key)
        self.loops[key] = at
        self._current.append(key)
        try:
            yield
        finally:
            self._current.pop()
            if before is None:
                self.loops.pop(key, None)
            else:
                self.loops[key] = before

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
        given = [opened(self.node(one)) for one in node.arguments]
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
            raise Unknown(f"{str(key)[:60]!r} is asked of {what(of)}")
        if found is Unknown:
            if node.safe:
                return None
            raise Unknown(
                f"there is no {str(key)[:60]!r} in the {'array' if isinstance(of, list) else 'object'}"
            )
        if isinstance(found, Unresolved):
            raise Unknown(found.reason)
        return Sensitive(found) if secret and not isinstance(found, Sensitive) else found

    def _call(self, name: str, said: str, values: list[Any]) -> Any:
        if name in ("parameters", "variables"):
            return self._named(name, values)
        if name == "copyindex":
            return self._index(values)
        if name in _RUNTIME:
            raise Unknown(_RUNTIME[name])
        if name in _IDS:
            return resource_id(name, self.place, values)
        if name == "lambdavariables" and len(values) == 1 and values[0] in self._lambdas:
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

    def _named(self, kind: str, values: list[Any]) -> Any:
        if len(values) != 1:
            raise Unknown(f"{kind}() expects one name")
        key = word(values[0]).lower()
        if kind == "parameters":
            if key not in self.parameters:
                raise Unknown(f"the template has no parameter {values[0]!r}")
            value = self.parameters[key]
            if callable(value):
                value = self._once(f"parameter {values[0]}", value)
        else:
            value = self._variable(key, values[0])
        if isinstance(value, Unresolved):
            raise Unknown(value.reason)
        return value

    def _variable(self, key: str, said: str) -> Any:
        for name, words in self.variables.items():
            if name.lower() == key:
                return self._once(f"variable {name}", lambda words=words: self.value(words))
            if name.lower() == "copy" and _is_copies(words):
                for one in words:
                    if str(one["name"]).lower() == key:
                        return self._once(
                            f"variable {one['name']}", lambda one=one: self._copied(one["name"], one)
                        )
        raise Unknown(f"the template has no variable {said!r}")

    def _once(self, name: str, compute: Callable[[], Any]) -> Any:
        if name in self._known:
            return self._known[name]
        if name in self._asking:
            raise Unknown(f"the {name} depends on itself")
        self._asking.append(name)
        try:
            value = compute()
        except Unknown as reason:
            value = Unresolved(str(reason))
        finally:
            self._asking.pop()
        self._known[name] = value
        return value

    def _index(self, values: list[Any]) -> int:
        offset = 0
        if values and isinstance(values[-1], int):
            offset = values.pop()
        key = word(values[0]).lower() if values else (self._current[-1] if self._current else "")
        if key not in self.loops:
            raise Unknown("copyIndex() stands in no copy loop of that name")
        return self.loops[key] + offset

    def _user(self, name: str, values: list[Any]) -> Any:
        said = self.users[name]
        names = [
            str(one.get("name")).lower() for one in said.get("parameters") or [] if isinstance(one, Mapping)
        ]
        if len(names) != len(values) or not isinstance(said.get("output"), Mapping):
            raise Unknown(f"the function {name} expects {len(names)} arguments")
        if len(self._asking) > 50:
            raise Unknown(f"the function {name} calls itself")
        inner = Evaluator(dict(zip(names, values, strict=True)), Map(), self.place, self.asked, self.users)
        inner._asking = [*self._asking, name]
        return raised(inner.value(said["output"].get("value")))

    def _special(self, name: str, arguments: tuple[Node, ...]) -> Any:
        if name == "coalesce":
            for one in arguments:
                value = self.node(one)
                if opened(value)[0] is not None:
                    return value
            return None
        if name == "tryget" and arguments:
            value: Node = arguments[0]
            for key in arguments[1:]:
                value = Member(value, key, safe=True)
            return self.node(value)
        if name in lambdas.TABLE:
            return lambdas.value(name, arguments, self.node, self._applied)
        raise Unknown(f"the function {name} is not known here with {len(arguments)} arguments")

    def _applied(self, function: Node, values: tuple[Any, ...]) -> Any:
        if not isinstance(function, Call) or function.name.lower() != "lambda" or not function.arguments:
            raise Unknown("expected a lambda")
        *names, body = function.arguments
        before = dict(self._lambdas)
        self._lambdas.update((self.node(name), value) for name, value in zip(names, values, strict=False))
        try:
            return self.node(body)
        finally:
            self._lambdas = before


#: Functions that make one text or number of all that their arguments hold.
_TEXTS = frozenset(("string", "concat", "format", "join", "base64", "uniquestring", "guid"))


def _is_copies(item: Any) -> bool:
    return (
        isinstance(item, list)
        and bool(item)
        and all(
            isinstance(one, Mapping) and isinstance(one.get("name"), str) and "count" in one for one in item
        )
    )


__all__ = ["Evaluator", "Seq", "Trace"]
