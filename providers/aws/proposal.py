"""A first section `live.aws`: the regions and profiles that the SDK's own configuration names."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift.proposal import Found, Proposal
from providers.aws.terraform import AwsTerraform

_LANGUAGE = "cloudformation"
_CDK = "cdk.json"
_SYNTHESISE = "is an app of the CDK, which is not run here: run `cdk synth` and declare cdk.out"


def propose(found: Found) -> Proposal | None:
    """The regions of the environment and of the profiles, else all; profiles are named for people."""
    owned = any(map(AwsTerraform().owns, found.types))
    apps = {name: _SYNTHESISE for name in found.strange if name.rpartition("/")[2] == _CDK}
    profiles = _profiles(found.environment, found.home)
    said = [found.environment.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION")]
    named = [profiles.get(found.environment.get("AWS_PROFILE", "default"), ""), *said]
    regions = sorted({one for one in named if one})
    asked = owned or _LANGUAGE in found.languages or bool(apps)
    if not asked and not profiles and not regions:
        return None
    comments = ["AWS: by the SDK's own credentials; `accounts` or `organization` read others by a role."]
    if not regions:
        comments.append(
            "No region is configured here: all that the account has are read; name those that you use."
        )
    if others := sorted(profiles):
        comments.append(f"Profiles that are configured here (profile: NAME): {', '.join(others)}.")
    section: dict[str, Any] = {"regions": regions or "all"}
    return Proposal(section, asked, tuple(comments), apps)


def _profiles(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """Each profile with its region, of the file that holds no credentials. Source:
    https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html."""
    file = Path(environment.get("AWS_CONFIG_FILE") or home / ".aws" / "config").expanduser()
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return {}
    return {
        section.removeprefix("profile ").strip(): parser.get(section, "region", fallback="")
        for section in parser.sections()
        if section == "default" or section.startswith("profile ")
    }
