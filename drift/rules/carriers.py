"""Keeps of what is declared only what rules are made of: what carries rules itself, and one of each place."""

from __future__ import annotations

from collections.abc import Mapping

from drift.model import Resource
from drift.provider import Provider


class Carriers:
    """Fed with everything that is declared; ``kept`` is what :func:`drift.rules.files.gather` needs of it."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self.providers = providers
        self._places: set[tuple[str, str, str | None, str | None]] = set()
        self.kept: list[Resource] = []

    def see(self, resource: Resource) -> None:
        """Looks at one resource."""
        origin = resource.origin
        file, source = (origin.file, origin.source) if origin else (None, None)
        place = (resource.provider, resource.scope, file, source)
        provider = self.providers.get(resource.provider)
        carries = provider is not None and provider.hooks.carries_rules(resource)
        if carries or place not in self._places:
            self._places.add(place)
            self.kept.append(resource if carries else resource.but(attributes={}))
