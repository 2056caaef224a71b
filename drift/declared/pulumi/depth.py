"""Says how deeply the resources of a Pulumi stack are compared: by attribute, by existence, or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from drift.declared.pulumi import values
from drift.declared.pulumi.export import Held, is_stack, parse
from drift.declared.pulumi.intent import one_of
from drift.declared.pulumi.stacks import LOCAL, dialect_of
from drift.declared.terraform.configuration.placeholders import Placeholders
from drift.declared.terraform.depth import Kind, depth
from drift.dialect import Foreign
from drift.model import Resource
from drift.provider import Provider


def holds(head: bytes) -> bool:
    """Whether a file that begins so is an export."""
    return is_stack(head)


def of(file: Path, providers: Mapping[str, Provider]) -> Counter[Kind]:
    """How many resources of an export there are of each kind. Raises DeclaredError where it is none."""
    resources = parse(file, str(file)).resources
    return Counter(_kind(held, providers) for held in resources if not held.going)


def _kind(held: Held, providers: Mapping[str, Provider]) -> Kind:
    if held.package in LOCAL:
        return Kind("local", held.type, ())
    found = dialect_of(providers, held)
    if found is None:
        return Kind("nothing", held.type, ())
    provider, dialect = found
    type_ = dialect.bridged(held.type)
    made: list[Resource] | None
    try:
        if type_ is not None and provider.terraform is not None:
            words = one_of(held, type_, provider.terraform, Placeholders()).attributes
            scope, region = provider.terraform.place(words)
            made = provider.terraform.translate(Foreign(type_, held.urn, words, scope, region))
        else:
            said = values.plain(values.known(held.said))
            made = dialect.translate(held.type, said, Foreign(held.type, held.urn, held.known))
    except Exception:  # noqa: BLE001 - an odd resource is not compared, which is what is told here
        made = None
    return Kind(depth(provider, made or ()), held.type, tuple(sorted({one.type for one in made or ()})))
