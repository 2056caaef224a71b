"""The Google Cloud part of `drift demo`: two projects of a small company on loopback, and what happens to
them at night."""

from __future__ import annotations

from providers.gcp.demo.larkspur import GcpDemo

__all__ = ["GcpDemo"]
