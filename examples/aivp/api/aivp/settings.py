"""Settings, read from the environment only."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

REQUIRED = (
    "DATABASE_URL",
    "REDIS_URL",
    "OPENAI_API_KEY",
    "REPLICATE_API_KEY",
    "SUNO_API_KEY",
    "JWT_SECRET",
)


class InvalidEnvironment(Exception):
    """The message names variables and never quotes a value."""


@dataclass(frozen=True)
class Settings:
    """Secrets are kept out of repr(), which ends up in tracebacks and logs."""

    database_url: URL = field(repr=False)
    redis_url: str = field(repr=False)
    openai_api_key: str = field(repr=False)
    replicate_api_key: str = field(repr=False)
    suno_api_key: str = field(repr=False)
    jwt_secret: str = field(repr=False)
    app_version: str


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    require(environment, REQUIRED)
    return Settings(
        database_url=parse_database_url(environment, "DATABASE_URL"),
        redis_url=parse_redis_url(environment, "REDIS_URL"),
        openai_api_key=environment["OPENAI_API_KEY"],
        replicate_api_key=environment["REPLICATE_API_KEY"],
        suno_api_key=environment["SUNO_API_KEY"],
        jwt_secret=environment["JWT_SECRET"],
        app_version=environment.get("APP_VERSION") or "unknown",
    )


def load_migration_database_url(environment: Mapping[str, str] = os.environ) -> URL:
    """Migrations change the schema, so the owner's URL wins over the API's."""
    if environment.get("MIGRATION_DATABASE_URL"):
        return parse_database_url(environment, "MIGRATION_DATABASE_URL")
    require(environment, ("DATABASE_URL",))
    return parse_database_url(environment, "DATABASE_URL")


def log_level(environment: Mapping[str, str] = os.environ) -> str:
    """An unknown level means INFO: a typo here must not stop the API."""
    level = environment.get("LOG_LEVEL", "").upper()
    if level in logging.getLevelNamesMapping():
        return level
    return "INFO"


def require(environment: Mapping[str, str], names: tuple[str, ...]) -> None:
    missing = [name for name in names if not environment.get(name, "").strip()]
    if missing:
        raise InvalidEnvironment("Missing environment variables: " + ", ".join(missing))


def parse_database_url(environment: Mapping[str, str], name: str) -> URL:
    # "from None": parsers quote the piece that they reject, often the password.
    try:
        url = make_url(environment[name].strip())
    except (ArgumentError, ValueError):
        raise InvalidEnvironment(f"{name} is not a valid postgresql:// URL") from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise InvalidEnvironment(f"{name} is not a valid postgresql:// URL")
    # A bare "postgresql" would let SQLAlchemy choose the driver.
    return url.set(drivername="postgresql+psycopg")


def parse_redis_url(environment: Mapping[str, str], name: str) -> str:
    url = environment[name].strip()
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise InvalidEnvironment(f"{name} is not a valid redis:// or rediss:// URL")
    return url
