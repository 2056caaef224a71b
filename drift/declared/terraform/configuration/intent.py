"""What the configuration of a state says of each of its instances, translated by the provider; and what it
says that was never applied."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from drift.declared.terraform.configuration import partly, provider_versions
from drift.declared.terraform.configuration.imports import Imported, imports
from drift.declared.terraform.configuration.known import module_address
from drift.declared.terraform.configuration.model import Declared, Fault, ModulePath, Uncounted, address
from drift.declared.terraform.configuration.moved import candidates, module_path, moves, split
from drift.declared.terraform.configuration.partly import Intended, remembering
from drift.declared.terraform.configuration.placeholders import Placeholders, complete, in_lists
from drift.declared.terraform.configuration.provider_blocks import default_tags
from drift.declared.terraform.configuration.restriction import Restriction
from drift.declared.terraform.configuration.tree import Tree
from drift.declared.terraform.configuration.values import Failure
from drift.dialect import Foreign, TerraformDialect
from drift.model import Origin, Resource, Unresolved
from drift.pointer import get

Key = str | int | None


@dataclass
class Intent:
    """The configuration ``tree`` beside the state of one entry. ``unit`` tells it from others of the entry in
    what is said of its resources."""

    tree: Tree
    unit: str = ""
    _seen: set[str] = field(default_factory=set)

    def find(self, module: str | None, type_: str, name: str, key: Key) -> Declared | Unresolved | None:
        """What is declared of an instance of the state; None where nothing is, Unresolved where that can't be
        told."""
        path = module_path(module)
        found = self._at(path, type_, name, key)
        if found is None:
            for other in candidates(address(path, type_, name, key), self._moves):
                parts = split(other)
                moved = None if parts is None else self._at(*parts)
                if moved is not None:
                    found = moved
                    break
        if isinstance(found, Declared):
            self._seen.add(found.address)
        return found

    def origin(self, declared: Declared, state: Origin) -> Origin:
        """Where an instance is declared, which a state that ``state`` tells holds, or may hold."""
        origin = declared.origin(state)
        return replace(origin, address=f"{self.unit}: {declared.address}") if self.unit else origin

    def declares_any(self, state: Mapping[str, Any]) -> bool:
        """Whether the configuration may be the one of a state: it declares something of it, or the state
        holds nothing."""
        held = [one for one in state.get("resources") or () if one.get("mode") == "managed"]
        found = (
            self.find(one.get("module"), one["type"], one["name"], instance.get("index_key"))
            for one in held
            for instance in one.get("instances") or ()
        )
        return not held or any(one is not None for one in found)

    def _at(self, path: ModulePath, type_: str, name: str, key: Key) -> Declared | Unresolved | None:
        module = self.tree.find(path)
        if module is None or isinstance(module, Unresolved):
            return module
        return module.declared(type_, name, key)

    @cached_property
    def _moves(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for one in self.tree.modules():
            if one.module.moved:
                prefix = module_address(one.path)
                found.extend(moves(one.module, f"{prefix}." if prefix else ""))
        return found

    def never_applied(self) -> Iterator[Declared | Uncounted]:
        """What is declared and was not found by :meth:`find`, asked for after all that a state holds; and
        what may be, of which the state holds nothing."""
        for one in self.tree.declared():
            if isinstance(one, Declared):
                if one.address not in self._seen:
                    yield one
            elif not self.tree.known.holds(one):
                yield one

    # Translation

    def intended(
        self,
        declared: Declared,
        dialect: TerraformDialect,
        foreign: Foreign,
        whole: Sequence[Resource],
    ) -> Intended:
        """Of an instance whose translation from the state is ``whole``. Raises what translating raises."""
        said, translated, work = self._translated(declared, dialect, foreign, whole)
        placed = _identified(translated, whole, declared, dialect, foreign)
        recalled = [remembering(one, whole) for one in placed]
        chosen = work.chosen(declared.settings, foreign.attributes)
        if chosen and any(one.remembered for one in recalled):
            recalled = _chosen(recalled, work, chosen, declared, dialect, foreign)
        return Intended(said, tuple(recalled), work.unsure)

    def _translated(
        self, declared: Declared, dialect: TerraformDialect, foreign: Foreign, whole: Sequence[Resource]
    ) -> tuple[Foreign, list[Resource], Restriction]:
        """With only what is set; where that can't be translated, or says in another way what the state says
        by what the provider computes of it, with what the provider chose."""
        work = Restriction(
            dialect.attributes(foreign.type), self._provider(declared, dialect), self._default_tags(declared)
        )

        def attempt(work: Restriction) -> tuple[Foreign, list[Resource], Restriction]:
            said = replace(foreign, attributes=work.of(declared.settings, foreign.attributes))
            if not work.holes.used:
                return said, dialect.translate(said) or [], work
            intended = partly.translated(work.holes, dialect, said)
            if intended is None:
                return said, [], work
            work.unsure.update(intended.unsure)
            return intended.foreign, list(intended.resources), work

        try:
            found = attempt(work)
        except Exception:  # noqa: BLE001 - tried again with all that the state holds
            return attempt(replace(work, lenient=True, unsure={}, holes=Placeholders()))
        if len(found[1]) < len(whole):  # what it is a part of may be told by what the cloud chose
            other = attempt(replace(work, lenient=True, unsure={}, holes=Placeholders()))
            if len(other[1]) > len(found[1]):
                return other
        named = self._named(found[1], whole, work, declared, foreign)
        if named:
            other = attempt(replace(work, kept=named, unsure={}, holes=Placeholders()))
            if _same_members(other[1], whole):
                return other
        if _says_more(found[1], whole):
            kept = frozenset(
                name
                for name, value in foreign.attributes.items()
                if value not in _EMPTY and found[0].attributes.get(name) in _EMPTY
            )
            for name in sorted(kept):
                other = attempt(replace(work, kept=frozenset({name}), unsure={}, holes=Placeholders()))
                if not _says_more(other[1], whole):
                    return other
        return found

    @staticmethod
    def _named(
        translated: Sequence[Resource],
        whole: Sequence[Resource],
        work: Restriction,
        declared: Declared,
        foreign: Foreign,
    ) -> frozenset[str]:
        """What the provider chose of an instance that is a member of another one's list, where the member is
        not the state's: what it is called may be among it."""
        if not any(one.partial and one.shared for one in whole) or _same_members(translated, whole):
            return frozenset()
        return work.chosen(declared.settings, foreign.attributes)

    def faults(self) -> Sequence[Fault]:
        """What of the configuration could not be read."""
        return self.tree.faults

    def notes(self) -> Iterator[str]:
        """What of the configuration is not read, and what people may want to say of it."""
        for file in self.tree.variables.left_out:
            yield f"{file}: not read by itself; name it under `var_files` if it was applied with it"
        for fault in self.tree.faults:
            if fault.what.startswith("module."):
                yield f"{fault.place or fault.what}: {fault.what} is {fault.reason}"

    def sensitive(self) -> frozenset[str]:
        """The texts of all that was evaluated and that the configuration or the state calls sensitive."""
        return frozenset(self.tree.known.told)

    def secrets(self) -> Iterator[str]:
        """The same, with what variables of the root module hold that are called sensitive."""
        root = self.tree.root
        for name in root.module.variables:
            with contextlib.suppress(Failure):  # told where it is asked for
                root.sensitive(name)
        yield from list(self.tree.known.told)

    @cached_property
    def imports(self) -> Mapping[str, Imported]:
        """What is to be imported, by the address of the instance that it becomes."""
        return imports(self.tree)

    def fresh(self, declared: Declared, dialect: TerraformDialect, foreign: Foreign) -> Intended | None:
        """Of an instance that no state holds; None where its type has no translation."""
        work = Placeholders()
        tags = self._default_tags(declared)
        schema = dialect.attributes(declared.type) or {}
        said = in_lists(work.of(declared.settings), declared.settings, schema)
        attributes = {**foreign.attributes, **complete(said, schema)}
        for name, value in self._since(declared, dialect).items():
            if attributes.get(name) is None:
                attributes[name] = work.stand_in(value)
        if tags and "tags_all" in schema and isinstance(attributes.get("tags", {}), dict):
            attributes["tags"] = {**tags, **attributes.get("tags", {})}
        if "tags_all" in schema and "tags" in attributes:
            attributes["tags_all"] = attributes["tags"]
        return partly.translated(work, dialect, replace(foreign, attributes=attributes))

    def _provider(self, declared: Declared, dialect: TerraformDialect) -> Mapping[str, Any]:
        """What the provider sets arguments to that nobody sets."""
        return {**dialect.defaults(declared.type), **self._since(declared, dialect)}

    def _since(self, declared: Declared, dialect: TerraformDialect) -> Mapping[str, Any]:
        """The same of arguments of which that differs by its major version; Unresolved where nobody tells
        which that is."""
        said = dialect.defaults_since(declared.type)
        if not said:
            return {}
        provider = (declared.provider or declared.type.partition("_")[0]).partition(".")[0]
        within = provider_versions.majors(self.tree, provider)
        return {name: provider_versions.chosen(by, within, name, provider) for name, by in said.items()}

    def _default_tags(self, declared: Declared) -> Mapping[str, Any] | None:
        module = self.tree.find(declared.module)
        if module is None or isinstance(module, Unresolved):
            return None
        return default_tags(module, declared.type, declared.provider)


#: What a state writes where nothing is said.
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def _same_members(translated: Sequence[Resource], whole: Sequence[Resource]) -> bool:
    """Whether the lists to which something is added get the same members."""
    return [_members(one) for one in translated] == [_members(one) for one in whole]


def _members(one: Resource) -> list[Any]:
    return [get(one.attributes, path.split("/")) for path in sorted(one.shared)]


def _says_more(translated: Sequence[Resource], whole: Sequence[Resource]) -> bool:
    """Whether less attributes make properties that all of them don't."""
    known = {name for one in whole for name in one.attributes}
    return any(name not in known for one in translated for name in one.attributes)


def _identified(
    translated: Sequence[Resource],
    whole: Sequence[Resource],
    declared: Declared,
    dialect: TerraformDialect,
    foreign: Foreign,
) -> list[Resource]:
    """The translation of what is declared, each as the resource of the state that it is: an identity that the
    configuration leaves to the cloud stands in the state only."""
    ids = {one.id for one in whole}
    if len(translated) != len(whole):
        return [
            _placed(one, next((two for two in whole if two.type == one.type), None)) for one in translated
        ]
    made: list[Resource] = []
    for one, known in zip(translated, whole, strict=True):
        if one.type != known.type:
            made.append(one)
        elif (
            one.id is None
            or one.id == known.id
            or (one.id not in ids and _renamed(declared, dialect, foreign, whole))
        ):
            made.append(one.but(id=known.id, name=known.name, scope=known.scope, region=known.region))
        else:
            made.append(_placed(one, known))
    return made


def _placed(one: Resource, known: Resource | None) -> Resource:
    return one if known is None else one.but(scope=known.scope, region=known.region)


def _renamed(
    declared: Declared, dialect: TerraformDialect, foreign: Foreign, whole: Sequence[Resource]
) -> bool:
    """Whether plain arguments alone make other ids: then it is the same instance, to be replaced by another
    one. A list's members may be resources of their own."""
    plain = {
        name: one.value
        for name, one in declared.settings.attributes.items()
        if isinstance(one.value, (str, int, float))
    }
    try:
        other = dialect.translate(replace(foreign, attributes={**foreign.attributes, **plain})) or []
    except Exception:  # noqa: BLE001 - asked only to tell two cases apart
        return False
    return [one.id for one in other] != [one.id for one in whole]


def _chosen(
    resources: Sequence[Resource],
    work: Restriction,
    names: frozenset[str],
    declared: Declared,
    dialect: TerraformDialect,
    foreign: Foreign,
) -> list[Resource]:
    """With which properties come of the arguments ``names``, which the cloud chooses where nobody does."""
    try:
        attributes = replace(work, kept=names, unsure={}, holes=Placeholders()).of(
            declared.settings, foreign.attributes
        )
        other = dialect.translate(replace(foreign, attributes=attributes)) or []
    except Exception:  # noqa: BLE001 - then nothing is known of them
        return list(resources)
    if len(other) != len(resources):
        return list(resources)
    return [
        one.but(
            chosen=frozenset(
                name
                for name, value in two.attributes.items()
                if name in one.remembered and one.attributes.get(name) != value
            )
        )
        for one, two in zip(resources, other, strict=True)
    ]
