from . import deployments
from .api import call, client
from .cloudformation import Resource


class TaskDefinition(Resource):
    """Registered through the API, because MiniStack's own handler loses `secrets` and `runtimePlatform`."""

    def create(self, context, properties):
        family = properties.get("Family") or context.name(255)
        answer = call("ecs", "RegisterTaskDefinition", {**properties, "Family": family})
        arn = answer["taskDefinition"]["taskDefinitionArn"]
        return arn, {"TaskDefinitionArn": arn}

    def delete(self, identifier, properties):
        client("ecs").deregister_task_definition(taskDefinition=identifier)


class Service(Resource):
    """CloudFormation waits for each deployment of a service, and fails with it."""

    replacing = ("Cluster", "LaunchType", "ServiceName", "SchedulingStrategy", "Role")
    deploying = ("ForceNewDeployment", *[name[0].upper() + name[1:] for name in deployments.TRIGGERS])

    def create(self, context, properties):
        name = properties.get("ServiceName") or context.name(255)
        require_images(name, properties["TaskDefinition"])
        with deployments.reserve(name):
            arn = self.request("CreateService", properties, serviceName=name)
        try:
            deployments.deploy(arn, properties, created=True)
        except RuntimeError:
            self.delete(arn, properties)
            raise
        return arn, self.attributes(arn)

    def update(self, context, identifier, old, new):
        if any(old.get(name) != new.get(name) for name in self.replacing):
            return self.create(context, new)
        if old["TaskDefinition"] != new["TaskDefinition"]:
            require_images(identifier, new["TaskDefinition"])
        with deployments.reserve(identifier.rsplit("/", 1)[-1]):
            # A service without a DesiredCount keeps the one that it has, whoever set that.
            self.request("UpdateService", new, leave_out=[*self.replacing, "Tags"],
                         cluster=new.get("Cluster", "default"), service=identifier)
        if any(old.get(name) != new.get(name) for name in self.deploying):
            deployments.deploy(identifier, new)
        else:
            deployments.configure(identifier, new)
        return identifier, self.attributes(identifier)

    def request(self, operation, properties, leave_out=(), **given):
        known = deployments.without_hook_details(properties)
        arn = call("ecs", operation, known, leave_out=[*leave_out, "ForceNewDeployment"], **given)["service"]["serviceArn"]
        deployments.keep_hook_details(arn, properties)
        return arn

    def delete(self, identifier, properties):
        client("ecs").delete_service(cluster=properties.get("Cluster", "default"), service=identifier, force=True)

    def attributes(self, arn):
        return {"ServiceArn": arn, "Name": arn.rsplit("/", 1)[-1]}


def require_images(service, task_definition):
    """Fails where ECS would give up: a container's image is not in its repository of the account."""
    containers = client("ecs").describe_task_definition(taskDefinition=task_definition)["taskDefinition"]["containerDefinitions"]
    for image in [container["image"] for container in containers if ".dkr.ecr." in container["image"]]:
        name = image.split("/", 1)[1]
        repository, digest = name.split("@") if "@" in name else (name.partition(":")[0], None)
        tag = None if digest else name.partition(":")[2]
        known = client("ecr").list_images(repositoryName=repository)["imageIds"]
        if not any(one.get("imageDigest") == digest if digest else one.get("imageTag") == tag for one in known):
            raise ValueError(f"ECS Deployment Circuit Breaker was triggered: {service} cannot pull {image}")


class ClusterCapacityProviderAssociations(Resource):
    def create(self, context, properties):
        call("ecs", "PutClusterCapacityProviders", properties)
        return properties["Cluster"], {}

    def delete(self, identifier, properties):
        client("ecs").put_cluster_capacity_providers(
            cluster=identifier, capacityProviders=[], defaultCapacityProviderStrategy=[])
