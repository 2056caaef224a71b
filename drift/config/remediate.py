"""What becomes of findings in Git: `remediate` of drift.yaml."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field, field_validator

from drift import plugins
from drift.config.lines import Lines, suggest, validate
from drift.config.rules import Globs, Pointers, Where
from drift.errors import ConfigError
from drift.finding import ActorKind, Category, FindingKind, Severity
from drift.settings import Section

#: ``adopt``: Git is made to say what is live; ``revert``: Git is right, a person is told the command that
#: restores it; ``accept``: a rule that hides it, with reason and end; ``describe``: the lines to look at.
Action = Literal["adopt", "revert", "accept", "describe"]
GroupBy = Literal["owner", "folder", "finding"]

_PERSON = r"^[^<>\n\r]+ <[^<>\s]+@[^<>\s]+>$"


#: Names that every forge takes, of those that git-check-ref-format(1) allows.
_BRANCH = r"^[A-Za-z0-9][A-Za-z0-9_]*(?:[/.-][A-Za-z0-9_]+)*[/-]?$"


class PolicyRule(Where):
    """Which findings have what done. All conditions that are given must hold; of a finding with several
    changes one is enough for `path` and `category`."""

    action: Action
    kind: FindingKind | list[FindingKind] | None = None
    path: Pointers | None = Field(
        None, description="JSON Pointer, with all below it; * and ** as in `ignore`."
    )
    severity: Severity | list[Severity] | None = None
    category: Category | list[Category] | None = Field(
        None, description="What a change touches, as the severity rules say."
    )
    environment: Globs | None = None
    owner: Globs | None = Field(None, description="Whose it is; globs.")
    actor: Globs | None = Field(None, description="Who did it, as the report says; globs.")
    by: ActorKind | list[ActorKind] | None = Field(None, description="What did it, where that is known.")
    reason: str | None = Field(None, min_length=1, description="Of `accept`: why this is no drift.")
    until: date | None = Field(None, description="Of `accept`: the last day on which the rule works.")


class Commit(Section):
    """How commits are made."""

    author: str = Field(
        "drift <drift@localhost>", pattern=_PERSON, description="Author and committer: NAME <ADDRESS>."
    )
    message: str = Field(
        "{title}",
        min_length=1,
        description="The message's first line and what follows; {title}, {environment}, {run}, {count}.",
    )
    sign: Literal["gpg", "ssh"] | None = Field(None, description="Commits are signed, with `key`.")
    key: str | None = Field(
        None, description="The GPG key's id, or the file of the SSH key, relative to this file."
    )

    @field_validator("message")
    @classmethod
    def _known(cls, text: str) -> str:
        try:
            text.format(title="", environment="", run="", count=0)
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(
                "has a name that is not known; there are {title}, {environment}, {run}, {count}"
            ) from error
        return text


class Remediate(Section):
    """Pull requests that mend what is found: `drift remediate`, `drift scan --remediate`."""

    policy: list[PolicyRule] = Field(
        default_factory=list,
        description="First match decides. Then: what touches access, exposure, encryption, audit or "
        "protection is reverted, labels and capacity that a person changed are adopted, all else is "
        "described.",
    )
    base: str | None = Field(
        None,
        description="The branch to merge into. Default: the entry's `ref`, else the repository's own "
        "default.",
    )
    branch: str = Field(
        "drift/", max_length=100, pattern=_BRANCH, description="What the names of branches begin with."
    )
    group_by: GroupBy = Field("owner", description="What goes into one pull request.")
    max_open: int = Field(
        10, ge=1, le=1000, description="Pull requests of ours that are open at once, in one repository."
    )
    max_changes: int = Field(
        100, ge=1, le=10_000, description="Findings in one pull request; the rest follows when it is merged."
    )
    repositories: list[str] | None = Field(
        None,
        description="Globs over HOST/PATH (github.com/acme/*): only there is anything pushed. Default: where "
        "declared entries lie.",
    )
    protected: list[str] = Field(
        default_factory=list, description="Globs over paths in the repository that are never edited."
    )
    draft: bool = Field(False, description="Pull requests are opened as drafts.")
    labels: list[str] = Field(
        default_factory=lambda: ["drift"], description="Labels of pull requests and issues."
    )
    reviewers: bool = Field(True, description="The owners (CODEOWNERS) are asked to review.")
    assign: bool = Field(True, description="Who made the change is assigned, where `people` names them.")
    people: dict[str, str] = Field(
        default_factory=dict,
        description="Who somebody is at the forge: globs over actors and owners → a name there.",
    )
    issues: bool = Field(True, description="What is to be reverted is told in an issue.")
    accept_days: int = Field(
        30, ge=1, le=3650, description="How long what is accepted holds where `until` does not say."
    )
    commit: Commit = Field(default_factory=Commit)
    validate_: bool = Field(
        False,
        alias="validate",
        description="`terraform validate` is run on edited folders; it starts the providers that they name.",
    )
    forges: dict[str, Any] = Field(
        default_factory=dict,
        description="By kind of forge how to log in: {github: {token: …}}; a list where there are several "
        "hosts of a kind. Without one branches are pushed, and the page is told where a pull request can be "
        "opened.",
    )


def settings(said: Remediate | None, lines: Lines) -> dict[str, list[BaseModel]]:
    """The sections of each configured kind of forge, one a host, validated. Raises ConfigError."""
    found: dict[str, list[BaseModel]] = {}
    known = plugins.names("forges") if said and said.forges else ()
    for name, section in (said.forges if said else {}).items():
        at = ("remediate", "forges", name)
        if name not in known:
            raise ConfigError(
                f"{lines.at(at)}: {'.'.join(at)}: there is no forge {name!r}{suggest(name, known)}; "
                f"installed are: {', '.join(known)}"
            )
        wanted = plugins.forge(name).Settings
        if not isinstance(section, list):
            found[name] = [validate(wanted, section or {}, lines, at)]
            continue
        found[name] = [validate(wanted, one or {}, lines, (*at, at_)) for at_, one in enumerate(section)]
        urls = [str(getattr(one, "url", None) or "").rstrip("/") for one in found[name]]
        for at_, url in enumerate(urls):
            if url in urls[:at_]:
                where = f"the address {url}" if url else "no `url`"
                raise ConfigError(
                    f"{lines.at((*at, at_))}: {'.'.join(at)}.{at_}: has {where}, as another one of the list "
                    "has; give each host's own"
                )
    if said and said.commit.sign and not said.commit.key:
        at = ("remediate", "commit", "sign")
        raise ConfigError(f"{lines.at(at)}: {'.'.join(at)}: needs `key` beside it")
    return found


def schema(definitions: dict[str, Any]) -> None:
    """Adds the forges' sections to the JSON Schema's definition of `remediate`."""
    sections: dict[str, Any] = {}
    for name in plugins.names("forges"):
        section = plugins.forge(name).Settings.model_json_schema()
        definitions.update(section.pop("$defs", {}))
        several = {"type": "array", "items": section}
        sections[name] = {"anyOf": [section, several, {"type": "null"}]}
    definitions["Remediate"]["properties"]["forges"] |= {
        "properties": sections,
        "additionalProperties": False,
    }
