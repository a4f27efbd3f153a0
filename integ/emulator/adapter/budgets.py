"""Budgets, as CloudFormation makes them: one whose thresholds or subscribers change is replaced by another."""

import secrets

from .api import call, client, get_account_id
from .cloudformation import Recorded, Resource


class Budget(Resource):
    def create(self, context, properties):
        # A name of its own for each replacement: the old budget is still there.
        name = properties["Budget"].get("BudgetName") or f"{context.name(80)}-{secrets.token_hex(4)}"
        call("budgets", "CreateBudget", properties, AccountId=get_account_id(), Budget=named(name, properties))
        return name, {"Id": name}

    def update(self, context, identifier, old, new):
        if old.get("NotificationsWithSubscribers") != new.get("NotificationsWithSubscribers"):
            return self.create(context, new)
        if new["Budget"].get("BudgetName") not in (None, identifier):
            return self.create(context, new)
        call("budgets", "UpdateBudget", {}, AccountId=get_account_id(), NewBudget=named(identifier, new))
        retag(identifier, old.get("ResourceTags", []), new.get("ResourceTags", []))
        return identifier, {"Id": identifier}

    def delete(self, identifier, properties):
        client("budgets").delete_budget(AccountId=get_account_id(), BudgetName=identifier)


def named(name, properties):
    return {**properties["Budget"], "BudgetName": name}


def retag(name, old, new):
    budgets = client("budgets")
    arn = f"arn:aws:budgets::{get_account_id()}:budget/{name}"
    gone = {tag["Key"] for tag in old} - {tag["Key"] for tag in new}
    if gone:
        budgets.untag_resource(ResourceARN=arn, ResourceTagKeys=sorted(gone))
    if new:
        budgets.tag_resource(ResourceARN=arn, ResourceTags=new)


class AnomalyMonitor(Recorded):
    def create(self, context, properties):
        name, attributes = super().create(context, properties)
        return name, {**attributes, "MonitorArn": attributes["Arn"]}
