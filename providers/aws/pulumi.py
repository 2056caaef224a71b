"""How Pulumi names AWS: the package ``aws``, bridged from Terraform's provider, and ``aws-native``, which is
CloudFormation's types in camel case.

Source: github.com/pulumi/pulumi-aws-native, provider/pkg/naming.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from drift.dialect import BasePulumi, Foreign
from drift.model import Resource
from drift.terraform_schemas import PulumiTypes
from providers.aws.facts import catalogue

_NATIVE = "aws-native:"
_TYPES = PulumiTypes(Path(__file__).with_name("pulumi_types.json.gz"))
#: Modules of the package that are not called as CloudFormation calls the service.
_ANY = "/*"


class AwsPulumi(BasePulumi):
    """The dialect of the packages ``aws`` and ``aws-native``."""

    packages = frozenset({"aws", "aws-native"})

    def bridged(self, token: str) -> str | None:
        return _TYPES.of(token)

    def translate(self, token: str, said: Mapping[str, Any], known: Foreign) -> list[Resource] | None:
        """A resource of CloudFormation's: its id is the type's primary identifier, its parts joined by
        bars."""
        if not token.startswith(_NATIVE):
            return None
        type_ = _spellings().get(_plain(token.removeprefix(_NATIVE)))
        entry = catalogue().entry(type_) if type_ else None
        id_ = known.attributes.get("id")
        if entry is None or type_ is None or not isinstance(id_, str):
            return None
        names = _names(type_)
        attributes = {
            names.get(("", name.lower()), _upper(name)): _spelled(
                value, names, names.get(("", name.lower()), _upper(name))
            )
            for name, value in said.items()
        }
        return [
            Resource(
                "aws",
                known.scope or "",
                type_,
                id_,
                attributes,
                region=known.region if entry.regional else None,
                name=entry.called(attributes),
            )
        ]


def _spelled(value: Any, names: Mapping[tuple[str, str], str], path: str) -> Any:
    """A value with its members' names as the type's schema spells them; a map's keys are people's own."""
    if isinstance(value, list):
        return [_spelled(one, names, f"{path}{_ANY}") for one in value]
    if not isinstance(value, Mapping):
        return value
    known = {low: name for (above, low), name in names.items() if above == path}
    if not known or "*" in known:
        return dict(value)
    return {
        known.get(name.lower(), _upper(name)): _spelled(
            one, names, f"{path}/{known.get(name.lower(), _upper(name))}"
        )
        for name, one in value.items()
    }


@cache
def _names(type_: str) -> Mapping[tuple[str, str], str]:
    """(path above, name in lower case) of each property → the name."""
    found: dict[tuple[str, str], str] = {}
    for path in catalogue().schema(type_):
        above, _, name = path.rpartition("/")
        found[above, name.lower()] = name
    return found


@cache
def _spellings() -> Mapping[str, str]:
    """What Pulumi makes of each type that is read → the type."""
    return {_plain(type_.removeprefix("AWS::").replace("::", ":")): type_ for type_ in _types()}


def _types() -> Iterable[str]:
    return sorted(catalogue().all_types())


def _plain(token: str) -> str:
    return token.replace("/", ":").lower()


def _upper(name: str) -> str:
    return name[:1].upper() + name[1:]
