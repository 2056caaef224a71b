"""All engines that are known, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import cast

from providers.kubernetes.engines.step import Engine

#: The class of each of :data:`providers.kubernetes.declared_engines.ENGINES`.
_CLASSES: Mapping[str, str] = {
    "argocd": "providers.kubernetes.engines.argocd.engine:ArgoCD",
    "flux": "providers.kubernetes.engines.flux.engine:Flux",
    "jenkins-x": "providers.kubernetes.engines.jenkins_x:JenkinsX",
    "spinnaker": "providers.kubernetes.engines.spinnaker.engine:Spinnaker",
}


@cache
def engine(name: str) -> Engine:
    """One engine, imported when the first repository of it is read."""
    module, _, own = _CLASSES[name].partition(":")
    return cast(Engine, getattr(import_module(module), own)())
