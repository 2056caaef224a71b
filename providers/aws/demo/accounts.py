"""The demo's two accounts and how one gets into them on a loopback AWS."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from providers.aws.loopback import ACCOUNT

#: The account of the shop, the loopback's own.
SHOP = ACCOUNT
#: The account of the reports; entered by assuming a role in it.
DATA = "210987654321"
READER = "drift-reader"
IRELAND = "eu-west-1"
VIRGINIA = "us-east-1"
REGIONS = (IRELAND, VIRGINIA)
_CONFIG = Config(proxies={}, max_pool_connections=16, s3={"addressing_style": "path"})


def credentials(endpoint: str, account: str) -> dict[str, str]:
    """The environment variables of an account's credentials; empty for the loopback's own account."""
    if account == SHOP:
        return {}
    client = _session({}).client("sts", endpoint_url=endpoint, region_name=VIRGINIA, config=_CONFIG)
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    given = client.assume_role(RoleArn=role, RoleSessionName="demo")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def _session(given: dict[str, str]) -> Any:
    """A session that knows nothing of the user's own configuration, so that no real account is ever
    touched."""
    nothing: dict[str, Any] = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    core = botocore.session.Session(session_vars=nothing)
    core.set_credentials(
        given.get("AWS_ACCESS_KEY_ID", "AKIALOOPBACKLOOPBACK"),
        given.get("AWS_SECRET_ACCESS_KEY", "loopback"),
        given.get("AWS_SESSION_TOKEN"),
    )
    return boto3.Session(botocore_session=core)


@dataclass
class Clients:
    """Makes SDK clients for (account, service, region), each once."""

    endpoint: str
    _sessions: dict[str, Any] = field(default_factory=dict)
    _made: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, service: str, region: str = IRELAND, account: str = SHOP) -> Any:
        with self._lock:
            key = (account, service, region)
            if key not in self._made:
                self._made[key] = self._session(account).client(
                    service, region_name=region, endpoint_url=self.endpoint, config=_CONFIG
                )
            return self._made[key]

    def _session(self, account: str) -> Any:
        if account not in self._sessions:
            self._sessions[account] = _session(credentials(self.endpoint, account))
        return self._sessions[account]


def index(clients: Clients) -> None:
    """Turns Resource Explorer on in both accounts, with the aggregator index in Ireland."""
    for account in (SHOP, DATA):
        for region in REGIONS:
            made = clients.get("resource-explorer-2", region, account).create_index()
            if region == IRELAND:
                here = clients.get("resource-explorer-2", region, account)
                here.update_index_type(Arn=made["Arn"], Type="AGGREGATOR")
                view = here.create_view(ViewName="all-resources")["View"]
                here.associate_default_view(ViewArn=view["ViewArn"])
