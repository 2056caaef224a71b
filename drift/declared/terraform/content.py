"""Reads one Terraform state file, or says what else lies in its place and what to declare instead."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from drift import reading
from drift.declared.terraform import plan, streamed
from drift.errors import DeclaredError
from drift.store import Room

VERSION = 4
_SAID = "so it declares nothing that is applied; declare the state (`terraform state pull > FILE`)"
_ZIP = b"PK\x03\x04"
#: The member that only an encrypted state has.
ENCRYPTED = "encrypted_data"


@dataclass(frozen=True, slots=True)
class State:
    """One state, as it was parsed; ``display`` names its file to people."""

    display: str
    content: Mapping[str, Any]
    file: Path


#: Gives the text of an encrypted state, which is known to people by a name. Raises DeclaredError.
Opening = Callable[[Mapping[str, Any], str], bytes]


def parse(
    file: Path, display: str, opening: Opening | None = None, room: Room | None = None
) -> Mapping[str, Any]:
    """The state in a file, its resources as Terraform writes them, or a plan in JSON in its form; parsed as a
    whole while there is ``room`` for it. Raises DeclaredError: empty, no JSON, no state, another version,
    encrypted and not opened by ``opening``."""
    if is_plan(file):
        raise DeclaredError(f"{display}: is a plan file of Terraform's, {_SAID}")
    text = reading.content(file, display, most=reading.MADE)
    if not text.strip():
        raise DeclaredError(f"{display}: is empty: no apply yet, or cut off")
    content = _content(text, display, room)
    if opening is not None and isinstance(content, dict) and ENCRYPTED in content:
        content = _content(opening(content, display), display, room)
    if isinstance(content, dict) and plan.is_plan(content):
        planned = plan.as_state(content)
        content = planned if planned["resources"] else content  # of a plan of nothing: what it is
    what = other(content)
    if what is not None:
        raise DeclaredError(f"{display}: {what}")
    if not isinstance(content, dict) or "version" not in content:
        raise DeclaredError(f"{display}: this is no Terraform state: it has no 'version'")
    version = content["version"]
    if version != VERSION or isinstance(version, bool):
        newer = isinstance(version, int) and version > VERSION
        raise DeclaredError(
            f"{display}: state version {str(version)[:40]} is not supported, only {VERSION}; "
            + ("run a newer drift" if newer else "run `terraform apply` with Terraform 0.12 or later once")
        )
    resources = content.get("resources") or []
    try:
        good = isinstance(resources, list | streamed.Resources) and all(map(_is_resource, resources))
    except orjson.JSONDecodeError as error:
        raise DeclaredError(
            f"{display}: the state is no valid JSON: {error.msg}; is it encrypted or cut off?"
        ) from error
    if not good:
        raise DeclaredError(
            f"{display}: this is no Terraform state: its 'resources' are not as Terraform writes them"
        )
    return content


def _content(text: bytes, display: str, room: Room | None) -> Any:
    try:
        return streamed.content(text, room) or orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise DeclaredError(
            f"{display}:{error.lineno}: the state is no valid JSON: {error.msg}; is it encrypted or cut off?"
        ) from error


def is_state(head: bytes) -> bool:
    """Whether a file that begins so is a state, be it broken, older, or encrypted."""
    return b'"lineage"' in head and (b'"terraform_version"' in head or b'"encrypted_data"' in head)


def is_other(head: bytes) -> bool:
    """Whether a file that begins so is Terraform's, of which :func:`parse` says what it is."""
    return (head.startswith(_ZIP) and b"tfplan" in head) or (
        b'"format_version"' in head and b'"terraform_version"' in head
    )


def is_plan(file: Path) -> bool:
    """Whether a file is what ``terraform plan -out`` writes: a zip archive with a plan in it."""
    try:
        with reading.opened(file, str(file)) as stream:
            if stream.read(len(_ZIP)) != _ZIP:
                return False
            with zipfile.ZipFile(stream) as archive:
                return "tfplan" in archive.namelist()
    except (DeclaredError, zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def other(content: Any) -> str | None:
    """What a parsed file is that is Terraform's and no state, and what to do; None for anything else.

    Sources: https://developer.hashicorp.com/terraform/internals/json-format (plan and `show -json`),
    https://opentofu.org/docs/language/state/encryption/ (an encrypted state), and of the pointer to a backend
    Terraform's internal/command/workdir (BackendStateFile).
    """
    if not isinstance(content, dict):
        return None
    if ENCRYPTED in content:
        return (
            "is a state that OpenTofu encrypted, and drift has no key for it; "
            "declare what `tofu state pull > FILE` writes"
        )
    if "format_version" in content and ("resource_changes" in content or "planned_values" in content):
        return f"is a plan of Terraform's in JSON, {_SAID}"
    if "format_version" in content and ("values" in content or "terraform_version" in content):
        return (
            "is what `terraform show -json` prints, which leaves out what tells resources apart; "
            "declare the state itself (`terraform state pull > FILE`)"
        )
    backend = content.get("backend")
    if isinstance(backend, Mapping) and not content.get("resources"):
        where = _backend(str(backend.get("type")), backend.get("config"))
        return f"only says where the state is, a backend of type {backend.get('type')}; declare {where}"
    if {"ID", "Operation", "Who"} <= set(content):
        return "is the lock of a state that somebody is changing; declare the state itself"
    return None


def _backend(type_: str, config: Any) -> str:
    """What to declare in place of a pointer to a backend."""
    said = config if isinstance(config, Mapping) else {}
    bucket, key, prefix = (_text(said.get(name)) for name in ("bucket", "key", "prefix"))
    if type_ == "s3" and bucket and key:
        return f"s3://{bucket}/{key}"
    if type_ == "gcs" and bucket:
        return f"gs://{'/'.join(filter(None, (bucket, prefix, 'default.tfstate')))}"
    if type_ == "local" and _text(said.get("path")):
        return str(said["path"])
    return "what `terraform state pull > FILE` writes"


def _text(value: Any) -> str:
    return value.strip("/") if isinstance(value, str) else ""


def instances(
    content: Mapping[str, Any], *, deposed: bool = False
) -> Iterator[tuple[str, tuple[str | None, str, str], str, Mapping[str, Any]]]:
    """(provider configuration, block, address, instance) of each managed instance of a state, or of the
    ``deposed`` ones, which the next apply deletes."""
    for resource in content.get("resources") or ():
        if resource["mode"] != "managed":
            continue
        block = (resource.get("module") or None, resource["type"], resource["name"])
        base = ".".join(filter(None, block))
        for instance in resource.get("instances") or ():
            if bool(instance.get("deposed")) == deposed:
                address = base + index(instance.get("index_key"))
                yield provider_of(resource, instance), block, address, instance


def provider_of(resource: Mapping[str, Any], instance: Mapping[str, Any]) -> str:
    """The provider configuration of an instance, which OpenTofu may tell of each."""
    return str(instance.get("provider") or resource.get("provider", ""))


def index(key: Any) -> str:
    """An instance's key as Terraform writes it in an address.

    Source: Terraform's internal/addrs/instance_key.go (toHCLQuotedString).

    >>> index(0), index('x"y'), index("${a}")
    ('[0]', '["x\\\\"y"]', '["$${a}"]')
    """
    if key is None:
        return ""
    if not isinstance(key, str):
        return f"[{key:g}]" if isinstance(key, float) else f"[{key}]"
    return f'["{"".join(_quoted(key))}"]'


_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t", '"': r"\"", "\\": r"\\"}


def _quoted(key: str) -> Iterator[str]:
    for at, letter in enumerate(key):
        if letter in _ESCAPES:
            yield _ESCAPES[letter]
        elif letter in "$%" and key[at + 1 : at + 2] == "{":
            yield letter * 2
        elif letter.isprintable():
            yield letter
        else:
            code = ord(letter)
            yield f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}"


def _is_resource(resource: Any) -> bool:
    found = resource.get("instances") or [] if isinstance(resource, Mapping) else None
    return (
        isinstance(found, list)
        and all(isinstance(instance, Mapping) for instance in found)
        and all(isinstance(resource.get(name), str) for name in ("mode", "type", "name"))
        and isinstance(resource.get("module") or "", str)
    )
