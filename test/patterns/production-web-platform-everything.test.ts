import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { EVERYTHING, IMAGE, platformWithSite, SITE } from './production-web-platform-fixtures';
import { templatesOf } from './static-cdn-site-fixtures';
import { EnvironmentProfile, ErrorTracking } from '../../src';

const MOST_RESOURCES = 350;

type Environment = { readonly [name: string]: unknown };

function environmentOf(template: Template): Environment {
  const [definition] = Object.values<any>(template.findResources('AWS::ECS::TaskDefinition'));
  return Object.fromEntries(definition.Properties.ContainerDefinitions[0].Environment?.map(({ Name, Value }: any) => [Name, Value]) ?? []);
}

test('everything on fits into one stack, and what has to be elsewhere into three beside it', () => {
  const { stack } = platformWithSite(EVERYTHING);
  const templates = templatesOf(stack);
  expect(Object.keys(templates).sort()).toEqual(['Stack', 'Stack-edge', 'Stack-edge-alarms', 'Stack-recovery-eu-west-1']);
  expect(Object.keys(templates.Stack.toJSON().Resources).length).toBeLessThanOrEqual(MOST_RESOURCES);
});

test('no stack depends on one that depends on it, and `cdk deploy --all` has an order', () => {
  const { stack } = platformWithSite(EVERYTHING);
  templatesOf(stack);
  const idsOf = (names: { readonly node: { readonly id: string } }[]) => names.map(({ node }) => node.id).sort();
  expect(idsOf(stack.dependencies)).toEqual(['Stack-edge', 'Stack-recovery-eu-west-1']);
});

test('the platform itself holds no resource: its children are blocks', () => {
  const { platform } = platformWithSite(EVERYTHING);
  expect(platform.node.children.filter(child => 'cfnResourceType' in child)).toEqual([]);
});

test('a service finds uploads and search, and may use them', () => {
  const { stack } = platformWithSite(EVERYTHING);
  const template = Template.fromStack(stack);
  expect(Object.keys(environmentOf(template))).toEqual(expect.arrayContaining(['OPENSEARCH_URL', 'UPLOADS_BUCKET', 'AUTH_ISSUER']));
  template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 's3:PutObject' })]) },
    Roles: Match.arrayWith([{ Ref: Match.stringLikeRegexp('ArcadeContainersApiTask') }]),
  });
});

test('a service that needs neither has neither', () => {
  const lean = { image: IMAGE, containerPort: 80, usesUploads: false, usesSearch: false, usesSignIn: false };
  const { stack } = platformWithSite({ ...EVERYTHING, services: { Api: lean } });
  expect(environmentOf(Template.fromStack(stack))).toEqual({});
});

test('images are served below the name of the platform, and pages may upload', () => {
  const { stack } = platformWithSite(EVERYTHING);
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: { CacheBehaviors: Match.arrayWith([Match.objectLike({ PathPattern: '/images/*' })]) },
  });
  template.hasResourceProperties('AWS::S3::Bucket', {
    CorsConfiguration: { CorsRules: [Match.objectLike({ AllowedOrigins: ['https://arcade.example.com'] })] },
  });
  const [policy] = Object.values<any>(template.findResources('AWS::CloudFront::ResponseHeadersPolicy'));
  const { ContentSecurityPolicy: csp } = policy.Properties.ResponseHeadersPolicyConfig.SecurityHeadersConfig;
  expect(JSON.stringify(csp)).toMatch(/connect-src 'self' https:\/\/auth\.arcade\.example\.com https:\/\/.*RegionalDomainName/);
});

test('database and uploads are backed up, copied to the recovery region, and restored each week as a test', () => {
  const { stack, platform } = platformWithSite(EVERYTHING);
  const { Stack: home, 'Stack-recovery-eu-west-1': recovery } = templatesOf(stack);
  home.resourceCountIs('AWS::Backup::RestoreTestingPlan', 1);
  recovery.resourceCountIs('AWS::Backup::BackupVault', 1);
  home.hasResourceProperties('AWS::RDS::DBInstance', { AutomaticBackupReplicationRegion: 'eu-west-1' });
  expect(platform.recovery!.replicas).toHaveLength(1);
});

test('production promises 99.9 %, and 95 % of the requests within 200 ms; staging promises nothing', () => {
  expect(platformWithSite(EVERYTHING).platform.objectives.map(({ objectivePercent }) => objectivePercent)).toEqual([99.9, 95, 99.9]);
  expect(platformWithSite({ profile: EnvironmentProfile.staging() }).platform.objectives).toEqual([]);
});

test('the platform is asked from around the world, unless its site asks for a password', () => {
  const { uptimeCheck } = platformWithSite().platform;
  expect(uptimeCheck!.alarms).toHaveLength(1);
  expect(platformWithSite({ site: { ...SITE, passwordProtected: true } }).platform.uptimeCheck).toBeUndefined();
});

test('one alarm says that the platform is unhealthy', () => {
  const { stack } = platformWithSite(EVERYTHING);
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::CompositeAlarm', { AlarmDescription: Match.stringLikeRegexp('The platform is unhealthy') });
});

test('errors of services and pages are collected, and pages may report them', () => {
  const { stack } = platformWithSite();
  const serviceDsn = secretsmanager.Secret.fromSecretNameV2(stack, 'Sentry', 'arcade/sentry');
  const errorTracking = ErrorTracking.sentry({ serviceDsn, siteDsn: 'https://0123abcd@o1.ingest.sentry.io/42' });
  const other = platformWithSite({ errorTracking });
  const template = Template.fromStack(other.stack);
  expect(environmentOf(template)).toMatchObject({ SENTRY_ENVIRONMENT: 'production' });
  expect(JSON.stringify(template.findResources('AWS::ECS::TaskDefinition'))).toContain('SENTRY_DSN');
  expect(JSON.stringify(template.findResources('AWS::CloudFront::ResponseHeadersPolicy'))).toContain('https://o1.ingest.sentry.io');
  expect(JSON.stringify(template.findResources('Custom::SiteDeployment'))).toContain('SENTRY_DSN');
});

test('what is added later replaces nothing that was there: uploads, then search, then recovery', () => {
  const { uploads, search, recovery, ...less } = EVERYTHING;
  const steps = [less, { ...less, uploads }, { ...less, uploads, search }, EVERYTHING];
  const templates = steps.map(props => Template.fromStack(platformWithSite(props).stack).toJSON().Resources as { [id: string]: { Type: string } });
  for (const [index, later] of templates.slice(1).entries()) {
    for (const [id, { Type }] of Object.entries(templates[index])) expect([id, later[id]?.Type]).toEqual([id, Type]);
  }
});

test('a new version of the code changes task definitions, the migration and the service, and nothing else', () => {
  const templateOf = (tag: string) => {
    const image = ecs.ContainerImage.fromRegistry(`example/api:${tag}`);
    const services = { Api: { image, containerPort: 8000, migrations: { command: ['migrate'] }, smokeTests: [{ path: '/health' }] } };
    const { stack } = platformWithSite({ ...EVERYTHING, services });
    return templatesOf(stack);
  };
  const [before, after] = [templateOf('v1'), templateOf('v2')];
  const changed = Object.keys(before).flatMap(id => {
    const [one, other] = [before[id].toJSON().Resources, after[id].toJSON().Resources] as { [id: string]: { Type: string } }[];
    const ids = Object.keys({ ...one, ...other }).filter(resource => JSON.stringify(one[resource]) !== JSON.stringify(other[resource]));
    return ids.map(resource => other[resource].Type);
  });
  expect(changed).toContain('AWS::ECS::TaskDefinition');
  for (const type of changed) expect(['AWS::ECS::TaskDefinition', 'AWS::ECS::Service', 'Custom::Migrations']).toContain(type);
});
