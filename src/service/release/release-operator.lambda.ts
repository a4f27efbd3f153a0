/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
import { CloudFormationClient, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeServiceDeploymentsCommand, DescribeServiceRevisionsCommand, DescribeServicesCommand, ECSClient, ListServiceDeploymentsCommand,
  ServiceDeploymentStatus, StopServiceDeploymentCommand, UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { Message, NewsSurroundings, newsOf, ReleaseEvent, tell } from './deployment-news';
import { Check, checkService, CheckSurroundings } from './release-operator-check';
import { DeploymentFilter, ListedDeployment, Revision, ServiceAddress } from './release-operator-deployments';

const settings = { maxAttempts: 5 };
const ecs = new ECSClient(settings);
const cloudFormation = new CloudFormationClient(settings);
const secretsManager = new SecretsManagerClient(settings);
const sns = new SNSClient(settings);

/** The most that ECS describes in one call. */
const BATCH = 20;

/** Called by EventBridge: by a schedule to look after a service, and with what happens to releases. */
export async function handler(event: ReleaseEvent | { readonly check: Check }): Promise<void> {
  const news = 'check' in event ? await checkService(event.check, world) : [newsOf(event)];
  if (!process.env.TOPIC_ARN) return;
  for (const each of news) {
    if (each) await tell(each, world);
  }
}

const world: NewsSurroundings & CheckSurroundings = {
  list,
  revisions,
  publish,
  describe: async arn => (await ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }))).serviceDeployments?.[0],
  stop: async (serviceDeploymentArn, stopType) => {
    await ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType }));
  },
  describeService: async ({ cluster, service }) => (await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }))).services?.[0],
  restart: async ({ cluster, service }) => {
    await ecs.send(new UpdateServiceCommand({ cluster, service, forceNewDeployment: true }));
  },
  lastRotation: async SecretId => (await secretsManager.send(new DescribeSecretCommand({ SecretId }))).LastRotatedDate,
  findResource: async ({ stack, resource }) => (await cloudFormation.send(new DescribeStackResourceCommand({
    StackName: stack, LogicalResourceId: resource,
  }))).StackResourceDetail?.PhysicalResourceId,
  now: Date.now,
  log: line => console.log(JSON.stringify(line)),
};

async function list({ cluster, service }: ServiceAddress, { status, createdAfter }: DeploymentFilter): Promise<ListedDeployment[]> {
  const found: ListedDeployment[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ecs.send(new ListServiceDeploymentsCommand({
      cluster,
      service,
      status: status as ServiceDeploymentStatus[] | undefined,
      createdAt: createdAfter && { after: createdAfter },
      maxResults: 100,
      nextToken,
    }));
    found.push(...page.serviceDeployments ?? []);
    nextToken = page.nextToken;
  } while (nextToken);
  return found;
}

async function revisions(arns: string[]): Promise<Revision[]> {
  const found: Revision[] = [];
  for (let start = 0; start < arns.length; start += BATCH) {
    const { serviceRevisions = [] } = await ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: arns.slice(start, start + BATCH) }));
    found.push(...serviceRevisions);
  }
  return found;
}

async function publish({ subject, text }: Message): Promise<void> {
  await sns.send(new PublishCommand({ TopicArn: process.env.TOPIC_ARN, Subject: subject, Message: text }));
}
