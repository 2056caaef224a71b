"""All that is known of Google Cloud."""

from __future__ import annotations

from providers.gcp.provider import GcpProvider

__all__ = ["GcpProvider"]
