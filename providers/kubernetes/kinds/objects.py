"""Objects and lists whose spelling depends on their neighbours: keyed lists, pods, service ports, Secrets,
roles."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

from drift.kinds.base import Canonical, Context, Keyed, Kind, Ordered, Unordered
from drift.kinds.collections import by_label, unordered
from drift.kinds.text import in_any_order

_REFERENCE = re.compile(r"(?<!\$)(?:\$\$)*\$\(([^()]+)\)")
_SILENT = {type(None)}
_PLAIN = {str, int, float, bool} | _SILENT


def label(member: Any, keys: Sequence[str], defaults: Mapping[str, Any]) -> str | None:
    """What a list's member is called by: its key values, joined by ``|``; None where it has none.

    >>> label({"containerPort": 80}, ["containerPort", "protocol"], {"protocol": "TCP"})
    '80|TCP'
    """
    if type(member) is not dict and not isinstance(member, Mapping):  # what ABCs are asked takes long
        return None
    if len(keys) == 1 and type(only := member.get(keys[0])) is str:
        return only
    parts = [defaults.get(key) if member.get(key) is None else member[key] for key in keys]
    if all(part is None for part in parts) or not {type(part) for part in parts} <= _PLAIN:
        return None
    while len(parts) > 1 and parts[-1] is None:
        parts.pop()
    return "|".join("" if part is None else str(part) for part in parts)


def _list_map(
    value: Any, context: Context, *, keys: Sequence[str], defaults: Mapping[str, Any] | None = None
) -> Canonical:
    """A list whose members have keys (``x-kubernetes-list-type: map``), owning them. ``defaults`` are of the
    keys.

    Source: structured-merge-diff; a list of which one member lacks its keys is left as it is.
    """
    if not isinstance(value, list) or not value:
        return value
    labels = [label(member, keys, defaults or {}) for member in value]
    if any(one is None for one in labels):
        return value
    keyed = by_label((one, member) for one, member in zip(labels, value, strict=True) if one is not None)
    return value if keyed is None else keyed


def _ordered_list_map(
    value: Any, context: Context, *, keys: Sequence[str], defaults: Mapping[str, Any] | None = None
) -> Canonical:
    """A list whose members have keys, owning them, in the order in which they are done (init containers)."""
    keyed = _list_map(value, context, keys=keys, defaults=defaults)
    if not isinstance(keyed, Keyed):
        return keyed
    places = {id(member): place for place, member in enumerate(value)}
    return Ordered(sorted(keyed.items(), key=lambda entry: places.get(id(entry[1]), len(places))))


def _env(value: Any, context: Context) -> Canonical:
    """Environment variables by name, owning them: of two of one name the last counts, and is told by the name
    alone.

    Their order counts only where ``$(NAME)`` stands before its variable: then it is not expanded. Such a
    variable tells so. Source: pkg/kubelet, makeEnvironmentVariables; API reference, EnvVar.value ("previously
    defined").
    """
    if not isinstance(value, list) or not value:
        return value
    names = [label(member, ["name"], {}) for member in value]
    if any(name is None for name in names):
        return value
    known = set(names)
    if len(known) == len(names) and not any("$(" in _text(member) for member in value):
        return by_label(zip(map(str, names), value, strict=True))
    found: dict[str, Any] = {}
    shadowed: list[tuple[str, Any]] = []
    for name, member in zip(names, value, strict=True):
        named = known.intersection(_REFERENCE.findall(_text(member)))
        if name in found:
            shadowed.append((f"{name} (shadowed)", found[name]))
        unexpanded = sorted(map(str, named.difference(found)))
        found[str(name)] = {**member, "(not expanded)": unexpanded} if named else member
    keyed = by_label([*found.items(), *shadowed])
    return value if keyed is None else keyed


def _text(variable: Any) -> str:
    text = variable.get("value")
    return text if isinstance(text, str) else ""


def _alternatives(value: Any, context: Context, *, keep: Sequence[str] = ()) -> Canonical:
    """Rules or terms whose order says nothing, as a set; what is empty in them is absent, but for ``keep``
    (an empty selector selects all)."""
    if not isinstance(value, list):
        return value
    found = unordered([_filled(member, keep) for member in value])
    return value if found is None else found


def _filled(value: Any, keep: Sequence[str]) -> Any:
    """A member without what is empty at any depth."""
    if isinstance(value, dict) and not isinstance(value, (Keyed, Unordered)):
        members = ((key, _filled(item, keep)) for key, item in value.items())
        said = ((key, item) for key, item in members if key in keep or item not in ("", [], {}))
        return dict(said)
    return [_filled(item, keep) for item in value] if isinstance(value, list) else value


def _settled_env(value: Any) -> Any:
    """Environment variables in any order where nothing depends on it."""
    if not isinstance(value, list) or not all(isinstance(member, dict) for member in value):
        return value
    names = [member.get("name") for member in value]
    plain = all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
    return in_any_order(value) if plain and not any("$(" in _text(member) for member in value) else value


def _settled_list_map(value: Any, *, keys: Sequence[str], **_params: Any) -> Any:
    """A list whose order does not count because each member says one of its keys at least, and each key
    plainly."""
    if not isinstance(value, list):
        return value
    for member in value:
        if not isinstance(member, dict):
            return value
        said = {type(member.get(key)) for key in keys}
        if not said <= _PLAIN or said == _SILENT:
            return value
    return in_any_order(value)


def _pod_spec(value: Any, context: Context) -> Canonical:
    """A pod spec with ``serviceAccountName`` alone: ``serviceAccount`` is its old name, which the server
    fills in too."""
    if not isinstance(value, dict) or "serviceAccount" not in value:
        return value
    old, new = value["serviceAccount"], value.get("serviceAccountName")
    if new not in (None, "", old):
        return value
    return {
        **{key: item for key, item in value.items() if key != "serviceAccount"},
        "serviceAccountName": old,
    }


def _service_port(value: Any, context: Context) -> Canonical:
    """A Service's port without a ``targetPort`` that is the port itself, its default."""
    if not isinstance(value, dict) or "port" not in value:
        return value
    target = value.get("targetPort")
    if target in (0, "") or (target is not None and str(target) == str(value["port"])):
        return {key: item for key, item in value.items() if key != "targetPort"}
    return value


def _secret(value: Any, context: Context) -> Canonical:
    """A Secret with its ``stringData`` within ``data``, as the server merges it (stringData wins)."""
    if not isinstance(value, dict) or not isinstance(value.get("stringData"), Mapping):
        return value
    data = value.get("data")
    merged = {**(data if isinstance(data, Mapping) else {}), **value["stringData"]}
    return {**{key: item for key, item in value.items() if key != "stringData"}, "data": merged}


def _webhook_client(value: Any, context: Context) -> Canonical:
    """What calls a webhook, without a ``caBundle`` that holds nothing: a place for the one that is
    injected."""
    if not isinstance(value, dict) or "caBundle" not in value or not _is_blank(value["caBundle"]):
        return value
    return {key: item for key, item in value.items() if key != "caBundle"}


def _is_blank(encoded: Any) -> bool:
    """Whether base64 holds white space at most (``Cg==``, which cert-manager's examples have)."""
    if not isinstance(encoded, str) or len(encoded) > 64:
        return False
    try:
        return not base64.b64decode("".join(encoded.split()), validate=True).strip()
    except ValueError:
        return False


def _cluster_role(value: Any, context: Context) -> Canonical:
    """A ClusterRole without the rules of an aggregated one: these the controller fills in."""
    if isinstance(value, dict) and value.get("aggregationRule") and "rules" in value:
        return {key: item for key, item in value.items() if key != "rules"}
    return value


def _fields(value: Any, context: Context) -> Canonical:
    """Field names that comparison passes over; as they are."""
    return value


def _in_any_order(value: Any) -> Any:
    return in_any_order(value) if isinstance(value, list) else value


LIST_MAP = Kind("list-map", _list_map, settle=_settled_list_map)
ORDERED_LIST_MAP = Kind("ordered-list-map", _ordered_list_map)
ALTERNATIVES = Kind(
    "alternatives", _alternatives, phase="after", settle=lambda value, **_params: _in_any_order(value)
)
ENV = Kind("env", _env, settle=_settled_env)
POD_SPEC = Kind("pod-spec", _pod_spec, settle=lambda value: _pod_spec(value, Context()))
SERVICE_PORT = Kind("service-port", _service_port, settle=lambda value: _service_port(value, Context()))
SECRET = Kind("secret-object", _secret)
WEBHOOK_CLIENT = Kind(
    "webhook-client", _webhook_client, settle=lambda value: _webhook_client(value, Context())
)
CLUSTER_ROLE = Kind("cluster-role", _cluster_role)
FIELDS = Kind("fields", _fields)
