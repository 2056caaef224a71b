"""Terraform resources of providers that nobody here knows: they are declared all the same, and said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drift.model import Origin, Problem, Resource

#: Providers whose resources are nowhere but in the state or on the machine that ran Terraform.
LOCAL = frozenset(
    {
        "archive",
        "cloudinit",
        "external",
        "http",
        "local",
        "null",
        "random",
        "template",
        "terraform",
        "time",
        "tls",
    }
)
_ADDRESS = re.compile(
    r"""provider\["(?:(?:[^"/]*/)?(?P<owner>[^"/]+)/)?(?P<name>[^"/]+)"\]|provider\.(?P<old>[\w-]+)"""
)
#: Who publishes these providers; another one's of the same name may make anything.
_OWNERS = frozenset({None, "hashicorp", "builtin", "opentofu"})


def provider_name(config: str, type_: str) -> str:
    """What a state calls the provider of a resource (``provider["registry.terraform.io/acme/x"].west`` → x);
    the type's first word where it says none."""
    found = _ADDRESS.search(config)
    return (found["name"] or found["old"]) if found else type_.partition("_")[0]


def is_local(config: str, type_: str) -> bool:
    """Whether a resource has nothing live that could differ."""
    found = _ADDRESS.search(config)
    return provider_name(config, type_) in LOCAL and (found is None or found["owner"] in _OWNERS)


def resource(config: str, type_: str, address: str, attributes: Any, origin: Origin) -> Resource:
    """The resource as far as it can be told, so that its type ends in the ledger."""
    said = attributes.get("id") if isinstance(attributes, Mapping) else None
    return Resource(
        provider=provider_name(config, type_),
        scope="",
        type=type_,
        id=str(said or address),
        name=address,
        attributes={},
        origin=origin,
    )


def untranslated(source: str, what: str, error: Exception) -> Problem:
    """What is told of a resource of ``source`` that its provider's translation fails on: one odd resource
    must not end the run."""
    why = " ".join(f"{type(error).__name__}: {error}".split())
    return Problem(source, f"{what} can't be translated: {why}", unread=True)
