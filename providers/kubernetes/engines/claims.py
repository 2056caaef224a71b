"""Which live objects came of a part that was not read, and which of one that Git no longer makes: told by the
engine's own record of what it made, and by marks only where its controller wrote them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from drift.finding import Finding
from drift.model import Resource
from drift.rule import Again, Note
from providers.kubernetes.access import gives_access
from providers.kubernetes.declared_engines import kinds_of
from providers.kubernetes.declared_resources import hook
from providers.kubernetes.engines.following import Followed, standing
from providers.kubernetes.engines.objects import Ref, Unfollowed
from providers.kubernetes.engines.step import Engine
from providers.kubernetes.engines.world import ref_of
from providers.kubernetes.exceptions import member
from providers.kubernetes.managers import is_person
from providers.kubernetes.ownership import owners_of
from providers.kubernetes.work import changed_by, controllers_of, made_by

_PROJECT = "argoproj.io/AppProject"  # makes nothing
_CRD = "apiextensions.k8s.io/CustomResourceDefinition"
_DEEPEST, _NAMED = 16, 5


@dataclass(slots=True)
class _Known:
    """What is known to have come of one part that was not read: how many live objects its inventory has,
    and to which of them others wrote; how many more claim to be of it, and which of them give access."""

    confirmed: int = 0
    written: list[str] = field(default_factory=list)
    claimed: int = 0
    access: list[str] = field(default_factory=list)


class Claims:
    """All that a following knows of live objects that it does not make, as a rule for those of parts that
    were not read. ``engines`` are all that there are: one makes objects of another."""

    note = Note("parts that were not read", "a deployer made it of a part that was not read", quiet=True)

    def __init__(self, followed: Followed, engines: Sequence[Engine]) -> None:
        self.world, self.engines = followed.world, engines
        self._kinds = kinds_of(one.name for one in engines)
        self._inventories: dict[Ref, frozenset[Ref] | None] = {}
        self._roots = {one.owner for one in followed.unfollowed if one.owner is not None}
        self._roots |= followed.broken
        steps = standing(followed)
        self._followed = {step.owner for step, _ in steps if step.owner is not None}
        self._followed -= self._roots
        nowhere = {one.ref for one in self.world.of(*self._kinds - {_PROJECT}) if not one.manifest.left_out}
        self._roots |= nowhere - self._followed
        self._confirmed = self._inventoried(self._roots)
        self._listed: dict[Ref, Ref] | None = None
        self._named: dict[Ref, list[Ref]] | None = None

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        live = finding.live
        if finding.kind != "unmanaged" or live is None or live.provider != "kubernetes":
            return finding
        return finding if self._root_of(live) is None else None

    def said(self, several: Sequence[Unfollowed]) -> Iterator[str]:
        """For each part that was not read what it was to make, why it was not read, and what is live of it;
        the same is said once."""
        known = self._live_of() if self._roots else {}
        told: set[Ref] = set()
        for text, owner in dict.fromkeys((f"{one.what}: {one.why}", one.owner) for one in several):
            if owner is None or owner in told:
                yield text
            else:
                told.add(owner)
                yield "; ".join([text, *self._words(owner, known.get(owner, _Known()))])
        for owner in sorted(known.keys() - told):
            words = "; ".join(self._words(owner, known[owner]))
            yield f"{owner}: nothing of it is read, or not all; {words}"

    def leftover(self, live: Resource) -> str:
        """Why an object that nothing makes any more was made by what was followed; empty where nothing
        tells."""
        owner = self.owner_of(live)
        if owner is None:
            return ""
        kept = " and has it in its inventory" if ref_of(live) in self._of_followed() else ""
        return f"removed from Git, still live: {owner} made it{kept}"

    def owner_of(self, live: Resource) -> Ref | None:
        """The engine's object that was followed, and made a live one: by its inventory, else by marks that
        its controller wrote. Of what is run while deploying nobody's."""
        if live.provider != "kubernetes" or hook(member(live.attributes, "metadata", "annotations") or {}):
            return None
        owner = self._of_followed().get(ref_of(live))
        if owner is not None:
            return owner
        for owner in self._claimed(live):
            if owner in self._followed and made_by(live, controllers_of(owner.key)):
                return owner
        return None

    def _of_followed(self) -> Mapping[Ref, Ref]:
        if self._listed is None:
            self._listed = {}
            for owner in sorted(self._followed):
                self._listed |= dict.fromkeys(self._inventory(owner) or (), owner)
        return self._listed

    def _claimed(self, live: Resource) -> list[Ref]:
        """The engines' objects that a live one is marked as made by; the marks of some are those of others'
        charts, too."""
        told = (engine.claims(live) for engine in self.engines)
        return [self._whole(one) for one in told if one is not None]

    def _whole(self, said: Ref) -> Ref:
        """An engine's object, of which a mark may leave the namespace out: the one of this name that is
        known, where there is one."""
        if said.namespace:
            return said
        if self._named is None:
            self._named = defaultdict(list)
            known = {one for one in self._confirmed if one.key in self._kinds}
            for one in self._roots | self._followed | known:
                self._named[one._replace(namespace="")].append(one)
        found = self._named.get(said, ())
        return found[0] if len(found) == 1 else said

    def _inventory(self, owner: Ref) -> frozenset[Ref] | None:
        """What the engine's record says that it made, unless a person wrote the record."""
        if owner not in self._inventories:
            live = self.world.found(owner)
            forged = live is not None and any(
                is_person(one) and one.writes_status for one in owners_of(live.attributes)
            )
            told = (engine.inventory(owner, self.world) for engine in self.engines)
            self._inventories[owner] = (
                None if forged else next((one for one in told if one is not None), None)
            )
        return self._inventories[owner]

    def _inventoried(self, roots: Iterable[Ref]) -> dict[Ref, Ref]:
        """Each object that the inventories of what was not read hold, with the part that it came of; also
        through engines' objects among them."""
        found: dict[Ref, Ref] = {}
        todo = [(one, one) for one in sorted(roots)]
        seen = {one for one, _ in todo}
        while todo:
            owner, root = todo.pop()
            for ref in sorted(self._inventory(owner) or ()):
                found.setdefault(ref, root)
                if ref.key in self._kinds and ref not in seen:
                    seen.add(ref)
                    todo.append((ref, root))
        return found

    def _root_of(self, live: Resource) -> Ref | None:
        """The part that was not read, of which an object came."""
        ref = ref_of(live)
        return self._confirmed.get(ref) or self._claimed_root(live, ref, 0)

    def _claimed_root(self, live: Resource, ref: Ref, depth: int) -> Ref | None:
        """The same by marks that the controller wrote, where no inventory says otherwise."""
        told = (self._root_by(owner, live, ref, depth) for owner in self._claimed(live) if owner != ref)
        return next((root for root in told if root is not None), None)

    def _root_by(self, owner: Ref, live: Resource, ref: Ref, depth: int) -> Ref | None:
        if depth > _DEEPEST:
            return None
        root = owner if owner in self._roots else self._confirmed.get(owner)
        if root is None:
            above = self.world.found(owner) if owner.key in self._kinds else None
            root = None if above is None else self._claimed_root(above, owner, depth + 1)
        if root is None or not made_by(live, controllers_of(owner.key)):
            return None
        record = self._inventory(owner)
        beside = ref.key == _CRD or hook(member(live.attributes, "metadata", "annotations") or {})
        return root if record is None or ref in record or beside else None

    def _live_of(self) -> dict[Ref, _Known]:
        """All that is live of each part that was not read."""
        found: dict[Ref, _Known] = defaultdict(_Known)
        for _, type_ in sorted(self.world.live.types("kubernetes")):
            for live in self.world.live.every("kubernetes", type_):
                ref = ref_of(live)
                root = self._confirmed.get(ref)
                if root is not None:
                    known = found[root]
                    known.confirmed += 1
                    if who := changed_by(live):
                        known.written.append(f"{ref} ({' and '.join(who)})")
                elif (root := self._claimed_root(live, ref, 0)) is not None:
                    known = found[root]
                    known.claimed += 1
                    if gives_access(live):
                        known.access.append(str(ref))
        return found

    def _words(self, owner: Ref, known: _Known) -> list[str]:
        words = []
        if known.confirmed or self._inventory(owner) is not None:
            are = "is" if known.confirmed == 1 else "are"
            words = [
                f"{_many(known.confirmed, 'live object')} of it {are} in its inventory, and not compared"
            ]
        elif self.world.found(owner) is not None:
            words = ["no inventory tells what it made"]
        if known.written:
            words.append(f"others wrote to {_named(known.written)}")
        if known.claimed:
            text = f"{_many(known.claimed, 'object')} claimed by {owner}, which no inventory confirms"
            words.append(f"{text}; access is given by {_named(known.access)}" if known.access else text)
        return words


def _named(names: Sequence[str]) -> str:
    rest = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + rest


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
