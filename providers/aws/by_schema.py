"""The facts of the types that have none of their own: what their CloudFormation schema says, in the words of
a type's facts.

They are read through Cloud Control, which answers in the shape of the schema: each property is its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from drift.redaction import NAMED_VALUES
from drift.safe_yaml import data
from providers.aws.filled import NOTHING
from providers.aws.resource_types import ResourceType, resource_type, resource_types

#: Services whose resources belong to an account and to no region. Sources: botocore's ``endpoints.json``
#: (``isRegionalized: false``) and
#: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html.
GLOBAL = frozenset(
    "Account Billing BillingConductor BCMDataExports Budgets CE CUR Chatbot CloudFront GlobalAccelerator IAM "
    "Invoicing NetworkManager NotificationsContacts Organizations Route53 Route53RecoveryControl "
    "Route53RecoveryReadiness SavingsPlans Shield WAF".split()
)
#: What is read as what is known of other resources.
_ELSEWHERE = frozenset({"AWS::CloudFormation::Stack"})
#: Services of which each resource decides who gets at what.
_ACCESS = frozenset("IAM SSO RolesAnywhere VerifiedPermissions RAM LakeFormation".split())
#: Primary identifiers that name nothing but where a resource is, so that there is one of it: a setting.
_ITS_PLACE = frozenset({"AccountId", "AwsAccountId", "RegistryId", "CatalogId"})
#: Types of which such an identifier names the thing itself.
_HELD = frozenset({"AWS::Organizations::Account", "AWS::Detective::OrganizationAdmin"})
#: Types that are a secret themselves, in their ``Value``: keys of APIs and streams, tokens of access.
_IS_SECRET = re.compile(r"(?:Key|Token|Secret|Password)$")
#: Names of texts that mostly are JSON, though a pattern says which letters they have; the kind leaves
#: others as they are.
_DOCUMENT = re.compile(r"(?:Policy|Document|Body|DefinitionString|Definition|JSON)$")
#: Names of secrets, which services take and mostly leave out of their answers, whatever their schemas say.
_NEVER_TOLD = re.compile(r"(?:Password|Secret|Passphrase|PrivateKey|AccessToken|RefreshToken)$")
#: Members that take whatever a program needs, under names that people or the program chose: passwords, too.
_FREE = re.compile(
    r"(?<!Response)(?:Parameters|ParameterValues|Arguments|Options|Overrides|Headers|Variables|ProviderDetails)$"
)
#: Such ones where the schema says that their members are texts with names.
_NAMED_TEXTS = re.compile(r"(?:Args|Settings|Properties|Environment|EnvVars|Config|Configuration)$")
#: Of these not, which are the settings of an engine and documents of how something looks.
_NO_SECRETS = re.compile(r"ParameterGroup$|::ManagedLoginBranding$|^AWS::QuickSight::")
#: Services to whose streams whoever knows their names may send (RTMP).
_STREAMS = re.compile(r"^AWS::(?:Media|IVS)")
#: Objects whose members have names of people's own and hold secrets.
_HOLDS_SECRETS = re.compile(r"Credentials(?:Map)?/\*$")


@cache
def words(type_: str) -> dict[str, Any] | None:
    """What is said of a type, in the vocabulary of ``types/*.yaml`` (``docs/aws-type-facts.md``), without the
    calls that would read it; None where no handler can read it."""
    known = None if type_ in _ELSEWHERE else resource_type(type_)
    if known is None or not known.readable:
        return None
    service = type_.split("::")[1]
    name = called(known)
    facts: dict[str, dict[str, Any]] = {path: {"kind": kind} for path, kind in known.kinds.items()}
    for path, value in known.documented.items():
        facts.setdefault(path, {})["documented"] = value
    for path, value in left_out(known):
        facts.setdefault(path, {})["left_out"] = value
    for path in secrets(known):
        facts.setdefault(path, {})["secret"] = True
    for path in variables(known):
        facts.setdefault(path, {})["variables"] = True
    for path, marks in known.paths.items():
        if marks[:1] == "s" and _DOCUMENT.search(path):
            kind = "iam-policy" if path.endswith(("Policy", "PolicyDocument")) else "json"
            facts.setdefault(path, {}).setdefault("kind", kind)
        if marks[:1] == "s" and _NEVER_TOLD.search(path):
            facts.setdefault(path, {})["write_only"] = True
    said: dict[str, Any] = {
        "title": title(type_),
        "service": service.lower(),
        "id": identity(known),
        "natural_key": bool(name) and known.identifier == (name,),
        "properties": dict.fromkeys(path for path in known.paths if "/" not in path),
        "facts": facts,
        "recurs": {path: list(below) for path, below in known.recurs.items()},
        "defaults": dict(known.defaults),
        "assigned": [*known.identifier],
    }
    if name:
        said["name"] = name
        if name not in known.identifier and "c" in known.paths[name][1:]:
            said["assigned"].append(name)  # CloudFormation makes one up, and nothing can change it
    if service in GLOBAL:
        said["global"] = True
    if known.identifier[0] in _ITS_PLACE and len(known.identifier) == 1 and type_ not in _HELD:
        said["single"] = True
    if service in _ACCESS or type_ in giving_access():
        said["access"] = True
    return said


@cache
def giving_access() -> frozenset[str]:
    """The types that are read though nobody declares one: each gives access (``cloud_control.yaml``)."""
    return frozenset(data(Path(__file__).with_name("cloud_control.yaml"))["access"])


def types() -> Iterator[str]:
    """The types of which something is said, in order."""
    return (type_ for type_ in resource_types(readable=True) if type_ not in _ELSEWHERE)


def secrets(known: ResourceType) -> Iterator[str]:
    """The properties that hold a secret though their names do not say so; those that say it are known to
    redaction."""
    itself = _IS_SECRET.search(known.type) is not None
    for path, marks in known.paths.items():
        stream = path.rpartition("/")[2] == "StreamName" and _STREAMS.search(known.type)
        if marks[:1] == "s" and (_HOLDS_SECRETS.search(path) or stream or (itself and path == "Value")):
            yield path


def variables(known: ResourceType) -> Iterator[str]:
    """The properties in which people hand a program what it needs, under names of their own: maps, documents
    and lists of named values."""
    if _NO_SECRETS.search(known.type):
        return
    letters = {path: marks[0] for path, marks in known.paths.items()}
    objects = {path.rpartition("/")[0] for path in letters}
    for path, marks in known.paths.items():
        free, named = _FREE.search(path), _NAMED_TEXTS.search(path)
        if "r" in marks[1:] or not (free or named):
            continue
        member = f"{path}/*"
        texts = letters.get(member) == "s" or (
            letters.get(member) == "a" and letters.get(f"{member}/*") == "s"
        )
        if marks[0] in "ox":
            if texts or (free and path not in objects):
                yield path
        elif marks[0] == "a" and any(
            name in letters and letters.get(value) == "s"
            for name, value in ((f"{member}/{name}", f"{member}/{value}") for name, value in NAMED_VALUES)
        ):
            yield path


def left_out(known: ResourceType) -> Iterator[tuple[str, list[Any]]]:
    """What an answer leaves out though it is set, by path: the default that a description names; where no
    default is known, zero, and a word that says that there is nothing. Sources: answers of many services,
    which drop members that say nothing, and
    https://github.com/hashicorp/terraform-provider-awscc/issues/3310."""
    for path, marks in known.paths.items():
        if path in known.documented:
            yield path, [known.documented[path]]
        elif path not in known.defaults and not path.endswith("/*"):
            if marks[0] in "in":
                yield path, [0]
            elif known.kinds.get(path) in ("word", "capitals"):
                yield path, sorted(NOTHING)


def identity(known: ResourceType) -> str:
    """The expression for a resource's id: its primary identifier, as Cloud Control and ``Ref`` have it."""
    parts = [part.replace("/", ".") for part in known.identifier]
    return parts[0] if len(parts) == 1 else f"join('|', [{', '.join(parts)}])"


def called(known: ResourceType) -> str | None:
    """The property that people call one by: ``ChannelName`` of a ``Channel``, else ``Name``."""
    last = known.type.rpartition("::")[2]
    return next((name for name in (f"{last}Name", "Name") if known.paths.get(name, "")[:1] == "s"), None)


def title(type_: str) -> str:
    """A readable word for people.

    >>> title("AWS::MediaLive::InputSecurityGroup")
    'MediaLive input security group'
    """
    _, service, last = type_.split("::", 2)
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", last)
    return f"{service} {' '.join(word if word.isupper() else word.lower() for word in split.split())}"
