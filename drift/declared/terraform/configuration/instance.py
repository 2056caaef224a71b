"""One instance of a module: looks up what its expressions name, and evaluates its resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.declared.terraform.configuration import data_sources, origin, types, variables
from drift.declared.terraform.configuration.blocks import Evaluation
from drift.declared.terraform.configuration.contracts import Whole
from drift.declared.terraform.configuration.expressions import Scope, value_of
from drift.declared.terraform.configuration.model import (
    Block,
    Declared,
    ModulePath,
    Place,
    Written,
    address,
)
from drift.declared.terraform.configuration.module import Module
from drift.declared.terraform.configuration.once import Once
from drift.declared.terraform.configuration.repetition import bound, expanded, shaped
from drift.declared.terraform.configuration.values import (
    Exhausted,
    Failure,
    Namespace,
    settled,
    unknown,
)
from drift.model import MISSING, Unresolved

Key = str | int | None


@dataclass(eq=False)
class ModuleInstance:
    """``call`` is the block that calls it, ``parent`` whose that is, and ``each`` the names that the call's
    ``count`` or ``for_each`` binds."""

    tree: Whole
    module: Module
    path: ModulePath
    parent: ModuleInstance | None = None
    call: Block | None = None
    each: Mapping[str, Any] = field(default_factory=dict)
    _once: Once = field(default_factory=Once)
    _children: dict[str, dict[Key, ModuleInstance]] = field(default_factory=dict)
    _keys: dict[int, Mapping[Key, Any] | Unresolved] = field(default_factory=dict)
    #: A block → all its instances, which each reference to one of them looks through.
    _shaped: dict[int, Any] = field(default_factory=dict)

    def scope(self, local: Mapping[str, Any] | None = None) -> Scope:
        return Scope(self._root, self.tree.functions.get, self.tree.budget, local or {})

    def inner_scope(self, key: Key, value: Any, *, counted: bool) -> Scope:
        """Where the arguments of one instance stand."""
        return self.scope(bound(key, value, counted=counted))

    # Names

    def _root(self, name: str) -> Any:
        match name:
            case "var":
                return Namespace(self.variable)
            case "local":
                return Namespace(self.local)
            case "module":
                return Namespace(self._module)
            case "data":
                return Namespace(lambda type_: self._type("data", type_))
            case "path":
                return Namespace(self._path)
            case "terraform" | "tofu":
                return Namespace(self._own)
            case "each" | "count" | "self":
                raise Failure(f"{name} is not known here")
        return self._type("resource", name)

    def _own(self, name: str) -> Any:
        return self.tree.workspace if name == "workspace" else Unresolved(f"terraform.{name} is not known")

    def _path(self, name: str) -> Any:
        if name == "cwd":
            return Unresolved("path.cwd is of the machine that applies it")
        root = self.tree.folders.root.resolve()
        folder = self.module.folder.resolve() if name == "module" else root
        steps = [".."] * 0
        while not folder.is_relative_to(root) and root != root.parent:
            steps.append("..")
            root = root.parent
        return "/".join([*steps, *folder.relative_to(root).parts]) or "."

    def variable(self, name: str) -> Any:
        return self._once.get("var", name, lambda: self._variable(name))

    def _variable(self, name: str) -> Any:
        block = self.module.variables.get(name)
        if block is None:
            raise Failure(f"there is no variable {name}")
        said = block.body.attributes
        convert = types.constraint(said["type"].expression) if "type" in said else None
        value = self._passed(name, said)
        default = said.get("default")
        if value is MISSING and default is not None:
            value = value_of(default.expression, self.scope())
        if value is MISSING:
            return Unresolved(f"the variable {name} has no value here; give it under `variables`")
        if value is None and default is not None and self._says(block, "nullable") is False:
            value = value_of(default.expression, self.scope())
        made = value if convert is None else convert(value)
        if self._says(block, "sensitive") is True:
            self.tree.known.told.update(_texts(made))
        return made

    def sensitive(self, name: str) -> None:
        """Works out a variable that is called sensitive, so that its texts are known to be."""
        if self._says(self.module.variables[name], "sensitive") is True:
            self.variable(name)

    def _passed(self, name: str, said: Mapping[str, Written]) -> Any:
        """The value that is passed in; MISSING where none is."""
        if self.parent is not None and self.call is not None:
            written = self.call.body.attributes.get(name)
            if written is None:
                return MISSING
            return settled(written.expression.evaluate(self.parent.scope(self.each)))
        given = self.tree.variables.given.get(name)
        if given is None:
            return self.tree.variables.rest or MISSING
        kind = said.get("type")
        plain = kind is None or getattr(kind.expression, "name", None) in ("string", "any")
        if given.as_text and isinstance(given.value, str) and not plain:
            return value_of(variables.parsed(given.value), self.scope())
        return given.value

    def _says(self, block: Block, name: str) -> Any:
        written = block.body.attributes.get(name)
        return getattr(written.expression, "value", None) if written else None

    def local(self, name: str) -> Any:
        written = self.module.locals.get(name)
        if written is None:
            if self.module.broken:
                return Unresolved(f"local.{name} is in no file that could be read")
            raise Failure(f"there is no local.{name}")
        return self._once.get("local", name, lambda: settled(written.expression.evaluate(self.scope())))

    def output(self, name: str) -> Any:
        block = self.module.outputs.get(name)
        written = None if block is None else block.body.attributes.get("value")
        if written is None:
            if self.module.broken:
                return Unresolved(f"the output {name} is in no file that could be read")
            raise Failure(f"there is no output {name}")
        return self._once.get("output", name, lambda: settled(written.expression.evaluate(self.scope())))

    def outputs(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name in self.module.outputs:
            try:
                made[name] = self.output(name)
            except Failure as error:
                made[name] = Unresolved(str(error))
        return made

    # Modules

    def _module(self, name: str) -> Any:
        call = self.module.calls.get(name)
        if call is None:
            raise Failure(f"there is no module {name}")
        keys = self.keys(call)
        if isinstance(keys, Unresolved):
            return keys
        children = self.children(name)
        if any(key not in children for key in keys):
            return Unresolved(f"module.{name} is not read")
        each = {key: Namespace(child.output, child.outputs) for key, child in children.items()}
        return shaped(each, call)

    def children(self, name: str, asked: Key = None) -> dict[Key, ModuleInstance]:
        """The instances of a module that is called; one that is ``asked`` for is there, too, where it can't
        be told which there are."""
        known = self._children.setdefault(name, {})
        call = self.module.calls[name]
        keys = self.keys(call)
        wanted: Mapping[Key, Any] = keys if not isinstance(keys, Unresolved) else {}
        if isinstance(keys, Unresolved) and asked is not None:
            wanted = {asked: keys}
        for key, value in wanted.items():
            if key not in known:
                way = [*(one for one, _ in self.path), name]
                module = self.tree.called(way, call, self.module, self._source(call))
                if module is None:
                    break
                names = bound(key, value, counted="count" in call.body.attributes)
                path = (*self.path, (name, key))
                known[key] = ModuleInstance(self.tree, module, path, self, call, names)
        return known

    def _source(self, call: Block) -> str | None:
        """Where the module of a call comes from; None where that can't be known."""
        said = call.body.attributes.get("source")
        value = None if said is None else value_of(said.expression, self.scope())
        return value if isinstance(value, str) else None

    def unsure(self, name: str) -> Unresolved | None:
        """Why it can't be told whether a module has an instance; None where it has none."""
        keys = self.keys(self.module.calls[name])
        if isinstance(keys, Unresolved):
            return keys
        if any(key not in self._children.get(name, {}) for key in keys):
            return Unresolved(f"module.{name} is not read")
        return None

    # Instances of resources

    def keys(self, block: Block) -> Mapping[Key, Any] | Unresolved:
        """The keys of a block's instances with their values; Unresolved where they can't be told."""
        found = self._keys.get(id(block))
        if found is None:
            self._keys[id(block)] = Unresolved("its count or for_each needs itself")
            try:
                found = expanded(block, self.scope())
            except (Failure, Exhausted) as error:
                found = Unresolved(str(error))
            except RecursionError:
                found = Unresolved("it is nested too deeply")
            self._keys[id(block)] = found
        return found

    def declared(self, type_: str, name: str, key: Key) -> Declared | Unresolved | None:
        """One instance of a managed resource; None where there is none, Unresolved where that can't be
        told."""
        block = self.module.resources.get(("resource", type_, name))
        if block is None:
            if self.module.broken:
                return Unresolved("not all files of its module could be read")
            return None
        keys = self.keys(block)
        if isinstance(keys, Unresolved):
            value: Any = keys
        elif key in keys:
            value = keys[key]
        else:
            return None
        scope = self.inner_scope(key, value, counted="count" in block.body.attributes)
        provider = block.body.attributes.get("provider")
        return Declared(
            address(self.path, type_, name, key),
            self.path,
            type_,
            name,
            key,
            block.place,
            lambda: Evaluation(self, scope).settings(block.body, block.place, top=True),
            origin.named(provider.expression, scope) if provider else None,
        )

    def _type(self, mode: str, type_: str) -> Any:
        return Namespace(lambda name: self._resource(mode, type_, name))

    def _resource(self, mode: str, type_: str, name: str) -> Any:
        block = self.module.resources.get((mode, type_, name))
        if block is None:
            if self.module.broken:
                return Unresolved(f"{type_}.{name} is in no file that could be read")
            raise Failure(f"there is no {type_}.{name}")
        if id(block) in self._shaped:
            return self._shaped[id(block)]
        told = keys = self.keys(block)
        if isinstance(keys, Unresolved):
            known = self.tree.known.keys(self.path, mode, type_, name)
            if not known:
                return keys
            keys = dict.fromkeys(known)
        each = {key: self._attributes(block, mode, key, value) for key, value in keys.items()}
        found = shaped(each, block)
        if keys is told:
            self._shaped[id(block)] = found
        return found

    def _attributes(self, block: Block, mode: str, key: Key, value: Any) -> Namespace:
        type_, name = block.labels
        place = (self.path, mode, type_, name, key)
        called = address(self.path, type_, name, key)

        def get(attribute: str) -> Any:
            written = block.body.attributes.get(attribute)
            if written is not None and mode == "resource":
                counted = "count" in block.body.attributes
                said = self._once.get(
                    f"{type_}.{name}.{key}",
                    attribute,
                    lambda: value_of(written.expression, self.inner_scope(key, value, counted=counted)),
                )
                if unknown(said) is None and said is not None:
                    return said
            known = self.tree.known.attribute(*place, attribute)
            if known is MISSING and (mode, type_, attribute) == ("data", "terraform_remote_state", "outputs"):
                return self._once.get(called, attribute, lambda: self._elsewhere(block, key, value))
            if known is not MISSING:
                return known
            if mode == "data":
                told = self._once.get(f"data.{called}", "", lambda: self._answers(block, key, value))
                return told.get(attribute, Unresolved(f"data.{called}.{attribute} is the cloud's to tell"))
            dialect = self.tree.surroundings.dialect(type_)
            same = dialect.alike(type_).get(attribute) if dialect is not None else None
            if same in block.body.attributes and attribute not in block.body.attributes:
                return get(same)
            return Unresolved(f"{called}.{attribute} is known once it is applied")

        def whole() -> Any:
            attributes = self.tree.known.whole(*place)
            if attributes is None:
                return Unresolved(f"{called} is known once it is applied")
            return {one: get(one) for one in {**attributes, **block.body.attributes}}

        return Namespace(get, whole)

    def _answers(self, block: Block, key: Key, value: Any) -> Mapping[str, Any]:
        scope = self.inner_scope(key, value, counted="count" in block.body.attributes)
        return data_sources.answers(self, block, scope)

    def _elsewhere(self, block: Block, key: Key, value: Any) -> Any:
        """The outputs of another state."""
        said = block.body.attributes
        scope = self.inner_scope(key, value, counted="count" in said)
        names = ("backend", "config", "workspace", "defaults")
        told = {name: value_of(said[name].expression, scope) if name in said else None for name in names}
        why = unknown(told)
        if why is not None or self.tree.remote is None:
            return why or Unresolved("the state that it names is not read")
        config = told["config"] if isinstance(told["config"], Mapping) else {}
        found = self.tree.remote(str(told["backend"]), config, told["workspace"])
        if isinstance(found, Unresolved):
            return found
        self.tree.known.told.update(found.sensitive)
        return {**(told["defaults"] or {}), **found.values}

    def place_of(self, kind: str, name: str) -> tuple[Written, ModuleInstance] | Place | None:
        """Where a variable or local gets its value: an expression and in which module it stands, or a place
        outside of all modules."""
        if kind == "local":
            written = self.module.locals.get(name)
            return None if written is None else (written, self)
        block = self.module.variables.get(name)
        if self.parent is not None and self.call is not None:
            passed = self.call.body.attributes.get(name)
            if passed is not None:
                return passed, self.parent
        elif name in self.tree.variables.given:
            return self.tree.variables.given[name].place
        default = block.body.attributes.get("default") if block else None
        return None if default is None else (default, self)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
