"""Certificates and DNS."""

from ministack.services import cloudfront, route53
from ministack.services.cloudformation import provisioners

from .api import call, client
from .cloudformation import Resource, Stock


class Certificate(Stock):
    """Issued at once. MiniStack takes any zone for its validation, and deletes certificates that are in use."""

    def create(self, context, properties):
        for option in properties.get("DomainValidationOptions", []):
            if option.get("HostedZoneId"):
                client("route53").get_hosted_zone(Id=option["HostedZoneId"])
        return super().create(context, properties)

    def delete(self, identifier, properties):
        for distribution, record in cloudfront._distributions.items():
            if identifier in record["config_xml"]:
                raise ValueError(f"ResourceInUseException: Certificate {identifier} is in use by the distribution {distribution}")
        super().delete(identifier, properties)


class HostedZone(Stock):
    def delete(self, identifier, properties):
        own = [record for record in route53._records.get(identifier, []) if record["Type"] not in ("NS", "SOA")]
        if own:
            raise ValueError("HostedZoneNotEmpty: The specified hosted zone contains non-required resource record sets and so cannot be deleted: "
                             f"{[(record['Name'], record['Type']) for record in own]}")
        super().delete(identifier, properties)


class RecordSetGroup(Resource):
    def create(self, context, properties):
        for record in records(properties):
            provisioners._r53_record_set_create(context.logical_id, record, context.stack)
        return context.name(), {}

    def update(self, context, identifier, old, new):
        for record in records(old):
            provisioners._r53_record_set_delete(identifier, record)
        for record in records(new):
            provisioners._r53_record_set_create(context.logical_id, record, context.stack)
        return identifier, {}

    def delete(self, identifier, properties):
        for record in records(properties):
            provisioners._r53_record_set_delete(identifier, record)


def records(properties):
    zone = {name: properties[name] for name in ("HostedZoneId", "HostedZoneName") if name in properties}
    return [{**zone, **record} for record in properties.get("RecordSets", [])]


class HealthCheck(Resource):
    """Nothing is asked by it."""

    def create(self, context, properties):
        answer = call("route53", "CreateHealthCheck", properties, leave_out=("HealthCheckTags",), CallerReference=context.name(64))
        return answer["HealthCheck"]["Id"], {"HealthCheckId": answer["HealthCheck"]["Id"]}

    def update(self, context, identifier, old, new):
        return self.create(context, new)

    def delete(self, identifier, properties):
        client("route53").delete_health_check(HealthCheckId=identifier)
