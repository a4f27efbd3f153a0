import * as http from 'http';
import { Action, Rule, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { Weights } from './deployments-load-balancer';

/** Rules in the order in which a load balancer asks them. */
export function inOrder(rules: readonly Rule[]): Rule[] {
  const place = ({ Priority }: Rule) => Priority === 'default' ? Infinity : Number(Priority);
  return [...rules].sort((one, other) => place(one) - place(other));
}

/** Whether a request meets all conditions. One on the client's address always holds: all clients are on this machine. */
export function matches(rule: Rule, request: http.IncomingMessage): boolean {
  return (rule.Conditions ?? []).every((condition) => holds(condition, request));
}

function holds(condition: RuleCondition, request: http.IncomingMessage): boolean {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const values = condition.Values ?? [];
  switch (condition.Field) {
    case 'host-header':
      return values.some((value) => like(value, hostOf(request), 'i'));
    case 'path-pattern':
      return values.some((value) => like(value, url.pathname));
    case 'http-request-method':
      return values.includes(request.method!);
    case 'http-header': {
      const { HttpHeaderName = '', Values = [] } = condition.HttpHeaderConfig ?? {};
      return Values.some((value) => like(value, `${request.headers[HttpHeaderName.toLowerCase()] ?? ''}`, 'i'));
    }
    case 'query-string':
      return values.some((value) => [...url.searchParams].some(([name, given]) => like(value, `${name}=${given}`, 'i')));
    default:
      return condition.Field === 'source-ip';
  }
}

export function hostOf(request: http.IncomingMessage): string {
  return (request.headers.host ?? '').replace(/:\d+$/, '');
}

/** `*` stands for any characters, `?` for one. */
function like(pattern: string, value: string, flags: string = ''): boolean {
  const expression = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${expression}$`, flags).test(value);
}

/** Where a redirect leads. */
export function locationOf({ RedirectConfig: redirect }: Action, request: http.IncomingMessage, protocol: string, port: number): string {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const fill = (template: string) => template
    .replace('#{protocol}', protocol).replace('#{port}', `${port}`).replace('#{host}', hostOf(request))
    .replace('#{path}', url.pathname.slice(1)).replace('#{query}', url.search.slice(1));
  const { Protocol = '#{protocol}', Host = '#{host}', Port = '#{port}', Path = '/#{path}', Query = '#{query}' } = redirect ?? {};
  const query = fill(Query);
  return `${fill(Protocol).toLowerCase()}://${fill(Host)}:${fill(Port)}${fill(Path)}${query ? `?${query}` : ''}`;
}

/** Spreads requests over target groups, exactly by their weights; a load balancer does so by chance. */
export class Rotation {
  private weights = '';
  private readonly credit = new Map<string, number>();

  public next(weights: Weights): string | undefined {
    const groups = [...weights].filter(([, weight]) => weight > 0);
    if (JSON.stringify(groups) !== this.weights) {
      this.weights = JSON.stringify(groups);
      this.credit.clear();
    }
    const credit = (group: string) => this.credit.get(group) ?? 0;
    groups.forEach(([group, weight]) => this.credit.set(group, credit(group) + weight));
    const [chosen] = groups.map(([group]) => group).sort((one, other) => credit(other) - credit(one));
    if (chosen !== undefined) {
      this.credit.set(chosen, credit(chosen) - groups.reduce((sum, [, weight]) => sum + weight, 0));
    }
    return chosen;
  }
}
