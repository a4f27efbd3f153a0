"""ElastiCache: MiniStack keeps the records, and behind each cache stands a Redis that lets in whom the stack says."""

from ministack.services import elasticache
from ministack.services.cloudformation import provisioners

from . import data_plane
from .api import call, client
from .cloudformation import Resource, Stock

EVERYTHING = "on ~* +@all"

# The API answers no passwords, so what the stacks set is kept here, by user id.
users = {}
# Caches with user groups, to be told when a user changes: cache id -> (encrypted, user group ids).
caches = {}


def put(identifier, encrypted, auth_token=None, user_groups=()):
    if user_groups:
        caches[identifier] = (encrypted, user_groups)
        members = [user for group in user_groups for user in elasticache._user_groups[group]["UserIds"]]
        allowed = [users[member] for member in members if member in users]
    else:
        caches.pop(identifier, None)
        allowed = [{"name": "default", "passwords": [auth_token] if auth_token else [], "access": EVERYTHING}]
    return data_plane.put("redis", identifier, {"encrypted": encrypted, "users": allowed})


def tell_caches():
    for identifier, (encrypted, user_groups) in list(caches.items()):
        put(identifier, encrypted, user_groups=user_groups)


def true(value):
    return str(value).lower() == "true"


class ReplicationGroup(Stock):
    def create(self, context, properties):
        identifier, _ = super().create(context, properties)
        return identifier, self.connect(identifier, properties)

    def update(self, context, identifier, old, new):
        identifier, _ = super().update(context, identifier, old, new)
        return identifier, self.connect(identifier, new)

    def delete(self, identifier, properties):
        caches.pop(identifier, None)
        super().delete(identifier, properties)
        data_plane.delete("redis", identifier)

    def connect(self, identifier, properties):
        host, port = put(identifier, true(properties.get("TransitEncryptionEnabled")),
                         properties.get("AuthToken"), properties.get("UserGroupIds", ()))
        endpoint = {"Address": host, "Port": port}
        record = elasticache._replication_groups[identifier]
        if record.get("ConfigurationEndpoint"):
            record["ConfigurationEndpoint"] = endpoint
        for group in record["NodeGroups"]:
            group.update({"PrimaryEndpoint": endpoint, "ReaderEndpoint": endpoint})
            for member in group.get("NodeGroupMembers", []):
                member["ReadEndpoint"] = endpoint
        return provisioners._ec_rg_attrs(identifier)


class ServerlessCache(Resource):
    replacing = ("ServerlessCacheName", "Engine", "KmsKeyId", "SubnetIds", "SnapshotArnsToRestore")

    def create(self, context, properties):
        name = properties["ServerlessCacheName"]
        call("elasticache", "CreateServerlessCache", properties, leave_out=["FinalSnapshotName", "Endpoint", "ReaderEndpoint"])
        return name, self.connect(name, properties)

    def update(self, context, identifier, old, new):
        if any(old.get(name) != new.get(name) for name in self.replacing):
            return self.create(context, new)
        changed = {name: new[name] for name in new if new[name] != old.get(name) and name != "Tags"}
        call("elasticache", "ModifyServerlessCache", changed, ServerlessCacheName=identifier)
        return identifier, self.connect(identifier, new)

    def delete(self, identifier, properties):
        caches.pop(identifier, None)
        client("elasticache").delete_serverless_cache(ServerlessCacheName=identifier)
        data_plane.delete("redis", identifier)

    def connect(self, name, properties):
        user_group = properties.get("UserGroupId")
        host, port = put(name, True, user_groups=[user_group] if user_group else ())
        record = elasticache._serverless_caches[name]
        record.update({"Endpoint": {"Address": host, "Port": port}, "ReaderEndpoint": {"Address": host, "Port": port}})
        return {
            "ARN": record["ARN"],
            "Status": record["Status"],
            "Endpoint.Address": host, "Endpoint.Port": str(port),
            "ReaderEndpoint.Address": host, "ReaderEndpoint.Port": str(port),
        }


class User(Stock):
    def create(self, context, properties):
        self.remember(properties)
        return super().create(context, properties)

    def update(self, context, identifier, old, new):
        self.remember(new)
        answer = super().update(context, identifier, old, new)
        tell_caches()
        return answer

    def delete(self, identifier, properties):
        super().delete(identifier, properties)
        users.pop(identifier, None)

    def remember(self, properties):
        mode = properties.get("AuthenticationMode", {})
        users[properties["UserId"]] = {
            "name": properties["UserName"],
            "passwords": properties.get("Passwords") or mode.get("Passwords") or [],
            "access": properties.get("AccessString", EVERYTHING),
        }


class UserGroup(Stock):
    def update(self, context, identifier, old, new):
        answer = super().update(context, identifier, old, new)
        tell_caches()
        return answer
