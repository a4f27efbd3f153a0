"""CloudFront. MiniStack takes any configuration of a distribution; here it refers to what is there, as on AWS."""

from ministack.services import cloudfront, cloudfront_keyvaluestore

from .api import call, client, client_of, get_account_id
from .cloudformation import Resource, Stock

EDGE_REGION = "us-east-1"
FUNCTION_BYTES = 10 * 1024


class Distribution(Stock):
    def create(self, context, properties):
        check(properties["DistributionConfig"])
        return super().create(context, properties)

    def update(self, context, identifier, old, new):
        check(new["DistributionConfig"], identifier)
        return super().update(context, identifier, old, new)


def check(config, distribution=None):
    check_names(config, distribution)
    check_firewall(config.get("WebACLId"))
    origins = {origin["Id"] for origin in config["Origins"]}
    for origin in config["Origins"]:
        check_origin(origin)
    behaviors = [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", [])]
    for behavior in behaviors:
        check_behavior(behavior, origins)
    patterns = [behavior["PathPattern"] for behavior in behaviors[1:]]
    if len(set(patterns)) < len(patterns):
        raise ValueError(f"InvalidArgument: The parameter PathPattern contains duplicates: {patterns}")
    check_log_bucket(config.get("Logging", {}).get("Bucket"))


def check_names(config, distribution):
    aliases = config.get("Aliases", [])
    arn = config.get("ViewerCertificate", {}).get("AcmCertificateArn")
    names = certificate_names(arn) if arn else []
    for alias in aliases:
        if not any(covers(name, alias) for name in names):
            raise ValueError(
                "InvalidViewerCertificate: To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted "
                f"certificate that validates your authorization to use the domain name: {alias} is not among {names}")
    for identifier, other in cloudfront._distributions.items():
        if identifier != distribution and set(aliases) & set(cloudfront._get_distribution_aliases(other)):
            raise ValueError("CNAMEAlreadyExists: One or more of the CNAMEs you provided are already associated with a different resource.")


def certificate_names(arn):
    found = None
    if arn.split(":")[3] == EDGE_REGION:
        certificates = client_of("acm", get_account_id(), EDGE_REGION).list_certificates()["CertificateSummaryList"]
        found = next((certificate for certificate in certificates if certificate["CertificateArn"] == arn), None)
    if found is None:
        raise ValueError(
            f"InvalidViewerCertificate: The specified SSL certificate doesn't exist, isn't in {EDGE_REGION} region, isn't valid, or doesn't "
            "include a valid certificate chain.")
    certificate = client_of("acm", get_account_id(), EDGE_REGION).describe_certificate(CertificateArn=arn)["Certificate"]
    return [certificate["DomainName"], *certificate.get("SubjectAlternativeNames", [])]


def covers(name, alias):
    return alias == name or (name.startswith("*.") and alias.partition(".")[2] == name[2:])


def check_firewall(arn):
    if not arn:
        return
    _, _, _, region, _, resource = arn.split(":", 5)
    scope, _, name, identifier = resource.split("/")
    if region != EDGE_REGION or scope != "global":
        raise ValueError(f"InvalidWebACLId: Web ACL is not of the scope CLOUDFRONT: {arn}")
    client_of("wafv2", get_account_id(), EDGE_REGION).get_web_acl(Name=name, Id=identifier, Scope="CLOUDFRONT")


def check_origin(origin):
    if origin.get("OriginAccessControlId"):
        client("cloudfront").get_origin_access_control(Id=origin["OriginAccessControlId"])
    if origin.get("VpcOriginConfig"):
        client("cloudfront").get_vpc_origin(Id=origin["VpcOriginConfig"]["VpcOriginId"])
    path = origin.get("OriginPath")
    if path and not (path.startswith("/") and not path.endswith("/")):
        raise ValueError(f"InvalidArgument: The parameter origin path must begin with / and not end with it: {path}")


def check_behavior(behavior, origins):
    if behavior["TargetOriginId"] not in origins:
        raise ValueError(f"NoSuchOrigin: One or more of your origins or origin groups do not exist: {behavior['TargetOriginId']}")
    api = client("cloudfront")
    for name, get in (("CachePolicyId", api.get_cache_policy), ("OriginRequestPolicyId", api.get_origin_request_policy),
                      ("ResponseHeadersPolicyId", api.get_response_headers_policy)):
        if behavior.get(name):
            get(Id=behavior[name])
    for association in behavior.get("FunctionAssociations", []):
        api.describe_function(Name=association["FunctionARN"].split("/")[-1], Stage="LIVE")


def check_log_bucket(domain_name):
    if not domain_name:
        return
    try:
        controls = client("s3").get_bucket_ownership_controls(Bucket=domain_name.split(".s3.")[0])
        ownership = controls["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
    except client("s3").exceptions.ClientError:
        # As new buckets are.
        ownership = "BucketOwnerEnforced"
    if ownership == "BucketOwnerEnforced":
        raise ValueError(f"InvalidArgument: The S3 bucket that you specified for CloudFront logs does not enable ACL access: {domain_name}")


class Policy(Stock):
    """MiniStack hands out the policy of another stack where a name is taken, and deletes one that is in use."""

    store = {}
    config = ""
    kind = ""

    def create(self, context, properties):
        name = properties[self.config].get("Name")
        if any(name == policy["Config"]["Name"] for policy in self.store.values()):
            raise ValueError(f"{self.type} {name} already exists")
        return super().create(context, properties)

    def delete(self, identifier, properties):
        api = client("cloudfront")
        found = getattr(api, f"get_{self.kind}")(Id=identifier)
        getattr(api, f"delete_{self.kind}")(Id=identifier, IfMatch=found["ETag"])


class CachePolicy(Policy):
    store, config, kind = cloudfront._cache_policies, "CachePolicyConfig", "cache_policy"


class OriginRequestPolicy(Policy):
    store, config, kind = cloudfront._origin_request_policies, "OriginRequestPolicyConfig", "origin_request_policy"


class ResponseHeadersPolicy(Policy):
    store, config, kind = cloudfront._response_headers_policies, "ResponseHeadersPolicyConfig", "response_headers_policy"


class OriginAccessControl(Stock):
    def create(self, context, properties):
        name = properties["OriginAccessControlConfig"].get("Name")
        if any(name == control["Name"] for control in cloudfront._oacs.values()):
            raise ValueError(f"OriginAccessControlAlreadyExists: {name} already exists")
        return super().create(context, properties)

    def delete(self, identifier, properties):
        refuse_if_used(identifier, "OriginAccessControlInUse")
        super().delete(identifier, properties)


class Function(Stock):
    def create(self, context, properties):
        check_function(properties)
        return super().create(context, properties)

    def update(self, context, identifier, old, new):
        check_function(new)
        return super().update(context, identifier, old, new)

    def delete(self, identifier, properties):
        refuse_if_used(cloudfront._func_arn(identifier), "FunctionInUse")
        super().delete(identifier, properties)


def check_function(properties):
    size = len(properties["FunctionCode"].encode())
    if size > FUNCTION_BYTES:
        raise ValueError(f"FunctionSizeLimitExceeded: Function size exceeds limit ({FUNCTION_BYTES} bytes): {size}")
    for association in properties["FunctionConfig"].get("KeyValueStoreAssociations", []):
        arn = association["KeyValueStoreARN"]
        if all(arn != store["ARN"] for store in cloudfront._kvstores.values()):
            raise ValueError(f"EntityNotFound: there is no key value store {arn}")


def refuse_if_used(value, error):
    for identifier, distribution in cloudfront._distributions.items():
        if f">{value}<" in distribution["config_xml"]:
            raise ValueError(f"{error}: {value} is in use by the distribution {identifier}")


class KeyValueStore(Stock):
    """MiniStack takes over a store of the same name, and its values live longer than it does."""

    def create(self, context, properties):
        if properties.get("Name") in cloudfront._kvstores:
            raise ValueError(f"EntityAlreadyExists: {properties['Name']} already exists")
        return super().create(context, properties)

    def delete(self, identifier, properties):
        store = cloudfront._kvstores[identifier]
        client("cloudfront").delete_key_value_store(Name=identifier, IfMatch=store["ETag"])
        cloudfront_keyvaluestore._stores.pop(store["ARN"], None)


class VpcOrigin(Resource):
    def create(self, context, properties):
        answer = call("cloudfront", "CreateVpcOrigin", {}, VpcOriginEndpointConfig=endpoint(properties), **tags(properties))
        return origin_answer(answer["VpcOrigin"])

    def update(self, context, identifier, old, new):
        etag = client("cloudfront").get_vpc_origin(Id=identifier)["ETag"]
        if endpoint(old) != endpoint(new):
            call("cloudfront", "UpdateVpcOrigin", {}, Id=identifier, IfMatch=etag, VpcOriginEndpointConfig=endpoint(new))
        return origin_answer(client("cloudfront").get_vpc_origin(Id=identifier)["VpcOrigin"])

    def delete(self, identifier, properties):
        etag = client("cloudfront").get_vpc_origin(Id=identifier)["ETag"]
        client("cloudfront").delete_vpc_origin(Id=identifier, IfMatch=etag)


def endpoint(properties):
    given = properties["VpcOriginEndpointConfig"]
    result = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "match-viewer", **given}
    protocols = result.pop("OriginSSLProtocols", None)
    return {**result, "OriginSslProtocols": {"Quantity": len(protocols), "Items": protocols}} if protocols else result


def origin_answer(origin):
    return origin["Id"], {name: str(origin[name]) for name in ("Id", "Arn", "CreatedTime", "LastModifiedTime", "Status")}


def tags(properties):
    return {"Tags": {"Items": properties["Tags"]}} if properties.get("Tags") else {}


class MonitoringSubscription(Resource):
    def create(self, context, properties):
        call("cloudfront", "CreateMonitoringSubscription", properties)
        return properties["DistributionId"], {"DistributionId": properties["DistributionId"]}

    def delete(self, identifier, properties):
        client("cloudfront").delete_monitoring_subscription(DistributionId=identifier)
