import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { onlyResource, Platform, refusal, resourcesOf, wrong } from './fixtures';
import { WebService } from '../../src';
import { includes } from '../../src/service/route-pattern';
import { Routes } from '../../src/service/routes';

function priorities(routes: { [id: string]: { hosts?: string[]; paths?: string[] } }): { [id: string]: number } {
  const listener = new Routes();
  const stack = new Stack();
  return Object.fromEntries(Object.entries(routes)
    .map(([id, { hosts = [], paths = [] }]) => [id, listener.add(new Construct(stack, id), { hosts, paths })]));
}

/** Which services a load balancer would try, in this order. */
function order(routes: { [id: string]: { hosts?: string[]; paths?: string[] } }): string[] {
  return Object.entries(priorities(routes)).sort(([, one], [, other]) => one - other).map(([id]) => id);
}

test.each([
  [['/api/users/*', '/api/*', '/*']],
  [['/health', '/health*', '/*']],
  [['/api/v1/users', '/api/v1/*', '/api/v1*', '/api/*', '/api*', '/*']],
  [['/a/*/c/*', '/a/*', '/*']],
  [['/images/logo.png', '/images/*', '/*']],
])('of overlapping paths %j the more exact one is tried first, in whatever order they are added', paths => {
  const routes = Object.fromEntries(paths.map(path => [`for ${path}`.replaceAll('/', '_'), { paths: [path] }]));
  const expected = Object.keys(routes);

  expect(order(routes)).toEqual(expected);
  expect(order(Object.fromEntries(Object.entries(routes).reverse()))).toEqual(expected);
});

test('of overlapping hosts and paths the more exact pair is tried first', () => {
  expect(order({
    everything: { paths: ['/*'] },
    anyHostApi: { paths: ['/api/*'] },
    anyHostExact: { paths: ['/status'] },
    subdomains: { hosts: ['*.example.com'] },
    subsubdomains: { hosts: ['*.eu.example.com'] },
    host: { hosts: ['www.example.com'] },
    hostApi: { hosts: ['www.example.com'], paths: ['/api/*'] },
    hostExact: { hosts: ['www.example.com'], paths: ['/api/health'] },
  })).toEqual(['hostExact', 'hostApi', 'host', 'subsubdomains', 'subdomains', 'anyHostExact', 'anyHostApi', 'everything']);
});

test('a service keeps its priority when another is added or removed before it', () => {
  const routes = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`Service${index}`, { paths: [`/service-${index}/*`] }]));
  const { Service5: _removed, ...rest } = routes;
  const all = priorities({ Another: { paths: ['/another/*'] }, ...routes });

  for (const [id, priority] of Object.entries(priorities(rest))) expect(all[id]).toBe(priority);
});

test('forty services in four stacks share a load balancer, each on a priority of its own', () => {
  const platform = new Platform();
  const stacks = Array.from({ length: 4 }, (_, index) => new Stack(platform.app, `Services${index}`));
  const paths = ['/a', '/b/c', '/d/e/f', '/g/h/i-'];
  for (let index = 0; index < 40; index++) {
    new WebService(stacks[index % 4], `Service${index}`, { ...platform.serviceProps(), paths: [`${paths[index % 4]}${index}/*`], alarms: false });
  }
  const used = stacks.flatMap(stack => Object.values(resourcesOf(Template.fromStack(stack), 'AWS::ElasticLoadBalancingV2::ListenerRule')))
    .map(rule => rule.Properties.Priority);

  expect(new Set(used).size).toBe(40);
  expect(Math.min(...used)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...used)).toBeLessThanOrEqual(49_800);
});

test('two services whose derived priorities collide are told so, with the way out', () => {
  const listener = new Routes();
  const stack = new Stack();
  const addUntilCollision = () => {
    for (let index = 0; index < 2000; index++) listener.add(new Construct(stack, `Service${index}`), { hosts: [], paths: [`/${index}/*`] });
  };

  expect(refusal(addUntilCollision)).toMatch(/has the listener rule priority \d+ already\.\n {2}got: priority \d+ \(derived from the route[^]*fix: set priority on one of the two services/);
});

test('a collision of chosen priorities names both services', () => {
  const platform = new Platform();
  platform.addService('One', { paths: ['/one/*'], priority: 7 });

  expect(() => platform.addService('Two', { paths: ['/two/*'], priority: 7 }))
    .toThrow(/^Platform\/Two: Platform\/One has the listener rule priority 7 already\.[^]*fix: choose another priority, or leave it out/);
});

test.each([
  ['the same path', { paths: ['/api/*'] }, { paths: ['/api/*'] }],
  ['one of two paths', { paths: ['/api/*', '/docs'] }, { paths: ['/docs', '/help'] }],
  ['everything, said and unsaid', {}, { paths: ['/*'] }],
  ['the same host in other letters', { hosts: ['API.example.com'] }, { hosts: ['api.example.com'], paths: ['/*'] }],
])('two services that answer %s are refused', (_, one, two) => {
  const platform = new Platform();
  platform.addService('One', { ...one, priority: 1 });

  expect(refusal(() => platform.addService('Two', { ...two, priority: 2 }))).toMatch(/^Platform\/Two: Platform\/One answers the same requests already/);
});

test('a refused route leaves no half-made service and no claim', () => {
  const platform = new Platform();
  platform.addService('One', { paths: ['/one/*'], priority: 7 });
  refusal(() => platform.addService('Two', { paths: ['/two/*'], priority: 7 }));

  expect(platform.stack.node.findChild('Two').node.children).toEqual([]);
  expect(() => platform.addService('Three', { paths: ['/two/*'] })).not.toThrow();
});

test('a service with several patterns that would hide a more exact one is refused unless priorities are chosen', () => {
  const add = (chosen?: number) => {
    const platform = new Platform();
    // On one level the slots decide: of eight pairs some come out in the wrong order.
    for (const id of ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']) platform.addService(`Broad${id}`, { paths: [`/${id}/*`] });
    for (const id of ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']) {
      platform.addService(`Exact${id}`, { paths: [`/${id}/deep/*`, `/${id}x/*`], priority: chosen && chosen + id.charCodeAt(0) });
    }
    return platform;
  };

  expect(() => add()).toThrow(/the rule of Platform\/Broad\w would hide '\*\/\w\/deep\/\*' of Platform\/Exact\w/);
  expect(() => add(100)).not.toThrow();
});

test('hosts and paths become the conditions of the rule', () => {
  const platform = new Platform();
  platform.addService('Api', { hosts: ['api.example.com'], paths: ['/v1/*', '/v2/*'] });

  expect(onlyResource(platform.template(), 'AWS::ElasticLoadBalancingV2::ListenerRule', 'ApiRule').Conditions).toEqual([
    { Field: 'host-header', HostHeaderConfig: { Values: ['api.example.com'] } },
    { Field: 'path-pattern', PathPatternConfig: { Values: ['/v1/*', '/v2/*'] } },
  ]);
});

test('a priority that is only known at deployment is passed on', () => {
  const platform = new Platform();
  const parameter = new CfnParameter(platform.stack, 'Priority', { type: 'Number' });
  platform.addService('One', { paths: ['/one/*'], priority: parameter.valueAsNumber });
  platform.addService('Two', { paths: ['/two/*'], priority: parameter.valueAsNumber });

  expect(onlyResource(platform.template(), 'AWS::ElasticLoadBalancingV2::ListenerRule', 'OneRule').Priority).toEqual({ Ref: 'Priority' });
});

test.each([
  [{ paths: ['api/*'] }, /paths is not well-formed[^]*a path that begins with \//],
  [{ paths: ['/with space'] }, /paths is not well-formed/],
  [{ paths: [`/${'x'.repeat(128)}`] }, /paths is not well-formed/],
  [{ paths: '/api/*' }, /paths is not a list/],
  [{ paths: [] }, /1 to 5 hosts and paths together/],
  [{ paths: ['/1', '/2', '/3', '/4', '/5', '/6'] }, /1 to 5 hosts and paths together[^]*0 hosts, 6 paths/],
  [{ hosts: ['https://example.com'] }, /hosts is not well-formed/],
  [{ hosts: 'api.example.com' }, /hosts is not a list/],
  [{ priority: 0 }, /priority is not a whole number from 1 to 50000/],
  [{ priority: 50_001 }, /priority is not a whole number from 1 to 50000/],
  [{ priority: '1' }, /priority is not a whole number/],
])('a service with %j is refused', (props, message) => {
  const platform = new Platform();

  expect(refusal(() => platform.addService('Api', wrong(props)))).toMatch(message);
});

test.each([
  ['/*', '/api/*', true],
  ['/api*', '/api/*', true],
  ['/a?c', '/abc', true],
  ['/a?c', '/a*c', false],
  ['/api/*', '/api*', false],
  ['*.example.com', 'api.example.com', true],
  ['*.example.com', 'api-example.com', false],
])('%s includes %s: %s', (general, exact, expected) => {
  expect(includes(general, exact)).toBe(expected);
});
