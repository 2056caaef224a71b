"""What `drift init` is to know of Terraform's files: which modules a root module calls, whether it is one,
and of which types its resources are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from drift import listing, reading
from drift.declared.terraform.configuration.folders import files
from drift.errors import DeclaredError
from drift.proposal import Hint

#: So much of the files of a folder is looked at (bytes).
_MOST = 16_000_000
_CALL = re.compile(r'\bsource\s*=\s*"(\.{1,2}/[^"]*)"')
_RESOURCE = re.compile(r'^\s*(?:resource|data)\s+"(\w+)"', re.M)
_IN_STATE = re.compile(r'"type":\s*"([a-z][a-z0-9]*_\w+)"')
_BACKEND = re.compile(r'(?:^|[{\s])(?:backend\s+"(?P<kind>\w+)"|cloud)\s*\{')
_PROVIDER = re.compile(r'^\s*provider\s+"(\w+)"', re.M)
#: So many files of Terragrunt's are looked at below a folder, and what an entry of it reads there.
_UNITS = 2_000
_OF_UNITS = frozenset({"terragrunt", "terraform-state"})
_WORKSPACE = re.compile(
    r"\bterraform\.workspace\b|\bworkspace_key_prefix\b|\bworkspaces\s*\{\s*(?:tags|prefix)\b"
)
_WORKSPACES = 'the workspace that is read, or "*" for each of them; else it is `default`'
_OWN_VALUES = ("terraform.tfvars", ".auto.tfvars", "terraform.tfvars.json", ".auto.tfvars.json")
_VALUES = "files of variables that it is applied with, as -var-file says them"
#: So many of these are named.
_SHOWN = 4
_MODULE = (
    "has no backend, no provider block and no state, as a module for others to call; declare who calls it, "
    "or its state"
)


def of_root(folder: Path) -> Hint:
    """What a folder with ``.tf`` files says."""
    text = "\n".join(_text(file) for file in files(folder))
    backend = _BACKEND.search(text)
    providers = _PROVIDER.findall(text)
    calls = tuple(Path(os.path.realpath(folder / call)) for call in _CALL.findall(text))
    types = {*_RESOURCE.findall(text), *(f"{name}_" for name in providers)}
    alone = backend is None and not providers
    needs = {"workspace": _WORKSPACES} if backend is not None and _WORKSPACE.search(text) else {}
    if values := _values(folder):
        needs["var_files"] = f"{_VALUES}: {', '.join(values[:_SHOWN])}{', …' if len(values) > _SHOWN else ''}"
    return Hint(
        whole=True,
        takes_in=calls,
        needs=needs,
        doubt=_MODULE if alone else "",
        distant=backend is not None and backend["kind"] != "local",
        types=frozenset(types),
    )


def _values(folder: Path) -> list[str]:
    """The files of variables in a root module, and right below it, that are not taken by themselves."""
    found = [one for pattern in ("*.tfvars", "*/*.tfvars") for one in sorted(folder.glob(pattern))]
    shown = (one.relative_to(folder).as_posix() for one in found if one.is_file())
    return [one for one in shown if not one.endswith(_OWN_VALUES) and not one.startswith(".")]


def of_states(several: Iterable[Path], *, whole: bool) -> Hint:
    """What states say."""
    types: set[str] = set()
    for file in several:
        types.update(_IN_STATE.findall(_text(file)))
    return Hint(whole=whole, types=frozenset(types))


def of_units(folder: Path) -> Hint:
    """What a folder of Terragrunt's says: all units below one that has a file of Terragrunt's are one, and so
    are all below a folder that has nothing else; what is no unit there is told by itself."""
    names: set[str] = set()
    calls: set[Path] = set()
    for file in islice(listing.files_below(folder, (".hcl",)), _UNITS):
        text = _text(file)
        names.update(_PROVIDER.findall(text))
        calls.update(
            Path(os.path.realpath(file.parent / call.replace("//", "/"))) for call in _CALL.findall(text)
        )
    return Hint(
        whole=any(one.suffix == ".hcl" and not listing.passed_over(one.name) for one in _files(folder)),
        covers=True,
        reads=_OF_UNITS,
        joins=True,
        takes_in=tuple(sorted(calls)),
        distant=True,
        types=frozenset(f"{name}_" for name in names),
    )


def _files(folder: Path) -> list[Path]:
    try:
        return [one for one in folder.iterdir() if one.is_file()]
    except OSError:
        return []


def _text(file: Path) -> str:
    try:
        return reading.content(file, str(file), most=_MOST).decode("utf-8", "replace")
    except DeclaredError:
        return ""
