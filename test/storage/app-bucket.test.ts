import { App, CfnParameter, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as amplify from 'aws-cdk-lib/aws-amplify';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as fc from 'fast-check';
import { EnvironmentProfile } from '../../src/environment';
import { Monitoring } from '../../src/observability';
import { AppBucket, AppBucketProps } from '../../src/storage';

const DEVELOPMENT = EnvironmentProfile.development();
const PROFILES = [DEVELOPMENT, EnvironmentProfile.staging(), EnvironmentProfile.production()];

type Build = (stack: Stack) => AppBucketProps;

function make(props: AppBucketProps | Build = {}, env: { account?: string; region?: string } = {}) {
  const stack = new Stack(new App(), 'Stack', { env });
  const bucket = new AppBucket(stack, 'Audio', typeof props === 'function' ? props(stack) : props);
  return { stack, bucket, template: () => Template.fromStack(stack) };
}

function theBucket(template: Template) {
  return Object.entries(template.findResources('AWS::S3::Bucket')).find(([id]) => id.startsWith('AudioBucket'))![1];
}

function propertiesOf(props?: AppBucketProps | Build) {
  return theBucket(make(props).template()).Properties;
}

test('files are private, encrypted, versioned, reached over TLS only, and kept in production', () => {
  const template = make().template();
  expect(theBucket(template)).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  expect(theBucket(template).Properties).toMatchObject({
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    VersioningConfiguration: { Status: 'Enabled' },
    BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
  });
  expect(theBucket(template).Properties).not.toHaveProperty('BucketName');
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    Bucket: { Ref: Match.stringLikeRegexp('^AudioBucket') },
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]) },
  });
});

test('files move from Standard to Standard-IA to Glacier, and can be downloaded from there at once', () => {
  const properties = propertiesOf();
  expect(properties.LifecycleConfiguration).toEqual({
    TransitionDefaultMinimumObjectSize: 'all_storage_classes_128K',
    Rules: [{
      Status: 'Enabled',
      Transitions: [{ StorageClass: 'STANDARD_IA', TransitionInDays: 30 }, { StorageClass: 'GLACIER_IR', TransitionInDays: 90 }],
      NoncurrentVersionExpiration: { NoncurrentDays: 30 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      ExpiredObjectDeleteMarker: true,
    }],
  });
});

test('another archive, other days and a key may be chosen', () => {
  const properties = propertiesOf(stack => ({
    archiveStorageClass: s3.StorageClass.DEEP_ARCHIVE, infrequentAccessDays: 45, archiveDays: 75, noncurrentVersionDays: 7, encryptionKey: new kms.Key(stack, 'Key'),
  }));
  expect(properties.LifecycleConfiguration.Rules[0]).toMatchObject({
    Transitions: [{ StorageClass: 'STANDARD_IA', TransitionInDays: 45 }, { StorageClass: 'DEEP_ARCHIVE', TransitionInDays: 75 }],
    NoncurrentVersionExpiration: { NoncurrentDays: 7 },
  });
  expect(properties.BucketEncryption.ServerSideEncryptionConfiguration[0]).toMatchObject({ BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } });
});

test('a file stays in Standard-IA for the 30 days that S3 asks for, or the days are refused', () => {
  const optional = (arbitrary: fc.Arbitrary<number>) => fc.option(arbitrary, { nil: undefined });
  const firsts = fc.oneof(fc.integer({ min: 28, max: 32 }), fc.integer({ min: 0, max: 3800 }));
  fc.assert(fc.property(optional(firsts), optional(fc.integer({ min: -5, max: 65 })), (first, gap) => {
    const second = gap === undefined ? undefined : (first ?? 30) + gap;
    const build = () => propertiesOf({ infrequentAccessDays: first, archiveDays: second, profile: DEVELOPMENT });
    const from = first ?? 30;
    const to = second ?? from + 60;
    if (from < 30 || from > 3620 || to > 3650 || to - from < 30) return expect(build).toThrow(/Days.*is not a whole number/s);
    const [infrequent, archive] = build().LifecycleConfiguration.Rules[0].Transitions;
    expect([infrequent.TransitionInDays, archive.TransitionInDays]).toEqual([from, to]);
  }), { numRuns: 100 });
});

test('days may be tokens, which S3 judges', () => {
  const { Rules: [rule] } = propertiesOf({
    infrequentAccessDays: Token.asNumber({ Ref: 'First' }), archiveDays: Token.asNumber({ Ref: 'Second' }), noncurrentVersionDays: Token.asNumber({ Ref: 'Third' }),
  }).LifecycleConfiguration;
  expect(rule.Transitions.map(({ TransitionInDays }: { TransitionInDays: unknown }) => TransitionInDays)).toEqual([{ Ref: 'First' }, { Ref: 'Second' }]);
  expect(rule.NoncurrentVersionExpiration.NoncurrentDays).toEqual({ Ref: 'Third' });
});

test("requests are logged where the profile says so, to a bucket of one's own or one that is made", () => {
  expect(Object.keys(make({ profile: DEVELOPMENT }).template().findResources('AWS::S3::Bucket'))).toHaveLength(1);
  expect(theBucket(make().template()).Properties.LoggingConfiguration).toEqual({ DestinationBucketName: { Ref: expect.stringMatching(/^AudioAccessLogs/) }, LogFilePrefix: 'bucket/' });
  const { bucket, template } = make(stack => ({ accessLogsBucket: s3.Bucket.fromBucketName(stack, 'Logs', 'our-logs') }));
  expect(bucket.accessLogsBucket!.bucketName).toBe('our-logs');
  expect(theBucket(template()).Properties.LoggingConfiguration.DestinationBucketName).toBe('our-logs');
});

describe('pages that upload and download', () => {
  test('without any, there is no CORS', () => {
    expect(propertiesOf()).not.toHaveProperty('CorsConfiguration');
    expect(propertiesOf({ allowedOrigins: [] })).not.toHaveProperty('CorsConfiguration');
  });

  test('are named exactly, each once, and see the tag of what they uploaded', () => {
    const { stack, bucket } = make({ allowedOrigins: ['https://game.example.com', 'https://game.example.com:8443'] });
    bucket.addOrigin('https://game.example.com');
    bucket.addOrigin('https://www.example.com');
    expect(theBucket(Template.fromStack(stack)).Properties.CorsConfiguration).toEqual({
      CorsRules: [{
        AllowedOrigins: ['https://game.example.com', 'https://game.example.com:8443', 'https://www.example.com'],
        AllowedMethods: ['PUT', 'POST', 'GET', 'HEAD'],
        AllowedHeaders: ['cache-control', 'content-*', 'if-*', 'range', 'x-amz-*'],
        ExposedHeaders: ['ETag', 'Accept-Ranges', 'Content-Range'],
        MaxAge: 3600,
      }],
    });
  });

  // S3 lets a preflight pass where each header that it asks for is in the list, a star standing for any characters.
  test.each([
    ['Content-Type', 'Content-Disposition', 'Cache-Control', 'x-amz-meta-title', 'x-amz-checksum-crc32', 'x-amz-server-side-encryption'],
    ['content-md5', 'content-encoding', 'if-none-match', 'if-match', 'range', 'x-amz-tagging'],
  ])('may send %s, %s and what else a presigned request has signed', (...headers) => {
    const allowed: string[] = propertiesOf({ allowedOrigins: ['https://game.example.com'] }).CorsConfiguration.CorsRules[0].AllowedHeaders;
    const passes = (header: string) => allowed.some(pattern => new RegExp(`^${pattern.replace('*', '.*')}$`).test(header.toLowerCase()));
    expect(headers.filter(header => !passes(header))).toEqual([]);
    expect(['authorization', 'cookie', 'x-api-key'].filter(passes)).toEqual([]);
    expect(allowed.filter(pattern => pattern.split('*').length > 2)).toEqual([]);
  });

  test.each(['http://localhost', 'http://localhost:3000', 'http://127.0.0.1:5173'])('%s is let in where nothing is protected, and refused in production', origin => {
    for (const profile of PROFILES.slice(0, 2)) {
      expect(propertiesOf({ profile, allowedOrigins: [origin] }).CorsConfiguration.CorsRules[0].AllowedOrigins).toEqual([origin]);
    }
    expect(() => make({ allowedOrigins: [origin] })).toThrow(/protected environment \(production\)/);
  });

  test.each([
    '*', 'https://*', 'https://*.example.com', 'http://game.example.com', 'https://game.example.com/', 'https://game.example.com/path', 'https://Game.example.com',
    'game.example.com', 'https://', 'https://localhost', 'https://game..example.com', 'https://-game.example.com', 'https://game.example.com:443', 'null', '',
    'https://game.example.com https://other.example.com', 'https://game.example.com\n', 'http://localhost:3000/', 'http://localhost.example.com', 'https://user@example.com',
  ])('%j is refused', origin => {
    expect(() => make({ profile: DEVELOPMENT, allowedOrigins: [origin] })).toThrow(/^Stack\/Audio: an origin/);
    expect(() => make({ profile: DEVELOPMENT }).bucket.addOrigin(origin)).toThrow(/^Stack\/Audio: an origin/);
  });

  test('an origin of the wrong type is refused', () => {
    expect(() => make().bucket.addOrigin(undefined as unknown as string)).toThrow('origin is missing');
    expect(() => make().bucket.addOrigin(['https://a.example.com'] as unknown as string)).toThrow('not a text');
    expect(() => make({ allowedOrigins: 'https://a.example.com' as unknown as string[] })).toThrow('allowedOrigins is not a list');
  });

  test('a star is found beside a token too, and a whole list that is a token is refused', () => {
    const { stack, bucket } = make();
    const parameter = new CfnParameter(stack, 'Origins', { type: 'CommaDelimitedList' });
    expect(() => bucket.addOrigin(`https://*.${Token.asString({ Ref: 'Domain' })}`)).toThrow('stands for more than one');
    expect(() => make({ allowedOrigins: parameter.valueAsList })).toThrow('allowedOrigins is only known at deployment');
  });

  test("may be an Amplify app's, whose branch is told the bucket's name and whose role may use it", () => {
    const { stack, bucket } = make();
    const role = new iam.Role(stack, 'ComputeRole', { assumedBy: new iam.ServicePrincipal('amplify.amazonaws.com') });
    const app = new amplify.CfnApp(stack, 'App', { name: 'game', computeRoleArn: role.roleArn });
    new amplify.CfnBranch(stack, 'Branch', {
      appId: app.attrAppId, branchName: 'main', environmentVariables: [{ name: 'APP_AWS_S3_BUCKET_NAME', value: bucket.bucketName }],
    });
    bucket.addOrigin(`https://main.${app.attrDefaultDomain}`);
    bucket.grantReadWrite(role);
    // Template.fromStack() throws for resources that wait for each other.
    const template = Template.fromStack(stack);
    expect(theBucket(template).Properties.CorsConfiguration.CorsRules[0].AllowedOrigins).toEqual([
      { 'Fn::Join': ['', ['https://main.', { 'Fn::GetAtt': ['App', 'DefaultDomain'] }]] },
    ]);
    template.hasResourceProperties('AWS::Amplify::Branch', { EnvironmentVariables: [{ Name: 'APP_AWS_S3_BUCKET_NAME', Value: { Ref: Match.stringLikeRegexp('^AudioBucket') } }] });
  });

  test('the test above can fail: an app that refers to the bucket waits for it in a circle', () => {
    const { stack, bucket } = make();
    const app = new amplify.CfnApp(stack, 'App', { name: 'game', environmentVariables: [{ name: 'BUCKET', value: bucket.bucketName }] });
    bucket.addOrigin(`https://main.${app.attrDefaultDomain}`);
    expect(() => Template.fromStack(stack)).toThrow(/cycl/i);
  });
});

describe('a bucket that exists already', () => {
  const existing = { bucketName: 'game-audio' };

  test('is used, and no bucket is in the template', () => {
    const { stack, bucket } = make({ existing });
    bucket.grantReadWrite(new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('amplify.amazonaws.com') }));
    new Monitoring(stack, 'Monitoring', { watched: [bucket] });
    const types = Object.values(Template.fromStack(stack).toJSON().Resources as { [id: string]: { Type: string } }).map(({ Type }) => Type);
    expect(types.filter(type => type.startsWith('AWS::S3') || type.startsWith('Custom::') || type.includes('Lambda'))).toEqual([]);
    expect(bucket.bucketName).toBe('game-audio');
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('CORS'));
  });

  test('a warning says that it has to allow pages by itself', () => {
    const { stack, bucket } = make({ existing });
    bucket.addOrigin('https://game.example.com');
    Annotations.fromStack(stack).hasWarning('/Stack/Audio', Match.stringLikeRegexp('its own CORS rules'));
    expect(() => bucket.addOrigin('*')).toThrow('stands for more than one');
  });

  test.each<[AppBucketProps, RegExp]>([
    [{ existing, archiveDays: 90, serverAccessLogs: true }, /existing together with archiveDays, serverAccessLogs/],
    [{ existing, encryptionKey: { keyArn: 'arn' } as unknown as kms.IKey }, /the key of the bucket is existing.encryptionKey/],
    [{ existing: { bucketName: 'arn:aws:s3:::game-audio' } }, /the name, not the ARN/],
    [{ existing: { bucketName: '' } }, /existing.bucketName is not well-formed/],
    [{ existing: 'game-audio' as unknown as AppBucketProps['existing'] }, /existing is not what it should be/],
    [{ existing: { bucketName: undefined } as unknown as AppBucketProps['existing'] }, /existing.bucketName is missing/],
  ])('is refused with %j', (props, message) => {
    expect(() => make(props)).toThrow(message);
  });
});

test('it has no alarms, and a row with size and number of files', () => {
  const { bucket, stack } = make();
  expect(bucket.alarms).toEqual([]);
  expect(bucket.dashboardWidgets().reduce((width, widget) => width + widget.width, 0)).toBe(24);
  const row = JSON.stringify(stack.resolve(bucket.dashboardWidgets().map(widget => widget.toJson())));
  for (const word of ['BucketSizeBytes', 'StandardIAStorage', 'GlacierInstantRetrievalStorage', 'NumberOfObjects', 'AllStorageTypes']) expect(row).toContain(word);
});

test.each<[unknown, RegExp]>([
  [{ profile: 'production' }, /profile/],
  [{ encryptionKey: 'arn' }, /encryptionKey/],
  [{ accessLogsBucket: 'logs' }, /accessLogsBucket/],
  [{ accessLogsBucket: { bucketArn: 'arn' }, serverAccessLogs: false }, /turned off/],
  [{ serverAccessLogs: 'false' }, /serverAccessLogs is not a boolean/],
  [{ noncurrentVersionDays: 0 }, /noncurrentVersionDays/],
  [{ accessLogRetentionDays: 1.5 }, /accessLogRetentionDays/],
  [{ infrequentAccessDays: '30' }, /infrequentAccessDays/],
  [{ archiveStorageClass: 'GLACIER' }, /archiveStorageClass is not what it should be/],
  [{ archiveStorageClass: s3.StorageClass.INTELLIGENT_TIERING }, /archiveStorageClass is no archive/],
])('%j is refused before a bucket is made', (props, message) => {
  const stack = new Stack(new App(), 'Stack');
  expect(() => new AppBucket(stack, 'Audio', props as AppBucketProps)).toThrow(message);
  expect(stack.node.findChild('Audio').node.children).toEqual([]);
});

test('the logical ids of the buckets stay as they are, whatever is chosen: another one would be an empty bucket', () => {
  const variants: (AppBucketProps | Build)[] = [
    {}, ...PROFILES.map(profile => ({ profile, serverAccessLogs: true })), { allowedOrigins: ['https://a.example.com'] }, { archiveDays: 200 },
    { archiveStorageClass: s3.StorageClass.GLACIER }, stack => ({ encryptionKey: new kms.Key(stack, 'Key') }),
  ];
  for (const variant of variants) {
    for (const env of [{}, { region: 'us-gov-west-1' }, { account: '111111111111', region: 'cn-north-1' }]) {
      expect(Object.keys(make(variant, env).template().findResources('AWS::S3::Bucket')).sort()).toEqual(['AudioAccessLogsBucket07E59E59', 'AudioBucket3176805C']);
    }
  }
});

test('two buckets stand beside each other, with ids of any length and the same role', () => {
  const stack = new Stack(new App(), 'Stack');
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('amplify.amazonaws.com') });
  const names = ['One', 'A bucket with a name that is much longer than anybody could wish for, and then again as long as that'.repeat(2)];
  for (const name of names) new AppBucket(stack, name).grantReadWrite(role);
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::S3::Bucket', 4);
  template.resourceCountIs('AWS::IAM::ManagedPolicy', 2);
  for (const id of Object.keys(template.toJSON().Resources)) expect(id.length).toBeLessThanOrEqual(255);
});
