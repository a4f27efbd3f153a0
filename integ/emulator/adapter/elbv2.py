import json

from ministack.services import alb, ec2, eventbridge

from .api import client
from .cloudformation import Stock

# What DescribeNetworkInterfaces can be asked for. MiniStack's own answers all of them, whatever the filter.
FILTERS = {
    "description": lambda interface: [interface["Description"]],
    "group-id": lambda interface: [group["GroupId"] for group in interface["Groups"]],
    "network-interface-id": lambda interface: [interface["NetworkInterfaceId"]],
    "private-ip-address": lambda interface: [interface["PrivateIpAddress"]],
    "status": lambda interface: [interface["Status"]],
    "subnet-id": lambda interface: [interface["SubnetId"]],
    "vpc-id": lambda interface: [interface["VpcId"]],
}


def install():
    describe = ec2._describe_network_interfaces

    def describe_filtered(parameters):
        filters = ec2._parse_filters(parameters)
        if not filters:
            return describe(parameters)
        unknown = filters.keys() - FILTERS.keys()
        if unknown:
            return ec2._error("InvalidParameterValue", f"The filters {sorted(unknown)} are not known here", 400)
        found = [interface["NetworkInterfaceId"] for interface in ec2._network_interfaces.values() if matches(interface, filters)]
        named = ec2._parse_member_list(parameters, "NetworkInterfaceId")
        identifiers = [identifier for identifier in found if not named or identifier in named] or ["none"]
        return describe({f"NetworkInterfaceId.{index}": [identifier] for index, identifier in enumerate(identifiers, start=1)})

    ec2._ACTION_MAP["DescribeNetworkInterfaces"] = describe_filtered


def matches(interface, filters):
    return all(
        any(ec2._glob_match(pattern, value) for pattern in patterns for value in FILTERS[name](interface))
        for name, patterns in filters.items())


class LoadBalancer(Stock):
    """Has a network interface, from whose address its requests come. AWS makes one for each zone."""

    def create(self, context, properties):
        identifier, attributes = super().create(context, properties)
        attach_interface(identifier, properties)
        if properties.get("Scheme") == "internal":
            # Who is inside the network asks for its name, and is on this machine.
            alb._lbs[identifier]["DNSName"] = attributes["DNSName"] = "localhost"
        return identifier, attributes

    def update(self, context, identifier, old, new):
        balancer, attributes = super().update(context, identifier, old, new)
        if not interfaces(balancer):
            attach_interface(balancer, new)
        return balancer, attributes

    def delete(self, identifier, properties):
        super().delete(identifier, properties)
        for interface in interfaces(identifier):
            client("ec2").delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])


def attach_interface(balancer, properties):
    subnets = properties.get("Subnets") or [mapping["SubnetId"] for mapping in properties.get("SubnetMappings", [])]
    interface = client("ec2").create_network_interface(
        SubnetId=subnets[0], Groups=properties.get("SecurityGroups", []), Description=description(balancer))["NetworkInterface"]
    ec2._network_interfaces[interface["NetworkInterfaceId"]].update({"PrivateIpAddress": "127.0.0.1", "Status": "in-use"})


def interfaces(balancer):
    filters = [{"Name": "description", "Values": [description(balancer)]}]
    return client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]


def description(balancer):
    return f"ELB {balancer.split(':loadbalancer/')[1]}"


class ListenerRule(Stock):
    """CloudFormation tells EventBridge of each change, on the way back too."""

    def update(self, context, identifier, old, new):
        answer = super().update(context, identifier, old, new)
        stack = client("cloudformation").describe_stacks(StackName=context.stack)["Stacks"][0]
        eventbridge._put_events({"Entries": [{
            "Source": "aws.cloudformation",
            "DetailType": "CloudFormation Resource Status Change",
            "Detail": json.dumps({
                "stack-id": stack["StackId"],
                "logical-resource-id": context.logical_id,
                "physical-resource-id": identifier,
                "status-details": {"status": "UPDATE_COMPLETE", "status-reason": ""},
                "resource-type": "AWS::ElasticLoadBalancingV2::ListenerRule",
            }),
        }]}, allow_aws_source=True)
        return answer
