"""The application that uvicorn serves."""

import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from aivp import health, users
from aivp.cache import create_cache
from aivp.database import UNAVAILABLE, create_database_engine, database_failure_reason
from aivp.settings import InvalidEnvironment, load_settings, log_level
from aivp.structured_logging import configure_logging

configure_logging(log_level())
logger = logging.getLogger(__name__)

try:
    settings = load_settings()
except InvalidEnvironment as error:
    logger.critical("%s", error)
    sys.exit(1)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.engine = create_database_engine(settings.database_url)
    app.state.cache = create_cache(settings.redis_url)
    yield
    app.state.engine.dispose()
    app.state.cache.close()
    # After a graceful stop uvicorn raises the signal again to die from it; blocked,
    # the process ends with 0 and the orchestrator records a clean stop.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


async def database_unavailable(request: Request, error: Exception) -> JSONResponse:
    reason = database_failure_reason(error)
    logger.warning("database is unavailable: %s", reason)
    return JSONResponse({"detail": f"Database unavailable: {reason}"}, status_code=503)


async def invalid_request(request: Request, error: Exception) -> JSONResponse:
    # Without the input, which FastAPI would echo: it may be personal data, and half a
    # surrogate pair cannot be encoded, which would turn the 422 into a 500.
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    detail = [{key: item[key] for key in ("type", "loc", "msg")} for item in errors]
    return JSONResponse({"detail": detail}, status_code=422)


app = FastAPI(title="aivp", version=settings.app_version, lifespan=lifespan)
app.add_exception_handler(RequestValidationError, invalid_request)
for unavailable in UNAVAILABLE:
    app.add_exception_handler(unavailable, database_unavailable)
app.include_router(health.router)
app.include_router(users.router)
