"""Declared state in CloudFormation templates: parsing, evaluation, and which stack's resources they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.aws.cloudformation.source import CloudFormation

if TYPE_CHECKING:
    from providers.aws.cloudformation.editor import CloudFormationEditor

__all__ = ["CloudFormation", "CloudFormationEditor"]


def __getattr__(name: str) -> Any:
    """The editor when it is asked for: a scan asks for none, and it takes longer to import than all else."""
    if name == "CloudFormationEditor":
        from providers.aws.cloudformation.editor import CloudFormationEditor

        return CloudFormationEditor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
