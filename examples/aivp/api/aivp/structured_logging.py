"""One JSON object per log record, on standard output."""

import json
import logging
from datetime import UTC, datetime
from logging.config import dictConfig
from typing import Any


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
        }
        entry.update(describe(record))
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def describe(record: logging.LogRecord) -> dict[str, Any]:
    if record.name != "uvicorn.access" or not isinstance(record.args, tuple):
        return {"message": record.getMessage()}
    client, method, target, http_version, status = record.args
    # The query string is dropped: clients put tokens and e-mail addresses in it.
    path = str(target).partition("?")[0]
    return {
        "message": f"{method} {path} {status}",
        "client": client,
        "method": method,
        "path": path,
        "http_version": http_version,
        "status": status,
    }


def configure_logging(level: str) -> None:
    # Without handlers of their own, uvicorn's loggers hand their records to the root logger.
    inherit = {"handlers": [], "level": "NOTSET", "propagate": True}
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": {"()": JsonFormatter}},
            "handlers": {
                "stdout": {
                    "class": "logging.StreamHandler",
                    "stream": "ext://sys.stdout",
                    "formatter": "json",
                }
            },
            "root": {"handlers": ["stdout"], "level": level},
            "loggers": {
                "uvicorn": inherit,
                "uvicorn.error": inherit,
                "uvicorn.access": inherit,
                # Below WARNING, SQLAlchemy logs statements and rows, which are personal data.
                "sqlalchemy": {"level": "WARNING"},
            },
        }
    )
    logging.captureWarnings(True)
