"""The API of arcade: what the site in ../web asks for."""

import os

import psycopg
from fastapi import FastAPI
from fastapi.responses import JSONResponse

DATABASE_URL = os.environ["DATABASE_URL"]

app = FastAPI(title="arcade", version=os.environ.get("APP_VERSION") or "unknown")

# A platform gets these parts when it is ready for them; until then nobody finds their addresses.
if "UPLOADS_BUCKET" in os.environ:
    from arcade import uploads

    app.include_router(uploads.router)
if "OPENSEARCH_URL" in os.environ:
    from arcade import search

    app.include_router(search.router)


# Async: the load balancer must get an answer even when every worker thread waits for the database.
@app.get("/api/health")
async def health() -> dict[str, str]:
    return {"status": "healthy", "version": app.version}


@app.get("/api/health/db")
def database_health() -> JSONResponse:
    try:
        with psycopg.connect(DATABASE_URL, connect_timeout=5) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error:
        # The driver's own text names users and hosts.
        return JSONResponse({"status": "unhealthy", "reason": "connection failed"}, status_code=503)
    return JSONResponse({"status": "healthy"})
