"""What may be said of a declared entry of Terraform's, whatever its language."""

from __future__ import annotations

from drift.source import Option

OPTION = Option(
    "configuration",
    "The folder of the Terraform files behind a state: what they set is declared, not what the state "
    "remembers; like `path`. Default: the state's own folder.",
    ("path",),
)
VARIABLES = Option(
    "variables",
    "Values of the root module's variables, as TF_VAR_… would give them: name: value.",
    ("mapping",),
)
FILES = Option(
    "var_files",
    "Files of variables, as -var-file would give them; like `configuration`, a list.",
    ("list", "path"),
)
OPTIONS = (OPTION, VARIABLES, FILES)
ENVIRONMENT = Option(
    "environment",
    "What `get_env` of Terragrunt gives: the variables of the environment in which it is applied.",
    ("mapping",),
)
SOURCES = Option(
    "sources",
    "Where the modules of other repositories are checked out: address of the repository: folder.",
    ("mapping",),
)
