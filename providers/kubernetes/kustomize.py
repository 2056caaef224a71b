"""The declared source ``kustomize``: a folder with a kustomization, rendered by ``kustomize`` or ``kubectl
kustomize``."""

from __future__ import annotations

import os
import posixpath
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from drift import reading, temporary
from drift.check import Program
from drift.deadline import Deadline
from drift.errors import DeclaredError
from drift.listing import beginning
from drift.model import Unresolved
from drift.proposal import Hint
from drift.safe_yaml import YamlError, load
from drift.source import BaseSource, Loader, Location, Option
from providers.kubernetes import declared_objects, declared_run
from providers.kubernetes.declared_engines import is_gitops
from providers.kubernetes.declared_folders import KUSTOMIZATIONS, kustomization
from providers.kubernetes.declared_inputs import inputs
from providers.kubernetes.declared_objects import Found, Manifest
from providers.kubernetes.declared_options import NAMESPACE, Options
from providers.kubernetes.declared_yaml import Broken, Document, Node, documents

if TYPE_CHECKING:
    from providers.kubernetes.declared_resources import Objects

SOURCE = "kustomize"
ORIGIN = "config.kubernetes.io/origin"
MANAGED_BY = "app.kubernetes.io/managed-by"
_OPTIONS = (
    NAMESPACE,
    Option("remote", "Lets kustomize fetch remote bases.", ("flag",)),
    Option("enable-helm", "Lets kustomize inflate charts.", ("flag",)),
)
NO_NETWORK = {
    "GIT_ALLOW_PROTOCOL": "none",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
}
REMOTE = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*://|git::|git@|github\.com[/:]|[\w.-]+@[\w.-]+:)|\.git(?:[/?]|$)|\?(?:ref|version)="
)
KUSTOMIZE = Program(
    (("kustomize", "version"), ("kubectl", "version", "--client")), "to render Kustomize folders"
)
BASES = ("resources", "bases", "components", "crds", "transformers", "generators", "validators")


_COMPONENT = re.compile(rb"^kind:\s*['\"]?Component\b", re.M)


class Kustomize(BaseSource):
    """A Kustomize folder."""

    name = SOURCE
    options = _OPTIONS
    programs = (KUSTOMIZE,)

    def recognises(self, path: Path, head: bytes) -> bool:
        try:
            if not path.is_dir():
                return path.name in KUSTOMIZATIONS
            return kustomization(path) is not None and not is_gitops(path)
        except OSError:
            return False

    def hint(self, path: Path) -> Hint:
        if not path.is_dir():
            return Hint()
        file = kustomization(path)
        part = file is not None and _COMPONENT.search(beginning(file)) is not None
        doubt = "is a component of other kustomizations" if part else ""
        return Hint(whole=True, takes_in=tuple(_taken_in(path)), doubt=doubt)

    def load(self, location: Location, loader: Loader) -> Objects:
        """Renders the folder.

        Raises:
            DeclaredError: without a binary to render with, when it would fetch something, or in kustomize's
                words.
        """
        from providers.kubernetes.declared_resources import Objects

        options = Options(location)
        folder = location.path if location.path.is_dir() else location.path.parent
        file = kustomization(folder)
        if file is None:
            raise DeclaredError(f"{location.display}: there is no {KUSTOMIZATIONS[0]} in this folder")
        if options.flag("remote"):
            no_unsigned_bases(location, loader)
        enable_helm = options.flag("enable-helm")
        shown = partial(_display, folder=folder, location=location)
        rendering = Rendering(
            folder,
            location.display,
            shown,
            loader.deadline,
            remote=options.flag("remote") or enable_helm,
            enable_helm=enable_helm,
        )
        reaches = options.flag("remote") or enable_helm
        return Objects(
            SOURCE, location, rendering.found(), None if reaches else inputs(folder, location.root)
        )


class Remote(DeclaredError):
    """A kustomization needs what would have to be fetched. ``what`` says where which of it is named."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} and not fetched silently; vendor it, or set the option 'remote: true'")


class Rendering:
    """One run of kustomize on a folder that has a kustomization. ``display`` is how people call the folder,
    ``shown`` how they call a file; ``over`` is what a kustomization above it says besides its resources."""

    def __init__(
        self,
        folder: Path,
        display: str,
        shown: Callable[[Path], str],
        deadline: Deadline,
        *,
        over: Mapping[str, Any] | None = None,
        remote: bool = False,
        enable_helm: bool = False,
    ) -> None:
        file = kustomization(folder)
        assert file is not None
        self.folder, self.display, self.shown, self.deadline = folder, display, shown, deadline
        self.over = dict(over or {})
        self.command = binary()
        if enable_helm:
            self.command.append("--enable-helm")
        self.remote = remote
        self.environment = {} if remote else NO_NETWORK
        self.metadata = [str(one) for one in _mapping(file).get("buildMetadata") or ()]
        self._read: dict[Path, list[Document | Broken]] = {}

    def found(self) -> Found:
        """The objects, each with the file that it comes from. Raises DeclaredError in kustomize's words,
        Remote where it would fetch something."""
        if not self.remote:
            for where, entry in _remote(self.folder, frozenset()):
                raise Remote(f"{self.shown(where)}:{_line_of(where, entry)}: {entry} is remote")
        with temporary.passing() as made:
            above = made.resolve()
            output, root = self._render(above)
            found = Found()
            for one in documents(output):
                found.add(declared_objects.read(one, self.display, SOURCE, rendered=True))
            found.manifests = [self._traced(manifest, root) for manifest in found.manifests]
        return found

    def _render(self, above: Path) -> tuple[bytes, Path]:
        """The rendered objects, and the folder that their origins are relative to.

        An overlay of our own above the folder asks for the files that objects come from. Where that can't be
        done, the folder is rendered as it is, so that complaints are about what the user wrote.
        """
        if self.over or "originAnnotations" not in self.metadata:
            overlay = {
                **self.over,
                "resources": [os.path.relpath(self.folder.resolve(), above)],
                "buildMetadata": list(dict.fromkeys([*self.metadata, "originAnnotations"])),
            }
            (above / KUSTOMIZATIONS[0]).write_text(yaml.safe_dump(overlay), encoding="utf-8")
            try:
                return self._run(above), above
            except declared_run.Failed as error:
                if self.over:
                    raise self._refused(error) from error
        try:
            return self._run(self.folder), self.folder
        except declared_run.Failed as error:
            raise self._refused(error) from error

    def _refused(self, error: declared_run.Failed) -> DeclaredError:
        told = str(error)
        if "--enable-helm" in told:
            told += "; set the option 'enable-helm: true' to let kustomize inflate (and fetch) its charts"
        return DeclaredError(f"{self.display}: kustomize can't render it: {told}")

    def _run(self, folder: Path) -> bytes:
        return declared_run.run([*self.command, str(folder)], self.environment, self.deadline)

    def _traced(self, one: Manifest, root: Path) -> Manifest:
        """The object with the file that it comes from, and without what only tells so."""
        metadata = dict(one.metadata)
        annotations = dict(one.annotations)
        said = annotations.get(ORIGIN)
        if "originAnnotations" not in self.metadata:
            annotations.pop(ORIGIN, None)
        metadata["annotations"] = annotations
        if not annotations:
            del metadata["annotations"]
        labels = metadata.get("labels")
        if "managedByLabel" in self.metadata and isinstance(labels, Mapping) and MANAGED_BY in labels:
            unknown = Unresolved("names the version of kustomize that renders it")
            metadata["labels"] = {**labels, MANAGED_BY: unknown}
        one = replace(one, body={**one.body, "metadata": metadata})
        file = _origin_file(said, root) if isinstance(said, str) else None
        if isinstance(file, str):
            return replace(one, file=file)
        if file is None:
            return one
        file = self._own(file)
        return replace(one, file=self.shown(file), line=_line(file, self._documents(file), one))

    def _own(self, file: Path) -> Path:
        """The user's file that an origin names."""
        return file

    def _documents(self, file: Path) -> list[Document | Broken]:
        """What stands in a file that objects come from, read once; nothing where it can't be read."""
        if file not in self._read:
            try:
                content = reading.content(file, str(file), most=reading.MADE)
            except DeclaredError:
                content = b""
            self._read[file] = list(documents(content))
        return self._read[file]


def binary() -> list[str]:
    """The command that renders. Raises DeclaredError that says what to install."""
    if found := shutil.which("kustomize"):
        return [found, "build"]
    if found := shutil.which("kubectl"):
        return [found, "kustomize"]
    raise DeclaredError(
        "neither kustomize nor kubectl is installed; one of them is needed to render Kustomize folders "
        "(https://kubectl.docs.kubernetes.io/installation/kustomize/)"
    )


def no_unsigned_bases(location: Location, loader: Loader) -> None:
    """Raises DeclaredError where only signed commits are to be read: kustomize fetches bases by itself."""
    if loader.signers is not None:
        raise DeclaredError(
            f"{location.display}: kustomize fetches remote bases itself, so that nobody sees whether they "
            "are signed; take out `remote`, or `verify`"
        )


def _remote(folder: Path, seen: frozenset[Path]) -> Iterator[tuple[Path, str]]:
    """(kustomization, entry) of all that kustomize would fetch, through local bases."""
    file = kustomization(folder)
    if file is None or folder.resolve() in seen:
        return
    seen = seen | {folder.resolve()}
    said = _mapping(file)
    for section in BASES:
        for entry in said.get(section) or ():
            if not isinstance(entry, str) or "\n" in entry:
                continue
            if _is_folder(folder / entry):
                yield from _remote(folder / entry, seen)
            elif not _is_there(folder / entry) and REMOTE.search(entry):
                yield file, entry


def _taken_in(folder: Path) -> Iterator[Path]:
    """The folders of this repository that a kustomization renders along with its own."""
    file = kustomization(folder)
    said = {} if file is None else _mapping(file)
    for section in BASES:
        for entry in said.get(section) or ():
            if isinstance(entry, str) and "\n" not in entry and _is_folder(folder / entry):
                yield (folder / entry).resolve()


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long
        return False


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _line_of(file: Path, entry: str) -> int:
    """The line of a file that says ``entry``."""
    text = reading.content(file, str(file)).decode("utf-8", "replace")
    return text.count("\n", 0, max(0, text.find(entry))) + 1


def _mapping(file: Path) -> dict[str, Any]:
    """What a kustomization says; nothing where it can't be read, which kustomize will say in its own
    words."""
    try:
        said = load(reading.content(file, str(file)))
    except (DeclaredError, YamlError):
        return {}
    if not isinstance(said, dict):
        return {}
    return {name: value for name, value in said.items() if isinstance(value, list)}


def _origin_file(said: str, root: Path) -> Path | str | None:
    """The file that an origin annotation names: a path, or words for one in a remote repository."""
    try:
        told = load(said)
    except YamlError:
        return None
    path = (told.get("path") or told.get("configuredIn")) if isinstance(told, Mapping) else None
    if not isinstance(path, str):
        return None
    if isinstance(told.get("repo"), str):
        ref = f"?ref={told['ref']}" if told.get("ref") else ""
        return f"{told['repo']}//{path}{ref}"
    return (root / path).resolve()


def _display(file: Path, folder: Path, location: Location) -> str:
    """How people call a file at, below or beside the folder."""
    shown = location.display if location.path.is_dir() else posixpath.dirname(location.display)
    return posixpath.normpath(posixpath.join(shown, os.path.relpath(file, folder.resolve())))


def _line(file: Path, there: list[Document | Broken], wanted: Manifest) -> int | None:
    """Where a file declares the object that became ``wanted``: the kind and the likest name; None where that
    is unclear."""
    if file.name in KUSTOMIZATIONS:
        return next(
            (_generator(one.node, one.value, wanted) for one in there if not isinstance(one, Broken)),
            None,
        )
    found = Found()
    for one in there:
        found.add(declared_objects.read(one, str(file), SOURCE))
    alike = [
        one
        for one in found.manifests
        if one.type.key == wanted.type.key and (one.name or "") in str(wanted.name)
    ]
    exact = [one for one in alike if one.name == wanted.name] or alike
    longest = max((len(one.name or "") for one in exact), default=0)
    best = [one for one in exact if len(one.name or "") == longest]
    return best[0].line if len(best) == 1 else None


def _generator(node: Node, value: Any, wanted: Manifest) -> int | None:
    """The line of the generator that made a ConfigMap or Secret."""
    section = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}.get(wanted.type.kind, "")
    entries = value.get(section) if isinstance(value, dict) else None
    if not isinstance(entries, list):
        return None
    named = [
        below.line
        for entry, below in zip(entries, node.members[section].items, strict=True)
        if isinstance(entry, dict)
        and isinstance(entry.get("name"), str)
        and entry["name"] in str(wanted.name)
    ]
    return named[0] if len(named) == 1 else None
