"""What most runs of the command line read before they do anything, read on import: ``tests.command`` forks
from a process that has done so."""

from __future__ import annotations

import gc

from drift import plugins
from drift.deadline import Deadline
from drift.limits import Limits
from providers.aws import bounded
from providers.aws.facts import catalogue
from providers.aws.models import operation, regions

_SESSION = bounded.Session(Deadline(), Limits())
_SECRET = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
for _service in sorted({entry.service for entry in catalogue().compared.values()}):
    operation(_service, "")
    regions(_service, "aws")
    _SESSION.create_client(_service, "us-east-1", **_SECRET)
for _name in ("aws", "kubernetes"):
    plugins.provider(_name)
for _name in ("html", "json", "table"):
    plugins.renderer(_name)
gc.freeze()  # no run looks through all that again
