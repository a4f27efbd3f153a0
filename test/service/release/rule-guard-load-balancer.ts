import { createServer, IncomingMessage, Server, ServerResponse } from 'http';
import { AddressInfo } from 'net';
import { RuleAction } from '../../../src/service/release/rule-guard-logic';

type Json = string | number | boolean | undefined | readonly Json[] | { readonly [name: string]: Json };

/** What happens to a call instead of an answer. */
export interface Fault {
  /** Error code, or `hang` for no answer at all. */
  readonly code: string;
  readonly status?: number;
  readonly times: number;
}

/** Elastic Load Balancing, as far as a guard asks it, over HTTP in AWS's query protocol. */
export class LoadBalancerApi {
  public static async start(): Promise<LoadBalancerApi> {
    const api = new LoadBalancerApi();
    await new Promise<void>(resolve => api.server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  /** Actions of each rule. */
  public readonly rules = new Map<string, readonly RuleAction[]>();
  /** State of each target, by target group. */
  public readonly targets = new Map<string, readonly string[]>();
  /** Names of the calls that were answered, in their order. */
  public readonly calls: string[] = [];
  public readonly faults = new Map<string, Fault>();

  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk)).on('end', () => this.serve(request, Buffer.concat(chunks).toString(), response));
  });

  public get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Weight of each group in the rule's forward action. */
  public weights(ruleArn: string): { [targetGroupArn: string]: number } {
    const groups = this.rules.get(ruleArn)!.find(({ Type }) => Type === 'forward')!.ForwardConfig!.TargetGroups!;
    return Object.fromEntries(groups.map(({ TargetGroupArn, Weight }) => [TargetGroupArn, Number(Weight)]));
  }

  public reset(): void {
    for (const memory of [this.rules, this.targets, this.faults]) memory.clear();
    this.calls.length = 0;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private serve(request: IncomingMessage, body: string, response: ServerResponse): void {
    const parameters = nested(new URLSearchParams(body)) as { readonly [name: string]: any };
    const fault = this.takeFault(parameters.Action);
    if (fault?.code === 'hang') return;
    const signed = request.headers.authorization?.includes('/elasticloadbalancing/aws4_request');
    const error = fault ?? (signed ? undefined : { code: 'IncompleteSignature', status: 403 });
    if (error) return answer(response, error.status ?? 400, `<ErrorResponse><Error>${xml({ Code: error.code, Message: 'as asked' })}</Error></ErrorResponse>`);

    this.calls.push(parameters.Action);
    const result = this.call(parameters);
    if (result === undefined) return answer(response, 400, `<ErrorResponse><Error>${xml({ Code: 'RuleNotFound', Message: 'none' })}</Error></ErrorResponse>`);
    answer(response, 200, xml({ [`${parameters.Action}Response`]: { [`${parameters.Action}Result`]: result } }));
  }

  private takeFault(call: string): Fault | undefined {
    const fault = this.faults.get(call);
    if (!fault || fault.times === 0) return undefined;
    this.faults.set(call, { ...fault, times: fault.times - 1 });
    return fault;
  }

  private call({ Action, RuleArn, RuleArns, TargetGroupArn, Actions }: { readonly [name: string]: any }): Json {
    switch (Action) {
      case 'DescribeRules':
        return this.rules.has(RuleArns[0]) ? this.describe(RuleArns[0]) : undefined;
      case 'ModifyRule':
        this.rules.set(RuleArn, Actions);
        return this.describe(RuleArn);
      default:
        return { TargetHealthDescriptions: this.targets.get(TargetGroupArn)!.map(State => ({ Target: { Id: '10.0.0.1' }, TargetHealth: { State } })) };
    }
  }

  private describe(RuleArn: string): Json {
    return { Rules: [{ RuleArn, Actions: this.rules.get(RuleArn) as unknown as Json, IsDefault: false }] };
  }
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
}

/** `Actions.member.1.Type=forward` and its like, as objects and lists. */
function nested(parameters: URLSearchParams): Json {
  const root: { [name: string]: any } = {};
  for (const [path, value] of parameters) {
    const names = path.split('.').filter(name => name !== 'member');
    const place = names.slice(0, -1).reduce((at, name) => at[name] ??= {}, root);
    place[names[names.length - 1]] = value;
  }
  return asLists(root);
}

function asLists(value: any): Json {
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value);
  if (entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name))) return entries.map(([, item]) => asLists(item));
  return Object.fromEntries(entries.map(([name, item]) => [name, asLists(item)]));
}

function xml(value: Json): string {
  if (Array.isArray(value)) return value.map(item => `<member>${xml(item)}</member>`).join('');
  if (typeof value !== 'object') return String(value);
  return Object.entries(value).filter(([, item]) => item !== undefined).map(([name, item]) => `<${name}>${xml(item)}</${name}>`).join('');
}
