"""Reads a cloud assembly of the CDK (``cdk.out``): every stack with its account and region, and which
construct in which line of code made a resource.

Source of the format: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cloud_assembly_schema-readme.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.model import Problem
from drift.source import Location
from providers.aws.cloudformation import template
from providers.aws.cloudformation.deployment import Deployment, Made
from providers.aws.cloudformation.evaluated import SOURCE
from providers.aws.cloudformation.signs import MANIFEST

_STACK, _NESTED = "aws:cloudformation:stack", "cdk:cloud-assembly"
_DEEPEST = 10
_ENVIRONMENT = re.compile(r"aws://([^/]+)/([^/]+)")
#: What the CDK says where a stack goes to whatever account or region is current.
_UNKNOWN = frozenset({"unknown-account", "unknown-region"})
#: A frame of a stack trace, of JavaScript or Python.
_FRAME = re.compile(r"(?:\(|^|\s)(?P<file>[^()\s][^()]*?):(?P<line>\d+)(?::\d+)?\)?\s*$")
_PYTHON = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')
_NOT_OURS = re.compile(r"node_modules/|site-packages/|jsii-|^node:|^internal/|<anonymous>")


def read(folder: Path, location: Location, problems: list[Problem]) -> list[Deployment]:
    """Every stack of an assembly and of those in it (stages, pipelines).

    Raises:
        DeclaredError: when the manifest can't be read.
    """
    return list(_stacks(folder, location, problems, set()))


def _stacks(
    folder: Path, location: Location, problems: list[Problem], seen: set[Path]
) -> Iterator[Deployment]:
    """``seen`` are the assemblies that were read: each is once, however often it is named."""
    seen.add(folder.resolve())
    file = folder / MANIFEST
    shown = location.inside(file)
    artifacts = _json(file, shown).get("artifacts")
    for name, one in artifacts.items() if isinstance(artifacts, Mapping) else ():
        if not isinstance(one, Mapping):
            continue
        own = one.get("properties")
        own = own if isinstance(own, Mapping) else {}
        try:
            if one.get("type") == _NESTED and isinstance(own.get("directoryName"), str):
                inner = _below(folder, own["directoryName"], shown)
                if inner.resolve() in seen:
                    raise DeclaredError(f"{shown}: {name}: assemblies are nested in a circle, or twice")
                if len(inner.resolve().parts) - len(location.path.resolve().parts) > _DEEPEST:
                    raise DeclaredError(f"{shown}: {name}: assemblies are nested too deeply")
                yield from _stacks(inner, location, problems, seen)
            elif one.get("type") == _STACK and isinstance(own.get("templateFile"), str):
                yield _stack(folder, str(name), one, own, location)
        except DeclaredError as error:
            problems.append(Problem(SOURCE, str(error), unread=True))


def _stack(
    folder: Path, name: str, one: Mapping[str, Any], own: Mapping[str, Any], location: Location
) -> Deployment:
    path = _below(folder, own["templateFile"], location.inside(folder / MANIFEST))
    found = _ENVIRONMENT.fullmatch(str(one.get("environment", "")))
    account, region = (
        (None if word in _UNKNOWN else word for word in found.groups()) if found else (None, None)
    )
    metadata = _metadata(folder, one, location)
    tags = own.get("tags")
    if not isinstance(tags, Mapping):
        tags = dict(_stack_tags(metadata))
    protected, notified = own.get("terminationProtection"), own.get("notificationArns")
    parameters = own.get("parameters")
    read_template = template.read(path, location.inside(path), empty=True)
    return Deployment(
        read_template,
        stack=str(own.get("stackName") or name),
        scope=account,
        region=region,
        parameters={
            key: value
            for key, value in (parameters.items() if isinstance(parameters, Mapping) else ())
            if key in read_template.parameters
        },
        tags={str(key): str(value) for key, value in tags.items()},
        protected=protected if isinstance(protected, bool) else None,
        notified=tuple(map(str, notified)) if isinstance(notified, list) else None,
        made={**dict(_paths(read_template)), **dict(_made(metadata, folder))},
    )


def _metadata(folder: Path, one: Mapping[str, Any], location: Location) -> Mapping[str, Any]:
    """What the manifest says of constructs, or the file beside it that it names."""
    beside = one.get("additionalMetadataFile")
    found = one.get("metadata")
    more: Any = {}
    if isinstance(beside, str):
        path = _below(folder, beside, location.inside(folder / MANIFEST))
        more = _json(path, location.inside(path)) if path.is_file() else {}
    return {**(found if isinstance(found, Mapping) else {}), **more}


def _stack_tags(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Older versions say a stack's tags among what they say of constructs."""
    for _, entry in _entries(metadata, "aws:cdk:stack-tags"):
        for tag in entry.get("data") or ():
            if isinstance(tag, Mapping):
                key, value = (tag.get(name, tag.get(name.lower())) for name in ("Key", "Value"))
                if isinstance(key, str):
                    yield key, str(value)


def _made(metadata: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, Made]]:
    """Logical id → its construct, and the line of the program that made it."""
    for path, entry in _entries(metadata, "aws:cdk:logicalId"):
        if isinstance(entry.get("data"), str):
            yield entry["data"], Made(path.lstrip("/"), *_frame(entry.get("trace"), folder))


def _paths(of: template.Template) -> Iterator[tuple[str, Made]]:
    """The constructs that a template itself names."""
    for name, said in of.resources.items():
        metadata = said.get("Metadata") if isinstance(said, Mapping) else None
        path = metadata.get("aws:cdk:path") if isinstance(metadata, Mapping) else None
        if isinstance(path, str):
            yield name, Made(path)


def _entries(metadata: Mapping[str, Any], type_: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, entries in metadata.items():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping) and entry.get("type") == type_:
                yield str(path), entry


def _frame(trace: Any, folder: Path) -> tuple[str | None, int | None]:
    """The innermost line of a trace that is the program's own."""
    for frame in trace if isinstance(trace, list) else ():
        text = str(frame)
        found = _PYTHON.search(text) or _FRAME.search(text)
        if found and not _NOT_OURS.search(text.replace("\\", "/")):
            return _relative(found["file"].removeprefix("file://"), folder), int(found["line"])
    return None, None


def _relative(file: str, folder: Path) -> str:
    """A file of the program, relative to the folder that holds the assembly, as far as that holds it."""
    parts = file.replace("\\", "/").strip("/").split("/")
    for skipped in range(len(parts)):
        below = "/".join(parts[skipped:])
        if (folder.parent / below).is_file():
            return below
    return "/".join(parts[-2:])


def _below(folder: Path, name: str, shown: str) -> Path:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DeclaredError(f"{shown}: {name} leads out of the assembly")
    return path


def _json(path: Path, shown: str) -> Mapping[str, Any]:
    try:
        found = json.loads(reading.content(path, shown))
    except (ValueError, RecursionError) as error:
        raise DeclaredError(f"{shown}: is not valid JSON: {error}") from error
    if not isinstance(found, Mapping):
        raise DeclaredError(f"{shown}: is no manifest of a cloud assembly: expected an object")
    return found
