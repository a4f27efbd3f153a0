from ministack.services import dynamodb

from .api import call
from .cloudformation import Stock


class Table(Stock):
    """MiniStack drops encryption, recovery and expiry, and deletes a protected table."""

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


def configure(table, old, new):
    encryption = new.get("SSESpecification")
    if encryption:
        specification = {"Enabled" if name == "SSEEnabled" else name: value for name, value in encryption.items()}
        call("dynamodb", "UpdateTable", {}, TableName=table, SSESpecification=specification)
    recovery = new.get("PointInTimeRecoverySpecification") or {"PointInTimeRecoveryEnabled": False}
    call("dynamodb", "UpdateContinuousBackups", {}, TableName=table, PointInTimeRecoverySpecification=recovery)
    expiry, former = new.get("TimeToLiveSpecification"), old.get("TimeToLiveSpecification")
    if expiry or former:
        call("dynamodb", "UpdateTimeToLive", {}, TableName=table, TimeToLiveSpecification=expiry or {**former, "Enabled": False})
