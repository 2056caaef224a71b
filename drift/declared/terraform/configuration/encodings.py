"""Terraform's functions that encode, hash, and reckon with addresses and moments."""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import io
import ipaddress
import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from drift import go_json
from drift.declared.terraform.configuration.values import Failure, number_of, text_of

_LARGEST = 2**20
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_DURATION = re.compile(r"[-+]?(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+")


def json_text(value: Any) -> str:
    """As Go writes it: keys in order, ``<``, ``>`` and ``&`` as escapes."""
    return go_json.escaped(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: Any) -> bytes:
    return text_of(text).encode()


def _yaml(text: str) -> Any:
    from drift import safe_yaml

    try:
        return safe_yaml.load(text)
    except safe_yaml.YamlError as error:
        raise Failure(f"yamldecode: {error}") from error


def _yaml_text(value: Any) -> str:
    """Texts in double quotes, those of several lines as blocks: as Terraform writes them."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: Any, said: str) -> Any:
        style = "|" if "\n" in said else '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", said, style=style)

    Dumper.add_representer(str, text)
    made: str = yaml.dump(
        value, Dumper=Dumper, default_flow_style=False, sort_keys=True, width=_LARGEST, allow_unicode=True
    )
    return made


def _csv(text: str) -> list[dict[str, str]]:
    return [dict(row) for row in csv.DictReader(io.StringIO(text))]


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


def _cidrhost(prefix: str, number: Any) -> str:
    network, index = _network(prefix), int(number_of(number))
    if not -network.num_addresses <= index < network.num_addresses:
        raise Failure(f"{prefix} has no host {index}")
    return str(network[index])


def _cidrsubnet(prefix: str, bits: Any, number: Any) -> str:
    network, more, index = _network(prefix), int(number_of(bits)), int(number_of(number))
    length = network.prefixlen + more
    if more < 0 or length > network.max_prefixlen or not 0 <= index < 2**more:
        raise Failure(f"{prefix} has no such subnet")
    first = int(network.network_address) + (index << (network.max_prefixlen - length))
    return f"{type(network.network_address)(first)}/{length}"


def _cidrsubnets(prefix: str, *bits: Any) -> list[str]:
    network = _network(prefix)
    place, made = int(network.network_address), []
    for more in bits:
        length = network.prefixlen + int(number_of(more))
        size = 1 << (network.max_prefixlen - length)
        place = -(-place // size) * size
        made.append(f"{type(network.network_address)(place)}/{length}")
        place += size
    return made


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _timeadd(text: str, duration: str) -> str:
    if not _DURATION.fullmatch(duration):
        raise Failure(f"{duration!r} is no duration")
    parts = re.findall(r"(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)", duration)
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    moved = _moment(text) + timedelta(seconds=-seconds if duration.startswith("-") else seconds)
    return moved.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _timecmp(one: str, other: str) -> int:
    left, right = _moment(one), _moment(other)
    return (left > right) - (left < right)


_LETTERS = {
    "YYYY": "%Y",
    "YY": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "DD": "%d",
    "EEEE": "%A",
    "EEE": "%a",
    "hh": "%H",
    "HH": "%I",
    "AA": "%p",
    "aa": "%P",
    "mm": "%M",
    "ss": "%S",
}


def _formatdate(spec: str, text: str) -> str:
    moment = _moment(text)

    def one(found: re.Match[str]) -> str:
        word = found[0]
        if word.startswith("'"):
            return word[1:-1].replace("''", "'")
        if word in _LETTERS:
            text = moment.strftime(_LETTERS[word].replace("%P", "%p"))
            return text.lower() if word == "aa" else text
        plain = {"M": moment.month, "D": moment.day, "h": moment.hour, "m": moment.minute, "s": moment.second}
        if word in plain:
            return str(plain[word])
        if word == "Z":
            return "Z" if moment.utcoffset() == timedelta() else moment.strftime("%z")
        raise Failure(f"formatdate knows no {word!r}")

    return re.sub(r"'(?:[^']|'')*'|([A-Za-z])\1*", one, spec)


def _uuidv5(space: str, name: str) -> str:
    known = {"dns": uuid.NAMESPACE_DNS, "url": uuid.NAMESPACE_URL, "oid": uuid.NAMESPACE_OID}
    return str(uuid.uuid5(known.get(space) or uuid.UUID(space), name))


def _decoded(text: str) -> str:
    return base64.b64decode(text, validate=True).decode()


def digests(read: Callable[[Any], bytes], form: str) -> Mapping[str, Callable[[Any], str]]:
    """The functions that hash what ``read`` makes of their argument; ``form`` is their names' pattern, with
    ``{}`` for the hash."""
    made: dict[str, Callable[[Any], str]] = {}
    for name in ("md5", "sha1", "sha256", "sha512"):
        made[form.format(name)] = lambda said, name=name: hashlib.new(  # type: ignore[misc]
            name, read(said), usedforsecurity=False
        ).hexdigest()
    for name in ("sha256", "sha512"):
        made[form.format("base64" + name)] = lambda said, name=name: _base64(  # type: ignore[misc]
            hashlib.new(name, read(said)).digest()
        )
    return made


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **digests(_bytes, "{}"),
    "base64decode": _decoded,
    "base64encode": lambda text: _base64(_bytes(text)),
    "base64gzip": lambda text: _base64(gzip.compress(_bytes(text), mtime=0)),
    "cidrhost": _cidrhost,
    "cidrnetmask": lambda prefix: str(_network(prefix).netmask),
    "cidrsubnet": _cidrsubnet,
    "cidrsubnets": _cidrsubnets,
    "csvdecode": _csv,
    "formatdate": _formatdate,
    "jsondecode": json.loads,
    "jsonencode": json_text,
    "textdecodebase64": lambda text, encoding: base64.b64decode(text).decode(encoding),
    "textencodebase64": lambda text, encoding: _base64(text_of(text).encode(encoding)),
    "timeadd": _timeadd,
    "timecmp": _timecmp,
    "urldecode": unquote_plus,
    "urlencode": lambda text: quote_plus(text_of(text)),
    "uuidv5": _uuidv5,
    "yamldecode": _yaml,
    "yamlencode": _yaml_text,
}
