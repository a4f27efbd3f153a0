import * as fs from 'fs';
import * as http from 'http';
import * as https from 'https';
import * as net from 'net';
import * as tls from 'tls';
import {
  Action, DescribeListenersCommand, DescribeRulesCommand, DescribeTargetHealthCommand, ElasticLoadBalancingV2Client, Listener, Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { Authority } from './authority';
import { weightsOf } from './deployments-load-balancer';
import { inOrder, locationOf, matches, Rotation } from './traffic-routing';

/** How old what a listener knows of its rules and targets may get. */
export const MILLISECONDS_UNTIL_KNOWN = 100;

/** Requests to the targets that are not answered yet, by the targets' ports. */
export type InFlight = Map<number, number>;

/** A listener of a load balancer, as a real server: it asks the emulator for its rules and targets, again and again. */
export class TrafficListener {
  public static async start(
    arn: string, client: ElasticLoadBalancingV2Client, authority: Authority, inFlight: InFlight, port?: number,
  ): Promise<TrafficListener> {
    const { Listeners } = await client.send(new DescribeListenersCommand({ ListenerArns: [arn] }));
    const listener = new TrafficListener(arn, Listeners![0], client, authority, inFlight);
    await listener.listen(port ?? 0);
    return listener;
  }

  public readonly protocol: 'http' | 'https';
  private readonly server: http.Server | https.Server;
  private readonly rotations = new Map<string, Rotation>();
  private readonly known = new Map<string, { readonly at: number; readonly value: Promise<unknown> }>();
  private turn = 0;

  private constructor(
    public readonly arn: string,
    private readonly listener: Listener,
    private readonly client: ElasticLoadBalancingV2Client,
    authority: Authority,
    private readonly inFlight: InFlight,
  ) {
    this.protocol = listener.Protocol === 'HTTPS' ? 'https' : 'http';
    const handle = (request: http.IncomingMessage, response: http.ServerResponse) => void this.handle(request, response);
    this.server = this.protocol === 'https' ? https.createServer(secured(authority), handle) : http.createServer(handle);
  }

  public get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  public get url(): string {
    return `${this.protocol}://localhost:${this.port}`;
  }

  /** The rule for a request as the listener would choose it. */
  public async rules(): Promise<Rule[]> {
    return this.recent(this.arn, async () => inOrder((await this.client.send(new DescribeRulesCommand({ ListenerArn: this.arn }))).Rules ?? []));
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', ({ message }) => reject(new Error(
        `${this.arn.split(':listener/')[1]} cannot listen on its port, perhaps because another emulator has one there: ${message}`)));
      this.server.listen(port, '127.0.0.1', resolve);
    });
  }

  private async handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    try {
      const rule = (await this.rules()).find((one) => matches(one, request));
      const actions = rule?.Actions ?? [];
      const action = actions.find(({ Type }) => !Type!.startsWith('authenticate'));
      await this.act(action, rule?.RuleArn ?? '', request, response);
    } catch (error) {
      refuse(response, 500, `${error}`);
    }
  }

  private async act(action: Action | undefined, rule: string, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    switch (action?.Type) {
      case 'forward':
        return this.forward(action, rule, request, response);
      case 'fixed-response': {
        const { StatusCode, ContentType = 'text/plain', MessageBody = '' } = action.FixedResponseConfig!;
        response.writeHead(Number(StatusCode), { 'content-type': ContentType }).end(MessageBody);
        return;
      }
      case 'redirect': {
        const location = locationOf(action, request, this.protocol, this.listener.Port!);
        response.writeHead(action.RedirectConfig!.StatusCode === 'HTTP_301' ? 301 : 302, { location }).end();
        return;
      }
      default:
        refuse(response, 404, `no rule for ${request.headers.host}${request.url}`);
    }
  }

  private async forward(action: Action, rule: string, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const rotation = this.rotations.get(rule) ?? new Rotation();
    this.rotations.set(rule, rotation);
    const group = rotation.next(weightsOf(action));
    const ports = group === undefined ? [] : await this.targets(group);
    if (ports.length === 0) {
      // What a load balancer answers for a target group without targets.
      refuse(response, 503, 'Service Temporarily Unavailable');
      return;
    }
    this.proxy(ports[this.turn++ % ports.length], request, response);
  }

  private targets(group: string): Promise<number[]> {
    return this.recent(group, async () => {
      const { TargetHealthDescriptions = [] } = await this.client.send(new DescribeTargetHealthCommand({ TargetGroupArn: group }));
      return TargetHealthDescriptions.map(({ Target }) => Target!.Port!);
    });
  }

  /** What was asked lately; what cannot be asked again stays as it was. */
  private recent<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const before = this.known.get(key);
    if (before && performance.now() - before.at < MILLISECONDS_UNTIL_KNOWN) {
      return before.value as Promise<T>;
    }
    const value = before ? ask().catch(() => before.value as Promise<T>) : ask();
    this.known.set(key, { at: performance.now(), value });
    return value;
  }

  private proxy(port: number, request: http.IncomingMessage, response: http.ServerResponse): void {
    this.inFlight.set(port, (this.inFlight.get(port) ?? 0) + 1);
    response.once('close', () => this.inFlight.set(port, this.inFlight.get(port)! - 1));
    const headers = {
      ...request.headers,
      'connection': 'close',
      'x-forwarded-for': [request.headers['x-forwarded-for'], request.socket.remoteAddress].filter(Boolean).join(', '),
      'x-forwarded-proto': this.protocol,
      'x-forwarded-port': `${this.listener.Port}`,
    };
    const target = http.request({ host: '127.0.0.1', port, method: request.method, path: request.url, headers, agent: false }, (answer) => {
      const { connection, ...given } = answer.headers;
      response.writeHead(answer.statusCode!, given);
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    target.once('error', (error) => response.headersSent ? response.destroy() : refuse(response, 502, `Bad Gateway: ${error.message}`));
    response.once('close', () => target.destroy());
    request.pipe(target);
  }
}

function refuse(response: http.ServerResponse, status: number, reason: string): void {
  if (!response.headersSent) {
    response.writeHead(status, { 'content-type': 'text/plain', 'server': 'awselb/2.0' });
  }
  response.end(reason);
}

/** Each name that is asked for gets a certificate of its own. */
function secured(authority: Authority): https.ServerOptions {
  return {
    cert: fs.readFileSync(authority.serverCertificate),
    key: fs.readFileSync(authority.serverKey),
    SNICallback: (name, done) => {
      authority.issue(name).then(
        ({ certificate, key }) => done(null, tls.createSecureContext({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) })),
        (error: Error) => done(error),
      );
    },
  };
}
