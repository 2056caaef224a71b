"""What a provider sets arguments to that nobody sets, where that differs by its major version: as the lock
file or ``required_providers`` tells, and else nobody knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drift.declared.terraform.configuration.provider_versions import chosen, majors
from drift.model import Unresolved
from tests.declared.terraform.test_intent import record, scan, told
from tests.declared.terraform.test_state import instance, managed, state

CLUSTER = 'resource "aws_redshift_cluster" "c" {\n  cluster_identifier = "c"\n  node_type = "ra3.large"\n}\n'
LOCK = 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "%s"\n  hashes = ["h1:x"]\n}\n'
ASKED = (
    'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws", version = "%s" }\n  }\n}\n'
)
TYPE, PATH = "AWS::Redshift::Cluster", "/PubliclyAccessible"


def report(folder: Path, files: dict[str, str], live: bool) -> Any:
    stored = {"id": "c", "cluster_identifier": "c", "node_type": "ra3.large", "publicly_accessible": True}
    content = state(managed("aws_redshift_cluster", "c", instance(stored)))
    there = {"ClusterIdentifier": "c", "NodeType": "ra3.large", "PubliclyAccessible": live}
    return scan(folder, {"main.tf": CLUSTER, **files}, content, [record(TYPE, "c", there)])


@pytest.mark.parametrize(
    ("files", "open_", "closed"),
    [
        ({".terraform.lock.hcl": LOCK % "5.31.0"}, [], [PATH]),
        ({".terraform.lock.hcl": LOCK % "6.2.0"}, [PATH], []),
        ({".terraform.lock.hcl": LOCK % "6.2.0", "v.tf": ASKED % "~> 5.0"}, [PATH], []),
        ({"v.tf": ASKED % "~> 5.31"}, [], [PATH]),
        ({"v.tf": ASKED % ">= 6.0"}, [PATH], []),
    ],
)
def test_the_version_that_git_tells_decides(
    tmp_path: Path, files: dict[str, str], open_: list[str], closed: list[str]
) -> None:
    assert [path for _, _, path in told(report(tmp_path, files, True))] == open_
    assert [path for _, _, path in told(report(tmp_path, files, False))] == closed


@pytest.mark.parametrize("files", [{}, {"v.tf": ASKED % ">= 5.0"}, {".terraform.lock.hcl": "}{"}])
@pytest.mark.parametrize("live", [True, False])
def test_where_git_does_not_tell_it_is_unverifiable(
    tmp_path: Path, files: dict[str, str], live: bool
) -> None:
    found = report(tmp_path, files, live)
    assert told(found) == []
    (one,) = [one for one in found["unverifiable"] if one["path"] == PATH]
    assert "major version of the provider aws" in one["reason"]


class _Tree:
    """A root module that asks for a version, without a lock file."""

    def __init__(self, version: str, folder: Path) -> None:
        from drift.declared.terraform.configuration.folders import Folders
        from drift.declared.terraform.configuration.tree import Tree
        from drift.declared.terraform.configuration.variables import Variables

        (folder / "v.tf").write_text(ASKED % version)
        self.tree = Tree(Folders(folder, "f"), Variables())


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("5.1.0", (5, 5)),
        ("= 5.1", (5, 5)),
        ("~> 5.0", (5, 5)),
        ("~> 5.31.0", (5, 5)),
        ("~> 5", (5, None)),
        (">= 4.0, < 6.0", (4, 5)),
        (">= 5.0.0, <= 6", (5, 6)),
        ("> 4.9, != 5.1, < 6.1", (4, 6)),
        (">=5.0", (5, None)),
        ("nonsense", (0, None)),
    ],
)
def test_constraints(tmp_path: Path, said: str, expected: tuple[int, int | None]) -> None:
    assert majors(_Tree(said, tmp_path).tree, "aws") == expected


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        ((5, 5), "old"),
        ((6, 6), "new"),
        ((7, None), "new"),
        ((4, 5), "old"),
        ((5, 6), None),
        ((0, None), None),
    ],
)
def test_a_value_is_known_where_all_versions_agree(
    within: tuple[int, int | None], expected: str | None
) -> None:
    found = chosen({0: "old", 6: "new"}, within, "x", "aws")
    assert (None if isinstance(found, Unresolved) else found) == expected


@pytest.mark.parametrize(("live", "paths"), [(True, []), (False, ["/DomainEndpointOptions/EnforceHTTPS"])])
def test_what_the_provider_sets_in_a_block_is_declared(tmp_path: Path, live: bool, paths: list[str]) -> None:
    """OpenSearch's own default is that HTTPS is not enforced; the provider's is that it is."""
    said = 'resource "aws_opensearch_domain" "d" {\n  domain_name = "d"\n  domain_endpoint_options {\n'
    said += '    tls_security_policy = "Policy-Min-TLS-1-2-2019-07"\n  }\n}\n'
    endpoint = {"enforce_https": True, "tls_security_policy": "Policy-Min-TLS-1-2-2019-07"}
    stored = {"id": "x", "domain_name": "d", "domain_endpoint_options": [endpoint]}
    content = state(managed("aws_opensearch_domain", "d", instance(stored)))
    options = {"EnforceHTTPS": live, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"}
    there = {"DomainName": "d", "DomainEndpointOptions": options}
    found = scan(tmp_path, {"main.tf": said}, content, [record("AWS::OpenSearchService::Domain", "d", there)])
    assert [path for _, _, path in told(found)] == paths
