import * as http from 'http';
import type { AddressInfo } from 'net';

/** A call as the SDK makes it: by its action, with its parameters. */
export interface AwsCall {
  readonly action: string;
  readonly parameters: { readonly [name: string]: any };
}

/** What is answered: JSON, or the inside of an XML answer; or an error by its name. */
export type AwsAnswer = object | string | { readonly error: string; readonly message?: string };

/** AWS as far as a test needs it, on this machine: what has no answer is refused as AWS refuses a role without rights. */
export class AwsStandIn {
  public static async start(): Promise<AwsStandIn> {
    const standIn = new AwsStandIn();
    await new Promise<void>(resolve => standIn.server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  public readonly calls: AwsCall[] = [];
  private answers = new Map<string, (parameters: AwsCall['parameters']) => AwsAnswer>();
  private readonly server = http.createServer((request, response) => void this.receive(request, response));

  /** What an action answers from now on. */
  public on(action: string, answer: (parameters: AwsCall['parameters']) => AwsAnswer): this {
    this.answers.set(action, answer);
    return this;
  }

  public get environment(): NodeJS.ProcessEnv {
    const { port } = this.server.address() as AddressInfo;
    return { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'eu-central-1', AWS_MAX_ATTEMPTS: '1' };
  }

  public stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async receive(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const call = callOf(request, body);
    this.calls.push(call);
    const answer = this.answers.get(call.action)?.(call.parameters) ?? { error: 'AccessDeniedException' };
    const isXml = !request.headers['x-amz-target'];
    const { error, message = 'It does not exist' } = typeof answer === 'object' && 'error' in answer ? answer : { error: undefined };
    response.statusCode = error ? 400 : 200;
    response.setHeader('content-type', isXml ? 'text/xml' : 'application/x-amz-json-1.1');
    if (error) {
      const code = `<Code>${error}</Code><Message>${message}</Message>`;
      response.end(isXml ? `<ErrorResponse><Error>${code}</Error></ErrorResponse>` : JSON.stringify({ __type: error, message }));
    } else {
      response.end(typeof answer === 'string' ? wrapped(call.action, answer) : JSON.stringify(answer));
    }
  }
}

function callOf({ headers, url = '', method }: http.IncomingMessage, body: string): AwsCall {
  const target = headers['x-amz-target'];
  if (target) return { action: `${target}`.split('.').at(-1)!, parameters: JSON.parse(body || '{}') };
  const form = new URLSearchParams(body);
  if (form.has('Action')) return { action: form.get('Action')!, parameters: Object.fromEntries(form) };
  return { action: `${method} ${url.replace(/\?.*$/, '')}`, parameters: {} };
}

/** Query answers have their result in an element of its own; EC2's and those of REST have not. */
function wrapped(action: string, inside: string): string {
  return action.startsWith('GET ') || action.startsWith('Describe') ? inside : `<${action}Response><${action}Result>${inside}</${action}Result></${action}Response>`;
}
