"""Makes bad files of good ones, the same ones for the same numbers."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from typing import Any

#: What a value is replaced by: every type that a reader may not expect, and texts that bite.
# fmt: off
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 1.5, 2**63, -(2**63) - 1, 10**400, 1e308, "", " ", "x", "\0", "\ud800",
    "é", "*", "**", "[", "(", "\\",
    "${", "${x}", "$${", "{{ x }}", "[concat(", "[", "]", "arn:", "arn:aws:::::", "/", "//",
    "/subscriptions/", "../../x", "~nobody/x", "2026-99-99",
    "\x1b[2J", "\r\n", "x" * 5000, "-" * 300, [], {}, [[]], [{}], [None], {"": None}, {"x": {"y": [1]}},
    {"Ref": "x"}, {"Fn::Sub": []},
    {"Fn::GetAtt": 5}, {"Fn::If": ["x"]}, {"$secret": 5}, {"$secret": {"key": 1, "hmac": []}}, [1, "a",
    None], float("nan"), float("inf"),
)
#: What is put into a text.
_PIECES: tuple[bytes, ...] = (
    b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r", b"\n", b"\t", b"\n---\n",
    b"\n...\n", b"*a", b"&a ", b"!!python/object:os.system x", b"!Sub",
    b"!", b"|", b">", b"? ", b"- ", b": ", b"{", b"}", b"[", b"]", b'"', b"'", b",", b"#", b"%",
    b"%YAML 9.9\n---\n", b"<<: *a", b"<<: 5", b"\\u12", b"\\ud83d", b"NaN",
    b"1e999", b"0x", b"9" * 400, b"${", b"}}", b"{{", b"\x1b]0;x\x07", b"[" * 300, b"{a: " * 150,
    b"  " * 200, b"!!binary x", b"!!set {a}", b"!!timestamp x", b"=",
    b"!!float x", b"!!int 0b2", b"/*", b"<<EOT", b"2026-13-45", b"~", b"a: &a [*a]", b"&a {b: *a}",
)


# fmt: on


def of(good: bytes, number: int, seed: int = 0) -> bytes:
    """The bad file of this number."""
    chance = random.Random(f"{seed}/{number}/{len(good)}")  # noqa: S311 - no secret
    content = _structured(good, chance) if chance.random() < 0.5 else None
    if content is None:
        content = good
        for _ in range(chance.choice((1, 1, 2, 3, 8))):
            content = chance.choice(_EDITS)(content, chance)
    return content


def _structured(good: bytes, chance: random.Random) -> bytes | None:
    """A document of the same form with other values in some places; None where it is none of JSON."""
    lines = good.splitlines()
    try:
        whole = json.loads(good)
    except ValueError:
        try:
            documents = [json.loads(line) for line in lines]
        except ValueError:
            return None
        at = chance.randrange(len(documents)) if documents else 0
        if not documents:
            return None
        documents[at] = _changed(documents[at], chance)
        return b"\n".join(map(_dumped, documents)) + b"\n"
    return _dumped(_changed(whole, chance))


def _dumped(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def _changed(value: Any, chance: random.Random) -> Any:
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        places = list(_places(value))
        if not places:
            return deepcopy(chance.choice(_VALUES))
        container, key = chance.choice(places)
        what = chance.random()
        if what < 0.7:
            container[key] = deepcopy(chance.choice(_VALUES))
        elif what < 0.8:
            del container[key]
        elif what < 0.9 and isinstance(container, dict):
            other = chance.choice(("", "$secret", "Ref", "copy", key + "x", "\0"))
            container[other] = deepcopy(container[key])
        elif isinstance(container, list):
            container.extend(deepcopy(container[key]) for _ in range(3))
        else:
            container[key] = [container[key]]
    return value


def _places(value: Any) -> Any:
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield value, key
        yield from _places(member)


def _at(content: bytes, chance: random.Random) -> int:
    return chance.randrange(len(content) + 1)


def _flip(content: bytes, chance: random.Random) -> bytes:
    if not content:
        return b"\x80"
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: _at(content, chance)]


def _drop(content: bytes, chance: random.Random) -> bytes:
    at = _at(content, chance)
    return content[:at] + content[at + chance.choice((1, 2, 5, 40)) :]


def _insert(content: bytes, chance: random.Random) -> bytes:
    at = _at(content, chance)
    return content[:at] + chance.choice(_PIECES) + content[at:]


def _scalar(content: bytes, chance: random.Random) -> bytes:
    """Another value in the place of a word."""
    words = [at for at in range(len(content)) if content[at : at + 1] in (b":", b" ", b"[", b",")]
    if not words:
        return content
    at = chance.choice(words) + 1
    end = next((to for to in range(at, len(content)) if content[to : to + 1] in b",]}\n"), len(content))
    value = json.dumps(chance.choice(_VALUES)).encode()
    return content[:at] + b" " + value + content[end:]


def _line(content: bytes, chance: random.Random) -> bytes:
    """A line twice, away, elsewhere or deeper."""
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    what = chance.randrange(4)
    if what == 0:
        lines.insert(at, lines[at])
    elif what == 1:
        del lines[at]
    elif what == 2:
        lines.insert(chance.randrange(len(lines)), lines.pop(at))
    else:
        lines[at] = b"    " + lines[at]
    return b"\n".join(lines)


_EDITS = (_flip, _cut, _drop, _insert, _insert, _scalar, _scalar, _line)
