import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, CfnResource, DefaultStackSynthesizer, SecretValue, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { AwsStandIn } from './aws';
import { call } from './program';

// Each call is a process.
jest.setTimeout(60_000);

const ACCOUNT = '111111111111';
const env = { account: ACCOUNT, region: 'eu-central-1' };

let folder: string;
let aws: AwsStandIn;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  aws = await AwsStandIn.start();
  aws.on('GetCallerIdentity', () => `<Account>${ACCOUNT}</Account>`)
    .on('GetParameter', () => ({ Parameter: { Value: '21' } }))
    .on('ListStackResources', () => ({ error: 'ValidationError' }));
});
afterEach(() => {
  aws.stop();
  rmSync(folder, { recursive: true });
});

interface Finding {
  readonly where: string;
  readonly check: string;
  readonly status: string;
  readonly found: string;
  readonly fix?: string;
}

interface Examination {
  readonly code: number;
  readonly healthy: boolean;
  readonly findings: Finding[];
  readonly said: string;
}

async function examine(build: (stack: Stack) => void): Promise<Examination> {
  const app = new App({ outdir: folder });
  build(new Stack(app, 'Shop', { env, synthesizer: new DefaultStackSynthesizer() }));
  app.synth();
  const { code, stdout, stderr } = await call(['doctor', '--app', folder, '--json'], { environment: aws.environment });
  return { code, ...JSON.parse(stdout), said: stdout + stderr };
}

const of = (findings: Finding[], wanted: string) =>
  findings.filter(({ check }) => check === wanted).map(({ status, found, fix }) => ({ status, found, fix }));
const something = (stack: Stack) => new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic' });

test('an account that is ready is healthy', async () => {
  const { code, healthy, findings } = await examine(something);
  expect({ code, healthy }).toEqual({ code: 0, healthy: true });
  expect(findings.map(({ check, status }) => [check, status])).toEqual([['credentials', 'good'], ['bootstrap', 'good']]);
});

test('a bootstrap that is not there, with the command that makes it', async () => {
  aws.on('GetParameter', () => ({ error: 'ParameterNotFound' }));
  const { code, findings } = await examine(something);
  expect(code).toBe(1);
  expect(of(findings, 'bootstrap')).toEqual([{
    status: 'bad', found: 'not there (no parameter /cdk-bootstrap/hnb659fds/version)', fix: `npx cdk bootstrap aws://${ACCOUNT}/eu-central-1`,
  }]);
});

test('a bootstrap that is too old', async () => {
  aws.on('GetParameter', () => ({ Parameter: { Value: '5' } }));
  const { findings } = await examine(something);
  expect(of(findings, 'bootstrap')).toMatchObject([{ status: 'bad', found: expect.stringMatching(/^version 5, and \d+ is needed$/) }]);
});

test('credentials of another account: nothing else is asked of it', async () => {
  aws.on('GetCallerIdentity', () => '<Account>222222222222</Account>');
  const { code, findings } = await examine(something);
  expect(code).toBe(1);
  expect(of(findings, 'credentials')).toEqual([{ status: 'bad', found: 'these are of account 222222222222', fix: `sign in to ${ACCOUNT}: --profile <name>` }]);
  expect(aws.calls.map(({ action }) => action)).toEqual(['GetCallerIdentity']);
});

describe('quotas', () => {
  const vpc = (stack: Stack) => new ec2.CfnVPC(stack, 'Vpc', { cidrBlock: '10.0.0.0/16' });
  const vpcs = (count: number) => aws.on('DescribeVpcs', () =>
    `<DescribeVpcsResponse><vpcSet>${'<item><vpcId>vpc-1</vpcId></item>'.repeat(count)}</vpcSet></DescribeVpcsResponse>`);

  test('a VPC more than there may be', async () => {
    vpcs(5).on('GetServiceQuota', ({ QuotaCode }) => ({ Quota: { QuotaCode, Value: 5 } }));
    const { code, findings } = await examine(vpc);
    expect(code).toBe(1);
    expect(of(findings, 'quota')).toEqual([{
      status: 'bad',
      found: 'VPCs: 5 of 5 are used, 1 more will be made',
      fix: 'https://console.aws.amazon.com/servicequotas/home/services/vpc/quotas/L-F678F1CE: ask for 6 at least',
    }]);
  });

  test('the default counts where the account has no value of its own', async () => {
    vpcs(3).on('GetServiceQuota', () => ({ error: 'NoSuchResourceException' })).on('GetAWSDefaultServiceQuota', () => ({ Quota: { Value: 5 } }));
    expect(of((await examine(vpc)).findings, 'quota')).toMatchObject([{ status: 'good', found: 'VPCs: 3 of 5 are used, 1 more will be made' }]);
  });

  test('what is deployed already counts once', async () => {
    aws.on('ListStackResources', () => `<StackResourceSummaries><member><LogicalResourceId>Vpc</LogicalResourceId><ResourceType>AWS::EC2::VPC</ResourceType>
      <ResourceStatus>CREATE_COMPLETE</ResourceStatus></member></StackResourceSummaries>`);
    const { code, findings } = await examine(vpc);
    expect({ code, quotas: of(findings, 'quota') }).toEqual({ code: 0, quotas: [] });
  });

  test('what the role may not look at is not called well', async () => {
    const { code, findings } = await examine(vpc);
    expect(code).toBe(1);
    expect(of(findings, 'quota')).toMatchObject([{ status: 'unknown', fix: expect.stringContaining('right to read') }]);
  });
});

describe('secrets and parameters', () => {
  function task(stack: Stack) {
    const keys = secretsmanager.Secret.fromSecretNameV2(stack, 'Keys', 'shop/keys');
    const definition = new ecs.FargateTaskDefinition(stack, 'Task');
    definition.addContainer('api', {
      image: ecs.ContainerImage.fromRegistry('example/api'),
      secrets: { STRIPE: ecs.Secret.fromSecretsManager(keys, 'STRIPE'), MAIL: ecs.Secret.fromSecretsManager(keys, 'MAIL') },
    });
  }

  test('a secret that is not there', async () => {
    aws.on('GetSecretValue', () => ({ error: 'ResourceNotFoundException' }));
    const { code, findings } = await examine(task);
    expect(code).toBe(1);
    expect(of(findings, 'secret shop/keys')).toEqual([{
      status: 'bad', found: 'is not there', fix: 'aws secretsmanager create-secret --name shop/keys --secret-string file://value.json',
    }]);
  });

  test('a field that is empty, and nobody is told the others', async () => {
    aws.on('GetSecretValue', () => ({ SecretString: JSON.stringify({ STRIPE: 'sk-very-secret', MAIL: '' }) }));
    const { findings, said } = await examine(task);
    expect(of(findings, 'secret shop/keys')).toMatchObject([{ status: 'bad', found: 'has nothing in MAIL' }]);
    expect(said).not.toContain('sk-very-secret');
  });

  test('a secret with all of its fields is well', async () => {
    aws.on('GetSecretValue', () => ({ SecretString: JSON.stringify({ STRIPE: 'a', MAIL: 'b' }) }));
    expect((await examine(task)).code).toBe(0);
  });

  test("a token of GitHub's that is empty", async () => {
    aws.on('GetSecretValue', () => ({ SecretString: '' }));
    const { findings } = await examine(stack => new CfnResource(stack, 'App', {
      type: 'AWS::Amplify::App', properties: { AccessToken: SecretValue.secretsManager('shop/github') },
    }));
    expect(of(findings, 'secret shop/github')).toMatchObject([{ status: 'bad', found: 'is empty' }]);
  });

  test('a parameter that CloudFormation will ask for', async () => {
    aws.on('GetParameter', ({ Name }) => Name === '/shop/url' ? { error: 'ParameterNotFound' } : { Parameter: { Value: '21' } });
    const { findings } = await examine(stack => new CfnResource(stack, 'Topic', {
      type: 'AWS::SNS::Topic', properties: { DisplayName: ssm.StringParameter.valueForStringParameter(stack, '/shop/url') },
    }));
    expect(of(findings, 'parameter /shop/url')).toMatchObject([{ status: 'bad', found: 'is not there' }]);
  });
});

test('a certificate of CloudFront in another region, without asking anybody', async () => {
  const { findings } = await examine(stack => new CfnResource(stack, 'Site', {
    type: 'AWS::CloudFront::Distribution',
    properties: { DistributionConfig: { ViewerCertificate: { AcmCertificateArn: `arn:aws:acm:eu-central-1:${ACCOUNT}:certificate/1` } } },
  }));
  expect(of(findings, 'certificate')).toMatchObject([{ status: 'bad', found: 'Shop/Site has one of eu-central-1, and needs one of us-east-1' }]);
});

test('a hosted zone that is not there', async () => {
  aws.on('GET /2013-04-01/hostedzone/Z123', () => ({ error: 'NoSuchHostedZone' }));
  const { findings } = await examine(stack => new CfnResource(stack, 'Record', { type: 'AWS::Route53::RecordSet', properties: { HostedZoneId: 'Z123' } }));
  expect(of(findings, 'domain')).toMatchObject([{ status: 'bad', found: 'there is no such zone in this account' }]);
});

test('a stack that is not in the assembly is an error of the command, with those that are', async () => {
  const app = new App({ outdir: folder });
  something(new Stack(app, 'Shop'));
  app.synth();
  const { code, stderr } = await call(['doctor', '--app', folder, '--stack', 'Shopp'], { environment: aws.environment });
  expect(code).toBe(2);
  expect(stderr).toContain('got: --stack Shopp\n  allowed: Shop\n');
});
