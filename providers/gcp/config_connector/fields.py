"""Turns a Config Connector spec into the REST body that its controller sends, by the API's schema.

What is declared is never dropped: a field that has no place in the schema stands in the body as unverifiable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from drift.model import Sensitive, Unresolved
from drift.pointer import join
from providers.gcp import schema
from providers.gcp.config_connector.as_terraform import bettered, merge
from providers.gcp.config_connector.kinds import data
from providers.gcp.config_connector.objects import Declared
from providers.gcp.config_connector.places import Places
from providers.gcp.config_connector.references import Names, Target, is_reference
from providers.gcp.config_connector.typed import is_typed, typed

_PLACES = frozenset({"location", "region", "zone"})
#: Of a label of the object's own metadata beside those of its spec, which only some kinds' controllers send.
_BESIDE = Unresolved("whether Config Connector sends the object's own labels beside spec.labels is not known")
_SCALARS = frozenset({"string", "integer", "number", "boolean"})


class Body:
    """One object's body; ``lines`` maps the body's JSON Pointers to the lines of the manifest."""

    def __init__(self, one: Declared, names: Names) -> None:
        self.one, self.names, self.host = one, names, one.means.host
        self.lines: dict[str, int] = {}
        self.root = schema.named(self.host, one.means.schema)
        self.places = Places(one, names)

    def build(self) -> dict[str, Any]:
        """The whole body: the spec's fields and the labels of the metadata."""
        known = schema.properties(self.host, self.root)
        body: dict[str, Any] = {}
        for key, value in self.one.spec.items():
            if key in data()["directives"] or value is None or self._names(key, value, known):
                continue
            part: dict[str, Any] = {}
            self._member(part, key, value, known, join("/spec", key), "")
            merge(body, bettered(self.one, self.names, key, value, part))
        for name, form in self.one.means.said.get("links", {}).items():
            value, path = body.get(name), self.names.path(self.one)
            if isinstance(value, str) and value and "/" not in value and isinstance(path, str):
                body[name] = str(form).format(project=path.split("/")[1], value=value)
        for name, more in self.one.means.said.get("with", {}).items():
            if isinstance(body.get(name), dict):
                body[name] = {**more, **body[name]}
        self._labels(body, known)
        self._parent(body, known)
        return body

    def _parent(self, body: dict[str, Any], known: schema.Properties | None) -> None:
        """What the resource lies in, where that is a field and no part of the name (a folder's parent)."""
        top = self.names.top(self.one)
        node = (known or {}).get("parent")
        if node is None or node.get("o") or self.names.inside(self.one) is not None:
            return
        if isinstance(top, tuple) and top[0] != "projects":
            body.setdefault("parent", "/".join(top))
        elif isinstance(top, Unresolved):
            body.setdefault("parent", top)

    def _names(self, key: str, value: Any, known: schema.Properties | None) -> bool:
        """Whether a top field only says what the resource is called: then it is in the id."""
        node = (known or {}).get(key)
        if key in _PLACES:
            return node is None or bool(node.get("o")) or self.host == "compute.googleapis.com"
        path = self.names.path(self.one)
        if key.endswith("Ref") and is_reference(value):
            found = self.names.resolve(value, key[:-3], self.one)
            if isinstance(found, Target) and isinstance(path, str):
                inside = f"/{path}/"
                if f"/{found.path}/" in inside and found.path.rpartition("/")[2] in path.split("/")[:-1]:
                    return True
            word = key[:-3].lower()
            return self.places.place(key[:-3], known, None) is None and word.endswith(
                ("project", "folder", "organization", "billingaccount")
            )
        if node is None and isinstance(value, str) and isinstance(path, str):
            parts = path.split("/")
            for before, part in zip(parts, parts[1:], strict=False):
                if part == value and schema.plain(key) in (
                    schema.plain(schema.singular(before)),
                    f"{schema.plain(before)[:-1]}id",
                ):
                    return True
        return False

    def _labels(self, body: dict[str, Any], known: schema.Properties | None) -> None:
        said = self.one.metadata.get("labels")
        sent: dict[str, Any] = {key: str(value) for key, value in (said or {}).items() if "/" not in str(key)}
        if not sent or self.one.means.said.get("labels") is False:
            return  # the controller sends none of this kind
        place = self.one.means.said.get("labels") or next(
            (n for n in ("labels", "userLabels") if known is None or n in known), None
        )
        if place is None:
            return  # the API has no labels: they are only the Kubernetes object's
        if "labels" in self.one.spec:
            sent = dict.fromkeys(sent, _BESIDE)
        holder = body
        *above, last = place.split("/")
        for name in above:
            holder = holder.setdefault(name, {})
        if isinstance(holder.get(last, {}), dict):
            holder[last] = {**sent, **holder.get(last, {})}

    def _member(
        self, body: dict[str, Any], key: str, value: Any, known: schema.Properties | None, said: str, at: str
    ) -> None:
        """Puts one declared field where the schema has it."""
        reference = is_reference(value) or (
            isinstance(value, list) and bool(value) and all(is_reference(one) for one in value)
        )
        named = reference and key.endswith(("Ref", "Refs"))
        reference = named or (is_reference(value) and "external" in value)
        stem = key[: key.rindex("Ref")] if reference and "Ref" in key else key
        name = (
            self.places.place(stem, known, value if reference else None)
            if known is not None
            else self.places.guess(stem)
        )
        if name is None and not reference and self._group(body, value, known, said, at):
            return
        place = name or stem
        pointer = join(at, place)
        if line := self.one.lines.get(said):
            self.lines[pointer] = line
        if name is None:
            body[place] = Unresolved(f"spec{said[5:]}: the API's {self.one.means.schema} has no field for it")
            return
        node = known.get(name, {}) if known is not None else {}
        if reference:
            body[place] = self._references(value, stem, node)
        else:
            body[place] = self.value(value, node, said, pointer, place)

    def _group(
        self, body: dict[str, Any], value: Any, known: schema.Properties | None, said: str, at: str
    ) -> bool:
        """Puts the members of a mapping that only groups fields (the branches of a choice) in the object
        itself."""
        if not isinstance(value, Mapping) or not value:
            return False
        if any(self.places.place(str(key).removesuffix("Ref"), known, None) is None for key in value):
            return False
        for key, one in value.items():
            self._member(body, str(key), one, known, join(said, key), at)
        return True

    def _references(self, value: Any, word: str, node: schema.Node) -> Any:
        if isinstance(value, list):
            return [self._reference(one, word, node.get("i", {})) for one in value]
        found = self._reference(value, word, node.get("i", node))
        return [found] if "i" in node else found

    def _reference(self, value: Mapping[str, Any], word: str, node: schema.Node) -> Any:
        target = self.names.resolve(value, word, self.one)
        if isinstance(target, Unresolved):
            return target
        known = schema.properties(self.host, node)
        if known is not None:
            return self._compound(target, known)
        path = target.path
        service = self.one.means.said.get("services", {}).get(word)
        if service is not None:
            tail = path.removeprefix("b/").removeprefix(f"{service}.googleapis.com/")
            return f"{service}.googleapis.com/{tail}"
        if "/" not in path:
            return path
        top = self.names.top(self.one)
        short = target.object is None and path.count("/") == 1 and path.partition("/")[0] == node.get("l")
        if short and isinstance(top, tuple) and node["l"] != top[0]:
            return "/".join([*top, path])  # written without the project that it lies in
        form = self.one.means.said.get("references", {}).get(target.object.kind if target.object else "")
        if form and target.object is not None:
            parts, spec = path.split("/"), target.object.spec
            if not isinstance(spec.get("region"), str):
                return Unresolved(f"{target.object.address}: its region is not declared")
            return str(form).format(project=parts[1], region=spec["region"], id=parts[-1])
        return meant(path, target)

    def _compound(self, target: Target, known: schema.Properties) -> Any:
        """A reference that the API has as an object of its parts (``{projectId, datasetId}``)."""
        parts = target.path.split("/")
        pairs = {schema.plain(schema.singular(a)): b for a, b in zip(parts[::2], parts[1::2], strict=False)}
        found = {}
        for name in known:
            plain = schema.plain(name)
            for word, part in pairs.items():
                if plain in (word, f"{word}id"):
                    found[name] = part
        return found or Unresolved(f"the reference to {target.path} has no place in the API's fields")

    def value(self, value: Any, node: schema.Node, said: str, at: str, name: str) -> Any:
        """One declared value in the schema's form."""
        known = schema.properties(self.host, node)
        if is_typed(known):
            return typed(value)
        if value is True and known is not None and len(known) == 1:
            return {next(iter(known)): {}}
        if isinstance(value, Mapping):
            return self._mapping(value, node, known, said, at, name)
        if isinstance(value, list):
            if known is not None:
                inner = [key for key, below in known.items() if "i" in below]
                if len(inner) == 1 and len(known) <= 2:
                    return {inner[0]: self.value(value, known[inner[0]], said, at, inner[0])}
                if len(value) == 1:
                    return self.value(value[0], node, f"{said}/0", at, name)
            if "m" in node and value:
                named = self._by_name(value, node["m"], said, at)
                return named or Unresolved(
                    f"{at}: a list, for which the API's {self.one.means.schema} has no field for it"
                )
            item = node.get("i", {})
            text = schema.only_text(self.host, item)
            if text and all(isinstance(one, str) for one in value):
                return [{text: one} for one in value]
            return [self.value(one, item, f"{said}/{i}", f"{at}/{i}", name) for i, one in enumerate(value)]
        if (
            isinstance(value, str)
            and (known is not None or "i" in node or "m" in node)
            and value.strip()[:1] in ("[", "{")
        ):
            return self._text(value, node, known, at)
        return [value] if "i" in node and value is not None else value

    def _mapping(
        self,
        value: Mapping[str, Any],
        node: schema.Node,
        known: schema.Properties | None,
        said: str,
        at: str,
        name: str,
    ) -> Any:
        if value and set(value) <= {"value", "valueFrom"} and not {"value", "valueFrom"} & set(known or {}):
            if "valueFrom" in value:
                return Unresolved(
                    f"spec{said[5:]}: comes from a Secret or ConfigMap (valueFrom), which is not declared"
                )
            return Sensitive(value["value"])
        if known is None and "m" not in node and "i" in node:
            return [
                self._mapping(
                    value, node["i"], schema.properties(self.host, node["i"]), said, f"{at}/0", name
                )
            ]
        if node.get("t") in _SCALARS and len(value) == 1:
            key, ref = next(iter(value.items()))
            if is_reference(ref) and key.endswith("Ref"):
                return self._reference(ref, key[:-3], node)
            if isinstance(ref, (str, int, float, bool)):
                return ref
        if node.get("t") in _SCALARS and is_reference(value):
            return self._reference(value, name, node)
        pairs = self._pairs(value, known)
        if pairs is not None:
            return pairs
        body: dict[str, Any] = {}
        for key, one in value.items():
            if one is None:
                continue
            where = join(said, key)
            if known is None and "m" in node:
                body[str(key)] = self.value(one, node["m"], where, join(at, key), str(key))
            else:
                self._member(body, str(key), one, known, where, at)
        return body

    def _by_name(self, value: list[Any], node: schema.Node, said: str, at: str) -> dict[str, Any] | None:
        """A list whose members say the key that they have in the API's map, in the one field that their
        schema does not have; None where that is not so."""
        known = schema.properties(self.host, node)
        if not known or not all(isinstance(one, Mapping) for one in value):
            return None
        names = {key for one in value for key in one if self.places.place(str(key), known, None) is None}
        if len(names) != 1 or not all(isinstance(one.get(next(iter(names))), str) for one in value):
            return None
        name = names.pop()
        found: dict[str, Any] = {}
        for index, one in enumerate(value):
            key, rest = str(one[name]), {other: item for other, item in one.items() if other != name}
            found[key] = self.value(rest, node, f"{said}/{index}", join(at, key), key)
        return found if len(found) == len(value) else None

    def _pairs(self, value: Mapping[str, Any], known: schema.Properties | None) -> dict[str, Any] | None:
        """A map where the API has one list of names and values; None where it has something else."""
        if not known or len(known) != 1 or set(value) & set(known):
            return None
        name, node = next(iter(known.items()))
        if set(schema.properties(self.host, node.get("i")) or ()) != {"name", "value"}:
            return None
        return {name: [{"name": key, "value": one} for key, one in value.items()]}

    def _text(self, value: str, node: schema.Node, known: schema.Properties | None, at: str) -> Any:
        """A JSON text where the API has a structure."""
        try:
            parsed = json.loads(value)
        except json.JSONDecodeError:
            return Unresolved(f"expected JSON for the API's structure, got a text that is none, at {at}")
        if isinstance(parsed, list) and known is not None and "fields" in known:
            return {"fields": parsed}
        return parsed


def meant(path: str, target: Target) -> str:
    """The text by which other resources name this one: an e-mail address, a bucket's name, else the link."""
    parts = path.split("/")
    if len(parts) >= 2 and parts[-2] == "serviceAccounts" and target.object is not None:
        return parts[-1]
    if path.startswith("b/"):
        return parts[-1]
    return path
