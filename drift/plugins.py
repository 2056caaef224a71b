"""Finds providers, sources, renderers and demos through entry points, the built-in ones like any third
party's, and holds each to its contract."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import TYPE_CHECKING, Any, cast

from drift.contract import ContractError, check
from drift.errors import DriftError

if TYPE_CHECKING:
    from drift.backend import Backend
    from drift.channel import Channel
    from drift.demo import Demo, DemoForge
    from drift.editor import Editor
    from drift.forge import Forge
    from drift.provider import Provider
    from drift.renderer import FolderPage, MailPage, Renderer, Summary
    from drift.secret import SecretStore
    from drift.source import Source

#: The group of entry points (after ``drift.``) → module and name of its contract.
_CONTRACTS = {
    "providers": ("drift.provider", "Provider"),
    "sources": ("drift.source", "Source"),
    "renderers": ("drift.renderer", "Renderer"),
    "demos": ("drift.demo", "Demo"),
    "backends": ("drift.backend", "Backend"),
    "channels": ("drift.channel", "Channel"),
    "editors": ("drift.editor", "Editor"),
    "forges": ("drift.forge", "Forge"),
    "demo_forges": ("drift.demo", "DemoForge"),
    "secrets": ("drift.secret", "SecretStore"),
}
#: The renderer whose contract says more, since it is printed to the terminal as well.
SUMMARY = "table"
#: The one that also has a page of a folder of runs.
FOLDER_PAGE = "html"
#: The one that is a mail, whose parts depend on whose mail it is.
MAIL_PAGE = "mail"


@cache
def _installed() -> Any:
    """The entry points of all that is installed, which it takes a while to look through; ``select`` gives
    those of a group."""
    return entry_points()


@cache
def _entries(group: str) -> Mapping[str, EntryPoint]:
    found: EntryPoints = _installed().select(group=group)
    return {entry.name: entry for entry in sorted(found, key=lambda e: e.name)}


def names(kind: str) -> tuple[str, ...]:
    """The installed plugins of a kind: ``providers``, ``sources``, ``renderers``, ``demos``, ``backends``,
    ``channels``, ``editors``, ``forges``, ``demo_forges``, ``secrets``."""
    return tuple(_entries(f"drift.{kind}"))


def contract(kind: str, name: str = "") -> type:
    """What a plugin of a kind must be."""
    module, class_name = _CONTRACTS[kind]
    if kind == "renderers":
        class_name = {SUMMARY: "Summary", FOLDER_PAGE: "FolderPage", MAIL_PAGE: "MailPage"}.get(
            name, class_name
        )
    found = getattr(import_module(module), class_name)
    assert isinstance(found, type)
    return found


@cache
def _load(kind: str, name: str) -> Any:
    """One plugin, constructed once. Raises as :func:`_made`."""
    return _made(kind, name)


def _made(kind: str, name: str) -> Any:
    """One plugin, constructed. Raises DriftError when it does not exist, can't be imported or is not what
    its contract says."""
    entry = _entries(f"drift.{kind}").get(name)
    one = "secret store" if kind == "secrets" else kind.rstrip("s")
    if entry is None:
        known = ", ".join(names(kind)) or "none"
        raise DriftError(f"there is no {one} {name!r}; installed are: {known}")
    try:
        plugin = entry.load()()
    except ImportError as error:
        raise DriftError(f"the {one} {name!r} can't be loaded: {error}{_lacking(entry, kind)}") from error
    check(plugin, contract(kind, name), f"the {one} {name!r}")
    if plugin.name != name:
        raise ContractError(f"the {one} {name!r}: calls itself {plugin.name!r}; both names must be one")
    return plugin


def _lacking(entry: EntryPoint, kind: str) -> str:
    """What to install for a plugin whose package has an extra of its name, or of its kind's."""
    known = (entry.dist.metadata.get_all("Provides-Extra") or []) if entry.dist is not None else []
    for extra in (kind.rstrip("s"), entry.name):
        if entry.dist is not None and extra in known:
            return f": pip install '{entry.dist.name}[{extra}]'"
    return ""


def provider(name: str) -> Provider:
    """One provider. Raises DriftError as all loaders here do."""
    return cast("Provider", _load("providers", name))


def source(name: str) -> Source:
    """One declared language."""
    return cast("Source", _load("sources", name))


def renderer(name: str) -> Renderer:
    """One report format."""
    return cast("Renderer", _load("renderers", name))


def summary() -> Summary:
    """The report format that the terminal is shown."""
    return cast("Summary", _load("renderers", SUMMARY))


def folder_page() -> FolderPage:
    """The report format that has a page of a folder of runs."""
    return cast("FolderPage", _load("renderers", FOLDER_PAGE))


def mail_page() -> MailPage:
    """The report format that is a mail."""
    return cast("MailPage", _load("renderers", MAIL_PAGE))


def demo(name: str) -> Demo:
    """One cloud's part of the demo."""
    return cast("Demo", _load("demos", name))


def backend(name: str) -> Backend:
    """One place that keeps Terraform states, by Terraform's name for it."""
    return cast("Backend", _load("backends", name))


def channel(name: str) -> Channel:
    """One way to tell people of a run."""
    return cast("Channel", _load("channels", name))


def editor(name: str) -> Editor:
    """What edits the files of one declared language, by the language's name: a new one each time, which
    remembers nothing."""
    return cast("Editor", _made("editors", name))


def forge(name: str) -> Forge:
    """One kind of forge."""
    return cast("Forge", _load("forges", name))


def secret_store(name: str) -> SecretStore:
    """One place that keeps secrets, by the scheme of its references."""
    return cast("SecretStore", _load("secrets", name))


def demo_forge(name: str) -> DemoForge:
    """One forge's part of the demo."""
    return cast("DemoForge", _load("demo_forges", name))


def forges() -> dict[str, Forge]:
    """All installed kinds of forges by name."""
    return {name: forge(name) for name in names("forges")}


def providers() -> dict[str, Provider]:
    """All installed providers by name."""
    return {name: provider(name) for name in names("providers")}


def sources() -> dict[str, Source]:
    """All installed declared languages by name."""
    return {name: source(name) for name in names("sources")}


def renderers() -> dict[str, Renderer]:
    """All installed report formats by name."""
    return {name: renderer(name) for name in names("renderers")}


def demos() -> dict[str, Demo]:
    """All installed parts of the demo by name."""
    return {name: demo(name) for name in names("demos")}


def backends() -> dict[str, Backend]:
    """All installed backends of Terraform states by name."""
    return {name: backend(name) for name in names("backends")}
