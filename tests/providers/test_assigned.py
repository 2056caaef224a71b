"""What a cloud chooses where nobody declares it is accepted whatever it is: nothing that gives access or
leads traffic may be said to be ``assigned``, it is ``listed``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import providers
from drift.pointer import split
from tests.reading import read_yaml

ROOT = Path(next(iter(providers.__path__)))
FILES = sorted(path for cloud in ROOT.iterdir() for path in (cloud / "types").glob("*.yaml"))
#: Words of names that tell who gets at something, or which way it goes.
_ACCESS = re.compile(
    r"securitygroup|groupset|role|principal|grant|secrets$|thumbprint|identit|serviceaccount(?!scopes)|authorized"
    r"|allowedip|allowvirtual|routetable|publicaccess|certificateidentifier|networkinterfaceid|httptokens|nodepool"
    r"|backendaddresses|claimref|volumename|subscri|member|accesspolicy",
    re.IGNORECASE,
)
#: What bears such a word and can't be chosen by anybody once it is made, or is said of it elsewhere, too.
_ELSEWHERE = {
    # a label
    "AWS::Cognito::IdentityPool": {"IdentityPoolName"},
    # the interface of an instance: which one it is; another one is told as an interface
    "AWS::EC2::Instance": {"NetworkInterfaces/*/NetworkInterfaceId"},
    "AWS::IAM::Role": {"RoleName"},
    "AWS::RDS::EventSubscription": {"SubscriptionName"},
    # the gateway's own setting, which is compared there
    "AWS::EC2::TransitGatewayVpcAttachment": {"Options/SecurityGroupReferencingSupport"},
    # follows from the role, which is listed
    "AWS::LakeFormation::Resource": {"UseServiceLinkedRole"},
    # follows from the principal
    "Microsoft.Authorization/roleAssignments": {"properties/principalType"},
    # each pool is an asset of its own, and the mirror of masterAuthorizedNetworksConfig
    "container.googleapis.com/Cluster": {
        "nodePools",
        "controlPlaneEndpointsConfig/ipEndpointsConfig/authorizedNetworksConfig",
    },
}


def assigned(file: Path) -> Iterator[tuple[str, str]]:
    """(type, path) of all that a file calls assigned."""
    content = read_yaml(file)
    for section, said in content.items():
        types = said.items() if section in ("kinds", "definitions", "schemas") else [(section, said)]
        for name, entry in types:
            if not isinstance(entry, dict):
                continue
            for path in entry.get("assigned", ()) if isinstance(entry.get("assigned"), list) else ():
                yield name, path
            facts: dict[str, Any] = {**entry, **entry.get("facts", {})}
            for path, words in facts.items():
                if isinstance(words, dict) and words.get("assigned") is True:
                    yield name, path


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}/{file.stem}")
def test_nothing_that_gives_access_is_accepted_whatever_it_is(file: Path) -> None:
    found = {
        (name, path)
        for name, path in assigned(file)
        if _ACCESS.search(split(path)[-1]) and path not in _ELSEWHERE.get(name, ())
    }
    assert found == set()


def test_there_is_something_to_look_at() -> None:
    assert sum(1 for file in FILES for _ in assigned(file)) > 150
