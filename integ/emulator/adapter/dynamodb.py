from ministack.services import dynamodb

from .api import call, get_region
from .cloudformation import HANDLERS, Resource, Stock


class Table(Stock):
    """MiniStack drops encryption, recovery, expiry, class and limits, and deletes a protected table."""

    def create(self, context, properties):
        identifier, attributes = super().create(context, properties)
        configure(identifier, {}, properties)
        return identifier, attributes

    def update(self, context, identifier, old, new):
        table, attributes = super().update(context, identifier, old, new)
        configure(table, old, new)
        return table, attributes

    def delete(self, identifier, properties):
        if dynamodb._tables.get(identifier, {}).get("DeletionProtectionEnabled"):
            raise ValueError(f"Resource cannot be deleted as it is currently protected against deletion: {identifier}")
        super().delete(identifier, properties)


class GlobalTable(Resource):
    """MiniStack drops all that a replica says, and an update replaces the table, without its items.

    Here the replica of the stack's region is a table, and there are no others.
    """

    def create(self, context, properties):
        return HANDLERS["AWS::DynamoDB::Table"]["create"](context.logical_id, as_table(properties), context.stack)

    def update(self, context, identifier, old, new):
        return HANDLERS["AWS::DynamoDB::Table"]["update"](identifier, as_table(old), as_table(new), context.stack, context.logical_id)

    def delete(self, identifier, properties):
        HANDLERS["AWS::DynamoDB::Table"]["delete"](identifier, properties)


OF_A_REPLICA = ("DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "TableClass", "Tags")
OF_GLOBAL_TABLES = (
    "GlobalTableSourceArn", "GlobalTableWitnesses", "MultiRegionConsistency", "Replicas", "WarmThroughput",
    "ReadOnDemandThroughputSettings", "ReadProvisionedThroughputSettings",
    "WriteOnDemandThroughputSettings", "WriteProvisionedThroughputSettings",
)


def as_table(properties):
    replica = next(replica for replica in properties["Replicas"] if replica["Region"] == get_region())
    table = without_global(properties)
    table.update({name: replica[name] for name in OF_A_REPLICA if name in replica})
    table.update(throughput(properties, replica))
    if "SSESpecification" in properties:
        table["SSESpecification"] = {**properties["SSESpecification"], **replica.get("SSESpecification", {})}
    if "GlobalSecondaryIndexes" in properties:
        table["GlobalSecondaryIndexes"] = [without_global(index) for index in properties["GlobalSecondaryIndexes"]]
    return table


def without_global(properties):
    return {name: value for name, value in properties.items() if name not in OF_GLOBAL_TABLES}


def throughput(properties, replica):
    settings = {**properties, **replica}
    on_demand = {**settings.get("ReadOnDemandThroughputSettings", {}), **settings.get("WriteOnDemandThroughputSettings", {})}
    provisioned = {
        f"{kind}CapacityUnits": capacity(kind, settings[f"{kind}ProvisionedThroughputSettings"])
        for kind in ("Read", "Write") if f"{kind}ProvisionedThroughputSettings" in settings
    }
    return {
        **({"OnDemandThroughput": on_demand} if on_demand else {}),
        **({"ProvisionedThroughput": provisioned} if provisioned else {}),
    }


def capacity(kind, settings):
    scaling = settings.get(f"{kind}CapacityAutoScalingSettings", {})
    return int(settings.get(f"{kind}CapacityUnits") or scaling.get("SeedCapacity") or scaling["MinCapacity"])


def configure(table, old, new):
    for name in ("TableClass", "OnDemandThroughput"):
        if name in new and new[name] != old.get(name):
            call("dynamodb", "UpdateTable", {}, TableName=table, **{name: new[name]})
    encryption = new.get("SSESpecification")
    if encryption:
        specification = {"Enabled" if name == "SSEEnabled" else name: value for name, value in encryption.items()}
        call("dynamodb", "UpdateTable", {}, TableName=table, SSESpecification=specification)
    recovery = new.get("PointInTimeRecoverySpecification") or {"PointInTimeRecoveryEnabled": False}
    call("dynamodb", "UpdateContinuousBackups", {}, TableName=table, PointInTimeRecoverySpecification=recovery)
    expiry, former = new.get("TimeToLiveSpecification"), old.get("TimeToLiveSpecification")
    if expiry or former:
        call("dynamodb", "UpdateTimeToLive", {}, TableName=table, TimeToLiveSpecification=expiry or {**former, "Enabled": False})
