"""Says what to declare in place of a Pulumi project, whose program nobody runs here."""

from __future__ import annotations

from pathlib import Path

_NAMES = ("Pulumi.yaml", "Pulumi.yml")


def advice(path: Path) -> str:
    """What to give where a project's folder or file is named; empty where it is none."""
    if path.name not in _NAMES and not any((path / name).is_file() for name in _NAMES):
        return ""
    return (
        "is a Pulumi project, whose program is not run here; declare its stack: the file that "
        "`pulumi stack export --file STACK.json` writes, or `.pulumi/stacks/PROJECT/STACK.json` of its "
        "backend"
    )
