"""What `drift init` is to know of Terraform's files: which modules a root module calls, whether it is one,
and of which types its resources are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from drift import reading
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
_MODULE = (
    "has no backend, no provider block and no state, as a module for others to call; declare who calls it, "
    "or its state"
)


def of_root(folder: Path) -> Hint:
    """What a folder with ``.tf`` files says."""
    text = "\n".join(_text(file) for file in files(folder))
    backend = _BACKEND.search(text)
    providers = _PROVIDER.findall(text)
    calls = tuple((folder / call).resolve() for call in _CALL.findall(text))
    types = {*_RESOURCE.findall(text), *(f"{name}_" for name in providers)}
    alone = backend is None and not providers
    return Hint(
        whole=True,
        takes_in=calls,
        doubt=_MODULE if alone else "",
        distant=backend is not None and backend["kind"] != "local",
        types=frozenset(types),
    )


def of_states(several: Iterable[Path], *, whole: bool) -> Hint:
    """What states say."""
    types: set[str] = set()
    for file in several:
        types.update(_IN_STATE.findall(_text(file)))
    return Hint(whole=whole, types=frozenset(types))


def of_units(folder: Path) -> Hint:
    """What a folder of Terragrunt's says: all below it is one."""
    names: set[str] = set()
    for file in sorted(folder.rglob("*.hcl"))[:200]:
        names.update(_PROVIDER.findall(_text(file)))
    return Hint(whole=True, covers=True, distant=True, types=frozenset(f"{name}_" for name in names))


def _text(file: Path) -> str:
    try:
        return reading.content(file, str(file), most=_MOST).decode("utf-8", "replace")
    except DeclaredError:
        return ""
