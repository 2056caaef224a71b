"""Which types a run reads, told in one place for reading, for granting and for what asks about others."""

from __future__ import annotations

from drift.settings import selected
from drift.task import Wanted
from providers.aws import by_schema
from providers.aws.facts import catalogue
from providers.aws.settings import Settings


def always(settings: Settings, type_: str) -> bool:
    """Whether a type without facts of its own is read though nobody declares one."""
    return type_ in by_schema.giving_access() or selected([type_], settings.types, [])


def asked_for(type_: str, settings: Settings, wanted: Wanted) -> bool:
    """Whether a type is read always, or is declared, or named by the configuration."""
    own = catalogue().entries.get(type_)
    if type_ in wanted.types or (own is not None and not own.declared_only):
        return True
    if own is None:
        return always(settings, type_)
    named = [glob for glob in settings.include if glob != "*"]
    return selected([type_], [*named, *settings.types], [])


def reads(type_: str, settings: Settings, wanted: Wanted) -> bool:
    """Whether a run reads a type: it is asked for, and neither the configuration nor ``--only`` leaves it
    out."""
    return asked_for(type_, settings, wanted) and settings.reads(type_) and wanted.selects(type_)
