"""`Fn::GetStackOutput`, which MiniStack looks for in the stack's own region only.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
"""

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, handlers, stacks

from .api import get_account_id, get_region

FUNCTION = "Fn::GetStackOutput"


def install():
    resolve = engine._resolve_refs

    def resolve_with_outputs(value, *surroundings):
        if not (isinstance(value, dict) and value.keys() == {FUNCTION}):
            return resolve(value, *surroundings)
        return output(resolve_with_outputs(value[FUNCTION], *surroundings))

    for module in (engine, changesets, handlers, stacks):
        module._resolve_refs = resolve_with_outputs


def output(reference):
    name, region = reference["StackName"], reference.get("Region") or get_region()
    # A role is for stacks of other accounts; there is one account here, and everybody may read.
    stack = cloudformation._stacks.get_scoped(get_account_id(), region, name)
    if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
        raise ValueError(f"Template error: {FUNCTION}: there is no stack {name} in {region}")
    values = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    if reference["OutputName"] not in values:
        raise ValueError(f"Template error: {FUNCTION}: the stack {name} in {region} has no output {reference['OutputName']}")
    return values[reference["OutputName"]]
