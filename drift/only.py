"""What ``--only`` lets through: types, ids, names or addresses that match a glob."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from drift import plugins
from drift.match import Matches
from drift.model import Origin, Resource, Unverifiable


@dataclass
class Only:
    """``glob`` None lets everything through."""

    glob: str | None = None

    def type(self, type_: str) -> bool:
        """Whether resources of a type may be let through, so that it has to be read."""
        return not self._types or type_ in self._types

    def resource(self, resource: Resource) -> bool:
        """Whether a resource is let through."""
        return self._any(resource.type, resource.id, resource.name, _address(resource.origin))

    def unverifiable(self, one: Unverifiable) -> bool:
        """Whether what can't be verified is let through."""
        return self._any(one.type, one.resource_id, _address(one.origin))

    def _any(self, *texts: str | None) -> bool:
        return self.glob is None or any(fnmatchcase(text, self.glob) for text in texts if text)

    def of(self, matches: Matches) -> Matches:
        """What is let through of matched resources: of a pair both sides if one of them is."""
        if self.glob is not None:
            matches.pairs = [
                one for one in matches.pairs if self.resource(one.declared) or self.resource(one.live)
            ]
            matches.missing = self._those(matches.missing)
            matches.unmatched = self._those(matches.unmatched)
            matches.unverifiable = [one for one in matches.unverifiable if self.unverifiable(one)]
        return matches

    def _those(self, resources: Iterable[Resource]) -> list[Resource]:
        return [one for one in resources if self.resource(one)]

    @cached_property
    def _types(self) -> frozenset[str]:
        """The types that the glob names; none where it speaks of names, ids or addresses (``arn:…``,
        ``/aws/…``)."""
        if self.glob is None or ("::" not in self.glob and "/" not in self.glob):
            return frozenset()
        known = (type_ for provider in plugins.providers().values() for type_ in provider.types())
        return frozenset(type_ for type_ in known if fnmatchcase(type_, self.glob))


def _address(origin: Origin | None) -> str | None:
    return None if origin is None else origin.address
