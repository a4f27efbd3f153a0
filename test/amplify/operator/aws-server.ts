import { createServer, IncomingMessage, Server, ServerResponse } from 'http';
import { AddressInfo } from 'net';
import { AmplifyStandIn } from './amplify-stand-in';
import { APP_ID, STACK_ID } from './operator-world';
import { AwsError, SsmStandIn } from './ssm-stand-in';
import { stackIn } from '../../service/release/smoke-test-aws';

/** Amplify's REST API, as its model has it. */
const ROUTES: [method: string, path: RegExp, action: string][] = [
  ['GET', /^\/apps\/([^/]+)$/, 'GetApp'],
  ['GET', /^\/apps\/([^/]+)\/branches$/, 'ListBranches'],
  ['GET', /^\/apps\/([^/]+)\/branches\/([^/]+)$/, 'GetBranch'],
  ['POST', /^\/apps\/([^/]+)\/branches\/([^/]+)$/, 'UpdateBranch'],
  ['DELETE', /^\/apps\/([^/]+)\/branches\/([^/]+)$/, 'DeleteBranch'],
  ['GET', /^\/apps\/([^/]+)\/branches\/([^/]+)\/jobs$/, 'ListJobs'],
  ['POST', /^\/apps\/([^/]+)\/branches\/([^/]+)\/jobs$/, 'StartJob'],
];

/** Speaks the protocols of SSM, Secrets Manager, CloudFormation and Amplify, with stand-ins behind. */
export class AwsServer {
  public static async start(): Promise<AwsServer> {
    const server = new AwsServer();
    await new Promise<void>(resolve => server.server.listen(0, '127.0.0.1', resolve));
    server.environment = { ...process.env };
    const { port } = server.server.address() as AddressInfo;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_EC2_METADATA_DISABLED: 'true',
    });
    return server;
  }

  public ssm = new SsmStandIn();
  public amplify = new AmplifyStandIn(APP_ID);
  public readonly secrets = new Map<string, string>();
  public readonly stacks = new Map<string, string>();
  /** Actions in the order in which they came. */
  public readonly actions: string[] = [];

  private environment: NodeJS.ProcessEnv = {};
  private readonly server: Server = createServer((request, response) => void this.receive(request, response));

  public reset(): void {
    this.ssm = new SsmStandIn();
    this.amplify = new AmplifyStandIn(APP_ID);
    this.secrets.clear();
    this.stacks.clear();
    this.stacks.set(STACK_ID, 'CREATE_IN_PROGRESS');
    this.actions.splice(0);
  }

  public async stop(): Promise<void> {
    process.env = this.environment;
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const target = request.headers['x-amz-target'];
    try {
      if (typeof target === 'string') return this.answer(response, this.byTarget(target, JSON.parse(body)));
      if (/x-www-form-urlencoded/.test(request.headers['content-type'] ?? '')) return void response.end(this.byQuery(new URLSearchParams(body)));
      return this.answer(response, this.byPath(request, body));
    } catch (error) {
      const { name, message } = error as Error;
      if (/x-www-form-urlencoded/.test(request.headers['content-type'] ?? '')) {
        return void response.writeHead(400).end(`<ErrorResponse><Error><Type>Sender</Type><Code>${name}</Code><Message>${message}</Message></Error></ErrorResponse>`);
      }
      response.writeHead(400, { 'x-amzn-ErrorType': name }).end(JSON.stringify({ __type: name, message }));
    }
  }

  private answer(response: ServerResponse, answer: object): void {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(withEpochSeconds(answer)));
  }

  private byTarget(target: string, input: any): object {
    const [service, action] = target.split('.');
    this.actions.push(action);
    if (service === 'AmazonSSM') return this.ssm.handle(action, input);
    if (action !== 'GetSecretValue' || !this.secrets.has(input.SecretId)) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return { ARN: input.SecretId, SecretString: this.secrets.get(input.SecretId), CreatedDate: new Date() };
  }

  private byQuery(query: URLSearchParams): string {
    const [action, stack] = [query.get('Action')!, query.get('StackName')!];
    this.actions.push(action);
    if (action === 'DeleteStack') {
      this.stacks.set(stack, 'DELETE_IN_PROGRESS');
      return '<DeleteStackResponse/>';
    }
    const status = this.stacks.get(stack);
    if (!status) throw new AwsError('ValidationError', `Stack with id ${stack} does not exist`);
    return stackIn(status);
  }

  private byPath({ method, url = '' }: IncomingMessage, body: string): object {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    for (const [verb, path, action] of ROUTES) {
      const match = verb === method && path.exec(pathname);
      if (!match) continue;
      this.actions.push(action);
      const [appId, branchName] = match.slice(1).map(decodeURIComponent);
      const query = Object.fromEntries([...searchParams].map(([name, value]) => [name, name === 'maxResults' ? Number(value) : value]));
      return this.amplify.handle(action, { ...query, ...body ? JSON.parse(body) : {}, appId, ...branchName === undefined ? {} : { branchName } });
    }
    throw new AwsError('NotFoundException', `${method} ${pathname}`);
  }
}

/** Both protocols send times so. */
function withEpochSeconds(answer: unknown): unknown {
  if (answer instanceof Date) return answer.getTime() / 1000;
  if (Array.isArray(answer)) return answer.map(withEpochSeconds);
  if (typeof answer !== 'object' || answer === null) return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, withEpochSeconds(value)]));
}
