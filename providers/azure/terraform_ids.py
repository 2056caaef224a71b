"""Tells the ARM id of a Terraform resource: most are one, associations and what has a data plane are put
together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from drift.kinds.scalars import fold_case
from providers.azure import ids

#: Attributes that hold the ARM id of what Terraform knows by another one (a blob container's URL), best
#: first.
_OTHERS = ("resource_manager_id", "resource_versionless_id")
_FILE_SHARES = re.compile(r"/fileshares/", re.IGNORECASE)


def arm_id(attributes: Mapping[str, Any], form: str = "") -> str | None:
    """The ARM id that the attributes tell, by ``form`` where there is one of that name; None where they tell
    none."""
    if form:
        return FORMS[form](attributes)
    for name in ("id", *_OTHERS):
        value = attributes.get(name)
        # A role definition's and a diagnostic setting's id have a second part after a bar.
        found = value.partition("|")[0] if isinstance(value, str) else ""
        if found.startswith("/") and ids.parse(found) is not None:
            return _FILE_SHARES.sub("/shares/", found)
    return None


def owner(attributes: Mapping[str, Any], type: str) -> str | None:
    """The ARM id of the resource of ``type`` that Terraform's own id lies in or that an attribute names."""
    own = attributes.get("id")
    texts = [own, *(value for name, value in attributes.items() if name.endswith("_id"))]
    for text in texts:
        found = text.partition("|")[0].strip("/").split("/") if isinstance(text, str) else []
        while len(found) > 1:
            said = ids.parse("/" + "/".join(found))
            if said is not None and fold_case(said.type) == fold_case(type):
                return "/" + "/".join(found)
            found.pop()
    return None


def _own(attributes: Mapping[str, Any]) -> str:
    value = attributes.get("id")
    return value if isinstance(value, str) else ""


def _first(attributes: Mapping[str, Any]) -> str | None:
    """The resource that an association ``RESOURCE|OTHER`` adds to."""
    found = _own(attributes).partition("|")[0]
    return found if ids.parse(found) else None


def _above(attributes: Mapping[str, Any]) -> str | None:
    """The resource that ``RESOURCE/collection/name`` is a part of, without being one that ARM knows."""
    found = _own(attributes).partition("|")[0].rsplit("/", 2)[0]
    return found if ids.parse(found) else None


def _interface(attributes: Mapping[str, Any]) -> str | None:
    """The network interface of ``INTERFACE/ipConfigurations/name|OTHER``."""
    found = attributes.get("network_interface_id") or _above(attributes)
    return found if isinstance(found, str) and ids.parse(found) else None


def _vault(attributes: Mapping[str, Any]) -> str | None:
    found = attributes.get("key_vault_id") or _own(attributes).partition("/objectId/")[0]
    return found if isinstance(found, str) and ids.parse(found) else None


def _diagnostics(attributes: Mapping[str, Any]) -> str | None:
    target, _, name = _own(attributes).partition("|")
    target = target or str(attributes.get("target_resource_id") or "")
    if not target.startswith("/") or not name:
        return None
    return f"{target}/providers/Microsoft.Insights/diagnosticSettings/{name}"


def _none(attributes: Mapping[str, Any]) -> None:
    """What only a data plane knows, although Terraform gives it the form of an ARM id."""


#: How the id of the ARM resource is told, by the name that entries use.
FORMS: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = {
    "first": _first,
    "above": _above,
    "interface": _interface,
    "vault": _vault,
    "diagnostics": _diagnostics,
    "none": _none,
}
