"""Lets listeners and rules forward to several target groups by weight: MiniStack keeps the first of them only."""

from ministack.services import alb
from ministack.services.cloudformation import provisioners

STOCK = {"parse": alb._parse_actions, "xml": alb._action_xml, "properties": provisioners._elbv2_listener_actions}


def install():
    alb._parse_actions = parse_actions
    alb._action_xml = action_xml
    provisioners._elbv2_listener_actions = actions_of_properties


def parse_actions(parameters, prefix="DefaultActions"):
    actions = STOCK["parse"](parameters, prefix)
    return [with_groups(action, groups_of_request(parameters, f"{prefix}.member.{index}.ForwardConfig.TargetGroups"))
            for index, action in enumerate(actions, start=1)]


def groups_of_request(parameters, prefix):
    groups = []
    while arn := alb._p(parameters, f"{prefix}.member.{len(groups) + 1}.TargetGroupArn"):
        groups.append((arn, alb._p(parameters, f"{prefix}.member.{len(groups) + 1}.Weight", "1")))
    return groups


def actions_of_properties(properties, balancer, prop="DefaultActions"):
    actions = STOCK["properties"](properties, balancer, prop)
    configured = [(action.get("ForwardConfig") or {}).get("TargetGroups", []) for action in properties.get(prop) or []]
    return [with_groups(action, [(group["TargetGroupArn"], group.get("Weight", 1)) for group in groups])
            for action, groups in zip(actions, configured, strict=True)]


def with_groups(action, groups):
    single = action.get("TargetGroupArn")
    if action["Type"] != "forward" or not (groups or single):
        return action
    groups = groups or [(single, 1)]
    action = {name: value for name, value in action.items() if name != "TargetGroupArn"}
    action["Groups"] = [{"TargetGroupArn": arn, "Weight": int(weight)} for arn, weight in groups]
    # Of several groups, AWS answers none as the target group.
    return {**action, "TargetGroupArn": groups[0][0]} if len(groups) == 1 else action


def action_xml(action):
    groups = "".join(
        f"<member><TargetGroupArn>{group['TargetGroupArn']}</TargetGroupArn><Weight>{group['Weight']}</Weight></member>"
        for group in action.get("Groups", []))
    xml = STOCK["xml"](action)
    if not groups:
        return xml
    return xml.replace("</member>", f"<ForwardConfig><TargetGroups>{groups}</TargetGroups></ForwardConfig></member>")
