"""What data sources of Terraform's Google provider answer without asking Google Cloud, and where a block of
the provider has things made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift.dialect import Configured, Question
from drift.terraform_schemas import Answers

_ANSWERS = Answers(Path(__file__).with_name("terraform_data.yaml"))
#: What says who logs in.
_LOGIN = ("access_token", "credentials", "impersonate_service_account")


def configured(settings: Mapping[str, Any]) -> Configured:
    login = {name: settings[name] for name in _LOGIN if name in settings}
    return Configured(settings.get("project"), settings.get("region"), login)


def answer(question: Question) -> Mapping[str, Any]:
    """By ``terraform_data.yaml``. An entry may be of a folder or an organization, which is no project."""
    scope = question.scope
    words = {
        "project": None if isinstance(scope, str) and "/" in scope else scope,
        "region": question.region,
        "zone": question.provider.get("zone"),
    }
    return _ANSWERS.of(question.type, question.arguments, words.get)
