import { createServer, IncomingMessage, Server } from 'http';
import { AddressInfo } from 'net';

export const CLUSTER = 'default';
export const SERVICE = 'servicetest';
export const ACCOUNT = '111122223333';
export const TOPIC = `arn:aws:sns:us-west-2:${ACCOUNT}:alerts`;
export const SECRET = `arn:aws:secretsmanager:us-west-2:${ACCOUNT}:secret:application-AbCdEf`;
export const SERVICE_ARN = arnOf('service');

/** An ARN of ECS in the cluster of the tests. */
export function arnOf(type: string, id?: string): string {
  return `arn:aws:ecs:us-west-2:${ACCOUNT}:${[type, CLUSTER, SERVICE, ...id ? [id] : []].join('/')}`;
}

interface Call {
  readonly operation: string;
  readonly input: { readonly [name: string]: any };
}

/** A moment as ECS and Secrets Manager write it. */
type Seconds = number;

/** A deployment as ECS keeps it. */
export interface KeptDeployment {
  readonly serviceDeploymentArn: string;
  readonly createdAt: Seconds;
  status: string;
  readonly [name: string]: any;
}

interface Failure {
  readonly type: string;
  readonly message: string;
  readonly status?: number;
}

/** Speaks as much of ECS, SNS, Secrets Manager and CloudFormation as the operator asks, over HTTP. */
export class FakeAws {
  public static async start(): Promise<FakeAws> {
    const aws = new FakeAws();
    await new Promise<void>(resolve => aws.server.listen(0, '127.0.0.1', resolve));
    return aws;
  }

  public calls: Call[] = [];
  /** Newest first, as ECS lists them. */
  public deployments: KeptDeployment[] = [];
  public revisions: { [arn: string]: object } = {};
  public service?: { [name: string]: any };
  public rotations: { [secret: string]: Seconds } = {};
  /** Physical ids by logical id. */
  public resources: { [logicalId: string]: string | undefined } = {};
  public pageSize = 100;
  /** What operations answer instead, as often as it is listed. */
  public failures: { [operation: string]: Failure[] } = {};

  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk)).on('end', () => {
      const call = parse(request, Buffer.concat(chunks).toString());
      this.calls.push(call);
      const failure = this.failures[call.operation]?.shift() ?? this.refuse(call);
      const isQuery = !request.headers['x-amz-target'];
      const body = failure ? writeFailure(failure, isQuery) : this.answer(call);
      response.writeHead(failure ? failure.status ?? 400 : 200, { 'content-type': isQuery ? 'text/xml' : 'application/x-amz-json-1.1' }).end(body);
    });
  });

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public called(operation: string): Call['input'][] {
    return this.calls.filter(call => call.operation === operation).map(({ input }) => input);
  }

  /** Messages as a mailbox shows them. */
  public get mail(): { subject: string; text: string }[] {
    return this.called('Publish').map(({ Subject, Message }) => ({ subject: Subject, text: Message }));
  }

  public forget(): void {
    const { calls, deployments, revisions, service, rotations, resources, pageSize, failures } = new FakeAws();
    Object.assign(this, { calls, deployments, revisions, service, rotations, resources, pageSize, failures });
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private refuse({ operation, input }: Call): Failure | undefined {
    if (operation === 'DescribeStackResource' && !(input.LogicalResourceId in this.resources)) {
      return { type: 'ValidationError', message: `Resource ${input.LogicalResourceId} does not exist for stack ${input.StackName}` };
    }
    return operation === 'DescribeSecret' && !(input.SecretId in this.rotations)
      ? { type: 'ResourceNotFoundException', message: "Secrets Manager can't find the specified secret." }
      : undefined;
  }

  private answer({ operation, input }: Call): string {
    switch (operation) {
      case 'ListServiceDeployments': return JSON.stringify(this.list(input));
      case 'DescribeServiceDeployments': return JSON.stringify({
        serviceDeployments: this.deployments.filter(({ serviceDeploymentArn: arn }) => input.serviceDeploymentArns.includes(arn)), failures: [],
      });
      case 'DescribeServiceRevisions': return JSON.stringify({
        serviceRevisions: input.serviceRevisionArns.map((arn: string) => this.revisions[arn]).filter(Boolean), failures: [],
      });
      case 'DescribeServices': return JSON.stringify({ services: this.service ? [this.service] : [], failures: [] });
      case 'StopServiceDeployment': return JSON.stringify({ serviceDeploymentArn: input.serviceDeploymentArn });
      case 'UpdateService': return JSON.stringify({ service: this.service });
      case 'DescribeSecret': return JSON.stringify({ ARN: input.SecretId, LastRotatedDate: this.rotations[input.SecretId] });
      case 'Publish': return '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>';
      case 'DescribeStackResource': return writeResource(input.LogicalResourceId, this.resources[input.LogicalResourceId]);
      default: throw new Error(`nobody answers ${operation}`);
    }
  }

  private list({ status, createdAt, nextToken }: Call['input']): object {
    const found = this.deployments
      .filter(deployment => !status || status.includes(deployment.status))
      .filter(deployment => !createdAt || deployment.createdAt > createdAt.after)
      .map(({ serviceDeploymentArn, createdAt: created, status: now, targetServiceRevision }) => ({
        serviceDeploymentArn, createdAt: created, status: now, targetServiceRevisionArn: targetServiceRevision?.arn,
      }));
    const start = Number(nextToken ?? 0);
    const end = start + this.pageSize;
    return { serviceDeployments: found.slice(start, end), nextToken: end < found.length ? String(end) : undefined };
  }
}

function parse({ headers }: IncomingMessage, body: string): Call {
  const target = headers['x-amz-target'] as string | undefined;
  if (target) return { operation: target.split('.').pop()!, input: JSON.parse(body) };
  const { Action, ...input } = Object.fromEntries(new URLSearchParams(body));
  return { operation: Action, input };
}

function writeFailure({ type, message }: Failure, isQuery: boolean): string {
  return isQuery
    ? `<ErrorResponse><Error><Type>Sender</Type><Code>${type}</Code><Message>${message}</Message></Error></ErrorResponse>`
    : JSON.stringify({ __type: type, message });
}

function writeResource(logicalId: string, physicalId?: string): string {
  const id = physicalId === undefined ? '' : `<PhysicalResourceId>${physicalId}</PhysicalResourceId>`;
  return '<DescribeStackResourceResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStackResourceResult><StackResourceDetail>'
    + `<LogicalResourceId>${logicalId}</LogicalResourceId>${id}<ResourceType>AWS::ECS::Service</ResourceType>`
    + '<LastUpdatedTimestamp>2026-03-05T15:54:41Z</LastUpdatedTimestamp><ResourceStatus>CREATE_IN_PROGRESS</ResourceStatus>'
    + '</StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>';
}
