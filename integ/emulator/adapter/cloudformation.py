"""How a resource type is added to MiniStack's CloudFormation, or to what MiniStack does for a type."""

from dataclasses import dataclass

from ministack.services.cloudformation import provisioners, stacks

HANDLERS = provisioners._RESOURCE_HANDLERS


@dataclass(frozen=True)
class Context:
    """Where a resource stands: generated names are made of it, and stay the same over updates."""

    stack: str
    logical_id: str

    def name(self, max_length=60, lowercase=False):
        return provisioners._physical_name(self.stack, self.logical_id, max_len=max_length, lowercase=lowercase)


class Resource:
    """One resource type. An id that differs after `update` means a replacement: the old one is deleted later."""

    type = ""
    stock = {}

    def create(self, context, properties):
        """Answers the physical id and the attributes."""
        raise NotImplementedError

    def update(self, context, identifier, old, new):
        return self.create(context, new)

    def delete(self, identifier, properties):
        pass


class Stock(Resource):
    """A type that MiniStack has; subclasses add to it."""

    def create(self, context, properties):
        return self.stock["create"](context.logical_id, properties, context.stack)

    def update(self, context, identifier, old, new):
        update = self.stock.get("update")
        if update is None:
            return self.create(context, new)
        extra = [context.logical_id] if self.stock.get("update_with_logical_id") else []
        return update(identifier, old, new, context.stack, *extra)

    def delete(self, identifier, properties):
        self.stock["delete"](identifier, properties)


class Recorded(Resource):
    """Nothing stands behind the resource: it is in the stack, with its properties, and does nothing."""

    def create(self, context, properties):
        return context.name(), {"Id": context.name(), "Arn": f"arn:aws:recorded:::{context.name()}"}


def install(table):
    for type_name, resource_class in table.items():
        resource = resource_class()
        resource.type = type_name
        resource.stock = HANDLERS.get(type_name, {})
        HANDLERS[type_name] = {**resource.stock, **handlers(resource)}

    # Resources call MiniStack's own API, which answers only while its event loop is free.
    runs_on_worker_thread = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda type_name: type_name in table or runs_on_worker_thread(type_name)


def handlers(resource):
    def create(logical_id, properties, stack):
        return resource.create(Context(stack, logical_id), properties)

    def update(identifier, old, new, stack, logical_id):
        return resource.update(Context(stack, logical_id), identifier, old, new)

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": resource.delete}
