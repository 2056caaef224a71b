"""Puts Rain's modules into a template: the local files that ``Modules`` or ``!Rain::Module`` name, with their
parameters, overrides, loops, conditions and outputs.

Modules at an address, in S3 or in a package are never fetched: what they make is said not to be known.
Source: https://github.com/aws-cloudformation/rain/tree/main/cft/pkg (module.go, maps.go, outputs.go).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.model import Unresolved
from providers.aws.cloudformation import rain_conditions, rain_functions
from providers.aws.cloudformation.functions import Unknown, as_text
from providers.aws.cloudformation.rain_conditions import Conditions
from providers.aws.cloudformation.rain_outputs import Outputs
from providers.aws.cloudformation.rain_values import Scope, filled, overridden
from providers.aws.cloudformation.syntax import parse

#: What stands at ``Type`` where Rain makes resources of a module in place of one.
MODULE = "Fn::Rain::Module"
_LOOP = "Fn::ForEach"
#: Modules in modules, and modules that a template may be made of: more is a circle or an attack.
_DEEPEST = 20
_MOST = 2_000
_ELSEWHERE = ("https://", "http://", "s3://")

#: Finds a file that is named from a folder. Raises DeclaredError where it may not be read.
Finder = Callable[[str, Path], Path]
#: Puts in what a part of a module's file says by directives, and its constants.
Packer = Callable[[Mapping[str, Any], Path], Mapping[str, Any]]


@dataclass
class Made:
    """What is made of the modules of one template or module."""

    resources: dict[str, Any] = field(default_factory=dict)
    conditions: dict[str, Any] = field(default_factory=dict)
    transforms: list[str] = field(default_factory=list)
    outputs: Outputs = field(default_factory=Outputs)
    #: The folder and the section that they are named in, for ``Fn::Invoke``.
    folder: Path = Path()
    section: dict[str, Any] = field(default_factory=dict)


class _Endless(Unknown):
    """Of modules that hold each other none is known, and so not the one that leads to them."""


@dataclass(frozen=True)
class _Use:
    """One use of a module: what it is called, where its file lies, and what is said to it."""

    name: str
    source: str
    given: Mapping[str, Any]
    overrides: Mapping[str, Any]
    #: Whether it stands at a resource's type: its directives look beside its own file.
    typed: bool = False


class Modules:
    """The modules of one template that lies in ``folder``. ``find`` gives a file, ``pack`` what its
    directives mean."""

    def __init__(self, find: Finder, pack: Packer, folder: Path) -> None:
        self._find, self._pack, self._folder = find, pack, folder
        self._count = 0
        self._read: dict[Path, Any] = {}

    @property
    def files(self) -> frozenset[Path]:
        """The files that were read."""
        return frozenset(path.resolve() for path in self._read)

    def of(
        self,
        section: Mapping[str, Any],
        packages: Mapping[str, Any],
        folder: Path,
        parameters: Mapping[str, Any],
        given: Mapping[str, Any],
        depth: int = 0,
    ) -> Made:
        """What the modules of a section make, one after the other; ``parameters`` and ``given`` are those
        of the file that has the section."""
        made = Made(folder=folder)
        for name, said, loop in self._repeated(section, parameters, given, made):
            try:
                said = made.outputs.into(said)
                if isinstance(said, Unresolved):
                    raise Unknown(said.reason)
                use = _use(name, said, packages)
                made.section[name] = said
                resources, outputs = self.used(use, folder, depth, made)
            except (Unknown, DeclaredError, OSError, RecursionError) as why:
                if isinstance(why, _Endless) and depth:
                    raise
                reason = _why(_source(said) or name, why)
                made.resources[name] = Unresolved(reason)
                made.outputs.unknown(loop[0] if loop else name, reason)
            else:
                made.resources.update(resources)
                made.outputs.add(name, outputs, loop)
        return made

    def used(
        self, use: _Use, folder: Path, depth: int, made: Made
    ) -> tuple[dict[str, Any], Mapping[str, Any]]:
        """The resources and the outputs of one module; its conditions and transforms go to ``made``.

        Raises:
            Unknown, DeclaredError, OSError: when it can't be told what Rain makes of it.
        """
        self._count += 1
        if depth >= _DEEPEST or self._count > _MOST:
            raise _Endless("its modules are nested too deeply, or in a circle")
        path = self._file(use.source, folder)
        document = self._document(path, use.typed)
        parameters = _section(document, "Parameters")
        plain = Scope(use.name, parameters, use.given, ())
        own = Conditions(use.name, plain.resolved(_section(document, "Conditions")))
        said = own.kept(_section(document, "Resources"))
        typed = self.typed(said)
        inner = self.of(
            {**own.kept(_section(document, "Modules")), **typed},
            packages_of(document),
            path.parent,
            parameters,
            use.given,
            depth + 1,
        )
        of_modules = Conditions(use.name, plain.resolved(inner.conditions))
        resources = {name: one for name, one in said.items() if name not in typed}
        resources.update(of_modules.kept(inner.resources))
        if any(name.startswith(_LOOP) for name in resources):
            raise Unknown("it has a loop among its resources")
        scope = Scope(use.name, parameters, use.given, resources)
        missing = sorted(set(use.overrides) - set(resources))
        if missing:
            raise Unknown(f"it has no resource {missing[0]} that could be overridden")
        found = {}
        for name, one in resources.items():
            if isinstance(one, Mapping):
                if rain_conditions.without_parameter(one, parameters, use.given):
                    continue
                one = inner.outputs.into(overridden(one, use.overrides.get(name), parameters))
                one = rain_functions.called(
                    scope.resolved(one), self._inserting(folder), self._invoking(inner)
                )
            found[f"{use.name}{name}"] = one
        outputs = own.kept(_section(document, "Outputs"))
        told = rain_functions.called(
            scope.resolved(inner.outputs.into(outputs)), self._inserting(folder), self._invoking(inner)
        )
        made.conditions.update(own.left)
        made.conditions.update(of_modules.left)
        made.transforms += [*inner.transforms, *_transforms(document.get("Transform"))]
        return found, {name: one.get("Value") for name, one in told.items() if isinstance(one, Mapping)}

    @staticmethod
    def typed(resources: Mapping[str, Any]) -> dict[str, Any]:
        """The resources whose type is a module, as ``Modules`` would say them."""
        found = {}
        for name, said in resources.items():
            type_ = said.get("Type") if isinstance(said, Mapping) else None
            if isinstance(said, Mapping) and isinstance(type_, Mapping) and MODULE in type_:
                keys = ("Properties", "Overrides")
                found[name] = {MODULE: type_[MODULE], **{key: said[key] for key in keys if key in said}}
        return found

    def called(self, node: Any, made: Made) -> Any:
        """A part of the template that has the modules, with their outputs and Rain's own functions."""
        return rain_functions.called(
            made.outputs.into(node), self._inserting(made.folder), self._invoking(made), final=True
        )

    def _inserting(self, folder: Path) -> Callable[[str], str]:
        def inserted(name: str) -> str:
            try:
                return reading.content(self._file(name, folder), name).decode()
            except (DeclaredError, OSError, UnicodeDecodeError) as error:
                raise Unknown(f"Fn::InsertFile of {name}: {error}") from None

        return inserted

    def _invoking(self, made: Made) -> Callable[[str, Mapping[str, Any], str], Any]:
        def invoked(name: str, given: Mapping[str, Any], output: str) -> Any:
            said = made.section.get(name)
            if said is None:
                raise Unknown(f"Fn::Invoke: there is no module {name}")
            use = _use(name, {**said, "Properties": {**(said.get("Properties") or {}), **given}}, {})
            try:
                outputs = self.used(use, made.folder, 0, Made())[1]
            except (DeclaredError, OSError) as why:
                raise Unknown(_why(use.source, why)) from None
            if output not in outputs:
                raise Unknown(f"Fn::Invoke: the module {name} has no output {output}")
            return outputs[output]

        return invoked

    def _file(self, name: str, folder: Path) -> Path:
        path = self._find(_local(name), folder)
        if not path.is_file():
            raise Unknown("the file is not there")
        return path

    def _document(self, path: Path, typed: bool) -> Mapping[str, Any]:
        if path not in self._read:
            self._read[path] = parse(reading.content(path, path.name), path.name)
        document = self._read[path]
        if not isinstance(document, Mapping):
            raise Unknown("it is no mapping of sections")
        return self._pack(document, path.parent if typed else self._folder)

    def _repeated(
        self,
        section: Mapping[str, Any],
        parameters: Mapping[str, Any],
        given: Mapping[str, Any],
        made: Made,
    ) -> Iterator[tuple[str, Any, tuple[str, int, str] | None]]:
        """(name, what is said, (name of the loop, index, key)) of each module, of a loop once an item."""
        for name, said in section.items():
            identifier, by_key, many = None, False, None
            called = name
            if name.startswith(f"{_LOOP}::"):
                called = name.removeprefix(f"{_LOOP}::")
                if not isinstance(said, list) or len(said) != 3 or len(said[2]) != 1:
                    reason = "the loop over modules expects a name, a collection and what to make"
                    made.resources[called] = Unresolved(reason)
                    made.outputs.unknown(called, reason)
                    continue
                identifier, many, body = said
                key, said = next(iter(body.items()))
                by_key = f"{{{identifier}}}" in key
            elif isinstance(said, Mapping) and "ForEach" in said:
                many = said["ForEach"]
                said = {key: one for key, one in said.items() if key != "ForEach"}
            if many is None:
                yield called, said, None
                continue
            try:
                items = _items(many, parameters, given)
            except Unknown as why:
                made.resources[called] = Unresolved(f"the modules {called}: {why}")
                made.outputs.unknown(called, str(why))
                continue
            for index, item in enumerate(items):
                own = f"{called}{item if by_key else index}"
                yield own, filled(said, index, item, identifier), (called, index, item)


def _items(said: Any, parameters: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """The items that a module is repeated for: a list, a text with commas, or a parameter that is one."""
    if isinstance(said, Mapping):
        name = str(said.get("Ref"))
        if name not in parameters:
            raise Unknown("its collection is no list and no parameter")
        own = given.get(name)
        said = own if isinstance(own, str) else parameters[name].get("Default")
    items = said.split(",") if isinstance(said, str) else said
    if not isinstance(items, list) or not items:
        raise Unknown("its collection has no items")
    return [as_text(one).strip() for one in items]


def _use(name: str, said: Any, packages: Mapping[str, Any]) -> _Use:
    source = _source(said)
    if not isinstance(said, Mapping) or not isinstance(source, str):
        raise Unknown("it names no Source")
    given, overrides = said.get("Properties") or {}, said.get("Overrides") or {}
    if not isinstance(given, Mapping) or not isinstance(overrides, Mapping):
        raise Unknown("its Properties and Overrides must be mappings")
    return _Use(name, aliased(source, packages), given, overrides, MODULE in said)


def _source(said: Any) -> Any:
    return (said.get(MODULE) or said.get("Source")) if isinstance(said, Mapping) else None


def aliased(source: str, packages: Mapping[str, Any]) -> str:
    """A module's source with the alias that it begins with (``$alias/x.yaml``) replaced by the place of the
    package."""
    alias, slash, rest = source.removeprefix("$").partition("/")
    said = packages.get(alias) if slash else None
    place = (said.get("Source") or said.get("Location")) if isinstance(said, Mapping) else None
    return f"{place}/{rest}" if isinstance(place, str) else source


def packages_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The packages that a file gives aliases to, at its top or under ``Rain``."""
    return {**_section(_section(document, "Rain"), "Packages"), **_section(document, "Packages")}


def _local(source: str) -> str:
    """A source that is a path. Raises Unknown for all others."""
    if source.startswith(_ELSEWHERE):
        raise Unknown("it lies elsewhere, and is not fetched")
    if ".zip/" in source or source.endswith(".zip"):
        raise Unknown("it is packed, and is not unpacked")
    if source.startswith("$"):
        raise Unknown("its package is not declared")
    return source


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}


def _transforms(said: Any) -> list[str]:
    return [one for one in (said if isinstance(said, list) else [said]) if isinstance(one, str)]


def _why(source: Any, why: BaseException) -> str:
    said = "is nested too deeply" if isinstance(why, RecursionError) else str(why)
    return f"Rain makes it of the module {source} when it packages; {said}"
