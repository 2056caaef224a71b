"""What data sources of Terraform's Google provider answer without asking Google Cloud, and where a block of
the provider has things made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift.dialect import Configured, Question
from drift.model import Unresolved
from drift.terraform_schemas import Answers

_ANSWERS = Answers(Path(__file__).with_name("terraform_data.yaml"))
#: An entry's scope and region may be another cloud's, where its configuration speaks of several, or a folder.
_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_REGION = re.compile(r"[a-z]+-[a-z]+\d+")
#: What says who logs in.
_LOGIN = ("access_token", "credentials", "impersonate_service_account")


def configured(settings: Mapping[str, Any]) -> Configured:
    login = {name: settings[name] for name in _LOGIN if name in settings}
    return Configured(settings.get("project"), settings.get("region"), login)


def answer(question: Question) -> Mapping[str, Any]:
    """By ``terraform_data.yaml``."""
    words = {
        "project": _of(_PROJECT, question.scope),
        "region": _of(_REGION, question.region),
        "zone": question.provider.get("zone"),
    }
    return _ANSWERS.of(question.type, question.arguments, words.get)


def _of(form: re.Pattern[str], value: str | Unresolved) -> str | Unresolved | None:
    return value if isinstance(value, Unresolved) or form.fullmatch(value) else None
