import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { IMAGE, Platform, resourcesOf } from './fixtures';
import { ReleaseStrategy, ScheduledTask, WebServiceProps, Worker, WorkerQueue } from '../../src';

/*
 * Logical ids are a public contract: a changed one replaces a load balancer, a queue with its messages or a service. Whoever
 * changes this table changes running systems.
 */
const CONTRACT: { [logicalId: string]: string } = {
  ClusterEB0386A7: 'AWS::ECS::Cluster',
  FrontLoadBalancer09A37305: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  FrontLoadBalancerHttp90126EE5: 'AWS::ElasticLoadBalancingV2::Listener',
  FrontLoadBalancerHttpsD8981E6D: 'AWS::ElasticLoadBalancingV2::Listener',
  FrontSecurityGroup9E94CFA6: 'AWS::EC2::SecurityGroup',
  FrontAccessLogsBucket6A1E01BC: 'AWS::S3::Bucket',
  FrontFirewallLog14FD3796: 'AWS::Logs::LogGroup',
  FrontCertificate80916DB9: 'AWS::CertificateManager::Certificate',
  FrontRecord935DA108: 'AWS::Route53::RecordSet',
  ApiRuleEBAF72D7: 'AWS::ElasticLoadBalancingV2::ListenerRule',
  ApiTestRule3431DD5A: 'AWS::ElasticLoadBalancingV2::ListenerRule',
  ApiAlternateTargetGroup38EE6775: 'AWS::ElasticLoadBalancingV2::TargetGroup',
  FrontLoadBalancerTest4EC807BB: 'AWS::ElasticLoadBalancingV2::Listener',
  FailedEventsA83487DA: 'AWS::SQS::Queue',
  DeploymentHelperLog5DC29BCA: 'AWS::Logs::LogGroup',
  ApiServiceD5B4A50A: 'AWS::ECS::Service',
  ApiTargetGroup54BFE075: 'AWS::ElasticLoadBalancingV2::TargetGroup',
  ApiTaskLogsF4AEDFAD: 'AWS::Logs::LogGroup',
  ApiTaskSecurityGroup12E73D50: 'AWS::EC2::SecurityGroup',
  WorkerQueue9380F652: 'AWS::SQS::Queue',
  WorkerDeadLetterQueue2879C389: 'AWS::SQS::Queue',
  WorkerService3F60922A: 'AWS::ECS::Service',
  WorkerTaskLogsFF476DE5: 'AWS::Logs::LogGroup',
  WorkerTaskSecurityGroup673AA2EA: 'AWS::EC2::SecurityGroup',
  ReportStateMachine80E8EAFE: 'AWS::StepFunctions::StateMachine',
  ReportSchedule02F3EA6C: 'AWS::Scheduler::Schedule',
  ReportRunLogsC6B6CE5F: 'AWS::Logs::LogGroup',
  ReportTaskLogs26FA458D: 'AWS::Logs::LogGroup',
  ReportTaskSecurityGroup7812069A: 'AWS::EC2::SecurityGroup',
};

function everything(): Template {
  const platform = new Platform();
  const hostedZone = route53.HostedZone.fromHostedZoneAttributes(platform.stack, 'Zone', { hostedZoneId: 'Z0000000000', zoneName: 'example.com' });
  const loadBalancer = platform.addLoadBalancer('Front', { domainName: 'example.com', hostedZone });
  platform.addService('Api', { loadBalancer });
  new Worker(platform.stack, 'Worker', { cluster: platform.cluster, image: IMAGE, queue: WorkerQueue.managed() });
  new ScheduledTask(platform.stack, 'Report', { cluster: platform.cluster, image: IMAGE, schedule: scheduler.ScheduleExpression.rate(Duration.days(1)) });
  return platform.template();
}

test('logical ids of what keeps state or cannot be renamed stay as they are', () => {
  const template = everything();
  const types = [
    'AWS::ECS::Cluster', 'AWS::ECS::Service', 'AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::ElasticLoadBalancingV2::Listener',
    'AWS::ElasticLoadBalancingV2::ListenerRule', 'AWS::ElasticLoadBalancingV2::TargetGroup', 'AWS::S3::Bucket', 'AWS::SQS::Queue',
    'AWS::Logs::LogGroup', 'AWS::CertificateManager::Certificate', 'AWS::Route53::RecordSet', 'AWS::Scheduler::Schedule',
    'AWS::StepFunctions::StateMachine', 'AWS::EC2::SecurityGroup',
  ];
  const found = Object.fromEntries(types.flatMap(type => Object.keys(template.findResources(type)).map(id => [id, type])));

  expect(found).toEqual(CONTRACT);
});

test.each<[string, Partial<WebServiceProps>]>([
  ['image', { image: ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/python:3.12-slim') }],
  ['command', { command: ['run'] }],
  ['cpu and memory', { cpu: 1024, memoryLimitMiB: 2048 }],
  ['processor', { cpuArchitecture: ecs.CpuArchitecture.X86_64 }],
  ['disk', { ephemeralStorageGiB: 50 }],
  ['environment', { environment: { A: '1' } }],
  ['secrets', { secrets: { A: ecs.Secret.fromSsmParameter({ parameterArn: 'arn:aws:ssm:eu-central-1:111111111111:parameter/a', grantRead: () => undefined } as any) } }],
  ['sidecars', { sidecars: [{ name: 'proxy', image: IMAGE }] }],
  ['volumes', { volumes: { data: '/data' } }],
  ['read-only root', { readonlyRootFilesystem: false }],
  ['ECS Exec', { readonlyRootFilesystem: false, executeCommand: true }],
  ['stop timeout', { stopTimeout: Duration.seconds(10) }],
  ['log retention', { logRetentionDays: 7 }],
  ['Spot share', { spotShare: 50 }],
  ['tasks', { minimumTasks: 4, maximumTasks: 40 }],
  ['scaling', { targetCpuPercent: 40, targetMemoryPercent: 60, targetRequestsPerMinute: 100 }],
  ['schedules', { schedules: [{ name: 'Night', schedule: appscaling.Schedule.cron({ hour: '22' }), minimumTasks: 1, maximumTasks: 2 }] }],
  ['alarms', { alarms: false }],
  ['port', { containerPort: 9000 }],
  ['health check', { healthCheckPath: '/ready', healthCheckInterval: Duration.seconds(30), healthCheckGracePeriod: Duration.minutes(2) }],
  ['deregistration delay', { deregistrationDelay: Duration.seconds(5) }],
  ['latency target', { latencyTarget: Duration.seconds(2) }],
  ['migrations', { migrations: { command: ['migrate'] } }],
  ['smoke tests', { smokeTests: [{ path: '/health' }] }],
  ['bake time', { release: ReleaseStrategy.blueGreen({ bakeTime: Duration.minutes(1), pause: { timeout: Duration.hours(1) } }) }],
  ['traffic steps', { release: ReleaseStrategy.linear() }],
])("a change of a service's %s leaves its listener rule, the listener and the load balancer as they are", (_, changed) => {
  const untouched = (props: Partial<WebServiceProps>) => {
    const platform = new Platform();
    platform.addService('Api', { paths: ['/api/*'], ...props });
    const template = platform.template();
    return ['ListenerRule', 'Listener', 'LoadBalancer'].map(type => resourcesOf(template, `AWS::ElasticLoadBalancingV2::${type}`));
  };

  expect(untouched(changed)).toEqual(untouched({}));
});

test('a change of a service never renames its target group, and the service keeps its logical id', () => {
  const idsOf = (props: Partial<WebServiceProps>) => {
    const platform = new Platform();
    platform.addService('Api', props);
    const template = platform.template();
    return ['AWS::ElasticLoadBalancingV2::TargetGroup', 'AWS::ECS::Service', 'AWS::Logs::LogGroup'].flatMap(type => Object.keys(template.findResources(type)));
  };

  expect(idsOf({ containerPort: 9000, cpu: 1024, memoryLimitMiB: 2048, healthCheckPath: '/ready', spotShare: 50, hosts: ['api.example.com'] })).toEqual(idsOf({}));
});

test('a load balancer that gets HTTPS later keeps its listener on port 80, of which there can be only one', () => {
  const listenerOnPort80 = (domain: boolean) => {
    const platform = new Platform();
    const hostedZone = route53.HostedZone.fromHostedZoneAttributes(platform.stack, 'Zone', { hostedZoneId: 'Z0000000000', zoneName: 'example.com' });
    platform.addLoadBalancer('Front', domain ? { domainName: 'example.com', hostedZone } : {});
    return Object.keys(platform.template().findResources('AWS::ElasticLoadBalancingV2::Listener', { Properties: { Port: 80 } }));
  };

  expect(listenerOnPort80(true)).toEqual(listenerOnPort80(false));
});

test('physical names are left to CloudFormation, so that long ids and replacements work', () => {
  const platform = new Platform(undefined, undefined, 'A-stack-with-a-name-that-is-as-long-as-a-team-may-come-up-with-on-a-long-day');
  platform.addService('A service with a name that is much longer than the thirty-two characters of a target group');
  const template = platform.template();

  for (const { Properties } of Object.values(template.toJSON().Resources) as { Properties: { [name: string]: unknown } }[]) {
    // AWS WAF writes to log groups of this name only.
    if (JSON.stringify(Properties?.LogGroupName)?.includes('aws-waf-logs-')) continue;
    for (const name of ['Name', 'ServiceName', 'LoadBalancerName', 'BucketName', 'QueueName', 'LogGroupName', 'GroupName', 'RoleName']) {
      expect(Properties ?? {}).not.toHaveProperty(name);
    }
  }
});
