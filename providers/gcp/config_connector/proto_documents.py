"""Makes documents in the form of Google's discovery documents of the definitions of APIs that have none.

It runs only where the index is compiled: it needs grpcio-tools, and the definitions of Google's APIs (the npm
package google-proto-files).
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.api import annotations_pb2, field_behavior_pb2
from google.protobuf import descriptor_pb2

_HOST = re.compile(r'\(google\.api\.default_host\)\s*=\s*"([a-z0-9.-]+)')
#: Folders of the APIs of Google Cloud.
_FOLDERS = ("google/cloud", "google/api", "google/iam", "google/devtools")
_VARIABLE = re.compile(r"\{[\w.]+=([^}]*)\}")
_FIELD = descriptor_pb2.FieldDescriptorProto
#: Types of fields → how discovery documents call them
#: (https://developers.google.com/discovery/v1/type-format, https://protobuf.dev/programming-guides/json/).
_TYPES: dict[int, dict[str, str]] = {
    _FIELD.TYPE_DOUBLE: {"type": "number"},
    _FIELD.TYPE_FLOAT: {"type": "number"},
    _FIELD.TYPE_BOOL: {"type": "boolean"},
    _FIELD.TYPE_STRING: {"type": "string"},
    _FIELD.TYPE_BYTES: {"type": "string", "format": "byte"},
    **dict.fromkeys(
        (
            _FIELD.TYPE_INT64,
            _FIELD.TYPE_UINT64,
            _FIELD.TYPE_FIXED64,
            _FIELD.TYPE_SINT64,
            _FIELD.TYPE_SFIXED64,
        ),
        {"type": "string", "format": "int64"},
    ),
    **dict.fromkeys(
        (
            _FIELD.TYPE_INT32,
            _FIELD.TYPE_UINT32,
            _FIELD.TYPE_FIXED32,
            _FIELD.TYPE_SINT32,
            _FIELD.TYPE_SFIXED32,
        ),
        {"type": "integer"},
    ),
}
#: Messages that stand in JSON as something else than an object.
_KNOWN: dict[str, dict[str, Any]] = {
    ".google.protobuf.Timestamp": {"type": "string", "format": "google-datetime"},
    ".google.protobuf.Duration": {"type": "string", "format": "google-duration"},
    ".google.protobuf.FieldMask": {"type": "string"},
    ".google.protobuf.BoolValue": {"type": "boolean"},
    ".google.protobuf.StringValue": {"type": "string"},
    ".google.protobuf.Int32Value": {"type": "integer"},
    ".google.protobuf.UInt32Value": {"type": "integer"},
    ".google.protobuf.Int64Value": {"type": "string", "format": "int64"},
    ".google.protobuf.UInt64Value": {"type": "string", "format": "int64"},
    ".google.protobuf.FloatValue": {"type": "number"},
    ".google.protobuf.DoubleValue": {"type": "number"},
}


def documents(folder: Path, known: set[str]) -> Iterator[dict[str, Any]]:
    """A document of each API whose host is not in ``known``, of its most stable version."""
    versions: dict[str, list[Path]] = defaultdict(list)
    for top in _FOLDERS:
        for file in sorted((folder / top).rglob("*.proto")):
            for host in _HOST.findall(file.read_text(encoding="utf-8")):
                if host.endswith(".googleapis.com") and file.parent not in versions[host]:
                    versions[host].append(file.parent)
    for host, several in sorted(versions.items()):
        if host not in known:
            yield _document(host, folder, min(several, key=_stability))


def _stability(folder: Path) -> tuple[bool, str]:
    return ("alpha" in folder.name or "beta" in folder.name, folder.name)


def _document(host: str, root: Path, folder: Path) -> dict[str, Any]:
    files = [str(file.relative_to(root)) for file in sorted(folder.glob("*.proto"))]
    with tempfile.TemporaryDirectory() as made:
        out = Path(made) / "set"
        command = [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={root}", "--include_source_info"]
        subprocess.run([*command, f"--descriptor_set_out={out}", *files], check=True)
        found = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())
    schemas: dict[str, Any] = {}
    methods: dict[str, Any] = {}
    for file in found.file:
        comments = {tuple(place.path): place.leading_comments for place in file.source_code_info.location}
        enums = _enums(file)
        for at, message in enumerate(file.message_type):
            _schemas(message, f".{file.package}", (4, at), comments, enums, schemas)
        for service in file.service:
            for method in service.method:
                methods.update(_methods(method))
    return {
        "name": host.partition(".")[0],
        "rootUrl": f"https://{host}/",
        "schemas": schemas,
        "methods": methods,
    }


def _enums(file: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    todo = [(f".{file.package}", file)]
    while todo:
        above, node = todo.pop()
        for enum in node.enum_type:
            found[f"{above}.{enum.name}"] = [value.name for value in enum.value]
        todo += [
            (f"{above}.{one.name}", one)
            for one in getattr(node, "message_type", getattr(node, "nested_type", ()))
        ]
    return found


def _schemas(
    message: Any,
    above: str,
    at: tuple[int, ...],
    comments: dict[tuple[int, ...], str],
    enums: dict[str, list[str]],
    out: dict[str, Any],
) -> None:
    """Adds a message and those within it by the names that references have (:func:`_name`)."""
    own = f"{above}.{message.name}"
    entries = {f"{own}.{one.name}": one for one in message.nested_type if one.options.map_entry}
    properties = {}
    for index, field in enumerate(message.field):
        said = _property(field, enums, entries)
        text = comments.get((*at, 2, index), "").strip()
        behaviours = field.options.Extensions[field_behavior_pb2.field_behavior]
        if field_behavior_pb2.INPUT_ONLY in behaviours:
            text = f"Input only. {text}"
        if field_behavior_pb2.OUTPUT_ONLY in behaviours:
            said["readOnly"] = True
        properties[field.json_name] = {**said, "description": text, "deprecated": field.options.deprecated}
    out[_name(own)] = {"properties": properties}
    for index, below in enumerate(message.nested_type):
        if not below.options.map_entry:
            _schemas(below, own, (*at, 3, index), comments, enums, out)


def _name(full: str) -> str:
    """A message's name without its package (``.google.cloud.lustre.v1.Instance.State`` →
    ``InstanceState``)."""
    return "".join(part for part in full.split(".") if part[:1].isupper())


def _property(field: Any, enums: dict[str, list[str]], entries: dict[str, Any]) -> dict[str, Any]:
    if field.type_name in entries:
        return {"additionalProperties": _property(entries[field.type_name].field[1], enums, {})}
    one: dict[str, Any]
    if field.type == _FIELD.TYPE_ENUM:
        one = {"type": "string", **({"enum": enums[field.type_name]} if field.type_name in enums else {})}
    elif field.type == _FIELD.TYPE_MESSAGE:
        one = dict(_KNOWN.get(field.type_name) or _reference(field.type_name))
    else:
        one = dict(_TYPES[field.type])
    return {"type": "array", "items": one} if field.label == _FIELD.LABEL_REPEATED else one


def _reference(name: str) -> dict[str, Any]:
    """A message; one of another package's is an object of which nothing is said."""
    outside = name.startswith((".google.protobuf.", ".google.rpc.", ".google.type.", ".google.iam."))
    return {"type": "object"} if outside else {"$ref": _name(name)}


def _methods(method: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """A method under each of its paths."""
    rule = method.options.Extensions[annotations_pb2.http]
    for number, one in enumerate((rule, *rule.additional_bindings)):
        verb = one.WhichOneof("pattern")
        if verb not in ("get", "post", "put", "patch", "delete"):
            continue
        path = _VARIABLE.sub(lambda found: found[1].replace("*", "{one}"), getattr(one, verb)).lstrip("/")
        body = "" if one.body in ("", "*") else one.body
        yield (
            f"{method.name}{number}",
            {
                "httpMethod": verb.upper(),
                "flatPath": path,
                "response": {"$ref": _name(method.output_type)},
                "request": {"$ref": _body(method, body)},
            },
        )


def _body(method: Any, field: str) -> str:
    """The schema of what is sent: the request's member that is the body, else the request itself."""
    name = _name(method.input_type)
    if not field:
        return name
    sent = re.sub(r"^(?:Create|Update|Patch)|Request$", "", name)
    return sent or name
