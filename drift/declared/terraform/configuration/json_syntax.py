"""Parses configuration in JSON (``.tf.json``, what CDK for Terraform writes) into the same blocks and
attributes.

JSON does not say which of its members are blocks. Below a resource each member is read as an attribute; what
is a block in the provider's eyes is there a list of objects, as a state has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.declared.terraform.configuration.expressions import Expression, Literal, Object, Tuple
from drift.declared.terraform.configuration.model import Block, Body, Place, Written
from drift.declared.terraform.configuration.syntax import Broken, template
from drift.errors import DeclaredError
from drift.lined import Map, Seq
from drift.lined import parse as parse_lined

#: Block type → how many labels it has.
LABELS: Mapping[str, int] = {
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "output": 1,
    "provider": 1,
    "resource": 2,
    "variable": 1,
}
_PLAIN = frozenset({"import", "locals", "moved", "removed", "terraform", "check"})
#: Blocks within a block, whatever its provider says.
_INNER = frozenset({"backend", "cloud", "default_tags", "dynamic", "ignore_tags", "lifecycle"})
_LABELLED = frozenset({"backend", "dynamic"})
#: Blocks that are some only below others, with their number of labels.
_BELOW: Mapping[str, Mapping[str, int]] = {
    "terraform": {"encryption": 0},
    "encryption": {"key_provider": 2, "method": 2, "state": 0, "plan": 0, "remote_state_data_sources": 0},
    "remote_state_data_sources": {"default": 0, "remote_state_data_source": 1},
    **dict.fromkeys(("state", "plan", "default", "remote_state_data_source", "fallback"), {"fallback": 0}),
}
#: What says names, not values.
BARE = frozenset({"type", "provider", "providers", "from", "to", "depends_on", "ignore_changes"})


def parse(text: str, file: str) -> Body:
    """Raises Broken."""
    made = Body()
    for top in objects(content(text, file)):
        for kind, said in top.items():
            line = top.lines.get(kind, 1)
            if kind in LABELS:
                made.blocks.extend(_labelled(kind, (), said, LABELS[kind], file, line))
            elif kind in _PLAIN:
                made.blocks.extend(_block(kind, (), one, file, line) for one in objects(said))
    return made


def block(kind: str, text: str, file: str) -> Block:
    """A text that holds one block without its name. Raises Broken."""
    held = next(objects(content(text, file)), None)
    if held is None:
        raise Broken("is no object", 1)
    return _block(kind, (), held, file, 1)


def values(text: str, file: str) -> dict[str, Written]:
    """The members of a ``.tfvars.json``, as attributes. Raises Broken."""
    body = Body()
    for top in objects(content(text, file)):
        for name, value in top.items():
            place = Place(file, top.lines.get(name, 1))
            body.attributes[name] = Written(literal(value, file, place.line), place)
    return body.attributes


def content(text: str, file: str) -> Any:
    """What a file holds, with its lines. Raises Broken."""
    try:
        return parse_lined(text, file, _number)
    except DeclaredError as error:
        words = str(error).removeprefix(file)
        first, _, rest = words.lstrip(":").partition(":")
        number = int(first) if first.isdigit() else None
        raise Broken(
            f"can't be parsed as JSON: {rest.strip() if number else words.strip(': ')}", number
        ) from error


def _number(text: str) -> int | float:
    return float(text) if set(text) & set(".eE") else int(text)


def _labelled(
    kind: str, labels: tuple[str, ...], said: Any, more: int, file: str, line: int
) -> Iterator[Block]:
    for one in objects(said):
        if more == 0:
            yield _block(kind, labels, one, file, line)
            continue
        for label, inner in one.items():
            if not label.startswith("//"):
                yield from _labelled(
                    kind, (*labels, label), inner, more - 1, file, one.lines.get(label, line)
                )


def _block(kind: str, labels: tuple[str, ...], said: Map, file: str, line: int) -> Block:
    body = Body()
    for name, value in said.items():
        place = Place(file, said.lines.get(name, line))
        if name == "//":
            continue
        if name in _BELOW.get(kind, ()) and isinstance(value, (Map, Seq)):
            body.blocks.extend(_labelled(name, (), value, _BELOW[kind][name], file, place.line))
        elif name in _INNER and kind != "variable" and isinstance(value, (Map, Seq)):
            if name in _LABELLED:
                body.blocks.extend(_labelled(name, (), value, 1, file, place.line))
            else:
                body.blocks.extend(_block(name, (), one, file, place.line) for one in objects(value))
        elif name == "content" and kind == "dynamic":
            body.blocks.extend(_block(name, (), one, file, place.line) for one in objects(value))
        else:
            bare = name in BARE and kind != "locals"
            names = name == "ignore_changes" and isinstance(value, Seq)
            body.attributes[name] = Written(
                _bare(value, file, place.line) if bare else expression(value, file, place.line),
                place,
                items=tuple(map(str, value)) if names else None,
            )
    return Block(kind, labels, body, Place(file, line), line)


def expression(value: Any, file: str, line: int) -> Expression:
    """A member of JSON whose texts are templates."""
    if isinstance(value, str):
        return template(value, file, line)
    if isinstance(value, Map):
        lines = tuple(value.lines.get(key, line) for key in value)
        return Object(
            tuple(
                (template(key, file, at), expression(item, file, at))
                for (key, item), at in zip(value.items(), lines, strict=True)
                if key != "//"
            ),
            lines,
        )
    if isinstance(value, Seq):
        return Tuple(tuple(expression(one, file, at) for one, at in zip(value, value.lines, strict=True)))
    return Literal(value)


def _bare(value: Any, file: str, line: int) -> Expression:
    """A reference or type, which JSON writes as a text."""
    from drift.declared.terraform.configuration import syntax

    if isinstance(value, str) and "${" not in value:
        try:
            return syntax.parse(f"x = {value}\n".encode(), file).attributes["x"].expression
        except (Broken, KeyError):
            return Literal(value)
    return expression(value, file, line)


def literal(value: Any, file: str, line: int) -> Expression:
    """Values of variables are no templates."""
    if isinstance(value, Map):
        lines = tuple(value.lines.get(key, line) for key in value)
        return Object(
            tuple(
                (Literal(key), literal(item, file, at))
                for (key, item), at in zip(value.items(), lines, strict=True)
            ),
            lines,
        )
    if isinstance(value, Seq):
        return Tuple(tuple(literal(one, file, at) for one, at in zip(value, value.lines, strict=True)))
    return Literal(value)


def objects(value: Any) -> Iterator[Map]:
    """One block as an object, several as a list of them."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, Map):
            yield one
