"""RunTask really runs the containers' commands. Tasks of services stay what MiniStack makes of them: records.

The states, and what StopTask and an ended container lead to, are in
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
"""

import contextvars
import json
import threading
import time
from datetime import datetime

from ministack.core.concurrency import resource_lock, spawn_background
from ministack.core.responses import error_response_json, get_account_id, get_region, request_scope
from ministack.services import ecs, ecs_metadata

from .engine import CannotStart, Engine
from .programs import program_of

SECONDS_BETWEEN_LOOKS = 0.05
STOCK = {name: getattr(ecs, name) for name in ("_run_task", "_stop_task", "_sanitize", "_resolve_container_secrets")}

engine = Engine()
# MiniStack starts processes where it finds Docker, which is: while RunTask is answered.
docker = contextvars.ContextVar("docker", default=None)
requests = {}
requests_lock = threading.Lock()


def install():
    engine.start()
    ecs._get_docker = docker.get
    ecs._build_run_kwargs = run_arguments
    ecs._run_task_worker = run_and_watch
    ecs._resolve_container_secrets = resolve_secrets
    ecs._sanitize = without_empty
    ecs._ts_to_epoch = to_epoch
    ecs._run_task = ecs._ACTION_MAP["RunTask"] = run_task
    ecs._stop_task = ecs._ACTION_MAP["StopTask"] = stop_task


def run_task(data):
    if is_of_service(data):
        return STOCK["_run_task"](data)
    definition = ecs._task_defs.get(ecs._resolve_td_key(data.get("taskDefinition", "")))
    refused = refusal(data, definition)
    if refused:
        return refused
    data = {"group": f"family:{definition['family']}", **data} if definition else data
    token = data.get("clientToken")
    return run_once(token, data) if token else run(data)


def is_of_service(task):
    return (task.get("group") or "").startswith("service:")


def refusal(data, definition):
    """What ECS refuses and MiniStack does not."""
    if data.get("cluster") and ecs._resolve_cluster_name(data["cluster"]) not in ecs._clusters:
        return error_response_json("ClusterNotFoundException", "Cluster not found.", 400)
    if not definition:
        return None
    if definition["status"] != "ACTIVE":
        return error_response_json("ClientException", "TaskDefinition is inactive", 400)
    if definition["networkMode"] == "awsvpc" and not data.get("networkConfiguration"):
        return error_response_json(
            "InvalidParameterException", "Network Configuration must be provided when networkMode 'awsvpc' is specified.", 400)
    names = [container["name"] for container in definition["containerDefinitions"]]
    for override in (data.get("overrides") or {}).get("containerOverrides") or []:
        if override.get("name") not in names:
            return error_response_json(
                "InvalidParameterException",
                f"Override for container named {override.get('name')} is not a container in the TaskDefinition.", 400)
    return None


def run_once(token, data):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html"""
    key = (get_account_id(), get_region(), ecs._resolve_cluster_name(data.get("cluster", "default")), token)
    with requests_lock:
        if key not in requests:
            answer = run(data)
            if answer[0] != 200:
                return answer
            requests[key] = (data, answer)
        first, answer = requests[key]
    if first == data:
        return answer
    return error_response_json(
        "ConflictException", f"The clientToken {token} is already in use with a different RunTask request.", 400,
        {"resourceIds": [task["taskArn"] for task in json.loads(answer[2])["tasks"]]})


def run(data):
    reset = docker.set(engine)
    try:
        return STOCK["_run_task"](data)
    finally:
        docker.reset(reset)


def run_arguments(container, definition, environment, _ports, _network, _host_mode, _task_id, task_arn, *_):
    region = {"AWS_REGION": get_region(), "AWS_DEFAULT_REGION": get_region()}
    _, program = program_of(container["image"])
    return {
        "task": task_arn,
        "name": container["name"],
        "command": [*(container.get("entryPoint") or []), *(container.get("command") or [])],
        "environment": {**region, **environment},
        "program": program,
        "stop_seconds": container.get("stopTimeout") or 30,
    }


def resolve_secrets(container):
    for secret in container.get("secrets", []):
        if any(secret["valueFrom"].split(":")[8:]):
            raise ecs._SecretResolutionError(f"{secret['valueFrom']}: MiniStack knows no stages and versions of secrets here")
    return STOCK["_resolve_container_secrets"](container)


def run_and_watch(task, definition, overrides, docker_client, account, region):
    with request_scope(account, region):
        try:
            if pull(task, definition):
                ecs._start_task_worker(task, definition, overrides, docker_client)
            watch(task)
        except ecs._SecretResolutionError as error:
            fail(task, "ResourceInitializationError: unable to pull secrets or registry auth: "
                       f"execution resource retrieval failed: {error}")
        except CannotStart as error:
            fail(task, str(error))
        except Exception as error:
            fail(task, f"ResourceInitializationError: {error}")


def pull(task, definition):
    """Answers whether there is something to start; an image may be one that a drill has broken."""
    for container, record in zip(definition["containerDefinitions"], task["containers"], strict=True):
        digest, program = program_of(container["image"])
        if program.get("hangsInProvisioning"):
            return False
        if program.get("neverStarts"):
            raise CannotStart(program["neverStarts"])
        record["imageDigest"] = digest
    return True


def fail(task, reason):
    for record in task["containers"]:
        record["reason"] = reason
    ecs._fail_task_start(task, engine, reason)


def watch(task):
    while ecs._task_is_active(task["taskArn"], task):
        essentials = dict(zip([record["name"] for record in task["containers"]], task["_container_essentials"], strict=True))
        containers = engine.of_task(task["taskArn"])
        record_ends(task, containers)
        ended = [container for container in containers if container.exit_code is not None]
        if any(essentials[container.name] for container in ended) or len(ended) == len(essentials):
            end(task, "Essential container in task exited", "EssentialContainerExited")
            return
        time.sleep(SECONDS_BETWEEN_LOOKS)


def record_ends(task, containers):
    codes = {container.name: container.exit_code for container in containers if container.exit_code is not None}
    with resource_lock("ecs-task", task["taskArn"]):
        for record in task["containers"]:
            if record["name"] in codes:
                record.update(lastStatus="STOPPED", exitCode=codes[record["name"]])


def stop_task(data):
    cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
    task = cluster and ecs._resolve_task(data.get("task", ""), cluster)
    if not task or is_of_service(task):
        return STOCK["_stop_task"](data)
    end(task, data.get("reason") or "Task stopped by user", "UserInitiated")
    return ecs.json_response({"task": ecs._sanitize(task)})


def end(task, reason, code):
    """The task is to stop from now on, and has stopped when its containers have."""
    with resource_lock("ecs-task", task["taskArn"]):
        if not ecs._task_is_active(task["taskArn"], task):
            return
        ecs._bump_task_version(task)
        task.update(desiredStatus="STOPPED", stoppingAt=ecs._iso(), stoppedReason=reason, stopCode=code)
    spawn_background(finish, task, thread_name="ecs-task-end")


def finish(task):
    arn = task["taskArn"]
    containers = engine.of_task(arn)
    task["lastStatus"] = "STOPPING"
    for container in containers:
        container.terminate()
    for container in containers:
        container.stop()
    record_ends(task, containers)
    task["executionStoppedAt"] = ecs._iso()
    with resource_lock("ecs-task", arn):
        for record in task["containers"]:
            record["lastStatus"] = "STOPPED"
        ecs._bump_task_version(task)
        task.update(lastStatus="STOPPED", stoppedAt=ecs._iso())
    ecs_metadata.set_task_status(arn, known_status="STOPPED", desired_status="STOPPED")
    ecs._cleanup_task_resources(task, engine)
    ecs._recount_cluster(ecs._cluster_name_from_arn(task["clusterArn"]))


def without_empty(record):
    """AWS leaves out what it has nothing for."""
    if isinstance(record, dict):
        record = {name: value for name, value in record.items() if value != "" or name not in ("stopCode", "stoppedReason", "startedBy")}
    return STOCK["_sanitize"](record)


def to_epoch(value):
    """MiniStack's own forgets the milliseconds, and with them how long a task ran."""
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
    except (AttributeError, ValueError):
        return value
