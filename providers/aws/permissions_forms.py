"""The least privilege in the forms in which people make it: policies to paste, Terraform, a StackSet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import yaml

from drift.provider import Grant

#: Characters of a managed policy, white space left out; and how many of them a role has, unless AWS is asked
#: for more. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
LONGEST, MOST = 6144, 10
#: Bytes of a template that is sent along; a larger one lies in S3.
#: Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html.
SENT = 51_200
#: The role that AWS makes in the accounts that an organisation makes: it may do everything, and is there.
_MADE_BY_AWS = "OrganizationAccountAccessRole"
NAME = "drift-read"

Statement = Mapping[str, Any]
#: What stands for an external id that drift.yaml does not say itself.
KEPT = "the-external-id-that-is-kept-elsewhere"


@dataclass(frozen=True, slots=True)
class Reader:
    """A role that is assumed, a name or an ARN, and what it asks for; ``account`` is ``*`` where it is in
    many, ``partition`` where it lies, ``profile`` who enters it instead of the caller."""

    role: str
    external_id: str | None = None
    account: str = "*"
    partition: str = "aws"
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class Needs:
    """What is to be allowed: ``own`` to who runs drift alone, ``reading`` in each account, a policy each of
    these statements; ``roles`` are those that are assumed, ``notes`` what to know in every form."""

    own: tuple[Statement, ...]
    reading: tuple[Statement, ...]
    roles: Sequence[Reader] = ()
    notes: tuple[str, ...] = ()


def policy(needs: Needs, entered: bool) -> Grant:
    """Policies of IAM, a JSON document each. ``entered``: accounts are read by roles in them."""
    notes = []
    own, reading = list(needs.own), needs.reading
    if entered:
        documents = [*([own] if own else []), *([one] for one in reading)]
        notes.append(
            "the first policy is for who runs drift, what follows for the role in each account (and for who "
            "runs drift, where an account has no role)"
        )
    elif len(reading) > 1 or own:
        documents = [[*own, reading[0]], *([one] for one in reading[1:])]
    else:
        documents = [[one] for one in reading]
    if len(documents) > 1:
        notes.append(f"{len(documents)} policies, a document each: one may have {LONGEST:,} characters")
    text = "\n".join(
        orjson.dumps(_document(one), option=orjson.OPT_INDENT_2).decode() + "\n" for one in documents
    )
    return Grant(text, (*notes, *needs.notes))


# Terraform

_HEAD = """\
# What drift needs to read an account, and nothing else: a role, its policies, and who may enter it.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "trusted" {
  description = "ARNs of the roles or users that may enter the role: who runs drift."
  type        = list(string)
}

variable "external_id" {
  description = "What they have to say when they enter it; null asks for nothing."
  type        = string
  default     = %(external_id)s
}

variable "name" {
  description = "The name of the role, with which those of its policies begin."
  type        = string
  default     = %(name)s
}

variable "path" {
  description = "The path of the role."
  type        = string
  default     = %(path)s
}
"""
_OWN = """
variable "runs_drift" {
  description = "Whether drift runs as this role: then it enters the others and reads declared files, too."
  type        = bool
  default     = true
}
"""
_ROLE = """
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = var.trusted
    }

    dynamic "condition" {
      for_each = var.external_id == null ? [] : [var.external_id]

      content {
        test     = "StringEquals"
        variable = "sts:ExternalId"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_role" "drift" {
  name               = var.name
  path               = var.path
  description        = "Lets drift read"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
"""
_POLICY = """
resource "aws_iam_policy" "%(name)s" {%(count)s
  name        = "${var.name}-%(suffix)s"
  description = "Lets drift read"
  policy      = data.aws_iam_policy_document.%(name)s.json
}

resource "aws_iam_role_policy_attachment" "%(name)s" {%(count)s
  role       = aws_iam_role.drift.name
  policy_arn = aws_iam_policy.%(name)s%(index)s.arn
}
"""
_OUTPUT = """
output "role_arn" {
  description = "The role, as live.aws.accounts[].role has it."
  value       = aws_iam_role.drift.arn
}
"""


def terraform(needs: Needs) -> Grant:
    """A file of Terraform: one role with all policies, for the account that it is applied in."""
    name, path = _name(needs)
    said = {"external_id": _external_id(needs) or None, "name": name, "path": path}
    parts = [_HEAD % {key: _hcl(value) for key, value in said.items()}]
    if needs.own:
        parts.append(_OWN)
    parts.append(_ROLE)
    for number, statement in enumerate(needs.reading, 1):
        parts.append(_hcl_policy(f"read_{number}", [statement]))
    if needs.own:
        parts.append(_hcl_policy("own", needs.own, only="runs_drift"))
    parts.append(_OUTPUT)
    notes = [
        "apply it in the account of who runs drift, by -var 'trusted=[\"ARN\"]'; for a pod, or a job of a "
        "pipeline, trust its identity provider instead (sts:AssumeRoleWithWebIdentity)"
    ]
    if needs.roles:
        notes.append("in each other account with -var runs_drift=false, or there by --format stackset")
    return Grant("".join(parts), (*notes, *_quota(needs, len(needs.own) > 0), *needs.notes))


def _hcl_policy(name: str, statements: Sequence[Statement], only: str | None = None) -> str:
    blocks = "\n\n".join(map(_hcl_statement, statements))
    said = {
        "name": name,
        "suffix": name.replace("_", "-"),
        "count": f"\n  count = var.{only} ? 1 : 0\n" if only else "",
        "index": "[0]" if only else "",
    }
    return f'\ndata "aws_iam_policy_document" "{name}" {{\n{blocks}\n}}\n' + _POLICY % said


def _hcl_statement(statement: Statement) -> str:
    return "\n".join(
        [
            "  statement {",
            f"    sid = {_hcl(statement['Sid'])}",
            "",
            f"    actions = {_hcl_list(statement['Action'])}",
            "",
            f"    resources = {_hcl_list(statement['Resource'])}",
            "  }",
        ]
    )


def _hcl_list(values: str | Sequence[str]) -> str:
    listed = [values] if isinstance(values, str) else list(values)
    if len(listed) == 1:
        return f"[{_hcl(listed[0])}]"
    return "[\n" + "".join(f"      {_hcl(one)},\n" for one in listed) + "    ]"


def _hcl(value: str | None) -> str:
    """A literal of HCL, in which `${` and `%{` begin an expression."""
    return "null" if value is None else json.dumps(value).replace("${", "$${").replace("%{", "%%{")


# StackSets


def stackset(needs: Needs) -> Grant:
    """A template of CloudFormation: one role with the policies that read, for all accounts."""
    name, path = _name(needs)
    policies = {
        f"Read{number}": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"Description": "Lets drift read", "PolicyDocument": _document([statement])},
        }
        for number, statement in enumerate(needs.reading, 1)
    }
    document = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "What drift needs to read an account, and nothing else.",
        "Parameters": {
            "Trusted": _parameter("ARN of the role or user that runs drift.", AllowedPattern="arn:.+"),
            "RoleName": _parameter("The name of the role.", Default=name),
            "Path": _parameter("The path of the role.", Default=path),
            "ExternalId": _parameter(
                "What is to be said when the role is entered; empty asks for nothing.",
                Default=_external_id(needs),
            ),
        },
        "Conditions": {"Asked": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ExternalId"}, ""]}]}},
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": {"Ref": "RoleName"},
                    "Path": {"Ref": "Path"},
                    "Description": "Lets drift read",
                    "AssumeRolePolicyDocument": _document([_TRUST]),
                    "ManagedPolicyArns": [{"Ref": one} for one in policies],
                },
            },
            **policies,
        },
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }
    text = yaml.dump(document, Dumper=_Plain, sort_keys=False, width=120)
    return Grant(text, (*_deployment(needs, text), *_quota(needs, own=False), *needs.notes))


_TRUST = {
    "Effect": "Allow",
    "Principal": {"AWS": {"Ref": "Trusted"}},
    "Action": "sts:AssumeRole",
    "Condition": {
        "Fn::If": [
            "Asked",
            {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}},
            {"Ref": "AWS::NoValue"},
        ]
    },
}


class _Plain(yaml.SafeDumper):
    """Says again what stands twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _parameter(description: str, **more: str) -> dict[str, str]:
    return {"Type": "String", "Description": description, **more}


def _deployment(needs: Needs, text: str) -> list[str]:
    size = len(text.encode())
    body = "--template-body file://FILE"
    notes = []
    if size > SENT:
        body = "--template-url URL"
        notes.append(
            f"the template has {size:,} bytes: above {SENT:,} it is put into S3 and named by its URL"
        )
    notes += [
        f"aws cloudformation create-stack-set --stack-set-name {NAME} {body} --permission-model "
        "SERVICE_MANAGED --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false --capabilities "
        "CAPABILITY_NAMED_IAM --parameters ParameterKey=Trusted,ParameterValue=ARN",
        "aws cloudformation create-stack-instances with OrganizationalUnitIds and one region: a role is in "
        "every one",
        "a StackSet leaves out the management account: deploy the template there as a stack, or exclude the "
        "account",
    ]
    if needs.own:
        notes.append("what only who runs drift needs stands in the first policy of --format policy")
    if any(one.role == _MADE_BY_AWS for one in needs.roles):
        notes.append(f"{_MADE_BY_AWS}, which may do everything, is what is read by now: set role: {NAME}")
    names = sorted({one.role for one in needs.roles} - {_MADE_BY_AWS})
    ids = {one.external_id for one in needs.roles}
    if len(names) > 1 or len(ids) > 1:
        notes.append(
            f"the roles differ in the accounts ({', '.join(names)}): make a StackSet of each, by RoleName, "
            "Path and ExternalId"
        )
    return notes


# What they share


def _document(statements: Sequence[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def _name(needs: Needs) -> tuple[str, str]:
    """The name of the role and its path, as the configuration says."""
    reader = _reader(needs)
    said = NAME if reader is None or reader.role == _MADE_BY_AWS else reader.role
    path, _, name = said.rpartition(":role/")[2].rpartition("/")
    return name, f"/{path}/" if path else "/"


def _external_id(needs: Needs) -> str:
    """What the role of that name asks for."""
    reader = _reader(needs)
    return (reader and reader.external_id) or ""


def _reader(needs: Needs) -> Reader | None:
    """The role that a form is made for: that of most accounts, and one that somebody has to make."""
    made = [one for one in needs.roles if one.role != _MADE_BY_AWS] or needs.roles
    return next((one for one in made if one.account == "*"), made[0] if made else None)


def _quota(needs: Needs, own: bool) -> list[str]:
    count = len(needs.reading) + own
    if count <= MOST:
        return []
    return [f"a role may have {MOST} managed policies, these are {count}: ask AWS for more (Service Quotas)"]
