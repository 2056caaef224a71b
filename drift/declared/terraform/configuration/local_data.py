"""Data sources that ask no cloud: what they answer follows from their arguments and from the configuration's
files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drift.declared.terraform.configuration.values import text_of, unknown

Functions = Mapping[str, Callable[..., Any]]


def _template(said: Mapping[str, Any], functions: Functions) -> dict[str, Any]:
    """Source: https://registry.terraform.io/providers/hashicorp/template/latest/docs/data-sources/file"""
    names = said.get("vars") or {}
    given = names if unknown(names) is not None else {name: text_of(one) for name, one in names.items()}
    return {**said, "rendered": functions["templatestring"](said["template"], given)}


def _file(said: Mapping[str, Any], functions: Functions) -> dict[str, Any]:
    """Source: https://registry.terraform.io/providers/hashicorp/local/latest/docs/data-sources/file"""
    name = said["filename"]
    made = {"content": "file", "content_base64": "filebase64", "id": "filesha1"}
    made.update({f"content_{one}": f"file{one}" for one in ("md5", "sha1", "sha256", "sha512")})
    made.update({f"content_{one}": f"file{one}" for one in ("base64sha256", "base64sha512")})
    return {**said, **{attribute: functions[one](name) for attribute, one in made.items()}}


def _null(said: Mapping[str, Any], _: Functions) -> dict[str, Any]:
    """Source: https://registry.terraform.io/providers/hashicorp/null/latest/docs/data-sources/data_source"""
    return {**said, "outputs": said.get("inputs", {}), "id": "static"}


def _arguments(said: Mapping[str, Any], _: Functions) -> dict[str, Any]:
    return dict(said)


#: Type → what it answers.
ANSWERS: Mapping[str, Callable[[Mapping[str, Any], Functions], Mapping[str, Any]]] = {
    "archive_file": _arguments,
    "local_file": _file,
    "null_data_source": _null,
    "template_file": _template,
}
