"""Prints what to allow a credential, for what is configured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drift import plugins
from drift.cli.configured import configured
from drift.cli.terminal import say
from drift.config.model import Config
from drift.deadline import Deadline
from drift.errors import ConfigError, DriftError
from drift.live.estate import Estate
from drift.scan import Run

#: So long declared sources may take: they tell what is read only where it is declared.
_SECONDS = 60


#: The form that every provider has: a policy to paste.
POLICY = "policy"


def granted(provider: str, path: Path, env: str | None, only: Sequence[str], form: str = POLICY) -> str:
    """What a provider needs in a form, its notes on standard error. Without a file, for what is read where
    nothing is said. Raises ConfigError for a provider that is not known or can't tell, or has no such
    form."""
    plugin = plugins.provider(provider)
    config = (
        configured(path, env, None, ("mail", "notify", "remediate", "history", "redaction"))
        if path.exists() or path != Path("drift.yaml")
        else Config(version=1)
    )
    run = Run(config, only, deadline=Deadline(_SECONDS))
    settings = config.settings.get(provider)
    notes = (
        [] if settings else [f"no live.{provider} is configured: this is for what is read then by default"]
    )
    sources = []
    try:
        if config.declared:
            sources = run.read_declared(Estate(plugins.providers()), run.deadline).sources
    except DriftError as error:
        told = run.told(str(error))
        notes.append(f"what is read only where it is declared is left out, as not all could be read: {told}")
    places = [one.path for one in config.declared if one.path]
    places += [source.location.display for source in sources]
    urls = sorted({one for one in places if one.partition("://")[0] in plugin.schemes and "://" in one})
    grant = plugin.permissions(settings or plugin.Settings(), run.wanted(provider, sources), urls)
    if grant is None:
        raise ConfigError(f"permissions: {provider} does not tell what it needs; see its documents")
    if form != POLICY:
        if form not in grant.forms:
            known = ", ".join([POLICY, *sorted(grant.forms)])
            raise ConfigError(f"permissions: {provider} has no form {form!r}; it has: {known}")
        grant = grant.forms[form]
    for note in (*notes, *grant.notes):
        say(f"note: {note}", err=True)
    return grant.text
