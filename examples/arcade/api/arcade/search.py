"""Games by their words. OpenSearch knows the task's role, which signs each request."""

import json
import os
from typing import Annotated

import boto3
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from fastapi import APIRouter, HTTPException, Query

ADDRESS = f"{os.environ['OPENSEARCH_URL']}/games/_search"
REGION = os.environ["AWS_REGION"]

session = boto3.Session()
http = urllib3.PoolManager(timeout=5, retries=False)
router = APIRouter(prefix="/api/search")


@router.get("")
def search(q: Annotated[str, Query(min_length=1, max_length=100)]) -> dict:
    words = {"query": q, "fields": ["title^2", "maker"], "fuzziness": "AUTO"}
    body = json.dumps({"size": 20, "query": {"multi_match": words}}).encode()
    request = AWSRequest("POST", ADDRESS, headers={"Content-Type": "application/json"}, data=body)
    SigV4Auth(session.get_credentials(), "es", REGION).add_auth(request)
    try:
        answer = http.request("POST", ADDRESS, headers=dict(request.headers), body=body)
    except urllib3.exceptions.HTTPError as error:
        raise HTTPException(503, "search does not answer") from error
    if answer.status != 200:
        raise HTTPException(503, "search does not work")
    return {"games": [hit["_source"] for hit in answer.json()["hits"]["hits"]]}
