"""Which Terraform may apply a configuration."""

from __future__ import annotations

import re

from drift.declared.terraform.configuration.instance import ModuleInstance
from drift.listing import leads_out

#: The first versions with ``import`` and ``removed`` blocks.
#: Source: https://developer.hashicorp.com/terraform/language/block/import and …/removed.
IMPORT = (1, 5)
REMOVED = (1, 7)
#: A version is shorter than that, in bytes.
_LONGEST = 64
_PART = re.compile(r"(?P<sign>>=|<=|!=|~>|=|>|<)?\s*v?(?P<version>\d+(?:\.\d+)*)")


def oldest(root: ModuleInstance, state: str | None = None) -> str | None:
    """The version that ``.terraform-version`` names or that wrote the ``state``, else the oldest that
    ``required_version`` allows; None where nothing tells."""
    named = root.module.folder / ".terraform-version"
    if named.is_file() and not leads_out(named):
        with named.open("rb") as stream:
            wanted = stream.read(_LONGEST).decode("utf-8", "replace").strip()
        if re.fullmatch(r"v?\d+(\.\d+)*", wanted):
            return wanted
    if state is not None:
        return state
    for block in root.module.settings:
        said = block.body.attributes.get("required_version")
        text = getattr(said.expression, "value", None) if said is not None else None
        found = [
            match["version"]
            for match in _PART.finditer(text if isinstance(text, str) else "")
            if match["sign"] in (None, "=", ">=", "~>", ">")
        ]
        if found:
            return max(found, key=_numbers)
    return None


def at_least(version: str | None, wanted: tuple[int, int]) -> bool:
    """Whether a version is that one or a later one; False where it is not known."""
    return version is not None and _numbers(version)[:2] >= wanted


def _numbers(version: str) -> tuple[int, ...]:
    found = tuple(int(one) for one in re.findall(r"\d+", version)[:3])
    return (*found, 0, 0)[:3]
