"""what is searched

0002_search.sql is SearchIngestion.OUTBOX_SQL of cdk-web-platform: a trigger writes what changed into an outbox, in the transaction of the change.
"""

from pathlib import Path

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"

VIEW = """
CREATE VIEW search.games AS
  SELECT slug AS id, jsonb_build_object('slug', slug, 'title', title, 'maker', maker, 'year', year) AS document FROM games
"""


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0002_search.sql").read_text())
    op.execute(VIEW)
    op.execute("SELECT search.watch('games', 'games', 'slug')")
    # The rows that are there already.
    op.execute("INSERT INTO search.outbox (index_name, document_id) SELECT 'games', slug FROM games")


def downgrade() -> None:
    op.execute("DROP TRIGGER search_games ON games")
    op.execute("DROP TRIGGER search_games_all ON games")
    op.execute("DROP SCHEMA search CASCADE")
