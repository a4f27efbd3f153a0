from . import data_plane
from .cloudformation import Stock


class Domain(Stock):
    """A real OpenSearch behind each domain; its sizes, its network and its logs are records."""

    def create(self, context, properties):
        identifier, attributes = super().create(context, properties)
        return identifier, started(identifier, properties, attributes)

    def update(self, context, identifier, old, new):
        updated, attributes = super().update(context, identifier, old, new)
        return updated, started(updated, new, attributes)

    def delete(self, identifier, properties):
        super().delete(identifier, properties)
        data_plane.delete("opensearch", identifier)


def started(identifier, properties, attributes):
    master = properties["AdvancedSecurityOptions"]["MasterUserOptions"]["MasterUserARN"]
    # Five seconds on an idle machine, minutes on a busy one.
    answer = data_plane.send("PUT", "opensearch", identifier, {"masterRole": master}, seconds=400)
    return {**attributes, "DomainEndpoint": f"localhost:{answer['port']}"}
