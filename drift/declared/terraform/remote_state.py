"""Reads the outputs of other states that a configuration names (``terraform_remote_state``), each once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift import backends
from drift.backend import DEFAULT
from drift.declared.terraform.configuration.backend import Kept, local_state
from drift.declared.terraform.configuration.values import Outputs
from drift.declared.terraform.content import parse
from drift.declared.terraform.encryption import Keys
from drift.declared.terraform.sensitive import output_secrets
from drift.errors import DriftError
from drift.model import Problem, Unresolved
from drift.source import Loader

#: So many other states are read for one entry.
MOST = 100


@dataclass
class RemoteStates:
    """Of the configuration that is applied in the folder ``root``; no local state above ``top`` is read.
    ``keys`` are what the configuration says of encrypted ones."""

    loader: Loader
    root: Path
    top: Path | None = None
    keys: Keys | None = None
    _known: dict[str, Outputs | Unresolved] = field(default_factory=dict)

    def outputs(self, type_: str, config: Mapping[str, Any], workspace: str | None) -> Outputs | Unresolved:
        """The outputs in the state that a backend's configuration names; Unresolved with why not."""
        place = json.dumps([type_, config, workspace], sort_keys=True, default=str)
        if place not in self._known:
            if len(self._known) >= MOST:
                return Unresolved(f"more than {MOST} other states are referred to")
            self._known[place] = self._read(type_, config, workspace or DEFAULT)
        return self._known[place]

    def _read(self, type_: str, config: Mapping[str, Any], workspace: str) -> Outputs | Unresolved:
        try:
            if type_ == "local":
                file = local_state(self.root, Kept(type_, dict(config)), workspace).resolve()
                display = str(config.get("path") or file.name)
                if self.top is not None and not file.is_relative_to(self.top):
                    return Unresolved(f"the state {display} lies out of the repository")
                if not file.is_file():
                    return Unresolved(f"there is no state {display}")
            else:
                told = backends.open(
                    type_,
                    config,
                    workspace=workspace,
                    settings=self.loader.settings,
                    allowed=self.loader.allowed,
                    deadline=self.loader.deadline,
                )
                one = told[0] if told else Problem("declared", f"the backend {type_} keeps no state")
                if isinstance(one, Problem):
                    return Unresolved(one.message)
                file, display = one.path, one.display
            content = parse(file, display, self._open)
        except DriftError as error:
            return Unresolved(str(error))
        said = content.get("outputs")
        members = said.items() if isinstance(said, Mapping) else ()
        values = {name: one["value"] for name, one in members if isinstance(one, Mapping) and "value" in one}
        return Outputs(values, frozenset(output_secrets(content)))

    def _open(self, content: Mapping[str, Any], display: str) -> bytes:
        return (self.keys or Keys(lambda: None)).open(content, display, elsewhere=True)
