"""Answers of operations that nobody gave an answer of, made of what others of the service answered: what
Terraform's provider asks beyond what we do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.session import get_session

from tests.recorded.examples import operation, service_model
from tests.recorded.replay import structures

#: How Terraform's provider names the operation that failed.
_FAILED = re.compile(r"operation error ([\w ()&./-]+?): (\w+),")


def wanted(message: str) -> set[str]:
    """The operations (``service.Operation``) that an error of the provider names."""
    found = set()
    for said, name in _FAILED.findall(re.sub(r"\s+", " ", message)):
        word = re.sub(r"\(.*?\)|[^a-z0-9]", "", said.lower())
        found |= {f"{service}.{name}" for service in _services(word)}
    return found


def _services(word: str) -> list[str]:
    """botocore's names of a service, most of which are its id; to know the others each model is read."""
    own = [name for name in get_session().get_available_services() if name.replace("-", "") == word]
    return own or _by_id().get(word, [])


@cache
def _by_id() -> Mapping[str, list[str]]:
    """A service's id without all but letters and digits → botocore's names of it."""
    found: dict[str, list[str]] = {}
    for name in get_session().get_available_services():
        model = service_model(name)
        assert model is not None
        found.setdefault(re.sub(r"[^a-z0-9]", "", model.service_id.lower()), []).append(name)
    return found


def supplied(wanted: str, answers: Mapping[str, Any]) -> dict[str, Any] | None:
    """The answer of an operation, each structure of it the one of other answers that has most of its members;
    None where there is no such operation."""
    service, _, name = wanted.partition(".")
    model = operation(service, xform_name(name))
    if model is None:
        return None
    known = list(_known(service, answers))
    shape = model.output_shape
    if shape is None:
        return {}
    found = dict(_like(shape, known))
    for member, below in shape.members.items():
        if member in found:
            continue
        inner: Any = below.member if below.type_name == "list" else below  # type: ignore[attr-defined]
        if inner.type_name == "structure":
            one = _like(inner, known)
            found[member] = ([one] if one else []) if below.type_name == "list" else one
        elif below.type_name == "list":
            found[member] = []
    made: dict[str, Any] = _fitting(found, shape)
    return made


def _known(service: str, answers: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, answer in answers.items():
        of, _, name = key.partition(".")
        model = operation(of, xform_name(name)) if of == service and isinstance(answer, dict) else None
        if model is not None:
            yield from structures(answer, model.output_shape)


def _like(shape: Any, known: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """What has the shape, or else most of its members, two at least."""
    members = set(shape.members)
    scored = [(len(members & set(one)) + 5 * (name == shape.name), one) for name, one in known]
    best, one = max(scored, key=lambda found: found[0], default=(0, {}))
    return one if best >= 2 else {}


def _fitting(value: Any, shape: Any) -> Any:
    """A value without what its shape does not have."""
    kind = shape.type_name
    if kind == "structure":
        members = value.items() if isinstance(value, dict) else ()
        return {name: _fitting(one, shape.members[name]) for name, one in members if name in shape.members}
    if kind == "list":
        return [_fitting(one, shape.member) for one in value] if isinstance(value, list) else []
    if kind == "string" and not isinstance(value, str):
        return json.dumps(value, default=str)
    return value
