"""Settings of which an account has one, changed by AWS's own calls: public buckets, Security Hub."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from drift.config.model import parse
from drift.scan import Run
from providers.aws.loopback import ACCOUNT, environment
from tests import forked_aws
from tests.conftest import client
from tests.declared.terraform.test_state import instance, managed, state
from tests.providers.aws.answering import here

pytest.importorskip("moto.server", reason="moto is not installed")
REGION = "us-east-1"
HUB, BLOCK = "AWS::SecurityHub::Hub", "AWS::S3::AccountPublicAccessBlock"
ALL = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
)
HUB_ARN = f"arn:aws:securityhub:{REGION}:{ACCOUNT}:hub/default"


class Account:
    """A loopback AWS, and what a run says of a state that declares both settings of it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        block = {"id": ACCOUNT, "account_id": ACCOUNT, "block_public_acls": True, "block_public_policy": True}
        block |= {"ignore_public_acls": True, "restrict_public_buckets": True}
        hub = {"id": ACCOUNT, "arn": HUB_ARN, "auto_enable_controls": True}
        document = state(
            managed("aws_s3_account_public_access_block", "b", instance(block)),
            managed(
                "aws_securityhub_account",
                "h",
                instance({**hub, "control_finding_generator": "SECURITY_CONTROL"}),
            ),
        )
        (folder / "s.tfstate").write_text(json.dumps(document))

    def block(self, **said: bool) -> None:
        aws = client(self.url, "s3control")
        aws.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration={**ALL, **said})

    def report(self) -> dict[str, Any]:
        text = (
            f"version: 1\ndeclared: [{{path: s.tfstate, scope: '{ACCOUNT}', region: {REGION}}}]\n"
            f"live: {{aws: {{regions: [{REGION}], include: ['{HUB}', '{BLOCK}']}}}}\n"
        )
        return Run(parse(text, "drift.yaml", self.folder, None, {})).scan().report


def told(report: dict[str, Any]) -> dict[tuple[str, str], tuple[str, list[str]]]:
    return {
        (one["type"], one["kind"]): (one["severity"], [change["path"] for change in one["changes"]])
        for one in report["findings"]
    }


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with forked_aws.moto() as url:
        before = dict(os.environ)
        os.environ.update(environment(url))
        try:
            with mock.patch("socket.getaddrinfo", here):
                yield Account(url, tmp_path_factory.mktemp("account"))
        finally:
            os.environ.clear()
            os.environ.update(before)


def test_they_are_read_as_they_are_set(account: Account) -> None:
    """One after the other, since there is one of each."""
    hub = client(account.url, "securityhub")
    account.block()
    hub.enable_security_hub()
    report = account.report()
    rows = {row["type"]: row for row in report["coverage"] if row["type"] in (HUB, BLOCK)}
    assert (rows[BLOCK]["status"], rows[BLOCK]["resources"], rows[HUB]["resources"]) == ("checked", 1, 1)
    assert rows[HUB]["status"] == "checked" or "ListTagsForResource" in rows[HUB]["message"]  # moto has none
    assert told(report) == {}
    account.block(BlockPublicPolicy=False)
    hub.disable_security_hub()
    assert told(account.report()) == {
        (BLOCK, "changed"): ("critical", ["/BlockPublicPolicy"]),
        (HUB, "missing"): ("high", []),
    }
    client(account.url, "s3control").delete_public_access_block(AccountId=ACCOUNT)
    paths = [f"/{name}" for name in sorted(ALL)]
    assert told(account.report())[BLOCK, "changed"] == ("critical", paths)
