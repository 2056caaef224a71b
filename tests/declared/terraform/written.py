"""The configuration that a state was applied from, as far as its attributes tell: for tests that write a
state and mean what it holds to be declared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

#: What nobody sets.
_COMPUTED = frozenset(
    {"arn", "id", "tags_all", "owner_id", "effective_labels", "terraform_labels", "self_link"}
)


def configuration(content: Mapping[str, Any]) -> dict[str, Any]:
    """A ``.tf.json`` with every managed resource of a state's root module; tags that only ``tags_all`` has
    are the provider's default ones."""
    resources: dict[str, dict[str, Any]] = {}
    default: dict[str, str] = {}
    for resource in content["resources"]:
        if resource["mode"] != "managed" or resource.get("module"):
            continue
        instances = resource["instances"]
        body = {"//": "written by a test", **_body(instances)}
        resources.setdefault(resource["type"], {})[resource["name"]] = body
        for one in instances:
            tags = one["attributes"].get("tags") or {}
            everything = one["attributes"].get("tags_all") or {}
            default.update({key: value for key, value in everything.items() if key not in tags})
    made: dict[str, Any] = {"resource": resources}
    if default:
        made["provider"] = {"aws": {"default_tags": {"tags": default}}}
    return made


def _body(instances: list[Mapping[str, Any]]) -> dict[str, Any]:
    keys = [one.get("index_key") for one in instances]
    names = {name for one in instances for name in one["attributes"]} - _COMPUTED
    values = {name: [one["attributes"].get(name) for one in instances] for name in sorted(names)}
    if keys == [None]:
        return {name: _escaped(value) for name, (value,) in values.items()}
    counted = all(isinstance(key, int) for key in keys)
    each = "count.index" if counted else "each.key"
    said: dict[str, Any] = (
        {"count": len(keys)} if counted else {"for_each": f"${{toset({json.dumps(keys)})}}"}
    )
    for name, several in values.items():
        if all(one == several[0] for one in several):
            said[name] = _escaped(several[0])
        else:
            said[name] = f"${{{_literal(dict(zip(map(str, keys), several, strict=True)))}[{each}]}}"
    return said


def _literal(value: Any) -> str:
    return json.dumps(_escaped(value)).replace("'", "\\u0027")


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, Mapping):
        return {_escaped(key): _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, Iterable) else value
