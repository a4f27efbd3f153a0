"""AWS Config and CloudTrail by MiniStack's own APIs; what has no API there is compared with the API's model and recorded."""

import json

from botocore.validate import ParamValidator
from ministack.services import config

from .api import call, client, translate
from .cloudformation import Recorded, Resource


class ConfigurationRecorder(Resource):
    """CloudFormation starts it once there is a channel. An account has one in a region, which MiniStack does not know."""

    def create(self, context, properties):
        api = client("config")
        if api.describe_configuration_recorders()["ConfigurationRecorders"]:
            raise ValueError("MaxNumberOfConfigurationRecordersExceededException: the account has a recorder")
        name = properties.get("Name") or context.name()
        call("config", "PutConfigurationRecorder", {"ConfigurationRecorder": {**properties, "Name": name}})
        if api.describe_delivery_channels()["DeliveryChannels"]:
            api.start_configuration_recorder(ConfigurationRecorderName=name)
        return name, {"Id": name}

    def update(self, context, identifier, old, new):
        call("config", "PutConfigurationRecorder", {"ConfigurationRecorder": {**new, "Name": identifier}})
        return identifier, {"Id": identifier}

    def delete(self, identifier, properties):
        # MiniStack's API cannot delete one, nor a channel.
        config._recorders.pop(identifier, None)


class DeliveryChannel(Resource):
    def create(self, context, properties):
        name = properties.get("Name") or context.name()
        call("config", "PutDeliveryChannel", {"DeliveryChannel": {**properties, "Name": name}})
        for recorder in client("config").describe_configuration_recorders()["ConfigurationRecorders"]:
            client("config").start_configuration_recorder(ConfigurationRecorderName=recorder["name"])
        return name, {"Id": name}

    def delete(self, identifier, properties):
        config._delivery_channels.pop(identifier, None)


class ConfigRule(Resource):
    def create(self, context, properties):
        api = client("config")
        if not api.describe_configuration_recorders()["ConfigurationRecorders"]:
            raise ValueError("NoAvailableConfigurationRecorderException: there is no recorder")
        name = properties.get("ConfigRuleName") or context.name(128)
        call("config", "PutConfigRule", {"ConfigRule": {**properties, "ConfigRuleName": name}})
        [rule] = api.describe_config_rules(ConfigRuleNames=[name])["ConfigRules"]
        return name, {"Arn": rule["ConfigRuleArn"], "ConfigRuleId": rule["ConfigRuleId"]}

    def delete(self, identifier, properties):
        client("config").delete_config_rule(ConfigRuleName=identifier)


class ConformancePack(Resource):
    """Its rules, with the end that AWS adds to their names: MiniStack knows no packs."""

    END = "-conformance-pack-emulated"

    def create(self, context, properties):
        for rule in self.rules(properties):
            call("config", "PutConfigRule", {"ConfigRule": {**rule, "ConfigRuleName": rule["ConfigRuleName"] + self.END}})
        return properties["ConformancePackName"], {}

    def update(self, context, identifier, old, new):
        self.delete(identifier, old)
        return self.create(context, new)

    def delete(self, identifier, properties):
        for rule in self.rules(properties):
            client("config").delete_config_rule(ConfigRuleName=rule["ConfigRuleName"] + self.END)

    @staticmethod
    def rules(properties):
        return [resource["Properties"] for resource in json.loads(properties["TemplateBody"])["Resources"].values()]


class Trail(Resource):
    def create(self, context, properties):
        name = properties.get("TrailName") or context.name(128)
        trail = call("cloudtrail", "CreateTrail", properties, leave_out=["IsLogging", "TrailName"], Name=name)
        if str(properties["IsLogging"]).lower() == "true":
            client("cloudtrail").start_logging(Name=name)
        return name, {"Arn": trail["TrailARN"]}

    def delete(self, identifier, properties):
        client("cloudtrail").delete_trail(Name=identifier)


class Modelled(Recorded):
    """Nothing stands behind the resource, but its properties make a request that the service's API would take."""

    service = ""
    operation = ""

    def create(self, context, properties):
        self.check(self.request(context, properties))
        return super().create(context, properties)

    def request(self, context, properties):
        return properties

    def check(self, properties):
        shape = client(self.service).meta.service_model.operation_model(self.operation).input_shape
        request = translate(shape, properties, self.operation)
        report = ParamValidator().validate(request, shape)
        if report.has_errors():
            raise ValueError(f"{self.operation}: {report.generate_report()}")
        check_enums(shape, request, self.operation)


def check_enums(shape, value, path):
    if shape.type_name == "structure":
        for name, inner in value.items():
            check_enums(shape.members[name], inner, f"{path}.{name}")
    elif shape.type_name == "list":
        for inner in value:
            check_enums(shape.member, inner, path)
    elif getattr(shape, "enum", None) and value not in shape.enum:
        raise ValueError(f"{path} takes {', '.join(shape.enum)}, and got {value}")


class Detector(Modelled):
    service, operation = "guardduty", "CreateDetector"


class Hub(Modelled):
    service, operation = "securityhub", "EnableSecurityHub"

    def request(self, context, properties):
        # A setting that the API has in another call.
        return {name: value for name, value in properties.items() if name != "AutoEnableControls"}


class Standard(Modelled):
    service, operation = "securityhub", "BatchEnableStandards"

    def request(self, context, properties):
        return {"StandardsSubscriptionRequests": [properties]}


class Analyzer(Modelled):
    service, operation = "accessanalyzer", "CreateAnalyzer"

    def request(self, context, properties):
        return {"analyzerName": context.name(), **properties}


class RegistryScanningConfiguration(Modelled):
    service, operation = "ecr", "PutRegistryScanningConfiguration"
