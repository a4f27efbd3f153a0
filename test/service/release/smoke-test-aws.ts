import * as http from 'http';
import { TestServer } from './smoke-test-servers';

/** One call of an AWS API, as the SDK sends it. */
export interface ApiCall {
  readonly action: string;
  readonly input: { readonly [name: string]: unknown };
}

/** What an API answers: fields, XML, or an error with its name. */
export type ApiAnswer = object | string | { readonly error: string };

/**
 * Speaks the APIs of ECS, EC2, EventBridge and CloudFormation as far as smoke tests use them.
 * One for a whole file: the SDK's clients read their endpoint once.
 */
export class AwsApis {
  public static async start(): Promise<AwsApis> {
    const apis = new AwsApis();
    apis.server = await TestServer.http((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', chunk => chunks.push(chunk)).on('end', () => apis.answer(request, Buffer.concat(chunks).toString(), response));
    });
    apis.environment = { ...process.env };
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: apis.server.url, AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test',
    });
    return apis;
  }

  public readonly calls: ApiCall[] = [];
  /** Answers by action. An action without one is refused. */
  public answers: { [action: string]: (call: ApiCall) => ApiAnswer } = {};

  private server!: TestServer;
  private environment: NodeJS.ProcessEnv = {};

  public get url(): string {
    return this.server.url;
  }

  /** Forgets the calls and begins with other answers. */
  public reset(answers: AwsApis['answers']): void {
    this.calls.splice(0);
    this.answers = { ...answers };
  }

  public callsOf(action: string): ApiCall['input'][] {
    return this.calls.filter(call => call.action === action).map(({ input }) => input);
  }

  public async stop(): Promise<void> {
    process.env = this.environment;
    await this.server.stop();
  }

  private answer(request: http.IncomingMessage, body: string, response: http.ServerResponse): void {
    const call = readCall(request, body);
    this.calls.push(call);
    const answer = this.answers[call.action]?.(call) ?? { error: 'AccessDeniedException' };
    const isQuery = request.headers['x-amz-target'] === undefined;
    if (typeof answer === 'object' && 'error' in answer) {
      response.writeHead(400).end(isQuery ? xmlError(answer.error) : JSON.stringify({ __type: answer.error, message: 'no' }));
      return;
    }
    response.writeHead(200, { 'content-type': isQuery ? 'text/xml' : 'application/x-amz-json-1.1' });
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  }
}

function readCall({ headers }: http.IncomingMessage, body: string): ApiCall {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return { action: target.split('.')[1], input: JSON.parse(body) };
  const input = Object.fromEntries(new URLSearchParams(body));
  return { action: input.Action, input };
}

/** EC2 and CloudFormation each look for an error elsewhere. */
function xmlError(code: string): string {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error>`;
  return `<Response><Errors>${error}</Errors>${error}</Response>`;
}

/** EC2's answer with the private addresses of network interfaces. */
export function networkInterfaces(...addresses: string[]): string {
  const items = addresses.map(address => `<item><networkInterfaceId>eni-1</networkInterfaceId><privateIpAddress>${address}</privateIpAddress></item>`);
  return `<DescribeNetworkInterfacesResponse><requestId>1</requestId><networkInterfaceSet>${items.join('')}</networkInterfaceSet></DescribeNetworkInterfacesResponse>`;
}

/** CloudFormation's answer with the state of a stack. */
export function stackIn(status: string): string {
  const stack = `<StackName>shop</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus>`;
  return `<DescribeStacksResponse><DescribeStacksResult><Stacks><member>${stack}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}
