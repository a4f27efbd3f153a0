/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { rotate, RotationRequest } from './credentials-rotation';
import { readSettings } from './credentials-settings';
import { setUpCredentials } from './credentials-setup';
import { SecretVersions } from './secret-versions';
import { answerCloudFormation, CustomResourceRequest } from '../custom-resource-answer';

// Without limits of its own the SDK would wait for an endpoint that the subnets do not reach until the function times out.
const client = new SecretsManagerClient({ requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000 } });

/** Two entrances: a custom resource that makes the logins, and a Secrets Manager rotation of them. */
export async function handler(request: CustomResourceRequest | RotationRequest): Promise<void> {
  const secrets = new SecretVersions(client);
  if ('Step' in request) {
    await rotate(request, readSettings(process.env), secrets);
    console.log(JSON.stringify({ step: request.Step, secret: request.SecretId, done: true }));
    return;
  }

  const PhysicalResourceId = request.PhysicalResourceId ?? 'application-credentials';
  try {
    // Deleting the stack leaves roles and data alone: where the database stays, so does what it needs.
    if (request.RequestType !== 'Delete') await setUpCredentials(readSettings(process.env), secrets);
  } catch (error) {
    const Reason = error instanceof Error ? error.message : String(error);
    console.error(JSON.stringify({ failed: Reason }));
    await answerCloudFormation(request, { Status: 'FAILED', Reason, PhysicalResourceId });
    return;
  }
  await answerCloudFormation(request, { Status: 'SUCCESS', PhysicalResourceId });
}
