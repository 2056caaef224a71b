"""What ``--only`` lets through: types, ids, names or addresses that match one of its globs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from drift import plugins
from drift.finding import Unverifiable
from drift.match import Matches
from drift.model import Origin, Resource


@dataclass
class Only:
    """Without ``globs`` everything is let through."""

    globs: tuple[str, ...] = ()

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
        return not self.globs or any(fnmatchcase(text, glob) for text in texts if text for glob in self.globs)

    def of(self, matches: Matches) -> Matches:
        """What is let through of matched resources: of a pair both sides if one of them is."""
        if self.globs:
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
        """The types that the globs name; none where one speaks of names, ids or addresses (``arn:…``,
        ``/aws/…``)."""
        if not self.globs or not all("::" in glob or "/" in glob for glob in self.globs):
            return frozenset()
        known = {type_ for provider in plugins.providers().values() for type_ in provider.types()}
        named = [frozenset(type_ for type_ in known if fnmatchcase(type_, glob)) for glob in self.globs]
        return frozenset().union(*named) if all(named) else frozenset()


def _address(origin: Origin | None) -> str | None:
    return None if origin is None else origin.address
