"""What is known of each type: Microsoft's own models, then our facts (``types/*.yaml``).

A facts file maps ARM types to ``{title, access, inline, facts: {path: words}}``; ``inline: {into: TYPE, at:
PATH}`` says that the parent's body holds these children. ``general.yaml`` holds what is so for a property's
name in every type. Paths and words are those of :mod:`drift.facts`. A ``default`` said here is checked by
hand: another live value that nobody declares is a change.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from drift.facts import FactError, PathFacts, TypeFacts
from drift.kinds.scalars import fold_case
from providers.azure import models
from providers.azure.general import (
    KINDS,
    TYPES_FOLDER,
    anything,
    general,
    is_place,
    is_secret,
    is_version,
    named,
    read,
    secrets,
    sku,
)
from providers.azure.ids import is_type

COUNTS = "count"
_WORDS = frozenset({"title", "access", "inline", "facts"})
_BUILDING = threading.RLock()
_FORMATS = {"date-time": "moment", "duration": "span", "byte": "base64"}
#: What members of a list are told apart by, best first.
_KEYS = ("name", "locationName", "lun", "ipMask")
_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean"}


@cache
def _said() -> dict[str, dict[str, Any]]:
    """Lower-case type → what our files say of it, with its spelling under ``as``."""
    types: dict[str, dict[str, Any]] = {}
    for file in sorted(TYPES_FOLDER.glob("*.yaml")):
        if file.name == "general.yaml":
            continue
        for name, words in read(file).items():
            unknown = sorted(set(words) - _WORDS)
            if unknown or not is_type(name):
                raise FactError(
                    f"{file.name}: {name}: expected a type with {sorted(_WORDS)}, got {unknown or name}"
                )
            if name.lower() in types:
                raise FactError(f"{file.name}: {name} is said twice")
            types[name.lower()] = {**words, "as": name}
    return types


def known_types() -> list[str]:
    """The types of which more is known than their form, in their own spelling."""
    spelled = {name: said["as"] for name, said in models.types().items()}
    spelled.update({name: said["as"] for name, said in _said().items()})
    return sorted(spelled.values())


def spelling(type: str) -> str:
    """The type as Azure spells it; as given where it is not known."""
    low = type.lower()
    return str((_said().get(low) or models.types().get(low) or {}).get("as", type))


def access_types() -> list[str]:
    """The types that our files say let somebody in."""
    return [str(said["as"]) for said in _said().values() if said.get("access")]


def inline(type: str) -> tuple[str, str] | None:
    """(parent type, path) of children that the parent's body holds; None for all others."""
    said = _said().get(type.lower(), {}).get("inline")
    return (said["into"], said["at"]) if said else None


def facts_of(type: str) -> TypeFacts | None:
    """The facts of an ARM type in any letter case; None where the text has not the form of one."""
    if not is_type(type):
        return None
    with _BUILDING:  # facts share nodes, which another thread must not see before they are whole
        return _facts_of(spelling(type))


@cache
def _facts_of(type: str) -> TypeFacts:
    words = _said().get(type.lower(), {})
    known = models.types().get(type.lower())
    root = PathFacts(any=anything())
    if known is not None:
        names = tuple(dict.fromkeys(known[way] for way in ("put", "get", "patch") if way in known))
        below = _model(known["in"], names, known.get("get"))
        root.children, root.kind, root.params = dict(below.children), below.kind, below.params
        answered = models.properties(known["in"], known.get("get", names[0]))
    else:
        root.children = dict(anything().children)
        root.kind, root.params = anything().kind, anything().params
        answered = {"location": []}
    if (
        "location" not in answered or type.count("/") > 1
    ):  # children have their parent's, and mostly don't say it
        root.children["location"] = PathFacts(read_only=True)
    for path, said in (*general()["top"].items(), *words.get("facts", {}).items()):
        node = root if path == "." else root.own(path, from_any=True)
        if "default" in said or "defaults" in said:
            node.defaults, node.undeclared = [], COUNTS
        node.say(said, KINDS, f"{type} {path}")
    return TypeFacts(
        type,
        root,
        regional=False,
        access=bool(words.get("access")),
        natural_key=False,
        title=str(words.get("title", _title(type))),
    )


def _title(type: str) -> str:
    word = type.rpartition("/")[2]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word).lower()


#: What one model or inline object says: its properties, and whether it is (part of) the answer.
_Source = tuple[Mapping[str, Sequence[models.Node]], bool]
_cached: dict[tuple[str, tuple[tuple[str, bool], ...]], PathFacts] = {}


def _model(package: str, names: Sequence[str], get: str | None) -> PathFacts:
    """The facts of what several models of one thing say together: those that are sent, and ``get``, that
    which is answered."""
    return _referred(package, tuple((name, name == get) for name in names))


def _referred(package: str, refers: tuple[tuple[str, bool], ...]) -> PathFacts:
    known = _cached.get((package, refers))
    if known is not None:
        return known
    facts = _cached[package, refers] = PathFacts()
    _object(facts, package, [(models.properties(package, name), answer) for name, answer in refers])
    return facts


def _object(facts: PathFacts, package: str, sources: Sequence[_Source]) -> None:
    """Fills in the facts of an object.

    A property can only be read where every model that has it says so. What is sent and not answered can't be
    verified.
    """
    spelled: dict[str, str] = {}
    facts.kind, facts.params, facts.any = KINDS["object"], {"names": spelled}, anything()
    props: dict[str, list[tuple[models.Node, bool]]] = {}
    for properties, answer in sources:
        for prop, said in properties.items():
            props.setdefault(prop, []).extend((node, answer) for node in said)
    spelled.update({fold_case(prop): prop for prop in props})
    facts.children.update(named())
    answered = any(answer for _, answer in sources) and len(sources) > 1
    for prop, nodes in props.items():
        child = facts.children[prop] = _node(package, nodes, prop)
        if answered and not any(answer for _, answer in nodes):
            child.write_only = True


def _node(package: str, nodes: Sequence[tuple[models.Node, bool]], name: str) -> PathFacts:
    """The facts of one property as several models have it."""
    facts = PathFacts(
        read_only=all(node.get("o") for node, _ in nodes), write_only=any(node.get("w") for node, _ in nodes)
    )
    said: dict[str, Any] = {}
    for node, _ in nodes:
        said = {**node, **said}
    facts.documented = said.get("d")
    if all("r" in node for node, _ in nodes):
        refers = tuple(dict.fromkeys((str(node["r"]), answer) for node, answer in nodes))
        below = _referred(package, _merged(refers))
        facts.children, facts.any, facts.kind, facts.params = (
            below.children,
            below.any,
            below.kind,
            below.params,
        )
    elif "r" in said or "p" in said:
        _object(facts, package, [(_properties(package, node), answer) for node, answer in nodes])
    elif "i" in said:
        member = facts.any = _node(
            package, [(node["i"], answer) for node, answer in nodes if "i" in node], ""
        )
        _say_list(facts, member, said["i"])
    elif "m" in said:
        facts.any = _node(package, [(node["m"], answer) for node, answer in nodes if "m" in node], "")
        facts.kind = KINDS["id-map"]
        facts.children = {} if name == "tags" else dict(secrets())
    elif "e" in said:
        facts.kind, facts.params = (
            KINDS["azure-enum"],
            {"names": {fold_case(name): name for name in said["e"]}},
        )
    elif said.get("f") in _FORMATS:
        facts.kind = KINDS[_FORMATS[said["f"]]]
    elif said.get("t") in _TYPES:
        facts.kind = KINDS[_TYPES[said["t"]]]
    elif said.get("t") == "string":
        facts.kind, facts.params = KINDS["plain"], {"text": True}
        if is_secret(name):
            facts.secret = facts.write_only = True
        elif is_place(name):
            facts.kind, facts.params = KINDS["location"], {}
        elif name in models.names("enums"):
            facts.kind, facts.params = KINDS["azure-enum"], {}
        elif is_version(name):
            facts.kind, facts.params = KINDS["version-prefix"], {}
    else:
        facts.kind, facts.any, facts.children = KINDS["plain"], anything(), anything().children
        if not said.get("t") and is_secret(name):
            facts.secret = facts.write_only = True
    if name == "sku":
        sku(facts)
    if any(node.get("r") in general()["once"] for node, _ in nodes):
        facts.write_only = True
    if name in general()["names"]:
        facts.say(general()["names"][name], KINDS, f"general.yaml {name}")
    return facts


def _merged(refers: tuple[tuple[str, bool], ...]) -> tuple[tuple[str, bool], ...]:
    """One model that is both sent and answered is an answer."""
    answers = {name for name, answer in refers if answer}
    return tuple(dict.fromkeys((name, name in answers) for name, _ in refers))


def _properties(package: str, node: models.Node) -> Mapping[str, Sequence[models.Node]]:
    if "r" in node:
        return models.properties(package, str(node["r"]))
    return {name: [below] for name, below in node.get("p", {}).items()}


def _say_list(facts: PathFacts, member: PathFacts, said: models.Node) -> None:
    """Members with a name, or another key, are told apart by it and in no order; so are enumerated values and
    bare references."""
    known = member.params.get("names", {})
    for key in _KEYS:
        if fold_case(key) in known and not member.child(key).read_only:
            facts.kind, facts.params = KINDS["keyed-list"], {"key": key}
            return
    if "e" in said or set(known) == {"id"}:
        facts.kind = KINDS["set"]
