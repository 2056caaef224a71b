"""What nested stacks declare: by their local template, by what lies at the URL of a remote one, or else by
the template that the nested stack was deployed with."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from drift.errors import DeclaredError
from drift.lined import Map
from drift.model import MISSING, Unresolved
from providers.aws.cloudformation import parameters, rain, stack_settings, template, transformed
from providers.aws.cloudformation.evaluated import NESTED, Item, Translated, declares_nothing
from providers.aws.cloudformation.functions import Unknown
from providers.aws.cloudformation.place import Place, Stack
from providers.aws.cloudformation.signs import SUFFIXES
from providers.aws.cloudformation.template import Template

DEEPEST = 10
#: So many nested stacks of one declaration are looked into: templates that nest themselves make more without
#: end. Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
#: (2,500 resources that one operation of nested stacks may touch).
_MOST = 2500


def resources(at: Translated, name: str, said: Mapping[str, Any]) -> Iterator[Item]:
    """The nested stack itself, and all that it declares."""
    own = _properties(at, said)
    deployed = at.deployed(name)
    stack = at.references.stack(deployed.physical_id if deployed else None)
    yield from stack_settings.nested(at, name, said)
    if at.shallow:
        return
    try:
        known = found(at, name, said, own.get("TemplateURL"), stack)
    except (Unknown, DeclaredError) as reason:
        yield at.unverifiable(name, NESTED, str(reason))
        if stack:
            yield from _listed(at, name, stack, str(reason))
        return
    awaits = at.awaits or name in at.awaited
    if stack is None and at.place.stack is not None and not awaits:
        yield at.unverifiable(
            name, NESTED, "the nested stack was not read, so its resources' ids are not known"
        )
        return
    inner = _within(at, name, known, own, stack)
    inner.awaits = awaits
    if stack is not None:
        _check_parameters(at, name, inner, stack)
    yield from inner.resources()


def inner(at: Translated, name: str) -> Translated | None:
    """The template of a nested stack at its place; None where it is not known."""
    said = at.template.resources.get(name)
    if not isinstance(said, Mapping) or said.get("Type") != NESTED:
        return None
    own = _properties(at, said)
    deployed = at.deployed(name)
    stack = at.references.stack(deployed.physical_id if deployed else None)
    try:
        known = found(at, name, said, own.get("TemplateURL"), stack)
    except (Unknown, DeclaredError):
        return None
    return _within(at, name, known, own, stack)


def leaving(at: Translated, name: str) -> Iterator[Item]:
    """What a nested stack holds that Git declares no longer."""
    deployed = at.deployed(name)
    stack = at.references.stack(deployed.physical_id if deployed else None)
    if stack is None or stack.template is None or len(at.parents) >= DEEPEST:
        return
    made = _live(at, name, stack)
    inner = _within(at, name, made, {}, stack)
    inner.shallow = True
    yield from inner.now.own()
    for member, below in inner.template.resources.items():
        if isinstance(below, Mapping) and below.get("Type") == NESTED:
            yield from leaving(inner, member)


def _properties(at: Translated, said: Mapping[str, Any]) -> dict[str, Any]:
    own = at.evaluator.value(said.get("Properties") or Map())
    return own if isinstance(own, dict) else {}


def _within(
    at: Translated, name: str, found: Template, own: Mapping[str, Any], stack: Stack | None
) -> Translated:
    passed, above = own.get("Parameters"), at.place.tags
    passed = passed if isinstance(passed, dict) else {}
    if stack:
        passed = {key: value for key, value in passed.items() if not isinstance(value, Unresolved)}
    if above is not None:  # those of the parent, and its own
        above = {**above, **tags(own.get("Tags"))}
    place = Place(at.place.account, at.place.region, stack, None, above)
    return type(at)(found, place, passed, at.around, (*at.parents, name))


def tags(said: Any) -> dict[str, str]:
    """The tags that a list of ``Key`` and ``Value`` says."""
    pairs = [one for one in said if isinstance(one, Mapping)] if isinstance(said, list) else []
    return {one["Key"]: str(one.get("Value", "")) for one in pairs if isinstance(one.get("Key"), str)}


def found(at: Translated, name: str, said: Mapping[str, Any], url: Any, stack: Stack | None) -> Template:
    """The template of a nested stack. Raises Unknown or DeclaredError where there is none."""
    if len(at.parents) >= DEEPEST or len(at.around.nested) >= _MOST:
        raise Unknown("its templates are nested too deeply, or in a circle")
    at.around.nested.append(name)
    local = local_template(said, url)
    if local is not None:
        path = at.template.beside(local)
        if path.is_file():
            file = posixpath.normpath(posixpath.join(posixpath.dirname(at.template.file), local))
            return rain.read(path, file, at.template.root)
        if "://" in str(url) or at.template.by:
            local = None
        else:
            raise Unknown(f"its template {local} does not exist beside {at.template.file}")
    return _remote(at, name, url, stack)


def _remote(at: Translated, name: str, url: Any, stack: Stack | None) -> Template:
    """What lies at a URL, else what the nested stack was deployed with, which is said."""
    objects = at.around.live.context("aws").get("objects") or {}
    told = objects.get(url) if isinstance(url, str) else None
    line = at.template.resources.lines.get(name, 1)
    if isinstance(told, Mapping) and isinstance(told.get("template"), Mapping):
        found = _of(at, told["template"], line, f"what lies at {url}")
        at.around.remarks["/".join((*at.parents, name))] = f"it is declared by what lies at {url}"
        return found
    why = _unread(url, told)
    if stack is None or stack.template is None:
        more = f"; {stack.template_unread}" if stack is not None and stack.template_unread else ""
        raise Unknown(f"its template is not a local file, so what it declares is not known: {why}{more}")
    address = "/".join((*at.parents, name))
    said = f"its template is not in Git ({why}), so that it is compared with the one that is deployed"
    note = f"{at.template.file}:{line}: the nested stack {address}: {said}"
    if note not in at.around.notes:
        at.around.notes.append(note)
    at.around.remarks[address] = f"of the nested stack {address}: {said}"
    return _live(at, name, stack)


def _live(at: Translated, name: str, stack: Stack) -> Template:
    """The template that a nested stack was deployed with."""
    line = at.template.resources.lines.get(name, 1)
    return _of(at, stack.template, line, f"the template that the stack {stack.name} was deployed with")


def _of(at: Translated, document: Any, line: int, by: str) -> Template:
    made = template.of(template.relined(document, None, line), at.template.path, at.template.file, by)
    return replace(made, path=at.template.path, root=at.template.root)


def _unread(url: Any, told: Any) -> str:
    if isinstance(told, Mapping) and told.get("unread"):
        return str(told["unread"])
    if isinstance(url, Unresolved):
        return url.reason
    return f"{url} was not read" if isinstance(url, str) else "it says no TemplateURL"


def _check_parameters(at: Translated, name: str, inner: Translated, stack: Stack) -> None:
    """Says where a nested stack has other parameters than its parent passes on."""
    for key, value in inner.said.items():
        have = stack.parameters.get(key)
        if have is None or have == "****":
            continue
        if (parameters.text(value) or have) != str(have):
            where = f"{at.template.file}:{at.template.resources.lines.get(name, 1)}"
            stack_name = "/".join((*at.parents, name))
            at.around.notes.append(
                f"{where}: the nested stack {stack_name} was deployed with another {key} than is passed to it"
            )


def _listed(at: Translated, name: str, stack: Stack, reason: str) -> Iterator[Item]:
    """The members of a nested stack whose template is not known."""
    place = Place(at.place.account, at.place.region, stack)
    empty = Template(path=at.template.path, file=at.template.file)
    inner = type(at)(empty, place, {}, at.around, (*at.parents, name))
    for member, deployed in stack.resources.items():
        if not declares_nothing(deployed.type):
            yield from transformed.resource(
                inner, member, deployed.type, f"in the nested stack {name}: {reason}"
            )


def local_template(said: Mapping[str, Any], url: Any) -> str | None:
    """The relative path of a nested stack's template: its TemplateURL, or the asset that CDK says it
    uploads."""
    metadata = said.get("Metadata")
    if isinstance(metadata, Mapping) and metadata.get("aws:asset:property") == "TemplateURL":
        url = metadata.get("aws:asset:path")
    if url is MISSING or not isinstance(url, str) or "://" in url or url.startswith("/"):
        return None
    return url if url.lower().endswith(SUFFIXES) else None
