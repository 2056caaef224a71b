"""The quick look that spares most resources the walk in search of secrets never overlooks one that the walk
would find."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from drift.redaction.guess import looks_secret, may_hold_random
from drift.redaction.quick import may_hold_secret

PARTS = [
    *(
        "pass",
        "passw",
        "word",
        "phrase",
        "secret",
        "token",
        "api",
        "_",
        "-",
        "key",
        "private",
        "access",
        "Connection",
    ),
    *(
        "string",
        "auth",
        "Signing",
        "encryption",
        "credential",
        "AKIA",
        "0123456789ABCDEF",
        "eyJhbGciOiJI",
        ".",
        "=x",
        *("pwd", "Pw", "pin", "PIN", "Pin", "psk", "otp", "DB", "Kenn", "wort", "clave", "contraseña"),
        *("jwt", "ssh", "Key", "keyword", "monkey", "seed", "salt", "hook", "session", "0f" * 32, "a1b2" * 8),
        *(
            "7061" * 8,
            "пароль",
            "p\u0430ss",
            "requirepass ",
            "rocommunity ",
            "%3D",
            "?key=",
            "SK" + "0a" * 16,
        ),
        *(
            "dop_v1_" + "a1" * 32,
            "echo x1y2z3 | sudo -S",
            "PASSWORD 'a1b2c3'",
            "-us12",
            "7391",
            "/x/abcdefgh1",
        ),
    ),
    *(
        "AccountKey",
        "SharedAccess",
        "ghp_",
        "x" * 36,
        "xoxb-",
        "https://",
        "u:p",
        "@",
        "-----BEGIN ",
        "PRIVATE KEY-----",
        "ſ",
    ),
]
texts = st.lists(st.sampled_from(PARTS), max_size=5).map("".join)


@given(texts, texts)
def test_what_looks_like_a_secret_is_never_passed_over(name: str, value: str) -> None:
    document: Any = {"outer": [{name: value}]}
    if looks_secret(name, value):
        text = orjson.dumps(document)
        assert may_hold_secret(text.lower()) or may_hold_random(text)
