"""Health of the process, the database and the cache."""

import logging
import time
from datetime import UTC, datetime

import redis
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from aivp.cache import Cache, cache_failure_reason
from aivp.database import DatabaseEngine, database_failure_reason

logger = logging.getLogger(__name__)
router = APIRouter(tags=["health"])


# Async, unlike the others: the load balancer must get an answer even when every
# worker thread waits for the database.
@router.get("/health")
async def process_health(request: Request) -> dict[str, str]:
    return {
        "status": "healthy",
        "version": request.app.version,
        "timestamp": datetime.now(UTC).isoformat(),
    }


@router.get("/api/health/db")
def database_health(engine: DatabaseEngine) -> JSONResponse:
    started = time.perf_counter()
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return unhealthy("database", database_failure_reason(error))
    return healthy("database", started)


@router.get("/api/health/redis")
def cache_health(cache: Cache) -> JSONResponse:
    started = time.perf_counter()
    try:
        cache.ping()
    except redis.RedisError as error:
        return unhealthy("redis", cache_failure_reason(error))
    return healthy("redis", started)


def healthy(dependency: str, started: float) -> JSONResponse:
    latency_ms = round((time.perf_counter() - started) * 1000, 1)
    return JSONResponse({"status": "healthy", dependency: "connected", "latency_ms": latency_ms})


def unhealthy(dependency: str, reason: str) -> JSONResponse:
    logger.warning("%s is unhealthy: %s", dependency, reason)
    return JSONResponse({"status": "unhealthy", "reason": reason}, status_code=503)
