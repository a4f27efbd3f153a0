import { App, Duration, Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { addPlatform, EVERYTHING, IMAGE, platformWithSite } from './production-web-platform-fixtures';
import { FRANKFURT, templatesOf, VIRGINIA } from './static-cdn-site-fixtures';
import { EnvironmentProfile, ProductionWebPlatform, ProductionWebPlatformProps } from '../../src';

const HOURS = { profile: EnvironmentProfile.staging(), workingHours: { timeZone: 'Europe/Berlin' } };
const API_ONLY = { site: undefined, signIn: undefined };

const sleeping = (props: Partial<ProductionWebPlatformProps> = {}, env = FRANKFURT) => platformWithSite({ ...HOURS, ...props }, env);

/** Logical ids of the alarms that one of the two calls names. */
function named(template: Template, action: 'enable' | 'disable'): string[] {
  return Object.values(template.findResources('AWS::Scheduler::Schedule'))
    .filter(({ Properties }) => JSON.stringify(Properties.Target.Arn).includes(`cloudwatch:${action}AlarmActions`))
    .flatMap(({ Properties }) => Properties.Target.Input['Fn::Join'][1])
    .filter((part: any) => part.Ref !== undefined)
    .map(({ Ref }: any) => Ref);
}

/** Logical ids of the alarms. */
function idsOf(platform: ProductionWebPlatform, alarms: { readonly alarmName: string }[]): string[] {
  return alarms.map(({ alarmName }) => Stack.of(platform).resolve(alarmName).Ref);
}

test('what rings because services and database sleep is silent: theirs, the relay of the search and the load balancer', () => {
  const { stack, platform } = sleeping({ ...EVERYTHING, recovery: undefined, alerts: { objectives: true } });
  const template = Template.fromStack(stack);
  const { services, database, searchIngestion, loadBalancer, objectives } = platform;
  const relay = searchIngestion!.alarms.find(({ node }) => node.id === 'RelayErrors')!;
  const own = loadBalancer.alarms.find(({ node }) => node.id === 'OwnErrors')!;
  const burning = objectives.filter(({ node }) => ['Availability', 'Latency'].includes(node.id)).flatMap(({ compositeAlarms }) => compositeAlarms!);
  expect(burning).toHaveLength(4);
  const expected = idsOf(platform, [...services.Api.alarms, ...database.alarms, ...searchIngestion!.alarms, relay, own, ...burning]);
  for (const action of ['enable', 'disable'] as const) expect(named(template, action)).toEqual(expect.arrayContaining(expected));
});

test('what has nothing to do with sleep is heard at night too: certificate, firewall, search, uploads', () => {
  const { stack, platform } = sleeping({ ...EVERYTHING, recovery: undefined });
  const silent = named(Template.fromStack(stack), 'disable');
  const others = [...platform.loadBalancer.alarms.filter(({ node }) => node.id !== 'OwnErrors'), ...platform.search!.alarms, ...platform.uploads!.alarms];
  expect(others.length).toBeGreaterThan(3);
  for (const id of idsOf(platform, others)) expect(silent).not.toContain(id);
});

test('what rings in us-east-1 because the API sleeps is silent in a stack that is there; no schedule of another region reaches it', () => {
  const silent = (env: Environment) => {
    const { stack, platform } = sleeping({ alerts: { objectives: true } }, env);
    const names = named(templatesOf(stack).Stack, 'disable');
    const { site, objectives, uptimeCheck } = platform;
    const alarms = [...site!.site.alarms, ...objectives.flatMap(({ compositeAlarms }) => compositeAlarms!), ...uptimeCheck!.alarms];
    const isSilent = (alarm: cloudwatch.AlarmBase) => names.includes(Stack.of(alarm).resolve(alarm.alarmName).Ref);
    return alarms.filter(isSilent).map(({ node }) => node.path.split('/').slice(-2).join('/'));
  };
  const own = ['Availability/BurnsFast', 'Availability/BurnsSlowly', 'Latency/BurnsFast', 'Latency/BurnsSlowly'];
  expect(silent(FRANKFURT)).toEqual(own);
  expect(silent(VIRGINIA)).toEqual([expect.stringMatching(/ServerErrors$/), ...own, 'SiteAvailability/BurnsFast', 'SiteAvailability/BurnsSlowly']);
});

test('services and workers that come later sleep too, and their alarms', () => {
  const { stack, platform } = sleeping();
  const service = platform.addService('Late', { image: IMAGE, containerPort: 80, paths: ['/api/late/*'] });
  const worker = platform.addWorker('Mailer', { image: IMAGE });
  const task = platform.addScheduledTask('Nightly', { image: IMAGE, schedule: scheduler.ScheduleExpression.rate(Duration.days(1)) });
  const template = Template.fromStack(stack);
  const targets = Object.values(template.findResources('AWS::ApplicationAutoScaling::ScalableTarget'));
  expect(targets).toHaveLength(3);
  for (const { Properties } of targets) {
    expect(Properties.ScheduledActions.map((action: any) => action.ScheduledActionName)).toEqual(['WorkingHoursBegin', 'WorkingHoursEnd']);
  }
  const later = [...service.alarms, ...worker.alarms, ...task.alarms];
  for (const alarms of [service.alarms, worker.alarms, task.alarms]) expect(alarms.length).toBeGreaterThan(0);
  expect(named(template, 'disable')).toEqual(expect.arrayContaining(idsOf(platform, later)));
});

test('a platform with many services has working hours like a small one', () => {
  const services = Object.fromEntries(Array.from({ length: 18 }, (_, index) =>
    [`Api${index}`, { image: IMAGE, containerPort: 80, paths: [`/api/${index}/*`], priority: index + 1 }]));
  // Alarms reach a hundred at about the 500 resources of a stack, so that the count of CDK is off here.
  const stack = new Stack(new App({ context: { '@aws-cdk/core:stackResourceLimit': 0 } }), 'Stack', { env: FRANKFURT });
  const platform = addPlatform(stack, { ...HOURS, services });
  const silent = named(Template.fromStack(stack), 'disable');
  expect(silent.length).toBeGreaterThan(100);
  expect(silent).toEqual(expect.arrayContaining(idsOf(platform, Object.values(platform.services).flatMap(({ alarms }) => alarms))));
});

describe('whether it answers', () => {
  test('is not asked where services alone would: they sleep, and the alarm in us-east-1 would ring every night', () => {
    expect(sleeping(API_ONLY).platform.uptimeCheck).toBeUndefined();
    expect(platformWithSite({ ...API_ONLY, profile: EnvironmentProfile.staging() }).platform.uptimeCheck).toBeDefined();
  });

  test('is asked of a site, which CloudFront serves at night too', () => {
    expect(sleeping().platform.uptimeCheck).toBeDefined();
    expect(sleeping({ alerts: { uptimePath: '/about' } }).platform.uptimeCheck).toBeDefined();
  });

  test.each<[string, Partial<ProductionWebPlatformProps>]>([
    ['without a site', { ...API_ONLY, alerts: { uptimePath: '/health' } }],
    ['below apiPaths', { alerts: { uptimePath: '/api/health?deep=1' } }],
    ['below apiPaths of its own', { apiPaths: ['/v?/*'], alerts: { uptimePath: '/v1/health' } }],
  ])('is refused by a path that services answer, %s', (_, props) => {
    expect(() => sleeping(props)).toThrow('a critical alarm would ring every night');
  });

  test('is no matter where alarms are off', () => {
    expect(sleeping({ ...API_ONLY, profile: EnvironmentProfile.development(), alerts: { uptimePath: '/health' } }).platform.uptimeCheck).toBeUndefined();
  });
});
