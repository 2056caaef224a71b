"""Compiles what Microsoft's Python packages (``azure-mgmt-*``) say of each resource type into
``models.json.gz``.

Run by ``make facts``, which installs the packages of ``models.txt`` into a folder of their own. They are read
as text, never imported. A package's operations tell which model a type's GET answers with and which its PUT
and PATCH take; the models tell each property's type, its enumeration, and whether it can be read, written or
both. Models come in two forms (``rest_field``, ``_attribute_map``), operations as well: those that call a
function which builds the request, and those that have the URL in their ``metadata``.
"""

from __future__ import annotations

import ast
import gzip
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from providers.azure.compile_remarks import marked, remarks
from providers.azure.compile_urls import client_call, last_name, request_built, types_of, urls_in_metadata

INDEX = Path(__file__).with_name("models.json.gz")
Node = dict[str, Any]
#: Python and msrest words → the letters of :mod:`providers.azure.models`.
_SCALARS = {
    "str": {"t": "string"},
    "int": {"t": "integer"},
    "long": {"t": "integer"},
    "float": {"t": "number"},
    "bool": {"t": "boolean"},
    "bytes": {"t": "string", "f": "byte"},
    "bytearray": {"t": "string", "f": "byte"},
    "base64": {"t": "string", "f": "byte"},
    "datetime": {"t": "string", "f": "date-time"},
    "iso-8601": {"t": "string", "f": "date-time"},
    "rfc-1123": {"t": "string", "f": "date-time"},
    "timedelta": {"t": "string", "f": "duration"},
    "duration": {"t": "string", "f": "duration"},
}
_ENUM = re.compile(r":(?:ivar|vartype)\s+(\w+): (?:list\[)?str or\s+~[\w.]+\.models\.(\w+)")
_VERSION = re.compile(r"v\d{4}_\d{2}_\d{2}(_preview)?")


def main(folder: Path) -> None:
    """Reads every package below ``folder/azure/mgmt`` and writes the index beside this file."""
    types: dict[str, Any] = {}
    models: dict[str, dict[str, Node]] = {}
    for package in sorted((folder / "azure" / "mgmt").iterdir()):
        for part in _parts(package):
            _Package(part, package.name, types, models).read()
    reached = _reached(types, models)
    index = {"types": types, "models": reached, "names": _names(reached)}
    beside = INDEX.with_suffix(".part")
    with beside.open("wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
        packed.write(orjson.dumps(index, option=orjson.OPT_SORT_KEYS))
    beside.rename(INDEX)
    print(f"{len(types)} types, {sum(map(len, reached.values()))} models, {INDEX.stat().st_size} bytes")


def _parts(package: Path) -> list[Path]:
    """The folders with models and operations: previews first, then by age, so that what is newest and stable
    wins."""
    found = [one.parent for one in package.rglob("operations") if one.is_dir() and one.parent.name != "aio"]
    found = [one for one in found if (one / "models").is_dir()]
    return sorted(found, key=lambda one: (_stable(one), one.name, str(one)))


def _stable(part: Path) -> bool:
    found = _VERSION.fullmatch(part.name)
    return found is None or found.group(1) is None


class _Package:
    """One package: fills ``types`` (lower-case type → spelling and models) and ``models``."""

    def __init__(
        self, part: Path, name: str, types: dict[str, Any], models: dict[str, dict[str, Node]]
    ) -> None:
        self.part, self.types = part, types
        self.name = name if part.name == name else f"{name}/{part.name}"
        self.enums: dict[str, list[str]] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self.models = models.setdefault(self.name, {})

    def read(self) -> None:
        for file in sorted((self.part / "models").glob("_*.py")):
            if file.name == "_models.py" and file.with_name("_models_py3.py").exists():
                continue
            for node in ast.parse(file.read_text()).body:
                if isinstance(node, ast.ClassDef):
                    if any(last_name(base) == "Enum" or isinstance(base, ast.Call) for base in node.bases):
                        self.enums[node.name] = _members(node)
                    else:
                        self.classes[node.name] = node
        for name in self.classes:
            self.models[name] = {"p": self._properties(name), **self._heirs(name)}
        for file in sorted((self.part / "operations").glob("*_operations.py")):
            self._operations(ast.parse(file.read_text()))

    def _heirs(self, name: str) -> Node:
        heirs = [
            one for one, node in self.classes.items() if name in {last_name(base) for base in node.bases}
        ]
        marked = [one for one in heirs if _is_variant(self.classes[name])]
        return {"h": sorted(marked)} if marked else {}

    def _properties(self, name: str) -> dict[str, Node]:
        node = self.classes.get(name)
        if node is None:
            return {}
        found: dict[str, Node] = {}
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id != name:
                found.update(self._properties(base.id))
        said = remarks(ast.get_docstring(node) or "")
        enums = dict(_ENUM.findall(ast.get_docstring(node) or ""))
        maps = {
            one.targets[0].id: one.value
            for one in node.body
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
        }
        if "_attribute_map" in maps:
            return {**found, **self._mapped(maps, enums, said)}
        for one in node.body:
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and one.value is not None:
                rest = self._field(one)
                if rest is not None:
                    found[rest[0]] = {**rest[1], **marked(rest[1], said.get(one.target.id, ""))}
        return found

    def _mapped(
        self, maps: Mapping[str, ast.expr], enums: Mapping[str, str], remarked: Mapping[str, str]
    ) -> dict[str, Node]:
        found: dict[str, Node] = {}
        rules = ast.literal_eval(maps["_validation"]) if "_validation" in maps else {}
        for attribute, said in ast.literal_eval(maps["_attribute_map"]).items():
            node = self._word(said["type"])
            if enums.get(attribute) in self.enums:
                target = node.get("i", node)
                target["e"] = self.enums[enums[attribute]]
            if rules.get(attribute, {}).get("readonly"):
                node["o"] = 1
            node.update(marked(node, remarked.get(attribute, "")))
            *above, last = [one.replace("\0", ".") for one in said["key"].replace("\\.", "\0").split(".")]
            into = found
            for step in above:
                into = into.setdefault(step, {}).setdefault("p", {})
            into[last] = node
        return found

    def _word(self, word: str) -> Node:
        if word.startswith("["):
            return {"i": self._word(word[1:-1])}
        if word.startswith("{"):
            return {"m": self._word(word[1:-1])}
        if word in _SCALARS:
            return dict(_SCALARS[word])
        return {"r": word} if word in self.classes else {}

    def _field(self, one: ast.AnnAssign) -> tuple[str, Node] | None:
        call = one.value
        if not (isinstance(call, ast.Call) and last_name(call.func) in ("rest_field", "rest_discriminator")):
            return None
        said = {word.arg: word.value for word in call.keywords}
        assert isinstance(one.target, ast.Name)
        name = ast.literal_eval(said["name"]) if "name" in said else one.target.id
        node = self._annotation(one.annotation)
        if "visibility" in said:
            sight = set(ast.literal_eval(said["visibility"]))
            if sight <= {"read", "query"}:
                node["o"] = 1
            elif "read" not in sight:
                node["w"] = 1
        return name, node

    def _annotation(self, said: ast.expr) -> Node:
        if isinstance(said, ast.Constant) and isinstance(said.value, str):
            return self._annotation(ast.parse(said.value, mode="eval").body)
        if isinstance(said, ast.Subscript):
            outer = last_name(said.value).lower()
            inner = said.slice.elts if isinstance(said.slice, ast.Tuple) else [said.slice]
            if outer == "list":
                return {"i": self._annotation(inner[0])}
            if outer == "dict":
                return {"m": self._annotation(inner[-1])}
            if outer in ("optional", "union"):
                options = [self._annotation(one) for one in inner]
                enums = [option for option in options if "e" in option]
                return enums[0] if enums else next((one for one in options if one), {})
            if outer == "literal":
                return {"t": "string"}
            return {}
        name = last_name(said)
        if name in self.enums:
            return {"t": "string", "e": self.enums[name]}
        return dict(_SCALARS[name]) if name in _SCALARS else {"r": name} if name in self.classes else {}

    def _operations(self, tree: ast.Module) -> None:
        calls = {
            node.name: found
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and (found := request_built(node)) is not None
        }
        for group in tree.body:
            if not isinstance(group, ast.ClassDef):
                continue
            urls = dict(urls_in_metadata(group))
            for method in group.body:
                if isinstance(method, ast.FunctionDef):
                    self._method(method, calls, urls.get(method.name))

    def _method(self, method: ast.FunctionDef, calls: Mapping[str, tuple[str, str]], url: str | None) -> None:
        asked = next(
            (
                calls[name]
                for one in ast.walk(method)
                if isinstance(one, ast.Call) and (name := last_name(one.func)) in calls
            ),
            None if url is None else client_call(method, url),
        )
        if asked is None or asked[0] not in ("GET", "PUT", "PATCH"):
            return
        model = self._answer(method) if asked[0] == "GET" else self._body(method)
        if model is None:
            return
        for type_ in types_of(asked[1]):
            slot = self.types.get(type_.lower())
            if slot is None or slot["in"] != self.name:
                if slot is not None and asked[0] != "GET":
                    continue
                slot = self.types[type_.lower()] = {"as": type_, "in": self.name}
            slot.setdefault(asked[0].lower(), model)

    def _answer(self, method: ast.FunctionDef) -> str | None:
        for one in ast.walk(method):
            if (
                isinstance(one, ast.Call)
                and last_name(one.func) in ("_deserialize", "deserialize")
                and one.args
            ):
                first = one.args[0]
                name = first.value if isinstance(first, ast.Constant) else last_name(first)
                if isinstance(name, str) and name in self.classes and "Error" not in name:
                    return name
        return None

    def _body(self, method: ast.FunctionDef) -> str | None:
        for arg in [*method.args.args, *method.args.kwonlyargs]:
            if arg.annotation is not None and (found := self._annotation(arg.annotation).get("r")):
                return str(found)
        for one in ast.walk(method):
            if isinstance(one, ast.Call) and last_name(one.func) == "body" and len(one.args) == 2:
                last = one.args[1]
                if isinstance(last, ast.Constant) and last.value in self.classes:
                    return str(last.value)
        return None


def _is_variant(node: ast.ClassDef) -> bool:
    """Whether heirs of the class are told apart by one of its properties."""
    return any(
        (
            isinstance(one, ast.AnnAssign)
            and isinstance(one.target, ast.Name)
            and one.target.id == "__mapping__"
        )
        or (
            isinstance(one, ast.Assign)
            and isinstance(one.targets[0], ast.Name)
            and one.targets[0].id == "_subtype_map"
        )
        for one in node.body
    )


def _reached(
    types: Mapping[str, Any], models: Mapping[str, Mapping[str, Node]]
) -> dict[str, dict[str, Node]]:
    """The models that a type leads to."""
    kept: dict[str, dict[str, Node]] = {}
    todo = [
        (said["in"], said[way]) for said in types.values() for way in ("get", "put", "patch") if way in said
    ]
    while todo:
        package, name = todo.pop()
        if name in kept.setdefault(package, {}) or name not in models[package]:
            continue
        node = kept[package][name] = models[package][name]
        todo += [(package, one) for one in [*_references(node), *node.get("h", ())]]
    return kept


def _names(models: Mapping[str, Mapping[str, Node]]) -> dict[str, list[str]]:
    """What every model says of a property's name: ``enums``, which are enumerated (almost) wherever they
    stand, and ``texts``, whose value is a free text somewhere."""
    enums: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    for package in models.values():
        for model in package.values():
            for name, node in _properties(model):
                if node.get("t") == "string" and "f" not in node:
                    (enums if "e" in node else texts)[name] += 1
    return {
        "enums": sorted(name for name, count in enums.items() if count > 1 and texts[name] * 4 <= count),
        "texts": sorted(texts),
    }


def _properties(node: Node) -> Iterator[tuple[str, Node]]:
    for name, below in node.get("p", {}).items():
        yield name, below
        yield from _properties(below)
    for key in ("i", "m"):
        if key in node:
            yield from _properties(node[key])


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("r"), str):
            yield node["r"]
        for key in ("i", "m"):
            yield from _references(node.get(key))
        for below in node.get("p", {}).values():
            yield from _references(below)


def _members(node: ast.ClassDef) -> list[str]:
    return [
        one.value.value
        for one in node.body
        if isinstance(one, ast.Assign)
        and isinstance(one.value, ast.Constant)
        and isinstance(one.value.value, str)
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
