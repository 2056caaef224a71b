"""What is said in place of a secret: a switch, a mask, or where the secret is to be taken from."""

from __future__ import annotations

import re

_SWITCH = (
    r"true|false|none|null|nil|yes|no|on|off|enabled|disabled|required|optional|default|auto|undefined|unset"
)
_MASK = (
    r"\*+|x{3,}|\.{3,}|-+|_+|•+|\(?(?:hidden|redacted|masked|secret|sensitive|omitted)\)?|"
    r"[<\[(](?:redacted|masked|hidden)[^>\])]*[>\])]"
)
_TAKEN_FROM = (
    # of a shell, Kubernetes, a template; none with a value of its own behind :-
    r"\$\([\w.-]+\)?|\$?\$\{\{?[\w.\[\]'\"/ -]*\}?\}?|\$\{\w+:?[-=?+](?:\$\{?\w*\}?|[\w ]{0,3})\}|"
    r"\{\{.*\}\}|\{\{-?[a-z.$]*|%\([\w.]+\)s?|"
    r"<[a-z][a-z _.-]{0,40}>|<%.*|"
    r"(?:/[a-z0-9_.@-]+){2,}/?|/(?:etc|run|var|opt|home|root|tmp|usr|mnt|srv|data|dev|app|vault|"
    r"secrets?)\b[\w./-]*|/|"
    r"arn:\S*|ref\+\S*|@Microsoft\.KeyVault\(.*|vault:[\w/-]+[#/][\w./#-]+|(?:vault|op|bws|akv|azkv|gcpsm|"
    r"awssm|awssecret|ssm|"
    r"sm|sops|secrets?|env|file|keyring|doppler|infisical)://\S*|"
    r"projects/[\w-]+/secrets/\S*|ENC\[.*|!\w+|vault\(.*|AQICAH\S*"
)
_OTHER = r"\[+\]*|\{+\}*|\|-?|>-?"
#: A whole value that is no secret under a name that asks for one.
PLACEHOLDER = re.compile(rf"(?is)\s*(?:{_SWITCH}|{_MASK}|{_TAKEN_FROM}|{_OTHER})\s*")
#: Another variable: one whose name is of several words, in capital letters, else it may be a password.
_VARIABLE = re.compile(
    r"\$?\$[A-Z][A-Z0-9]*_[A-Z0-9_]*|%[A-Z][A-Z0-9]*_[A-Z0-9_]*%|\$?\$[a-z][a-z0-9]*(?:_[a-z0-9]+)+|\$\d"
)
_DURATION = re.compile(r"\d{1,5}(?:ms|[smhdwy])")


def placeholder(value: str, *, password: bool = False) -> bool:
    """Whether a value stands for a secret and is none; ``password``: under a name that a length of time does
    not fit."""
    if PLACEHOLDER.fullmatch(value) or _VARIABLE.fullmatch(value.strip()):
        return True
    return not password and bool(_DURATION.fullmatch(value))
