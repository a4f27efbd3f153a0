import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Emulator } from './emulator';

/** What a team makes once for an account: its domain. Answers the zone's id. */
export async function createHostedZone(emulator: Emulator, name: string): Promise<string> {
  const { HostedZone } = await new Route53Client(emulator.clientSettings).send(new CreateHostedZoneCommand({ Name: name, CallerReference: name }));
  return HostedZone!.Id!.split('/').at(-1)!;
}

/** A secret of the team's own, with the fields that its services read. */
export async function createSecret(emulator: Emulator, name: string, fields: { readonly [field: string]: string }): Promise<void> {
  await new SecretsManagerClient(emulator.clientSettings).send(new CreateSecretCommand({ Name: name, SecretString: JSON.stringify(fields) }));
}
