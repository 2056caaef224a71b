"""What the sections of ``live`` in drift.yaml have alike: the bases of a provider's settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, SecretStr, WithJsonSchema


def _url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("an address begins with http:// or https://")
    return value.rstrip("/")


#: An address over HTTP, without a slash at its end.
Url = Annotated[str, AfterValidator(_url)]
#: A length of time in seconds, which every clock can count.
Seconds = Annotated[float, Field(gt=0, le=1_000_000)]
#: A text that may be kept elsewhere: it is looked up when ``get_secret_value`` is asked for it first.
Hidden = Annotated[
    SecretStr,
    # pydantic's own looks at the value, and so would have it looked up.
    PlainSerializer(lambda _: "**********", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string"}),
]


class Section(BaseModel):
    """A part of drift.yaml: a key that it does not name is refused, by line."""

    # Built when one is first looked at: of a model that is a part of another, as a part of that alone.
    model_config = ConfigDict(extra="forbid", defer_build=True)


def outdated(said: BaseModel) -> Iterator[tuple[str, str]]:
    """The fields of a section that are given and marked as deprecated, each with its description, which says
    what stands in its place."""
    for name, field in type(said).model_fields.items():
        marks = field.json_schema_extra
        if name in said.model_fields_set and isinstance(marks, Mapping) and marks.get("deprecated"):
            yield name, field.description or ""


class LiveSection(Section):
    """The section of a provider, whatever it reads."""

    calls: int | None = Field(
        None,
        ge=1,
        description="Requests of a run at most, all scopes together: what is not read by then is unread, and "
        "comes first in the next run (docs/resume.md). Default: as many as it takes.",
    )


class TypesSection(LiveSection):
    """The section of a provider of whose types people read some."""

    include: list[str] = Field(default_factory=lambda: ["*"], description="Globs over types to read.")
    exclude: list[str] = Field(default_factory=list, description="Globs over types not to read.")

    def reads(self, type: str, fold: Callable[[str], str] = str) -> bool:
        """Whether a type is read; ``fold`` brings types and globs to one spelling."""
        return selected([fold(type)], map(fold, self.include), map(fold, self.exclude))


def selected(names: Iterable[str], include: Iterable[str], exclude: Iterable[str]) -> bool:
    """Whether one of the names that a thing has matches a glob of ``include``, and none one of ``exclude``.

    >>> selected(["s3", "bucket"], ["b*"], ["*x"])
    True
    """
    names = list(names)
    return _any(names, include) and not _any(names, exclude)


def _any(names: list[str], globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs for name in names)
