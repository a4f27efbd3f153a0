from ministack.services import ec2, ssm

from .api import call, client, tag_specifications
from .cloudformation import Resource, Stock


def publish_images():
    """Names of the newest Amazon Linux that CDK's NAT instances ask for and MiniStack does not know."""
    for kernel in ("kernel-default", "kernel-6.1", "kernel-6.12"):
        for architecture in ("arm64", "x86_64"):
            name = f"/aws/service/ami-amazon-linux-latest/al2023-ami-{kernel}-{architecture}"
            ssm._PUBLIC_AMI_PARAMETERS.setdefault(name, "ami-0c2023a1b2c3d4e5f")


class Vpc(Stock):
    def create(self, context, properties):
        identifier, attributes = super().create(context, properties)
        return identifier, {"CidrBlock": properties["CidrBlock"], **attributes}

    def update(self, context, identifier, old, new):
        identifier, attributes = super().update(context, identifier, old, new)
        return identifier, {"CidrBlock": new["CidrBlock"], **attributes}


class TaggedResource(Resource):
    """Replaced by a change of anything but its tags."""

    def update(self, context, identifier, old, new):
        without_tags = [{name: value for name, value in properties.items() if name != "Tags"} for properties in (old, new)]
        if without_tags[0] != without_tags[1]:
            return self.create(context, new)
        gone = {tag["Key"] for tag in old.get("Tags", [])} - {tag["Key"] for tag in new.get("Tags", [])}
        resource = self.tagged(identifier)
        if gone:
            client("ec2").delete_tags(Resources=[resource], Tags=[{"Key": key} for key in gone])
        if new.get("Tags"):
            client("ec2").create_tags(Resources=[resource], Tags=new["Tags"])
        return identifier, self.attributes(identifier)

    def tagged(self, identifier):
        return identifier

    def attributes(self, identifier):
        raise NotImplementedError


class ElasticIp(TaggedResource):
    def create(self, context, properties):
        answer = call("ec2", "AllocateAddress", properties, leave_out=["Tags", "InstanceId"],
                      **tag_specifications(properties, "elastic-ip"))
        if properties.get("InstanceId"):
            client("ec2").associate_address(AllocationId=answer["AllocationId"], InstanceId=properties["InstanceId"])
        return answer["PublicIp"], self.attributes(answer["PublicIp"])

    def delete(self, identifier, properties):
        client("ec2").release_address(AllocationId=self.tagged(identifier))

    def tagged(self, identifier):
        return client("ec2").describe_addresses(PublicIps=[identifier])["Addresses"][0]["AllocationId"]

    def attributes(self, identifier):
        return {"AllocationId": self.tagged(identifier), "PublicIp": identifier}


class NatGateway(TaggedResource):
    def create(self, context, properties):
        answer = call("ec2", "CreateNatGateway", properties, leave_out=["Tags"],
                      **tag_specifications(properties, "natgateway"))
        identifier = answer["NatGateway"]["NatGatewayId"]
        return identifier, self.attributes(identifier)

    def delete(self, identifier, properties):
        client("ec2").delete_nat_gateway(NatGatewayId=identifier)

    def attributes(self, identifier):
        return {"NatGatewayId": identifier}


class FlowLog(TaggedResource):
    def create(self, context, properties):
        answer = call("ec2", "CreateFlowLogs", properties, leave_out=["Tags", "ResourceId"],
                      ResourceIds=[properties["ResourceId"]],
                      **tag_specifications(properties, "vpc-flow-log"))
        if answer.get("Unsuccessful"):
            raise ValueError(answer["Unsuccessful"][0]["Error"]["Message"])
        identifier = answer["FlowLogIds"][0]
        return identifier, self.attributes(identifier)

    def delete(self, identifier, properties):
        client("ec2").delete_flow_logs(FlowLogIds=[identifier])

    def attributes(self, identifier):
        return {"Id": identifier}


class SecurityGroupRule(Resource):
    direction = ""
    peer = ""

    def create(self, context, properties):
        self.request("authorize", properties)
        return context.name(), {"Id": context.name()}

    def update(self, context, identifier, old, new):
        self.request("revoke", old)
        self.request("authorize", new)
        return identifier, {"Id": identifier}

    def delete(self, identifier, properties):
        self.request("revoke", properties)

    def request(self, verb, properties):
        method = getattr(client("ec2"), f"{verb}_security_group_{self.direction}")
        method(GroupId=properties["GroupId"], IpPermissions=[self.permission(properties)])

    def permission(self, properties):
        permission = {"IpProtocol": str(properties["IpProtocol"])}
        permission.update({port: int(properties[port]) for port in ("FromPort", "ToPort") if port in properties})
        peers = {
            "CidrIp": ("IpRanges", "CidrIp"),
            "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
            f"{self.peer}PrefixListId": ("PrefixListIds", "PrefixListId"),
            f"{self.peer}SecurityGroupId": ("UserIdGroupPairs", "GroupId"),
        }
        name = next(name for name in peers if properties.get(name))
        list_name, member = peers[name]
        description = {"Description": properties["Description"]} if properties.get("Description") else {}
        return {**permission, list_name: [{member: properties[name], **description}]}


class SecurityGroupIngress(SecurityGroupRule):
    direction = "ingress"
    peer = "Source"


class SecurityGroupEgress(SecurityGroupRule):
    direction = "egress"
    peer = "Destination"


class Instance(TaggedResource):
    """Only a record: it boots nothing and forwards no packet."""

    def create(self, context, properties):
        answer = call("ec2", "RunInstances", properties, MinCount=1, MaxCount=1,
                      leave_out=["Tags", "SourceDestCheck", "IamInstanceProfile", "Monitoring", "AvailabilityZone",
                                 "PropagateTagsToVolumeOnCreation"],
                      **tag_specifications(properties, "instance"))
        identifier = answer["Instances"][0]["InstanceId"]
        if "SourceDestCheck" in properties:
            # MiniStack has no ModifyInstanceAttribute.
            ec2._instances[identifier]["SourceDestCheck"] = str(properties["SourceDestCheck"]).lower() == "true"
        return identifier, self.attributes(identifier)

    def delete(self, identifier, properties):
        client("ec2").terminate_instances(InstanceIds=[identifier])

    def attributes(self, identifier):
        instance = client("ec2").describe_instances(InstanceIds=[identifier])["Reservations"][0]["Instances"][0]
        return {
            "InstanceId": identifier,
            "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
            "PrivateIp": instance.get("PrivateIpAddress", ""),
            "PublicIp": instance.get("PublicIpAddress", ""),
            "PrivateDnsName": instance.get("PrivateDnsName", ""),
            "PublicDnsName": instance.get("PublicDnsName", ""),
        }
