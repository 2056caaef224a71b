"""Translates an evaluated template into resources: ids, children, loops, conditions and nested deployments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from drift.errors import DeclaredError
from drift.model import Origin, Problem, Resource, Sensitive, Unresolved, Unverifiable
from drift.source import LiveView, Location
from providers.azure.arm import nested
from providers.azure.arm.evaluate import Evaluator, Trace
from providers.azure.arm.place import Place, extend, scope_of, split_extension
from providers.azure.arm.references import References
from providers.azure.arm.syntax import Map
from providers.azure.arm.template import SECRET, Template, members
from providers.azure.arm.values import Unknown, boolean, text

Item = Resource | Unverifiable | Problem
Inline = Callable[[str], "tuple[str, str] | None"]
DEPLOYMENTS = "microsoft.resources/deployments"
_DEEPEST = 10
#: Members of a resource's words that say how to deploy it, not what it is.
_NOT_BODY = frozenset(
    "name type apiversion dependson condition copy comments metadata resources scope existing import asserts "
    "subscriptionid resourcegroup".split()
)


@dataclass
class Around:
    """What every template of one declared location shares."""

    source: str
    location: Location
    live: LiveView
    inline: Inline
    versions: dict[str, str] = field(default_factory=dict)


def evaluator(template: Template, place: Place, said: Mapping[str, Any], references: References) -> Evaluator:
    """An evaluator whose parameters are the given ones, else the defaults, evaluated when asked for."""
    low = {name.lower(): value for name, value in said.items()}
    values: dict[str, Any] = {}
    made = Evaluator(values, template.variables, place, references.ask, template.users)
    references.evaluator = made
    for name, words in template.parameters.items():
        words = words if isinstance(words, Mapping) else {}
        secret = str(words.get("type", "")).lower() in SECRET
        values[name.lower()] = _parameter(name, words, low, made, secret)
    return made


def _parameter(
    name: str, words: Mapping[str, Any], said: Mapping[str, Any], made: Evaluator, secret: bool
) -> Any:
    def compute() -> Any:
        if name.lower() in said:
            value = said[name.lower()]
        elif "defaultValue" in words:
            value = made.value(words["defaultValue"])
        elif words.get("nullable") is True:
            value = None
        else:
            value = Unresolved(f"the parameter {name} has no value and no default; give it with 'parameters'")
        marked = secret and not isinstance(value, (Unresolved, Sensitive)) and value is not None
        return Sensitive(value) if marked else value

    return compute


class Translation:
    """One template at one place. ``said`` are the values given to its parameters."""

    def __init__(
        self,
        template: Template,
        place: Place,
        said: Mapping[str, Any],
        around: Around,
        parents: tuple[str, ...] = (),
    ) -> None:
        self.template, self.place, self.around, self.parents = template, place, around, parents
        self.references = References(place, around.live)
        self.evaluator = evaluator(template, place, said, self.references)
        self.references.outputs = self._outputs_of

    def resources(self) -> Iterator[Item]:
        """Everything that the template declares here."""
        self._symbols()
        for name, words, line in self.template.resources:
            yield from self._turns(name, words, line, None)

    def outputs(self) -> dict[str, Any]:
        """The outputs as ``reference()`` gives them."""
        return {
            name: {"value": self.evaluator.value(words.get("value"))}
            for name, words in self.template.outputs.items()
            if isinstance(words, Mapping)
        }

    def _symbols(self) -> None:
        """Tells the references which ids the symbolic names, and names that only one resource has, stand for."""
        named: dict[str, list[str]] = {}
        for symbol, words, _ in self.template.resources:
            if "copy" in words or words["type"].lower() == DEPLOYMENTS:
                continue
            id_, _, names, _ = self._identify(words, None)
            if id_ is not None:
                named.setdefault("/".join(names).lower(), []).append(id_)
                if symbol is not None:
                    self.references.symbols[symbol.lower()] = id_
        for name, ids in named.items():
            if len(ids) == 1:
                self.references.symbols.setdefault(name, ids[0])

    def _outputs_of(self, target: str) -> dict[str, Any] | None:
        """The outputs of the nested deployment that has this symbolic name, name or id."""
        wanted = target.lower()
        for name, words, _ in self.template.resources:
            if words["type"].lower() != DEPLOYMENTS or "copy" in words:
                continue
            called = self.evaluator.value(words["name"])
            tail = f"/{DEPLOYMENTS}/{called}".lower() if isinstance(called, str) else None
            if wanted in ((name or "").lower(), str(called).lower()) or (tail and wanted.endswith(tail)):
                inner = self._inner(words, str(called))
                return inner.outputs() if isinstance(inner, Translation) else None
        return None

    def _turns(self, symbol: str | None, words: Map, line: int, parent: _Parent | None) -> Iterator[Item]:
        copy = words.get("copy")
        if not isinstance(copy, Mapping):
            yield from self._one(symbol, words, line, parent)
            return
        name = str(copy.get("name") or symbol or "copy")
        try:
            count = self.evaluator.count(copy.get("count"))
        except Unknown as reason:
            address = f"{words['type']}/{words['name']}"
            yield self._unverifiable(words["type"], address, f"the copy loop {name}: {reason}", line)
            return
        for at in range(count):
            with self.evaluator.looped(name, at):
                yield from self._one(symbol, words, line, parent)

    def _one(self, symbol: str | None, words: Map, line: int, parent: _Parent | None) -> Iterator[Item]:
        id_, type_, names, why = self._identify(words, parent)
        address = f"{type_}/{'/'.join(names) if names else symbol or words['name']}"
        try:
            holds = boolean(self.evaluator.plain(words.get("condition", True)))
        except Unknown as reason:
            message = f"whether it is declared can't be told: {reason}"
            yield self._unverifiable(type_, address, message, line, id_)
            return
        if not holds:
            return
        if words.get("existing") is True or "import" in words:
            return
        version = self.evaluator.value(words.get("apiVersion"))
        if isinstance(version, str):
            before = self.around.versions.get(type_)
            self.around.versions[type_] = max(version, before or version)
        if type_.lower() == DEPLOYMENTS:
            yield from self._nested(words, address, line)
            return
        if not names:
            yield self._unverifiable(type_, address, f"its name is not known: {why}", line)
        else:
            yield self._resource(words, line, id_, type_, names, address)
        if "resources" in words:
            children = members(words["resources"], self.template.file, line)
            for child, said, at in children:
                yield from self._turns(child, said, at, _Parent(words["type"], type_, names, id_, parent))

    def _resource(
        self, words: Map, line: int, id_: str | None, type_: str, names: list[str], address: str
    ) -> Resource | Unverifiable:
        lines: dict[str, int] = {}
        body = Map(
            (key, value, words.lines[key]) for key, value in words.items() if key.lower() not in _NOT_BODY
        )
        attributes = self.evaluator.value(body, Trace(lines))
        if not isinstance(attributes, dict):
            return self._unverifiable(type_, address, attributes.reason, line, id_)
        made = Resource(
            provider="azure",
            scope=self._scope(id_),
            type=type_,
            id=id_,
            name=names[-1],
            attributes=attributes,
            origin=self._origin(address, line, lines),
        )
        into = self.around.inline(type_)
        if into is None or len(names) < 2:
            return made
        parent_type, at = into
        member: dict[str, Any] = {"name": names[-1], **attributes}
        value: Any = [member]
        for part in reversed(at.split("/")):
            value = {part: value}
        return made.but(
            type=parent_type,
            id=id_.rsplit("/", 2)[0] if id_ else None,
            name=names[-2],
            attributes=value,
            partial=True,
            shared=frozenset({at}),
            origin=self._origin(address, line, {f"/{at}": line}),
        )

    # --- who it is --------------------------------------------------------------------------------------------------

    def _identify(self, words: Map, parent: _Parent | None) -> tuple[str | None, str, list[str], str]:
        """(id, type, names, why no id) of a resource; the id None and no names where they can't be told."""
        type_ = words["type"].strip("/")
        try:
            type_ = text(self.evaluator.plain(words["type"])).strip("/")
            name = text(self.evaluator.plain(words["name"])).strip("/")
        except Unknown as reason:
            return None, _full_type(type_, parent), [], str(reason)
        below = parent is not None and not _is_full(type_)
        if parent is not None and below:
            type_ = f"{parent.full_type}/{type_}"
            if not parent.names:
                return None, type_, [], "its parent's name is not known"
            if name.count("/") + 2 != type_.count("/") + 1 or "/" not in name:
                name = "/".join((*parent.names, name))
        parts, fits = split_extension(type_, name)
        last, names = parts[-1]
        if not fits or not all(names):
            return None, last, names if all(names) else [], f"type {type_} and name {name} don't fit"
        try:
            if parent is not None and not below and parent.id and "scope" not in words:
                base = parent.id
            elif parent is not None and below and parent.id:
                return extend_child(parent.id, last, names), last, names, ""
            elif parent is not None and below:
                return None, last, names, "its parent's id is not known"
            else:
                base = self._base(words, type_)
            for kind, said in parts:
                base = extend(base, kind, said)
        except Unknown as reason:
            return None, last, names, str(reason)
        return base, last, names, ""

    def _base(self, words: Map, type_: str) -> str:
        if "scope" not in words or type_.lower() == DEPLOYMENTS:
            return self.place.base()
        scope = text(self.evaluator.plain(words["scope"]))
        if scope in ("", "/"):
            return ""
        if scope.lower().startswith(("/subscriptions/", "/providers/")):
            return scope.rstrip("/")
        if scope.lower().startswith("microsoft.management/managementgroups/"):
            return f"/providers/{scope}"
        if self.references.symbols.get(scope.lower()):
            return self.references.symbols[scope.lower()]
        return f"{self.place.base()}/providers/{scope.strip('/')}"

    def _scope(self, id_: str | None) -> str:
        if id_:
            return scope_of(id_)
        level = self.place.level
        if level in ("resourceGroup", "subscription"):
            return (self.place.subscription or "").lower()
        if level == "managementGroup":
            return (
                f"managementGroups/{self.place.management_group.lower()}"
                if self.place.management_group
                else ""
            )
        return "tenant"

    # --- nested deployments -----------------------------------------------------------------------------------------

    def _nested(self, words: Map, address: str, line: int) -> Iterator[Item]:
        called = self.evaluator.value(words["name"])
        inner = self._inner(words, called if isinstance(called, str) else str(words["name"]))
        if isinstance(inner, Translation):
            yield from inner.resources()
        else:
            yield self._unverifiable("Microsoft.Resources/deployments", address, inner, line)

    def _inner(self, words: Map, called: str) -> Translation | str:
        """The nested template at its place, or why what it declares is not known."""
        said = words.get("properties")
        said = said if isinstance(said, Map) else Map()
        if len(self.parents) >= _DEEPEST:
            return "its templates are nested too deeply, or in a circle"
        try:
            template = nested.template_of(self, said)
            place = nested.place_of(self, words, template, called)
        except (Unknown, DeclaredError) as reason:
            return str(reason)
        parents = (*self.parents, called)
        linked = "template" not in said
        if linked or nested.inner_scope(said):
            passed = said.get("parameters")
            values = {} if linked is False else nested.linked_parameters(self, said)
            for name, one in passed.items() if isinstance(passed, Mapping) else ():
                if isinstance(one, Mapping) and "reference" in one:
                    values[name] = Unresolved(
                        f"the parameter {name} is a Key Vault secret, which is not read"
                    )
                else:
                    values[name] = self.evaluator.value(one.get("value") if isinstance(one, Mapping) else one)
            return Translation(template, place, values, self.around, parents)
        outer = Translation(template, place, {}, self.around, parents)
        outer.evaluator = replace(self.evaluator, place=self.place, asked=outer.references.ask)
        outer.references.evaluator = outer.evaluator
        outer.references.place = self.place
        outer.references.outer = self._outputs_of
        return outer

    # --- what is made -----------------------------------------------------------------------------------------------

    def _origin(self, address: str, line: int, lines: Mapping[str, int]) -> Origin:
        location = self.around.location
        address = "/".join((*self.parents, address))
        return Origin(
            self.around.source, self.template.file, line, address, location.commit, location.url, dict(lines)
        )

    def _unverifiable(
        self, type_: str, address: str, reason: str, line: int, id_: str | None = None
    ) -> Unverifiable:
        return Unverifiable(
            "azure", self._scope(id_), type_, id_ or address, "", reason, self._origin(address, line, {})
        )


@dataclass(frozen=True, slots=True)
class _Parent:
    """The resource that children are nested in."""

    said_type: str
    full_type: str
    names: list[str]
    id: str | None
    above: _Parent | None


def extend_child(parent: str, type_: str, names: list[str]) -> str:
    """The id of a child nested in a parent with this id."""
    return f"{parent}/{type_.rsplit('/', 1)[1]}/{names[-1]}"


def _is_full(type_: str) -> bool:
    return "." in type_.split("/")[0] and "/" in type_


def _full_type(type_: str, parent: _Parent | None) -> str:
    return type_ if parent is None or _is_full(type_) else f"{parent.full_type}/{type_}"
