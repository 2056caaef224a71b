"""The vocabulary of the rules in drift.yaml and .driftignore.yaml; what each word means stands here and
nowhere else."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from drift.config.conditions import check
from drift.finding import Category, FindingKind, Severity
from drift.settings import Section

Globs = str | list[str]


def _compiles(text: str) -> str:
    check(text)
    return text


def _pointers(said: Globs) -> Globs:
    for path in [said] if isinstance(said, str) else said:
        if not path.startswith("/"):
            raise ValueError(f"a path begins with a slash (it is {path!r})")
    return said


Condition = Annotated[str, AfterValidator(_compiles)]
Pointers = Annotated[Globs, AfterValidator(_pointers)]


class Where(Section):
    """Which resources a rule speaks of: all conditions that are given must hold. Texts are globs, or lists of
    them."""

    provider: Globs | None = None
    scope: Globs | None = Field(None, description="Account, subscription, project or cluster.")
    region: Globs | None = None
    type: Globs | None = None
    id: Globs | None = None
    name: Globs | None = None
    address: Globs | None = Field(
        None, description="What the declaration calls it: module.web.aws_instance.a[[]0]"
    )
    file: Globs | None = Field(None, description="The file that declares it, as reports name it.")
    tags: dict[str, str] | None = Field(None, description="Tags or labels, with a glob for each value.")
    labels: dict[str, str] | None = Field(None, description="The same as tags.")


class IgnoreRule(Where):
    """Accepts differences, and says why."""

    reason: str = Field(
        min_length=1, description="Why this is no drift. Shown wherever the rule hides something."
    )
    owner: str | None = Field(None, description="Who answers for the rule.")
    until: date | None = Field(None, description="The last day on which the rule works.")
    kind: FindingKind | list[FindingKind] | None = None
    path: Pointers | None = Field(
        None,
        description=(
            "JSON Pointer to what is accepted, with all below it; * is any one name, ** any number of names."
        ),
    )
    declared: Any = Field(
        None, description="The declared value: a glob for a text; of an object the members named; null: none."
    )
    live: Any = Field(None, description="The live value, like `declared`.")
    when: Condition | None = Field(
        None, description="JMESPath condition on {change, declared, live, finding}."
    )

    @model_validator(mode="after")
    def _says_what(self) -> IgnoreRule:
        if not self.model_fields_set - {"reason", "owner", "until"}:
            raise ValueError("needs a condition: it would hide everything; say at least `provider: '*'`")
        kinds = [self.kind] if isinstance(self.kind, str) else self.kind or ["changed"]
        if self.of_changes and "changed" not in kinds:
            raise ValueError("`path`, `declared` and `live` speak of changes, so `kind` must include changed")
        return self

    @property
    def of_changes(self) -> bool:
        """Whether it speaks of what has changed within a resource, and so of no whole one."""
        return self.path is not None or bool({"declared", "live"} & self.model_fields_set)


class IgnoreFile(Section):
    """A ``.driftignore.yaml``: rules for what is declared in its folder and below."""

    ignore: list[IgnoreRule] = Field(default_factory=list)


class SeverityRule(Section):
    """The words of :mod:`drift.rules.severity`."""

    kind: FindingKind | None = None
    type: Globs | None = None
    path: Globs | None = None
    when: Condition | None = None
    severity: Severity
    why: str = Field(min_length=1, description="One sentence.")
    category: Category | None = Field(
        None, description="What such a change touches; `remediate.policy` may ask for it."
    )
    always: bool = Field(
        False,
        description=(
            "Such a value opens, grants or disables something: it is told where the service itself may "
            "have filled it in, too."
        ),
    )


class OwnerRule(Where):
    """Whose the resources are."""

    owner: str = Field(min_length=1)


Status = Literal["active", "expired", "unused", "unusable"]


class UnmanagedRule(Section):
    """What to do with live resources that nobody declares."""

    action: Literal["report", "count", "ignore"]
    provider: str = "*"
    scope: str = "*"
    type: str = "*"


class UndeclaredRule(Section):
    """What to do with live values that a declaration leaves unsaid and that are not a known default: what
    people add or change is a finding unless `ignore` hides it; what the service may have filled in is listed
    apart (`inform`, the default), and a finding under `report`."""

    action: Literal["report", "inform", "ignore"]
    type: str = "*"
    path: str = "*"
