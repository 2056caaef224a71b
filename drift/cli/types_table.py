"""Lists what is covered, and how deeply: the types, and the paths that can't be verified."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from drift import plugins
from drift.errors import ConfigError
from drift.facts import ONLY_THERE, PathFacts, TypeFacts

if TYPE_CHECKING:
    from drift.declared.terraform.depth import Kind


def table(provider: str | None = None, only: Sequence[str] = ("*",)) -> str:
    """A readable list, a type a line, what can't be verified below it. ``only`` are globs of types, in any
    letter case.

    Raises ConfigError for an unknown provider.
    """
    lines: list[str] = []
    for name in _providers(provider):
        plugin = plugins.provider(name)
        known = list(plugin.types())
        types = [one for one in known if _fits(one, only)]
        lines.append(f"{name}: {len(known)} types" + (f", {len(types)} shown" if types != known else ""))
        for type_ in types:
            facts = plugin.facts(type_)
            if facts is not None:
                lines.extend(_type(facts))
    return "\n".join(lines) + "\n"


def of_states(files: Sequence[Path], only: Sequence[str] = ("*",)) -> str:
    """How deeply the resources of Terraform states and Pulumi stacks are compared, a type a line with its
    count. ``only`` are globs of their types.

    Raises DeclaredError for a file that is no state.
    """
    from drift.declared.terraform.depth import MEANING

    found = _found(files)
    lines: list[str] = []
    for depth, meaning in MEANING.items():
        kinds = {one: count for one, count in found.items() if one.depth == depth and _fits(one.type, only)}
        if kinds:
            total = sum(kinds.values())
            counted = f"{total} resource{'s' * (total != 1)}, {len(kinds)} type{'s' * (len(kinds) != 1)}"
            lines.append(f"{meaning} ({counted})")
        for one, count in sorted(kinds.items(), key=lambda each: (-each[1], each[0].type)):
            lines.append(f"  {count:6}  {one.type:44} {', '.join(one.becomes)}".rstrip())
    return "\n".join(lines or ["no managed resource in it"]) + "\n"


def as_json(provider: str | None = None, only: Sequence[str] = ("*",), states: Sequence[Path] = ()) -> str:
    """The same as JSON: a list of ``provider``, ``type``, ``title``, ``global``, ``existence`` (only that it
    is there is compared) and ``unverifiable`` (path → reason); of states one of ``type``, ``depth``,
    ``resources`` and ``becomes``."""
    if states:
        rows = [
            {"type": one.type, "depth": one.depth, "resources": count, "becomes": list(one.becomes)}
            for one, count in sorted(_found(states).items(), key=lambda each: (-each[1], each[0].type))
            if _fits(one.type, only)
        ]
    else:
        rows = [
            {
                "provider": name,
                "type": facts.type,
                "title": facts.title,
                "global": not facts.regional,
                "existence": facts.existence,
                "unverifiable": dict(sorted(unverifiable_paths(facts))),
            }
            for name in _providers(provider)
            for type_ in plugins.provider(name).types()
            if _fits(type_, only) and (facts := plugins.provider(name).facts(type_)) is not None
        ]
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode() + "\n"


def _providers(provider: str | None) -> Sequence[str]:
    names = plugins.names("providers")
    if provider is not None and provider not in names:
        raise ConfigError(f"there is no provider {provider!r}; installed are: {', '.join(names)}")
    return [provider] if provider else names


def _found(files: Sequence[Path]) -> Counter[Kind]:
    """How deeply each type of some states is compared, with its count."""
    from drift.declared.pulumi import depth as pulumi
    from drift.declared.terraform import content
    from drift.declared.terraform.depth import depths
    from drift.listing import beginning

    found: Counter[Kind] = Counter()
    providers = plugins.providers()
    for file in files:
        if pulumi.holds(beginning(file)):
            found += pulumi.of(file, providers)
        else:
            found += depths(content.parse(file, str(file)), providers.values())
    return found


def _fits(type_: str, only: Sequence[str]) -> bool:
    return any(fnmatchcase(type_.lower(), glob.lower()) for glob in only)


def _type(facts: TypeFacts) -> Iterator[str]:
    where = "" if facts.regional else "  (global)"
    yield f"  {facts.type:44} {facts.title}{where}"
    if facts.existence:
        yield f"      not verifiable  /: {ONLY_THERE}"
    for path, reason in sorted(unverifiable_paths(facts)):
        yield f"      not verifiable  /{path}: {reason}"


def unverifiable_paths(facts: TypeFacts) -> Iterator[tuple[str, str]]:
    """(path, reason) of everything that a declaration may say and the live side never tells."""

    def visit(node: PathFacts, path: str, above: frozenset[int]) -> Iterator[tuple[str, str]]:
        if node.unread:
            yield path, node.unread
        elif node.write_only:
            yield path, "write-only: the cloud never gives it back"
        elif id(node) not in above:  # a schema may hold itself
            above = above | {id(node)}
            wild = node.any.children if node.any is not None else {}
            for name, child in node.children.items():
                if wild.get(name) is not child:
                    yield from visit(child, f"{path}/{name}" if path else name, above)
            if node.any is not None:
                yield from visit(node.any, f"{path}/*" if path else "*", above)

    yield from visit(facts.root, "", frozenset())
