"""Tells the objects in parsed documents: Lists are opened, what is no object is named, what is broken is a
problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.model import Problem, Unresolved
from providers.kubernetes.declared_lines import Lines
from providers.kubernetes.declared_yaml import Broken, Document, Node
from providers.kubernetes.names import TypeName, of_object

#: Groups of configuration files that look like objects and are read by tools, not by clusters.
_OF_TOOLS = frozenset(
    ("kustomize.config.k8s.io", "config.kubernetes.io", "kpt.dev", "skaffold", "kind.x-k8s.io")
)
_ENCRYPTED = "ENC["


@dataclass(frozen=True, slots=True)
class Manifest:
    """One declared object. ``file`` is how people call it; ``line`` None where it was rendered.

    ``left_out`` is why no object of a cluster can be told to be this one, where its own words don't say so;
    ``via`` the chain of deployers' objects that leads to it, ``by`` the one that makes it;
    ``applied_as_is`` says that what applies it knows no hooks (kubectl)."""

    type: TypeName
    body: dict[str, Any]
    file: str
    line: int | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    left_out: str = ""
    via: tuple[str, ...] = ()
    by: str = ""
    applied_as_is: bool = False

    @property
    def metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = self.body["metadata"]
        return found

    @property
    def name(self) -> str | None:
        return self.metadata.get("name")

    @property
    def namespace(self) -> str | None:
        return self.metadata.get("namespace") or None

    @property
    def annotations(self) -> Mapping[str, Any]:
        return self.metadata.get("annotations") or {}

    @property
    def address(self) -> str:
        return f"{self.type.kind}/{self.name or self.metadata.get('generateName')}"

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(slots=True)
class Found:
    """What was found in some documents. ``passed_over`` says in words what is no object."""

    manifests: list[Manifest] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    def add(self, more: Found) -> None:
        self.manifests.extend(more.manifests)
        self.problems.extend(more.problems)
        self.passed_over.extend(more.passed_over)


class _Refused(Exception):
    """An object that the API server would not take."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def read(found: Document | Broken, file: str, source: str, *, rendered: bool = False) -> Found:
    """What one document of ``file`` holds. ``rendered`` says that its lines are those of no file."""
    result = Found()
    if isinstance(found, Broken):
        where = file if rendered else f"{file}:{found.line}"
        result.problems.append(
            Problem(source, f"{where}: {found.reason}; the document is left out", unread=True)
        )
        return result
    for value, node in _opened(found.value, found.node):
        where = file if rendered else f"{file}:{node.line}"
        try:
            manifest = _manifest(value, node, file, rendered)
        except _Refused as error:
            where = file if rendered else f"{file}:{error.line}"
            result.problems.append(Problem(source, f"{where}: {error}; the object is left out", unread=True))
            continue
        if isinstance(manifest, str):
            result.passed_over.append(f"{where}: {manifest}")
        else:
            result.manifests.append(manifest)
    return result


def _opened(value: Any, node: Node) -> Iterator[tuple[Any, Node]]:
    """The document itself; of a ``List`` or ``FooList`` the items, which may leave out what the list says for
    them."""
    kind = value.get("kind") if isinstance(value, dict) else None
    items = value.get("items") if isinstance(value, dict) else None
    if not isinstance(kind, str) or not kind.endswith("List") or not isinstance(items, list):
        yield value, node
        return
    of = {"apiVersion": value.get("apiVersion"), "kind": kind.removesuffix("List")}
    for item, below in zip(items, node.members["items"].items, strict=True):
        if isinstance(item, dict) and of["kind"] and "kind" not in item and "apiVersion" not in item:
            head = {name: Node(below.line) for name in of}
            item, below = {**of, **item}, Node(below.line, {**head, **below.members})
        yield from _opened(item, below)


def _manifest(value: Any, node: Node, file: str, rendered: bool) -> Manifest | str:
    """The object, or why it is none. Raises _Refused."""
    if not isinstance(value, dict):
        return "is no Kubernetes object: it is no mapping"
    for name in ("apiVersion", "kind"):
        if not value.get(name):
            return f"is no Kubernetes object: it has no {name}"
    type_ = of_object(value)
    if type_ is None:
        for name in ("apiVersion", "kind"):
            if not isinstance(value[name], str):
                raise _Refused(node.members[name].line, f"{name} must be text, not {value[name]!r}; quote it")
        raise _Refused(
            node.members["apiVersion"].line,
            f"apiVersion {value['apiVersion']!r} is neither a version nor a group/version",
        )
    if type_.group in _OF_TOOLS:
        return f"is no Kubernetes object: {type_} configures a tool"
    metadata = value.get("metadata")
    if metadata is None:
        return f"is no Kubernetes object: its {type_} has no metadata"
    _check(metadata, node.members["metadata"], type_)
    clear, encrypted = _without_sops(value)
    return Manifest(
        type_,
        _unreadable(clear) if encrypted else clear,
        file,
        None if rendered else node.line,
        {} if rendered else Lines(value, node),
    )


def _check(metadata: Any, node: Node, type_: TypeName) -> None:
    if not isinstance(metadata, dict):
        raise _Refused(node.line, f"the metadata of this {type_.kind} must be a mapping")
    for name in ("name", "generateName", "namespace"):
        said = metadata.get(name)
        if said is not None and not isinstance(said, str):
            line = node.members[name].line
            raise _Refused(line, f"metadata.{name} must be text, not {said!r}; quote it")
    if not metadata.get("name") and not metadata.get("generateName"):
        raise _Refused(node.line, f"this {type_.kind} has no metadata.name")
    for name in ("labels", "annotations"):
        said = metadata.get(name)
        if said is None:
            continue
        below = node.members[name]
        if not isinstance(said, dict):
            raise _Refused(below.line, f"metadata.{name} must be a mapping")
        for key, value in said.items():
            if value is not None and not isinstance(value, str):
                raise _Refused(
                    below.members[key].line, f"metadata.{name}: {key} must be text, not {value!r}; quote it"
                )


def _without_sops(value: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The object without the record that SOPS keeps in an encrypted file, and whether there is one."""
    sops = value.get("sops")
    if not isinstance(sops, dict) or "mac" not in sops:
        return value, False
    return {name: item for name, item in value.items() if name != "sops"}, True


def _unreadable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unreadable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_unreadable(item) for item in value]
    if isinstance(value, str) and value.startswith(_ENCRYPTED):
        return Unresolved("encrypted with SOPS")
    return value
