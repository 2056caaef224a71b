"""Declared state in CloudFormation templates: parsing, evaluation, and which stack's resources they mean."""

from __future__ import annotations

from providers.aws.cloudformation.editor import CloudFormationEditor
from providers.aws.cloudformation.source import CloudFormation

__all__ = ["CloudFormation", "CloudFormationEditor"]
