"""The declared source ``cloudformation``: recognises templates, loads them, and finds out which stacks they
are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from drift.errors import DeclaredError
from drift.listing import beginning, files_below
from drift.model import Problem
from drift.source import BaseDeclaration, BaseSource, LiveView, Loader, Location, Option
from providers.aws.cloudformation import parameters, serverless, template
from providers.aws.cloudformation.evaluated import NESTED, SOURCE, Item, Surroundings, declares_nothing
from providers.aws.cloudformation.place import Place, Stack, named
from providers.aws.cloudformation.template import SUFFIXES, Template, looks_like_template
from providers.aws.cloudformation.translate import Translation, local_template
from providers.aws.facts import Catalogue, catalogue


class CloudFormation(BaseSource):
    """CloudFormation and SAM templates, one file or a folder of them."""

    name = SOURCE
    options = (
        Option("stack", "The CloudFormation stack (name or ARN) of a template."),
        Option(
            "parameters",
            "A template's parameters, or the file that holds them, relative to the template's folder.",
            ("mapping", "path"),
        ),
    )

    def recognises(self, path: Path, head: bytes) -> bool:
        if path.is_dir():
            return any(_is_template(file) for file in files_below(path, SUFFIXES))
        return looks_like_template(head)

    def load(self, location: Location, loader: Loader) -> Templates:
        """Parses the template or the folder's templates.

        Raises:
            DeclaredError: when nothing can be read, a given parameter exists nowhere, or ``stack`` is said of
                several.
        """
        problems: list[Problem] = []
        if location.path.is_dir():
            templates = _folder(location, problems)
        else:
            templates = [template.read(location.path, location.display)]
        said = parameters.given(location.options.get("parameters"), location.display, _folder_of(location))
        parameters.refuse_unknown(said, templates, location.display)
        if location.option("stack") and len(templates) > 1:
            files = ", ".join(one.file for one in templates)
            raise DeclaredError(
                f"{location.display}: 'stack' names one stack, but here are {len(templates)} templates: "
                f"{files}; give each its own entry"
            )
        return Templates(location, templates, said, problems)


class Templates(BaseDeclaration):
    """The templates of one declared location."""

    source = SOURCE

    def __init__(
        self,
        location: Location,
        templates: list[Template],
        said: Mapping[str, Any],
        problems: Iterable[Problem] = (),
    ) -> None:
        self.location = location
        self.templates = templates
        self._said = said
        self._problems = tuple(problems)

    def types(self) -> frozenset[tuple[str, str]]:
        known = catalogue()
        return frozenset(("aws", type_) for one in self.templates for type_ in _types(one, known, 0))

    def resources(self, live: LiveView) -> Iterator[Item]:
        yield from self._problems
        for translation, problem in translations(self, live):
            if problem:
                yield problem
            yield from translation.resources()

    def _given_to(self, one: Template) -> dict[str, Any]:
        return {name: value for name, value in self._said.items() if name in one.parameters}

    def _place(self, one: Template, around: Surroundings) -> tuple[Place, Problem | None]:
        asked = self.location.option("stack")
        scope, region = self.location.option("scope"), self.location.option("region")
        if asked is None:
            found = self._matching(one, around, scope, region)
            return _at(found[0] if len(found) == 1 else None, None, scope, region, around), None
        found = named(around.stacks, asked, scope, region)
        if len(found) == 1:
            return _at(found[0], asked, scope, region, around), None
        if asked.startswith("arn:") and asked.count(":") >= 5:
            region, scope = region or asked.split(":")[3], scope or asked.split(":")[4]
        place = _at(None, asked, scope, region, around)
        if found:
            where = ", ".join(f"{stack.scope}/{stack.region}" for stack in found)
            message = f"the stack {asked!r} exists in {where}; say which with 'scope' and 'region'"
        elif "stacks" in around.live.context("aws"):
            message = f"no stack {asked!r} was found where the live side was read"
        else:
            return place, None
        return place, Problem(SOURCE, f"{one.file}: {message}")

    def _matching(
        self, one: Template, around: Surroundings, scope: str | None, region: str | None
    ) -> list[Stack]:
        """The stacks that hold exactly what the template declares."""
        return [
            stack
            for stack in around.stacks
            if scope in (None, stack.scope)
            and region in (None, stack.region)
            and self._fits(one, stack, around)
        ]

    def _fits(self, one: Template, stack: Stack, around: Surroundings) -> bool:
        has = {(name, deployed.type) for name, deployed in stack.resources.items()}
        names = {name for name, _ in has}
        rewritten = bool(one.macros or one.serverless or "AWS::Include" in one.transforms)
        loops = any(name.startswith("Fn::ForEach::") for name in one.resources)
        if not has or (not rewritten and not loops and not names <= set(one.resources)):
            return False
        place = Place(stack.scope, stack.region, stack)
        must, may = Translation(one, place, self._given_to(one), around).expected()
        if rewritten:
            plain = {pair for pair in must if not pair[1].startswith(serverless.PREFIX)}
            return bool(must) and {name for name, _ in must} <= names and (bool(one.macros) or plain <= has)
        return must <= has <= must | may


def translations(of: Templates, live: LiveView) -> Iterator[tuple[Translation, Problem | None]]:
    """Each template of a declared location at its place, and what is wrong with that."""
    stacks = [Stack.of(record) for record in live.context("aws").get("stacks") or ()]
    around = Surroundings(of.location, live, catalogue(), stacks)
    for one in of.templates:
        place, problem = of._place(one, around)
        yield Translation(one, place, of._given_to(one), around), problem


def _at(
    stack: Stack | None, asked: str | None, scope: str | None, region: str | None, around: Surroundings
) -> Place:
    """The place: the stack's, else what the user said, else the only account and region that there are: of
    the region only where the stacks of the account were all read and none was asked for by name."""
    if stack is not None:
        return Place(stack.scope, stack.region, stack, asked)
    if scope is None:
        scope = _only(around.live.scopes("aws"))
    unread = {account for account, _ in around.live.context("aws").get("unread_stacks", ())}
    if region is None and asked is None and scope not in unread:
        region = _only({one.region for one in around.stacks if one.scope == scope})
    return Place(scope, region, None, asked)


def _only(several: Iterable[str]) -> str | None:
    found = sorted(several)
    return found[0] if len(found) == 1 else None


def _types(one: Template, known: Catalogue, depth: int) -> Iterator[str]:
    for name, type_ in one.typed():
        if type_ in serverless.kinds():
            yield serverless.kinds()[type_].type
            continue
        if declares_nothing(type_) or type_.startswith(serverless.PREFIX) or type_.endswith("::MODULE"):
            continue
        if type_ in known.aliases:
            yield known.aliases[type_].type
            continue
        yield from (make.type for make in known.makes.get(type_, ()))
        if type_ in known.attachments:
            yield from (attach.into for attach in known.attachments[type_])
        elif type_ in known.makes and type_ not in known.types:
            continue
        elif type_ != NESTED or NESTED in known.types:
            yield type_
        if type_ == NESTED and depth < 10:
            nested = _nested(one, one.resources.get(name))
            if nested is not None:
                try:
                    yield from _types(template.read(nested, nested.name), known, depth + 1)
                except DeclaredError:
                    continue


def _nested(one: Template, said: Any) -> Path | None:
    """The local file of a nested stack's template."""
    if not isinstance(said, Mapping):  # a loop (Fn::ForEach) is a list
        return None
    properties = said.get("Properties")
    url = local_template(said, properties.get("TemplateURL") if isinstance(properties, Mapping) else None)
    try:
        path = (one.path.parent / url).resolve() if url else None
        return path if path and path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # no path at all
        return None


def _folder(location: Location, problems: list[Problem]) -> list[Template]:
    """The templates of a folder; those that another one nests belong to that one."""
    found: list[Template] = []
    for file in files_below(location.path, SUFFIXES):
        if not _is_template(file):
            continue
        try:
            found.append(template.read(file, location.inside(file)))
        except DeclaredError as error:
            problems.append(Problem(SOURCE, str(error), unread=True))
    if not found:
        why = (
            problems[0].message
            if problems
            else f"there is no {', '.join(SUFFIXES)} file with Resources in it"
        )
        raise DeclaredError(f"{location.display}: holds no readable CloudFormation template: {why}")
    nested = {
        path for one in found for said in one.resources.values() for path in [_nested(one, said)] if path
    }
    roots = [one for one in found if one.path.resolve() not in nested]
    return roots or found


def _is_template(file: Path) -> bool:
    return looks_like_template(beginning(file))


def _folder_of(location: Location) -> Path:
    return location.path if location.path.is_dir() else location.path.parent
