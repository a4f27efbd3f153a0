"""What Cognito's user pools have besides themselves."""

from .api import call, client
from .cloudformation import Resource


class IdentityProvider(Resource):
    def create(self, context, properties):
        call("cognito-idp", "CreateIdentityProvider", properties)
        return properties["ProviderName"], {}

    def update(self, context, identifier, old, new):
        call("cognito-idp", "UpdateIdentityProvider", new, leave_out=("ProviderType",))
        return identifier, {}

    def delete(self, identifier, properties):
        client("cognito-idp").delete_identity_provider(UserPoolId=properties["UserPoolId"], ProviderName=identifier)
