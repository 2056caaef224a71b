"""What an ApplicationSet's generators give: a set of parameters for each Application.

Source: argo-cd.readthedocs.io, "ApplicationSet", "Generators"; argo-cd, applicationset/generators.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drift.errors import DeclaredError
from drift.safe_yaml import YamlError, load
from providers.kubernetes.engines.argocd import git_generator
from providers.kubernetes.engines.argocd.destinations import HERE, HERE_NAME, Registered, is_here, registered
from providers.kubernetes.engines.argocd.filling import Filling, Params
from providers.kubernetes.engines.argocd.said import entries, mapping, text
from providers.kubernetes.engines.argocd.selectors import is_empty, selects
from providers.kubernetes.engines.gotemplate.collections import merged
from providers.kubernetes.engines.gotemplate.encodings import floats
from providers.kubernetes.engines.gotemplate.texts import normalized
from providers.kubernetes.engines.trees import NotFollowed
from providers.kubernetes.engines.world import World
from providers.kubernetes.exceptions import texts

#: Generators that ask others than Git and Argo CD itself.
ASKING = {
    "scmProvider": "an SCM provider",
    "pullRequest": "a forge for its pull requests",
    "plugin": "a plugin",
    "clusterDecisionResource": "another controller's decisions",
}
#: How many sets of parameters one ApplicationSet may have, and how deep its generators nest.
_MOST, _DEEPEST = 20_000, 8


@dataclass(frozen=True)
class Generators:
    """The generators of one ApplicationSet. ``nested`` says that nested ones keep their selectors."""

    filling: Filling
    world: World
    nested: bool = False

    def params(self, said: Mapping[str, Any], above: Params | None = None, depth: int = 0) -> list[Params]:
        """What one generator gives. ``above`` are the parameters of a matrix' first one, which are filled
        into it.

        Raises NotFollowed where it asks others or its repository may not be read, DeclaredError and
        TemplateError where it is broken.
        """
        if depth > _DEEPEST:
            raise DeclaredError("its generators nest too deep")
        kinds = [key for key, value in said.items() if key != "selector" and value is not None]
        if len(kinds) != 1:
            raise DeclaredError("a generator must have one kind" if depth else "has an empty generator")
        kind = kinds[0]
        own = said[kind]
        if above and kind not in ("matrix", "merge"):
            own = self.filling.value(own, above)
        found = self._of(kind, mapping(own), above, depth)
        selector = said.get("selector")
        if selector is not None and (depth == 0 or self.nested):
            found = [one for one in found if selects(selector, _flat_texts(one))]
        if len(found) > _MOST:
            raise DeclaredError(f"has more than {_MOST:,} sets of parameters")
        return found

    def _of(self, kind: str, own: Mapping[str, Any], above: Params | None, depth: int) -> list[Params]:
        if kind in ASKING:
            raise NotFollowed(f"its generator {kind} asks {ASKING[kind]}")
        if kind == "list":
            return self._list(own)
        if kind == "clusters":
            return self._clusters(own)
        if kind == "git":
            return git_generator.params(own, self.filling, self.world)
        if kind == "matrix":
            return self._matrix(own, above, depth)
        if kind == "merge":
            return self._merge(own, above, depth)
        raise NotFollowed(f"its generator {kind} is not known")

    def _list(self, own: Mapping[str, Any]) -> list[Params]:
        found = []
        for one in entries(own.get("elements")):
            if self.filling.go:
                found.append(floats(one))
                continue
            params = {key: value for key, value in one.items() if key != "values"}
            params.update({f"values.{key}": value for key, value in mapping(one, "values").items()})
            if wrong := next((key for key, value in params.items() if not isinstance(value, str)), None):
                raise DeclaredError(f"the element {wrong} of its list is no text; quote it")
            found.append(params)
        written = own.get("elementsYaml")
        if isinstance(written, str) and written.strip():
            try:
                found += [floats(one) for one in entries(load(written))]
            except YamlError as error:
                raise DeclaredError(f"its elementsYaml: {error}") from error
        return found

    def _clusters(self, own: Mapping[str, Any]) -> list[Params]:
        selector = own.get("selector")
        known = registered(self.world)
        if not known and not any(self.world.every(self.world.scope, "Secret")) and not is_empty(selector):
            raise NotFollowed("its cluster Secrets are neither in Git nor read live")
        found = []
        if is_empty(selector) and not any(is_here(one.server, "") for one in known):
            found.append(self._cluster(Registered(HERE_NAME, HERE), own, local=True))
        for one in known:
            if selects(selector, one.labels):
                if not one.server:
                    raise NotFollowed(
                        f"name and server of the cluster Secret {one.secret} are not in Git, and hidden live"
                    )
                found.append(self._cluster(one, own))
        return [{"clusters": found}] if own.get("flatList") is True else found

    def _cluster(self, one: Registered, own: Mapping[str, Any], *, local: bool = False) -> Params:
        params: Params = {
            "name": one.name,
            "nameNormalized": normalized(one.name),
            "server": one.server,
            "project": one.project,
        }
        if not local and self.filling.go:
            params["metadata"] = {"labels": dict(one.labels), "annotations": dict(one.annotations)}
        elif not local:
            params.update({f"metadata.labels.{key}": value for key, value in one.labels.items()})
            params.update({f"metadata.annotations.{key}": value for key, value in one.annotations.items()})
        self.filling.values(mapping(own, "values"), params)
        return params

    def _matrix(self, own: Mapping[str, Any], above: Params | None, depth: int) -> list[Params]:
        several = _children(own, "matrix")
        found = self.params(several[0], above, depth + 1)
        for one in several[1:]:
            found = [
                self._both(first, second)
                for first in found
                for second in self.params(one, {**(above or {}), **first}, depth + 1)
            ]
        return found

    def _both(self, one: Params, other: Params) -> Params:
        if self.filling.go:
            return merged(one, other)
        if wrong := next((key for key in one.keys() & other.keys() if one[key] != other[key]), None):
            raise DeclaredError(f"its matrix has two values for {wrong}: {one[wrong]} and {other[wrong]}")
        return {**one, **other}

    def _merge(self, own: Mapping[str, Any], above: Params | None, depth: int) -> list[Params]:
        several = _children(own, "merge")
        keys = texts(own.get("mergeKeys"))
        if not keys:
            raise DeclaredError("its merge has no mergeKeys")
        found = self.params(several[0], above, depth + 1)
        for one in several[1:]:
            over: dict[str, Params] = {}
            for params in self.params(one, above, depth + 1):
                key = _key(params, keys)
                if key in over:
                    raise DeclaredError(f"its merge has two sets of parameters for {key}")
                over[key] = params
            found = [self._over(params, over.get(_key(params, keys), {})) for params in found]
        return found

    def _over(self, one: Params, other: Params) -> Params:
        return merged(one, other, override=True) if self.filling.go else {**one, **other}


def _children(own: Mapping[str, Any], kind: str) -> Sequence[Mapping[str, Any]]:
    several = entries(own.get("generators"))
    if len(several) < 2:
        raise DeclaredError(f"its {kind} has less than two generators")
    return several


def _key(params: Params, keys: Sequence[str]) -> str:
    return json.dumps({key: params.get(key) for key in sorted(set(keys))}, sort_keys=True, default=text)


def _flat_texts(params: Params) -> dict[str, str]:
    """The texts among parameters by dotted keys, which a selector asks."""
    found: dict[str, str] = {}
    todo: list[tuple[str, Any]] = list(params.items())
    while todo:
        key, value = todo.pop()
        if isinstance(value, dict):
            todo += [(f"{key}.{name}", item) for name, item in value.items()]
        elif isinstance(value, str):
            found[key] = value
    return found
