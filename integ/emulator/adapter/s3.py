from .api import call, client
from .cloudformation import Stock


class Bucket(Stock):
    """MiniStack drops these properties, and deletes a bucket that still has objects."""

    def create(self, context, properties):
        identifier, attributes = super().create(context, properties)
        configure(identifier, properties)
        return identifier, attributes

    def update(self, context, identifier, old, new):
        bucket, attributes = super().update(context, identifier, old, new)
        configure(bucket, new)
        if "LifecycleConfiguration" in old and "LifecycleConfiguration" not in new:
            client("s3").delete_bucket_lifecycle(Bucket=bucket)
        if "LoggingConfiguration" in old and "LoggingConfiguration" not in new:
            client("s3").put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
        if "ReplicationConfiguration" in old and "ReplicationConfiguration" not in new:
            client("s3").delete_bucket_replication(Bucket=bucket)
        if "OwnershipControls" in old and "OwnershipControls" not in new:
            client("s3").delete_bucket_ownership_controls(Bucket=bucket)
        return bucket, attributes

    def delete(self, identifier, properties):
        if client("s3").list_object_versions(Bucket=identifier, MaxKeys=1).get("Versions"):
            raise ValueError(f"The bucket {identifier} you tried to delete is not empty")
        super().delete(identifier, properties)


def configure(bucket, properties):
    s3 = client("s3")
    if properties.get("Tags"):
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": properties["Tags"]})
    rules = [rename(rule, {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"})
             for rule in properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [])]
    # AWS takes its own key for a bucket with aws:kms and no key; MiniStack refuses every object.
    if rules and not any(is_kms_without_key(rule) for rule in rules):
        call("s3", "PutBucketEncryption", {}, Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})
    if "OwnershipControls" in properties:
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=properties["OwnershipControls"])
    logging = properties.get("LoggingConfiguration")
    if logging:
        target = {"TargetBucket": logging.get("DestinationBucketName", bucket), "TargetPrefix": logging.get("LogFilePrefix", "")}
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": target})
    if "ReplicationConfiguration" in properties:
        call("s3", "PutBucketReplication", {}, Bucket=bucket, ReplicationConfiguration=properties["ReplicationConfiguration"])
    lifecycle = properties.get("LifecycleConfiguration")
    if lifecycle:
        call("s3", "PutBucketLifecycleConfiguration", {}, Bucket=bucket,
             LifecycleConfiguration={"Rules": [lifecycle_rule(rule) for rule in lifecycle["Rules"]]})


def is_kms_without_key(rule):
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    return default.get("SSEAlgorithm") == "aws:kms" and not default.get("KMSMasterKeyID")


def rename(value, names):
    return {names.get(name, name): inner for name, inner in value.items()}


def lifecycle_rule(rule):
    """CloudFormation's flat rule in the API's words, as far as this library's blocks use it."""
    result = {"Status": rule["Status"], "Filter": lifecycle_filter(rule)}
    expiration = {"ExpirationInDays": "Days", "ExpirationDate": "Date", "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker"}
    if expiration.keys() & rule.keys():
        result["Expiration"] = {short: rule[name] for name, short in expiration.items() if name in rule}
    for name in ("AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration"):
        if name in rule:
            result[name] = rule[name]
    if "Id" in rule:
        result["ID"] = rule["Id"]
    for name in ("Transitions", "NoncurrentVersionTransitions"):
        if name in rule:
            result[name] = [rename(transition, {"TransitionInDays": "Days", "TransitionDate": "Date"}
                                   if name == "Transitions" else {"TransitionInDays": "NoncurrentDays"})
                            for transition in rule[name]]
    return result


def lifecycle_filter(rule):
    parts = {name: rule[name] for name in ("Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan") if name in rule}
    tags = rule.get("TagFilters", [])
    if len(parts) + len(tags) > 1:
        return {"And": {**parts, **({"Tags": tags} if tags else {})}}
    return {"Tag": tags[0]} if tags else parts or {"Prefix": ""}
