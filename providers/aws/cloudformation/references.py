"""What ``Ref`` and ``Fn::GetAtt`` of a resource give: from its stack, from its name, or from what was read
live."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.model import MISSING, Resource, Sensitive, Unresolved
from drift.source import LiveView
from providers.aws.cloudformation import schema_ids
from providers.aws.cloudformation.derived import ATTRIBUTES, REFS
from providers.aws.cloudformation.functions import Unknown, as_text
from providers.aws.cloudformation.parameters import MASKED
from providers.aws.cloudformation.place import Place, Stack
from providers.aws.cloudformation.template import Template
from providers.aws.facts import Catalogue, Entry

_NESTED = "AWS::CloudFormation::Stack"
#: What a property is when it is not said, where a derived value needs it.
_UNSAID = {"Path": "/", "GroupName": "default"}


@dataclass
class ResourceReferences:
    """The references of one template at one place.

    ``evaluate`` gives the value of a template node, ``condition`` whether a condition holds; both are the
    evaluator's.
    """

    template: Template
    place: Place
    live: LiveView
    catalogue: Catalogue
    stacks: Iterable[Stack]
    evaluate: Callable[[Any], Any] = lambda node: node
    condition: Callable[[str], bool | Unresolved] = lambda name: True
    _asking: set[tuple[str, str]] = field(default_factory=set)
    _told: dict[tuple[str, str], Any] = field(default_factory=dict)

    def type_of(self, name: str) -> str | None:
        """The type of a resource: as deployed (a macro may have made another of it), else as the template
        says."""
        deployed = self.place.stack.resources.get(name) if self.place.stack else None
        if deployed:
            return deployed.type
        said = self.template.resources.get(name)
        type_ = said.get("Type") if isinstance(said, Mapping) else None
        return type_ if isinstance(type_, str) else None

    def physical_id(self, name: str) -> str | None:
        """The physical id that the stack records."""
        deployed = self.place.stack.resources.get(name) if self.place.stack else None
        return deployed.physical_id if deployed else None

    def ref(self, name: str) -> str:
        """The physical id of a resource. Raises Unknown."""
        found = self.physical_id(name)
        if found is not None:
            return found
        type_ = self.type_of(name)
        if type_ is None:
            raise Unknown(f"{name} is neither a parameter nor a resource of the template")
        self._must_be_declared(name)
        template = REFS.get(type_)
        if template is None:
            entry = self.catalogue.entry(type_)
            if entry and entry.name and entry.primary_identifier == (entry.name,):
                template = f"{{{entry.name}}}"
        found = self._fill(name, template, own_ref=False) if template else None
        if found is None:
            stack = self.place.stack
            why = f"it is not in the stack {stack.name}" if stack else self.place.no_stack
            raise Unknown(f"the id of {name} is not known: {why}")
        return found

    def attribute(self, name: str, attribute: str) -> Any:
        """A return value of a resource. Raises Unknown."""
        type_ = self.type_of(name)
        if type_ is None:
            raise Unknown(f"Fn::GetAtt: the template has no resource {name}")
        if self.physical_id(name) is None:
            self._must_be_declared(name)
        if type_ == _NESTED and attribute.startswith("Outputs."):
            return self._output(name, attribute.removeprefix("Outputs."))
        template = ATTRIBUTES.get(type_, {}).get(attribute)
        if template is not None:
            derived = self._fill(name, template, own_ref=True)
            if derived is not None:
                return derived
        for ask in (self._declared, self._read_live, self._same_as_id):
            found = ask(name, type_, attribute)
            if found is not MISSING:
                return found
        raise Unknown(f"{name}.{attribute} is not known: {self._why(name, type_)}")

    def imported(self, name: str) -> Any:
        """The value of another stack's export in the same account and region. Raises Unknown."""
        for stack in self.stacks:
            if (stack.scope, stack.region) == (
                self.place.account,
                self.place.region,
            ) and name in stack.exports:
                return stack.exports[name]
        raise Unknown(f"no stack that was read exports {name}")

    def zones(self, region: str) -> list[str]:
        """The Availability Zones of a region, where the live side recorded them. Raises Unknown."""
        known = self.live.context("aws").get("availability_zones") or {}
        zones = known.get(region) if isinstance(known, Mapping) else None
        if not isinstance(zones, list):
            raise Unknown(f"the Availability Zones of {region} were not read")
        return [str(zone) for zone in zones]

    def _why(self, name: str, type_: str) -> str:
        if type_.startswith("Custom::") or type_ == "AWS::CloudFormation::CustomResource":
            return "a custom resource's answers are not recorded"
        if self.physical_id(name) is None:
            return self.place.no_stack if self.place.stack is None else f"{name} is not in the stack"
        return f"{type_} was not read, or does not show it"

    def _must_be_declared(self, name: str) -> None:
        said = self.template.resources.get(name)
        condition = said.get("Condition") if isinstance(said, Mapping) else None
        if isinstance(condition, str) and self.condition(condition) is False:
            raise Unknown(f"{name} is left out by its condition {condition}")

    def _fill(self, name: str, template: str, *, own_ref: bool) -> str | None:
        """A derived value; None where a part of it is not known."""
        try:
            return template.format_map(_Parts(self, name, own_ref=own_ref))
        except Unknown:
            return None

    def _property(self, name: str, path: str) -> Any:
        """What the template says of a property (``A.B``); MISSING where it says nothing. Raises Unknown on a
        circle."""
        if (name, path) in self._told:
            return self._told[(name, path)]
        if (name, path) in self._asking:
            raise Unknown(f"{name}.{path} depends on itself")
        said = self.template.resources.get(name)
        node = said.get("Properties") if isinstance(said, Mapping) else None
        self._asking.add((name, path))
        try:
            for part in path.split("."):
                if not isinstance(node, Mapping) or part not in node:
                    return MISSING
                node = node[part]
            self._told[(name, path)] = self.evaluate(node)
            return self._told[(name, path)]
        finally:
            self._asking.discard((name, path))

    def _declared(self, name: str, type_: str, attribute: str) -> Any:
        """A return value that is a property which the template sets: then that is what is meant."""
        found = self._property(name, attribute)
        items = found if isinstance(found, list) else [found]
        return MISSING if any(isinstance(item, (dict, list)) for item in items) else found

    def _read_live(self, name: str, type_: str, attribute: str) -> Any:
        found = self.find(type_, self._arn(name, type_)) or self.find(type_, self.physical_id(name))
        node: Any = found.attributes if found else MISSING
        if isinstance(node, Mapping) and attribute in node:
            node = node[attribute]
        else:
            for part in attribute.split("."):
                node = node.get(part, MISSING) if isinstance(node, Mapping) else MISSING
        if isinstance(node, Mapping) and "$secret" in node:
            raise Unknown(f"{name}.{attribute} is a secret")
        return MISSING if node is None else node

    def _same_as_id(self, name: str, type_: str, attribute: str) -> Any:
        """A return value that is the primary identifier, or the ARN that the type's facts build from it."""
        entry = self.catalogue.entry(type_)
        if entry is None:
            return MISSING
        try:
            ref = self.ref(name)
        except Unknown:
            return MISSING
        primary = entry.primary_identifier == (attribute,)
        if attribute == "Arn" or (primary and attribute.endswith("Arn")):
            if ref.startswith("arn:"):
                return ref
            found = self._canonical(entry, ref) if self.place.account else ref
            return found if found.startswith("arn:") else MISSING
        return ref if primary else MISSING

    def identify(self, name: str, type_: str, attributes: Mapping[str, Any]) -> str | None:
        """What the type's facts identify a resource by; None where it is not known, only perhaps its name."""
        entry = self.catalogue.entry(type_)
        if entry is not None and type_ not in self.catalogue.entries:
            place = (self.place.account, self.place.region if entry.regional else None)
            live = (one for one in self.live.every("aws", type_) if (one.scope, one.region) == place)
            return schema_ids.identified(entry, self.physical_id(name), attributes, live)
        if entry is not None and entry.identity.told is not None:
            return entry.identity.told({**attributes, "account": self.place.account})
        try:
            ref = self.ref(name)
        except Unknown:
            return None
        if entry is None:
            return ref if self.physical_id(name) else None
        if "'|'" in entry.identity.source and "|" not in ref:
            return _joined(entry.primary_identifier, attributes, ref)
        if self.physical_id(name) is None and entry.identity.template is None and not _by_name(entry):
            return ref if ref.startswith("arn:") else self._arn(name, type_)
        return self._whole(entry, ref) if self._is_whole(entry, ref) else self._arn(name, type_)

    def parent(self, type_: str, ref: str) -> str | None:
        """The id of what a resource is attached to, from the reference to it; None where that is no more than
        a name."""
        entry = self.catalogue.entry(type_)
        if entry is None:
            return ref
        if self._is_whole(entry, ref):
            return self._whole(entry, ref)
        members = [*self.template.resources, *(self.place.stack.resources if self.place.stack else ())]
        for name in members:
            if self.type_of(name) == type_:
                try:
                    if self.ref(name) == ref:
                        return self._arn(name, type_)
                except Unknown:
                    continue
        return None

    def _is_whole(self, entry: Entry, ref: str) -> bool:
        """Whether the facts make the one spelling of the id from this one."""
        if not entry.identity.source.endswith("Arn"):
            return True
        return self._canonical(entry, ref).startswith("arn:")

    def _whole(self, entry: Entry, ref: str) -> str:
        """An id that tells all; of a global type, whose resources tell no region, its one spelling."""
        return ref if entry.regional else self._canonical(entry, ref)

    def _canonical(self, entry: Entry, ref: str) -> str:
        """The one spelling of an id at this place; as it is where the place does not tell the partition."""
        place = self.place
        return entry.identity.canonical(
            ref, account=place.account or "", region=place.region, partition=place.partition
        )

    def _arn(self, name: str, type_: str) -> str | None:
        template = ATTRIBUTES.get(type_, {}).get("Arn")
        return self._fill(name, template, own_ref=True) if template else None

    def find(self, type_: str, physical_id: str | None) -> Resource | None:
        """The live resource of a physical id."""
        account = self.place.account
        if physical_id is None or account is None:
            return None
        ids = [physical_id]
        entry = self.catalogue.entry(type_)
        if entry is not None:
            ids.insert(0, self._canonical(entry, physical_id))
        for one in ids:
            found = self.live.find("aws", account, type_, one)
            if found is not None:
                return found
        return None

    def _output(self, name: str, output: str) -> Any:
        nested = self.stack(self.physical_id(name))
        if nested is None:
            raise Unknown(f"{name}.Outputs.{output} is not known: the nested stack was not read")
        if output not in nested.outputs or nested.outputs[output] == MASKED:
            raise Unknown(f"the nested stack {name} shows no output {output}")
        return nested.outputs[output]

    def stack(self, stack_id: str | None) -> Stack | None:
        """The stack with this ARN."""
        return next((stack for stack in self.stacks if stack_id is not None and stack.id == stack_id), None)

    def ssm(self, name: str) -> Any:
        """The live value of an SSM parameter; None where it was not read."""
        found = self.find("AWS::SSM::Parameter", name)
        return found.attributes.get("Value") if found else None


def _by_name(entry: Entry) -> bool:
    return entry.identity.source == entry.name


def _joined(primary: tuple[str, ...], attributes: Mapping[str, Any], ref: str) -> str | None:
    """A composite identifier of which ``Ref`` gives one part and the properties the others."""
    parts = [attributes.get(name) for name in primary]
    if parts.count(None) == 1:
        parts[parts.index(None)] = ref
    return "|".join(str(part) for part in parts) if all(isinstance(part, str) for part in parts) else None


class _Parts(dict[str, str]):
    """What a derived template may name, told when it is asked for."""

    def __init__(self, references: ResourceReferences, name: str, *, own_ref: bool) -> None:
        super().__init__()
        self._references, self._name, self._own_ref = references, name, own_ref

    def __missing__(self, key: str) -> str:
        place = self._references.place
        known = {
            "partition": place.partition,
            "suffix": place.suffix,
            "region": place.region,
            "account": place.account,
        }
        if key in known:
            value = known[key]
            if value is None:
                raise Unknown(f"the {key} is not known")
            return value
        if key in ("ref", "tail", "group") and self._own_ref:
            ref = self._references.ref(self._name)
            if key == "group" and not ref.startswith("sg-"):
                raise Unknown("a security group without VpcId is known by its name only")
            if key == "group":
                return ref
            return ref if key == "ref" else ref.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
        value = self._references._property(self._name, key)
        if value is MISSING and key in _UNSAID:
            return _UNSAID[key]
        if value is MISSING or isinstance(value, (Unresolved, Sensitive)):
            raise Unknown(f"{self._name} does not say its {key}")
        return as_text(value)
