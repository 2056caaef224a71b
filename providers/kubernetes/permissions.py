"""The least privilege for what is configured, as roles and their bindings: `list` of what is read, never
`get`, which would include running commands in containers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from drift.provider import Grant
from drift.safe_yaml import data
from drift.task import Wanted
from providers.kubernetes.declared_scope import Cluster
from providers.kubernetes.facts import known_types
from providers.kubernetes.names import TypeName, parse
from providers.kubernetes.settings import Settings

#: The name of the role, and of the one that is bound in single namespaces.
NAME, IN_NAMESPACES = "drift-read-only", "drift-read-only-in-namespaces"
#: Who runs drift, as ``cronjob.yaml`` has it.
SUBJECT = {"kind": "ServiceAccount", "name": "drift", "namespace": "drift"}
_RBAC = "rbac.authorization.k8s.io"
_PATHS = ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", "/version", "/version/"]
_DISCOVERY = {"nonResourceURLs": _PATHS, "verbs": ["get"]}
_GLOB = frozenset("*?[")

Rule = dict[str, Any]


@cache
def served() -> Mapping[str, Mapping[str, str]]:
    """What Kubernetes itself serves: group → plural → kind."""
    return {group: dict(kinds) for group, kinds in data(Path(__file__).with_name("resources.yaml")).items()}


def role(settings: Settings, wanted: Wanted) -> Grant:
    """Roles that list the kinds that the settings select, where they are read, and what binds them to the
    service account of ``cronjob.yaml``. The form ``named`` names each kind of Kubernetes where else ``*``
    stands for all that the cluster serves."""
    everything = (
        settings.kinds == ["*"] and not settings.exclude_kinds and wanted.selects("example.org/v1/Any")
    )
    said = _grant(settings, wanted, everything=everything)
    return Grant(said.text, said.notes, {"named": _grant(settings, wanted, everything=False)})


def _grant(settings: Settings, wanted: Wanted, *, everything: bool) -> Grant:
    chosen = _Chosen(settings, wanted)
    namespaces = single(settings)
    notes = list(chosen.notes(everything=everything, in_single=namespaces is not None))
    documents: list[dict[str, Any]] = []
    if namespaces is None:
        rules = [_rule("*", ["*"])] if everything else list(chosen.rules())
        documents += [_cluster_role(NAME, [*rules, _DISCOVERY]), _bound(NAME)]
    else:
        documents += [_cluster_role(NAME, [*chosen.rules(wide=True), _DISCOVERY]), _bound(NAME)]
        within = [_rule("*", ["*"])] if everything else list(chosen.rules(wide=False))
        if within and namespaces:
            documents.append(_cluster_role(IN_NAMESPACES, within))
            documents += [_bound(IN_NAMESPACES, one) for one in namespaces]
    notes.append("its bindings name the service account drift in the namespace drift: put your own there")
    return Grant(yaml.safe_dump_all(documents, sort_keys=False, width=120), tuple(notes))


def single(settings: Settings) -> list[str] | None:
    """The namespaces that are read one by one; None where objects are listed over all namespaces."""
    if any(_GLOB & set(name) for name in settings.namespaces):
        return None
    return [name for name in settings.namespaces if settings.reads_namespace(name)]


class _Chosen:
    """The kinds that are listed, as far as they are known without asking a cluster."""

    def __init__(self, settings: Settings, wanted: Wanted) -> None:
        self.settings, self.wanted = settings, wanted
        self._cluster = Cluster("")
        named = [name for type_ in wanted.types if (name := parse(type_)) is not None]
        self._own = sorted({*self._declared(named), *self._said()} - served().keys())

    def rules(self, *, wide: bool | None = None) -> Iterator[Rule]:
        """``list`` of each kind; ``wide`` asks for those without (True), or with (False) a namespace."""
        whole: list[str] = []
        for group, kinds in served().items():
            chosen = [plural for plural, kind in kinds.items() if self._reads(group, kind, wide)]
            secrets = group == "" and "secrets" in chosen
            if group and len(chosen) == len(kinds):
                whole.append(group)
            elif chosen:
                plain = sorted(one for one in chosen if not (secrets and one == "secrets"))
                if plain:
                    yield _rule(group, plain)
                if secrets:
                    yield _rule("", ["secrets"])  # a rule of their own, to be taken out
        own = self._own if wide is not True else []
        if whole or own:
            yield {"apiGroups": [*whole, *own], "resources": ["*"], "verbs": ["list"]}

    def notes(self, *, everything: bool, in_single: bool) -> Iterator[str]:
        """What to know of them."""
        settings = self.settings
        if self._reads("", "Secret", None):
            yield (
                "Secrets are listed, too, and hidden when they are read: exclude_kinds: [Secret] leaves them "
                "out"
            )
        if everything:
            yield "-f named names each kind of Kubernetes instead of all that is served"
        else:
            yield (
                "a role can't say all but: add the API groups of your own custom resources that are not in it"
            )
        if in_single:
            yield (
                "what has a namespace is listed in the named ones alone; add kinds of your own without one "
                f"to {NAME}"
            )
        elif not settings.all_namespaces:
            yield "what is left out of namespaces is left out by drift; the role lists in all of them"

    def _reads(self, group: str, kind: str, wide: bool | None) -> bool:
        name = TypeName(group, "v1", kind)
        if not self.settings.reads_kind(name.key) or not self._selected(name):
            return False
        return wide is None or (self._cluster.namespaced(name) is False) is wide

    def _selected(self, name: TypeName) -> bool:
        return any(map(self.wanted.selects, _spelled().get(name.key, (str(name),))))

    def _declared(self, named: Iterable[TypeName]) -> Iterator[str]:
        return (one.group for one in named if self.settings.reads_kind(one.key))

    def _said(self) -> Iterator[str]:
        """Groups that ``kinds`` names without a glob."""
        for glob in self.settings.kinds:
            group = glob.rpartition("/")[0]
            if group and not _GLOB & set(group):
                yield group


@cache
def _spelled() -> Mapping[str, tuple[str, ...]]:
    """The types, with their versions, of each group and kind that has facts."""
    found: dict[str, list[str]] = {}
    for type_ in known_types():
        name = parse(type_)
        if name is not None:
            found.setdefault(name.key, []).append(type_)
    return {key: tuple(types) for key, types in found.items()}


def _rule(group: str, plurals: list[str]) -> Rule:
    return {"apiGroups": [group], "resources": plurals, "verbs": ["list"]}


def _cluster_role(name: str, rules: list[Rule]) -> dict[str, Any]:
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": rules,
    }


def _bound(role: str, namespace: str | None = None) -> dict[str, Any]:
    place = {} if namespace is None else {"namespace": namespace}
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding" if namespace is None else "RoleBinding",
        "metadata": {"name": role, **place},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [dict(SUBJECT)],
    }
