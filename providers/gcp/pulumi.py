"""How Pulumi names Google Cloud: the package ``gcp``, bridged from Terraform's provider, and
``google-native``, which is the REST bodies.

Source: https://www.pulumi.com/registry/packages/google-native/.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift.dialect import BasePulumi, Foreign
from drift.model import Resource
from drift.terraform_schemas import PulumiTypes
from providers.gcp.names import canonical, full_name, scope_of

_NATIVE = "google-native:"
_TYPES = PulumiTypes(Path(__file__).with_name("pulumi_types.json.gz"))
#: What only says where the resource is.
_PLACES = frozenset({"project", "location", "zone", "region"})


class GcpPulumi(BasePulumi):
    """The dialect of the packages ``gcp`` and ``google-native``."""

    packages = frozenset({"gcp", "google-native"})

    def bridged(self, token: str) -> str | None:
        return _TYPES.of(token)

    def translate(self, token: str, said: Mapping[str, Any], known: Foreign) -> list[Resource] | None:
        """The REST body at its self link, or at the name that the API gave it."""
        if not token.startswith(_NATIVE):
            return None
        module, _, kind = token.removeprefix(_NATIVE).partition(":")
        service = module.partition("/")[0]
        link, name = known.attributes.get("selfLink"), known.attributes.get("name")
        if isinstance(link, str) and link.startswith("https://"):
            id_ = canonical(link)
        elif isinstance(name, str) and name.startswith(("projects/", "folders/", "organizations/")):
            id_ = full_name(f"{service}.googleapis.com", name)
        else:
            return None
        host = id_.removeprefix("//").partition("/")[0]
        body = {key: value for key, value in said.items() if key not in _PLACES}
        called = name.rpartition("/")[2] if isinstance(name, str) else None
        scope = scope_of(id_) or known.scope or str(said.get("project") or "")
        return [Resource("gcp", scope, f"{host}/{kind}", id_, body, name=called)]
