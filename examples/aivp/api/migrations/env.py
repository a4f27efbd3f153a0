"""Runs migrations as the database owner; needs no variable but the database URL."""

import logging
import sys

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from aivp.models import Base
from aivp.settings import InvalidEnvironment, load_migration_database_url, log_level
from aivp.structured_logging import configure_logging

# With --sql the statements own the standard output: progress records would break them.
configure_logging("WARNING" if context.is_offline_mode() else log_level())

try:
    url = load_migration_database_url()
except InvalidEnvironment as error:
    logging.getLogger("alembic.env").critical("%s", error)
    sys.exit(1)


def print_sql() -> None:
    context.configure(url=url, target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def migrate() -> None:
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    print_sql()
else:
    migrate()
