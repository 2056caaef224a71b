"""Environment variables: which members hold them, and which of them people may read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from drift import safe_yaml
from drift.globs import Globs

_FILE = Path(__file__).with_name("public.yaml")
_LISTS = re.compile(
    r"(?i)(?:^|[_-]|(?<=[a-z])(?=[A-Z]))env(?:s|ironment)?$|environment_?variables?$|env_?vars?$|"
    r"app_?settings$"
)
_MAPS = re.compile(r"(?i)environment_?variables$|env_?vars$|app_?settings$")
_SHELL_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
#: How the entries of a list name what they hold: tags, environment variables, parameters. The first that an
#: entry has counts.
NAMED_VALUES = (
    ("name", "value"),
    ("Name", "Value"),
    ("key", "value"),
    ("Key", "Value"),
    ("OptionName", "Value"),
    ("Variable", "Value"),
    ("ParameterKey", "ParameterValue"),
    ("ParameterName", "ParameterValue"),
    ("AttributeName", "AttributeValue"),
)
#: Entries whose value names a place that the variable is taken from (CodeBuild).
_TAKEN = frozenset({"PARAMETER_STORE", "SECRETS_MANAGER"})
_OPTIONS = "aws:elasticbeanstalk:application:environment"

_SMALL = re.compile(
    r"(?ix)\s* | [+-]?\d{1,5}(?:\.\d{1,6})? | \d{1,9}(?:\.\d+)?(?:ms|[smhd]|[kmgt]i?b?|%|m|x) |"
    r" v?\d{1,4}(?:\.\d{1,6}){1,3}(?:-[a-z]{1,5}\.?\d{0,3})?"
    r"| yes | no | on | true | false | [ynt01f]"
)
#: A region or zone of AWS, Google Cloud and Azure; a time zone; a locale.
_REGION = re.compile(
    r"(?:us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|asia|europe|northamerica|southamerica|australia|africa|nam|eur)"
    r"-(?:[a-z]+-?){1,2}\d{1,2}(?:-?[a-f])?|(?:north|south|east|west|central|[a-z]{4,14})?(?:europe|us|asia|"
    r"india|uk|uksouth|france|"
    r"germany|norway|japan|korea|australia|brazil|canada|uae|switzerland|sweden)(?:north|south|east|west|"
    r"central|northeast|southeast)?\d?"
)
_PLACE = re.compile(
    r"(?:[A-Z][a-z]+(?:/[A-Z][A-Za-z_]+){1,2}|[a-z]{2}_[A-Z]{2}(?:\.[Uu][Tt][Ff]-?8)?|C\.UTF-8)|"
    r"arn:[\w-]+:[\w-]*:[\w-]*:\d*:[\w/:.*+=@-]+|"
    r"(?:\.{0,2}/)(?:(?:[a-zA-Z][\w.-]{0,30}/)+[a-zA-Z]?[\w.-]{0,30}/?|[a-z][a-z.-]{0,20}|)"
)
_REFERENCE = re.compile(r"\$\([\w.-]+\)|\$\{[\w.]+\}")
_ADDRESS = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?::\d{1,5})?|"
    r"\[?(?=[^:]*:[^:]*:)[0-9a-f:]{2,39}\]?(?:/\d{1,3})?(?::\d{1,5})?|localhost(?::\d{1,5})?"
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_LONG, _MOST_DIGITS = 24, 5


@lru_cache(maxsize=16384)
def called(name: str) -> bool:
    """Whether a name is one of a member that holds variables, as a list or as an object."""
    return bool(_LISTS.search(name) or _MAPS.search(name))


def lists(name: str, value: Any) -> bool:
    """Whether a member is a list of variables, each with its name."""
    return isinstance(value, list) and bool(_LISTS.search(name))


def maps(name: str, value: Any, above: str = "") -> bool:
    """Whether a member is an object whose members are variables; ``above`` is what stands above it."""
    if not isinstance(value, dict) or not value:
        return False
    if _MAPS.search(name) or (name == "Variables" and above == "Environment"):
        return True
    return bool(_LISTS.search(name)) and all(_SHELL_NAME.fullmatch(key) for key in value)


def entries(name: str, value: Any) -> Iterator[tuple[Mapping[str, Any], str, str]]:
    """(entry, name of its variable, member that holds the value) of a list of variables."""
    options = name == "OptionSettings"
    for entry in value:
        if (
            not isinstance(entry, dict)
            or entry.get("Type") in _TAKEN
            or (options and entry.get("Namespace", _OPTIONS) != _OPTIONS)
            or ("DefaultValue" in entry and entry["DefaultValue"] == entry.get("Value"))
        ):
            continue
        for named, held in NAMED_VALUES:
            if isinstance(entry.get(named), str) and held in entry:
                yield entry, entry[named], held
                break


def may_hold(text: bytes) -> bool:
    """Whether variables may stand in a JSON text in lower case; quick, and never wrongly no."""
    return any(one in text for one in _WORDS) and bool(_TRACE.search(text))


#: One of these is in each text that the next pattern finds.
_WORDS = (b"env", b"settings", b"aws:elasticbeanstalk:app")
_TRACE = re.compile(
    rb'(?:env|envs|environment|environment_?variables?|env_?vars?|app_?settings)":[\[{]|"aws:elasticbeanstalk:app'
)


def readable(name: str, value: Any, public: Collection[str] = ()) -> bool:
    """Whether a variable may be read: its name is known to be public (``public``: further patterns), or its
    value can be no secret. What the name or look of a secret says is asked before."""
    if isinstance(value, list):
        return all(readable(name, one, public) for one in value)
    if not isinstance(value, str):
        return isinstance(value, (bool, int, float, type(None))) and len(str(value)) <= _MOST_DIGITS
    return _public(name, tuple(public)) or no_secret(value)


def no_secret(value: str) -> bool:
    """Whether a text can be no secret: a switch, a number, a region, a place, a host, or a list of these."""
    return (
        all(_no_secret(part.strip()) for part in re.split(r"[,;]|\s(?=\S)", value))
        if len(value) < 2000
        else False
    )


def _no_secret(value: str) -> bool:
    for pattern in (_SMALL, _REGION, _PLACE, _REFERENCE, _ADDRESS):
        if pattern.fullmatch(value):
            return True
    host = _host().fullmatch(value)
    if host is not None:
        return not any(_drawn(part) for part in re.split(r"[./]", f"{host[1]}/{host[2]}"))
    return value.lower() in _told()[1]


def _drawn(part: str) -> bool:
    """Whether a part of an address is so long or so mixed that it may log in there."""
    digits = sum(char.isdigit() for char in part)
    mixed = digits > 2 and len(part) > 12 or (part.lower() != part != part.upper() and len(part) > 12)
    return (len(part) > _LONG and "-" not in part) or mixed and "-" not in part


@lru_cache(maxsize=16384)
def _public(name: str, more: tuple[str, ...]) -> bool:
    name = name.upper()
    return _told()[0].match(name) or (bool(more) and _globs(more).match(name))


@cache
def _globs(said: tuple[str, ...]) -> Globs:
    return Globs(glob.upper() for glob in said)


@cache
def _host() -> re.Pattern[str]:
    """A host inside of a cluster or network, or of a cloud's own, as an address or with a port and a path."""
    own = "|".join(re.escape(end) for end in safe_yaml.data(_FILE)["hosts"])
    return re.compile(
        rf"(?:[a-z][a-z0-9+]{{0,15}}://)?((?:{_LABEL}\.)+(?:{own})|{_LABEL}(?=:\d)|"
        rf"(?<=//){_LABEL})(?::\d{{1,5}})?"
        r"((?:/[\w.-]*)*)"
    )


@cache
def _told() -> tuple[Globs, frozenset[str]]:
    """The patterns of public names, and the words that are no secret."""
    said = safe_yaml.data(_FILE)
    return _globs(tuple(said["names"])), frozenset(said["words"])
