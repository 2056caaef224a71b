"""Where a configuration keeps its state: its ``backend`` or ``cloud`` block, in Terraform's own words."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift import reading
from drift.declared.terraform.configuration.blocks import Evaluation
from drift.declared.terraform.configuration.model import Place, Settings
from drift.declared.terraform.configuration.tree import Tree
from drift.declared.terraform.configuration.values import unknown
from drift.errors import DeclaredError

#: Where `terraform init` notes which backend it was given.
POINTER = Path(".terraform") / "terraform.tfstate"


@dataclass(frozen=True, slots=True)
class Kept:
    """``type`` is ``local``, ``s3``, …; ``unknown`` names the arguments whose values can't be known here
    (``terraform init -backend-config=…`` gives them), with why."""

    type: str = "local"
    config: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    place: Place | None = None


def kept(tree: Tree) -> Kept:
    """What the root module says; without a word of it, in ``terraform.tfstate`` beside it."""
    root = tree.root
    for settings in reversed(root.module.settings):
        for block in settings.body.blocks:
            if block.type == "backend" and len(block.labels) == 1:
                type_ = block.labels[0]
            elif block.type == "cloud":
                type_ = "cloud"
            else:
                continue
            said = Evaluation(root, root.scope()).settings(block.body, block.place)
            missing: dict[str, str] = {}
            return Kept(type_, _values(said, missing), missing, block.place)
    return Kept()


def completed(said: Kept, root: Path) -> tuple[Kept, list[str]]:
    """What a backend block says, with what it leaves open as `terraform init` left it in the folder ``root``;
    and the names of what came from there.

    Source: Terraform's internal/command/workdir/backend_state.go (BackendStateFile).
    """
    file = root / POINTER
    if not file.is_file():
        return said, []
    try:
        content = json.loads(reading.content(file, str(POINTER)))
    except (DeclaredError, ValueError, RecursionError):
        return said, []
    left = content.get("backend") if isinstance(content, dict) else None
    if (
        not isinstance(left, dict)
        or left.get("type") != said.type
        or not isinstance(left.get("config"), dict)
    ):
        return said, []
    more = {
        name: [value] if isinstance(value, dict) else value
        for name, value in left["config"].items()
        if value not in (None, "", [], {}) and name not in said.config
    }
    open_ = {name: why for name, why in said.unknown.items() if name not in more}
    return Kept(said.type, {**more, **said.config}, open_, said.place), sorted(more)


def local_state(root: Path, said: Kept, workspace: str) -> Path:
    """The file of a workspace of the backend ``local``."""
    if workspace == "default":
        return root / str(said.config.get("path") or "terraform.tfstate")
    folder = str(said.config.get("workspace_dir") or "terraform.tfstate.d")
    return root / folder / workspace / "terraform.tfstate"


def _values(said: Settings, missing: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, one in said.attributes.items():
        found = unknown(one.value)
        if found is None:
            made[name] = one.value
        else:
            missing[name] = found.reason
    for name, nested in said.blocks.items():
        made[name] = [_values(one, missing) for one in nested.bodies]
    return made
