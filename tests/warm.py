"""What most runs of the command line read before they do anything, read on import: ``tests.command`` forks
from a process that has done so."""

from __future__ import annotations

import contextlib
import gc
from importlib import import_module
from pathlib import Path

from drift import plugins
from drift.cli.app import application
from drift.config.model import parse
from drift.deadline import Deadline
from drift.limits import Limits
from drift.rules.severity import general_rules
from providers.aws import bounded
from providers.aws.facts import catalogue
from providers.aws.models import operation, regions

_SESSION = bounded.Session(Deadline(), Limits())
_SECRET = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
for _service in sorted({entry.service for entry in catalogue().compared.values()}):
    operation(_service, "")
    regions(_service, "aws")
    _SESSION.create_client(_service, "us-east-1", **_SECRET)
application()
with contextlib.suppress(ImportError):  # by which newer typer reads values
    import_module("typer._adapters")
_SETTINGS = "{aws: {}, azure: {subscriptions: [a]}, gcp: {projects: [a]}, kubernetes: {}}"
parse(f"version: 1\nlive: {_SETTINGS}\n", "drift.yaml", Path(), None, {})
general_rules()
for _provider in plugins.providers().values():
    _provider.severity_rules()
plugins.sources()
for _name in ("html", "json", "table"):
    plugins.renderer(_name)
gc.freeze()  # no run looks through all that again
