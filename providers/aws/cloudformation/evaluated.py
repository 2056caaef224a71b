"""One template evaluated at one place: its values, and how its resources are named to people."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drift.finding import Finding, Unverifiable
from drift.model import Origin, Problem, Resource, Unresolved
from drift.source import LiveView, Location
from providers.aws.cloudformation import loops, parameters
from providers.aws.cloudformation.intrinsics import Evaluator
from providers.aws.cloudformation.place import Deployed, Place, Stack
from providers.aws.cloudformation.references import ResourceReferences
from providers.aws.cloudformation.template import Template
from providers.aws.facts import Catalogue
from providers.aws.partitions import partition_of

SOURCE = "cloudformation"
NESTED = "AWS::CloudFormation::Stack"
STACK_SET = "AWS::CloudFormation::StackSet"
#: Types that stand for nothing in the cloud that could drift.
_NOTHING = frozenset(
    {
        "AWS::CDK::Metadata",
        "AWS::CloudFormation::CustomResource",
        "AWS::CloudFormation::WaitCondition",
        "AWS::CloudFormation::WaitConditionHandle",
    }
)

Item = Resource | Unverifiable | Problem


def declares_nothing(type_: str) -> bool:
    """Whether a type stands for nothing in the cloud that could drift."""
    return type_ in _NOTHING or type_.startswith("Custom::")


@dataclass(frozen=True)
class Surroundings:
    """What all templates of one declaration share."""

    location: Location
    live: LiveView
    catalogue: Catalogue
    stacks: Sequence[Stack]
    #: What is passed over, or told by something else than Git, for people.
    notes: list[str] = field(default_factory=list)
    #: Addresses of nested stacks (with what is above them) to what explains a finding on what is below.
    remarks: dict[str, str] = field(default_factory=dict)
    #: One for each nested stack that was looked into.
    nested: list[str] = field(default_factory=list)

    def remark(self, finding: Finding) -> str:
        """What explains a finding: whose template tells what is declared, what AWS's own detection found."""
        origin = finding.declared.origin if finding.declared else None
        address = (origin.address or "") if origin else ""
        said = [told for above, told in self.remarks.items() if address.startswith(f"{above}/")]
        return "; ".join([*said[-1:], *self._detected(finding)])

    def _detected(self, finding: Finding) -> Iterator[str]:
        resource = finding.resource
        for stack in self.stacks:
            if stack.scope != resource.scope:
                continue
            for deployed in stack.resources.values():
                if not deployed.detected or deployed.type != resource.type:
                    continue
                if {resource.id, resource.name} & self._called(deployed, stack):
                    yield f"AWS's own drift detection said {deployed.detected}"

    def _called(self, deployed: Deployed, stack: Stack) -> set[str | None]:
        """A stack's member as the stack calls it, and by its id (a queue's URL, and its ARN)."""
        known, physical = self.catalogue.entry(deployed.type), deployed.physical_id
        if known is None or physical is None:
            return {physical} - {None}
        region = stack.region if known.regional else None
        partition = partition_of(stack.region).name
        return {
            physical,
            known.identity.canonical(physical, account=stack.scope, region=region, partition=partition),
        }


class Evaluated:
    """One template, evaluated at one place. ``said`` are parameter values that win over recorded and default
    ones; ``written`` is the template with its loops as they are written."""

    def __init__(
        self,
        template: Template,
        place: Place,
        said: Mapping[str, Any],
        around: Surroundings,
        parents: tuple[str, ...] = (),
    ) -> None:
        self.place, self.around, self.parents = place, around, parents
        #: Logical ids that the stack was not deployed with, so that it is known not to hold them.
        self.awaited: frozenset[str] = frozenset()
        self.written, self.said = template, said
        self.references = ResourceReferences(template, place, around.live, around.catalogue, around.stacks)
        values = parameters.values(template, said, place, self.references.ssm)
        self.evaluator = Evaluator(template, place, values, self.references)
        self.references.evaluate = self.evaluator.value
        self.references.condition = self.evaluator.condition
        self.template = loops.expanded(template, self.evaluator.value)
        self.evaluator.template = self.references.template = self.template

    def holds(self, said: Mapping[str, Any]) -> bool | Unresolved:
        """Whether a resource's condition holds."""
        name = said.get("Condition")
        if name is None:
            return True
        return (
            self.evaluator.condition(name)
            if isinstance(name, str)
            else Unresolved("Condition must be a name")
        )

    def deployed(self, name: str) -> Deployed | None:
        """What the stack lists under a logical id."""
        return self.place.stack.resources.get(name) if self.place.stack else None

    def told(self) -> dict[str, Any]:
        """What hooks are told of the place."""
        place = self.place
        return {"account": place.account, "region": place.region, "partition": place.partition}

    def region_of(self, type_: str) -> str | None:
        entry = self.around.catalogue.entry(type_)
        return None if entry and not entry.regional else self.place.region

    def nowhere(self, type_: str) -> str | None:
        """Why it can't be told where a resource of this type stands."""
        if self.place.account is None:
            return f"its account is not known: {self.place.no_stack}, or say 'scope'"
        entry = self.around.catalogue.entry(type_)
        if self.place.region is None and (entry is None or entry.regional):
            return f"its region is not known: {self.place.no_stack}, or say 'region'"
        return None

    def origin(self, name: str, lines: Mapping[str, int] | None = None) -> Origin:
        """Where a resource is declared."""
        location = self.around.location
        return Origin(
            source=SOURCE,
            file=self.template.file,
            line=self.template.resources.lines.get(name),
            address="/".join((*self.parents, name)),
            commit=location.commit,
            url=location.url,
            lines=lines or {},
            pending="creation" if name in self.awaited else None,
            by=f"the stack {self.place.stack.name}" if name in self.awaited and self.place.stack else "",
        )

    def unverifiable(self, name: str, type_: str, reason: str) -> Unverifiable:
        """A resource of which no verdict is possible, and why."""
        deployed = self.deployed(name)
        return Unverifiable(
            provider="aws",
            scope=self.place.account or "",
            type=type_,
            resource_id=(deployed.physical_id if deployed else None) or "/".join((*self.parents, name)),
            path="",
            reason=reason,
            origin=self.origin(name),
        )


class Translated(Evaluated, ABC):
    """An evaluated template that tells what it declares. ``shallow``: without what nested stacks declare.
    ``awaits``: its stack is yet to be made. ``besides``: what the stack holds and the template does not say
    is made by transforms. ``refused``: why a transform is not known."""

    shallow = False
    awaits = False
    besides = True
    refused = ""

    @property
    @abstractmethod
    def now(self) -> Translated:
        """The template as it is deployed, as far as that is known: with what macros make of it."""

    @abstractmethod
    def resources(self) -> Iterator[Item]:
        """Everything that the template declares here, and what of it the stack was not deployed with yet."""

    @abstractmethod
    def own(self) -> Iterator[Item]:
        """Everything that the template declares here, whatever was deployed."""

    def declares(self, name: str) -> bool:
        """Whether the template has a resource, and no condition leaves it out."""
        said = self.template.resources.get(name)
        return isinstance(said, Mapping) and self.holds(said) is not False
