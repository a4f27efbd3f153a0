"""RDS: MiniStack keeps the records, and behind each instance or cluster stands a PostgreSQL of its own."""

import json
import secrets

from ministack.services import rds

from . import automated_backups, data_plane
from .api import call, client
from .cloudformation import Resource, Stock


class Database(Stock):
    """What an instance and a cluster have in common."""

    def create(self, context, properties):
        identifier, attributes = super().create(context, properties)
        return identifier, {**attributes, **self.connect(identifier, properties)}

    def update(self, context, identifier, old, new):
        identifier, attributes = super().update(context, identifier, old, new)
        return identifier, {**attributes, **self.connect(identifier, new)}

    def delete(self, identifier, properties):
        record = self.record(identifier)
        if record and record["DeletionProtection"]:
            raise ValueError(f"Cannot delete {identifier}: it has deletion protection")
        super().delete(identifier, properties)
        data_plane.delete("postgres", identifier)
        if record and "MasterUserSecret" in record:
            client("secretsmanager").delete_secret(
                SecretId=record["MasterUserSecret"]["SecretArn"], ForceDeleteWithoutRecovery=True)

    def connect(self, identifier, properties):
        """Gives the record a real server; answers the attributes that change by it."""
        record = self.record(identifier)
        source = self.restored_from(properties)
        if source:
            record.update({name: source[name] for name in ("MasterUsername", "DBName", "StorageEncrypted")})
        password = record["_MasterUserPassword"]
        attributes = {}
        if str(properties.get("ManageMasterUserPassword", "")).lower() == "true":
            secret, password = self.managed_secret(identifier, record, properties)
            attributes["MasterUserSecret.SecretArn"] = secret
        host, port = data_plane.put("postgres", identifier, {
            "username": record["MasterUsername"],
            "password": password,
            "database": properties.get(self.database_property) or None,
            "source": source["DBInstanceIdentifier"] if source else None,
        })
        return {**attributes, **self.set_endpoint(record, host, port)}

    def restored_from(self, properties):
        """Whose data a database begins with; none for one that begins empty."""
        return None

    def managed_secret(self, identifier, record, properties):
        """The secret that RDS makes when it manages the master password."""
        if "MasterUserSecret" not in record:
            key = properties.get("MasterUserSecret", {}).get("KmsKeyId")
            secret = client("secretsmanager").create_secret(
                Name=f"rds!{self.secret_prefix}-{secrets.token_hex(16)}",
                Description=f"The master password of {identifier}",
                SecretString=json.dumps({"username": record["MasterUsername"], "password": secrets.token_urlsafe(24)}),
                **({"KmsKeyId": key} if key else {}))
            record["MasterUserSecret"] = {"SecretArn": secret["ARN"], "SecretStatus": "active", "KmsKeyId": key}
        arn = record["MasterUserSecret"]["SecretArn"]
        value = json.loads(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
        return arn, value["password"]


class Instance(Database):
    database_property = "DBName"
    secret_prefix = "db"

    def record(self, identifier):
        return rds._instances.get(identifier)

    def restored_from(self, properties):
        arn = properties.get("SourceDBInstanceAutomatedBackupsArn")
        return automated_backups.source_of(arn) if arn else None

    def connect(self, identifier, properties):
        automated_backups.replicate(self.record(identifier), properties)
        cluster = rds._clusters.get(properties.get("DBClusterIdentifier"))
        if cluster:
            return self.set_endpoint(self.record(identifier), cluster["Endpoint"], cluster["Port"])
        return super().connect(identifier, properties)

    def set_endpoint(self, record, host, port):
        record["Endpoint"].update({"Address": host, "Port": port})
        return {"Endpoint.Address": host, "Endpoint.Port": str(port)}


class Cluster(Database):
    database_property = "DatabaseName"
    secret_prefix = "cluster"

    def record(self, identifier):
        return rds._clusters.get(identifier)

    def set_endpoint(self, record, host, port):
        record.update({"Endpoint": host, "ReaderEndpoint": host, "Port": port})
        return {"Endpoint.Address": host, "Endpoint.Port": str(port), "ReadEndpoint.Address": host}


class Proxy(Resource):
    """A record whose endpoint is the host of the database: no pooling, and no check of who is known to it.

    AWS answers a host without a port too, so a client takes the port of the database behind it.
    """

    def create(self, context, properties):
        answer = call("rds", "CreateDBProxy", properties)["DBProxy"]
        return properties["DBProxyName"], self.attributes(answer)

    def update(self, context, identifier, old, new):
        replacing = ("DBProxyName", "EngineFamily", "VpcSubnetIds")
        if any(old.get(name) != new.get(name) for name in replacing):
            return self.create(context, new)
        answer = call("rds", "ModifyDBProxy", new, leave_out=[*replacing, "Tags"],
                      rename={"VpcSecurityGroupIds": "SecurityGroups"}, DBProxyName=identifier)["DBProxy"]
        return identifier, self.attributes(answer)

    def delete(self, identifier, properties):
        client("rds").delete_db_proxy(DBProxyName=identifier)

    def attributes(self, proxy):
        return {"DBProxyArn": proxy["DBProxyArn"], "VpcId": proxy.get("VpcId", ""), "Endpoint": "127.0.0.1"}


class ProxyTargetGroup(Resource):
    targets = ("DBInstanceIdentifiers", "DBClusterIdentifiers")

    def create(self, context, properties):
        pool = properties.get("ConnectionPoolConfigurationInfo")
        name = properties["DBProxyName"]
        call("rds", "RegisterDBProxyTargets", {key: properties[key] for key in self.targets if properties.get(key)},
             DBProxyName=name)
        if pool:
            call("rds", "ModifyDBProxyTargetGroup", {}, DBProxyName=name, TargetGroupName="default",
                 ConnectionPoolConfig=pool)
        group = client("rds").describe_db_proxy_target_groups(DBProxyName=name)["TargetGroups"][0]
        return group["TargetGroupArn"], {"TargetGroupArn": group["TargetGroupArn"]}

    def update(self, context, identifier, old, new):
        self.delete(identifier, old)
        return self.create(context, new)

    def delete(self, identifier, properties):
        call("rds", "DeregisterDBProxyTargets", {key: properties[key] for key in self.targets if properties.get(key)},
             DBProxyName=properties["DBProxyName"])
