"""A first section `live.azure`: the subscriptions that `az` is logged in to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from drift.proposal import Found, Proposal
from providers.azure.terraform import AzureTerraform

_LANGUAGES = frozenset({"arm", "bicep"})


def propose(found: Found) -> Proposal | None:
    """The default subscription of ``az``, else all that the credential sees; others are named for people."""
    asked = not _LANGUAGES.isdisjoint(found.languages) or any(map(AzureTerraform().owns, found.types))
    known = _subscriptions(found.environment, found.home)
    if not asked and not known:
        return None
    chosen = [id_ for id_, (_, default) in known.items() if default]
    comments = [
        "Azure: by azure-identity's credentials; all subscriptions that they see where none is named."
    ]
    if known:
        told = ", ".join(f"{id_} ({name})" for id_, (name, _) in known.items())
        comments.append(f"Subscriptions that az is logged in to: {told}.")
    section: dict[str, Any] = {"subscriptions": chosen} if chosen else {}
    return Proposal(section, asked, tuple(comments))


def _subscriptions(environment: Mapping[str, str], home: Path) -> dict[str, tuple[str, bool]]:
    """Each subscription's name, and whether it is the default, of the file that holds no tokens. Source:
    https://learn.microsoft.com/cli/azure/azure-cli-configuration."""
    folder = Path(environment.get("AZURE_CONFIG_DIR") or home / ".azure").expanduser()
    try:
        said = orjson.loads((folder / "azureProfile.json").read_text(encoding="utf-8-sig"))
        listed = said["subscriptions"]
        return {str(one["id"]): (str(one["name"]), bool(one.get("isDefault"))) for one in listed}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
