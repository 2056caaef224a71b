"""Which version of drift saw a cell last: another one may read more types."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("drift_sighted", sa.Column("version", sa.Text(), nullable=False, server_default=""))
