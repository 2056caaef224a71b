"""The demo's Terraform states: templates that a real Terraform wrote, filled with the ids that were really
created."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from providers.aws.demo.accounts import DATA, SHOP

#: What is declared, as it stands in the demo's Git repository.
REPOSITORY = Path(__file__).with_name("repository")
NAMES = ("shop", "data")
#: Values that Git and the cloud know and that no report may show.
SECRETS = {
    "database_password": "flat-white-0417-hunter2",
    "roastery_api_key": "rk_live_9fZ2yQm41TqXcoldbrew",
}
_PLACEHOLDER = re.compile(r"\$\{([a-z][^}]*)\}")


def account(name: str) -> str:
    """The account whose state it is."""
    return DATA if name == "data" else SHOP


def folder(name: str) -> Path:
    return REPOSITORY / "terraform" / name


def template(name: str) -> Path:
    return Path(__file__).with_name("states") / f"{name}.json"


def address(resource: Mapping[str, Any], instance: Mapping[str, Any]) -> str:
    """Terraform's address of an instance."""
    index = instance.get("index_key")
    return f"{resource['type']}.{resource['name']}" + ("" if index is None else f"[{index}]")


def fill(name: str, created: Mapping[str, str]) -> str:
    """The state's text. ``created`` maps an address (``aws_vpc.main``; ``….arn`` for an ARN beside an id) to
    its id.

    Raises:
        KeyError: when something that the state speaks of was not created.
    """
    values = {**SECRETS, **created}
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template(name).read_text(encoding="utf-8"))
