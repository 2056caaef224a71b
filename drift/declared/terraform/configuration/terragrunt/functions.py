"""Terragrunt's functions, beside Terraform's: of paths, of what the machine that applies is told, and of
other files.

Source: https://terragrunt.gruntwork.io/docs/reference/hcl/functions/. What runs a program, asks a cloud or
decrypts is not evaluated.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from drift.declared.terraform.configuration import encodings
from drift.declared.terraform.configuration import functions as terraform
from drift.declared.terraform.configuration.encodings import json_text
from drift.declared.terraform.configuration.expressions import value_of
from drift.declared.terraform.configuration.file_functions import functions as file_functions
from drift.declared.terraform.configuration.syntax import Broken
from drift.declared.terraform.configuration.terragrunt import files
from drift.declared.terraform.configuration.terragrunt.config import Config, exposed
from drift.declared.terraform.configuration.values import Failure, text_of, unknown
from drift.errors import DeclaredError
from drift.model import Unresolved

#: Asked for without a name, in this order.
_PARENTS = (*files.UNITS, "root.hcl")
_NEED_VARIABLES = ["apply", "console", "destroy", "import", "plan", "push", "refresh", "validate"]
_NEED_INPUT = ["apply", "import", "init", "plan", "refresh"]
_NEED_LOCKING = ["apply", "destroy", "import", "plan", "refresh", "taint", "untaint"]
_NEED_PARALLELISM = ["apply", "plan", "destroy"]
#: What only the machine that applies knows.
_ELSEWHERE = (
    "get_aws_account_alias",
    "get_aws_caller_identity_arn",
    "get_aws_caller_identity_user_id",
    "get_default_retryable_errors",
    "get_platform",
    "get_terraform_cli_args",
    "get_terraform_command",
    "get_terragrunt_source_cli_flag",
    "get_working_dir",
    "run_cmd",
    "sops_decrypt_file",
)


def functions(config: Config) -> Mapping[str, Callable[..., Any]]:
    """Every function that an expression of a file may call."""
    world = config.world

    def find(name: str | None = None, *fallback: str) -> str:
        names = (name,) if name else _PARENTS
        start = config.folder if config.child is not None else config.file.parent
        folder = start.parent
        while folder.is_relative_to(world.top):
            for one in names:
                if world.exists(world.real(folder / one)):
                    return str(folder / one)
            folder = folder.parent
        if fallback:
            return fallback[0]
        shown = world.name(start)
        raise Failure(f"no folder above {shown} holds {' or '.join(names)}")

    def included(name: str | None) -> Path:
        """The folder of the file that is meant by what it includes."""
        if config.child is not None:
            return config.file.parent
        found = config.includes
        if not found:
            return config.folder
        label = name if name is not None else next(iter(found))
        if label not in found or (name is None and len(found) > 1):
            raise Failure(f"which of {', '.join(found)} is meant is not said")
        one = found[label]
        if isinstance(one, Unresolved):
            raise Failure(one.reason)
        return one.file.parent

    def relative_to_include(name: str | None = None) -> str:
        return os.path.relpath(config.folder, included(name))

    def relative_from_include(name: str | None = None) -> str:
        return os.path.relpath(included(name), config.folder)

    def read(said: str, *fallback: Any) -> Any:
        try:
            return exposed(config.read(text_of(said), config.folder))
        except Failure:
            if fallback and not world.exists(world.real(config.folder / said)):
                return fallback[0]
            raise

    def variables(said: str) -> Any:
        file = world.real((config.folder / said).resolve())
        if not file.is_relative_to(world.top):
            raise Failure(f"{said} leads out of the repository")
        config.reads.add(file)
        try:
            body = world.parsed(file, world.name(file))
        except (DeclaredError, Broken) as error:
            raise Failure(str(error)) from error
        values = {name: value_of(one.expression, config.scope()) for name, one in body.attributes.items()}
        return unknown(values) or json_text(values)

    def environment(name: str, *default: str) -> Any:
        if name in world.environment:
            return world.environment[name]
        if default:
            return default[0]
        return Unresolved(f"the environment variable {name} is not known here; give it under `environment`")

    def account(*_: Any) -> Any:
        if world.account:
            return world.account
        return Unresolved("the account is not known here; give it as `scope`")

    def repository(path: Path) -> str:
        return os.path.relpath(path, world.top)

    own: dict[str, Callable[..., Any]] = {
        "constraint_check": lambda *_: Unresolved("constraint_check is not evaluated"),
        "find_in_parent_folders": find,
        "get_aws_account_id": account,
        "get_env": environment,
        "get_original_terragrunt_dir": lambda: str(config.unit),
        "get_parent_terragrunt_dir": lambda name=None: str(included(name)),
        "get_path_from_repo_root": lambda: repository(config.folder),
        "get_path_to_repo_root": lambda: os.path.relpath(world.top, config.folder),
        "get_repo_root": lambda: str(world.top),
        "get_terraform_commands_that_need_input": lambda: list(_NEED_INPUT),
        "get_terraform_commands_that_need_locking": lambda: list(_NEED_LOCKING),
        "get_terraform_commands_that_need_parallelism": lambda: list(_NEED_PARALLELISM),
        "get_terraform_commands_that_need_vars": lambda: list(_NEED_VARIABLES),
        "get_terragrunt_dir": lambda: str(config.folder),
        "mark_as_read": lambda path: path,
        "path_relative_from_include": relative_from_include,
        "path_relative_to_include": relative_to_include,
        "read_terragrunt_config": read,
        "read_tfvars_file": variables,
        **{name: _elsewhere(name) for name in _ELSEWHERE},
    }
    return {
        **terraform.FUNCTIONS,
        **{name: terraform.closed(one) for name, one in encodings.FUNCTIONS.items()},
        **file_functions(
            world.real(config.folder), world.top, config.scope, past=world.past, reads=config.reads
        ),
        **{name: terraform.closed(one) for name, one in own.items()},
    }


def _elsewhere(name: str) -> Callable[..., Any]:
    return lambda *_: Unresolved(f"{name} is known only to the machine that applies it")
