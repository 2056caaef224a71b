"""Declared state in ARM templates: parsing, evaluation, and the resources that they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.azure.arm.language import ArmTemplates

if TYPE_CHECKING:
    from providers.azure.arm.editor import ArmEditor

__all__ = ["ArmEditor", "ArmTemplates"]


def __getattr__(name: str) -> Any:
    """The editor when it is asked for: a scan asks for none, and it takes longer to import than all else."""
    if name == "ArmEditor":
        from providers.azure.arm.editor import ArmEditor

        return ArmEditor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
