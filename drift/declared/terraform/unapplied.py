"""Tells what a configuration says otherwise than the state because Git has changed since the last apply, from
what somebody changed and a refresh took in: by what the configuration said in earlier commits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drift import temporary
from drift.declared import git, git_past
from drift.declared.terraform.configuration.folders import files
from drift.declared.terraform.configuration.model import Declared
from drift.declared.terraform.configuration.partly import Intended
from drift.dialect import Foreign, TerraformDialect
from drift.model import ABSENT, MISSING, Joining, Likely, Resource

if TYPE_CHECKING:
    from drift.declared.terraform.configuration.intent import Intent
    from drift.declared.terraform.configuration.tree import Tree

ENDINGS = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json")
#: Folders in which tools put the modules of others.
_INSTALLED = frozenset({".terraform", ".terragrunt-cache"})
#: So many earlier readings of instances are made for one state; of what is left nobody asks Git.
MOST = 5_000


@dataclass(slots=True, eq=False)
class _Version:
    """The configuration as a commit had it."""

    intent: Intent

    def find(self, now: Declared, like: Sequence[str | None]) -> Declared | None:
        module, type_, name = like
        found = self.intent.find(module, str(type_), str(name), now.key)
        return found if isinstance(found, Declared) else None


@dataclass(eq=False)
class Unapplied:
    """Of one state with its configuration. ``state`` is the file that it was read from, ``commit`` the one
    that was fetched."""

    intent: Intent
    state: Path
    commit: str | None = None
    _left: int = MOST
    _versions: list[_Version] = field(default_factory=list)

    def told(
        self, declared: Declared, place: Sequence[str | None], dialect: TerraformDialect, foreign: Foreign,
        whole: Sequence[Resource], intended: Intended,
    ) -> Intended:  # fmt: skip
        """``intended``, each resource with what it was before Git was changed. ``place`` are module, type and
        name that the state has it by, ``whole`` is the state's own word."""
        made: list[Resource] = []
        for index, one in enumerate(intended.resources):
            state = next((two for two in whole if two.type == one.type and two.id == one.id), None)
            names = _differing(one, state)
            if state is None or not (names or self._says_less(declared, place)):
                made.append(one)
                continue
            earlier = self._earlier(declared, place, dialect, foreign, whole, index)
            before = dict(self._before(one, state, names, list(earlier)))
            made.append(one.but(before={**one.before, **before}) if before else one)
        return replace(intended, resources=tuple(made))

    def _before(
        self, one: Resource, state: Resource, names: set[str], earlier: list[Mapping[str, Any]]
    ) -> Iterator[tuple[str, Any]]:
        shared = {path.partition("/")[0] for path in one.shared}
        for name in sorted({*names, *one.remembered}):
            if name in one.chosen and name not in names:
                continue
            was = state.attributes.get(name, MISSING)
            told = _once(
                one.attributes.get(name, MISSING), was, [each.get(name, MISSING) for each in earlier]
            )
            if told is MISSING and name in names and self._may_be_newer:
                told = Likely(ABSENT if was is MISSING else was)
            if told is MISSING:
                continue
            if name not in shared:
                yield name, told
            elif isinstance(was, list) and isinstance(one.attributes.get(name), list):
                mine = one.attributes[name]
                fresh, left = [x for x in mine if x not in was], [x for x in was if x not in mine]
                yield name, Joining(fresh, left)

    # What Git tells

    @cached_property
    def _past(self) -> git_past.Past | None:
        tree = self.intent.tree
        home = tree.folders.beside[0] if tree.folders.beside else tree.folders.root
        own = git.holding(home.resolve() / "x")
        places, elsewhere = [home], False
        for folder in tree.folders_read():
            if _INSTALLED & set(folder.parts):
                continue  # of a version that the configuration names
            if own is None or git.holding(folder.resolve() / "x") == own:
                places.append(folder)
            else:
                elsewhere = elsewhere or not folder.is_relative_to(temporary.home())
        found = git_past.past(places, ENDINGS, self.commit, tree.reads)
        return replace(found, whole=False) if found is not None and elsewhere else found

    @cached_property
    def _may_be_newer(self) -> bool:
        """Whether Git can't tell what the configuration said before, and nothing speaks against its being
        younger than the state: outside of Git the times of the files do."""
        if self._past is not None:
            tree = self.intent.tree
            return not self._past.whole or (tree.once is None and tree.again is None)
        if self.state.is_relative_to(temporary.home()):
            return True  # it was fetched, so its file's time says nothing
        try:
            written = self.state.stat().st_mtime_ns
            return any(file.stat().st_mtime_ns > written for file in self._files())
        except OSError:
            return True

    def _files(self) -> Iterator[Path]:
        """All that says what the configuration is."""
        for folder in self.intent.tree.folders_read():
            yield from files(folder)
            yield from (one for one in folder.iterdir() if one.name.endswith(ENDINGS[-2:]))
        folders = self.intent.tree.folders
        if folders.beside is not None:  # a unit of Terragrunt's
            unit = folders.beside[0].resolve()
            above = [one for one in unit.parents if folders.top and one.is_relative_to(folders.top.resolve())]
            yield from (file for folder in (unit, *above) for file in folder.glob("*.hcl"))

    def _trees(self) -> Iterator[_Version]:
        """The configuration as earlier commits had it, the newest one first; each evaluated when it is asked
        for, and once."""
        from drift.declared.terraform.configuration.intent import Intent

        versions = self._past.versions if self._past is not None else ()
        for number, version in enumerate(versions):
            if number == len(self._versions):
                tree = self.intent.tree.at(version)
                if tree is None:
                    return
                self._versions.append(_Version(Intent(tree, self.intent.unit)))
            yield self._versions[number]

    def _says_less(self, declared: Declared, place: Sequence[str | None]) -> bool:
        """Whether the block once had arguments that it has no longer."""
        now = _arguments(self.intent.tree, declared)
        for version in self._trees():
            was = version.find(declared, place)
            if was is not None and _arguments(version.intent.tree, was) - now:
                return True
        return False

    def _earlier(
        self, declared: Declared, place: Sequence[str | None], dialect: TerraformDialect, foreign: Foreign,
        whole: Sequence[Resource], index: int,
    ) -> Iterator[Mapping[str, Any]]:  # fmt: skip
        """What earlier commits said of the resource with that number, as far as they declared it."""
        for version in self._trees():
            was = version.find(declared, place)
            if was is None or self._left <= 0:
                return
            self._left -= 1
            try:
                told = version.intent.intended(was, dialect, foreign, whole).resources
            except Exception:  # noqa: BLE001 - what an earlier commit said can't be told; nothing rests on it
                return
            if index < len(told):
                yield told[index].attributes


def _differing(one: Resource, state: Resource | None) -> set[str]:
    """The properties that are declared otherwise than the state has them."""
    held = state.attributes if state is not None else {}
    return {name for name in one.attributes if name in one.remembered or name not in held}


def _arguments(tree: Tree, declared: Declared) -> set[str]:
    module = tree.find(declared.module)
    resources = getattr(getattr(module, "module", None), "resources", {})
    block = resources.get(("resource", declared.type, declared.name))
    return set() if block is None else {*block.body.attributes, *(one.type for one in block.body.blocks)}


def _once(now: Any, state: Any, earlier: Sequence[Any]) -> Any:
    """What the configuration said of a property before what it says ``now``; what it said earlier, or a value
    that the ``state`` has where it said nothing, is likely at most. MISSING for nothing of the kind."""
    others = [one for one in earlier if one != now]
    if not others:
        return MISSING
    if others[0] in (MISSING, None):
        held = ABSENT if state is MISSING else state
        return held if _empty(state) else Likely(held)
    return Likely(state) if others[0] != state and state in others else others[0]


def _empty(value: Any) -> bool:
    return value is MISSING or value in (None, "", False, 0, [], {})
