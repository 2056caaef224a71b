"""All that is known of Kubernetes: any cluster, any kind that it serves."""

from __future__ import annotations

from providers.kubernetes.provider import KubernetesProvider

__all__ = ["KubernetesProvider"]
