"""How a JSON file is written: indentation, blanks, escapes, and what stands on lines of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from drift.editing.scan import BOM, Node, Scan

_ESCAPE = re.compile(rb"\\u[0-9a-fA-F]{4}")
_HTML = re.compile(rb"\\u00(?:3c|3e|26)", re.I)
_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.S)


@dataclass(frozen=True)
class Style:
    """The habits of one file, told by what stands in it."""

    scan: Scan

    @property
    def content(self) -> bytes:
        return self.scan.content

    def many(self, node: Node, value: Any = None) -> bool:
        """Whether the members of a container stand on lines of their own; of an empty one whether ``value``
        is to be."""
        if node.members:
            return b"\n" in self.content[node.start : node.members[0].start]
        if b"\n" not in self.content[self.scan.root.start : self.scan.root.end]:
            return False
        lines = b"\n" in self.content[node.start : node.end]
        return lines or node.kind == "object" or isinstance(value, (Mapping, list)) or self.tall

    @cached_property
    def tall(self) -> bool:
        """Whether arrays of plain values are written one a line: as the most are, of those with any."""
        votes, rest = 0, [self.scan.root]
        while rest:
            node = rest.pop()
            rest += [one.value for one in node.members]
            if node.kind == "array" and node.members and not any(one.value.members for one in node.members):
                votes += 1 if b"\n" in self.content[node.start : node.members[0].start] else -1
        return votes >= 0

    @cached_property
    def unit(self) -> bytes:
        """By how much a level is indented."""
        rest = [self.scan.root]
        while rest:
            node = rest.pop(0)
            if node.members and self.many(node):
                outer, inner = self.scan.margin(node.start), self.scan.margin(node.members[0].start)
                if len(inner) > len(outer) and inner.startswith(outer):
                    return inner[len(outer) :]
            rest += [one.value for one in node.members]
        return b"  "

    @cached_property
    def comma(self) -> bytes:
        """What stands between two members on one line."""
        rest = [self.scan.root]
        while rest:
            node = rest.pop(0)
            for one, other in zip(node.members, node.members[1:], strict=False):
                between = self.content[one.end : other.start]
                if not between.strip(b", \t"):
                    return between
            rest += [one.value for one in node.members]
        return b"," if self.colon == b":" else b", "

    @cached_property
    def colon(self) -> bytes:
        """What stands between a key and its value."""
        rest = [self.scan.root]
        while rest:
            node = rest.pop(0)
            for one in node.members:
                between = self.content[one.key_end : one.value.start] if one.key is not None else b""
                if between and b"\n" not in between and b"/" not in between:
                    return between
            rest += [one.value for one in node.members]
        return b": "

    def text(self, value: Any, margin: bytes, many: bool = True) -> bytes:
        """A value as the file writes it, on lines after ``margin``."""
        many = many and b"\n" in self.content[self.scan.root.start : self.scan.root.end]
        if isinstance(value, (Mapping, list, tuple)) and value:
            inner = margin + self.unit
            pairs = isinstance(value, Mapping)
            tall = many and (pairs or self.tall or any(isinstance(one, (Mapping, list)) for one in value))
            if isinstance(value, Mapping):
                written = [
                    self.string(str(key)) + self.colon + self.text(one, inner, many)
                    for key, one in value.items()
                ]
            else:
                written = [self.text(one, inner, many) for one in value]
            begin, end = (b"{", b"}") if pairs else (b"[", b"]")
            if not tall:
                pad = b" " if pairs and self.padded else b""
                return begin + pad + self.comma.join(written) + pad + end
            line = self.scan.newline
            return begin + line + (b"," + line).join(inner + one for one in written) + line + margin + end
        if isinstance(value, str):
            return self.string(value)
        return json.dumps(value, ensure_ascii=False, separators=(", ", ": ")).encode()

    @cached_property
    def padded(self) -> bool:
        """Whether objects of one line have a blank inside their braces."""
        rest, padded, bare = [self.scan.root], 0, 0
        while rest:
            node = rest.pop()
            rest += [one.value for one in node.members]
            if node.kind == "object" and node.members and not self.many(node):
                blank = self.content[node.start + 1 : node.start + 2] == b" "
                padded, bare = padded + blank, bare + (not blank)
        return padded > bare

    def string(self, value: str) -> bytes:
        """A text as the strings of this file are escaped."""
        plain = not any(byte > 127 for byte in self.content.removeprefix(BOM))
        text = json.dumps(value, ensure_ascii=plain and _ESCAPE.search(self.content) is not None)
        if _HTML.search(self.content) and not any(
            mark in one for one in _STRINGS.findall(self.content) for mark in (b"<", b">", b"&")
        ):
            text = re.sub(r"[<>&]", lambda found: f"\\u{ord(found[0]):04x}", text)
        if b"\\/" in self.content:
            bare = (one.replace(b"\\/", b"") for one in _STRINGS.findall(self.content))
            text = text if any(b"/" in one for one in bare) else text.replace("/", "\\/")
        return text.encode("utf-8", "surrogatepass")
