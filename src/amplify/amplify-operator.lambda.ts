/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import { AmplifyClient } from '@aws-sdk/client-amplify';
import { CloudFormationClient, DeleteStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { answerCloudFormation } from '../custom-resource-answer';
import { buildAgain, BuildEndedRequest } from './operator/builds';
import { HostedApp } from './operator/hosted-app';
import { ParameterStore } from './operator/parameter-store';
import { removePreviews, RemovePreviewsRequest } from './operator/previews';
import { answerRequest, OperatorRequest } from './operator/requests';
import { listVersions, RestoreRequest, restoreVariables, VersionsRequest } from './operator/restore';
import { RefreshRequest, refreshSecrets } from './operator/secrets';
import { OperatorWorld } from './operator/world';

/** SSM lets an account write three parameters a second. */
const PATIENT = { maxAttempts: 8 };

const amplify = new AmplifyClient(PATIENT);
const cloudFormation = new CloudFormationClient(PATIENT);
const secretsManager = new SecretsManagerClient(PATIENT);
const ssm = new SSMClient(PATIENT);

type Event = OperatorRequest | BuildEndedRequest | RefreshRequest | VersionsRequest | RestoreRequest | RemovePreviewsRequest;

/** Custom resources for secrets and variables, what schedules ask for, and what people ask for by hand. */
export async function handler(event: Event): Promise<unknown> {
  const world = realWorld();
  if ('ResourceType' in event) return answerCloudFormation(event, await answerRequest(event, world));
  if ('buildEnded' in event) return buildAgain(event, world);
  if ('refreshSecrets' in event) return refreshSecrets(world);
  if ('variables' in event) return listVersions(event, world);
  if ('restoreVariables' in event) return restoreVariables(event, world);
  if ('removePreviews' in event) return removePreviews(previewSettings(), world);
  throw new Error('Ask for one of {"refreshSecrets": true}, {"variables": "<branch>"}, {"restoreVariables": "<branch>", "version": "previous"} '
    + 'with a number or previous, and {"removePreviews": true}');
}

function previewSettings() {
  const { PREVIEW_LIFETIME_HOURS, PREVIEW_BACKENDS } = process.env;
  if (!PREVIEW_LIFETIME_HOURS) throw new Error('Previews stay until their pull request is closed: the operator has no previewLifetime');
  return { lifetimeHours: Number(PREVIEW_LIFETIME_HOURS), haveBackends: PREVIEW_BACKENDS === 'true' };
}

function realWorld(): OperatorWorld {
  const { APP_ID = '', SOURCES_PATH = '' } = process.env;
  return {
    appId: APP_ID,
    sourcesPath: SOURCES_PATH,
    parameters: new ParameterStore(ssm),
    app: new HostedApp(APP_ID, amplify),
    async readSecret(arn) {
      const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId: arn }));
      return SecretString;
    },
    findStackStatus,
    async deleteStack(stackName) {
      await cloudFormation.send(new DeleteStackCommand({ StackName: stackName }));
    },
    pause: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
    log: line => console.log(JSON.stringify(line)),
    now: () => new Date(),
  };
}

async function findStackStatus(stack: string): Promise<string | undefined> {
  try {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
    return Stacks?.[0]?.StackStatus;
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return undefined;
    throw error;
  }
}
