import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, Aspects, Duration, Lazy, RemovalPolicy, SecretValue, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { EnvironmentProfile } from '../../src/environment';
import { PlatformError } from '../../src/errors';
import { SiteDeployment, SiteDeploymentProps } from '../../src/site/site-deployment';
import { RuntimeConfig } from '../../src/site/site-runtime-config';

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'site-deployment-'));
  fs.mkdirSync(path.join(folder, 'assets'));
  fs.writeFileSync(path.join(folder, 'index.html'), '<script src="/assets/index-BxY3dR9k.js">');
  fs.writeFileSync(path.join(folder, 'assets/index-BxY3dR9k.js'), 'app');
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

function stackOf(region?: string): Stack {
  return new Stack(new App(), 'Site', region ? { env: { account: '111111111111', region } } : {});
}

function deploy(props: Partial<SiteDeploymentProps> = {}, stack = stackOf()): { stack: Stack; site: SiteDeployment } {
  const bucket = props.bucket ?? new s3.Bucket(stack, 'Files', { versioned: true });
  return { stack, site: new SiteDeployment(stack, 'Deployment', { bucket, directory: folder, ...props }) };
}

function statementsOf(stack: Stack): { Action: unknown; Resource: unknown; Condition?: unknown }[] {
  const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'));
  return policy.Properties.PolicyDocument.Statement;
}

function resourceOf(stack: Stack): { [name: string]: unknown } {
  const [resource] = Object.values(Template.fromStack(stack).findResources('Custom::SiteDeployment'));
  return resource.Properties;
}

test('a folder becomes a zip file, a list of its files, and a resource that names both', () => {
  const { stack, site } = deploy();
  const assembly = (stack.node.root as App).synth();
  const { ArchiveKey, ManifestKey, ContentId, ...properties } = resourceOf(stack);
  expect(ArchiveKey).toMatch(/^[0-9a-f]{64}\.zip$/);
  expect(ManifestKey).toMatch(/^[0-9a-f]{64}\.json$/);
  expect(ContentId).toBe(site.contentId);
  expect(properties).toMatchObject({ Configs: [], RemoveOnDelete: 'false', ServiceTimeout: '960', Bucket: { Ref: expect.any(String) } });
  const manifest = JSON.parse(fs.readFileSync(path.join(assembly.directory, `asset.${ManifestKey}`), 'utf8'));
  expect(manifest.files.map((file: { path: string; cacheControl: string }) => [file.path, file.cacheControl])).toEqual([
    ['assets/index-BxY3dR9k.js', 'public, max-age=31536000, immutable'], ['index.html', 'public, max-age=0, must-revalidate'],
  ]);
  expect(fs.readdirSync(path.join(assembly.directory, `asset.${`${ArchiveKey}`.replace('.zip', '')}`)).sort()).toEqual(['assets', 'index.html']);
  expect(stack.resolve(site.releaseId)).toEqual({ 'Fn::GetAtt': [expect.any(String), 'ReleaseId'] });
  expect(stack.resolve(site.uploadedFiles)).toEqual({ 'Fn::GetAtt': [expect.any(String), 'Uploaded'] });
});

test('nothing is left behind in the folder or in the temporary folder', () => {
  const made = jest.spyOn(jest.requireActual<typeof fs>('fs'), 'mkdtempSync');
  deploy();
  const folders = made.mock.results.map(({ value }) => value as string).filter(name => path.basename(name).startsWith('site-'));
  made.mockRestore();
  expect(folders).toHaveLength(1);
  expect(fs.existsSync(folders[0])).toBe(false);
  expect(fs.readdirSync(folder).sort()).toEqual(['assets', 'index.html']);
});

test('without staging the list of files stays where the CLI takes it from', () => {
  const stack = new Stack(new App({ context: { 'aws:cdk:disable-asset-staging': true } }), 'Site');
  deploy({}, stack);
  const { ManifestKey } = resourceOf(stack);
  const assets = JSON.parse(fs.readFileSync(path.join((stack.node.root as App).synth().directory, 'Site.assets.json'), 'utf8'));
  const { source } = Object.values<{ source: { path: string } }>(assets.files).find((_, index) => `${Object.keys(assets.files)[index]}.json` === ManifestKey)!;
  expect(JSON.parse(fs.readFileSync(source.path, 'utf8')).files).toHaveLength(2);
  fs.rmSync(path.dirname(source.path), { recursive: true });
});

test('a symbolic link within the folder is staged as what it means', () => {
  const linked = fs.mkdtempSync(path.join(os.tmpdir(), 'site-deployment-'));
  fs.writeFileSync(path.join(linked, 'index.html'), 'same');
  fs.symlinkSync('index.html', path.join(linked, 'home.html'));
  const { stack } = deploy({ directory: linked });
  const { directory } = (stack.node.root as App).synth();
  const staged = path.join(directory, `asset.${`${resourceOf(stack).ArchiveKey}`.replace('.zip', '')}`, 'home.html');
  expect(fs.lstatSync(staged).isFile()).toBe(true);
  fs.rmSync(linked, { recursive: true });
});

test('the function may read two assets, write two prefixes and know whether a record is there: no more', () => {
  const { stack } = deploy();
  const statements = statementsOf(stack).filter(({ Action }) => JSON.stringify(Action).includes('s3:'));
  const bucket = { 'Fn::GetAtt': [expect.stringMatching(/^Files/), 'Arn'] };
  const below = (prefix: string) => ({ 'Fn::Join': ['', [bucket, `/${prefix}/*`]] });
  expect(statements).toEqual([
    { Effect: 'Allow', Action: 's3:GetObject', Resource: [expect.anything(), expect.anything()] },
    { Effect: 'Allow', Action: ['s3:PutObject', 's3:DeleteObject'], Resource: [below('site'), below('releases')] },
    { Effect: 'Allow', Action: 's3:GetObjectVersion', Resource: below('site') },
    { Effect: 'Allow', Action: 's3:GetObject', Resource: below('releases') },
    { Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket },
  ]);
  const { ArchiveKey, ManifestKey } = resourceOf(stack);
  expect(JSON.stringify(statements[0].Resource)).toContain(`/${ArchiveKey}`);
  expect(JSON.stringify(statements[0].Resource)).toContain(`/${ManifestKey}`);
  expect(JSON.stringify(statementsOf(stack))).not.toMatch(/cloudfront:|kms:/);
});

test('its wildcards are explained to auditors under the names that they see', () => {
  const { stack, site } = deploy();
  (stack.node.root as App).synth();
  expect(JSON.stringify(site.node.metadata)).toMatch(/AwsSolutions-IAM5\[Resource::<Files\w+\.Arn>\/site\/\*\][^]*AwsSolutions-IAM5\[Resource::<Files\w+\.Arn>\/releases\/\*\]/);
});

test('wildcards of a bucket in another stack are explained too', () => {
  const app = new App();
  const other = new Stack(app, 'Other');
  const bucket = new s3.Bucket(other, 'Files');
  const named = s3.Bucket.fromBucketName(other, 'Named', 'my-files');
  const { site } = deploy({ bucket }, new Stack(app, 'Site'));
  const second = deploy({ bucket: named }, new Stack(app, 'Second')).site;
  app.synth();
  expect(JSON.stringify(site.node.metadata)).toMatch(/Resource::<?[^>]*Other[^>]*>?\/site\/\*/);
  expect(JSON.stringify(second.node.metadata)).toContain('Resource::arn:<AWS::Partition>:s3:::my-files/site/*');
});

test('what goes with its stack may remove each version, and is told to', () => {
  const { stack } = deploy({ profile: EnvironmentProfile.development() });
  expect(resourceOf(stack).RemoveOnDelete).toBe('true');
  expect(statementsOf(stack)).toContainEqual(expect.objectContaining({
    Action: 's3:ListBucketVersions', Condition: { StringEquals: { 's3:prefix': ['site/', 'releases/'] } },
  }));
  expect(statementsOf(stack)).toContainEqual(expect.objectContaining({ Action: ['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'] }));
  expect(resourceOf(deploy({ removalPolicy: RemovalPolicy.RETAIN, profile: EnvironmentProfile.development() }).stack).RemoveOnDelete).toBe('false');
});

test('the key of the bucket may be used through S3 only', () => {
  const stack = stackOf('cn-north-1');
  const bucket = new s3.Bucket(stack, 'Files', { encryptionKey: new kms.Key(stack, 'Key') });
  deploy({ bucket, encryptionKey: new kms.Key(stack, 'Own') }, stack);
  expect(statementsOf(stack)).toContainEqual({
    Effect: 'Allow',
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
    Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['s3.cn-north-1.', { Ref: 'AWS::URLSuffix' }]] } } },
  });
});

describe('with a distribution', () => {
  test('it may invalidate in this one, and is told which', () => {
    const stack = stackOf();
    const bucket = new s3.Bucket(stack, 'Files');
    const distribution = new cloudfront.Distribution(stack, 'Cdn', { defaultBehavior: { origin: origins.S3BucketOrigin.withOriginAccessControl(bucket) } });
    deploy({ bucket, distribution }, stack);
    const [{ Resource }] = statementsOf(stack).filter(({ Action }) => Action === 'cloudfront:CreateInvalidation');
    expect(JSON.stringify(Resource)).toMatch(/:cloudfront::.*:distribution\/"?.*Cdn/);
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { DISTRIBUTION_ID: { Ref: Match.stringLikeRegexp('^Cdn') }, WAIT_FOR_INVALIDATION: 'false' } },
    });
  });

  test('an imported one will do, and waiting needs one right more', () => {
    const stack = stackOf();
    const distribution = cloudfront.Distribution.fromDistributionAttributes(stack, 'Cdn', { distributionId: 'E123', domainName: 'd.cloudfront.net' });
    deploy({ distribution, waitForInvalidation: true }, stack);
    const [{ Resource }] = statementsOf(stack).filter(({ Action }) => JSON.stringify(Action) === '["cloudfront:CreateInvalidation","cloudfront:GetInvalidation"]');
    expect(JSON.stringify(Resource)).toContain(':distribution/E123');
  });
});

test('the function has time, a processor, and what it has to know; it sweeps daily', () => {
  const { stack, site } = deploy({ gracePeriod: Duration.days(1), keptReleases: 3 });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::Function', {
    Architectures: ['arm64'],
    Timeout: 900,
    MemorySize: 1769,
    Runtime: 'nodejs24.x',
    Environment: { Variables: { GRACE_PERIOD_SECONDS: '86400', KEPT_RELEASES: '3', BUCKET: Match.anyValue() } },
  });
  // A function that was killed after a quarter of an hour is not tried again behind CloudFormation's back.
  template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumEventAgeInSeconds: 600 });
  template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 day)', Targets: [Match.objectLike({ Input: '{"sweep":true}' })] });
  expect(stack.resolve(site.function.functionArn)).toBeDefined();
  template.hasResource('Custom::SiteDeployment', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('RolePolicy')]) });
  expect(site.ready.node.id).toBe('Resource');
});

test('the same folder makes the same resource, and a changed file another one', () => {
  const properties = resourceOf(deploy().stack);
  expect(resourceOf(deploy().stack)).toEqual(properties);
  fs.writeFileSync(path.join(folder, 'new.txt'), '');
  expect(resourceOf(deploy().stack)).not.toMatchObject({ ContentId: properties.ContentId });
  fs.unlinkSync(path.join(folder, 'new.txt'));
});

describe('run-time config', () => {
  test('goes with the resource, with values that are known at deployment', () => {
    const stack = stackOf();
    const config = RuntimeConfig.script({ values: { URL: `https://${Token.asString({ Ref: 'Api' })}`, LATE: Lazy.string({ produce: () => 'late' }) } })
      .and(RuntimeConfig.json({ values: { A: '1' }, fileName: 'settings/app.json' }));
    deploy({ runtimeConfig: config }, stack);
    expect(resourceOf(stack).Configs).toEqual([
      { Path: 'config.js', GlobalName: '__CONFIG__', Values: { URL: { 'Fn::Join': ['', ['https://', { Ref: 'Api' }]] }, LATE: 'late' } },
      { Path: 'settings/app.json', Values: { A: '1' } },
    ]);
  });

  test('whose value cannot be read so early is left to the end', () => {
    const stack = stackOf();
    let known = false;
    const value = Lazy.string({
      produce: () => {
        if (!known) throw new Error('not yet');
        return 'now';
      },
    });
    deploy({ runtimeConfig: RuntimeConfig.json({ values: { A: value } }) }, stack);
    known = true;
    expect(resourceOf(stack).Configs).toEqual([{ Path: 'config.json', Values: { A: 'now' } }]);
  });

  test.each<[string, (stack: Stack) => RuntimeConfig, RegExp]>([
    ['a secret of Secrets Manager', () => RuntimeConfig.script({ values: { KEY: SecretValue.secretsManager('x').toString() } }), /has a secret.*\n.*KEY as a reference/],
    ['one that was unwrapped', () => RuntimeConfig.script({ values: { KEY: `a${SecretValue.secretsManager('x').unsafeUnwrap()}` } }), /has a secret/],
    ['one by its text', () => RuntimeConfig.json({ values: { KEY: '{{resolve:secretsmanager:x}}' } }), /has a secret/],
    ['a secure parameter', () => RuntimeConfig.json({ values: { KEY: SecretValue.ssmSecure('x', '1').unsafeUnwrap() } }), /has a secret/],
    ['a number', () => RuntimeConfig.json({ values: { KEY: 1 as never } }), /value of the run-time config is no text[^]*KEY 1[^]*such as '1'/],
    ['no values', () => RuntimeConfig.json(undefined as never), /values is missing/],
    ['no values of a script', () => RuntimeConfig.script(undefined as never), /values is missing/],
    ['values as a list', () => RuntimeConfig.json({ values: ['a'] as never }), /values is not an object/],
    ['a script without its ending', () => RuntimeConfig.script({ values: {}, fileName: 'config.json' }), /fileName is not well-formed[^]*ends in \.js/],
    ['JSON without its ending', () => RuntimeConfig.json({ values: {}, fileName: '/config.json' }), /fileName is not well-formed[^]*ends in \.json/],
    ['a file above', () => RuntimeConfig.json({ values: {}, fileName: 'a/../config.json' }), /leave out/],
    ['a global that is no name', () => RuntimeConfig.script({ values: {}, globalName: 'a-b' }), /globalName is not well-formed/],
    ['a file name as a token', () => RuntimeConfig.json({ values: {}, fileName: Token.asString({ Ref: 'X' }) }), /fileName is only known at deployment/],
    ['two of one name', () => RuntimeConfig.json({ values: {} }).and(RuntimeConfig.json({ values: {} })), /two run-time configs have the same file name/],
    ['a name that the folder has', () => RuntimeConfig.script({ values: {}, fileName: 'assets/index-BxY3dR9k.js' }), /already has a file/],
  ])('%s is refused', (_, config, message) => {
    const stack = stackOf();
    const bucket = new s3.Bucket(stack, 'Files');
    const runtimeConfig = config(stack);
    expect(() => deploy({ bucket, runtimeConfig }, stack)).toThrow(PlatformError);
    expect(() => new SiteDeployment(stack, 'Again', { bucket, directory: folder, runtimeConfig })).toThrow(message);
    expect(stack.node.findChild('Deployment').node.children).toEqual([]);
  });

  test('a parameter that everyone may read is taken', () => {
    const stack = stackOf();
    const value = ssm.StringParameter.valueForStringParameter(stack, '/url');
    expect(() => deploy({ runtimeConfig: RuntimeConfig.json({ values: { URL: value } }) }, stack)).not.toThrow();
  });
});

test.each<[string, { [prop: string]: unknown }, RegExp]>([
  ['no bucket', { bucket: undefined }, /bucket is missing/],
  ['a bucket by its name', { bucket: 'files' }, /bucket is not what it should be/],
  ['no folder', { directory: undefined }, /directory is missing/],
  ['a folder as a token', { directory: Token.asString({ Ref: 'X' }) }, /directory is only known at deployment/],
  ['a folder as a number', { directory: 5 }, /directory is not well-formed/],
  ['a folder that is not there', { directory: './nowhere' }, /directory does not exist/],
  ['a distribution by its id', { distribution: 'E123' }, /distribution is not what it should be/],
  ['a config as an object', { runtimeConfig: { A: 'b' } }, /runtimeConfig is not what it should be/],
  ['a grace period of more than a year', { gracePeriod: Duration.days(366) }, /gracePeriod \(seconds\) is not a whole number/],
  ['one release', { keptReleases: 1 }, /keptReleases is not a whole number from 2 to 100/],
  ['waiting as a text', { waitForInvalidation: 'false' }, /waitForInvalidation is not a boolean/],
  ['snapshots', { removalPolicy: RemovalPolicy.SNAPSHOT }, /removalPolicy has a value that does not exist/],
  ['a profile by its name', { profile: 'production' }, /profile is not what it should be/],
  ['a key by its ARN', { encryptionKey: 'arn:aws:kms:x' }, /encryptionKey is not what it should be/],
  ['patterns as a text', { immutable: '*.js' }, /immutable is not a list/],
  ['a pattern that is empty', { immutable: [''] }, /immutable has something that is no pattern/],
  ['a pattern that takes away', { immutable: ['!*.js'] }, /no pattern of paths/],
  ['a pattern with backslashes', { cacheControl: { 'a\\b': 'no-cache' } }, /cacheControl has something that is no pattern/],
  ['headers in a header', { cacheControl: { '*.js': 'no-cache\r\nX: y' } }, /cacheControl of \*\.js is not well-formed/],
  ['headers as a list', { cacheControl: ['no-cache'] }, /cacheControl is not an object/],
  ['a header as a token', { cacheControl: { a: Token.asString({ Ref: 'X' }) } }, /cacheControl of a is only known at deployment/],
])('%s is refused before anything is made', (_, props, message) => {
  const stack = stackOf();
  const bucket = new s3.Bucket(stack, 'Files');
  const given = { bucket, directory: folder, ...props } as SiteDeploymentProps;
  expect(() => new SiteDeployment(stack, 'Deployment', given)).toThrow(PlatformError);
  expect(() => new SiteDeployment(stack, 'Again', given)).toThrow(message);
  expect(stack.node.findChild('Deployment').node.children).toEqual([]);
});

test('two sites in one stack are fine, and two in one bucket are not', () => {
  const stack = stackOf();
  const bucket = new s3.Bucket(stack, 'Files');
  deploy({ bucket }, stack);
  new SiteDeployment(stack, 'Second', { bucket: new s3.Bucket(stack, 'Others'), directory: folder });
  expect(() => new SiteDeployment(stack, 'Third', { bucket, directory: folder })).toThrow(/another SiteDeployment publishes into this bucket[^]*Site\/Deployment/);
  Template.fromStack(stack).resourceCountIs('Custom::SiteDeployment', 2);
  Annotations.fromStack(stack).hasNoError('*', Match.anyValue());
  expect(Aspects.of(stack).all).toEqual([]);
});
