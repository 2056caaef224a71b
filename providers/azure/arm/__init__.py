"""Declared state in ARM templates: parsing, evaluation, and the resources that they mean."""

from __future__ import annotations

from providers.azure.arm.editor import ArmEditor
from providers.azure.arm.source import ArmTemplates

__all__ = ["ArmEditor", "ArmTemplates"]
