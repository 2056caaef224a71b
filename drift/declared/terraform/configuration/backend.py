"""Where a configuration keeps its state: its ``backend`` or ``cloud`` block, in Terraform's own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift.declared.terraform.configuration.blocks import Evaluation
from drift.declared.terraform.configuration.model import Place, Settings
from drift.declared.terraform.configuration.tree import Tree
from drift.declared.terraform.configuration.values import unknown


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
