"""Declares what nobody declares: an object of a kind that is declared already, made of one of its like, field
by field as the live resource has them."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from drift import reading
from drift.editing.objects import Spot, spots
from drift.editing.rewrite import Operation
from drift.editing.target import pruned, terms
from drift.editing.versions import replacements
from drift.editing.yaml import YamlText
from drift.editing.yaml_spelling import YAML_1_1
from drift.editor import Edit, NotEdited, Place, Wish
from drift.model import MISSING, Resource
from drift.redaction import is_secret
from drift.values import children, same
from providers.gcp.config_connector import Declaration
from providers.gcp.config_connector.objects import Declared
from providers.gcp.config_connector.tried import Tried

#: What Kubernetes takes for a name. Source:
#: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
#: What only names a resource, as its id does.
_NAMES = frozenset({"name", "id", "selfLink"})
_PROJECT = "cnrm.cloud.google.com/project-id"


def fitness(wish: Wish) -> int:
    """0 where no object of the declaration declares another resource of its type; more in its project."""
    return max((3 if one.scope == wish.resource.scope else 1 for _, one in _alike(wish)), default=0)


def edits(wish: Wish) -> Iterator[Edit]:
    """The object, in the file of one of its like. Raises NotEdited."""
    live = wish.finding.live
    if live is None or live.id is None:
        raise NotEdited("it is not live")
    if _hidden(live.attributes):
        raise NotEdited("a secret of it is never written to Git")
    several = sorted(_alike(wish), key=lambda one: one[1].scope != live.scope)
    if not several:
        raise NotEdited(f"no object declares another {live.type}, whose kind it could have")
    why: NotEdited | None = None
    for one, _ in several[:3]:
        try:
            yield _edit(wish, live, one)
            return
        except NotEdited as error:
            why = why or error
    assert why is not None
    raise why


def _alike(wish: Wish) -> Iterator[tuple[Declared, Resource]]:
    """The objects that declare another resource of the type, with what they declare."""
    declaration, resource = wish.declaration, wish.resource
    if not isinstance(declaration, Declaration) or wish.view is None or resource.provider != "gcp":
        return
    said = [one for one in declaration.resources(wish.view) if isinstance(one, Resource)]
    alone = {str(one.origin): sum(str(each.origin) == str(one.origin) for each in said) for one in said}
    for one in said:
        if one.type != resource.type or one.partial or one.origin is None or alone[str(one.origin)] != 1:
            continue
        for each in declaration.objects.found:
            if (each.file, each.line, each.address) == (one.origin.file, one.origin.line, one.origin.address):
                yield each, one


def _edit(wish: Wish, live: Resource, like: Declared) -> Edit:
    assert isinstance(wish.declaration, Declaration)
    file = wish.file(like.file)
    where = Place(Path(like.file), like.line)
    if file.suffix == ".json":
        raise NotEdited("nothing is added to a file of JSON", where)
    found = [
        spot
        for spot in spots(file, YAML_1_1)
        if (spot.body.get("kind"), spot.name) == (like.kind, like.name) and spot.line == like.line
    ]
    if len(found) != 1 or found[0].way:
        raise NotEdited(f"{like.address} is no document of its own", where)
    making = _Making(wish, live, Tried(wish.declaration, like, live.id, wish.view, found[0]))
    making.begin()
    unsaid = list(making.fill())
    before = reading.content(file, file.name)
    text = YamlText(before, YAML_1_1, named=file.name)
    text.append_document(making.named())
    says = f"declares {like.kind} {live.name} in {file.name}"
    if unsaid:
        says += f"; no field is known for {', '.join(unsaid)}"
    return Edit(replacements(file, before, text.content), says)


@dataclass
class _Making:
    """The object that is being made, ``tried.spot.body``."""

    wish: Wish
    live: Resource
    tried: Tried

    @property
    def body(self) -> Mapping[str, Any]:
        return self.tried.spot.body

    def begin(self) -> None:
        """The least of the other object that means the live resource. Raises NotEdited."""
        body = copy.deepcopy(dict(self.body))
        metadata = body.get("metadata") or {}
        kept = {key: metadata[key] for key in ("name", "namespace") if key in metadata}
        project = (metadata.get("annotations") or {}).get(_PROJECT)
        body["metadata"] = {**kept, **({"annotations": {_PROJECT: project}} if project else {})}
        spec = {**(body.get("spec") or {}), "resourceID": str(self.live.id).rpartition("/")[2]}
        body = {key: body[key] for key in ("apiVersion", "kind", "metadata") if key in body}
        body["spec"] = spec
        if not self._takes(body):
            body = self._moved(body)
        for key in [key for key in spec if key != "resourceID"]:
            less = {**body, "spec": {name: one for name, one in body["spec"].items() if name != key}}
            if self._takes(less):
                body = less

    def _takes(self, body: Mapping[str, Any]) -> bool:
        """Makes this the object, where it means the live resource."""
        if self.tried.made(body) is None:
            return False
        self.tried = replace(self.tried, spot=_with(self.tried.spot, body))
        return True

    def _moved(self, body: dict[str, Any]) -> dict[str, Any]:
        """With the place of the live resource in that of the other one's. Raises NotEdited."""
        (other,) = self.tried.resources(body)[:1] or (None,)
        old, new = str(other.id if other else "").split("/"), str(self.live.id).split("/")
        turned = dict(zip(old, new, strict=True)) if len(old) == len(new) else {}

        def there(value: Any) -> Any:
            if isinstance(value, Mapping):
                return {key: there(one) for key, one in value.items()}
            if isinstance(value, list):
                return [there(one) for one in value]
            return turned.get(value, value) if isinstance(value, str) else value

        moved: dict[str, Any] = {**body, "metadata": there(body["metadata"]), "spec": there(body["spec"])}
        moved["metadata"]["name"] = body["metadata"]["name"]
        if not self._takes(moved):
            raise NotEdited("how an object would say where it lies is not known", self.tried.place)
        return moved

    def fill(self) -> Iterator[str]:
        """Has the object say what is live and no default; gives the paths that no field is known for."""
        facts, context = terms(self.wish, self.live)
        for name, value in self.live.attributes.items():
            if name in _NAMES:
                continue
            below = facts.child(name)
            wanted = MISSING if below.assigned else pruned(value, below, context)
            if wanted is not MISSING:
                yield from self._said((name,), wanted)

    def _said(self, steps: tuple[str, ...], value: Any) -> Iterator[str]:
        now = self.tried.made(self.body)
        for step in steps:
            now = now.get(step, MISSING) if isinstance(now, Mapping) else MISSING
        if same(now, value):
            return
        kind = "add" if now is MISSING else "put"
        one = (
            Operation("add", steps[:-1], value, name=steps[-1])
            if kind == "add"
            else Operation("put", steps, value, now)
        )
        try:
            made = self.tried.applied(one)
        except NotEdited:
            if isinstance(value, Mapping) and (isinstance(now, Mapping) or len(steps) == 1):
                for name, inner in value.items():
                    yield from self._said((*steps, str(name)), inner)
                return
            yield "/" + "/".join(steps)
            return
        self.tried = replace(self.tried, spot=_with(self.tried.spot, made))

    def named(self) -> dict[str, Any]:
        """The object under the resource\'s own name, where Kubernetes takes it for one."""
        body = copy.deepcopy(dict(self.body))
        called = str(body["spec"]["resourceID"])
        slug = re.sub(r"[^a-z0-9]+", "-", called.lower()).strip("-") or "imported"
        body["metadata"]["name"] = called if _NAME.fullmatch(called) else slug
        if body["metadata"]["name"] == called:
            del body["spec"]["resourceID"]
        if not body["spec"]:
            del body["spec"]
        return body


def _with(spot: Spot, body: Mapping[str, Any]) -> Spot:
    return replace(spot, body=body)


def _hidden(value: Any) -> bool:
    return is_secret(value) or any(map(_hidden, children(value)))
