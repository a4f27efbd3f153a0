"""PostgreSQL: engine, session and the reason of a failure."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from sqlalchemy.orm import Session

UNAVAILABLE = (InterfaceError, OperationalError, TimeoutError)


def create_database_engine(url: URL) -> Engine:
    return create_engine(
        url,
        pool_size=5,
        max_overflow=5,
        pool_timeout=5,
        pool_pre_ping=True,
        # Moves connections to the new primary after a failover, and re-reads DNS.
        pool_recycle=300,
        # Statement parameters are personal data and would end up in logs.
        hide_parameters=True,
        connect_args={
            "connect_timeout": 5,
            # Milliseconds. A host that vanished would otherwise block a request for minutes.
            "tcp_user_timeout": 5000,
        },
    )


def get_engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


DatabaseEngine = Annotated[Engine, Depends(get_engine)]


def get_session(engine: DatabaseEngine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


DatabaseSession = Annotated[Session, Depends(get_session)]


def database_failure_reason(error: Exception) -> str:
    """Fixed phrases: the driver's own text names users and hosts."""
    if isinstance(error, TimeoutError):
        return "no free connection in the pool"
    text = str(error)
    if "authentication failed" in text:
        return "authentication failed"
    if "timeout" in text:
        return "connection timed out"
    if isinstance(error, UNAVAILABLE):
        return "connection failed"
    return "query failed"
