"""Asks the harness for real databases and caches (data-plane.ts)."""

import json
import os
import urllib.error
import urllib.parse
import urllib.request


def put(kind, identifier, body):
    """Starts the server or changes it; answers its host and port."""
    answer = send("PUT", kind, identifier, json.dumps(body).encode())
    return answer["host"], answer["port"]


def delete(kind, identifier):
    send("DELETE", kind, identifier)


def send(method, kind, identifier, body=None):
    url = f"{os.environ['DATA_PLANE_URL']}/{kind}/{urllib.parse.quote(identifier, safe='')}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, method=method), timeout=120) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{kind} {identifier}: {error.read().decode()}") from None
