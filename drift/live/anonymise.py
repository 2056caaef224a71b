"""Makes a snapshot that can be attached to a bug report: no name is left, while structure and inequality are.

Texts are cut into words. A word that is public, because it stands in a provider's own facts and schemas or in
the list below, stays; so do numbers, versions, moments and values that an API enumerates. Every other word
becomes another one by a keyed hash: the same wherever it stands, so that an id is still found in a
URL or a policy, and a wildcard still stands where it stood. Addresses keep their class and what contains
them.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import orjson
import yaml

from drift.live.estate import Estate
from drift.model import Cell, Coverage, Resource
from drift.pointer import unescape
from drift.provider import Provider
from drift.redaction import is_secret

#: Environment variable that gives the key, for files that are to be compared with each other.
KEY_VARIABLE = "DRIFT_ANONYMISE_KEY"
#: Words that say nothing of their owner: of addresses, ids, places, protocols and documents.
_PUBLIC = """
    http https ftp ssh tcp udp tls ssl com net org io gov edu dev local internal localhost svc cluster www
    api apps north south east west central northeast northwest southeast southwest global root default true
    false null none enabled disabled user role group policy instance profile service services function layer
    table index stream queue topic secret key alias parameter repository task definition rule app gateway
    volume snapshot image subnet security log logs bucket object bus event events alarm db sha1 sha256 sha512
    md5 rsa begin end certificate public private system node admin view edit master json yaml xml text plain
    application charset utf8 username userid zones regions folders locations owner Owner team Team squad
    maintainer contact tag Tag tags Tags
"""
#: Words of a provider's facts that people call themselves by.
_OWN = frozenset({"acme"})
_WORD = re.compile(r"[^\W_]+")
_WHOLE = re.compile(r"(?<!\w)[^\W_]+(?!\w)")
#: Members of facts files that hold sentences, or the names of another tool.
_PROSE = frozenset({"terraform", "why", "unread", "hook", "title", "reason", "because", "source", "say"})
_MOMENT = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?!\w)"
_IPV4 = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3})(/\d{1,2})?(?![\d.])")
_IPV4_NAME = re.compile(r"(?<=ip-)(\d{1,3}(?:-\d{1,3}){3})(?![\d-])")
_IPV6 = re.compile(r"(?<![\w:.])([0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(/\d{1,3})?(?![\w:])")
_HEX = re.compile(r"(?=.*\d)[0-9a-f]{8,}|(?=.*\d)[0-9A-F]{8,}")
_PLAIN = re.compile(
    r"\d{1,6}|[vV]\d{1,3}(?:(?:p\d{1,2})?(?:alpha|beta|rc|p)\d{1,2})?|[ -~]{1,2}|\d{1,6}[A-Za-z]{1,2}"
)
#: A place of a cloud, in any of its spellings: westeurope, "West Europe", us-east4, southamerica-east1.
_PLACE = re.compile(
    r"(?i)(?:north|south|east|west|central|us|eu|uk|gov|dod|europe|asia|australia|america|africa|canada|brazil|france|germany|"
    r"norway|sweden|switzerland|japan|korea|india|uae|qatar|israel|italy|poland|spain|mexico|china|global|multi){1,3}\d{0,2}[a-f]?"
)
_UUID = re.compile(r"(?<![\w-])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![\w-])")
_MAC = re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])")
#: Members that hold what people wrote, even where it looks like a value of an enumeration.
_WRITTEN = re.compile(r"(?i)(name|id|ids|description|value|comment|title|label|owner|key)$")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Anonymiser:
    """Replaces with one key. ``key`` None: a random one, so that nothing can be compared with another
    run's."""

    def __init__(self, providers: Iterable[Provider], key: str | None = None) -> None:
        providers = list(providers)
        hooks = [one.hooks for one in providers]
        self._key = key.encode() if key else secrets.token_bytes(32)
        self._public = frozenset(_PUBLIC.split()).union(*map(_words_of, providers)) - _OWN
        self._texts = frozenset(text for one in hooks for text in one.public_texts())
        self._whole = re.compile("|".join([_MOMENT, *(form for one in hooks for form in one.public_forms())]))
        self._mail = _mail([domain for one in hooks for domain in one.machine_domains()])
        self._word = lru_cache(maxsize=200_000)(self._new_word)

    def estate(self, estate: Estate) -> Estate:
        """A new estate without names; ids, scopes and types are replaced the same way as the values that
        speak of them."""
        made = Estate(estate.providers)
        made.environments = {self.text(name) for name in estate.environments}
        for resource in estate:
            made.add(self.resource(resource))
        for cell, row in estate.coverage.items():
            place = Cell(cell.provider, self.text(cell.scope), cell.region, self.text(cell.type))
            made.coverage[place] = Coverage(
                place, row.status, row.resources, self.text(row.message), row.listed
            )
        for name, context in estate.contexts.items():
            made.contexts[name] = self.value(context)
        return made

    def resource(self, resource: Resource) -> Resource:
        return resource.but(
            scope=self.text(resource.scope),
            type=self.text(resource.type),
            id=None if resource.id is None else self.text(resource.id),
            name=None if resource.name is None else self.text(resource.name),
            attributes=self.value(resource.attributes),
            unread={self.text(path): self.text(reason) for path, reason in resource.unread.items()},
        )

    def value(self, value: Any, name: str = "") -> Any:
        """A JSON value with every text and every key replaced. ``name`` is the key that it stands under."""
        if isinstance(value, dict):
            if is_secret(value):
                return value
            return {self.text(key): self.value(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, name) for item in value]
        if isinstance(value, str):
            return value if value in self._texts and not _WRITTEN.search(name) else self.text(value)
        if isinstance(value, int) and not isinstance(value, bool) and 10**11 <= value < 10**12:
            return int(self.text(f"{value:012d}"))  # as long as an id
        return value

    def text(self, text: str) -> str:
        """A text with every word that is not public replaced."""
        if text[:1] in ("{", "[") and len(text) > 1:
            try:
                document = orjson.loads(text)
            except orjson.JSONDecodeError:
                pass
            else:
                return orjson.dumps(self.value(document)).decode()
        return "".join(self._parts(text))

    def _parts(self, text: str) -> Iterable[str]:
        at = 0
        for found in self._whole.finditer(text):
            yield self._words(text[at : found.start()])
            yield found[0]
            at = found.end()
        yield self._words(text[at:])

    def _words(self, text: str) -> str:
        kept: list[str] = []

        def address(found: re.Match[str]) -> str:
            new = self._address(found[1], found[2] if found.re is not _IPV4_NAME else None)
            if new is None:
                return found[0]
            kept.append(new)
            return f"\0{len(kept) - 1}\0"

        def token(found: re.Match[str]) -> str:
            kept.append(self._token(found[0], found.re))
            return f"\0{len(kept) - 1}\0"

        for pattern in (self._mail, _UUID, _MAC):
            text = pattern.sub(token, text)
        for pattern in (_IPV4, _IPV4_NAME, _IPV6):
            text = pattern.sub(address, text)
        pieces = text.split("\0")
        return "".join(
            kept[int(piece)] if number % 2 else _WORD.sub(lambda found: self._word(found[0]), piece)
            for number, piece in enumerate(pieces)
        )

    def _token(self, text: str, kind: re.Pattern[str]) -> str:
        """A whole that has a form: no word of it stays, public or not, but the last of a mail address."""
        if kind is self._mail:
            *words, last = re.split(r"([^\W_]+)", text)[1:-1]
            return "".join(word if index % 2 else self._made(word) for index, word in enumerate(words)) + last
        if kind is _UUID and self._public.issuperset(text.split("-")[::4]):
            return text  # one that all tenants have, such as a role's
        digits = iter(self._digest(text.lower()))
        new = "".join(next(digits) if char.isalnum() else char for char in text)
        return new if text == text.lower() else new.upper()

    def _new_word(self, word: str) -> str:
        plain = word in self._public or _PLAIN.fullmatch(word) or _PLACE.fullmatch(word)
        return word if plain else self._made(word)

    def _made(self, word: str) -> str:
        """Another word for one, the same each time."""
        digest = self._digest(word.lower())
        if word.isdigit():
            return f"{int(digest, 16) % 10 ** len(word):0{len(word)}d}"
        if _HEX.fullmatch(word):
            new = (digest * (len(word) // len(digest) + 1))[: len(word)]
            return new.upper() if word != word.lower() else new
        number = int(digest, 16)
        letters = []
        for _ in range(max(10, min(len(word), 40))):
            number, index = divmod(number, 26)
            letters.append(_LETTERS[index])
        return "".join(
            letter.upper() if word[index : index + 1].isupper() else letter
            for index, letter in enumerate(letters)
        )

    def _address(self, text: str, suffix: str | None) -> str | None:
        """An address of the same class, in the network that its own network becomes; None where it is
        none."""
        joint = "-" if "-" in text else "."
        try:
            address = ipaddress.ip_address(text.replace("-", ".") if joint == "-" else text)
        except ValueError:
            return None
        width = address.max_prefixlen
        length = min(int(suffix[1:]), width) if suffix else width
        if width == 128 and (address.is_unspecified or address.is_loopback):
            return text + (suffix or "")
        first = 16 if width == 128 or address.packed[0] in (100, 169, 172, 192, 198) else 8
        number = int(address)
        if width == 32 and (address.is_loopback or address.packed[0] in (0, 255)):
            return text + (suffix or "")
        for bit in range(first, length):
            if int(self._digest(f"{width} {bit} {int(address) >> (width - bit)}")[:2], 16) & 1:
                number ^= 1 << (width - 1 - bit)
        new = str(ipaddress.IPv6Address(number) if width == 128 else ipaddress.IPv4Address(number))
        return new.replace(".", joint) + (suffix or "")

    def _digest(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def _mail(machines: Iterable[str]) -> re.Pattern[str]:
    """What finds an address of a person."""
    others = "|".join(map(re.escape, machines))
    person = rf"(?![\w.-]*(?:{others}))" if others else ""
    return re.compile(rf"[\w.+%-]+@{person}[\w-]+(?:\.[\w-]+)+")


def anonymiser(estate: Estate) -> Anonymiser:
    """One with the key that the environment gives, else a random one."""
    return Anonymiser(estate.providers.values(), os.environ.get(KEY_VARIABLE))


@lru_cache(maxsize=16)
def _words_of_package(package: str) -> frozenset[str]:
    words: set[str] = set()
    folder = files(package)
    for place in (folder, folder / "types"):
        for file in place.iterdir() if place.is_dir() else ():
            if file.name.endswith((".yaml", ".json")):
                text = file.read_text(encoding="utf-8")
                content = orjson.loads(text) if file.name.endswith(".json") else yaml.safe_load(text)
                _collect(content, words)
    return frozenset(words)


def _words_of(provider: Provider) -> frozenset[str]:
    """The words of all that a provider's package knows of its cloud, which is public."""
    return _words_of_package(type(provider).__module__.rpartition(".")[0])


def _collect(value: Any, words: set[str]) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            _collect(key, words)
            if key not in _PROSE:
                _collect(item, words)
    elif isinstance(value, list):
        for item in value:
            _collect(item, words)
    elif isinstance(value, str):
        words.update(_WHOLE.findall(unescape(value)))
