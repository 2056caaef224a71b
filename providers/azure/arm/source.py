"""The ARM templates of a declared location: loads them, and translates them at the told place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from drift.errors import DeclaredError
from drift.listing import files_below
from drift.model import Problem
from drift.redaction import sensitive_texts
from drift.source import BaseDeclaration, LiveView, Location
from providers.azure.arm import template
from providers.azure.arm.inline import inline, into
from providers.azure.arm.order import last_of_each
from providers.azure.arm.place import Place
from providers.azure.arm.secure import marked_by
from providers.azure.arm.signs import SUFFIXES, is_template
from providers.azure.arm.static import known_beforehand, linked, static_versions
from providers.azure.arm.template import Template
from providers.azure.arm.translate import Around, Item, Translation

SOURCE = "arm"


def load(location: Location) -> Templates:
    """Parses the template or the folder's templates. Raises DeclaredError."""
    problems: list[Problem] = []
    if not location.path.is_dir():
        return Templates(SOURCE, location, [template.read(location.path, location.display)])
    found: list[Template] = []
    for file in files_below(location.path, SUFFIXES):
        if is_template(file):
            try:
                found.append(template.read(file, location.inside(file)))
            except DeclaredError as error:
                problems.append(Problem(SOURCE, str(error), unread=True))
    if not found:
        why = problems[0].message if problems else "there is no JSON file with the schema of one"
        raise DeclaredError(f"{location.display}: holds no readable ARM template: {why}")
    linked_files = {path for one in found for path in linked(one)}
    roots = [one for one in found if one.path.resolve() not in linked_files]
    return Templates(SOURCE, location, roots or found, problems)


class Templates(BaseDeclaration):
    """The templates of one declared location. Raises DeclaredError for options that don't fit."""

    def __init__(
        self, source: str, location: Location, templates: Sequence[Template], problems: Iterable[Problem] = ()
    ) -> None:
        self.source, self.location, self.templates = source, location, list(templates)
        self._problems = tuple(problems)
        self._versions: dict[str, str] = {}
        option = location.options.get("parameters")
        folder = location.path if location.path.is_dir() else location.path.parent
        self._said = template.given(option, location.display, folder)
        self._beside = {
            one.path: {} if isinstance(option, str) else _beside(one.path, location) for one in self.templates
        }
        known = {name.lower() for one in self.templates for name in one.parameters}
        for name in self._said:
            if name.lower() not in known and isinstance(option, Mapping):
                has = ", ".join(sorted(known)) or "none"
                raise DeclaredError(
                    f"{location.display}: the template has no parameter {name!r}; it has {has}"
                )
        for one in known_beforehand(self.templates, location):
            static_versions(one, self._versions)

    def types(self) -> frozenset[tuple[str, str]]:
        known = inline()
        return frozenset(
            ("azure", (into(type_, ["", ""], known) or (type_, ""))[0]) for type_ in self._versions
        )

    def versions(self) -> Mapping[str, str]:
        """The newest apiVersion that is declared of each type."""
        return {type_: version for type_, version in self._versions.items() if version}

    def resources(self, live: LiveView) -> Iterator[Item]:
        yield from self._problems
        for translation in translations(self, live):
            items: list[Item] = []
            try:
                items.extend(translation.resources())
                yield from last_of_each(items, partial(translation.resources, ordered=True))
            except DeclaredError as error:
                yield from items
                yield Problem(self.source, str(error))

    def secrets(self) -> Iterator[str]:
        """The values of secure parameters, as far as files say them."""
        for one in self.templates:
            said = {name.lower(): value for name, value in {**self._beside[one.path], **self._said}.items()}
            for name, words in one.parameters.items():
                words = words if isinstance(words, Mapping) else {}
                for value in (said.get(name.lower()), words.get("defaultValue")):
                    if not (isinstance(value, str) and value.startswith("[")):  # an expression
                        yield from sensitive_texts(marked_by(value, words, one.definitions))

    def _place(self, one: Template, live: LiveView) -> Place:
        option = self.location.option
        said = option("scope")
        group, management = option("resource_group"), option("management_group")
        if said and said.lower().startswith("managementgroups/"):
            management, said = management or said.split("/", 1)[1], None
        if said and said.lower().startswith("/subscriptions/"):
            parts = said.strip("/").split("/")
            group = group or (parts[3] if len(parts) > 3 else None)
            said = parts[1]
        if said is None and one.level in ("resourceGroup", "subscription"):
            scopes = [
                s for s in live.scopes("azure") if s != "tenant" and not s.startswith("managementGroups/")
            ]
            said = scopes[0] if len(scopes) == 1 else None
        if said and group:
            group = _spelled(group, said.lower(), live)
        return Place(
            one.level,
            said.lower() if said else None,
            group,
            management,
            None,
            option("location") or option("region"),
        )


def translations(of: Templates, live: LiveView) -> Iterator[Translation]:
    """Each template of a declared location at its place."""
    around = Around(of.source, of.location, live, inline(), of._versions)
    for one in of.templates:
        values = {**of._beside[one.path], **of._said}
        yield Translation(one, of._place(one, live), values, around)


def beside(path: Path) -> Path | None:
    """The parameter file that lies beside a template; None where there is none."""
    file = path.with_name(f"{path.stem}.parameters.json")
    return file if file.is_file() else None


def _spelled(group: str, subscription: str, live: LiveView) -> str:
    """The group's name in Azure's own spelling, where it was read: names that are made of it depend on
    that."""
    id_ = f"/subscriptions/{subscription}/resourcegroups/{group.lower()}"
    found = live.find("azure", subscription, "Microsoft.Resources/resourceGroups", id_)
    name = found.name if found is not None else None
    return name if name is not None and name.lower() == group.lower() else group


def _beside(path: Path, location: Location) -> dict[str, Any]:
    file = beside(path)
    return template.given(file.name, file.name, path.parent) if file else {}
