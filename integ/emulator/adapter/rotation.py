"""Makes RotateSecret real: MiniStack's own copies the value and never calls the function."""

import contextvars
import json
import time
from concurrent.futures import ThreadPoolExecutor

from ministack.core.responses import error_response_json, json_response, new_uuid
from ministack.services import secretsmanager

from .api import client

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")

threads = ThreadPoolExecutor(thread_name_prefix="rotation")
# Rotations that were started, by version id.
rotations = {}


def install():
    secretsmanager._rotate_secret = rotate_secret
    describe_secret = secretsmanager._describe_secret
    secretsmanager._describe_secret = lambda data: with_last_rotation(data, describe_secret(data))
    get_secret_value = secretsmanager._get_secret_value
    secretsmanager._get_secret_value = lambda data: refuse_empty(get_secret_value(data))


def wait(version_id):
    """Waits for a rotation, and throws what it threw."""
    if version_id in rotations:
        rotations[version_id].result()


def rotate_secret(data):
    name, secret = secretsmanager._resolve(data.get("SecretId"))
    if not secret:
        return error_response_json(
            "ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400)
    for member in ("RotationLambdaARN", "RotationRules"):
        secret[member] = data.get(member) or secret.get(member)
    secret["RotationEnabled"] = True
    if data.get("RotateImmediately") is False or not secret["RotationLambdaARN"]:
        version, _ = secretsmanager._find_stage_version(secret, "AWSCURRENT")
    else:
        version = pending_version(secret, data.get("ClientRequestToken") or new_uuid())
        context = contextvars.copy_context()
        rotations[version] = threads.submit(context.run, call_function, secret, version)
    return json_response({"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": version})


def pending_version(secret, token):
    """A rotation that did not finish is taken up again with its own version, as on AWS."""
    version, pending = secretsmanager._find_stage_version(secret, "AWSPENDING")
    if pending and "AWSCURRENT" not in pending["Stages"]:
        return version
    if pending:
        pending["Stages"].remove("AWSPENDING")
    secret["Versions"][token] = {
        "SecretString": None, "SecretBinary": None, "CreatedDate": int(time.time()), "Stages": ["AWSPENDING"]}
    return token


def call_function(secret, version):
    for step in STEPS:
        event = {"Step": step, "SecretId": secret["ARN"], "ClientRequestToken": version}
        answer = client("lambda").invoke(FunctionName=secret["RotationLambdaARN"], Payload=json.dumps(event))
        if answer.get("FunctionError"):
            raise RuntimeError(f"Rotation of {secret['Name']} failed at {step}: {answer['Payload'].read().decode()}")
    secret["LastRotatedDate"] = int(time.time())


def with_last_rotation(data, answer):
    """When a secret was rotated last, which MiniStack knows and does not tell."""
    status, headers, body = answer
    _, secret = secretsmanager._resolve(data.get("SecretId"))
    if status != 200 or "LastRotatedDate" not in secret:
        return answer
    return json_response({**json.loads(body), "LastRotatedDate": secret["LastRotatedDate"]})


def refuse_empty(answer):
    """A version that createSecret has not filled yet cannot be read."""
    status, _, body = answer
    if status == 200 and not {"SecretString", "SecretBinary"} & json.loads(body).keys():
        return error_response_json(
            "ResourceNotFoundException", "Secrets Manager can't find the specified secret value.", 400)
    return answer
