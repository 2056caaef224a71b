"""Says what to declare in place of one file of a configuration."""

from __future__ import annotations

from pathlib import Path, PurePath

_BLOCKS = (".tf", ".tf.json", ".tofu", ".tofu.json")
_VALUES = (".tfvars", ".tfvars.json")


def advice(path: Path, display: str) -> str:
    """What to give where one of these is named, as ``display`` calls it; empty where it is none."""
    folder = PurePath(display).parent
    if path.is_file() and path.name.endswith(_BLOCKS):
        return f"is one file of a configuration; declare its folder: {folder}"
    if path.is_file() and path.name.endswith(_VALUES):
        return f"holds values of variables; declare the folder of the .tf files, {folder}, with `var_files:`"
    return ""
