"""Takes a resource out of its template, with what only tells of it; not where others need it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from drift.editing.rewrite import Operation
from drift.editor import NotEdited, Place
from drift.lined import Map
from providers.aws.cloudformation import parameters
from providers.aws.cloudformation.owners import Owners, Placed
from providers.aws.cloudformation.serverless_spots import ServerlessSaid
from providers.aws.cloudformation.spots import Said
from providers.aws.facts import catalogue


def placed(owners: Owners) -> list[Placed]:
    """The edits that take the resource away. Raises NotEdited where others in the template need it, where it
    is the only one, or where another stack may import what it exports."""
    said = owners.own
    said.resource()
    said.must_be_named()
    template, file = said.template, said.template.path
    parts = {part.said.name for part in owners.parts if part.said.template.path == file}
    gone = {said.name, *(one for one in parts if _adds(template.resources.get(one)))}
    found: list[Placed] = [(file, Operation("remove", ("Resources", name))) for name in sorted(gone)]
    if len(template.resources) == len(gone):
        raise NotEdited(f"{said.name} is the only resource of the template: delete its stack", said.place())
    for name, other in template.resources.items():
        if name in gone or not isinstance(other, Map):
            continue
        found += _depends(said, name, other, gone)
        needed = set(names(other))
        _refuse_made(said, name, needed)
        if needed & gone:
            raise NotEdited(f"{name} refers to {said.name}", said.place(template.resources.lines.get(name)))
    for name, output in template.outputs.items():
        if set(names(output)) & gone:
            if isinstance(output, Mapping) and "Export" in output:
                where = Place(Path(template.file), template.outputs.lines.get(name))
                raise NotEdited(f"the output {name} exports {said.name} to other stacks", where)
            found.append((file, Operation("remove", ("Outputs", name))))
    told = [one for _, one in found if one.steps[0] == "Outputs"]
    if told and len(told) == len(template.outputs):
        found = [one for one in found if one[1].steps[0] != "Outputs"]
        found.append((file, Operation("remove", ("Outputs",))))
    return found


def _adds(resource: Any) -> bool:
    """Whether a resource only adds to another one."""
    return isinstance(resource, Mapping) and resource.get("Type") in catalogue().attachments


def _refuse_made(said: Said, name: str, needed: set[str]) -> None:
    """Raises NotEdited where another resource needs what the Serverless Application Model makes beside this
    one, whose names begin with its own (``FunctionRole``)."""
    if not isinstance(said, ServerlessSaid):
        return
    for one in sorted(needed - said.template.resources.keys()):
        if one.startswith(said.name):
            where = said.place(said.template.resources.lines.get(name))
            raise NotEdited(f"{name} refers to {one}, which {said.name} makes", where)


def _depends(said: Said, name: str, other: Map, gone: set[str]) -> Iterator[Placed]:
    """What takes the resource out of the ``DependsOn`` of another one."""
    on = other.get("DependsOn")
    file = said.template.path
    listed = on if isinstance(on, list) else [on]
    if not gone & {one for one in listed if isinstance(one, str)}:
        return
    if all(one in gone for one in listed):
        yield file, Operation("remove", ("Resources", name, "DependsOn"))
        return
    for at, one in enumerate(listed):
        if one in gone:
            yield file, Operation("remove", ("Resources", name, "DependsOn", at))


def names(node: Any) -> Iterator[str]:
    """What ``Ref``, ``Fn::GetAtt`` and ``Fn::Sub`` name in a part of a template."""
    rest = [node]
    while rest:
        one = rest.pop()
        if isinstance(one, list):
            rest += one
        if not isinstance(one, Mapping):
            continue
        for key, item in one.items():
            if key == "Ref" and isinstance(item, str):
                yield item
            elif key == "Fn::GetAtt":
                first = item[0] if isinstance(item, list) and item else item
                if isinstance(first, str):
                    yield first.partition(".")[0]
            elif key == "Fn::Sub":
                yield from (name.partition(".")[0] for name in parameters.named(item))
            rest.append(item)
