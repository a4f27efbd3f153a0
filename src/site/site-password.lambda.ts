/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { openStore } from './site-password-store';
import { answerRequest, refresh, RefreshRequest, SitePasswordWorld } from './site-password-update';
import { answerCloudFormation, CustomResourceRequest } from '../custom-resource-answer';

const cloudFormation = new CloudFormationClient({});
const secretsManager = new SecretsManagerClient({});

/** A custom resource that is created or updated when the edge knows the password; and what refreshes it. */
export async function handler(event: CustomResourceRequest | RefreshRequest): Promise<unknown> {
  const world = realWorld();
  if ('refresh' in event) return refresh(event, world);
  return answerCloudFormation(event, await answerRequest(event, world));
}

function realWorld(): SitePasswordWorld {
  const { SECRET_ARN, STORE_ARN = '' } = process.env;
  return {
    store: openStore(STORE_ARN, process.env),
    async readSecret() {
      const { SecretString, CreatedDate } = await secretsManager.send(new GetSecretValueCommand({ SecretId: SECRET_ARN }));
      return { value: SecretString, since: CreatedDate };
    },
    async findStackStatus(stackId) {
      const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackId }));
      return Stacks![0].StackStatus!;
    },
    pause: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
    log: line => console.log(JSON.stringify(line)),
    now: () => new Date(),
  };
}
