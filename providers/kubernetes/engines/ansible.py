"""Tasks of Ansible that keep objects of a cluster (``kubernetes.core.k8s``): what they say literally is
declared, and what a template or a variable gives is named.

Source: docs.ansible.com, kubernetes.core.k8s (options, and where ``src`` is looked for).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.model import Problem, Unresolved
from providers.kubernetes import declared_objects
from providers.kubernetes.declared_layouts import K8S_MODULES
from providers.kubernetes.declared_objects import Found, Manifest
from providers.kubernetes.declared_resources import DEFAULT_NAMESPACE
from providers.kubernetes.declared_units import Unit, places
from providers.kubernetes.declared_yaml import Broken, Document, Node, documents
from providers.kubernetes.engines.objects import Ref, Rendered, Unfollowed
from providers.kubernetes.engines.trees import NotFollowed
from providers.kubernetes.engines.world import World, ref_of

SOURCE = "ansible"
_TASKS = ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always")
_DEFINITIONS = ("definition", "resource_definition", "inline")
_FILE = re.compile(
    r"""\{\{\s*lookup\(\s*['"](?:ansible\.builtin\.)?file['"]\s*,\s*['"](?P<file>[^'"]+)['"]\s*\)\s*"""
    r"""(?:\|\s*from_yaml(?:_all)?\s*(?:\|\s*list\s*)?)?\}\}"""
)
#: What append_hash puts behind a name: ten signs of Kubernetes' own alphabet.
_HASH = "[bcdfghkmt24-9]{10}"
_HASHED = frozenset(("ConfigMap", "Secret"))


@dataclass(frozen=True, slots=True)
class _Task:
    """One task. ``arguments`` are the module's, ``when`` by what it runs; "" where it always does."""

    said: Mapping[str, Any]
    arguments: Mapping[str, Any]
    node: Node
    file: Path
    shown: str
    when: str

    @property
    def what(self) -> str:
        name, where = self.said.get("name"), f"({self.shown}:{self.node.line})"
        return f"the task {str(name)!r} {where}" if name else f"a task {where}"


def rendered(unit: Unit, scope: str, world: World) -> Rendered:
    """What the tasks in a folder's files keep."""
    made = Rendered(Found(), world.tree, str(world.options.get("namespace") or DEFAULT_NAMESPACE))
    for file in unit.inputs:
        shown = world.tree.shown(file)
        try:
            content = reading.content(file, shown)
        except DeclaredError as error:
            made.found.problems.append(Problem(SOURCE, str(error), unread=True))
            continue
        for document in documents(content, strict=False):
            if isinstance(document, Broken):
                where = f"{shown}:{document.line}"
                made.found.problems.append(Problem(SOURCE, f"{where}: {document.reason}", unread=True))
                continue
            for task in _tasks(document.value, document.node, file, shown, ""):
                try:
                    _kept(task, scope, world, made)
                except NotFollowed as error:
                    made.unfollowed.append(Unfollowed(task.what, str(error), None, (task.shown,)))
    return made


def _tasks(value: Any, node: Node, file: Path, shown: str, when: str) -> Iterator[_Task]:
    """The tasks of plays, of blocks in them, and of a role's file."""
    for one, below in zip(value if isinstance(value, list) else (), node.items, strict=False):
        if not isinstance(one, Mapping):
            continue
        runs = " and ".join(filter(None, (when, _when(one))))
        for name in _TASKS:
            if name in one:
                yield from _tasks(one[name], below.members[name], file, shown, runs)
        module = next((name for name in K8S_MODULES if name in one), None)
        if module is not None:
            arguments = one[module] if isinstance(one[module], Mapping) else {"free form": one[module]}
            own = below.members[module] if isinstance(one[module], Mapping) else below
            yield _Task(one, arguments, Node(below.line, own.members), file, shown, runs)


def _when(one: Mapping[str, Any]) -> str:
    said = one.get("when")
    tags = one.get("tags")
    never = "never" in (tags if isinstance(tags, list) else [tags])
    told = " and ".join(map(str, said)) if isinstance(said, list) else "" if said is None else str(said)
    return " and ".join(filter(None, (told, "it is asked for by a tag" if never else "")))


def _kept(task: _Task, scope: str, world: World, made: Rendered) -> None:
    """Adds what a task keeps. Raises NotFollowed where it can't be told."""
    said = task.arguments
    state = said.get("state", "present")
    if _is_template(state) or "free form" in said:
        raise NotFollowed("a template says what it does")
    if state == "absent":
        made.notes.append(f"{task.shown}:{task.node.line}: the task takes objects away, so it declares none")
        return
    for name in ("template", "label_selectors"):
        if said.get(name):
            raise NotFollowed(f"it uses `{name}`, which is not rendered")
    context = said.get("context")
    if context is not None and _cluster(context, scope, world) != scope:
        raise NotFollowed(
            f"it goes to the context {context!r}: say by `clusters` of the entry which cluster that is"
        )
    found = _objects(task, world)
    made.found.problems += found.problems
    made.found.passed_over += found.passed_over
    for one in found.manifests:
        made.found.manifests.append(_as_kept(one, task, str(state), scope, world, made))


def _as_kept(one: Manifest, task: _Task, state: str, scope: str, world: World, made: Rendered) -> Manifest:
    """One object as the task keeps it."""
    metadata = dict(one.metadata)
    given = task.arguments.get("namespace")
    if given is not None and not isinstance(given, str):
        raise NotFollowed("its namespace is no text")
    if given is not None and not one.namespace:
        metadata["namespace"] = given
    if any(_is_template(metadata.get(name)) for name in ("name", "namespace", "generateName")):
        raise NotFollowed(f"a template gives the name or the namespace of its {one.type.kind}")
    body = {**without_templates({**one.body, "metadata": {}}), "metadata": without_templates(metadata)}
    namespace = str(metadata.get("namespace") or made.namespace)
    if world.cluster(scope).namespaced(one.type) is False:
        namespace = ""
    ref = Ref(scope, one.type.key, namespace, str(one.name))
    if task.arguments.get("append_hash") and one.type.key in _HASHED:
        several = _hashed(ref, world)
        if len(several) != 1:
            why = f"Ansible puts a hash behind its name (append_hash), and {len(several)} such are there"
            return replace(one, body=body, left_out=why, applied_as_is=True)
        ref = ref._replace(name=several[0])
        body["metadata"] = {**body["metadata"], "name": several[0]}
    live = world.found(ref)
    left_out = ""
    if live is None and (task.when or state == "patched"):
        left_out = f"it is kept only when {task.when}" if task.when else "it is patched where it is there"
    elif live is not None and state == "patched":
        body = _patched(live.attributes, body)
    return replace(one, body=body, left_out=left_out, applied_as_is=True)


def _hashed(ref: Ref, world: World) -> list[str]:
    """The live names that are a name with a hash behind it."""
    pattern = re.compile(rf"{re.escape(ref.name)}-{_HASH}")
    several = (one for one in world.every(ref.scope, ref.key) if ref_of(one).namespace == ref.namespace)
    return sorted(str(one.name) for one in several if pattern.fullmatch(str(one.name)))


def _patched(live: Any, said: Any) -> Any:
    """What is live once a patch was merged into it: a mapping's members, and a list's by their names."""
    if isinstance(live, Mapping) and isinstance(said, Mapping):
        return {**live, **{name: _patched(live.get(name), item) for name, item in said.items()}}
    if isinstance(live, list) and isinstance(said, list) and said and all(map(_name_of, (*live, *said))):
        told = {_name_of(one): one for one in said}
        merged = [_patched(one, told.pop(_name_of(one))) if _name_of(one) in told else one for one in live]
        return [*merged, *told.values()]
    return said


def _name_of(one: Any) -> str | None:
    name = one.get("name") if isinstance(one, Mapping) else None
    return name if isinstance(name, str) else None


def _objects(task: _Task, world: World) -> Found:
    """The objects that a task names: in place, in a file, or by their kind and name."""
    said = task.arguments
    name = next((one for one in _DEFINITIONS if said.get(one)), None)
    src = said.get("src")
    if name is not None:
        value = said[name]
        if isinstance(value, str):
            file = _FILE.fullmatch(value.strip())
            if file is not None:
                return _file(file["file"], task, world)
            if _is_template(value):
                raise NotFollowed("a template gives its definition")
            return _text(value, task)
        if task.said.get("loop") is not None and _holds(value, "item"):
            raise NotFollowed("it is a loop, of which each turn gives another definition")
        return _opened(value, task.node.members[name], task.shown)
    if src is not None:
        if _is_template(src):
            raise NotFollowed("a template gives its `src`")
        return _file(str(src), task, world)
    if said.get("kind") and (said.get("name") or said.get("generate_name")):
        return _by_name(task)
    raise NotFollowed("it names no definition")


def _opened(value: Any, node: Node, shown: str) -> Found:
    found = Found()
    several = zip(value, node.items, strict=True) if isinstance(value, list) else [(value, node)]
    for one, below in several:
        kinds = (one.get("kind"), one.get("apiVersion")) if isinstance(one, Mapping) else (one,)
        if any(map(_is_template, kinds)):
            raise NotFollowed("a template gives one of its definitions")
        found.add(declared_objects.read(Document(one, below), shown, SOURCE))
    return found


def _text(text: str, task: _Task) -> Found:
    """The objects in a block of text, which stand at the task's line."""
    if "{%" in text:
        raise NotFollowed("a template gives its definition")
    found = Found()
    for one in documents(text.encode()):
        found.add(declared_objects.read(one, task.shown, SOURCE, rendered=True))
    found.manifests = [replace(one, line=task.node.line) for one in found.manifests]
    return found


def _file(said: str, task: _Task, world: World) -> Found:
    if "://" in said:
        raise NotFollowed(f"its `src` {said} is fetched when it runs")
    for place in places(said, task.file, world.tree.root):
        if place.is_file() and place.resolve().is_relative_to(world.tree.root.resolve()):
            return world.renderers.file(world.tree, place)
    raise NotFollowed(f"there is no {said} beside it or in `files` of its role")


def _by_name(task: _Task) -> Found:
    said = task.arguments
    key = next((one for one in ("api_version", "api", "version") if said.get(one)), None)
    words = {"name": "name", "generateName": "generate_name", "namespace": "namespace"}
    metadata = {word: said[argument] for word, argument in words.items() if said.get(argument)}
    body = {"apiVersion": said[key] if key else "v1", "kind": said["kind"], "metadata": metadata}
    if any(map(_is_template, (body["apiVersion"], body["kind"], *metadata.values()))):
        raise NotFollowed("a template gives the kind or the name of its object")
    below = Node(task.node.line)
    members = dict.fromkeys(body, below)
    members["metadata"] = Node(below.line, dict.fromkeys(metadata, below))
    return declared_objects.read(Document(body, Node(below.line, members)), task.shown, SOURCE)


def _cluster(context: Any, scope: str, world: World) -> str:
    mapped = world.options.get("clusters")
    if isinstance(mapped, Mapping) and context in mapped:
        return str(mapped[context])
    return str(context) if context in world.clusters() else ("" if _is_template(context) else str(context))


def _is_template(value: Any) -> bool:
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def _holds(value: Any, name: str) -> bool:
    if isinstance(value, Mapping):
        return any(_holds(one, name) for pair in value.items() for one in pair)
    if isinstance(value, list):
        return any(_holds(one, name) for one in value)
    return _is_template(value) and name in value


def without_templates(value: Any) -> Any:
    """A value in which what templates give is unresolved."""
    if isinstance(value, Mapping):
        if any(map(_is_template, value)):
            return Unresolved("templates of Ansible give its names")
        return {name: without_templates(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_templates(item) for item in value]
    return Unresolved(f"Ansible's template {value.strip()}") if _is_template(value) else value
