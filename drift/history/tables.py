"""The tables of a history. Moments are texts as reports have them, so they sort by time; values are JSON, as
they stand in reports."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect


class _Said(TypeDecorator[str]):
    """A text as clouds and people say it: PostgreSQL has no character of code 0, which it writes out."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value.replace("\0", "\\0") if value is not None and "\0" in value else value


METADATA = MetaData()
#: The integer that a new row is given.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _number() -> Column[int]:
    return Column("number", _NUMBER, primary_key=True, autoincrement=True)


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text().with_variant(_Said(), "postgresql"), nullable=null)


def _where() -> list[Column[str]]:
    return [_text("provider"), _text("scope"), _text("region"), _text("type")]


#: Of the database itself: ``id``, ``created_at``.
ABOUT = Table("drift_about", METADATA, Column("key", Text, primary_key=True), _text("value"))

#: A run. ``partial``: ``--only`` chose of it; ``whole``: nothing was unread; ``written``: its report was.
RUNS = Table(
    "drift_runs",
    METADATA,
    _number(),
    Column("id", Text, nullable=False, unique=True),
    _text("environment"),
    _text("started_at"),
    _text("finished_at"),
    _text("version"),
    Column("exit_code", Integer, nullable=False),
    Column("partial", Boolean, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("written", Boolean, nullable=False),
    _text("counts"),
    _text("declared"),
    Index("drift_runs_by_environment", "environment", "started_at"),
)

#: What is known of a cell in runs that told the same of it, from one on to another.
COVERAGE = Table(
    "drift_coverage",
    METADATA,
    _number(),
    _text("environment"),
    *_where(),
    _text("status"),
    _text("message"),
    Column("resources", Integer, nullable=False),
    Column("declared", Integer, nullable=False),
    _text("read_at", null=True),
    Column("from_run", BigInteger, nullable=False),
    _text("from_at"),
    Column("to_run", BigInteger, nullable=False),
    _text("to_at"),
    Column("current", Boolean, nullable=False),
    Index("drift_coverage_current", "environment", "current"),
)

#: A finding as it is known now. ``document`` is what the report last said of it; ``opened_at`` is when the
#: present drift began (null: it is only pending), ``earlier_at`` the reopening before ``reopened_at``.
#: ``attribution`` is who did it, ``answered`` how often the clouds' logs have answered who did it as it is.
FINDINGS = Table(
    "drift_findings",
    METADATA,
    Column("id", Text, primary_key=True),
    _text("environment"),
    _text("kind"),
    *_where(),
    _text("resource_id"),
    _text("name", null=True),
    _text("address", null=True),
    _text("severity"),
    _text("owner", null=True),
    _text("digest", null=True),
    _text("document"),
    _text("first_seen"),
    Column("first_run", BigInteger, nullable=False),
    _text("last_seen"),
    Column("last_run", BigInteger, nullable=False),
    _text("opened_at", null=True),
    Column("opened_run", BigInteger),
    _text("resolved_at", null=True),
    Column("resolved_run", BigInteger),
    _text("resolution", null=True),
    Column("reopened", Integer, nullable=False),
    _text("reopened_at", null=True),
    _text("earlier_at", null=True),
    _text("changed_at", null=True),
    _text("unknown_since", null=True),
    _text("attribution", null=True),
    Column("answered", Integer, nullable=False, server_default="0"),
    Index("drift_findings_open", "environment", "resolved_at"),
)

#: A change of a finding, with its values as they stand in the report: none of a secret.
CHANGES = Table(
    "drift_changes",
    METADATA,
    Column("id", Text, primary_key=True),
    _text("finding"),
    _text("path"),
    _text("declared", null=True),
    _text("live", null=True),
    Column("undeclared", Boolean, nullable=False),
    Column("sensitive", Boolean, nullable=False),
    _text("first_seen"),
    _text("changed_at", null=True),
    _text("gone_at", null=True),
    Index("drift_changes_of", "finding"),
)

#: One time that a finding was drift, from when it came until it ended.
EPISODES = Table(
    "drift_episodes",
    METADATA,
    _number(),
    _text("finding"),
    _text("environment"),
    _text("kind"),
    *_where(),
    _text("owner", null=True),
    _text("severity"),
    _text("opened_at"),
    Column("opened_run", BigInteger, nullable=False),
    _text("closed_at", null=True),
    Column("closed_run", BigInteger),
    _text("resolution", null=True),
    Index("drift_episodes_of", "finding"),
    Index("drift_episodes_by_environment", "environment", "opened_at"),
)

#: What happened to a finding in a run: new, reopened, changed, resolved, unknown, read again, accepted.
EVENTS = Table(
    "drift_events",
    METADATA,
    _number(),
    Column("run", BigInteger, nullable=False),
    _text("finding"),
    _text("event"),
    _text("at"),
    _text("detail"),
    Index("drift_events_of", "finding"),
    Index("drift_events_in", "run"),
)

#: A live value that nobody declares, as it was at first sight: ``value``, or a keyed hash of a secret.
#: ``now`` is what it has become, where that is something else.
VALUES = Table(
    "drift_values",
    METADATA,
    Column("id", Text, primary_key=True),
    _text("environment"),
    *_where(),
    _text("resource_id"),
    _text("name", null=True),
    _text("path"),
    _text("value", null=True),
    _text("keyed", null=True),
    _text("since"),
    _text("last_seen"),
    _text("now", null=True),
    _text("now_keyed", null=True),
    _text("now_since", null=True),
    _text("accepted_at", null=True),
    _text("accepted_by", null=True),
    Index("drift_values_of", "environment"),
)

#: A live resource of a type that nobody declares there, by a hash of cell and id.
RESOURCES = Table(
    "drift_resources",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    _text("environment"),
    _text("last_seen"),
    Index("drift_resources_of", "environment"),
)

#: A cell whose unmanaged resources were seen for the first time, whole; by which version last.
SIGHTED = Table(
    "drift_sighted",
    METADATA,
    _text("environment"),
    *_where(),
    _text("since"),
    Column("version", Text, nullable=False, server_default=""),
    Index("drift_sighted_cell", "environment", "provider", "scope", "region", "type", unique=True),
)

#: A declared commit and the first run in which all of it was live.
DEPLOYMENTS = Table(
    "drift_deployments",
    METADATA,
    _number(),
    _text("environment"),
    _text("source"),
    _text("location"),
    _text("commit_id"),
    _text("committed_at", null=True),
    _text("first_at"),
    Column("first_run", BigInteger, nullable=False),
    _text("live_at", null=True),
    Column("live_run", BigInteger),
    Index("drift_deployments_of", "environment", "location", "commit_id", unique=True),
)
