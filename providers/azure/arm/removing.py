"""Takes a resource out of its template, with what only waits for it; not where others need it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from drift.editing.rewrite import Operation
from drift.editor import NotEdited
from providers.azure.arm.expressions import Call, Malformed, Member, Node, is_expression, parse
from providers.azure.arm.place import ID_FUNCTIONS
from providers.azure.arm.sites import Site, named
from providers.azure.arm.spots import Placed, own_words
from providers.azure.arm.values import Unknown


def placed(site: Site, every: Sequence[Site]) -> list[Placed]:
    """The edits that take the resource away. Raises NotEdited where a loop makes others of the same words,
    where it has children, or where others in the template refer to it."""
    where = site.home.place(site.line)
    if any(one is not site and one.file == site.file and one.steps == site.steps for one in every):
        raise NotEdited("a loop makes others of the same words", where)
    found: list[Placed] = [(site.file, Operation("remove", site.steps))]
    for other in every:
        if other is site or (other.file == site.file and other.steps == site.steps):
            continue
        called = "/".join(other.identity.names) or other.identity.type
        line = other.home.place(other.line)
        if other.identity.id and site.identity.id and _below(other.identity.id, site.identity.id):
            raise NotEdited(f"its child {called} is declared, too", line)
        found += _waits(other, site)
        words = {key: one for key, one in own_words(other).items() if key.lower() != "dependson"}
        if any(_names(other, text, site) for text in _texts(words)):
            raise NotEdited(f"{called} refers to it", line)
    outputs, steps = site.home.section("outputs")
    for name, words in outputs.items():
        if any(_names(site, text, site) for text in _texts(words)):
            found.append((site.file, Operation("remove", (*steps, name))))
    return found


def _below(one: str, other: str) -> bool:
    return one.lower().startswith(f"{other.lower()}/")


def _waits(other: Site, site: Site) -> Iterator[Placed]:
    """What takes the resource out of the ``dependsOn`` of another one."""
    key = named(other.words, "dependsOn")
    listed = other.words[key] if key else None
    if not isinstance(listed, list) or key is None:
        return
    gone = [at for at, text in enumerate(listed) if isinstance(text, str) and _is(other, text, site)]
    if gone and len(gone) == len(listed):
        yield other.file, Operation("remove", (*other.steps, key))
        return
    for at in gone:
        yield other.file, Operation("remove", (*other.steps, key, at))


def _is(other: Site, text: str, site: Site) -> bool:
    """Whether a text of ``dependsOn`` means the resource."""
    with other.within():
        value = other.home.translation.evaluator.value(text)
    return isinstance(value, str) and value.lower() in _called(site)


def _called(site: Site) -> set[str]:
    id_, type_, names, _ = site.identity
    last = site.steps[-1]
    known = {(id_ or "").lower(), "/".join(names).lower(), f"{type_}/{'/'.join(names)}".lower()}
    return (known | {last.lower()} if isinstance(last, str) else known) - {""}


def _texts(value: Any) -> Iterator[str]:
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, dict):
            rest += one.values()
        elif isinstance(one, list):
            rest += one
        elif isinstance(one, str) and is_expression(one):
            yield one


def _names(other: Site, text: str, site: Site) -> bool:
    """Whether an expression asks for the id of the resource, or for what it is."""
    try:
        rest: list[Node] = [parse(text)]
    except Malformed:
        return False
    while rest:
        node = rest.pop()
        if isinstance(node, Member):
            rest += [node.of, node.key]
        elif isinstance(node, Call):
            rest += node.arguments
            name = node.name.lower()
            if name in ID_FUNCTIONS or name.startswith("list") or name == "reference":
                asked = node if name in ID_FUNCTIONS else node.arguments[0] if node.arguments else None
                try:
                    with other.within():
                        value = other.home.translation.evaluator.node(asked) if asked else None
                except Unknown:
                    continue
                if isinstance(value, str) and value.lower() in _called(site):
                    return True
    return False
