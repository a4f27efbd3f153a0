"""Limits of Parameter Store that MiniStack lets pass: nothing may work here that Systems Manager refuses.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
"""

from ministack.core.responses import error_response_json
from ministack.services import ssm

MAXIMUM_NAMES = 10
MAXIMUM_BYTES = {"Standard": 4096, "Advanced": 8192, "Intelligent-Tiering": 8192}


def install():
    refuse("_put_parameter", problem_of_value)
    refuse("_get_parameters", problem_of_names)
    refuse("_delete_parameters", problem_of_names)
    refuse("_list_tags_for_resource", problem_of_resource, "InvalidResourceId")


def refuse(operation, find_problem, error="ValidationException"):
    original = getattr(ssm, operation)

    def checked(data):
        problem = find_problem(data)
        return error_response_json(error, problem, 400) if problem else original(data)

    setattr(ssm, operation, checked)


def problem_of_value(data):
    tier = data.get("Tier") or "Standard"
    size = len(data.get("Value", "").encode())
    if size == 0:
        return "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1."
    if size > MAXIMUM_BYTES[tier]:
        return f"{tier} tier parameters support a maximum parameter value of {MAXIMUM_BYTES[tier]} characters."
    return None


def problem_of_names(data):
    if 1 <= len(data.get("Names", [])) <= MAXIMUM_NAMES:
        return None
    return f"1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length less than or equal to {MAXIMUM_NAMES}."


def problem_of_resource(data):
    name = data.get("ResourceId", "")
    if data.get("ResourceType", "Parameter") != "Parameter" or name in ssm._parameters:
        return None
    return f"The resource ID {name} is not valid. Verify the ID and try again."
