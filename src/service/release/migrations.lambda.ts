/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
/* eslint-disable @typescript-eslint/no-require-imports -- what few invocations need is loaded then */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeServiceRevisionsCommand, ECSClient } from '@aws-sdk/client-ecs';
import type { Context } from 'aws-lambda';
import { isLifecycleHookEvent, LifecycleHookAnswer } from './lifecycle-hook';
import { CommandAnswer, CommandRequest, isCommandRequest, runCommand } from './migration-by-hand';
import { answerMigrationRequest, failRequest, MigrationRequest } from './migration-custom-resource';
import { EcsTasks, OutputReader } from './migration-ecs-tasks';
import { answerHook, HookWorld } from './migration-hook';
import { MigrationTable } from './migration-table';
import { WaitingWorld } from './migration-wait';

// With all tries shorter than what others wait before they take an unfinished request for abandoned.
const limits = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 12_000, throwOnRequestTimeout: true, socketTimeout: 12_000 },
};
const ecs = new ECSClient(limits);
const dynamodb = new DynamoDBClient(limits);
const sleep = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds));

/** Three entrances: a hook of ECS's deployments, a custom resource, and a person with a command. */
export async function handler(event: unknown, context: Context): Promise<LifecycleHookAnswer | CommandAnswer | void> {
  const world = createWorld(context);
  const asked = typeof event === 'object' && event !== null ? event : {};
  if (isLifecycleHookEvent(asked)) return answerHook(asked, world);
  if ('RequestType' in asked) return answerRequest(asked as MigrationRequest, world, context);
  if (isCommandRequest(asked)) return answerPerson(asked, world, context);
  throw new Error('This function takes a lifecycle hook event of ECS, a request of CloudFormation, or a command to run by hand: '
    + '{ "command": ["alembic", "downgrade", "-1"] }, with "taskDefinition" ("family:revision") to run it in another than the newest migrated version.');
}

async function answerRequest(request: MigrationRequest, world: WaitingWorld, context: Context): Promise<void> {
  const continuation = await answerMigrationRequest(request, world);
  if (!continuation) return;
  try {
    await continueLater(continuation, context);
  } catch (error) {
    await failRequest(request, `The function could not go on waiting for the migration. ${error}`);
  }
}

async function answerPerson(request: CommandRequest, world: WaitingWorld, context: Context): Promise<CommandAnswer> {
  const { answer, continuation } = await runCommand(request, context.awsRequestId, world);
  // Somebody has to keep the time limit and to give the lock back.
  if (continuation) await continueLater(continuation, context);
  return answer;
}

async function continueLater(event: object, { invokedFunctionArn }: Context): Promise<void> {
  const { InvokeCommand, LambdaClient } = require('@aws-sdk/client-lambda');
  await new LambdaClient(limits).send(new InvokeCommand({ FunctionName: invokedFunctionArn, InvocationType: 'Event', Payload: JSON.stringify(event) }));
}

function createWorld(context: Context): HookWorld & WaitingWorld {
  const environment = process.env as { [name: string]: string };
  return {
    log: new MigrationTable(dynamodb, environment.TABLE),
    tasks: new EcsTasks(ecs, {
      cluster: environment.CLUSTER,
      subnets: environment.SUBNETS.split(','),
      securityGroups: environment.SECURITY_GROUPS.split(','),
      container: environment.CONTAINER,
      logGroup: environment.LOG_GROUP,
      streamPrefix: environment.STREAM_PREFIX,
    }, openOutput),
    limit: Number(environment.TIMEOUT_SECONDS) * 1000,
    now: Date.now,
    print: line => console.log(JSON.stringify(line)),
    sleep,
    remaining: () => context.getRemainingTimeInMillis(),
    taskDefinitionOf,
    announce,
  };
}

function openOutput(): OutputReader {
  const { CloudWatchLogsClient, GetLogEventsCommand } = require('@aws-sdk/client-cloudwatch-logs');
  return { client: new CloudWatchLogsClient(limits), command: input => new GetLogEventsCommand(input), sleep };
}

async function taskDefinitionOf(serviceRevision: string): Promise<string | undefined> {
  const { serviceRevisions = [] } = await ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: [serviceRevision] }));
  return serviceRevisions[0]?.taskDefinition;
}

async function announce(entry: Parameters<HookWorld['announce']>[0]): Promise<void> {
  const { EventBridgeClient, PutEventsCommand } = require('@aws-sdk/client-eventbridge');
  const { FailedEntryCount, Entries } = await new EventBridgeClient(limits).send(new PutEventsCommand({ Entries: [entry] }));
  if (FailedEntryCount > 0) throw new Error(`EventBridge took no event: ${Entries?.[0]?.ErrorMessage}`);
}
