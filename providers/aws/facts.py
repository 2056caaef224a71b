"""Reads the AWS type facts (``types/*.yaml``) and the CloudFormation schema index into one catalogue.

The vocabulary of an entry is described in ``docs/aws-type-facts.md``. An entry with ``list`` is a type that
is read; an entry with ``attach`` is a CloudFormation type that only adds to another one (a bucket policy) and
is merged into it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from drift.facts import FactError, TypeFacts
from drift.kinds.registry import KINDS
from drift.safe_yaml import data
from providers.aws import by_name, by_schema, expressions, fitting
from providers.aws.attaching import Alias, Attach, Makes, function, read_attach, read_makes
from providers.aws.identity import Identity
from providers.aws.kinds import KINDS as AWS_KINDS
from providers.aws.resource_types import resource_type

TYPES_FOLDER = Path(__file__).parent / "types"

_ENTRY = frozenset(
    "title service global list join describe id name properties facts defaults assigned listed unread "
    "read_only hook system access adds makes terraform natural_key schema console level declared_only "
    "spelled recurs zeros beyond single group".split()
)
_SCALARS = {"s": "string", "i": "integer", "n": "number", "b": "boolean"}


@dataclass(frozen=True, slots=True)
class TerraformEntry:
    """How one Terraform type says a CloudFormation type: ``id`` and ``properties`` are expressions over its
    attributes."""

    terraform_type: str
    type: str | None
    id: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    hook: str | None = None
    attach: tuple[Attach, ...] = ()
    nothing: bool = False


@dataclass(frozen=True)
class Entry:
    """All that the facts say of one CloudFormation type. The fields are the words of the YAML."""

    type: str
    said: Mapping[str, Any]
    schema: Mapping[str, Any]
    where: str

    @property
    def service(self) -> str:
        return str(self.said["service"])

    @property
    def regional(self) -> bool:
        return not self.said.get("global", False)

    @property
    def existence(self) -> bool:
        """Whether no more is read of it than that it is there."""
        return self.said.get("level") == "existence"

    @property
    def declared_only(self) -> bool:
        """Whether it is read only where one is declared or ``live.aws.include`` names it."""
        return self.existence or bool(self.said.get("declared_only", False))

    @property
    def keys(self) -> tuple[str, ...]:
        """Of a type that is read by what Git declares, never listed: the properties that are its key."""
        return tuple(self.said.get("list", {}).get("for_each", {}).get("declared", ()))

    @property
    def title(self) -> str:
        return str(self.said.get("title") or self.type)

    @property
    def name(self) -> str | None:
        """The property that people call it by."""
        return self.said.get("name")

    def called(self, attributes: Mapping[str, Any]) -> str | None:
        """What people call a resource: its natural key, where that is an expression, else its name property.
        Only of a type that no name tells it is the tag ``Name``, which is nobody's key: a resource whose name
        the cloud makes has one, too."""
        if self.natural_key is not None:
            return self.natural_key(attributes)
        name = attributes.get(self.name) if self.name else None
        if name is None and not self.facts.natural_key:
            tags = attributes.get("Tags")
            found = (tag for tag in tags if isinstance(tag, Mapping)) if isinstance(tags, list) else ()
            name = next((tag.get("Value") for tag in found if tag.get("Key") == "Name"), None)
        return name if isinstance(name, str) and name else None

    @cached_property
    def natural_key(self) -> Callable[[Mapping[str, Any]], str | None] | None:
        """What tells a resource where its id is not known, joined of several properties; None where that is
        the name, or nothing. It gives None where one of them is not known."""
        said = self.said.get("natural_key")
        if not isinstance(said, list):
            return None

        def key(attributes: Mapping[str, Any]) -> str | None:
            parts = [attributes.get(name) for name in said]
            return (
                " ".join(part for part in parts if isinstance(part, str))
                if all(isinstance(part, str) and part for part in parts)
                else None
            )

        return key

    @cached_property
    def properties(self) -> dict[str, expressions.Expression]:
        """CloudFormation property ← compiled expression over the collected answers."""
        return {
            name: expressions.compile(text if isinstance(text, str) else name)
            for name, text in self.said.get("properties", {}).items()
        }

    @cached_property
    def readers(self) -> Mapping[str, expressions.Expression]:
        """What reads each property of the collected answers; by their names, where only existence is read."""
        return by_name.listed(self.names) if self.existence else self.properties

    @property
    def names(self) -> tuple[str, ...]:
        """Of a type of which only existence is read the properties that may be told by their names."""
        return tuple(self.schema.get("names", ()))

    @property
    def primary_identifier(self) -> tuple[str, ...]:
        """The properties whose values, joined by ``|``, are what ``Ref`` gives, where the schema says."""
        return tuple(self.schema.get("id", ()))

    @cached_property
    def identity(self) -> Identity:
        said = self.said["id"]
        if isinstance(said, str):
            said = {"from": said}
        return Identity(
            source=said["from"],
            template=said.get("template"),
            accept=tuple(re.compile(pattern) for pattern in said.get("accept", ())),
            lower=bool(said.get("lower", False)),
            rewrite=tuple((re.compile(one), other) for one, other in said.get("rewrite", {}).items()),
            told=function(said["told"]) if "told" in said else None,
            only=said["from"].strip("'") if self.said.get("single") and "list" in self.said else None,
        )

    @cached_property
    def writable(self) -> tuple[str, ...]:
        """The top-level properties that a template may set."""
        return tuple(
            path
            for path, marks in self.schema.get("paths", {}).items()
            if "/" not in path and "r" not in marks[1:]
        )

    @property
    def whole(self) -> Entry | None:
        """Of a type that is only listed: what its schema says, by which one is compared that is read whole
        (:mod:`providers.aws.read_whole`); None where no handler reads it."""
        return _by_schema(self.type) if self.existence else None

    @cached_property
    def facts(self) -> TypeFacts:
        """The core's form: what the schema says, then what our own facts say. Of a type that is only listed
        what its schema says counts for one that is read whole."""
        whole = self.whole
        if whole is not None:
            facts = replace(whole.facts, title=self.title, regional=self.regional, natural_key=False)
            return replace(facts, access=bool(self.said.get("access", False)), existence=True)
        facts = TypeFacts(
            type=self.type,
            regional=self.regional,
            access=bool(self.said.get("access", False)),
            natural_key=bool(self.said.get("natural_key", self.name is not None)) and not self.existence,
            title=self.title,
            existence=self.existence,
            single=bool(self.said.get("single", False)),
        )
        kinds = {**KINDS, **AWS_KINDS}
        for path, marks in self.schema.get("paths", {}).items():
            words = _from_schema(marks)
            if words:
                facts.root.reach(path).say(words, kinds, f"schema of {self.type}")
        for path in _dropped(self.said.get("properties", {})):
            facts.root.reach(path).left_out = (0, False)
        for path in self.said.get("read_only", ()):
            facts.root.reach(path).read_only = True
        for path in self.said.get("assigned", ()):
            facts.root.reach(path).assigned = True
        if self.name is not None and "c" in self.schema.get("paths", {}).get(self.name, "")[1:]:
            facts.root.reach(self.name).assigned = True  # CloudFormation makes one up, nothing can change it
        for path in self.said.get("listed", ()):
            facts.root.reach(path).listed = True
        for path, value in self.said.get("defaults", {}).items():
            facts.root.reach(path).defaults.append(value)
        for path, reason in self.said.get("unread", {}).items():
            facts.root.reach(path).unread = str(reason)
        facts.paths(self._everywhere(self.said.get("facts", {})), kinds, self.where)
        for path, below in self.said.get("recurs", {}).items():
            node = facts.root.reach(path)
            for one in below:
                above, _, last = f"{path}/{one}".rpartition("/")
                if last == "*":
                    facts.root.reach(above).any = node
                else:
                    facts.root.reach(above).children[last] = node
        return facts

    def _everywhere(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """The facts by path: ``**/A/B`` stands for each path of the schema that ends so, ``A/**`` for each
        below A; one by its own name, or the first of these, is what counts."""
        found = {path: words for path, words in said.items() if "**" not in path}
        for path, words in said.items():
            for known in self.schema.get("paths", {}) if "**" in path else ():
                ends = path.startswith("**") and f"/{known}".endswith(path.removeprefix("**"))
                if ends or (path.endswith("/**") and known.startswith(path.removesuffix("**"))):
                    found.setdefault(known, words)
        return found

    @property
    def terraform(self) -> Mapping[str, Any]:
        said: Mapping[str, Any] = self.said.get("terraform", {})
        return said


def _dropped(properties: Mapping[str, Any]) -> Iterator[str]:
    """The paths of which the live side drops a zero (``nonzero``), so that a declared one is none either."""
    for name, text in properties.items():
        said = str(text or "")
        if said.startswith("nonzero("):
            yield name
        elif said.count("{") == 1:
            member = "*/" if re.search(r"\[[^]]*\]\.\{", said) and "[0].{" not in said else ""
            yield from (f"{name}/{member}{inner}" for inner in re.findall(r"(\w+): nonzero\(", said))


def _from_schema(marks: str) -> dict[str, Any]:
    letter, flags = marks[0], marks[1:]
    words: dict[str, Any] = {}
    if letter in _SCALARS:
        words["kind"] = _SCALARS[letter]
    elif letter == "a" and "~" in flags:
        words["kind"] = "set"
    if "r" in flags:
        words["read_only"] = True
    if "w" in flags:
        words["write_only"] = True
    return words


class Catalogue:
    """Every type that the facts know, and how each tool's types lead to them."""

    def __init__(self, said: Mapping[str, tuple[str, Mapping[str, Any]]], schemas: Mapping[str, Any]) -> None:
        self.entries: dict[str, Entry] = {}
        self._schemas = schemas
        self.attachments: dict[str, tuple[Attach, ...]] = {}
        self.adds: dict[str, tuple[Attach, ...]] = {}
        self.makes: dict[str, tuple[Makes, ...]] = {}
        self.aliases: dict[str, Alias] = {}
        self.terraform: dict[str, list[TerraformEntry]] = {}
        for type_, (where, words) in said.items():
            if type_ == "terraform":
                self._add_terraform(None, words, where)
                continue
            if "makes" in words:
                self.makes[type_] = tuple(read_makes(one, where, type_) for one in words["makes"])
                if "list" not in words:
                    continue
            if "alias" in words:
                self.aliases[type_] = Alias(**words["alias"])
                continue
            if "attach" in words:
                self.attachments[type_] = tuple(read_attach(one, where, type_) for one in words["attach"])
                continue
            unknown = set(words) - _ENTRY
            if unknown:
                raise FactError(f"{where}: {type_}: unknown word {sorted(unknown)[0]!r}")
            needed = (
                ("service", "list", "id") if words.get("level") else ("service", "list", "id", "properties")
            )
            for word in needed:
                if word not in words:
                    raise FactError(f"{where}: {type_}: {word!r} is missing")
            schema = schemas.get(words.get("schema", type_), {})
            self.entries[type_] = Entry(type_, words, schema, where)
            fitting.know(type_, schema.get("paths", {}), words)
            if "adds" in words:
                self.adds[type_] = tuple(read_attach(one, where, type_) for one in words["adds"])
            self._add_terraform(type_, words.get("terraform", {}), where)

    def _add_terraform(self, type_: str | None, said: Mapping[str, Any], where: str) -> None:
        for name, words in said.items():
            unknown = set(words or {}) - {"id", "properties", "hook", "attach", "nothing"}
            if unknown:
                raise FactError(f"{where}: {name}: unknown word {sorted(unknown)[0]!r}")
            words = words or {}
            self.terraform.setdefault(name, []).append(
                TerraformEntry(
                    terraform_type=name,
                    type=type_,
                    id=words.get("id"),
                    properties=words.get("properties", {}),
                    hook=words.get("hook"),
                    attach=tuple(read_attach(one, where, name) for one in words.get("attach", ())),
                    nothing=bool(words.get("nothing", False)),
                )
            )

    def schema(self, type_: str) -> Mapping[str, str]:
        """The property paths of a CloudFormation type with their letter and marks; empty where its schema is
        not known."""
        paths: Mapping[str, str] = self._schemas.get(type_, {}).get("paths", {})
        if paths:
            return paths
        known = resource_type(type_)
        return {} if known is None else known.paths

    @property
    def types(self) -> frozenset[str]:
        """The types that are read by calls of their own."""
        return frozenset(self.entries)

    def all_types(self) -> frozenset[str]:
        """These, and those that are read by their schemas."""
        return self.types.union(one for one in by_schema.types() if not self.knows(one))

    @property
    def compared(self) -> dict[str, Entry]:
        """The types of which more is read than that they are there."""
        return {type_: entry for type_, entry in self.entries.items() if not entry.existence}

    def knows(self, type_: str) -> bool:
        """Whether something is said of a CloudFormation type: what it is, or what it adds to others."""
        known = (self.entries, self.attachments, self.makes, self.aliases)
        return any(type_ in one for one in known)

    def entry(self, type_: str) -> Entry | None:
        """What is known of a type: its own facts, else what its schema says; None where nothing reads it."""
        return self.entries.get(type_) or (self.by_schema(type_) if self.is_by_schema(type_) else None)

    def is_by_schema(self, type_: str) -> bool:
        """Whether nothing but its schema is known of a type."""
        return type_ not in self.entries and not self.knows(type_)

    def by_schema(self, type_: str) -> Entry | None:
        """What the schema of a type says that has no facts of its own."""
        return _by_schema(type_)


@cache
def _by_schema(type_: str) -> Entry | None:
    said, known = by_schema.words(type_), resource_type(type_)
    if said is None or known is None:
        return None
    return Entry(type_, said, {"id": known.identifier, "paths": known.paths}, "schema")


def _read(files: Iterable[Path]) -> dict[str, tuple[str, Mapping[str, Any]]]:
    said: dict[str, tuple[str, Mapping[str, Any]]] = {}
    terraform: dict[str, Any] = {}
    for file in sorted(files):
        content = data(file) or {}
        terraform.update(content.pop("terraform", {}))
        for type_, words in content.items():
            if type_ in said:
                raise FactError(f"{file.name}: {type_} is already in {said[type_][0]}")
            said[type_] = (file.name, words)
    said["terraform"] = ("types/*.yaml", terraform)
    return said


def schema_types() -> list[str]:
    """The types whose schema the index must hold."""
    names: list[str] = []
    for type_, (_, words) in _read(TYPES_FOLDER.glob("*.yaml")).items():
        if type_ != "terraform" and "beyond" not in words:
            names.append(str(words.get("schema", type_)))
    return sorted(set(names))


@cache
def catalogue() -> Catalogue:
    """The facts in the package, read once."""
    index = TYPES_FOLDER.parent / "schemas.json"
    schemas = json.loads(index.read_bytes())["types"] if index.exists() else {}
    return Catalogue(_read(TYPES_FOLDER.glob("*.yaml")), schemas)
