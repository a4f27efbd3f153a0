"""Gives ECS its deployment controller: the harness deploys (deployments.ts), and MiniStack's APIs tell of it.

MiniStack itself reports a new task definition as running at once, and knows no service deployments or revisions.
"""

import copy
from contextlib import contextmanager

from ministack.core.responses import error_response_json, json_response
from ministack.services import alb, ecs, eventbridge
from ministack.services.cloudformation import stacks

from . import data_plane, forwarding

STOCK = {action: ecs._ACTION_MAP[action] for action in ("CreateService", "UpdateService", "DeleteService")}
APIS = ("ListServiceDeployments", "DescribeServiceDeployments", "DescribeServiceRevisions", "StopServiceDeployment",
        "ContinueServiceDeployment")

# What starts a deployment when it changes: "This parameter triggers a new service deployment."
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
TRIGGERS = ("taskDefinition", "networkConfiguration", "platformVersion", "loadBalancers", "serviceRegistries",
            "serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations")

# Services that CloudFormation is about to deploy, and waits for.
reserved = set()


def install():
    ecs._ACTION_MAP.update(
        CreateService=create_service, UpdateService=update_service, DeleteService=delete_service,
        # These two are the harness' own; AWS has no such actions.
        EmulatorRecordDeployment=record_deployment, EmulatorPutEvent=put_event)
    ecs._ACTION_MAP.update({action: ask_harness(action) for action in APIS})
    # The harness registers the processes that it starts.
    ecs._sync_service_targets = lambda *_: None
    alb._ACTION_MAP.update(RegisterTargets=register_targets, DeregisterTargets=deregister_targets)
    forwarding.install()
    # A service that failed to update was changed all the same: CloudFormation sends it back.
    sends_back = stacks._sends_back_failed_update
    stacks._sends_back_failed_update = lambda type_name: type_name == "AWS::ECS::Service" or sends_back(type_name)


@contextmanager
def reserve(name):
    """Meanwhile, a call of CreateService or UpdateService does not deploy by itself."""
    reserved.add(name)
    try:
        yield
    finally:
        reserved.discard(name)


def deploy(arn, properties, created=False):
    """Deploys a service as CloudFormation says, and throws the reason of a deployment that failed."""
    if properties.get("DeploymentController", {}).get("Type", "ECS") != "ECS":
        return
    answer = start(service_of(arn), settings(properties), created=created, wait=True)
    if answer["status"] != "SUCCESSFUL":
        raise RuntimeError(answer["reason"])


def configure(arn, properties):
    """Tells how the next deployments are to go."""
    data_plane.put_settings(arn, settings(properties))


def start(service, configuration, **options):
    return data_plane.post("deployments", service["serviceArn"], {"service": ecs._sanitize(service), **configuration, **options})


def settings(properties):
    """CloudFormation's own words: botocore, and so MiniStack, may not know the newest of them."""
    return {"configuration": properties.get("DeploymentConfiguration", {}), "loadBalancers": properties.get("LoadBalancers", [])}


def settings_of_call(data):
    """The API's words as CloudFormation spells them."""
    names = {"deploymentConfiguration": "configuration", "loadBalancers": "loadBalancers"}
    return {ours: capitalize(data[theirs]) for theirs, ours in names.items() if theirs in data}


def capitalize(value):
    if isinstance(value, list):
        return [capitalize(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {name[0].upper() + name[1:]: inner if name == "hookDetails" else capitalize(inner) for name, inner in value.items()}


def hooks_of(properties):
    return properties.get("DeploymentConfiguration", {}).get("LifecycleHooks", [])


def without_hook_details(properties):
    """They may be any JSON, for which botocore's model has no members."""
    properties = copy.deepcopy(properties)
    for hook in hooks_of(properties):
        hook.pop("HookDetails", None)
    return properties


def keep_hook_details(arn, properties):
    kept = service_of(arn)["deploymentConfiguration"].get("lifecycleHooks", [])
    for hook, given in zip(kept, hooks_of(properties), strict=False):
        if "HookDetails" in given:
            hook["hookDetails"] = given["HookDetails"]


def service_of(reference, cluster=None):
    name, in_cluster = ecs._resolve_service_ref(reference)
    return ecs._services.get(f"{in_cluster or ecs._resolve_cluster_name(cluster or 'default')}/{name}")


def create_service(data):
    answer = STOCK["CreateService"](data)
    if answer[0] != 200 or data["serviceName"] in reserved:
        return answer
    service = service_of(data["serviceName"], data.get("cluster"))
    start(service, settings_of_call(data), created=True)
    return json_response({"service": ecs._sanitize(service)})


def update_service(data):
    service = service_of(data.get("service", ""), data.get("cluster"))
    definition = ecs._task_defs.get(ecs._resolve_td_key(data["taskDefinition"])) if "taskDefinition" in data else None
    if definition and definition["status"] == "INACTIVE" and service and definition["taskDefinitionArn"] != service["taskDefinition"]:
        return error_response_json("ClientException", "TaskDefinition is inactive", 400)
    before = {name: service.get(name) for name in TRIGGERS} if service else {}
    answer = STOCK["UpdateService"](data)
    if answer[0] != 200 or service["serviceName"] in reserved:
        return answer
    changed = any(name in data and service.get(name, data[name]) != before[name] for name in TRIGGERS)
    if changed or data.get("forceNewDeployment"):
        start(service, settings_of_call(data))
    else:
        data_plane.put_settings(service["serviceArn"], settings_of_call(data))
    return json_response({"service": ecs._sanitize(service)})


def delete_service(data):
    service = service_of(data.get("service", ""), data.get("cluster"))
    answer = STOCK["DeleteService"](data)
    if answer[0] == 200:
        data_plane.delete("deployments", service["serviceArn"])
    return answer


def record_deployment(data):
    """What DescribeServices answers while a deployment goes on, and when it has ended."""
    service = service_of(data["service"])
    if not service or service["status"] != "ACTIVE":
        return json_response({})
    if service["taskDefinition"] != data["taskDefinition"]:
        STOCK["UpdateService"]({"cluster": service["clusterArn"], "service": data["service"], "taskDefinition": data["taskDefinition"]})
    service.update(currentServiceDeployment=data.get("deployment"), currentServiceRevisions=data["revisions"])
    primary = {**service["deployments"][0], "rolloutState": data["state"], "rolloutStateReason": data["reason"], "updatedAt": ecs._iso()}
    source = data.get("sourceTaskDefinition")
    active = [{**primary, "id": "ecs-svc/source", "status": "ACTIVE", "taskDefinition": source, "rolloutState": "COMPLETED"}] if source else []
    service["deployments"] = [primary, *active]
    return json_response({})


def put_event(data):
    eventbridge._put_events({"Entries": [data]}, allow_aws_source=True)
    return json_response({})


def ask_harness(action):
    def ask(data):
        answer = data_plane.post("deployment-calls", action, data)
        return error_response_json(answer["error"], answer["message"], 400) if "error" in answer else json_response(answer)
    return ask


def register_targets(parameters):
    """A target is an address and a port; MiniStack takes a second port of an address for the same target."""
    group, targets = targets_of(parameters)
    if group is None:
        return alb._register_targets(parameters)
    registered = alb._targets.setdefault(group["TargetGroupArn"], [])
    registered.extend(target for target in targets if target not in registered)
    return alb._empty("RegisterTargets")


def deregister_targets(parameters):
    group, targets = targets_of(parameters)
    if group is None:
        return alb._deregister_targets(parameters)
    arn = group["TargetGroupArn"]
    alb._targets[arn] = [target for target in alb._targets.get(arn, []) if target not in targets]
    return alb._empty("DeregisterTargets")


def targets_of(parameters):
    group = alb._tgs.get(alb._p(parameters, "TargetGroupArn"))
    if group is None:
        return None, []
    return group, [{"Port": group["Port"], **target} for target in alb._parse_targets_param(parameters)]
