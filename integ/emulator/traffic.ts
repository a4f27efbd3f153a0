import * as fs from 'fs';
import {
  DescribeListenersCommand, DescribeLoadBalancersCommand, DescribeRulesCommand, ElasticLoadBalancingV2Client, Listener, Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { listenerOf, weightsOf } from './deployments-load-balancer';
import { LoadBalancerSettings } from './deployments-model';
import type { Emulator } from './emulator';
import { InFlight, MILLISECONDS_UNTIL_KNOWN, TrafficListener } from './traffic-listener';
import { AddressedRequest, ContinuousRequests, ContinuousRequestsOptions, send, TrafficAnswer, TrafficRequest } from './traffic-requests';

/** Which listeners lead to a service. */
interface Entrance {
  readonly production?: string;
  readonly test?: string;
}

/**
 * The load balancers, as real servers. A test listener listens on its own port of 127.0.0.1, because functions ask there; other
 * listeners on a free one, from when they are first asked for.
 */
export class Traffic {
  private emulator?: Emulator;
  private readonly listeners = new Map<string, Promise<TrafficListener>>();
  private readonly services = new Map<string, readonly LoadBalancerSettings[]>();
  private readonly inFlight: InFlight = new Map();
  private readonly continuous: ContinuousRequests[] = [];

  public connect(emulator: Emulator): void {
    this.emulator = emulator;
  }

  /**
   * Where the production listener answers, as `http://localhost:port` or `https://localhost:port`; requests need the host that its
   * rules ask for, which `get` and `continuously` send by themselves.
   * @param of name, ARN or logical id of a service; name or ARN of a load balancer; ARN of a listener
   */
  public async url(of: string): Promise<string> {
    return (await this.listener(await this.productionListener(of))).url;
  }

  /** Where a service's test listener answers. */
  public async testUrl(service: string): Promise<string> {
    const { test } = await this.entrance(service);
    if (!test) {
      throw new Error(`${service} has no test listener`);
    }
    return (await this.listener(listenerOf(test))).url;
  }

  /** Sends one request to a service's production listener, or with `test`, to its test listener. */
  public async get(service: string, path: string, request: TrafficRequest = {}): Promise<TrafficAnswer> {
    return send(await this.request(service, path, request));
  }

  /** Sends requests until they are stopped. */
  public async continuously(service: string, path: string, options: ContinuousRequestsOptions = {}): Promise<ContinuousRequests> {
    const requests = new ContinuousRequests(await this.request(service, path, options), options);
    this.continuous.push(requests);
    return requests;
  }

  /** Tells where a service is reached, and opens its test listener. */
  public async serve(service: string, loadBalancers: readonly LoadBalancerSettings[]): Promise<void> {
    this.services.set(service, loadBalancers);
    for (const { AdvancedConfiguration: advanced } of loadBalancers) {
      if (advanced?.TestListenerRule) await this.openTestListener(listenerOf(advanced.TestListenerRule));
    }
  }

  /** Closes the test listeners that no other service has. */
  public async forget(service: string): Promise<void> {
    const testListeners = (settings: readonly LoadBalancerSettings[]) => settings.flatMap(({ AdvancedConfiguration: advanced }) =>
      advanced?.TestListenerRule ? [listenerOf(advanced.TestListenerRule)] : []);
    const gone = testListeners(this.services.get(service) ?? []);
    this.services.delete(service);
    const used = [...this.services.values()].flatMap(testListeners);
    await Promise.all(gone.filter((arn) => !used.includes(arn)).map((arn) => this.close(arn)));
  }

  /** Waits until no listener knows a deregistered target any more, and none of its requests is open. */
  public async drained(port: number, longestMilliseconds: number): Promise<void> {
    const end = performance.now() + longestMilliseconds;
    await wait(2 * MILLISECONDS_UNTIL_KNOWN);
    while ((this.inFlight.get(port) ?? 0) > 0 && performance.now() < end) await wait(10);
  }

  public async stop(): Promise<void> {
    await Promise.all(this.continuous.map((requests) => requests.stop()));
    await Promise.all([...this.listeners.keys()].map((arn) => this.close(arn)));
  }

  private async request(service: string, path: string, request: TrafficRequest): Promise<AddressedRequest> {
    const { production, test } = await this.entrance(service);
    const rule = request.test ? test : production;
    if (!rule) {
      throw new Error(`${service} has no ${request.test ? 'test' : 'production'} listener`);
    }
    const listener = await this.listener(listenerOf(rule));
    const { Conditions = [] } = (await listener.rules()).find(({ RuleArn }) => RuleArn === rule) ?? {};
    const host = Conditions.find(({ Field }) => Field === 'host-header')?.Values?.find((value) => !/[*?]/.test(value));
    return { host, ...request, url: `${listener.url}${path}`, authority: fs.readFileSync(this.connected.authority.certificate) };
  }

  private async productionListener(of: string): Promise<string> {
    if (of.includes(':listener/') || of.includes(':listener-rule/')) return listenerOf(of);
    if (!of.includes(':loadbalancer/') && this.find(of)) return listenerOf((await this.entrance(of)).production!);
    const names = of.includes(':loadbalancer/') ? { LoadBalancerArns: [of] } : { Names: [of] };
    const { LoadBalancers } = await this.client.send(new DescribeLoadBalancersCommand(names));
    const { Listeners = [] } = await this.client.send(new DescribeListenersCommand({ LoadBalancerArn: LoadBalancers![0].LoadBalancerArn }));
    const usual = ({ Port }: Listener) => [443, 80].includes(Port!) ? 443 - Port! : Port! + 1000;
    return [...Listeners].sort((one, other) => usual(one) - usual(other))[0].ListenerArn!;
  }

  private find(service: string): readonly LoadBalancerSettings[] | undefined {
    const found = [...this.services.keys()].filter((name) => isNamed(name, service));
    if (found.length > 1) {
      throw new Error(`several services are called ${service}: ${found}`);
    }
    return this.services.get(found[0]);
  }

  private async entrance(service: string): Promise<Entrance> {
    const [settings] = this.find(service) ?? [];
    if (!settings) {
      throw new Error(`there is no service ${service} behind a load balancer; there are: ${[...this.services.keys()]}`);
    }
    const { AdvancedConfiguration: advanced } = settings;
    return advanced
      ? { production: advanced.ProductionListenerRule, test: advanced.TestListenerRule }
      : { production: (await this.ruleTo(settings.TargetGroupArn)).RuleArn };
  }

  /** A rule, wherever it is, that forwards to a target group. */
  private async ruleTo(group: string): Promise<Rule> {
    const { LoadBalancers = [] } = await this.client.send(new DescribeLoadBalancersCommand({}));
    for (const { LoadBalancerArn } of LoadBalancers) {
      const { Listeners = [] } = await this.client.send(new DescribeListenersCommand({ LoadBalancerArn }));
      for (const { ListenerArn } of Listeners) {
        const { Rules = [] } = await this.client.send(new DescribeRulesCommand({ ListenerArn }));
        const rule = Rules.find(({ Actions }) => Actions!.some((action) => action.Type === 'forward' && weightsOf(action).has(group)));
        if (rule) return rule;
      }
    }
    throw new Error(`no listener rule forwards to ${group}`);
  }

  private listener(arn: string): Promise<TrafficListener> {
    return this.listeners.get(arn) ?? this.open(arn);
  }

  private async openTestListener(arn: string): Promise<void> {
    if (this.listeners.has(arn)) return;
    const { Listeners } = await this.client.send(new DescribeListenersCommand({ ListenerArns: [arn] }));
    const port = Listeners![0].Port!;
    // Load balancers share this machine's one address: the port is with the one whose service is deployed.
    for (const [other, listener] of this.listeners) if ((await listener).port === port) await this.close(other);
    await this.open(arn, port);
  }

  private open(arn: string, port?: number): Promise<TrafficListener> {
    const listener = TrafficListener.start(arn, this.client, this.connected.authority, this.inFlight, port);
    this.listeners.set(arn, listener);
    listener.catch(() => this.listeners.delete(arn));
    return listener;
  }

  private async close(arn: string): Promise<void> {
    const listener = await this.listeners.get(arn);
    this.listeners.delete(arn);
    await listener?.stop();
  }

  private get connected(): Emulator {
    if (!this.emulator) {
      throw new Error('no emulator is connected');
    }
    return this.emulator;
  }

  private get client(): ElasticLoadBalancingV2Client {
    return new ElasticLoadBalancingV2Client(this.connected.clientSettings);
  }
}

/** Whether a service is meant: by its name or ARN, or by its logical id or how that begins, after which CloudFormation names it. */
export function isNamed(name: string, meant: string | RegExp): boolean {
  if (meant instanceof RegExp) return meant.test(name);
  const wanted = meant.split('/').at(-1)!;
  return name === wanted || name.startsWith(wanted) || name.includes(`-${wanted}`);
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
