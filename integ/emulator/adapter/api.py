"""MiniStack's own service APIs, called with CloudFormation's properties."""

import functools
import json
import os

import botocore.session
from botocore.config import Config
from ministack.core.responses import get_account_id, get_region

SESSION = botocore.session.get_session()


@functools.lru_cache
def client_of(service, account, region):
    return SESSION.create_client(
        service,
        region_name=region,
        endpoint_url=f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        aws_access_key_id=account,
        aws_secret_access_key="emulator",
        config=Config(retries={"max_attempts": 1}, read_timeout=900, s3={"addressing_style": "path"}),
    )


def client(service):
    return client_of(service, get_account_id(), get_region())


def call(service, operation, properties, /, rename=None, leave_out=(), **given):
    """Calls an operation with a resource's properties, spelled and typed as the API wants them.

    A property that the API does not know is an error, unless it is left out on purpose.
    """
    rename = rename or {}
    request = {rename.get(name, name): value for name, value in properties.items() if name not in leave_out}
    if isinstance(request.get("Tags"), list):
        # MiniStack's CloudFormation adds tags of its own, and its APIs refuse their names.
        request["Tags"] = [tag for tag in request["Tags"] if not tag["Key"].startswith("aws:")]
    shape = client(service).meta.service_model.operation_model(operation).input_shape
    return client(service)._make_api_call(operation, translate(shape, {**request, **given}, operation))


def translate(shape, value, path):
    if shape.type_name == "structure":
        members = {name.lower(): name for name in shape.members}
        result = {}
        for key, inner in value.items():
            name = members.get(key.lower())
            if name is None:
                raise ValueError(f"{path} has no {key}; it has {', '.join(shape.members)}")
            result[name] = translate(shape.members[name], inner, f"{path}.{name}")
        return result
    if shape.type_name == "list":
        return [translate(shape.member, inner, path) for inner in value]
    if shape.type_name == "map":
        return {key: translate(shape.value, inner, path) for key, inner in value.items()}
    if shape.type_name == "boolean":
        return str(value).lower() == "true"
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name in ("float", "double"):
        return float(value)
    if shape.type_name == "string" and not isinstance(value, str):
        return json.dumps(value)
    return value


def tag_specifications(properties, resource_type):
    tags = properties.get("Tags")
    return {"TagSpecifications": [{"ResourceType": resource_type, "Tags": tags}]} if tags else {}
