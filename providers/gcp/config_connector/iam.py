"""Config Connector's IAM objects as bindings: one for each resource, role, member and condition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.errors import DeclaredError
from drift.finding import Unverifiable
from drift.model import Origin, Resource, Unresolved
from providers.gcp.config_connector.kinds import data, kind_of
from providers.gcp.config_connector.objects import Declared
from providers.gcp.config_connector.references import Names, Target, is_reference

TYPE = "iam.googleapis.com/Binding"
AUDIT = "iam.googleapis.com/AuditConfig"
_KINDS = frozenset({"IAMPolicyMember", "IAMPartialPolicy", "IAMPolicy", "IAMAuditConfig"})
_TOPS = ("projects/", "folders/", "organizations/")


def owns(one: Declared) -> bool:
    """Whether the object is one of IAM's policies."""
    return one.group == "iam" and one.kind in _KINDS


def check(one: Declared) -> None:
    """Raises DeclaredError, with file and line, where the object has not the form of a policy."""
    spec = one.spec
    _expect(one, spec.get("condition"), Mapping, "/spec/condition")
    for key in ("bindings", "auditConfigs"):
        _expect(one, spec.get(key), list, f"/spec/{key}")
        for at, said in enumerate(spec.get(key) or ()):
            where = f"/spec/{key}/{at}"
            if said is None:
                _expect(one, "nothing", Mapping, where)
            _expect(one, said, Mapping, where)
            _expect(one, said.get("members"), list, f"{where}/members")
            _expect(one, said.get("condition"), Mapping, f"{where}/condition")


def _expect(one: Declared, value: Any, form: type, pointer: str) -> None:
    if value is not None and not isinstance(value, form):
        line = one.lines.get(pointer, one.line)
        what = "a list" if form is list else "a mapping"
        key = pointer[1:].replace("/", ".")
        raise DeclaredError(f"{one.file}:{line}: {one.address}: {key}: expected {what}, got {value!r}")


def bindings(one: Declared, names: Names, origin: Origin) -> Iterator[Resource | Unverifiable]:
    """What the object grants; Unverifiable where the resource, the role or a member can't be told."""
    found = _resource(one, names)
    if isinstance(found, Unresolved):
        yield Unverifiable("gcp", names.scope or "", TYPE, one.address, "", found.reason, origin)
        return
    resource, scope = found
    if one.kind == "IAMAuditConfig":
        service = str(one.spec.get("service", ""))
        logs = one.spec.get("auditLogConfigs") or []
        body = {"resource": resource, "service": service, "auditLogConfigs": logs}
        yield Resource("gcp", scope, AUDIT, f"{resource}|{service}", body, name=service, origin=origin)
        return
    for at, (role, member, condition) in enumerate(_grants(one)):
        if isinstance(member, Mapping):
            member = _member(member, one, names)
        if isinstance(member, Unresolved) or not role:
            reason = member.reason if isinstance(member, Unresolved) else "the binding says no role"
            yield Unverifiable("gcp", scope, TYPE, f"{one.address}#{at}", "", reason, origin)
            continue
        yield binding(scope, resource, role, member, condition, origin)
    for config in one.spec.get("auditConfigs") or ():
        body = {"resource": resource, **config}
        service = str(config.get("service", ""))
        yield Resource("gcp", scope, AUDIT, f"{resource}|{service}", body, name=service, origin=origin)


def binding(
    scope: str, resource: str, role: str, member: str, condition: Mapping[str, Any] | None, origin: Origin
) -> Resource:
    """One binding as a resource: ``NAME|role|member``, and the condition where there is one."""
    name = f"{resource}|{role}|{member}"
    body: dict[str, Any] = {"resource": resource, "role": role, "member": member}
    if condition:
        name += f"|{condition.get('title', '')}:{condition.get('expression', '')}"
        body["condition"] = dict(condition)
    return Resource("gcp", scope, TYPE, name, body, name=f"{role} {member}", origin=origin)


def _grants(one: Declared) -> Iterator[tuple[str, Any, Mapping[str, Any] | None]]:
    spec = one.spec
    if one.kind == "IAMPolicyMember":
        yield (
            str(spec.get("role") or ""),
            spec.get("member") or spec.get("memberFrom") or {},
            spec.get("condition"),
        )
        return
    for said in spec.get("bindings") or ():
        for member in said.get("members") or ():
            if not isinstance(member, (Mapping, str)):
                member = {}
            if isinstance(member, Mapping) and member.get("member"):
                member = member["member"]
            elif isinstance(member, Mapping):
                member = member.get("memberFrom") or {}
            yield str(said.get("role") or ""), member, said.get("condition")


def _member(said: Mapping[str, Any], one: Declared, names: Names) -> str | Unresolved:
    """The member that ``memberFrom`` means."""
    for key, ref in said.items():
        if not is_reference(ref):
            continue
        found = names.resolve(ref, key.removesuffix("Ref"), one)
        if isinstance(found, Unresolved):
            return found
        if found.object is None or found.object.kind == "IAMServiceAccount":
            return f"serviceAccount:{found.path.rpartition('/')[2]}"
        identity = (found.object.status or {}).get("writerIdentity") or (found.object.status or {}).get(
            "email"
        )
        if identity:
            return str(identity) if ":" in str(identity) else f"serviceAccount:{identity}"
        return Unresolved(f"{one.address}: Google Cloud chooses the identity of {found.object.address}")
    return Unresolved(f"{one.address}: says no member")


def _resource(one: Declared, names: Names) -> tuple[str, str] | Unresolved:
    """(full name, scope) of the resource that the policy stands on."""
    ref = one.spec.get("resourceRef")
    if not isinstance(ref, Mapping):
        return Unresolved(f"{one.address}: resourceRef: says no resource")
    word, group = str(ref.get("kind") or ""), str(ref.get("apiVersion") or "").partition(".")[0]
    path: str | Unresolved
    if ref.get("name") or ref.get("external"):
        clean = {key: value for key, value in ref.items() if key != "apiVersion"}
        found = names.resolve(clean, "resource", one)
        if isinstance(found, Unresolved):
            return found
        if isinstance(found, Target) and found.object is not None:
            name = names.full(found.object)
            if isinstance(name, Unresolved):
                return name
            return name, _scope(found.path, one, names)
        path = found.path
    elif word == "Project":
        top = names.top(one)
        if not isinstance(top, tuple):
            return top or Unresolved(f"{one.address}: its project is not known; set the option scope")
        path = "/".join(top)
    else:
        return Unresolved(f"{one.address}: resourceRef: expected name or external")
    tops = {"Project": "projects/", "Folder": "folders/", "Organization": "organizations/"}
    if word in tops:
        path = tops[word] + path.removeprefix(tops[word])
        return f"//cloudresourcemanager.googleapis.com/{path}", _scope(path, one, names)
    kind = kind_of(group, word)
    host = data()["name_hosts"].get(kind.host, kind.host)
    return f"//{host}/{path.removeprefix('b/')}", _scope(path, one, names)


def _scope(path: str, one: Declared, names: Names) -> str:
    parts = path.split("/")
    if path.startswith(_TOPS):
        return parts[1] if parts[0] == "projects" else "/".join(parts[:2])
    top = names.top(one)
    return (
        (top[1] if top[0] == "projects" else "/".join(top)) if isinstance(top, tuple) else names.scope or ""
    )
