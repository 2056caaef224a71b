"""What the templates of one declared location declare, each at its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from drift.finding import Finding, Unverifiable
from drift.model import Origin, Problem, Resource, Sensitive
from drift.redaction import sensitive_texts
from drift.source import BaseDeclaration, LiveView, Location
from providers.aws.asked import MEMBERS, POLICY, STACK, STACK_SET
from providers.aws.cloudformation import asking, serverless, stack_sets, stack_settings
from providers.aws.cloudformation.declared_types import types
from providers.aws.cloudformation.deployment import Deployment, Made
from providers.aws.cloudformation.evaluated import NESTED, SOURCE, Item, Surroundings
from providers.aws.cloudformation.parameters import as_bool
from providers.aws.cloudformation.place import Place, Stack, named
from providers.aws.cloudformation.translate import Translation
from providers.aws.facts import catalogue


class Templates(BaseDeclaration):
    """The templates of one declared location. ``tags`` are those of the stack that the user says."""

    source = SOURCE

    def __init__(
        self,
        location: Location,
        deployments: Sequence[Deployment],
        said: Mapping[str, Any],
        problems: Iterable[Problem] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.location, self.deployments, self.said, self.tags = location, deployments, said, tags
        self._problems = tuple(problems)
        self._around: Surroundings | None = None

    def types(self) -> frozenset[tuple[str, str]]:
        known = catalogue()
        found = {type_ for one in self.deployments for type_ in types(one.template, known)}
        if any(stack_settings.said(one, self._tags(one)) for one in self.deployments):
            found.add(NESTED)
        if found and self.location.option("stack_set") is None:
            found.add(POLICY)
        return frozenset(("aws", type_) for type_ in found)

    def asks(self) -> frozenset[tuple[str, str]]:
        words: set[str] = set()
        for one in self.deployments:
            asked, stack_set = self._asked(one), self.location.option("stack_set")
            if stack_set is not None:
                words.add(f"{STACK_SET}{stack_set}")
            elif asked is not None:
                words.add(f"{STACK}{asked}")
            else:
                names = sorted(name for name, _ in one.template.typed() if not name.startswith("Fn::"))
                words.add(f"{MEMBERS}{','.join(names)}")
            place = Place(*self._where(one), None, asked)
            words |= asking.objects(one.template, place, self._given_to(one), self.location)
        return frozenset(("aws", word) for word in words)

    @property
    def notes(self) -> Sequence[str]:
        return () if self._around is None else tuple(self._around.notes)

    def resources(self, live: LiveView) -> Iterator[Item]:
        yield from self._problems
        for deployment, translation, problem in _translated(self, live):
            if problem:
                yield problem
            yield from stack_settings.declared(deployment, translation)
            yield from stack_settings.policy(deployment, translation)
            for item in translation.resources():
                yield _shown(item, deployment.made)

    def secrets(self) -> Iterator[str]:
        """The values of parameters with NoEcho, as far as files say them."""
        for one in self.deployments:
            said = self._given_to(one)
            for name, words in one.template.parameters.items():
                if isinstance(words, Mapping) and as_bool(words.get("NoEcho")):
                    yield from sensitive_texts(Sensitive([said.get(name), words.get("Default")]))

    def remark(self, finding: Finding) -> str:
        return "" if self._around is None else self._around.remark(finding)

    def _given_to(self, one: Deployment) -> dict[str, Any]:
        """The parameter values that are said of a template."""
        own = {name: value for name, value in self.said.items() if name in one.template.parameters}
        return {**one.parameters, **own}

    def _tags(self, one: Deployment) -> Mapping[str, str] | None:
        """The tags of the stack, where any are said."""
        return self.tags if self.tags is not None else one.tags

    def _asked(self, one: Deployment) -> str | None:
        return self.location.option("stack") or one.stack

    def _where(self, one: Deployment) -> tuple[str | None, str | None]:
        return self.location.option("scope") or one.scope, self.location.option("region") or one.region

    def _place(self, one: Deployment, around: Surroundings) -> tuple[Place, Problem | None]:
        """Where a template is deployed, and what is wrong with that."""
        asked, (scope, region) = self._asked(one), self._where(one)
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
        elif "stacks" in around.live.context("aws") and _read(scope, around):
            message = f"no stack {asked!r} was found where the live side was read"
        else:
            return place, None
        return place, Problem(SOURCE, f"{one.template.file}: {message}")

    def _matching(
        self, one: Deployment, around: Surroundings, scope: str | None, region: str | None
    ) -> list[Stack]:
        """The stacks that hold exactly what the template declares."""
        return [
            stack
            for stack in around.stacks
            if scope in (None, stack.scope)
            and region in (None, stack.region)
            and self._fits(one, stack, around)
        ]

    def _fits(self, deployment: Deployment, stack: Stack, around: Surroundings) -> bool:
        one = deployment.template
        has = {(name, deployed.type) for name, deployed in stack.resources.items()}
        names = {name for name, _ in has}
        rewritten = bool(one.macros or one.serverless or "AWS::Include" in one.transforms)
        loops = any(name.startswith("Fn::ForEach::") for name in one.resources)
        if not has or (not rewritten and not loops and not names <= set(one.resources)):
            return False
        place = Place(stack.scope, stack.region, stack)
        must, may = Translation(one, place, self._given_to(deployment), around).expected()
        if rewritten:
            plain = {pair for pair in must if not pair[1].startswith(serverless.PREFIX)}
            return bool(must) and {name for name, _ in must} <= names and (bool(one.macros) or plain <= has)
        return must <= has <= must | may


def translations(of: Templates, live: LiveView) -> Iterator[tuple[Translation, Problem | None]]:
    """Each template of a declared location at its place, and what is wrong with that."""
    for _, translation, problem in _translated(of, live):
        yield translation, problem


def _translated(of: Templates, live: LiveView) -> Iterator[tuple[Deployment, Translation, Problem | None]]:
    stacks = [Stack.of(record) for record in live.context("aws").get("stacks") or ()]
    around = of._around = Surroundings(of.location, live, catalogue(), stacks)
    name = of.location.option("stack_set")
    for one in of.deployments:
        tags = of._tags(one)
        if name is not None:
            yield from _instances(of, one, name, tags, around)
            continue
        place, problem = of._place(one, around)
        yield one, Translation(one.template, replace(place, tags=tags), of._given_to(one), around), problem


def _instances(
    of: Templates, one: Deployment, name: str, tags: Mapping[str, str] | None, around: Surroundings
) -> Iterator[tuple[Deployment, Translation, Problem | None]]:
    """A template in each account and region in which a StackSet has an instance."""
    found = stack_sets.named(around, name, *of._where(one))
    if len(found) != 1:
        several = ", ".join(f"{each.scope}/{each.region}" for each in found)
        why = f"exists in {several}; say which with 'scope' and 'region'" if found else "was not read"
        problem = Problem(SOURCE, f"{one.template.file}: the StackSet {name!r} {why}", unread=not found)
        yield one, Translation(one.template, Place(asked=name), of._given_to(one), around), problem
        return
    said = stack_sets.overridden(found[0], of._given_to(one))
    for place, _ in stack_sets.places(found[0], around, one.template.file):
        yield one, Translation(one.template, replace(place, tags=tags), said, around), None


def _read(scope: str | None, around: Surroundings) -> bool:
    """Whether an account was read; also where none is named."""
    return scope is None or scope in around.live.scopes("aws")


def _shown(item: Item, made: Mapping[str, Made]) -> Item:
    """An item with the construct and the line of code that made it in place of what the template says."""
    if isinstance(item, Problem) or item.origin is None or not made:
        return item
    *parents, name = (item.origin.address or "").split("/")
    found = made.get((parents or [name])[0])
    if found is None:
        return item
    path = found.path if not parents else "/".join((found.path, *parents[1:], name))
    origin: Origin = replace(item.origin, address=path)
    if found.file is not None:
        origin = replace(origin, file=found.file, line=found.line, lines={})
    if isinstance(item, Resource):
        return item.but(origin=origin)
    return Unverifiable(**{**{name: getattr(item, name) for name in item.__slots__}, "origin": origin})


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
