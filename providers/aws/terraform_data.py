"""What data sources of Terraform's AWS provider answer without asking AWS, and where a block of the provider
has things made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift.dialect import Configured, Question
from drift.model import Unresolved
from drift.terraform_schemas import Answers
from providers.aws import policy_document
from providers.aws.partitions import partition_of

_ANSWERS = Answers(Path(__file__).with_name("terraform_data.yaml"))
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/.+", re.S)
#: An entry's scope and region may be another cloud's, where its configuration speaks of several.
_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]+(-[a-z]+)+-\d+")
#: What says who logs in.
_LOGIN = (
    "access_key",
    "assume_role",
    "assume_role_with_web_identity",
    "profile",
    "secret_key",
    "shared_config_files",
    "shared_credentials_files",
    "token",
)
#: Partitions in which all principals of services end alike.
#: Source: ``names.ServicePrincipalNameForPartition`` of https://github.com/hashicorp/terraform-provider-aws
_PRINCIPALS = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com"}


def configured(settings: Mapping[str, Any]) -> Configured:
    """The account is told by the role that is assumed, else by the one that is allowed."""
    login = {name: settings[name] for name in _LOGIN if name in settings}
    return Configured(_account(settings), settings.get("region"), login)


def _account(settings: Mapping[str, Any]) -> str | Unresolved | None:
    for name in ("assume_role", "assume_role_with_web_identity"):
        blocks = settings.get(name)
        if isinstance(blocks, Unresolved):
            return blocks
        if blocks:
            last = blocks[-1] if isinstance(blocks, list) else blocks
            role = last.get("role_arn")
            found = _ROLE.fullmatch(role) if isinstance(role, str) else None
            if found:
                return found[1]
            return role if isinstance(role, Unresolved) else Unresolved(f"the account of the {name}")
    allowed = settings.get("allowed_account_ids")
    if isinstance(allowed, list) and len(allowed) == 1 and isinstance(allowed[0], str):
        return allowed[0]
    return None


def answer(question: Question) -> Mapping[str, Any]:
    """By ``terraform_data.yaml``. A question with a region of its own is asked there."""
    said = question.arguments
    if question.type == "aws_region" and "endpoint" in said:
        return {}
    own = said.get("region") or (said.get("name") if question.type == "aws_region" else None)
    region = _of(_REGION, own or question.region)
    account = _of(_ACCOUNT, question.scope)
    partition = region if isinstance(region, Unresolved) else partition_of(region)

    policy = policy_document.answer(said) if question.type == "aws_iam_policy_document" else {}

    def word(name: str) -> Any:
        match name.partition(":"):
            case ("account", _, _):
                return account
            case ("region", _, _):
                return region
            case ("default_tags", _, _):
                return _default_tags(question.provider)
            case ("policy", _, part):
                return policy.get(part)
            case ("arn", _, number):
                arn = said.get("arn")
                parts = arn.split(":", 5) if isinstance(arn, str) else []
                return arn if isinstance(arn, Unresolved) else parts[int(number)] if len(parts) == 6 else None
        if isinstance(partition, Unresolved):
            return partition
        match name:
            case "partition":
                return partition.name
            case "dns_suffix":
                return partition.suffix
            case "reverse_dns_prefix":
                return ".".join(reversed(partition.suffix.split(".")))
            case "principal_suffix":
                return _PRINCIPALS.get(partition.name)
        return None

    return _ANSWERS.of(question.type, said, word)


def _of(form: re.Pattern[str], value: str | Unresolved) -> str | Unresolved:
    if isinstance(value, Unresolved) or form.fullmatch(value):
        return value
    return Unresolved(f"{value} is no account or region of AWS")


def _default_tags(provider: Mapping[str, Any]) -> Any:
    blocks = provider.get("default_tags") or [{}]
    if isinstance(blocks, Unresolved):
        return blocks
    tags = blocks[0].get("tags") or {}
    if isinstance(tags, Unresolved):
        return tags
    return {name: one for name, one in tags.items() if one is not None}
