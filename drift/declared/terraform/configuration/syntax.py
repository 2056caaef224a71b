"""Parses files in Terraform's own syntax by tree-sitter, so that every block, attribute and value knows its
line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from drift.declared.terraform.configuration.expressions import (
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    Literal,
    Member,
    Name,
    Object,
    Splat,
    Template,
    Tuple,
    Unary,
)
from drift.declared.terraform.configuration.model import Block, Body, Place, Written
from drift.declared.terraform.configuration.templates import Piece, assemble

#: Longer files are no configuration that people write.
MOST_BYTES = 16 * 2**20
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.S)
_DOUBLED = re.compile(r"([$%])\1\{")
_EXPONENT = re.compile(rb"(?<![\w.])\d+(?:\.\d+)?[eE][+-]?\d+(?!\w)")
_HEREDOC = re.compile(rb"<<(-?)[^\r\n]*\r?\n")


class Broken(Exception):
    """A file that does not parse; ``line`` is where, from 1."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.line = line


def parse(text: bytes, file: str, first: int = 1, *, fixed: bool = False) -> Body:
    """A file, or a text that begins on the line ``first`` of one; ``fixed``: all of it counts as being there.
    Raises Broken."""
    if len(text) > MOST_BYTES:
        raise Broken(f"it is larger than {MOST_BYTES // 2**20} MB", None)
    root = _root(text)
    if root.has_error:
        line, found = _error(root, text)
        raise Broken(f"can't be parsed as HCL: {found}", first if fixed else line + first - 1)
    try:
        return _Reader(text, file, first - 1, fixed).body(
            next((one for one in root.children if one.type == "body"), None)
        )
    except RecursionError as error:
        raise Broken("can't be parsed as HCL: it is nested too deeply", None) from error
    except (ValueError, LookupError, StopIteration) as error:
        raise Broken("can't be parsed as HCL: it has a form that is not known", None) from error


def tree(text: bytes) -> Any:
    """The tree of a text that :func:`parse` knows, with the bytes of each node."""
    return _root(text)


def template(text: str, file: str, line: int) -> Expression:
    """A text of JSON configuration or of a template file, as an expression. Raises Broken."""
    if "${" not in text and "%{" not in text:
        return Literal(_undoubled(text))
    mark = "DRIFT_TEMPLATE"
    while mark in text:
        mark += "_"
    source = f"t = <<{mark}\n{text}\n{mark}\n".encode()
    root = _root(source)
    if root.has_error:
        raise Broken("can't be parsed as a template", line)
    reader = _Reader(source, file, line - 2)
    for node in _walk(root):
        if node.type == "heredoc_template":
            return reader.heredoc(node, ends=True)
    raise Broken("can't be parsed as a template", line)


@cache
def _parser() -> Any:
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def _root(text: bytes) -> Any:
    """The tree of a text. The parser knows no exponent (``1e3``): where it stumbles, it is given digits in
    its place, of the same length; what a node says is read from the text itself."""
    root = _parser().parse(text).root_node
    if root.has_error and _EXPONENT.search(text):
        plain = _EXPONENT.sub(lambda found: re.sub(rb"[eE+-]", b"0", found[0]), text)
        return _parser().parse(plain).root_node
    return root


def _walk(node: Any) -> Iterator[Any]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _error(root: Any, text: bytes) -> tuple[int, str]:
    """The line and the words of the first error: the innermost node that has it."""
    node = root
    while True:
        below = [one for one in node.children if one.has_error or one.is_missing]
        if not below or node.is_missing:
            break
        if node.is_error and not any(one.is_error or one.is_missing for one in below):
            break
        node = below[0]
    if node.is_missing:
        return node.start_point[0] + 1, f"{node.type} is missing"
    words = text[node.start_byte : node.end_byte].decode("utf-8", "replace").split("\n")[0].strip()
    return node.start_point[0] + 1, f"unexpected {words[:40]!r}"


class _Reader:
    """Makes expressions of the nodes of one file."""

    def __init__(self, text: bytes, file: str, offset: int = 0, fixed: bool = False) -> None:
        self.text, self.file, self.offset, self.fixed = text, file, offset, fixed

    def place(self, node: Any) -> Place:
        return Place(self.file, 1 + self.offset + (0 if self.fixed else node.start_point[0]))

    def source(self, node: Any) -> str:
        return self.text[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def body(self, node: Any) -> Body:
        made = Body()
        for child in node.children if node is not None else ():
            if child.type == "attribute":
                name = self.source(child.children[0])
                value = child.children[-1]
                made.attributes[name] = Written(
                    self.expression(value),
                    self.place(child),
                    (value.start_byte, value.end_byte),
                    self.items(value) if name == "ignore_changes" else None,
                )
            elif child.type == "block":
                made.blocks.append(self.block(child))
        return made

    def items(self, node: Any) -> tuple[str, ...] | None:
        """The members of a list as they are written; None of anything else."""
        inner = next((one for one in node.children if one.type == "collection_value"), None)
        if inner is None or inner.children[0].type != "tuple":
            return None
        return tuple(self.source(one) for one in inner.children[0].children if one.type == "expression")

    def block(self, node: Any) -> Block:
        words = [self.label(one) for one in node.children if one.type in ("identifier", "string_lit")]
        body = next((one for one in node.children if one.type == "body"), None)
        return Block(
            words[0], tuple(words[1:]), self.body(body), self.place(node), node.end_point[0] + 1 + self.offset
        )

    def label(self, node: Any) -> str:
        text = self.source(node)
        return _unescaped(text[1:-1]) if node.type == "string_lit" else text

    def expression(self, node: Any) -> Expression:
        """Of an ``expression``, or of what may stand in its place."""
        if node.type in ("expression", "operation"):
            return self.chain(_terms(node))
        return self.chain([node])

    def chain(self, nodes: list[Any]) -> Expression:
        """A first term with the members that are taken of it."""
        made = self.term(nodes[0])
        for node in nodes[1:]:
            if node.type == "splat":
                inner = node.children[0]
                made = Splat(made, tuple(self.step(one) for one in inner.children if one.is_named))
            else:
                made = Member(made, self.step(node), node.type == "index")
        return made

    def step(self, node: Any) -> Expression:
        if node.type == "get_attr":
            return Literal(self.source(node.children[-1]))
        inner = node.children[0] if node.type == "index" else node
        if inner.type == "legacy_index":
            return Literal(int(self.source(inner).lstrip(".").strip()))
        return self.expression(next(one for one in inner.children if one.type == "expression"))

    def term(self, node: Any) -> Expression:
        make = getattr(self, f"_{node.type}", None)
        if make is None:
            raise Broken(f"can't be parsed as HCL: {node.type}", self.place(node).line)
        made: Expression = make(node)
        return made

    def _expression(self, node: Any) -> Expression:
        return self.expression(node)

    _operation = _expression

    def _variable_expr(self, node: Any) -> Expression:
        return Name(self.source(node))

    def _literal_value(self, node: Any) -> Expression:
        inner = node.children[0]
        if inner.type == "string_lit":
            return Literal(_unescaped(_undoubled(self.source(inner)[1:-1])))
        text = self.source(inner)
        if inner.type == "numeric_lit":
            number = float(text) if re.search(r"[.eE]", text) else int(text, 0)
            return Literal(int(number) if isinstance(number, float) and number.is_integer() else number)
        return Literal({"true": True, "false": False}.get(text))

    def _collection_value(self, node: Any) -> Expression:
        return self.term(node.children[0])

    def _tuple(self, node: Any) -> Expression:
        return Tuple(tuple(self.expression(one) for one in node.children if one.type == "expression"))

    def _object(self, node: Any) -> Expression:
        items, lines = [], []
        for one in node.children:
            if one.type == "object_elem":
                key, value = [each for each in one.children if each.type == "expression"]
                items.append((self.key(key), self.expression(value)))
                lines.append(self.place(one).line)
        return Object(tuple(items), tuple(lines))

    def key(self, node: Any) -> Expression:
        """The key of an object: a bare word is itself."""
        if len(node.children) == 1 and node.children[0].type == "variable_expr":
            return Literal(self.source(node))
        return self.expression(node)

    def _conditional(self, node: Any) -> Expression:
        condition, yes, no = [one for one in node.children if one.type == "expression"]
        return self.choice(condition, self.expression(yes), self.expression(no))

    def choice(self, condition: Any, yes: Expression, no: Expression) -> Expression:
        """``a ? b : c ? d : e`` is ``a ? b : (c ? d : e)``; the parser takes the first three for a
        condition."""
        inner = condition.children[0] if len(condition.children) == 1 else None
        if inner is None or inner.type != "conditional":
            return Conditional(self.expression(condition), yes, no)
        first, chosen, rest = [one for one in inner.children if one.type == "expression"]
        return self.choice(first, self.expression(chosen), self.choice(rest, yes, no))

    def _unary_operation(self, node: Any) -> Expression:
        sign, *operand = _terms(node)
        return Unary(self.source(sign), self.chain(operand))

    def _binary_operation(self, node: Any) -> Expression:
        parts = _terms(node)
        middle = next(index for index, one in enumerate(parts) if not one.is_named)
        left, right = self.chain(parts[:middle]), self.chain(parts[middle + 1 :])
        return Binary(left, self.source(parts[middle]), right)

    def _function_call(self, node: Any) -> Expression:
        arguments = next((one for one in node.children if one.type == "function_arguments"), None)
        inner = arguments.children if arguments is not None else ()
        return Call(
            re.sub(r"\s", "", self.source(node.children[0])),
            tuple(self.expression(one) for one in inner if one.type == "expression"),
            any(one.type == "ellipsis" for one in inner),
        )

    def _for_expr(self, node: Any) -> Expression:
        inner = node.children[0]
        intro = next(one for one in inner.children if one.type == "for_intro")
        names = tuple(self.source(one) for one in intro.children if one.type == "identifier")
        over = self.expression(next(one for one in intro.children if one.type == "expression"))
        made = [self.expression(one) for one in inner.children if one.type == "expression"]
        condition = next((one for one in inner.children if one.type == "for_cond"), None)
        kept = None
        if condition is not None:
            kept = self.expression(next(one for one in condition.children if one.type == "expression"))
        grouped = any(one.type == "ellipsis" for one in inner.children)
        if inner.type == "for_tuple_expr":
            return For(names, over, None, made[0], kept)
        return For(names, over, made[0], made[1], kept, grouped)

    # Templates

    def _template_expr(self, node: Any) -> Expression:
        inner = node.children[0]
        if inner.type == "heredoc_template":
            return self.heredoc(inner)
        pieces = self.pieces(inner.children, inner.start_byte + 1, inner.end_byte - 1, escaped=True)
        return self.assembled(pieces, inner)

    def heredoc(self, node: Any, *, ends: bool = False) -> Expression:
        """``ends``: without the last line break, which is not of the text, and one value alone keeps its
        type."""
        intro = _HEREDOC.match(self.text, node.start_byte)
        last = node.children[-1]
        if intro is None:
            raise Broken("can't be parsed as HCL: a heredoc has no first line", self.place(node).line)
        end = self.text.rfind(b"\n", 0, last.start_byte) + (0 if ends else 1)
        inner = [one for one in node.children if one.start_byte >= intro.end()]
        pieces = self.pieces(inner, intro.end(), max(end, intro.end()), escaped=False)
        return self.assembled(pieces, node, flush=bool(intro[1]), whole=ends)

    def assembled(
        self, pieces: list[Piece], node: Any, *, flush: bool = False, whole: bool = True
    ) -> Expression:
        try:
            return assemble(pieces, flush=flush, whole=whole)
        except ValueError as error:
            raise Broken(f"can't be parsed as HCL: {error}", self.place(node).line) from error

    def pieces(self, nodes: list[Any], start: int, end: int, *, escaped: bool) -> list[Piece]:
        """The pieces of a template: what no node of a value or directive holds is text."""
        made: list[Piece] = []
        place = start
        for node in self.directives(nodes):
            if node.start_byte > place:
                made.append(self.text_piece(place, node.start_byte, escaped))
            made.append(self.piece(node))
            place = node.end_byte
        if end > place:
            made.append(self.text_piece(place, end, escaped))
        return made

    def directives(self, nodes: list[Any]) -> Iterator[Any]:
        for node in nodes:
            if node.type in ("template_directive", "template_if", "template_for"):
                yield from self.directives(node.children)
            elif node.type.startswith("template_") and node.type != "template_literal":
                yield node

    def text_piece(self, start: int, end: int, escaped: bool) -> Piece:
        text = self.text[start:end].decode("utf-8", "replace")
        text = _undoubled(text)
        return Piece("text", _unescaped(text) if escaped else text.replace("\r\n", "\n"))

    def piece(self, node: Any) -> Piece:
        source = self.source(node)
        value = next((self.expression(one) for one in node.children if one.type == "expression"), None)
        kind = {
            "template_interpolation": "value",
            "template_if_intro": "if",
            "template_else_intro": "else",
            "template_if_end": "endif",
            "template_for_start": "for",
            "template_for_end": "endfor",
        }.get(node.type)
        if kind is None:
            raise Broken(f"can't be parsed as HCL: {node.type}", self.place(node).line)
        if kind == "value" and value is None:
            value = Template(())
        names = tuple(self.source(one) for one in node.children if one.type == "identifier")
        return Piece(kind, "", value, names, source[2:3] == "~", source[-2:-1] == "~")


def _terms(node: Any) -> list[Any]:
    return [one for one in node.children if one.type not in ("(", ")", "comment")]


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_escape, text) if "\\" in text else text


def _escape(found: re.Match[str]) -> str:
    if found[1] or found[2]:
        return chr(int(found[1] or found[2], 16))
    return _ESCAPES.get(found[3], found[0])


def _undoubled(text: str) -> str:
    """``$${`` is ``${``."""
    return _DOUBLED.sub(r"\1{", text) if "{" in text else text
