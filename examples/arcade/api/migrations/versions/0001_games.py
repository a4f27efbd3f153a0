"""games"""

import json
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None


def upgrade() -> None:
    games = op.create_table(
        "games",
        sa.Column("slug", sa.Text(), primary_key=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
    )
    op.bulk_insert(games, json.loads(Path(__file__).with_name("0001_games.json").read_text()))


def downgrade() -> None:
    op.drop_table("games")
