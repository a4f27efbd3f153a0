import type { Bill } from './bill';
import { several, type PricingRules } from './pricing-rules';
import type { TemplateResource } from './template-resource';
import { MONTH_HOURS } from '../default-usage';

/** Fargate tasks have 20 GB of disk for nothing. */
const FREE_TASK_DISK = 20;
/** Metrics that AWS sends each minute where detailed monitoring is on: CPU, disk and network. */
const DETAILED_METRICS = 7;
const FREE_METRICS = 10;
/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-function-common.html */
const DEFAULT_FUNCTION_MEMORY = 128;

/** What runs code. */
export const COMPUTE_PRICES: PricingRules = {
  'AWS::ECS::Service': (service, bill) => {
    const task = bill.ofType('AWS::ECS::TaskDefinition').find(each => service.refersTo(each, 'TaskDefinition'));
    if (!task) return bill.unpriced(service, 'its task definition is not in the same stack');
    const tasks = fewestTasks(service, bill);
    const onSpot = tasksOnSpot(service, tasks);
    if (onSpot === undefined) return bill.unpriced(service, 'it runs on instances or on capacity that is only known at deployment');
    chargeTasks(service, task, bill, tasks - onSpot, false);
    chargeTasks(service, task, bill, onSpot, true);
  },

  'AWS::Lambda::Function': (lambda, bill) => {
    const { functionRuns, functionMilliseconds } = bill.usage;
    const runs = bill.share(functionRuns, bill.ofType('AWS::Lambda::Function'));
    const memoryGB = lambda.number('MemorySize', DEFAULT_FUNCTION_MEMORY) / 1024;
    const isArm = lambda.list('Architectures')[0] === 'arm64';
    bill.charge(lambda, { price: 'function-requests', what: 'runs', quantity: runs / 1e6, use: true });
    bill.charge(lambda, {
      price: isArm ? 'function-arm' : 'function-x86',
      what: `duration (${isArm ? 'ARM' : 'x86'}, ${memoryGB * 1024} MB)`,
      quantity: runs * functionMilliseconds / 1000 * memoryGB,
      use: true,
    });
  },

  'AWS::EC2::Instance': (instance, bill) => {
    const type = instance.text('InstanceType', 't4g.nano');
    bill.charge(instance, {
      price: `instance:${type}`, what: type, quantity: MONTH_HOURS, commitment: 'EC2 reserved instances or a Savings Plan',
    });
    for (const { Ebs: disk } of instance.list('BlockDeviceMappings')) {
      if (disk?.VolumeType !== 'gp3') bill.unpriced(instance, `its disk of type ${disk?.VolumeType ?? 'gp2'}`);
      else bill.charge(instance, { price: 'ebs-gp3', what: 'disk', quantity: Number(disk.VolumeSize ?? 8) });
    }
    if (instance.isTrue('Monitoring')) {
      bill.charge(instance, { price: 'metric', what: 'detailed monitoring', quantity: DETAILED_METRICS, free: FREE_METRICS });
    }
  },

  'AWS::ECR::Repository': (repository, bill) => {
    const quantity = bill.share(bill.usage.imagesGB, bill.ofType('AWS::ECR::Repository'));
    bill.charge(repository, { price: 'image-storage', what: 'images', quantity, use: true });
  },

  'AWS::Amplify::App': (app, bill) => {
    const { requests, dataOutGB, buildMinutes, functionMilliseconds } = bill.usage;
    const apps = bill.ofType('AWS::Amplify::App');
    bill.charge(app, { price: 'amplify-build', what: 'builds', quantity: bill.share(buildMinutes, apps), use: true });
    bill.charge(app, { price: 'amplify-data', what: 'data to visitors', quantity: bill.share(dataOutGB, internetDoors(bill)), use: true });
    bill.charge(app, { price: 'amplify-storage', what: 'artifacts of builds', quantity: 1, use: true });
    if (app.text('Platform', 'WEB') === 'WEB') return;
    const answers = bill.share(requests, apps);
    bill.charge(app, { price: 'amplify-requests', what: 'requests to its server', quantity: answers / 1e6, use: true });
    bill.charge(app, { price: 'amplify-server', what: 'its server, of 1 GB', quantity: answers * functionMilliseconds / 3.6e6, use: true });
  },
};

/** Where data leaves for the internet. */
export function internetDoors(bill: Bill): TemplateResource[] {
  return bill.ofType('AWS::CloudFront::Distribution', 'AWS::Amplify::App', 'AWS::ElasticLoadBalancingV2::LoadBalancer')
    .filter(door => door.type !== 'AWS::ElasticLoadBalancingV2::LoadBalancer' || door.properties.Scheme !== 'internal');
}

function fewestTasks(service: TemplateResource, bill: Bill): number {
  const target = bill.ofType('AWS::ApplicationAutoScaling::ScalableTarget').find(each => each.refersTo(service));
  if (!target) return service.number('DesiredCount', 1);
  const fewest = target.number('MinCapacity', 1);
  for (const assumption of target.assumptions) service.assumptions.add(assumption);
  return fewest;
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html */
function tasksOnSpot({ properties }: TemplateResource, tasks: number): number | undefined {
  const strategy: { CapacityProvider: unknown; Weight?: number; Base?: number }[] = properties.CapacityProviderStrategy ?? [];
  if (strategy.length === 0) return properties.LaunchType === 'FARGATE' ? 0 : undefined;
  if (strategy.some(({ CapacityProvider: provider }) => provider !== 'FARGATE' && provider !== 'FARGATE_SPOT')) return undefined;
  const spot = strategy.filter(({ CapacityProvider: provider }) => provider === 'FARGATE_SPOT');
  const sum = (items: typeof strategy, key: 'Weight' | 'Base') => items.reduce((total, item) => total + Number(item[key] ?? 0), 0);
  const [base, spotBase] = [sum(strategy, 'Base'), sum(spot, 'Base')];
  const share = sum(spot, 'Weight') / Math.max(1, sum(strategy, 'Weight'));
  return Math.min(tasks, spotBase) + Math.max(0, tasks - base) * share;
}

function chargeTasks(service: TemplateResource, task: TemplateResource, bill: Bill, tasks: number, onSpot: boolean): void {
  if (tasks === 0) return;
  if (task.text('RuntimePlatform.OperatingSystemFamily', 'LINUX') !== 'LINUX') return bill.unpriced(service, 'its tasks run on Windows');
  const isArm = task.text('RuntimePlatform.CpuArchitecture', 'X86_64') === 'ARM64';
  const hours = tasks * bill.usage.serviceHours;
  const kind = `${isArm ? 'ARM' : 'x86'}${onSpot ? ', Spot' : ''}, ${several(tasks, 'task')}`;
  const common = {
    unsure: onSpot ? 'Spot prices vary: the on-demand price was taken, which is the most that it costs' : undefined,
    commitment: onSpot ? undefined : 'Compute Savings Plan' as const,
  };
  const vcpu = task.number('Cpu', 256) / 1024;
  const memoryGB = task.number('Memory', 512) / 1024;
  const disk = task.number('EphemeralStorage.SizeInGiB', FREE_TASK_DISK) - FREE_TASK_DISK;
  for (const assumption of task.assumptions) service.assumptions.add(assumption);
  bill.charge(service, { ...common, price: isArm ? 'fargate-arm-vcpu' : 'fargate-x86-vcpu', what: `vCPU (${kind})`, quantity: hours * vcpu });
  bill.charge(service, { ...common, price: isArm ? 'fargate-arm-memory' : 'fargate-x86-memory', what: `memory (${kind})`, quantity: hours * memoryGB });
  if (disk > 0) bill.charge(service, { ...common, commitment: undefined, price: 'fargate-storage', what: `disk (${kind})`, quantity: hours * disk });
}
