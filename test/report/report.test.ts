import { CfnResource, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { arcade, bucketStack, chainOfFunctions, newApp, read, templateIds, type Written, written } from './fixtures';
import { AppBucket, EnvironmentProfile, Recovery } from '../../src';
import type { DiagramNode } from '../../src/report/program/architecture';
import type { AssemblyResource } from '../../src/report/program/assembly';
import { secretReaders } from '../../src/report/program/secrets';
import { tellReport } from '../../src/report-facts';

function links(page: string): string[] {
  return [...page.matchAll(/href="(https:[^"]+)"/g)].map(([, address]) => address.replaceAll('&amp;', '&'));
}

describe('arcade', () => {
  const app = arcade();
  let report: Written;
  beforeAll(async () => {
    report = await written(app);
  }, 120_000);

  test('every resource of every template is in the inventory', () => {
    const listed = report.page.slice(report.page.indexOf('id="inventory"'));
    const missing = templateIds(app).filter(id => !listed.includes(`>${id}</a>`));
    expect(missing).toEqual([]);
    expect(listed.match(/<tr><td data-of="Type">/g)).toHaveLength(templateIds(app).length);
  });

  test('every rule that lets somebody in is an arrow', () => {
    const { architectures, environments, index } = read(app);
    const rules = architectures.flatMap(({ rules: all }) => all).filter(({ into }) => into);
    const standing = environments.flatMap(({ resources }) => resources).filter(({ type }) => type === 'AWS::EC2::SecurityGroupIngress');
    expect(rules.length).toBeGreaterThanOrEqual(standing.length);
    for (const [number, { rules: own, edges, nodes }] of architectures.entries()) {
      const holds = (node: DiagramNode, group: AssemblyResource) => node.resources.some(each => [each, ...index.referencesOf(each)].includes(group));
      for (const rule of own.filter(({ into, peer, group }) => into && peer !== group)) {
        const into = edges.filter(edge => edge.kind === 'traffic' && edge.label.split(', ').includes(rule.ports));
        const drawn = into.some(({ to }) => holds(nodes.find(({ id }) => id === to)!, rule.group));
        expect([environments[number].name, rule.description, drawn]).toEqual([environments[number].name, rule.description, true]);
      }
    }
  });

  test('visitors come by CloudFront, and nothing else is reached from outside but sign-in', () => {
    for (const { edges, nodes } of read(app).architectures) {
      const from = edges.filter(edge => edge.from === 'outside:Internet').map(({ to }) => nodes.find(({ id }) => id === to)!.kind);
      expect(from.sort()).toEqual(['CloudFront', 'Users']);
    }
  });

  test('staging and production are side by side, with their profiles', () => {
    expect(report.environments.map(({ name, profile }) => [name, profile])).toEqual([['ArcadeStaging', 'staging'], ['ArcadeProduction', 'production']]);
    const [staging, production] = report.environments;
    expect(production.monthlyUsd).toBeGreaterThan(staging.monthlyUsd);
    expect(production.stacks).toEqual(expect.arrayContaining(['ArcadeProduction', 'ArcadeProduction-edge', 'ArcadeProduction-recovery-eu-west-1']));
  });

  test('accepted findings are there with their reasons, alarms with their runbooks, and objectives of recovery', () => {
    for (const part of ['AwsSolutions-COG2', 'Users are the public, who choose', 'docs/runbooks/database-storage.md', 'Lost with the region']) {
      expect(report.page).toContain(part);
    }
    expect(report.markdown).toContain('Platform/Containers/Database<br>RDS backups to any second');
  });

  test('only what is made to may read the database login', () => {
    const { environments, index } = read(app);
    const secrets = secretReaders(environments[1], index);
    const login = secrets.find(({ name }) => /Database\/ApplicationSecret/.test(name))!;
    expect(login.readers.flatMap(({ users }) => users.map(({ construct }) => construct.split('/').slice(2).join('/'))).sort())
      .toEqual(expect.arrayContaining(['Containers/Catalogue/Service/Service']));
    expect(secrets.some(({ name }) => name === 'every secret of the account')).toBe(false);
  });

  test('neither paths of this machine nor dates are in it', () => {
    for (const file of [report.page, report.markdown]) {
      expect(file).not.toContain(process.cwd());
      expect(file).not.toContain('/tmp/');
      expect(file).not.toContain(new Date().toISOString().slice(0, 10));
    }
  });

  test('the same app gives the same bytes, in another folder too', async () => {
    const again = await written(arcade());
    expect(again.page).toBe(report.page);
    expect(again.markdown).toBe(report.markdown);
  }, 120_000);

  test('nothing is fetched, and the page is small', () => {
    expect(report.page).not.toMatch(/<(link|img|iframe|object)\b|@import|url\(/);
    expect(report.page).toContain("default-src 'none'");
    expect(Buffer.byteLength(report.page)).toBeLessThan(1.5 * 1024 * 1024);
  });
});

test.each([5, 300])('an app of about %i resources is drawn, with one box of a kind where a block has many', async count => {
  const app = newApp();
  chainOfFunctions(new Stack(app, 'App'), count === 5 ? 1 : 50);
  const [{ nodes, edges }] = read(app).architectures;
  expect(templateIds(app).length).toBeGreaterThanOrEqual(count);
  expect(nodes.length).toBeLessThanOrEqual(20);
  expect(edges.length).toBeGreaterThan(0);
  const started = Date.now();
  expect((await written(app)).page).toContain('class="node store"');
  expect(Date.now() - started).toBeLessThan(10_000);
});

test('texts of a template are texts in the report, whatever they are', async () => {
  const app = newApp();
  const stack = bucketStack(app, 'App');
  const evil = '<script>alert(1)</script>"onload=\'x\'|`[a](javascript:alert(1))';
  Validations.of(stack).acknowledge({ id: 'Rule-1', reason: evil });
  new CfnResource(stack, 'Alarm', {
    type: 'AWS::CloudWatch::Alarm', properties: { AlarmDescription: `${evil} First: ${evil}\nRunbook: javascript:alert(1)` },
  });
  const { page, markdown } = await written(app);
  expect(page).not.toContain('<script>alert');
  expect(page).not.toContain('href="javascript');
  expect(page).toContain('&lt;script&gt;alert(1)');
  expect(markdown).not.toMatch(/(?<!\\)<script>/);
  expect(markdown).not.toMatch(/(?<!\\)\]\(javascript/);
});

test('stages are environments, and what is nested is listed with what it is in', async () => {
  const app = newApp();
  for (const name of ['Staging', 'Production']) {
    const stack = bucketStack(new Stage(app, name), 'Data', 'eu-west-1');
    new s3.Bucket(new NestedStack(stack, 'Inner'), 'Deep');
  }
  const { environments, page } = await written(app);
  expect(environments.map(({ name, stacks }) => [name, stacks])).toEqual([
    ['Staging', ['Staging-Data', 'Staging-Data/Inner']], ['Production', ['Production-Data', 'Production-Data/Inner']],
  ]);
  expect(page).toContain('Inner/<wbr>Deep');
});

test('what environments have in common, such as the roles of their delivery, is an environment of its own and makes them none', async () => {
  const app = newApp();
  const environment = (name: string, profile: string) => {
    const stack = bucketStack(app, name, 'eu-central-1');
    tellReport(stack, { profile });
    const beside = bucketStack(app, `${name}-edge`, 'us-east-1');
    stack.addDependency(beside);
    return stack;
  };
  const shared = bucketStack(app, 'Registry', 'eu-central-1');
  const [staging, production] = [environment('Staging', 'staging'), environment('Production', 'production')];
  const delivery = bucketStack(app, 'Delivery', 'eu-central-1');
  for (const stack of [staging, production]) {
    delivery.addDependency(stack);
    stack.addDependency(shared);
  }
  const { environments } = await written(app);
  expect(environments.map(({ profile, stacks }) => [[...stacks].sort(), profile])).toEqual(expect.arrayContaining([
    [['Registry'], undefined],
    [['Staging', 'Staging-edge'], 'staging'],
    [['Production', 'Production-edge'], 'production'],
    [['Delivery'], undefined],
  ]));
  expect(environments).toHaveLength(4);
});

test('a group of a nested stack that lets in one of the stack around it has its arrow', () => {
  const app = newApp();
  const stack = new Stack(app, 'App');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
  const outer = new ec2.SecurityGroup(stack, 'Outer', { vpc });
  const nested = new NestedStack(stack, 'Inner');
  new ec2.SecurityGroup(nested, 'Group', { vpc }).addIngressRule(outer, ec2.Port.tcp(5432));
  const [{ edges }] = read(app).architectures;
  expect(edges.map(({ from, to, label }) => [from, to, label])).toEqual([['App/Outer/Resource', 'App/Inner/Group/Resource', '5432']]);
});

test('an app whose region only the deployment knows has links without a region', async () => {
  const app = newApp();
  bucketStack(app, 'Agnostic');
  const { page, environments: [{ regions }] } = await written(app);
  expect(regions).toEqual([]);
  expect(links(page)).toContain('https://console.aws.amazon.com/cloudformation/home#/stacks/resources?filteringText=Agnostic&filteringStatus=active&viewNested=true&stackId=Agnostic');
});

test.each([
  ['eu-central-1', 'https://eu-central-1.console.aws.amazon.com/'],
  ['cn-north-1', 'https://cn-north-1.console.amazonaws.cn/'],
  ['us-gov-west-1', 'https://us-gov-west-1.console.amazonaws-us-gov.com/'],
])('links of %s lead to %s', async (region, host) => {
  const app = newApp();
  const stack = bucketStack(app, 'App', region);
  new s3.Bucket(stack, 'Named', { bucketName: 'a-bucket-with-a-name' });
  const { page } = await written(app);
  expect(links(page).length).toBeGreaterThan(2);
  expect(links(page).filter(address => !address.startsWith(host))).toEqual([]);
  expect(links(page)).toContain(`${host}s3/buckets/a-bucket-with-a-name?region=${region}`);
});

test('what is open is said first: a group that lets everybody in, a bucket, an unencrypted disk', async () => {
  const app = newApp();
  const stack = new Stack(app, 'App');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
  new ec2.SecurityGroup(stack, 'Group', { vpc }).addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(22));
  new CfnResource(stack, 'Open', { type: 'AWS::S3::Bucket' });
  new CfnResource(stack, 'Disk', { type: 'AWS::RDS::DBInstance', properties: { PubliclyAccessible: true } });
  const { page } = await written(app);
  for (const said of ['Lets everybody in on port 22', 'May be made public: BlockPublicAcls', 'Has a public address', '1 of 2 resources not encrypted at rest']) expect(page).toContain(said);
});

test('objectives of a recovery come from the construct, without a report in the app', async () => {
  const app = newApp();
  const stack = new Stack(app, 'App', { env: { region: 'eu-central-1' } });
  const profile = EnvironmentProfile.production();
  new Recovery(stack, 'Recovery', { profile, buckets: [new AppBucket(stack, 'Files', { profile })] });
  expect((await written(app)).markdown).toMatch(/\| App \| Files<br>/);
});
