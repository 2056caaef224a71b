"""A file as tree-sitter sees it: blocks, attributes, members and what each is made of, with their bytes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from drift.declared.terraform.configuration import syntax
from drift.declared.terraform.configuration.expressions import Expression
from drift.declared.terraform.editing.unescaping import unescaped
from drift.editor import NotEdited, Place

#: Node types that only stand around an expression.
_AROUND = frozenset({"(", ")", "comment"})
#: Those that hold nothing else than another one.
_SHELLS = frozenset({"expression", "operation", "literal_value", "collection_value", "template_expr"})


@dataclass(eq=False)
class Document:
    """``data`` of ``file``, or the text of a JSON document in it that begins at ``offset``: then places count
    from there, and ``json`` says that it is no HCL. ``escapes`` says that what is written into it must be
    no template; ``blocks`` that it is configuration, whose blocks are objects. ``outer`` is the document of
    JSON in whose strings this one is HCL: what is written into it is escaped as they are, in ``raw``."""

    file: Path
    data: bytes
    root: Any
    offset: int = 0
    json: bool = False
    escapes: bool = False
    first_line: int = 1
    blocks: bool = False
    outer: Document | None = None
    raw: bytes = b""
    #: What was found in it, by whoever looks for it.
    found: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def hcl(self) -> Document:
        """Of JSON: as HCL, for what stands in an expression in its strings."""
        return replace(self, json=False, outer=self)

    def unsplit(self, at: int) -> int:
        """A place in HCL within JSON as one that does not part an escaped quotation mark."""
        if self.raw[at - 1 : at + 1] != b'\\"':
            return at
        return at - 1 if self.data[at - 1 : at] == b" " else at + 1

    @property
    def newline(self) -> str:
        return "\r\n" if b"\r\n" in self.data else "\n"

    def text(self, node: Any) -> str:
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def place(self, node: Any) -> Place:
        return Place(self.file, node.start_point[0] + self.first_line)

    def line_start(self, at: int) -> int:
        return self.data.rfind(b"\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """After the line break of the line that holds ``at``."""
        end = self.data.find(b"\n", at)
        return len(self.data) if end < 0 else end + 1

    def indent(self, at: int) -> str:
        """The white space that the line of ``at`` begins with."""
        line = self.data[self.line_start(at) : self.line_end(at)]
        return line[: len(line) - len(line.lstrip(b" \t"))].decode()

    def alone(self, node: Any) -> bool:
        """Whether a node has its lines for itself, but for a comma and a comment behind it."""
        before = self.data[self.line_start(node.start_byte) : node.start_byte]
        after = self.data[node.end_byte : self.line_end(node.end_byte)].strip()
        after = after.removeprefix(b",").strip()
        return not before.strip() and (not after or after.startswith((b"#", b"//", b"/*")))

    def expression(self, node: Any) -> Expression:
        """What a node of an expression evaluates to. Raises NotEdited where it has a form that is not
        known."""
        try:
            text = b"x = " + self.data[node.start_byte : node.end_byte] + b"\n"
            return syntax.parse(text, self.file.name).attributes["x"].expression
        except (syntax.Broken, KeyError) as error:
            raise NotEdited("its value can't be told", self.place(node)) from error


def opened(file: Path) -> Document:
    """The file as it is now. Raises NotEdited where it can't be read or parsed."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise NotEdited(f"{file.name} can't be read: {error.strerror}", Place(file)) from error
    return _opened(file, data)


@lru_cache(maxsize=512)
def _opened(file: Path, data: bytes) -> Document:
    if file.name.endswith(".tfvars.json"):
        return inside(file, data, 0, 1, escapes=False)
    if file.name.endswith(".json"):
        read = inside(file, unescaped(data), 0, 1, escapes=True)
        return replace(read, blocks=True, raw=_HEAD + data)
    try:
        syntax.parse(data, file.name)
    except syntax.Broken as error:
        raise NotEdited(f"{file.name}: {error}", Place(file, error.line)) from error
    return Document(file, data, syntax.tree(data))


#: What JSON is parsed behind, so that it is the value of an attribute.
_HEAD = b"x="


def inside(file: Path, text: bytes, offset: int, line: int, *, escapes: bool) -> Document:
    """A JSON document that begins at ``offset`` of a file, on ``line``. Raises NotEdited where it does not
    parse."""
    data = _HEAD + text
    root = syntax.tree(data + b"\n")
    if root.has_error:
        raise NotEdited("its JSON can't be edited surely", Place(file, line))
    return Document(file, data, root, offset - len(_HEAD), json=True, escapes=escapes, first_line=line)


def whole(document: Document) -> Any:
    """The value that a JSON document is."""
    return attributes(body(document.root))["x"].value


# What stands where


@dataclass(frozen=True, slots=True)
class Attribute:
    name: str
    node: Any
    value: Any


@dataclass(frozen=True, slots=True)
class Element:
    """One member of an object: its key and its value; ``name`` None where the key is computed."""

    node: Any
    key: Any
    value: Any
    name: str | None


def body(node: Any) -> Any:
    """The body of a block or of a file; None where it is empty. In JSON a block is its body."""
    if node.type == "object":
        return node
    return next((one for one in node.children if one.type == "body"), None)


def attributes(node: Any) -> dict[str, Attribute]:
    """Of a body, by name."""
    found: dict[str, Attribute] = {}
    if node is not None and node.type == "object":
        return {
            one.name: Attribute(one.name, one.node, one.value)
            for one in elements(node)
            if one.name is not None and one.name != "//"
        }
    for one in node.children if node is not None else ():
        if one.type == "attribute":
            name = one.children[0].text.decode()
            found[name] = Attribute(name, one, one.children[-1])
    return found


def blocks(node: Any) -> list[Any]:
    """Of a body, in order."""
    return [one for one in node.children if one.type == "block"] if node is not None else []


def words(block: Any) -> tuple[str, ...]:
    """The type of a block and its labels."""
    return tuple(_word(one) for one in block.children if one.type in ("identifier", "string_lit"))


def _word(node: Any) -> str:
    text: str = node.text.decode("utf-8", "replace")
    return text[1:-1] if node.type == "string_lit" else text


def core(node: Any) -> Any:
    """An expression without what only stands around it: parentheses, nodes of one child, and the quotes
    around one reference (``"${var.a}"``)."""
    while node.type in _SHELLS or node.type == "quoted_template":
        inner = [one for one in node.children if one.type not in _AROUND]
        if node.type == "quoted_template":
            inner = [one for one in (alone_in(node),) if one is not None]
        if len(inner) != 1:
            return node
        node = inner[0]
    return node


def alone_in(node: Any) -> Any:
    """The expression that is all that a template between quotes holds, which gives its value, whatever it
    is; None where there is more in it."""
    if node.type != "quoted_template":
        return None
    inner = [one for one in node.children if one.type not in ("quoted_template_start", "quoted_template_end")]
    if len(inner) != 1 or inner[0].type != "template_interpolation":
        return None
    return next((one for one in inner[0].children if one.type == "expression"), None)


def templated(node: Any) -> bool:
    """Whether a node stands in a template, where in JSON what is written is HCL."""
    while node.parent is not None:
        node = node.parent
        if node.type == "template_interpolation":
            return True
    return False


def terms(node: Any) -> list[Any]:
    """A first term with the steps that are taken of it: ``var``, ``.a``, ``["b"]``."""
    node = core(node)
    if node.type != "expression":
        return [node]
    return [one for one in node.children if one.type not in _AROUND]


def members(node: Any) -> list[Any]:
    """Of a list that is written out."""
    return [one for one in node.children if one.type == "expression"]


def elements(node: Any) -> list[Element]:
    """Of an object that is written out."""
    found = []
    for one in node.children:
        if one.type == "object_elem":
            name, value = [each for each in one.children if each.type == "expression"]
            found.append(Element(one, name, value, key_name(name)))
    return found


def key_name(node: Any) -> str | None:
    """The key of an object's member; None where it is computed."""
    if any(one.type == "(" for one in node.children):
        return None
    inner = core(node)
    if inner.type == "variable_expr":
        return str(inner.text.decode())
    value = literal(inner)
    return value if isinstance(value, str) else None


#: Stands for what is no literal.
NONE = object()


def literal(node: Any) -> Any:
    """The value of a literal without members; NONE of anything else."""
    node = core(node)
    kinds = ("string_lit", "numeric_lit", "bool_lit", "null_lit", "quoted_template", "unary_operation")
    if node.type not in kinds or any(
        one.type.startswith("template_") and one.type != "template_literal" for one in node.children
    ):
        return NONE
    if node.type == "unary_operation" and node.text[:1] != b"-":
        return NONE
    try:
        read = syntax.parse(b"x = " + node.text + b"\n", "").attributes["x"].expression
        value = getattr(read, "value", NONE)
        if node.type == "unary_operation":
            inner = getattr(getattr(read, "operand", None), "value", NONE)
            return -inner if isinstance(inner, (int, float)) else NONE
        return value
    except (syntax.Broken, KeyError):
        return NONE
