"""AWS Backup: MiniStack has vaults and plans; it makes, copies and restores no backup by itself.

For restore tests it has no API to make them. Here they are checked against the API's own model and recorded.
"""

from .api import SESSION, call, client, get_account_id, get_region, translate
from .cloudformation import Resource


class Selection(Resource):
    def create(self, context, properties):
        # AWS gives the plan's id and the selection's, which a `Ref` cannot tell apart.
        selection = call("backup", "CreateBackupSelection", properties)["SelectionId"]
        return selection, {"Id": f"{properties['BackupPlanId']}|{selection}", "BackupPlanId": properties["BackupPlanId"], "SelectionId": selection}

    def delete(self, identifier, properties):
        client("backup").delete_backup_selection(BackupPlanId=properties["BackupPlanId"], SelectionId=identifier)


class RestoreTestingPlan(Resource):
    model = "RestoreTestingPlanForCreate"

    def create(self, context, properties):
        check(self.model, properties)
        name = properties["RestoreTestingPlanName"]
        return name, {"RestoreTestingPlanArn": f"arn:aws:backup:{get_region()}:{get_account_id()}:restore-testing-plan:{name}"}


class RestoreTestingSelection(Resource):
    model = "RestoreTestingSelectionForCreate"

    def create(self, context, properties):
        check(self.model, {name: value for name, value in properties.items() if name != "RestoreTestingPlanName"})
        return f"{properties['RestoreTestingPlanName']}|{properties['RestoreTestingSelectionName']}", {}


def check(model, properties):
    """A property that the API does not know, or a missing one, is an error."""
    shape = SESSION.get_service_model("backup").shape_for(model)
    known = translate(shape, {name: value for name, value in properties.items() if name != "Tags"}, model)
    missing = [name for name in shape.required_members if name not in known]
    if missing:
        raise ValueError(f"{model} lacks {', '.join(missing)}")
