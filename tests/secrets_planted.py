"""Secrets of twenty shapes, made from a seed, to be planted wherever they can hide."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass

ALNUM = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Secret:
    """``text`` is what a person plants under ``name``; no ``needle`` may be found in any output."""

    shape: str
    name: str
    text: str
    needles: tuple[str, ...]


def _some(chance: random.Random, size: int, letters: str = ALNUM) -> str:
    """Random letters of both cases with digits, as generators make them."""
    while True:
        text = "".join(chance.choice(letters) for _ in range(size))
        kinds = (str.islower, str.isupper, str.isdigit)
        if letters != ALNUM or all(sum(map(kind, text)) >= 2 for kind in kinds):
            return text


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _jwt(chance: random.Random) -> tuple[str, str]:
    head = _b64('{"alg":"HS256","typ":"JWT"}').rstrip("=")
    body = _b64(json.dumps({"sub": _some(chance, 12)})).rstrip("=").replace("+", "-").replace("/", "_")
    sign = _some(chance, 43)
    return f"{head}.{body}.{sign}", sign


def _pem(chance: random.Random, kind: str) -> tuple[str, str]:
    lines = [_some(chance, 64) for _ in range(4)]
    return f"-----BEGIN {kind}PRIVATE KEY-----\n" + "\n".join(
        lines
    ) + f"\n-----END {kind}PRIVATE KEY-----\n", lines[1]


def _kubeconfig(chance: random.Random) -> tuple[str, str]:
    token = _some(chance, 40)
    text = (
        "apiVersion: v1\nkind: Config\nclusters:\n- name: prod\n  cluster:\n    server: https://10.0.0.1:6443\n"
        f"users:\n- name: admin\n  user:\n    token: {token}\n"
    )
    return text, token


def _docker(chance: random.Random) -> tuple[str, str]:
    password = _some(chance, 14)
    return json.dumps({"auths": {"registry.example.com": {"auth": _b64(f"deploy:{password}")}}}), password


def _dotenv(chance: random.Random) -> tuple[str, str]:
    password = _some(chance, 12, string.ascii_lowercase)
    return f"APP_ENV=production\nLOG_LEVEL=info\nDB_PASSWORD={password}\nPORT=8080\n", password


def _nested(chance: random.Random) -> tuple[str, str]:
    password = _some(chance, 13, string.ascii_lowercase)
    inner = json.dumps([{"Name": "DB_PASSWORD", "Value": password}, {"Name": "PORT", "Value": "80"}])
    return json.dumps({"service": "shop", "environment": inner}), password


def _under_a_name(chance: random.Random) -> tuple[str, str]:
    text = _some(chance, 32)
    return text, text


def _same(text: str) -> tuple[str, str]:
    return text, text


#: shape → (name that it is kept under, (text, what must not be found))
SHAPES: dict[str, tuple[str, Callable[[random.Random], tuple[str, str]]]] = {
    "AWS access key": ("KeyPair", lambda c: _same("AKIA" + _some(c, 16, string.ascii_uppercase + "234567"))),
    "AWS secret key": ("Deploy", lambda c: _same(_some(c, 40))),
    "GitHub token": ("Checkout", lambda c: _same("ghp_" + _some(c, 36))),
    "fine-grained GitHub token": (
        "Checkout",
        lambda c: _same("github_pat_" + _some(c, 22) + "_" + _some(c, 59)),
    ),
    "JWT": ("Session", _jwt),
    "RSA private key": ("Signer", lambda c: _pem(c, "RSA ")),
    "PKCS8 private key": ("Signer", lambda c: _pem(c, "")),
    "PostgreSQL URL": (
        "Database",
        lambda c: ((p := _some(c, 12)) and f"postgresql://app:{p}@db.internal:5432/app", p),
    ),
    "MySQL DSN": ("Database", lambda c: ((p := _some(c, 12)) and f"app:{p}@tcp(db.internal:3306)/app", p)),
    "SQL Server string": (
        "Database",
        lambda c: ((p := _some(c, 12)) and f"Server=tcp:db;User ID=app;Password={p};", p),
    ),
    "Redis URL": ("Cache", lambda c: ((p := _some(c, 12)) and f"redis://:{p}@cache.internal:6379/0", p)),
    "Slack token": ("Chat", lambda c: _same(f"xoxb-{_some(c, 11, string.digits)}-{_some(c, 24)}")),
    "Stripe key": ("Pay", lambda c: _same("sk" + "_live_" + _some(c, 24))),
    "Google API key": ("Maps", lambda c: _same("AIza" + _some(c, 35))),
    "basic auth URL": (
        "Mirror",
        lambda c: ((p := _some(c, 10)) and f"https://deploy:{p}@pypi.example.com/simple", p),
    ),
    "password": ("DB_PASSWORD", _under_a_name),
    "kubeconfig": ("Cluster", _kubeconfig),
    "Docker login": ("Registry", _docker),
    ".env": ("Settings", _dotenv),
    "JSON in JSON": ("Task", _nested),
}


def secrets(seed: int, encoded: bool = False) -> list[Secret]:
    """One secret of each shape; ``encoded``: in base64, where it is not looked for under a name of its
    own."""
    chance = random.Random(seed)  # noqa: S311 - for tests
    found = []
    for shape, (name, make) in SHAPES.items():
        text, needle = make(chance)
        needles = {needle, *(_b64(f"deploy:{needle}") for _ in "x" if shape == "Docker login")}
        if encoded:
            text = _b64(text)
            needles.add(text)
        found.append(Secret(shape, name, text, tuple(sorted(needles))))
    return found
