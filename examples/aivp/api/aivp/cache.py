"""Redis: client and the reason of a failure."""

from typing import Annotated

import redis
from fastapi import Depends, Request
from redis.backoff import NoBackoff
from redis.retry import Retry


def create_cache(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_timeout=3,
        socket_connect_timeout=3,
        # One immediate retry replaces a stale pooled connection; the default of
        # several retries with pauses would hold a request for seconds.
        retry=Retry(NoBackoff(), 1),
    )


def get_cache(request: Request) -> redis.Redis:
    cache: redis.Redis = request.app.state.cache
    return cache


Cache = Annotated[redis.Redis, Depends(get_cache)]


def cache_failure_reason(error: redis.RedisError) -> str:
    """Fixed phrases: the client's own text names users and hosts."""
    if isinstance(error, redis.AuthenticationError):
        return "authentication failed"
    if isinstance(error, redis.TimeoutError):
        return "connection timed out"
    if isinstance(error, redis.ConnectionError):
        return "connection failed"
    return "command failed"
