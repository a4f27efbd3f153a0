import json

from ministack.services import secretsmanager
from ministack.services.cloudformation import drift

from . import rotation
from .api import call, client
from .cloudformation import Resource, Stock


def install():
    """A look for drift finds a secret by its ARN."""
    read, properties = drift._DRIFT_READERS["AWS::SecretsManager::Secret"]
    drift._DRIFT_READERS["AWS::SecretsManager::Secret"] = (lambda arn, given: read(secretsmanager._resolve(arn)[0], given), properties)


class Secret(Stock):
    """MiniStack answers the name for `Ref`, where CloudFormation answers the ARN, and it generates too simply."""

    def create(self, context, properties):
        name, attributes = super().create(context, with_value(properties))
        return attributes["Arn"], attributes

    def update(self, context, identifier, old, new):
        changed = old.get("GenerateSecretString") != new.get("GenerateSecretString")
        if "SecretString" not in new and changed:
            new = with_value(new)
        # The value stays as it is unless the template asks for another one: a rotation may have changed it.
        old, new = [{name: value for name, value in properties.items() if name != "GenerateSecretString"}
                    for properties in (old, new)]
        _, attributes = super().update(context, name_of(identifier), old, new)
        return attributes["Arn"], attributes

    def delete(self, identifier, properties):
        super().delete(name_of(identifier), properties)


def name_of(arn):
    name, _ = secretsmanager._resolve(arn)
    return name


def with_value(properties):
    if "GenerateSecretString" not in properties:
        return properties
    generate = properties["GenerateSecretString"]
    value = call("secretsmanager", "GetRandomPassword", generate,
                 leave_out=["SecretStringTemplate", "GenerateStringKey"])["RandomPassword"]
    if "SecretStringTemplate" in generate:
        value = json.dumps({**json.loads(generate["SecretStringTemplate"]), generate["GenerateStringKey"]: value})
    rest = {name: inner for name, inner in properties.items() if name != "GenerateSecretString"}
    return {**rest, "SecretString": value}


class ResourcePolicy(Resource):
    def create(self, context, properties):
        call("secretsmanager", "PutResourcePolicy", properties)
        return properties["SecretId"], {"Id": properties["SecretId"]}

    def delete(self, identifier, properties):
        client("secretsmanager").delete_resource_policy(SecretId=properties["SecretId"])


class RotationSchedule(Resource):
    """Rotates at once, as on AWS, unless the template says otherwise. Nothing rotates later by itself.

    Stricter than AWS, which does not wait for the rotation: a rotation that fails, fails the stack.
    """

    def create(self, context, properties):
        answer = call("secretsmanager", "RotateSecret", properties,
                      rename={"RotateImmediatelyOnUpdate": "RotateImmediately"}, leave_out=["HostedRotationLambda"])
        rotation.wait(answer["VersionId"])
        return properties["SecretId"], {"Id": properties["SecretId"]}
