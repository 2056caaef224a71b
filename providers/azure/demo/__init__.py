"""The Azure part of `drift demo`: two subscriptions of a small company on loopback, and what happens to them
at night."""

from __future__ import annotations

from providers.azure.demo.larkspur import AzureDemo

__all__ = ["AzureDemo"]
