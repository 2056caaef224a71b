"""How a CloudFormation type speaks of other things than itself: adds to them, makes them, is another name for
them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from drift.facts import FactError
from providers.aws import expressions


@cache
def function(name: str) -> Callable[..., Any]:
    """The function behind ``hook: module.function`` in ``providers/aws/hooks/``."""
    module, attribute = name.rsplit(".", 1)
    found: Callable[..., Any] = getattr(import_module(f"providers.aws.hooks.{module}"), attribute)
    return found


@dataclass(frozen=True, slots=True)
class Attach:
    """How a thing that only adds to a parent (a bucket policy, a security group rule) is merged into it.

    ``parents``: expression over the child's attributes giving the parent's id or name, or a list of them.
    ``set``: parent property ← expression. ``append``: a list property to which one ``member`` (expression,
    giving a member or a list of them; default: the whole child but the parent reference) is added; one
    further down (``A/B``) is what the hook gives. ``hook``: a function that gives more to ``set``.
    ``otherwise``: why it can't be verified where ``when`` is not true. ``live_only``: it says nothing of a
    parent that is not there.
    """

    into: str
    parents: str
    set: Mapping[str, str] = field(default_factory=dict)
    append: str | None = None
    member: str | None = None
    when: str | None = None
    hook: str | None = None
    otherwise: str | None = None
    live_only: bool = False

    def apply(
        self, attributes: Mapping[str, Any], place: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, dict[str, Any], frozenset[str]]]:
        """(parent reference, the parent's attributes that this says, its shared lists) for each parent.

        A parent reference may be an :class:`drift.model.Unresolved`. ``place`` is what the hook and
        ``parents`` are told of the account, region and partition.
        """
        if self.when and not expressions.compile(self.when)(attributes):
            return []
        said = {
            name: expressions.prune(expressions.compile(text)(attributes)) for name, text in self.set.items()
        }
        if self.hook:
            said.update(expressions.prune(function(self.hook)({**attributes, **(place or {})})))
        said = {name: value for name, value in said.items() if value is not None}
        shared: frozenset[str] = frozenset()
        if self.append and "/" in self.append:
            shared = frozenset({self.append})
        elif self.append:
            if self.member:
                member = expressions.prune(expressions.compile(self.member)(attributes))
            else:
                member = {name: value for name, value in attributes.items() if name != self.parents}
            members = member if isinstance(member, list) else [member]
            said[self.append] = [one for one in members if one is not None]
            shared = frozenset({self.append})
        parents = expressions.compile(self.parents)({**attributes, **(place or {})})
        if not isinstance(parents, list):
            parents = [] if parents is None else [parents]
        return [(parent, dict(said), shared) for parent in parents]


@dataclass(frozen=True, slots=True)
class Makes:
    """What a CloudFormation type makes besides itself, each a resource of its own: ``members`` is the
    property that lists the other ones' properties; those of the type itself that ``share`` names are theirs,
    too."""

    type: str
    members: str
    share: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alias:
    """Another CloudFormation type for the things of ``type``; ``hook`` brings its properties to that one's.
    ``regions`` lists in what other regions it makes one."""

    type: str
    hook: str
    regions: str | None = None

    def elsewhere(self, attributes: Mapping[str, Any], place: Mapping[str, Any]) -> list[str]:
        """The other regions in which there is one, too."""
        if self.regions is None:
            return []
        named = expressions.compile(self.regions)(attributes)
        listed = named if isinstance(named, list) else []
        return [one for one in listed if isinstance(one, str) and one != place.get("region")]

    def apply(self, attributes: Mapping[str, Any], place: Mapping[str, Any]) -> dict[str, Any]:
        """The properties in the shape of ``type``."""
        found: dict[str, Any] = expressions.prune(function(self.hook)({**attributes, **place}))
        return found


def read_makes(words: Mapping[str, Any], where: str, name: str) -> Makes:
    if set(words) - {"share"} != {"type", "members"}:
        raise FactError(f"{where}: {name}: makes needs type and members, and knows share")
    return Makes(words["type"], words["members"], tuple(words.get("share", ())))


def read_attach(words: Mapping[str, Any], where: str, name: str) -> Attach:
    unknown = set(words) - {
        "into",
        "parents",
        "set",
        "append",
        "member",
        "when",
        "hook",
        "otherwise",
        "live_only",
    }
    if unknown or "into" not in words or "parents" not in words:
        raise FactError(f"{where}: {name}: attach needs into and parents, and knows no {sorted(unknown)}")
    return Attach(**words)
