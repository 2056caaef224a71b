"""Terraform's one type of directories, which are two of CloudFormation's and one that it has not."""

from __future__ import annotations

from typing import Any


def terraform_microsoft(document: dict[str, Any]) -> dict[str, Any] | None:
    """Nothing more, of a Managed Microsoft AD; None of any other."""
    return {} if document.get("type") == "MicrosoftAD" else None


def terraform_simple(document: dict[str, Any]) -> dict[str, Any] | None:
    """Nothing more, of a Simple AD, which is the default; None of any other."""
    return {} if document.get("type") in (None, "", "SimpleAD") else None
