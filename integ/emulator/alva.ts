/*
 * examples/alva's staging environment, deployed by the real CDK CLI and read back: three services behind one load balancer,
 * each with its own rule, image and variables.
 */
import {
  DescribeListenersCommand, DescribeLoadBalancersCommand, DescribeRulesCommand, ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { createHostedZone, createSecret } from './account';
import { CdkCli } from './cdk';
import { Checks } from './checks';
import { DeployedService } from './deployed-service';
import type { Emulator } from './emulator';
import { pushAsRepositoriesAppear } from './images';
import { answerAll } from './process';
import { runSuite } from './suite';

const STACK = 'alva-staging';
const checks = new Checks();

async function live(emulator: Emulator): Promise<void> {
  const cdk = new CdkCli(emulator, 'npx tsx --tsconfig tsconfig.dev.json examples/alva/app.ts');
  const hostedZoneId = await createHostedZone(emulator, 'alva.example.com');
  await createSecret(emulator, 'alva/staging/keys', { SMTP_URL: 'smtps://mail.example.com', SENTRY_DSN: 'https://sentry.example.com/1' });
  const context = { environment: 'staging', hostedZoneId };

  emulator.dataPlane.deployments.run('Platform', { command: answerAll });

  await cdk.bootstrap();
  await checks.step('deploying alva-staging, while its three images are pushed', () =>
    Promise.all([cdk.deploy([STACK], { context, quiet: true }), pushAsRepositoriesAppear(emulator, 3, 'v1')]));

  await checkServices(emulator);
  await checkRules(emulator);
  await checks.step('destroying it', () => cdk.destroy([STACK], { context, quiet: true }));
}

async function checkServices(emulator: Emulator): Promise<void> {
  const services = await DeployedService.findAll(emulator, STACK);
  checks.check('there are three services', services.length === 3, services.map(({ service }) => service.serviceName));
  checks.check('each has an image of its own', new Set(services.map(service => service.container().image)).size === 3, services.length);
  for (const service of services) {
    const port = service.container().portMappings![0].containerPort!;
    const variables = await service.environment();
    checks.check(`${port}: half a vCPU and 1 GiB`, service.taskDefinition.cpu === '512' && service.taskDefinition.memory === '1024', service.taskDefinition);
    checks.check(`${port}: mail and error tracking as secrets`, variables.SMTP_URL.startsWith('smtps://') && variables.SENTRY_DSN.startsWith('https://'), Object.keys(variables));
    const databaseUrl = port === 3000 ? variables.DATABASE_URL === undefined : /^postgresql:\/\/app_[ab]:/.test(variables.DATABASE_URL);
    checks.check(`${port}: the database for those that use it`, databaseUrl, Object.keys(variables));
  }
}

async function checkRules(emulator: Emulator): Promise<void> {
  for (const { service } of await DeployedService.findAll(emulator, STACK)) {
    const { status } = emulator.dataPlane.deployments.last(service.serviceName!);
    checks.check(`${service.serviceName} started beside, was tested and took over`, status === 'SUCCESSFUL', status);
  }
  const elb = new ElasticLoadBalancingV2Client(emulator.clientSettings);
  const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({}));
  const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: LoadBalancers![0].LoadBalancerArn }));
  const https = Listeners!.find(({ Port }) => Port === 443)!;
  const { Rules } = await elb.send(new DescribeRulesCommand({ ListenerArn: https.ListenerArn }));
  const values = Rules!.filter(({ IsDefault }) => !IsDefault)
    .sort((one, other) => Number(one.Priority) - Number(other.Priority))
    .map(({ Conditions }) => Conditions!.flatMap(({ Values }) => Values).join(' '));
  checks.check('hosts go before paths, and everything last',
    JSON.stringify(values) === JSON.stringify(['auth.staging.alva.example.com', '/api /api/*', '/*']), values);
}

void runSuite('alva', checks, live);
