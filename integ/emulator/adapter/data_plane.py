"""Asks the harness for real databases and caches, and for the deployment of services (data-plane.ts)."""

import json
import os
import urllib.error
import urllib.parse
import urllib.request


def put(kind, identifier, body):
    """Starts the server or changes it; answers its host and port."""
    answer = send("PUT", kind, identifier, body)
    return answer["host"], answer["port"]


def post(kind, identifier, body):
    """Asks for something that takes as long as it takes."""
    return send("POST", kind, identifier, body, seconds=None)


def put_settings(identifier, body):
    """How a service's deployments are to go."""
    send("PUT", "deployments", identifier, body)


def delete(kind, identifier):
    send("DELETE", kind, identifier)


def send(method, kind, identifier, body=None, seconds=120):
    url = f"{os.environ['DATA_PLANE_URL']}/{kind}/{urllib.parse.quote(identifier, safe='')}"
    content = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, content, method=method), timeout=seconds) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{kind} {identifier}: {error.read().decode()}") from None
