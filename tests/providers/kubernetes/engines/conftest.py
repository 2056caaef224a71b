"""The renderers that engines need."""

from tests.providers.kubernetes.declared.conftest import helm, helm_folder, renderer

__all__ = ["helm", "helm_folder", "renderer"]
