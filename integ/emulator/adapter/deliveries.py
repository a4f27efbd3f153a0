"""Deliveries of logs, which CloudFront's access logs are: three parts in us-east-1."""

from .api import call, client
from .cloudformation import Resource


class DeliverySource(Resource):
    def create(self, context, properties):
        source = call("logs", "PutDeliverySource", properties, leave_out=["Tags"], **tags(properties))["deliverySource"]
        return source["name"], {"Arn": source["arn"], "Service": source["service"], "ResourceArns": source["resourceArns"]}

    def delete(self, identifier, properties):
        client("logs").delete_delivery_source(name=identifier)


class DeliveryDestination(Resource):
    def create(self, context, properties):
        resource = properties.get("DestinationResourceArn")
        target = {"deliveryDestinationConfiguration": {"destinationResourceArn": resource}} if resource else {}
        leave_out = ["Tags", "DestinationResourceArn", "DeliveryDestinationPolicy"]
        destination = call("logs", "PutDeliveryDestination", properties, leave_out=leave_out, **target, **tags(properties))["deliveryDestination"]
        return destination["name"], {"Arn": destination["arn"]}

    def delete(self, identifier, properties):
        client("logs").delete_delivery_destination(name=identifier)


class Delivery(Resource):
    def create(self, context, properties):
        to_s3 = {"S3SuffixPath": "suffixPath", "S3EnableHiveCompatiblePath": "enableHiveCompatiblePath"}
        paths = {new: properties[name] for name, new in to_s3.items() if name in properties}
        extra = {"s3DeliveryConfiguration": paths} if paths else {}
        delivery = call("logs", "CreateDelivery", properties, leave_out=["Tags", *to_s3], **extra, **tags(properties))["delivery"]
        return delivery["id"], {"Arn": delivery["arn"], "DeliveryId": delivery["id"], "DeliveryDestinationType": delivery["deliveryDestinationType"]}

    def update(self, context, identifier, old, new):
        if old == new:
            found = client("logs").get_delivery(id=identifier)["delivery"]
            return identifier, {"Arn": found["arn"], "DeliveryId": identifier, "DeliveryDestinationType": found["deliveryDestinationType"]}
        # One delivery only between a source and a destination.
        self.delete(identifier, old)
        return self.create(context, new)

    def delete(self, identifier, properties):
        api = client("logs")
        if any(delivery["id"] == identifier for delivery in api.describe_deliveries()["deliveries"]):
            api.delete_delivery(id=identifier)


def tags(properties):
    # MiniStack's CloudFormation adds tags of its own, and its APIs refuse their names.
    own = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", []) if not tag["Key"].startswith("aws:")}
    return {"tags": own} if own else {}
