"""What a Config Connector object is called in Google Cloud, and what a reference to one really means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drift.model import Unresolved
from providers.gcp import schema
from providers.gcp.config_connector.kinds import Kind, collection_of, data
from providers.gcp.config_connector.objects import Declared, Objects

#: The members of a reference; anything else beside them makes it a plain object.
MEMBERS = frozenset({"name", "namespace", "external", "kind", "apiVersion"})
_TOPS = {
    "projects": "project",
    "folders": "folder",
    "organizations": "organization",
    "billingAccounts": "billingAccount",
}
#: What stands before the name that is relative to an API's host.
PREFIX = re.compile(r"^(?:https?:)?//[^/]+/(?:(?:compute|[a-z]+)/)?(?:v\d\w*/)?")
_ZONE = re.compile(r"-[a-z]$")
_PLACES = ("locations", "regions", "zones")


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference means: the resource's relative name, and the declared object where there is one."""

    path: str
    object: Declared | None = None


def is_reference(value: Any) -> bool:
    """Whether a value has the form of a reference (``{external: …}``, ``{name: …}``)."""
    return (
        isinstance(value, Mapping)
        and bool(value)
        and set(value) <= MEMBERS
        and bool({"name", "external"} & set(value))
    )


class Names:
    """The names of one entry's objects; ``scope`` is the entry's own project, where it says one."""

    def __init__(self, objects: Objects, scope: str | None) -> None:
        self.objects, self.scope = objects, scope
        self._paths: dict[int, str | Unresolved] = {}

    def path(self, one: Declared) -> str | Unresolved:
        """The resource's name relative to its API's host; Unresolved where it can't be told, with the
        reason."""
        if id(one) not in self._paths:
            self._paths[id(one)] = Unresolved(f"{one.address} refers to itself")
            self._paths[id(one)] = self._path(one)
        return self._paths[id(one)]

    def full(self, one: Declared) -> str | Unresolved:
        """The Cloud Asset full resource name."""
        path = self.path(one)
        if isinstance(path, Unresolved):
            return path
        host = data()["name_hosts"].get(one.means.host, one.means.host)
        return f"//{host}/{_asset_path(one.means, path)}"

    def resolve(self, ref: Mapping[str, Any], word: str, by: Declared) -> Target | Unresolved:
        """What a reference means; ``word`` is the field's name without ``Ref``."""
        external = ref.get("external")
        if external not in (None, ""):
            return Target(PREFIX.sub("", str(external)) if "/" in str(external) else str(external))
        name, kind = str(ref.get("name") or ""), ref.get("kind")
        found = self.objects.named(name, ref.get("namespace") or by.namespace, kind)
        found = [one for one in found if one is not by] or found
        if len(found) > 1:
            found = _best(found, word)
        if len(found) != 1:
            many = "is the name of several declared objects" if found else "is not declared here"
            return Unresolved(
                f"{word}Ref: {name!r} {many}, so that what it is called in Google Cloud is not known"
            )
        path = self.path(found[0])
        return path if isinstance(path, Unresolved) else Target(path, found[0])

    def top(self, one: Declared) -> tuple[str, str] | Unresolved | None:
        """(``projects``, id) that the object lies in; also folders, organizations and billing accounts."""
        for plural, word in _TOPS.items():
            for key in (f"{word}Ref", f"apigee{word[:1].upper()}{word[1:]}Ref"):
                if is_reference(one.spec.get(key)):
                    found = self.resolve(one.spec[key], word, one)
                    return found if isinstance(found, Unresolved) else (plural, found.path.rpartition("/")[2])
            if word != "project" and one.spec.get(f"{word}Id"):
                return plural, str(one.spec[f"{word}Id"])
        nearby = (one.annotations, self.objects.namespaces.get(one.namespace, {}))
        for said_of in nearby:
            for plural, word in _TOPS.items():
                if said := said_of.get(f"cnrm.cloud.google.com/{word}-id"):
                    return plural, str(said)
        said = one.namespace or self.scope
        return ("projects", said) if said else None

    def inside(self, one: Declared) -> str | None:
        """The first part of the kind's names where they begin with what the resource lies in; None where they
        don't."""
        first, _, rest = one.means.paths[0].partition("/*/")
        return first if rest else None

    def _path(self, one: Declared) -> str | Unresolved:
        kind = one.means
        name = self._own(one)
        if isinstance(name, Unresolved):
            return name
        if "/" in name and (name.startswith(tuple(f"{top}/" for top in _TOPS)) or _fits(name, kind)):
            return name
        top = self.top(one)
        if kind.said.get("id"):
            if not isinstance(top, tuple):
                return top or Unresolved(f"{one.address}: its project is not known; set the option scope")
            name = str(kind.said["id"]).format(id=name, project=top[1])
        if kind.said.get("self") == "project":
            return f"projects/{name}"
        if not kind.schema and (within := self._within(one)):
            return within if isinstance(within, Unresolved) else f"{within}/{name}"
        parents = self._parents(one)
        reasons = [parent for parent in parents if isinstance(parent, Unresolved)]
        known = [parent for parent in parents if isinstance(parent, str)]
        fitting = [path for form in kind.paths if (path := _fill(form, name, one, top, known)) is not None]
        if not fitting:
            if reasons:
                return reasons[0]
            return Unresolved(
                f"{one.address}: its project, location or parent is not known; expected {kind.paths[0]}"
            )
        return max(fitting, key=lambda path: sum(path.startswith(f"{parent}/") for parent in known))

    def _within(self, one: Declared) -> str | Unresolved | None:
        """Of a kind that no document of its API tells: the collection within what a reference leads to that
        the kind's own name begins with (``MemorystoreInstanceEndpoint``, ``instanceRef`` →
        ``…/instances/i/endpoints``)."""
        for key, value in one.spec.items():
            if not key.endswith("Ref") or not is_reference(value) or key[:-3].lower() in _TOPS.values():
                continue
            _, found, rest = one.kind.lower().rpartition(key[:-3].lower())
            if found and rest:
                target = self.resolve(value, key[:-3], one)
                own = one.kind[-len(rest) :]
                many = collection_of(own[:1].lower() + own[1:])
                return target if isinstance(target, Unresolved) else f"{target.path}/{many}"
        return None

    def _own(self, one: Declared) -> str | Unresolved:
        """The last part of the name: resourceID, what the server assigned, or the object's own name."""
        if form := one.means.said.get("own"):
            parts = [one.spec.get(part) for part in form]
            if all(parts):
                return "/".join(map(str, parts))
            return Unresolved(
                f"{one.address}: its name is made of {' and '.join(form)}, and not all are declared"
            )
        said = one.spec.get("resourceID") or one.spec.get(str(one.means.said.get("id_field")))
        if said:
            return str(said)
        if one.means.said.get("server_id"):
            for key in ("externalRef", "name", "resourceID", "folderId"):
                observed = one.status.get(key) or (one.status.get("observedState") or {}).get(key)
                if observed:
                    return PREFIX.sub("", str(observed))
            return Unresolved(
                f"{one.address}: Google Cloud chooses its id, which is only in the object's status"
            )
        return one.name

    def _parents(self, one: Declared) -> list[str | Unresolved]:
        found: list[str | Unresolved] = []
        for key, value in one.spec.items():
            if (
                not key.endswith("Ref")
                or not is_reference(value)
                or key in ("projectRef", "folderRef", "organizationRef")
            ):
                continue
            target = self.resolve(value, key[:-3], one)
            found.append(target if isinstance(target, Unresolved) else target.path)
            if isinstance(target, Target) and "/" not in target.path:
                found.append(f"{schema.plain(key[:-3])}={target.path}")
        return found


def _asset_path(kind: Kind, path: str) -> str:
    return (
        path.removeprefix("b/").removeprefix("admin/") if kind.paths[0].startswith(("b/", "admin/")) else path
    )


def _best(found: list[Declared], word: str) -> list[Declared]:
    """Of several objects of a name those whose collection the field's name ends with, or has in it."""
    wanted = schema.plain(word)
    for how in (str.endswith, str.__contains__):
        best = [one for one in found if how(wanted, schema.plain(schema.singular(one.means.collection)))]
        if best:
            return best
    return found


def _fits(name: str, kind: Kind) -> bool:
    parts = name.split("/")
    return any(
        len(parts) == len(form.split("/"))
        and all(want in ("*", have) for want, have in zip(form.split("/"), parts, strict=True))
        for form in kind.paths
    )


def _fill(form: str, name: str, one: Declared, top: Any, parents: list[str]) -> str | None:
    """The path of one form with what the object says; None where that does not suffice or says otherwise."""
    location = next((str(one.spec[key]) for key in ("location", "region", "zone") if one.spec.get(key)), None)
    parts = form.split("/")
    inner = parts[:-2] if parts[-1] == "*" and parts[-2] != "*" else parts[:-1]
    for parent in sorted(parents, key=len, reverse=True):
        if "=" not in parent and _same_form(parent.split("/"), inner):
            return "/".join([*parent.split("/"), *parts[len(inner) :][:-1], name])
    single = bool(one.means.said.get("single"))
    done: list[str] = []
    for at, part in enumerate(parts if single else parts[:-1]):
        if part != "*":
            done.append(part)
            continue
        before = parts[at - 1] if at else ""
        if before == "" or before == "*":
            if not isinstance(top, tuple):
                return None
            done.append(top[0] if not at else top[1])
            continue
        value = _variable(before, one, top, parents, location)
        if value is None:
            return None
        done.append(value)
    place = next((word for word in _PLACES if word in parts), None)
    if location and location != "global" and place is None and "global" in parts:
        return None
    return "/".join(done if single else [*done, name])


def _same_form(parent: list[str], inner: list[str]) -> bool:
    return len(parent) == len(inner) and all(
        want in ("*", have) for want, have in zip(inner, parent, strict=True)
    )


def _variable(before: str, one: Declared, top: Any, parents: list[str], location: str | None) -> str | None:
    if before in _TOPS:
        if isinstance(top, tuple) and (
            top[0] == before or before == "organizations" and one.means.host.startswith("apigee")
        ):
            return str(top[1])
        return None
    if before == "locations":
        return location or data()["locations"].get(one.means.host)
    if before == "regions":
        return location if location and location != "global" and not _ZONE.search(location) else None
    if before == "zones":
        if "locations" in one.means.paths[0]:
            return str(one.spec["zone"]) if one.spec.get("zone") else None
        return location if location and _ZONE.search(location) else None
    word = schema.plain(schema.singular(before))
    for parent in parents:
        key, equals, value = parent.partition("=")
        if equals and key.endswith(word):
            return value
        if not equals and f"/{before}/" in f"/{parent}":
            return f"/{parent}".rpartition(f"/{before}/")[2].partition("/")[0]
    word = str(one.means.said.get("variables", {}).get(before, word))
    for key, value in one.spec.items():
        if isinstance(value, str) and schema.plain(key) in (word, f"{word}id", schema.plain(before)):
            return value
    return None
