"""Config Connector's kinds that are made of Terraform's: fields by Terraform's names, translated by
Terraform's entries.

Most kinds of Compute, SQL, Storage and GKE have the fields of a Terraform resource in camel case, not those
of the API (``allow`` for ``allowed``, ``diskSize`` for ``dataDiskSizeGb``). What of a declaration has no
place in the API's schema is looked up in the entry of that resource (``providers/gcp/terraform/*.yaml``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drift.model import Sensitive, Unresolved
from providers.gcp.config_connector.kinds import data
from providers.gcp.config_connector.objects import Declared
from providers.gcp.config_connector.references import Names, Target, is_reference

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
#: References whose field Terraform calls otherwise, by the end of their path in Terraform's words.
_REFERENCES = {
    "source_disk": "source",
    "source_image": "image",
    "network_ip": "network_ip",
    "nat_ip": "nat_ip",
    "service_account": "email",
    "bigquery_dataset": "dataset",
}
#: Mappings of a choice between references (and a plain value), which Terraform has as one text.
_CHOICES = frozenset(
    {
        "group",
        "target",
        "ip_address",
        "destination",
        "default_service",
        "next_hop_vpn_tunnel",
        "next_hop_instance",
    }
)


def snake(name: str) -> str:
    """Terraform's spelling of a field's name (``ipCidrRange`` → ``ip_cidr_range``)."""
    return _WORDS.sub("_", name).lower()


class Attributes:
    """One object's fields as Terraform's attributes."""

    def __init__(self, one: Declared, names: Names) -> None:
        self.one, self.names = one, names
        self.renamed: Mapping[str, str] = one.means.said.get("attributes", {})

    def whole(self) -> dict[str, Any]:
        """All attributes: the spec's fields, the name, the labels, and where the resource lies."""
        found = self.place()
        for key, value in self.one.spec.items():
            if key not in data()["directives"] and value is not None:
                found.update(self.field(key, value))
        labels = self.one.metadata.get("labels") or {}
        sent = {key: str(value) for key, value in labels.items() if "/" not in str(key)}
        if sent:
            found.setdefault("labels", sent)
        return found

    def place(self) -> dict[str, Any]:
        """What the resource's name tells: itself, the project, the zone or region."""
        found: dict[str, Any] = {"name": self.one.spec.get("resourceID") or self.one.name}
        top, path = self.names.top(self.one), self.names.path(self.one)
        if isinstance(top, tuple) and top[0] == "projects":
            found["project"] = top[1]
        parts = path.split("/") if isinstance(path, str) else []
        for many, word in (("zones", "zone"), ("regions", "region"), ("locations", "location")):
            if many in parts[:-1]:
                found[word] = parts[parts.index(many) + 1]
        return found

    def field(self, key: str, value: Any, at: str = "") -> dict[str, Any]:
        """One field of the spec under Terraform's name."""
        name, made = self._named(key, value, at)
        return {name: made}

    def _named(self, key: str, value: Any, at: str) -> tuple[str, Any]:
        stem = re.sub(r"Refs?$", "", key) if _refers(value) else key
        name = snake(stem)
        path = f"{at}/{name}" if at else name
        if path in self.renamed:
            name = self.renamed[path]
        elif stem != key and at and name in _REFERENCES:
            name = _REFERENCES[name]
        return name, self._value(value, f"{at}/{name}" if at else name, stem)

    def _value(self, value: Any, at: str, word: str) -> Any:
        if is_reference(value):
            return self._link(value, word)
        if isinstance(value, list):
            return [self._value(one, at, word) for one in value]
        if not isinstance(value, Mapping):
            return value
        if value and set(value) <= {"value", "valueFrom"}:
            if "valueFrom" in value:
                return Unresolved(
                    f"{at}: comes from a Secret or ConfigMap (valueFrom), which is not declared"
                )
            return Sensitive(value["value"])
        if len(value) == 1 and at.rpartition("/")[2] in _CHOICES:
            key, chosen = next(iter(value.items()))
            return self._value(chosen, at, re.sub(r"Ref$", "", key))
        found: dict[str, Any] = {}
        for key, one in value.items():
            if one is not None:
                name, made = self._named(str(key), one, at)
                found[name] = made
        return found

    def _link(self, value: Mapping[str, Any], word: str) -> Any:
        target = self.names.resolve(value, word, self.one)
        if isinstance(target, Unresolved):
            return target
        return _text(target)


def _refers(value: Any) -> bool:
    return is_reference(value) or (isinstance(value, list) and bool(value) and all(map(is_reference, value)))


def _text(target: Target) -> str:
    parts = target.path.split("/")
    if len(parts) > 1 and (parts[-2] == "serviceAccounts" or target.path.startswith("b/")):
        return parts[-1]
    return target.path


def bettered(one: Declared, names: Names, key: str, value: Any, part: dict[str, Any]) -> dict[str, Any]:
    """A top field's part of the body; by Terraform's names where these place more of it than the API's own
    did."""
    name, lost = one.means.said.get("terraform"), _lost(part)
    if name is None or not lost:
        return part
    from providers.gcp.terraform import entries
    from providers.gcp.terraform_body import Body
    from providers.gcp.terraform_names import Variables

    said, entry, path = Attributes(one, names), entries()[name], names.path(one)
    values, full = Variables({**said.whole(), **said.place()}, None), path if isinstance(path, str) else None
    empty = Body(entry, values, full, explicit=True).of({})
    made = Body(entry, values, full, explicit=True).of(said.field(key, value))
    made = {field: one for field, one in made.items() if empty.get(field) != one}
    return made if (_placed(made), -_lost(made)) > (_placed(part), -lost) else part


def merge(body: dict[str, Any], part: Mapping[str, Any]) -> None:
    """Adds one part of a body to another; lists that several fields add to (disks) hold the members of
    all."""
    for name, value in part.items():
        known = body.get(name)
        if isinstance(known, dict) and isinstance(value, dict):
            merge(known, value)
        elif isinstance(known, list) and isinstance(value, list):
            body[name] = [*known, *value]
        else:
            body[name] = value


def _placed(value: Any) -> int:
    """How many plain values a translation has put somewhere."""
    if isinstance(value, dict):
        return sum(map(_placed, value.values()))
    return sum(map(_placed, value)) if isinstance(value, list) else int(not _lost(value))


def _lost(value: Any) -> int:
    """How many fields have no place in the API's schema, as far as a translation knows."""
    if isinstance(value, Unresolved):
        return int(
            value.reason.endswith("has no field for it") or value.reason.startswith("no field of the API")
        )
    if isinstance(value, dict):
        return sum(map(_lost, value.values()))
    return sum(map(_lost, value)) if isinstance(value, list) else 0
