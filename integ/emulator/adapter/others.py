"""Types of services with one type each."""

from .api import call, client, get_account_id, get_region
from .cloudformation import Resource, Stock


class OidcProvider(Resource):
    def create(self, context, properties):
        arn = call("iam", "CreateOpenIDConnectProvider", properties)["OpenIDConnectProviderArn"]
        return arn, {"Arn": arn}

    def update(self, context, identifier, old, new):
        if old["Url"] != new["Url"]:
            return self.create(context, new)
        self.delete(identifier, old)
        return self.create(context, new)

    def delete(self, identifier, properties):
        client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=identifier)


class Alarm(Stock):
    """MiniStack refuses alarms on a metric expression; this records them, and its API answers them without it."""

    def create(self, context, properties):
        if "Metrics" not in properties:
            return super().create(context, properties)
        name = properties.get("AlarmName") or context.name(255)
        call("cloudwatch", "PutMetricAlarm", {**properties, "AlarmName": name})
        return name, alarm_attributes(name)

    def update(self, context, identifier, old, new):
        if "Metrics" in new:
            return self.create(context, new)
        return super().update(context, identifier, old, new)


class CompositeAlarm(Resource):
    def create(self, context, properties):
        name = properties.get("AlarmName") or context.name(255)
        call("cloudwatch", "PutCompositeAlarm", {**properties, "AlarmName": name})
        return name, alarm_attributes(name)

    def delete(self, identifier, properties):
        client("cloudwatch").delete_alarms(AlarmNames=[identifier])


def alarm_attributes(name):
    return {"Arn": f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}"}
