"""All that is known of Azure."""

from __future__ import annotations

from providers.azure.provider import AzureProvider

__all__ = ["AzureProvider"]
