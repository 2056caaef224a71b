"""What data sources of Terraform's Azure providers answer without asking Azure, and where a block of such a
provider has things made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift.dialect import Configured, Question
from drift.model import Unresolved
from drift.terraform_schemas import Answers

_ANSWERS = Answers(Path(__file__).with_name("terraform_data.yaml"))
#: An entry's scope may be another cloud's, where its configuration speaks of several.
_SUBSCRIPTION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
#: What says who logs in, where the beginning of its name does.
_LOGIN = ("client_", "oidc_", "tenant_id", "use_")


def configured(settings: Mapping[str, Any]) -> Configured:
    """The subscription; nothing has a region in the cells."""
    login = {name: value for name, value in settings.items() if name.startswith(_LOGIN)}
    return Configured(settings.get("subscription_id"), None, login)


def answer(question: Question) -> Mapping[str, Any]:
    """By ``terraform_data.yaml``."""
    scope = question.scope
    words = {
        "subscription": scope if isinstance(scope, Unresolved) or _SUBSCRIPTION.fullmatch(scope) else None,
        "tenant": question.provider.get("tenant_id"),
    }
    return _ANSWERS.of(question.type, question.arguments, words.get)
