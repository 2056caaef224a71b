"""Who did it, beside the document, and how often the logs have answered about a finding as it is."""

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_AT_ONCE = 1000


def upgrade() -> None:
    op.add_column("drift_findings", sa.Column("attribution", sa.Text(), nullable=True))
    op.add_column("drift_findings", sa.Column("answered", sa.Integer(), nullable=False, server_default="0"))
    connection, last = op.get_bind(), ""
    findings = sa.table("drift_findings", sa.column("id"), sa.column("document"), sa.column("attribution"))
    asked = sa.select(findings.c.id, findings.c.document).order_by(findings.c.id).limit(_AT_ONCE)
    one = findings.c.id == sa.bindparam("_id")
    while rows := connection.execute(asked.where(findings.c.id > last)).all():
        last = rows[-1].id
        known = [{"_id": row.id, "said": by} for row in rows if (by := _by(row.document)) is not None]
        if known:
            connection.execute(sa.update(findings).where(one).values(attribution=sa.bindparam("said")), known)


def _by(document: str) -> str | None:
    by = orjson.loads(document).get("attribution")
    return None if by is None else orjson.dumps(by).decode()
