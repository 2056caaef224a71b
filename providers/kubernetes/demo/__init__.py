"""The Kubernetes part of `drift demo`: the cluster of a small company on loopback, and what happens to it at
night."""

from __future__ import annotations

from providers.kubernetes.demo.larkspur import KubernetesDemo

__all__ = ["KubernetesDemo"]
