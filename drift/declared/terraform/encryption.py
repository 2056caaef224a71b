"""Opens states that OpenTofu encrypted, with the passphrases that their configuration names.

Source: https://opentofu.org/docs/language/state/encryption/ and OpenTofu's internal/encryption (base.go,
keyprovider/pbkdf2, method/aesgcm): what is encrypted is a nonce of 12 bytes, the text and its tag; ``meta``
has in base 64 the JSON of what a key was made with.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from drift.declared.terraform.configuration import json_syntax, origin, syntax
from drift.declared.terraform.configuration.expressions import value_of
from drift.declared.terraform.configuration.model import Block, Body
from drift.errors import DeclaredError
from drift.model import Unresolved

if TYPE_CHECKING:
    from drift.declared.terraform.configuration.tree import Tree

#: Where OpenTofu takes an `encryption` block from, over the one of the configuration.
ENVIRONMENT = "TF_ENCRYPTION"
_ELSE = "declare what `tofu state pull > FILE` writes"
_NONCE = 12
_HASHES = frozenset({"sha256", "sha512"})
_KEY_LENGTHS = frozenset({"16", "24", "32"})
#: OpenTofu's own default is 600,000; a file that asks for very many would take the run's time.
MOST_ITERATIONS = 10_000_000
#: Fallbacks that lead to each other end here.
_MOST_METHODS = 20


class Closed(Exception):  # noqa: N818 - no error of the program
    """Why a state can't be opened in one way."""


@dataclass
class Keys:
    """What opens the states of a configuration; ``tree`` gives that, where there is one."""

    tree: Callable[[], Tree | None]

    def open(self, content: Mapping[str, Any], display: str, *, elsewhere: bool = False) -> bytes:
        """The text of an encrypted state, of another configuration where it is ``elsewhere``. Raises
        DeclaredError with why it stays closed, and what to do."""
        reasons: list[str] = []
        try:
            data = base64.b64decode(str(content.get("encrypted_data")), validate=True)
            for method in self._methods(elsewhere):
                try:
                    return self._opened(method, data, content.get("meta"))
                except Closed as error:
                    reasons.append(str(error))
        except binascii.Error:
            reasons.append("what is encrypted is no base 64; is it cut off?")
        except (Closed, syntax.Broken) as error:
            reasons.append(str(error))
        why = "; ".join(dict.fromkeys(reasons)) or (
            f"no `encryption` block says with which key: name its `configuration`, or set {ENVIRONMENT}"
        )
        raise DeclaredError(f"{display}: is a state that OpenTofu encrypted: {why}; or {_ELSE}")

    def _methods(self, elsewhere: bool) -> Iterator[Block]:
        """Those that may have encrypted a state, the first one first."""
        for target in self._targets(elsewhere):
            waiting: list[Block] = [target]
            for _ in range(_MOST_METHODS):
                if not waiting:
                    break
                one = waiting.pop()
                named = _reference(one.body, "method")
                if named is not None:
                    yield self._block("method", named)
                waiting.extend(each for each in one.body.blocks if each.type == "fallback")

    def _targets(self, elsewhere: bool) -> list[Block]:
        kinds = ("remote_state_data_sources",) if elsewhere else ("state",)
        found = [block for body in self._bodies for block in body.blocks if block.type in kinds]
        return [each for one in found for each in one.body.blocks] if elsewhere else found[:1]

    def _block(self, type_: str, reference: str) -> Block:
        kind, *labels = reference.split(".")
        for body in self._bodies:
            for block in body.blocks:
                if kind == type_ and block.type == type_ and list(block.labels) == labels:
                    return block
        raise Closed(f"there is no {reference}")

    @cached_property
    def _bodies(self) -> Sequence[Body]:
        """What says how states are encrypted, what counts first first."""
        found: list[Body] = []
        said = os.environ.get(ENVIRONMENT, "").strip()
        if said.startswith("{"):
            found.append(json_syntax.block("encryption", said, ENVIRONMENT).body)
        elif said:
            found.append(syntax.parse(said.encode(), ENVIRONMENT))
        if self._tree is not None:
            settings = self._tree.root.module.settings
            found.extend(
                block.body for one in settings for block in one.body.blocks if block.type == "encryption"
            )
        return found

    @cached_property
    def _tree(self) -> Tree | None:
        return self.tree()

    # Keys

    def _opened(self, method: Block, data: bytes, meta: Any) -> bytes:
        name = ".".join(("method", *method.labels))
        if method.labels[:1] == ("unencrypted",):
            raise Closed(f"{name} opens nothing")
        if method.labels[:1] != ("aes_gcm",):
            raise Closed(f"{name} is not known to drift")
        reference = _reference(method.body, "keys")
        if reference is None or "aad" in method.body.attributes:
            raise Closed(f"{name} names no `keys`" if reference is None else f"`aad` of {name} is not read")
        provider = self._block("key_provider", reference)
        passphrase = self._passphrase(provider, reference)
        for made in _made_with(meta, provider, reference):
            opened = _decrypted(_derived(passphrase, made, reference), data)
            if opened is not None:
                return opened
        raise Closed(f"{reference} does not open it: another passphrase, or another file than was written")

    def _passphrase(self, provider: Block, reference: str) -> str:
        written = provider.body.attributes.get("passphrase")
        if provider.labels[:1] != ("pbkdf2",) or written is None:
            kind = provider.labels[0] if provider.labels else "?"
            what = "takes its passphrase from another one" if kind == "pbkdf2" else f"is a key of {kind}"
            raise Closed(f"{reference} {what}, which drift does not ask for")
        if self._tree is None:
            value = getattr(written.expression, "value", None)
            value = value if isinstance(value, str) else Unresolved("it is no plain text")
        else:
            value = value_of(written.expression, self._tree.root.scope())
        if not isinstance(value, str):
            why = value.reason if isinstance(value, Unresolved) else "it is no text"
            raise Closed(f"what {reference} is made of is not known: {why}")
        return value


def _reference(body: Body, name: str) -> str | None:
    written = body.attributes.get(name)
    return None if written is None else origin.reference(written.expression)


def _made_with(meta: Any, provider: Block, reference: str) -> list[Mapping[str, Any]]:
    """What keys of a state were made with: that of this provider first. It may stand there under an alias,
    or under an older name, and only the right key opens anything."""
    members = meta if isinstance(meta, Mapping) else {}
    names = [reference] if reference in members else list(members)
    alias = provider.body.attributes.get("encrypted_metadata_alias")
    said = getattr(alias.expression, "value", None) if alias is not None else None
    if said in members:
        names = [str(said)]
    found = [_read(members[name]) for name in names[:_MOST_METHODS]]
    return [one for one in found if one is not None]


def _read(value: Any) -> Mapping[str, Any] | None:
    try:
        told = orjson.loads(base64.b64decode(value)) if isinstance(value, str) else value
    except ValueError:
        return None
    return told if isinstance(told, Mapping) and "salt" in told else None


def _derived(passphrase: str, made: Mapping[str, Any], reference: str) -> bytes:
    hash_, rounds, length = (str(made.get(name)) for name in ("hash_function", "iterations", "key_length"))
    known = hash_ in _HASHES and length in _KEY_LENGTHS and rounds.isdecimal() and len(rounds) < 10
    if not known or not 0 < int(rounds) <= MOST_ITERATIONS:
        told = f"{hash_[:20]}, {rounds[:20]} iterations, {length[:20]} bytes"
        raise Closed(f"the state says of {reference} what drift makes no key of: {told}")
    try:
        salt = base64.b64decode(str(made.get("salt")), validate=True)
    except binascii.Error:
        raise Closed(f"the salt of {reference} in the state is no base 64") from None
    return hashlib.pbkdf2_hmac(hash_, passphrase.encode(), salt, int(rounds), int(length))


def _decrypted(key: bytes, data: bytes) -> bytes | None:
    """None where it is another key's."""
    try:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:
        raise Closed("drift needs `pip install 'driftline[opentofu]'` to open it") from None
    try:
        return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], None)
    except (InvalidTag, ValueError):
        return None
