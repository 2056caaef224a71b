"""Brings both sides of a pair to one form where a property means what another one makes of it.

What one side alone drops is a change that nobody made; so whatever is dropped because of other properties is
dropped here, of both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import permutations
from typing import Any

from drift.kinds.base import Context
from drift.model import Resource
from providers.aws.hooks.apigateway import settings_path
from providers.aws.hooks.cognito import STANDARD
from providers.aws.hooks.ec2_instances import WITH_IOPS
from providers.aws.hooks.ec2_network import LAST_ENTRIES, WITH_PORTS, WITH_TYPES, protocol_number
from providers.aws.hooks.ec2_vpn import OWN, TUNNELS
from providers.aws.hooks.lambda_ import permission_principal
from providers.aws.hooks.sns import is_default_policy
from providers.aws.hooks.wafv2 import searched
from providers.aws.kinds.rds_parameter import RDS_PARAMETER

Attributes = Mapping[str, Any]

#: A connection has two; of more no order is looked for.
_TUNNELS = 3
_CROSS_ZONE = "load_balancing.cross_zone.enabled"


def settled(side: Resource, live: Resource) -> Resource:
    """A side of a pair without what says nothing beside the rest of the live one; itself where that is all of
    it."""
    settle = _SETTLE.get(side.type)
    attributes = side.attributes if settle is None else settle(side.attributes, live.attributes)
    return side if attributes is side.attributes else side.but(attributes=attributes)


def _targets(said: Attributes, live: Attributes) -> Attributes:
    """A target on the group's own port, in the zone of its address: both are what it has without a word.

    Source: TargetDescription of the Elastic Load Balancing API.
    """
    targets, own = said.get("Targets"), said.get("Port", live.get("Port"))
    if not isinstance(targets, list) or not any(isinstance(one, Mapping) and len(one) > 1 for one in targets):
        return said
    return {**said, "Targets": [_target(one, own) if isinstance(one, Mapping) else one for one in targets]}


#: What a default policy of Data Lifecycle Manager says beside its details in CloudFormation.
_OF_DEFAULT_POLICIES = (
    "CopyTags",
    "CreateInterval",
    "CrossRegionCopyTargets",
    "Exclusions",
    "ExtendDeletion",
    "RetainInterval",
)


def _snapshot_policy(said: Attributes, live: Attributes) -> Attributes:
    """A default policy says its details beside them, where somebody put them inside.

    Source: ``PolicyDetails`` of https://docs.aws.amazon.com/dlm/latest/APIReference/API_PolicyDetails.html
    (``PolicyLanguage``: "SIMPLIFIED – To create a default policy").
    """
    details = said.get("PolicyDetails")
    simple = isinstance(details, Mapping) and details.get("PolicyLanguage") == "SIMPLIFIED"
    if not simple or not isinstance(details, Mapping):
        return said
    inside = {name: details[name] for name in _OF_DEFAULT_POLICIES if name in details}
    own = {"DefaultPolicy": details["ResourceType"]} if "ResourceType" in details else {}
    return {**own, **inside, **{name: one for name, one in said.items() if name != "PolicyDetails"}}


def _association(said: Attributes, live: Attributes) -> Attributes:
    """Instances are named by ``InstanceIds``, in whatever letters.

    Source: the answer to ``create-association`` with ``Key=instanceids`` in the AWS CLI's examples.
    """
    targets = said.get("Targets")
    if not isinstance(targets, list) or not all(isinstance(one, Mapping) for one in targets):
        return said
    ids = [str(one.get("Key")).lower() == "instanceids" for one in targets]
    found = [{**one, "Key": "InstanceIds"} if own else one for one, own in zip(targets, ids, strict=True)]
    return {**said, "Targets": found} if any(ids) else said


def _target(given: Attributes, own: Any) -> dict[str, Any]:
    kept = dict(given)
    if own is not None and str(kept.get("Port")) == str(own):
        del kept["Port"]
    if isinstance(kept.get("AvailabilityZone"), str) and kept["AvailabilityZone"] != "all":
        del kept["AvailabilityZone"]
    return kept


def _balancer(said: Attributes, live: Attributes) -> Attributes:
    """Cross-zone load balancing is always on in an Application Load Balancer.

    Source: LoadBalancerAttribute of the Elastic Load Balancing API.
    """
    attributes = said.get("LoadBalancerAttributes")
    type_ = live.get("Type") or said.get("Type") or "application"
    if type_ != "application" or not isinstance(attributes, list):
        return said
    kept = [one for one in attributes if not _always_on(one)]
    return said if len(kept) == len(attributes) else {**said, "LoadBalancerAttributes": kept}


def _parameters(said: Attributes, live: Attributes) -> Attributes:
    """A declared parameter with the value that the engine has by itself: RDS then tells the engine as its
    source, and not the user.

    Source: Parameter of the Amazon RDS API.
    """
    own, set_, engine = said.get("Parameters"), live.get("Parameters") or {}, live.get("EngineParameters")
    if not isinstance(own, Mapping) or not isinstance(engine, Mapping):
        return said
    kept = {
        name: value
        for name, value in own.items()
        if name in set_ or name not in engine or _parameter(value) != _parameter(engine[name])
    }
    return said if len(kept) == len(own) else {**said, "Parameters": kept}


def _options(said: Attributes, live: Attributes) -> Attributes:
    """The settings of an option group's options without those that are as the option has them by itself.

    Source: OptionSetting of the Amazon RDS API, ``DefaultValue``.
    """
    options = said.get("OptionConfigurations")
    if not isinstance(options, list):
        return said
    own: dict[tuple[Any, Any], Any] = {
        (option.get("OptionName"), one.get("Name")): one["DefaultValue"]
        for option in live.get("OptionConfigurations") or ()
        for one in option.get("OptionSettings") or ()
        if "DefaultValue" in one
    }
    return {**said, "OptionConfigurations": [_option(one, own) for one in options]}


def _option(option: Any, own: Mapping[tuple[Any, Any], Any]) -> Any:
    settings = option.get("OptionSettings") if isinstance(option, Mapping) else None
    if not isinstance(settings, list):
        return option
    name, missing = option.get("OptionName"), object()
    kept = [
        {word: value for word, value in one.items() if word != "DefaultValue"}
        for one in settings
        if "Value" in one and own.get((name, one.get("Name")), missing) != one["Value"]
    ]
    rest = {word: value for word, value in option.items() if word != "OptionSettings"}
    return {**rest, "OptionSettings": kept} if kept else rest


def _parameter(value: Any) -> Any:
    return RDS_PARAMETER.canonical(value, Context("aws", "", None, ""))


def _always_on(one: Any) -> bool:
    return (
        isinstance(one, Mapping) and one.get("Key") == _CROSS_ZONE and str(one.get("Value")).lower() == "true"
    )


def _members(said: Attributes, name: str, each: Callable[[Any], Any]) -> Attributes:
    """With what ``each`` makes of the members of a list, without those of which it makes None."""
    members = said.get(name)
    if not isinstance(members, list):
        return said
    made = [each(one) if isinstance(one, Mapping) else one for one in members]
    return said if made == members else {**said, name: [one for one in made if one is not None]}


def _routes(said: Attributes, live: Attributes) -> Attributes:
    """Without the routes that AWS keeps itself: within the VPC, and to a gateway endpoint, where they are
    compared. A route to an instance is one to the instance's interface, by which the live one is told.

    Source: Route of the Amazon EC2 API.
    """
    there = [one for one in live.get("Routes") or () if isinstance(one, Mapping)]
    interfaces = {one.get("InstanceId"): one.get("NetworkInterfaceId") for one in there}

    def settle(route: Attributes) -> Attributes | None:
        to_endpoint = str(route.get("VpcEndpointId") or route.get("GatewayId")).startswith("vpce-")
        if route.get("GatewayId") == "local" or (to_endpoint and "DestinationPrefixListId" in route):
            return None
        interface = route.get("NetworkInterfaceId") or interfaces.get(route.get("InstanceId"))
        if "InstanceId" not in route or interface is None:
            return route
        kept = {name: value for name, value in route.items() if name != "InstanceId"}
        return {**kept, "NetworkInterfaceId": interface}

    return _members(said, "Routes", settle)


def _entries(said: Attributes, live: Attributes) -> Attributes:
    """Without the last entry, which nobody makes, and with ports and ICMP types only of the protocols that
    have them.

    Source: NetworkAclEntry and CreateNetworkAclEntry of the Amazon EC2 API.
    """

    def settle(entry: Attributes) -> Attributes | None:
        if str(entry.get("RuleNumber")) in LAST_ENTRIES:
            return None
        protocol = protocol_number(entry.get("Protocol"))
        has = {"PortRange": protocol in WITH_PORTS, "Icmp": protocol in WITH_TYPES}
        kept = {name: value for name, value in entry.items() if has.get(name, True)}
        return {**kept, "Protocol": protocol} if "Protocol" in kept else kept

    return _members(said, "Entries", settle)


def _service(said: Attributes, live: Attributes) -> Attributes:
    """A daemon's count follows its cluster; the role that ECS makes for itself is what it takes unasked.

    Source: Service and CreateService of the Amazon ECS API (``desiredCount``, ``role``).
    """
    dropped = set()
    if live.get("SchedulingStrategy") == "DAEMON":
        dropped.add("DesiredCount")
    if str(said.get("Role")).endswith("AWSServiceRoleForECS"):
        dropped.add("Role")
    return _without(said, dropped)


def _permissions(said: Attributes, live: Attributes) -> Attributes:
    """A permission of an account is one of its root.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html (``Principal``).
    """

    def settle(one: Attributes) -> Attributes:
        said = one.get("Principal")
        return {**one, "Principal": permission_principal(said)} if isinstance(said, str) else one

    return _members(said, "Permissions", settle)


def _topic(said: Attributes, live: Attributes) -> Attributes:
    """A topic's policy that is the one that every new topic has."""
    default = is_default_policy(said.get("PolicyDocument"), live.get("TopicArn"))
    return _without(said, {"PolicyDocument"} if default else set())


def _bucket(said: Attributes, live: Attributes) -> Attributes:
    """Owners of objects are their writers where a bucket says nothing; events go to EventBridge only where it
    says so.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html and
    EventBridgeConfiguration of ``AWS::S3::Bucket``.
    """
    writers = said.get("OwnershipControls") == {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    if writers and not live.get("OwnershipControls"):
        said = _without(said, {"OwnershipControls"})
    notification = said.get("NotificationConfiguration")
    bridge = notification.get("EventBridgeConfiguration") if isinstance(notification, Mapping) else None
    if not isinstance(notification, Mapping) or not isinstance(bridge, Mapping):
        return said
    on = str(bridge.get("EventBridgeEnabled", True)).lower() != "false"
    kept = {name: value for name, value in notification.items() if name != "EventBridgeConfiguration"}
    if on:
        kept["EventBridgeConfiguration"] = {"EventBridgeEnabled": True, **bridge}
    return {**said, "NotificationConfiguration": kept}


def _vpc(said: Attributes, live: Attributes) -> Attributes:
    """DHCP options that a VPC has by itself.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html.
    """
    default = said.get("DhcpOptionsId") == live.get("OwnDhcpOptionsId") is not None
    return _without(said, {"DhcpOptionsId"} if default else set())


def _devices(said: Attributes, live: Attributes) -> Attributes:
    """Volumes whose speed follows from their size have none of their own.

    Source: EbsBlockDevice of the Amazon EC2 API (``Iops``).
    """

    def settle(device: Attributes) -> Attributes:
        ebs = device.get("Ebs")
        if not isinstance(ebs, Mapping) or ebs.get("VolumeType", "gp2") in WITH_IOPS or "Iops" not in ebs:
            return device
        return {**device, "Ebs": _without(ebs, {"Iops"})}

    return _members(said, "BlockDeviceMappings", settle)


def _certificate(said: Attributes, live: Attributes) -> Attributes:
    """Names of a certificate without the first one, which it is issued for and always holds.

    Source: CertificateDetail of the AWS Certificate Manager API (``SubjectAlternativeNames``).
    """
    names, domain = said.get("SubjectAlternativeNames"), live.get("DomainName")
    if not isinstance(names, list) or not isinstance(domain, str):
        return said
    kept = [one for one in names if str(one).lower().rstrip(".") != domain.lower().rstrip(".")]
    if len(kept) == len(names):
        return said
    without = _without(said, {"SubjectAlternativeNames"})
    return {**without, "SubjectAlternativeNames": kept} if kept else without


def _stage(said: Attributes, live: Attributes) -> Attributes:
    """A path of which settings are, however it is spelled."""

    def settle(one: Attributes) -> Attributes:
        path = one.get("ResourcePath")
        return {**one, "ResourcePath": settings_path(path)} if isinstance(path, str) else one

    return _members(said, "MethodSettings", settle)


def _firewall(said: Attributes, live: Attributes) -> Attributes:
    """Texts that rules look for, however they are spelled."""
    rules = said.get("Rules")
    found = searched(rules)
    return said if found == rules else {**said, "Rules": found}


def _without(said: Attributes, names: set[str]) -> Attributes:
    kept = {name: value for name, value in said.items() if name not in names}
    return said if len(kept) == len(said) else kept


def _user_pool(said: Attributes, live: Attributes) -> Attributes:
    """Without what each user has and need not have, and ``sub``, which each must have: whoever names them."""

    def settle(attribute: Attributes) -> Attributes | None:
        needed = str(attribute.get("Required", False)).lower() == "true" and attribute.get("Name") != "sub"
        return attribute if needed or attribute.get("Name") not in STANDARD else None

    return _members(said, "Schema", settle)


def _tunnels(said: Attributes, live: Attributes) -> Attributes:
    """The two tunnels in the order of the live ones, which neither a template nor a state tells: as the most
    of what is said agrees. One that is not said has nothing but defaults."""
    own, there = said.get(TUNNELS, []), live.get(TUNNELS)
    if (
        said is live
        or "CustomerGatewayId" not in said
        or not isinstance(own, list)
        or not isinstance(there, list)
    ):
        return said
    padded = [*own, *({} for _ in range(len(there) - len(own)))]
    orders = permutations(padded) if len(padded) <= _TUNNELS else [padded]
    best = max(orders, key=lambda order: sum(map(_agreement, order, there)))
    return {**said, TUNNELS: list(best)}


def _agreement(one: Any, other: Any) -> int:
    """How many members of two tunnels are the same; networks and keys are no other tunnel's."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return 0
    same = [name for name, value in one.items() if value == other.get(name)]
    return sum(10 if name in OWN else 1 for name in same)


_SETTLE: dict[str, Callable[[Attributes, Attributes], Attributes]] = {
    "AWS::ApiGateway::Stage": _stage,
    "AWS::CertificateManager::Certificate": _certificate,
    "AWS::Cognito::UserPool": _user_pool,
    "AWS::DLM::LifecyclePolicy": _snapshot_policy,
    "AWS::EC2::Instance": _devices,
    "AWS::EC2::NetworkAcl": _entries,
    "AWS::EC2::RouteTable": _routes,
    "AWS::EC2::VPC": _vpc,
    "AWS::EC2::VPNConnection": _tunnels,
    "AWS::ECS::Service": _service,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _balancer,
    "AWS::ElasticLoadBalancingV2::TargetGroup": _targets,
    "AWS::Lambda::Function": _permissions,
    "AWS::RDS::DBClusterParameterGroup": _parameters,
    "AWS::RDS::DBParameterGroup": _parameters,
    "AWS::RDS::OptionGroup": _options,
    "AWS::S3::Bucket": _bucket,
    "AWS::SNS::Topic": _topic,
    "AWS::SSM::Association": _association,
    "AWS::WAFv2::RuleGroup": _firewall,
    "AWS::WAFv2::WebACL": _firewall,
}
