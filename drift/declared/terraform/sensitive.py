"""What a Terraform state itself marks as sensitive, found again in what it was translated to."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from drift.model import Joining, Likely, Sensitive


def sensitive_texts(instance: Mapping[str, Any], attributes: Mapping[str, Any]) -> frozenset[str]:
    """The texts inside what the state itself marks as sensitive (``sensitive_attributes``)."""
    texts: set[str] = set()
    paths = instance.get("sensitive_attributes")
    for path in paths if isinstance(paths, list) else ():
        value: Any = attributes
        for step in path if isinstance(path, list) else ():
            key = step.get("value") if isinstance(step, Mapping) else None
            if isinstance(key, Mapping):
                key = key.get("value")
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                value = None
                break
        _collect(value, texts)
    return frozenset(texts)


#: Attributes that are secret by their provider's schema, which older Terraform does not mark in the state.
_BY_SCHEMA = {
    "random_password": ("result", "bcrypt_hash"),
    "tls_private_key": ("private_key_pem", "private_key_openssh", "private_key_pem_pkcs8"),
    "local_sensitive_file": ("content", "content_base64"),
}


def secrets(state: Mapping[str, Any]) -> Iterator[str]:
    """Each text that a state marks as sensitive: outputs, and attributes of whatever resource or data."""
    yield from output_secrets(state)
    for resource in state.get("resources") or ():
        for instance in resource.get("instances") or ():
            attributes = instance.get("attributes")
            if isinstance(attributes, Mapping):
                yield from sensitive_texts(instance, attributes)
                named = _BY_SCHEMA.get(resource.get("type"), ())
                yield from (value for name in named if isinstance(value := attributes.get(name), str))


def output_secrets(state: Mapping[str, Any]) -> Iterator[str]:
    """Each text in the outputs of a state that it marks as sensitive."""
    outputs = state.get("outputs")
    for output in outputs.values() if isinstance(outputs, Mapping) else ():
        if isinstance(output, Mapping) and output.get("sensitive") is True:
            texts: set[str] = set()
            _collect(output.get("value"), texts)
            yield from texts


def _collect(value: Any, texts: set[str]) -> None:
    if isinstance(value, str) and value:
        texts.add(value)
        if value[:1] in "{[":  # a document, of which translation may keep the members only
            with contextlib.suppress(orjson.JSONDecodeError):
                _collect(orjson.loads(value), texts)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and len(str(value)) >= 4:
        texts.add(str(value))
    elif isinstance(value, Mapping):
        for item in value.values():
            _collect(item, texts)
    elif isinstance(value, list):
        for item in value:
            _collect(item, texts)


def hide(value: Any, secret: frozenset[str]) -> Any:
    """The value with each sensitive text wrapped, also where it is only part of a longer one."""
    if isinstance(value, dict):
        return {key: hide(item, secret) for key, item in value.items()}
    if isinstance(value, list):
        return [hide(item, secret) for item in value]
    if isinstance(value, Joining):
        return Joining(hide(value.members, secret), hide(value.left, secret))
    if isinstance(value, Likely):
        return Likely(hide(value.value, secret))
    if isinstance(value, str) and (
        value in secret or any(len(text) >= 6 and text in value for text in secret)
    ):
        return Sensitive(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and str(value) in secret:
        return Sensitive(value)
    return value
