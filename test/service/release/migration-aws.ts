import { createServer, IncomingMessage, Server, ServerResponse } from 'http';
import { AddressInfo } from 'net';
import { LocalEcs, LocalTask } from './migration-ecs';

type Json = { readonly [name: string]: any };
type Item = { readonly [name: string]: { readonly S?: string; readonly N?: string; readonly BOOL?: boolean } };

/** What a service refuses a call with. */
export class Refusal extends Error {
  constructor(public readonly type: string, message: string = type, public readonly status = 400, public readonly more: object = {}) {
    super(message);
  }
}

/** ECS, DynamoDB, CloudWatch Logs, EventBridge, Lambda and CloudFormation's address on one port, in the protocols of the AWS SDK. */
export class LocalAws {
  public static async start(): Promise<LocalAws> {
    const aws = new LocalAws();
    await new Promise<void>(resolve => aws.server.listen(0, '127.0.0.1', resolve));
    return aws;
  }

  public ecs = new LocalEcs();
  public readonly table = new Map<string, Item>();
  public readonly serviceRevisions: { [arn: string]: string } = {};
  public readonly calls: { readonly operation: string; readonly input: Json }[] = [];
  /** What CloudFormation was told. */
  public readonly answers: Json[] = [];
  /** Events that the function sent to itself. */
  public readonly invocations: Json[] = [];
  public readonly events: Json[] = [];
  /** Refusals of the next calls, by operation. */
  public readonly refusals: { [operation: string]: Refusal[] } = {};
  /** Answers in place of the usual ones, by operation. */
  public readonly instead: { [operation: string]: Json } = {};
  /** Items that a scan answers at once. */
  public pageSize = 100;

  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk)).on('end', () => void this.serve(request, Buffer.concat(chunks).toString(), response));
  });

  public get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Inputs of an operation, in order. */
  public inputs(operation: string): Json[] {
    return this.calls.filter(call => call.operation === operation).map(({ input }) => input);
  }

  /** Forgets everything: an empty account. */
  public async reset(): Promise<void> {
    await this.ecs.clear();
    this.ecs = new LocalEcs();
    this.table.clear();
    for (const list of [this.calls, this.answers, this.invocations, this.events]) list.length = 0;
    for (const changes of [this.refusals, this.instead, this.serviceRevisions]) {
      for (const name of Object.keys(changes)) delete changes[name];
    }
    this.pageSize = 100;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    const input = JSON.parse(body) as Json;
    const operation = operationOf(request);
    this.calls.push({ operation, input });
    try {
      const refusal = this.refusals[operation]?.shift();
      if (refusal) throw refusal;
      const output = this.instead[operation] ?? await this.answer(operation, input);
      response.writeHead(operation === 'Invoke' ? 202 : 200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(output ?? {}));
    } catch (error) {
      const { type = 'InternalFailure', message, status = 500, more } = error as Partial<Refusal>;
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': type }).end(JSON.stringify({ __type: type, message, ...more }));
    }
  }

  private async answer(operation: string, input: Json): Promise<Json | void> {
    switch (operation) {
      case 'CloudFormation': return void this.answers.push(input);
      case 'Invoke': return void this.invocations.push(input);
      case 'PutEvents':
        this.events.push(...input.Entries);
        return { FailedEntryCount: 0, Entries: [{ EventId: '1' }] };
      case 'GetLogEvents': return this.getLogEvents(input);
      case 'DescribeServiceRevisions': return { serviceRevisions: input.serviceRevisionArns.map((arn: string) => ({ serviceRevisionArn: arn, taskDefinition: this.serviceRevisions[arn] })) };
      case 'RunTask': return this.runTask(input);
      case 'DescribeTasks': return { tasks: input.tasks.map((arn: string) => render(this.ecs.task(arn))) };
      case 'StopTask': return this.ecs.stop(input.task, input.reason);
      case 'ListTasks': return { taskArns: [await this.ecs.find(input.startedBy)].filter(arn => arn !== undefined) };
      case 'GetItem': return { Item: this.table.get(input.Key.id.S) };
      case 'PutItem':
        this.checkCondition(input.Item.id.S, input);
        return void this.table.set(input.Item.id.S, input.Item);
      case 'DeleteItem':
        this.checkCondition(input.Key.id.S, input);
        return void this.table.delete(input.Key.id.S);
      case 'Scan': return this.scan(input);
      default: throw new Error(`no such operation here: ${operation}`);
    }
  }

  private async runTask({ taskDefinition, clientToken, startedBy, overrides }: Json): Promise<Json> {
    const answer = await this.ecs.run({ taskDefinition, token: clientToken, startedBy, command: overrides?.containerOverrides?.[0].command });
    return 'task' in answer ? { tasks: [render(this.ecs.task(answer.task))], failures: [] } : { tasks: [], failures: [{ reason: answer.refusal }] };
  }

  private async getLogEvents({ logGroupName, logStreamName, limit }: Json): Promise<Json> {
    const task = this.ecs.tasks.find(({ arn }) => logStreamName === `app/app/${arn.split('/').at(-1)}`);
    if (!task || logGroupName !== 'migration-logs' || task.output.length === 0) throw new Refusal('ResourceNotFoundException');
    return { events: (await this.ecs.lastLines(task.arn)).slice(-limit).map(message => ({ message })) };
  }

  /** The two conditions that are in use. */
  private checkCondition(id: string, { ConditionExpression: condition, ExpressionAttributeValues: values }: Json): void {
    const item = this.table.get(id);
    const holds = {
      'attribute_not_exists(id)': () => item === undefined,
      '#owner = :owner AND #revision = :revision': () => item?.owner.S === values[':owner'].S && item?.revision.N === values[':revision'].N,
    }[condition as string];
    if (condition && !holds) throw new Refusal('ValidationException', `unknown condition ${condition}`);
    if (holds && !holds()) throw new Refusal('ConditionalCheckFailedException', 'The conditional request failed');
  }

  private scan({ ExclusiveStartKey: start }: Json): Json {
    const items = [...this.table.values()];
    const from = start ? items.findIndex(({ id }) => id.S === start.id.S) + 1 : 0;
    const page = items.slice(from, from + this.pageSize);
    return { Items: page, LastEvaluatedKey: from + this.pageSize < items.length ? { id: page.at(-1)!.id } : undefined };
  }
}

function operationOf({ method, url, headers }: IncomingMessage): string {
  if (method === 'PUT') return 'CloudFormation';
  return url!.includes('/invocations') ? 'Invoke' : String(headers['x-amz-target']).split('.')[1];
}

/** A task as ECS describes it; times are in seconds. */
function render({ arn, state }: LocalTask): Json {
  const lastStatus = state.stopped ? 'STOPPED' : 'RUNNING';
  return {
    taskArn: arn,
    lastStatus: state.stopped ? 'DEPROVISIONING' : 'RUNNING',
    stopCode: state.stopCode,
    stoppedReason: state.stoppedReason,
    startedAt: state.startedAt && state.startedAt / 1000,
    executionStoppedAt: state.endedAt && state.endedAt / 1000,
    containers: [{ name: 'sidecar', lastStatus: 'RUNNING' }, { name: 'app', lastStatus, exitCode: state.exitCode ?? null }],
  };
}
