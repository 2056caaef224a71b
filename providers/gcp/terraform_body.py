"""Makes a REST body of a Terraform resource's attributes: names by the API's own schema, exceptions by the
type's entry."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from drift.model import Sensitive, Unresolved
from drift.values import is_empty, is_off
from providers.gcp import schema
from providers.gcp.terraform_entries import Entry
from providers.gcp.terraform_names import Variables, fill
from providers.terraform_words import camel, parsed

#: Terraform's own attributes, on any type.
_LEAVE = frozenset(
    "id self_link project timeouts effective_labels terraform_labels effective_annotations label_fingerprint "
    "etag tags_fingerprint metadata_fingerprint fingerprint deletion_protection deletion_policy "
    "force_destroy creation_timestamp create_time update_time self_link_unique generated_id".split()
)

_UNREAD = Unresolved("Google's APIs take this secret and never give it back")
#: Secrets that can be written and not read, wherever they stand.
_SECRET = frozenset(
    "password root_password private_key shared_secret secret_data client_key raw_key disk_encryption_key_raw "
    "oauth2_client_secret auth_token service_key private_key_data payload_data".split()
)


class Body:
    """One resource's translation."""

    def __init__(self, entry: Entry, values: Variables, name: str | None, *, explicit: bool = False) -> None:
        """``explicit``: what is empty was written by somebody; a state has that of all that is unsaid,
        too."""
        self.entry, self.explicit = entry, explicit
        self.segments = frozenset((name or "").split("/")[2:])
        self.values = values
        self.root: dict[str, Any] = {}

    def of(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """The body that the attributes declare; what is null or empty is unsaid.

        False and 0 are what the API said, or left out, when the state was read.
        """
        node = schema.named(self.entry.host, self.entry.schema)
        said = dict(attributes)
        whole = said.get("terraform_labels")
        if whole and "labels" in said:
            said["labels"] = whole
        for path, text in self.entry.set.items():
            value = fill(text, self.values) if isinstance(text, str) else text
            if value is not None:
                _put(self.root, path, value)
        if self.entry.under:
            member: dict[str, Any] = {}
            self._walk(said, _follow(self.entry.host, node, self.entry.under), "", member)
            if member:
                _put(self.root, self.entry.under, member)
        else:
            self._walk(said, node, "", self.root)
        return self.root

    def _walk(self, said: Mapping[str, Any], node: schema.Node, at: str, out: dict[str, Any]) -> None:
        known = schema.properties(self.entry.host, node)
        for name, value in said.items():
            path = f"{at}/{name}" if at else name
            words = self.entry.fields.get(path)
            if (
                path in self.entry.leave
                or path in self.entry.also
                or (not at and words is None and name in _LEAVE)
            ):
                continue
            unsaid = is_empty(value) and not self.explicit and not (words or {}).get("said")
            if unsaid or value is None:
                found = _match(name, known) if value == "" and words is None and name not in _SECRET else None
                if found and path not in self.entry.unread and _text((known or {})[found]):
                    out[found] = ""  # a state's empty text was read as such: what stands there now is new
                continue
            if path in self.entry.unread:
                out[camel(name)] = Unresolved(self.entry.unread[path])
                continue
            if words is not None:
                self._exception(words, value, node, path, out)
                continue
            found = _match(name, known)
            if found is None:
                if is_off(value) and not self.explicit:
                    continue
                if at or not self._names(name, value):
                    scalar = not isinstance(value, list | Mapping)
                    reason = f"no field of the API is known for Terraform's {path}"
                    out[camel(name)] = value if scalar and not known else Unresolved(reason)
                continue
            below = (known or {})[found]
            if not below.get("o"):
                out[found] = self._value(value, below, path)

    def _names(self, name: str, value: Any) -> bool:
        """Whether an attribute that is no field is a part of the resource's name."""
        told = any(f"{name}}}" in text or f"{name}|" in text for text in self.entry.id)
        told = told or (name == "location" and value == "global")
        return told or (isinstance(value, str) and value.rpartition("/")[2] in self.segments)

    def _exception(
        self, words: Mapping[str, Any], value: Any, node: schema.Node, path: str, out: dict[str, Any]
    ) -> None:
        to = words.get("to") or camel(path.rpartition("/")[2])
        if to == ".":
            text = parsed(value, path) if words.get("json") else value
            inner = text[0] if isinstance(text, list) else text
            if words.get("json"):
                whole = inner if isinstance(inner, Mapping) else {camel(path): inner}
                out.update((name, one) for name, one in whole.items() if name not in _LEAVE)
            elif isinstance(inner, Mapping):
                self._walk(inner, node, path, out)
            return
        target, start = (
            (self.root, schema.named(self.entry.host, self.entry.schema)) if to[0] == "/" else (out, node)
        )
        to = to.strip("/")
        below = _follow(self.entry.host, start, to)
        if path.rpartition("/")[2] in _SECRET:
            value = _UNREAD
        elif isinstance(value, Sensitive):
            value = Sensitive(self._converted(words, value.value, below, path))
        else:
            value = self._converted(words, value, below, path)
        if value is None:
            return
        if isinstance(value, dict) and "with" in words:
            value = {**words["with"], **value}
        if "item" in words or "pairs" in words:  # several attributes may add to one list
            *above, last = to.split("/")
            for part in above:
                target = target.setdefault(part, {})
            pairs = [{"key": words["item"], "value": value}] if "item" in words else value
            target.setdefault(last, []).extend(pairs if isinstance(pairs, list) else [pairs])
        elif "append" in words:
            members = [{**words["append"], **one} for one in value if isinstance(one, Mapping)]
            target.setdefault(to, []).extend(members)
        else:
            _put(target, to, value)

    def _converted(self, words: Mapping[str, Any], value: Any, below: schema.Node, path: str) -> Any:
        if isinstance(value, Unresolved):
            return value
        if "item" in words:
            return value
        if "map" in words and not isinstance(value, list | dict):
            value = words["map"].get(value, value)
        if words.get("invert"):
            value = not value
        if "suffix" in words:
            value = f"{value}{words['suffix']}"
        if "link" in words:
            value = (
                [self._link(words["link"], one) for one in value]
                if isinstance(value, list)
                else self._link(words["link"], value)
            )
        if words.get("base64"):
            value = base64.b64encode(str(value).encode()).decode()
        if words.get("json"):
            return parsed(value, path)
        if "pairs" in words and isinstance(value, Mapping):
            key, named = words["pairs"]
            return [{key: one, named: said} for one, said in value.items()]
        if "halves" in words and isinstance(value, list):
            return [dict(zip(words["halves"], str(one).split(":", 1), strict=False)) for one in value]
        if "wrap" in words and isinstance(value, list):
            return [{words["wrap"]: one} for one in value]
        if "keyed" in words and isinstance(value, list):
            found: dict[str, Any] = {}
            for one in value:
                rest = {name: said for name, said in one.items() if name != words["keyed"]}
                found[str(one[words["keyed"]])] = self._value(rest, below.get("m", {}), path)
            return found
        if words.get("list") and not isinstance(value, list):
            value = [value]
        return self._value(value, below, path)

    def _link(self, template: str, value: Any) -> Any:
        """A bare name as the link that it stands for; a path or URL as it is."""
        if not isinstance(value, str) or "/" in value:
            return value
        return fill(template.replace("{}", value), self.values) or value

    def _value(self, value: Any, node: schema.Node, path: str) -> Any:
        if isinstance(value, str | Sensitive) and path.rpartition("/")[2] in _SECRET:
            return _UNREAD
        if isinstance(value, Sensitive | Unresolved):
            return value
        if "i" in node:
            many = value if isinstance(value, list) else [value]
            text = schema.only_text(self.entry.host, node["i"])
            if text and all(isinstance(one, str) for one in many):
                return [{text: one} for one in many]
            return [self._value({} if one is None else one, node["i"], path) for one in many]
        if "m" in node:
            inner = value[0] if isinstance(value, list) and value else value
            if not isinstance(inner, Mapping):
                return inner
            return {name: one for name, one in inner.items() if not name.startswith("goog-")}
        if schema.properties(self.entry.host, node):
            inner = (value[0] if value else {}) if isinstance(value, list) else value
            if not isinstance(inner, Mapping):
                return {} if inner is None else inner
            out: dict[str, Any] = {}
            self._walk(inner, node, path, out)
            return out
        if "r" in node and isinstance(value, list) and len(value) == 1:  # a block without fields of its own
            said = value[0].values() if isinstance(value[0], Mapping) else value
            none = all(is_empty(one) or is_off(one) for one in said)
            return (
                {} if none else Unresolved(f"no field of the API is known for what Terraform's {path} holds")
            )
        if node.get("t") == "string" and isinstance(value, int | float):
            return str(value).lower() if isinstance(value, bool) else str(value)
        if node.get("t") and isinstance(value, list) and len(value) == 1:
            return value[0]
        return value


def _text(node: schema.Node) -> bool:
    """Whether a field is a plain text that can be set, and that is empty where nobody does."""
    filled = "e" in node and "s" in node
    return node.get("t") == "string" and not node.get("o") and "f" not in node and not filled


def _match(name: str, known: schema.Properties | None) -> str | None:
    """The schema's name for Terraform's: camel case, else the same letters, else the plural that a block
    stands for."""
    if not known:
        return None
    exact = camel(name)
    if exact in known:
        return exact
    plain = schema.plain(name)
    letters = {schema.plain(one): one for one in known}
    for form in (
        plain,
        plain + "s",
        plain + "es",
        plain[:-1] + "ies" if plain.endswith("y") else plain + "s",
    ):
        if form in letters:
            found = letters[form]
            if form == plain or "i" in known[found]:
                return found
    return None


def _follow(host: str, node: schema.Node, path: str) -> schema.Node:
    for name in path.strip("/").split("/"):
        many = name.endswith("[]")
        node = (schema.properties(host, node) or {}).get(name.removesuffix("[]"), {})
        node = node.get("i", {}) if many else node
    return node


def _put(out: dict[str, Any], path: str, value: Any) -> None:
    """Sets what is at ``path``; ``name[]`` is the first member of a list."""
    *parents, last = path.split("/")
    for name in parents:
        out = _inside(out, name)
    if last.endswith("[]"):
        _inside(out, last).update(value)
    elif isinstance(value, dict) and isinstance(out.get(last), dict):
        out[last] = {**out[last], **value}
    else:
        out[last] = value


def _inside(out: dict[str, Any], name: str) -> dict[str, Any]:
    if name.endswith("[]"):
        many = out.setdefault(name[:-2], [{}])
        found: dict[str, Any] = many[0]
        return found
    below: dict[str, Any] = out.setdefault(name, {})
    return below
