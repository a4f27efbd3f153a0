/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { rotate, RotationRequest } from './credentials-rotation';
import { readSettings } from './credentials-settings';
import { setUpCredentials } from './credentials-setup';
import { SecretVersions } from './secret-versions';

/** What the custom resource provider asks. */
export interface ResourceRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly PhysicalResourceId?: string;
}

// Without limits of its own the SDK would wait for an endpoint that the subnets do not reach until the function times out.
const client = new SecretsManagerClient({ requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000 } });

/** Two entrances: a custom resource that makes the logins, and a Secrets Manager rotation of them. */
export async function handler(request: ResourceRequest | RotationRequest): Promise<{ PhysicalResourceId: string } | void> {
  const secrets = new SecretVersions(client);
  if ('Step' in request) {
    await rotate(request, readSettings(process.env), secrets);
    console.log(JSON.stringify({ step: request.Step, secret: request.SecretId, done: true }));
    return;
  }

  // Deleting the stack leaves roles and data alone: where the database stays, so does what it needs.
  if (request.RequestType !== 'Delete') await setUpCredentials(readSettings(process.env), secrets);
  return { PhysicalResourceId: request.PhysicalResourceId ?? 'application-credentials' };
}
