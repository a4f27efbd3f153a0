"""AWS WAF. Made by its API, which knows properties and types; MiniStack's own row keeps any JSON."""

import base64
import json

from ministack.services import cloudfront, waf

from .api import call, client, get_account_id, get_region
from .cloudformation import Resource

# What MiniStack forgets of a web ACL.
KEPT = ("AssociationConfig", "CaptchaConfig", "ChallengeConfig", "CustomResponseBodies", "DataProtectionConfig", "TokenDomains")
LOGGING = {}


def install():
    """Lets the API keep all of a web ACL, and where it logs."""
    create, update, handle = waf.create_web_acl_record, waf._update_web_acl, waf.handle_request

    def create_record(name, scope, properties):
        identifier, arn, record = create(name, scope, properties)
        record.update({key: properties[key] for key in KEPT if key in properties})
        record["LabelNamespace"] = f"awswaf:{get_account_id()}:webacl:{name}:"
        return identifier, arn, record

    def update_record(data):
        answer = update(data)
        if answer[0] == 200:
            record = waf._resource_from_scope(waf._web_acls, data["Id"], data["Scope"])
            for key in KEPT:
                record.pop(key, None)
            record.update({key: data[key] for key in (*KEPT, "Description") if key in data})
        return answer

    async def handle_with_logging(method, path, headers, body, query):
        action = headers.get("x-amz-target", "").split(".")[-1]
        if action in LOGGING_ACTIONS:
            return LOGGING_ACTIONS[action](json.loads(body or "{}"))
        return await handle(method, path, headers, body, query)

    waf.create_web_acl_record, waf._update_web_acl, waf.handle_request = create_record, update_record, handle_with_logging


def put_logging(data):
    configuration = data["LoggingConfiguration"]
    arn = configuration["ResourceArn"]
    _, error = waf._resolve_local_web_acl(arn)
    if error:
        return error
    for destination in configuration["LogDestinationConfigs"]:
        _, _, service, region, _, resource = destination.split(":", 5)
        name = resource.split(":")[1] if service == "logs" else resource.split("/")[-1]
        if not name.startswith("aws-waf-logs-") or (region and region != arn.split(":")[3]):
            return waf._waf_err("WAFInvalidParameterException", f"Error reason: The ARN isn't valid. A valid ARN begins with arn: and includes other "
                                f"information separated by colons or slashes., field: LOG_DESTINATION, parameter: {destination}")
    LOGGING[(get_account_id(), arn)] = configuration
    return waf.json_response({"LoggingConfiguration": configuration})


def get_logging(data):
    configuration = LOGGING.get((get_account_id(), data["ResourceArn"]))
    if configuration is None:
        return waf._waf_err("WAFNonexistentItemException", "AWS WAF couldn’t perform the operation because your resource doesn’t exist.")
    return waf.json_response({"LoggingConfiguration": configuration})


def delete_logging(data):
    LOGGING.pop((get_account_id(), data["ResourceArn"]), None)
    return waf.json_response({})


LOGGING_ACTIONS = {"PutLoggingConfiguration": put_logging, "GetLoggingConfiguration": get_logging, "DeleteLoggingConfiguration": delete_logging}


class Set(Resource):
    """What is created with a name, an id and a scope, and updated with a lock."""

    kind = ""
    fixed = ("Name", "Scope", "Tags")

    def create(self, context, properties):
        check_scope(properties["Scope"])
        properties = {**words(properties), "Name": properties.get("Name") or context.name(128)}
        summary = call("wafv2", f"Create{self.kind}", properties)["Summary"]
        return f"{summary['Name']}|{summary['Id']}|{properties['Scope']}", self.attributes(summary)

    def update(self, context, identifier, old, new):
        if (old.get("Name"), old["Scope"]) != (new.get("Name"), new["Scope"]):
            return self.create(context, new)
        address, found = self.find(identifier)
        given = {name: value for name, value in words(new).items() if name not in self.fixed}
        call("wafv2", f"Update{self.kind}", given, **address, LockToken=found["LockToken"])
        return identifier, self.attributes(found[self.kind])

    def delete(self, identifier, properties):
        address, found = self.find(identifier)
        self.refuse_if_used(found[self.kind])
        call("wafv2", f"Delete{self.kind}", {}, **address, LockToken=found["LockToken"])

    def find(self, identifier):
        name, uid, scope = identifier.split("|")
        address = {"Name": name, "Id": uid, "Scope": scope}
        return address, call("wafv2", f"Get{self.kind}", {}, **address)

    def attributes(self, record):
        return {"Arn": record["ARN"], "Id": record["Id"]}

    def refuse_if_used(self, record):
        for acl in waf._web_acls._data.values():
            if record["ARN"] in json.dumps(acl["Rules"]):
                raise ValueError(f"WAFAssociatedItemException: the web ACL {acl['Name']} refers to {record['ARN']}")


class IpSet(Set):
    kind = "IPSet"
    fixed = ("Name", "Scope", "Tags", "IPAddressVersion")


class RegexPatternSet(Set):
    kind = "RegexPatternSet"

    def create(self, context, properties):
        return super().create(context, expressions(properties))

    def update(self, context, identifier, old, new):
        return super().update(context, identifier, old, expressions(new))


def expressions(properties):
    return {**properties, "RegularExpressionList": [{"RegexString": text} for text in properties["RegularExpressionList"]]}


class WebAcl(Set):
    kind = "WebACL"

    def attributes(self, record):
        return {**super().attributes(record), "Capacity": 0, "LabelNamespace": f"awswaf:{get_account_id()}:webacl:{record['Name']}:"}

    def refuse_if_used(self, record):
        associated = [resource for resource, acl in waf._associations.items() if acl == record["ARN"]]
        distributions = [identifier for identifier, each in cloudfront._distributions.items() if record["ARN"] in each["config_xml"]]
        users = associated + distributions
        if users:
            raise ValueError("WAFAssociatedItemException: AWS WAF couldn’t perform the operation because your resource is being used by another "
                             f"resource or it’s associated with another resource: {users}")


def check_scope(scope):
    if scope == "CLOUDFRONT" and get_region() != waf.CLOUDFRONT_HOME_REGION:
        raise ValueError("WAFInvalidParameterException: Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT")


def words(value):
    """CloudFormation has texts where the API has bytes."""
    if isinstance(value, list):
        return [words(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    result = {name: words(inner) for name, inner in value.items()}
    if "SearchStringBase64" in result:
        result["SearchString"] = base64.b64decode(result.pop("SearchStringBase64"))
    return result


class WebAclAssociation(Resource):
    def create(self, context, properties):
        resource = properties["ResourceArn"]
        if ":loadbalancer/" in resource:
            client("elbv2").describe_load_balancers(LoadBalancerArns=[resource])
        if "/webacl/" not in properties["WebACLArn"] or ":regional/" not in properties["WebACLArn"]:
            raise ValueError(f"WAFInvalidParameterException: {properties['WebACLArn']} is no regional web ACL")
        call("wafv2", "AssociateWebACL", properties)
        return f"{resource}|{properties['WebACLArn']}", {}

    def update(self, context, identifier, old, new):
        if old == new:
            return identifier, {}
        return self.create(context, new)

    def delete(self, identifier, properties):
        resource, _, acl = identifier.rpartition("|")
        # After a replacement the resource may have the next one already.
        if waf._associations.get(resource) == acl:
            client("wafv2").disassociate_web_acl(ResourceArn=resource)


class LoggingConfiguration(Resource):
    def create(self, context, properties):
        call("wafv2", "PutLoggingConfiguration", {}, LoggingConfiguration=properties)
        return properties["ResourceArn"], {"ManagedByFirewallManager": False}

    def delete(self, identifier, properties):
        client("wafv2").delete_logging_configuration(ResourceArn=identifier)
