"""Translates an evaluated template into resources: ids, children, loops, conditions and nested
deployments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from drift.errors import DeclaredError
from drift.finding import Unverifiable
from drift.lined import Map, Trace
from drift.model import Origin, Problem, Resource, Unresolved
from drift.source import LiveView, Location
from providers.azure.arm import nested
from providers.azure.arm.evaluate import Evaluator
from providers.azure.arm.identify import DEPLOYMENTS, Identifier, Identity, Parent
from providers.azure.arm.inline import POLICIES, Inline, into, laid_into
from providers.azure.arm.order import Order, Said
from providers.azure.arm.place import Place, scope_of
from providers.azure.arm.references import References, facts
from providers.azure.arm.secure import marked_by
from providers.azure.arm.symbols import Symbols, Turn
from providers.azure.arm.template import Template, members
from providers.azure.arm.values import Unknown, boolean

Item = Resource | Unverifiable | Problem
_DEEPEST = 10
#: Members of a resource's words that say how to deploy it, not what it is.
_NOT_BODY = frozenset(
    "name type apiversion dependson condition copy comments metadata resources scope existing import "
    "extension asserts subscriptionid resourcegroup".split()
)


@dataclass
class Around:
    """What every template of one declared location shares."""

    source: str
    location: Location
    live: LiveView
    inline: Inline
    versions: dict[str, str] = field(default_factory=dict)
    #: Id (lower case) → location of the resource groups that are declared here.
    groups: dict[str, Any] = field(default_factory=dict)


def evaluator(template: Template, place: Place, said: Mapping[str, Any], references: References) -> Evaluator:
    """An evaluator whose parameters are the given ones, else the defaults, evaluated when asked for."""
    low = {name.lower(): value for name, value in said.items()}
    values: dict[str, Any] = {}
    made = Evaluator(values, template.variables, place, references.ask, template.users)
    for name, words in template.parameters.items():
        words = words if isinstance(words, Mapping) else {}
        values[name.lower()] = _parameter(name, words, low, made, template.definitions)
    return made


def _parameter(
    name: str,
    words: Mapping[str, Any],
    said: Mapping[str, Any],
    made: Evaluator,
    definitions: Mapping[str, Any],
) -> Any:
    def compute() -> Any:
        given = said.get(name.lower())
        # A null takes the default's place where there is none: ARM reads it as "not given".
        if name.lower() in said and (given is not None or "defaultValue" not in words):
            value = given
        elif "defaultValue" in words:
            value = made.value(words["defaultValue"])
        elif _nullable(words, definitions):
            value = None
        else:
            value = Unresolved(f"the parameter {name} has no value and no default; give it with 'parameters'")
        return marked_by(value, words, definitions)

    return compute


def _nullable(words: Mapping[str, Any], definitions: Mapping[str, Any]) -> bool:
    """Whether a parameter that is not given is null, by its own word or that of the type it names."""
    named = definitions.get(str(words.get("$ref")).rsplit("/", 1)[-1])
    return words.get("nullable") is True or (isinstance(named, Mapping) and named.get("nullable") is True)


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
        self.said = said
        self.references = References(place, around.live, around.groups)
        self.evaluator = evaluator(template, place, said, self.references)
        self.identifier = Identifier(self.evaluator, place, self.references.ids)
        self.ordered = False
        self._name()

    def resources(self, ordered: bool = False) -> Iterator[Item]:
        """Everything that the template declares here; ``ordered``: as it is deployed."""
        self.symbols.learn()
        self.around.groups.update(self.symbols.groups)
        self.ordered = ordered
        rows: Iterable[Said] = self.template.resources
        if ordered:
            rows = Order(self.symbols, self.evaluator, self.identifier).deployed(rows)
        for name, words, line in rows:
            yield from self._turns(name, words, line, None)

    def outputs(self) -> dict[str, Any]:
        """The outputs as ``reference()`` gives them."""
        return {
            name: {"value": self._output(words)}
            for name, words in self.template.outputs.items()
            if isinstance(words, Mapping)
        }

    def _output(self, words: Mapping[str, Any]) -> Any:
        copy = words.get("copy")
        if isinstance(copy, Mapping) and "value" not in words:
            value = self.evaluator.copied("", copy)
        else:
            value = self.evaluator.value(words.get("value"))
        return marked_by(value, words, self.template.definitions)

    def _name(self) -> None:
        """Lets the references find what the template names."""
        self.symbols = Symbols(
            self.template,
            self.evaluator,
            self.identifier.identify,
            lambda words: nested.target_of(self._here(), words, self.place),
            self.references.ids,
        )
        self.references.symbols = self.symbols
        self.references.outputs = self._outputs_of

    def _outputs_of(self, turn: Turn) -> dict[str, Any] | None:
        """The outputs of a nested deployment; None where its template is not known."""
        with self.symbols.within(turn):
            called = self.evaluator.value(turn.words["name"])
            inner = self._inner(turn.words, called if isinstance(called, str) else None)
            return inner.outputs() if isinstance(inner, Translation) else None

    def _turns(self, symbol: str | None, words: Map, line: int, parent: Parent | None) -> Iterator[Item]:
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

    def _one(self, symbol: str | None, words: Map, line: int, parent: Parent | None) -> Iterator[Item]:
        id_, type_, names, why = self.identifier.identify(words, parent)
        address = f"{type_}/{'/'.join(names) if names else symbol or words['name']}"
        try:
            holds = boolean(self.evaluator.plain(words.get("condition", True)))
        except Unknown as reason:
            message = f"whether it is declared can't be told: {reason}"
            yield self._unverifiable(type_, address, message, line, id_)
            holds = False
        if holds:
            yield from self._declared(words, line, Identity(id_, type_, names, why), address)
        # Microsoft Learn, "Conditional deployment": a condition does not hold for the children as well.
        if "resources" in words and type_.lower() != DEPLOYMENTS:
            children = members(words["resources"], self.template.file, line)
            for child, said, at in children:
                yield from self._turns(child, said, at, Parent(type_, names, id_))

    def _declared(self, words: Map, line: int, who: Identity, address: str) -> Iterator[Item]:
        if words.get("existing") is True:
            return
        foreign = self.template.foreign(words)
        if foreign:
            reason = f"it belongs to the extension {foreign}, of which Azure tells nothing"
            yield self._unverifiable(who.type, address, reason, line)
            return
        version = self.evaluator.value(words.get("apiVersion"))
        if isinstance(version, str):
            before = self.around.versions.get(who.type)
            self.around.versions[who.type] = max(version, before or version)
        if who.type.lower() == DEPLOYMENTS:
            yield from self._nested(words, address, line)
        elif not who.names:
            yield self._unverifiable(who.type, address, f"its name is not known: {who.why}", line)
        else:
            yield self._resource(words, line, who, address)

    def _resource(self, words: Map, line: int, who: Identity, address: str) -> Resource | Unverifiable:
        id_, type_, names, _ = who
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
            type=facts().spelling(type_),
            id=id_,
            name=names[-1],
            attributes=attributes,
            origin=self._origin(address, line, lines),
        )
        where = into(type_, names, self.around.inline)
        if where is None:
            return made
        if type_.lower() == POLICIES and names[-1].lower() == "remove":
            return self._unverifiable(
                type_, address, "it takes access policies away, which leaves no trace", line, id_
            )
        parent, at = where
        origin = self._origin(address, line, {f"/{at}": line})
        return laid_into(made.but(origin=origin), type_, names, at).but(type=parent)

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

    # --- nested deployments
    # -----------------------------------------------------------------------------------------

    def _nested(self, words: Map, address: str, line: int) -> Iterator[Item]:
        called = self.evaluator.value(words["name"])
        inner = self._inner(words, called if isinstance(called, str) else None)
        if isinstance(inner, Translation):
            yield from inner.resources(self.ordered)
        else:
            yield self._unverifiable("Microsoft.Resources/deployments", address, inner, line)

    def _here(self) -> nested.Around:
        return nested.Around(self.template, self.place, self.evaluator, self.references, self.around.location)

    def inner(self, words: Map) -> Translation | None:
        """The nested template of a deployment at its place; None where it is not known."""
        called = self.evaluator.value(words["name"])
        found = self._inner(words, called if isinstance(called, str) else None)
        return found if isinstance(found, Translation) else None

    def _inner(self, words: Map, called: str | None) -> Translation | str:
        """The nested template at its place, or why what it declares is not known."""
        said = words.get("properties")
        said = said if isinstance(said, Map) else Map()
        if len(self.parents) >= _DEEPEST:
            return "its templates are nested too deeply, or in a circle"
        here = self._here()
        try:
            template = nested.template_of(here, said)
            place = nested.place_of(here, words, template, called)
        except (Unknown, DeclaredError) as reason:
            return str(reason)
        parents = (*self.parents, called or str(words["name"]))
        linked = "template" not in said
        if linked or nested.inner_scope(said):
            values = nested.passed(here, said)
            if linked:
                values = {**nested.linked_parameters(here, said), **values}
            return Translation(template, place, values, self.around, parents)
        outer = Translation(template, place, {}, self.around, parents)
        outer.evaluator = replace(self.evaluator, place=self.place, asked=outer.references.ask)
        outer.identifier = Identifier(outer.evaluator, place, outer.references.ids)
        outer.references.place = self.place
        outer.references.above = self.references
        outer._name()
        return outer

    # --- what is made
    # -----------------------------------------------------------------------------------------------

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
