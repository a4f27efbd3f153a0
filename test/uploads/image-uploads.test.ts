import { App, Duration, NestedStack, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as fc from 'fast-check';
import { EnvironmentProfile } from '../../src/environment';
import { Monitoring } from '../../src/observability';
import { SiteDistribution } from '../../src/site';
import { AnimatedImages, ImageFit, ImageFormat, ImageSize, ImageUploads, ImageUploadsProps } from '../../src/uploads';

const DEVELOPMENT = EnvironmentProfile.development();
const PROFILES = [DEVELOPMENT, EnvironmentProfile.staging(), EnvironmentProfile.production()];

type Build = (stack: Stack) => ImageUploadsProps;

function make(props: ImageUploadsProps | Build = {}, env: { account?: string; region?: string } = {}) {
  const stack = new Stack(new App(), 'Stack', { env });
  const uploads = new ImageUploads(stack, 'Photos', typeof props === 'function' ? props(stack) : props);
  return { stack, uploads, template: () => Template.fromStack(stack) };
}

interface Resource {
  readonly id: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Properties: any;
}

/** The one resource of a type whose logical id begins like this. */
function find(template: Template, type: string, beginning: string): Resource {
  const found = Object.entries(template.findResources(type)).filter(([id]) => id.startsWith(beginning));
  expect(found).toHaveLength(1);
  const [[id, { DeletionPolicy, UpdateReplacePolicy, Properties }]] = found;
  return { id, DeletionPolicy, UpdateReplacePolicy, Properties };
}

function theFunction(props?: ImageUploadsProps | Build) {
  return find(make(props).template(), 'AWS::Lambda::Function', 'PhotosProcessing').Properties;
}

function settingsOf(props?: ImageUploadsProps) {
  return JSON.parse(theFunction(props).Environment.Variables.SETTINGS);
}

describe('uploads and images', () => {
  test('are in two private, encrypted, versioned buckets, reached over TLS only, and kept in production', () => {
    const template = make().template();
    for (const beginning of ['PhotosUploadsBucket', 'PhotosImages']) {
      expect(find(template, 'AWS::S3::Bucket', beginning)).toMatchObject({
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
          VersioningConfiguration: { Status: 'Enabled' },
          BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
          LoggingConfiguration: { DestinationBucketName: { Ref: expect.stringMatching(/^PhotosUploadsAccessLogs/) } },
          NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
        },
      });
    }
    expect(find(make({ profile: DEVELOPMENT }).template(), 'AWS::S3::Bucket', 'PhotosImages').DeletionPolicy).toBe('Delete');
  });

  test('only pages that are named may upload', () => {
    const { uploads, template } = make({ allowedOrigins: ['https://www.example.com'] });
    uploads.addOrigin('https://app.example.com');
    const [rule] = find(template(), 'AWS::S3::Bucket', 'PhotosUploadsBucket').Properties.CorsConfiguration.CorsRules;
    expect(rule.AllowedOrigins).toEqual(['https://www.example.com', 'https://app.example.com']);
    expect(rule.AllowedMethods).toContain('POST');
    expect(find(template(), 'AWS::S3::Bucket', 'PhotosImages').Properties).not.toHaveProperty('CorsConfiguration');
    expect(() => uploads.addOrigin('*')).toThrow('stands for more than one');
  });

  test('uploads may go after some days, with nothing else of the lifecycle changed', () => {
    const rulesOf = (props: ImageUploadsProps) => find(make(props).template(), 'AWS::S3::Bucket', 'PhotosUploadsBucket').Properties.LifecycleConfiguration.Rules;
    expect(rulesOf({})).toHaveLength(1);
    expect(rulesOf({ originalRetentionDays: 7 })[1]).toEqual({ ExpirationInDays: 7, Prefix: 'uploads/', Status: 'Enabled' });
  });
});

describe('an upload', () => {
  test('becomes a message, which only this rule may send', () => {
    const template = make().template();
    const rule = find(template, 'AWS::Events::Rule', 'PhotosUploaded');
    const [queue, deadLetterQueue] = [find(template, 'AWS::SQS::Queue', 'PhotosQueue'), find(template, 'AWS::SQS::Queue', 'PhotosDeadLetterQueue')];
    expect(rule.Properties.EventPattern).toEqual({
      'source': ['aws.s3'],
      'detail-type': ['Object Created'],
      'detail': { bucket: { name: [{ Ref: expect.stringMatching(/^PhotosUploadsBucket/) }] }, object: { key: [{ prefix: 'uploads/' }] } },
    });
    expect(rule.Properties.Targets).toEqual([{ Id: 'Target0', Arn: arnOf(queue.id), DeadLetterConfig: { Arn: arnOf(deadLetterQueue.id) } }]);
    for (const target of [queue, deadLetterQueue]) {
      template.hasResourceProperties('AWS::SQS::QueuePolicy', {
        Queues: [{ Ref: target.id }],
        PolicyDocument: {
          Statement: [
            Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
            {
              Effect: 'Allow',
              Action: 'sqs:SendMessage',
              Principal: { Service: 'events.amazonaws.com' },
              Resource: arnOf(target.id),
              Condition: { ArnEquals: { 'aws:SourceArn': arnOf(rule.id) } },
            },
          ],
        },
      });
    }
  });

  test('is tried three times before it is put aside for fourteen days, each time for as long as Lambda may need', () => {
    const template = make({ timeout: Duration.minutes(5) }).template();
    expect(find(template, 'AWS::Lambda::Function', 'PhotosProcessing').Properties.Timeout).toBe(300);
    expect(find(template, 'AWS::SQS::Queue', 'PhotosQueue').Properties).toMatchObject({
      VisibilityTimeout: 1800,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: arnOf(find(template, 'AWS::SQS::Queue', 'PhotosDeadLetterQueue').id), maxReceiveCount: 3 },
    });
    expect(find(template, 'AWS::SQS::Queue', 'PhotosDeadLetterQueue').Properties.MessageRetentionPeriod).toBe(14 * 24 * 3600);
  });

  test('fails by itself, and a flood of them waits', () => {
    make().template().hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 1, FunctionResponseTypes: ['ReportBatchItemFailures'], ScalingConfig: { MaximumConcurrency: 10 },
    });
    make({ batchSize: 5, maximumConcurrency: 50 }).template().hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 5, ScalingConfig: { MaximumConcurrency: 50 },
    });
  });

  test('is worked on by one ARM processor', () => {
    expect(theFunction()).toMatchObject({ Architectures: ['arm64'], MemorySize: 1769, Timeout: 60, Runtime: 'nodejs24.x' });
    expect(theFunction({ memoryMiB: 3008 }).MemorySize).toBe(3008);
  });

  test('becomes three WebP images, unless other sizes and formats are named', () => {
    expect(settingsOf()).toEqual({
      acceptedTypes: ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'],
      maximumBytes: 20 * 1024 * 1024,
      maximumPixels: 50_000_000,
      sizes: [['small', 320], ['medium', 800], ['large', 1600]].map(([name, width]) => ({ name, width, height: width, fit: 'inside' })),
      formats: [{ name: 'webp', quality: 80 }],
      animated: true,
    });
    expect(settingsOf({
      acceptedTypes: ['image/jpeg'],
      maximumMebibytes: 5,
      maximumMegapixels: 12,
      sizes: [{ name: 'avatar', width: 96, fit: ImageFit.COVER }, { name: 'card', width: 600, height: 400 }],
      formats: [ImageFormat.avif(), ImageFormat.jpeg({ quality: 70 })],
      animated: AnimatedImages.FLATTEN,
    })).toEqual({
      acceptedTypes: ['image/jpeg'],
      maximumBytes: 5_242_880,
      maximumPixels: 12_000_000,
      sizes: [{ name: 'avatar', width: 96, height: 96, fit: 'cover' }, { name: 'card', width: 600, height: 400, fit: 'inside' }],
      formats: [{ name: 'avif', quality: 50 }, { name: 'jpeg', quality: 70 }],
      animated: false,
    });
  });
});

describe('buckets that exist already', () => {
  const REPLICA = 'arcade-uploads-replica';
  const existing = (props: ImageUploadsProps = {}): ImageUploadsProps => ({ existingUploads: { bucketName: REPLICA }, ...props });
  const bucketsOf = (props: ImageUploadsProps | Build) => Object.keys(make(props).template().findResources('AWS::S3::Bucket')).sort();

  test('of uploads is used and not made, and its images go to a new one that is logged', () => {
    expect(bucketsOf(existing())).toEqual([expect.stringMatching(/^PhotosAccessLogs/), CONTRACT.buckets[0]]);
    expect(find(make(existing()).template(), 'AWS::S3::Bucket', 'PhotosImages').Properties.LoggingConfiguration).toBeDefined();
    expect(bucketsOf(existing({ serverAccessLogs: false }))).toEqual([CONTRACT.buckets[0]]);
  });

  test('of images is used and not made', () => {
    expect(bucketsOf({ existingImages: { bucketName: 'arcade-images' } })).toEqual(CONTRACT.buckets.slice(1));
    expect(bucketsOf(existing({ existingImages: { bucketName: 'arcade-images' } }))).toEqual([]);
  });

  test('is where uploads are signed for, become messages and are read from', () => {
    const { stack, uploads, template } = make(existing({ existingImages: { bucketName: 'arcade-images' } }));
    expect(stack.resolve(uploads.environment)).toMatchObject({ UPLOADS_BUCKET: REPLICA, IMAGES_BUCKET: 'arcade-images' });
    expect(find(template(), 'AWS::Events::Rule', 'PhotosUploaded').Properties.EventPattern.detail.bucket).toEqual({ name: [REPLICA] });
    expect(find(template(), 'AWS::Lambda::Function', 'PhotosProcessing').Properties.Environment.Variables).toMatchObject({ UPLOADS_BUCKET: REPLICA, IMAGES_BUCKET: 'arcade-images' });
    expect(JSON.stringify(find(template(), 'AWS::IAM::ManagedPolicy', 'PhotosProcessingRolePolicy'))).toContain(`:s3:::${REPLICA}/uploads/*`);
  });

  test('may each have a key of its own, which whoever needs it may use', () => {
    const keyOf = (stack: Stack, id: string) => kms.Key.fromKeyArn(stack, id, `arn:aws:kms:eu-central-1:111111111111:key/${id}`);
    const { stack, uploads } = make(scope => ({
      encryptionKey: keyOf(scope, 'own'),
      existingUploads: { bucketName: REPLICA, encryptionKey: keyOf(scope, 'replica') },
    }));
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    uploads.grantUpload(role);
    const template = Template.fromStack(stack);
    const keysIn = (id: string) => (find(template, 'AWS::IAM::ManagedPolicy', id).Properties.PolicyDocument.Statement as { Action: string | string[]; Resource: string }[])
      .filter(({ Action }) => `${Action}`.startsWith('kms:')).map(({ Action, Resource }) => `${Action} ${Resource.split('/').at(-1)}`);
    expect(keysIn('RoleRights')).toEqual(['kms:GenerateDataKey replica']);
    // Before these, that of the queues.
    expect(keysIn('PhotosProcessingRolePolicy').slice(1)).toEqual(['kms:Decrypt replica', 'kms:Decrypt,kms:GenerateDataKey own']);
  });

  test('are warned of what only their owner can do, but GuardDuty turns events on by itself', () => {
    const warned = (props: ImageUploadsProps) => Annotations.fromStack(make(existing(props)).stack).findWarning('/Stack/Photos', Match.stringLikeRegexp('EventBridge'));
    expect(warned({})).toHaveLength(1);
    expect(warned({ malwareScan: true })).toHaveLength(0);
    const { stack } = make(existing({ allowedOrigins: ['https://www.example.com'] }));
    Annotations.fromStack(stack).hasWarning('/Stack/Photos/Uploads', Match.stringLikeRegexp('own CORS rules'));
  });
});

describe('malware scanning', () => {
  const scanned: ImageUploadsProps = { malwareScan: true };

  test('is off until it is wished for', () => {
    make().template().resourceCountIs('AWS::GuardDuty::MalwareProtectionPlan', 0);
    expect(make().uploads.events).toBeUndefined();
  });

  test('makes messages of results instead of uploads, under the same id', () => {
    const template = make(scanned).template();
    template.hasResourceProperties('AWS::GuardDuty::MalwareProtectionPlan', {
      ProtectedResource: { S3Bucket: { BucketName: { Ref: Match.stringLikeRegexp('^PhotosUploadsBucket') }, ObjectPrefixes: ['uploads/'] } },
    });
    const rule = find(template, 'AWS::Events::Rule', 'PhotosUploaded');
    expect(rule.id).toBe(find(make().template(), 'AWS::Events::Rule', 'PhotosUploaded').id);
    expect(rule.Properties.EventPattern).toEqual({
      'source': ['aws.guardduty'],
      'detail-type': ['GuardDuty Malware Protection Object Scan Result'],
      'detail': { s3ObjectDetails: { bucketName: [{ Ref: expect.stringMatching(/^PhotosUploadsBucket/) }] } },
    });
  });

  test('GuardDuty may read uploads of this bucket and change nothing of them', () => {
    const role = find(make(scanned).template(), 'AWS::IAM::ManagedPolicy', 'PhotosMalwareScanRolePolicy');
    const statements: { Action: string | string[]; Resource: unknown }[] = role.Properties.PolicyDocument.Statement;
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter(action => action.startsWith('s3:')).sort()).toEqual(
      ['s3:GetBucketNotification', 's3:GetObject', 's3:GetObjectVersion', 's3:ListBucket', 's3:PutBucketNotification', 's3:PutObject']);
    expect(JSON.stringify(statements.find(({ Action }) => Action === 's3:PutObject'))).toContain('malware-protection-resource-validation-object');
    expect(statements.filter(({ Resource }) => Resource === '*')).toEqual([]);
  });

  test('people are told of malware and of scans that cannot work', () => {
    const { stack, uploads } = make(scanned);
    new Monitoring(stack, 'Monitoring', { watched: [uploads] });
    const template = Template.fromStack(stack);
    for (const id of ['PhotosMalwareScanThreatFound', 'PhotosMalwareScanPlanImpaired']) {
      expect(find(template, 'AWS::Events::Rule', id).Properties.Targets).toHaveLength(1);
    }
  });
});

describe('rights', () => {
  type Statement = { readonly Action: string | string[]; readonly Resource: unknown };
  const actionsOf = (grant: (uploads: ImageUploads, role: iam.Role) => unknown, props: ImageUploadsProps | Build = {}) => {
    const { stack, uploads } = make(props);
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    grant(uploads, role);
    const { Statement } = find(Template.fromStack(stack), 'AWS::IAM::ManagedPolicy', 'RoleRights').Properties.PolicyDocument;
    return (Statement as Statement[]).map(({ Action, Resource }) => [[Action].flat().join(), JSON.stringify(Resource)]);
  };

  test('who signs uploads may put files below uploads/, and nothing else', () => {
    const statements = actionsOf((uploads, role) => uploads.grantUpload(role));
    expect(statements).toEqual([['s3:PutObject', expect.stringMatching(/PhotosUploadsBucket.*"\/uploads\/\*"/)]]);
  });

  test('who reads results reads images and results, and no uploads', () => {
    const statements = actionsOf((uploads, role) => uploads.grantRead(role));
    expect(statements.map(([action]) => action)).toEqual(['s3:GetObject', 's3:ListBucket']);
    expect(JSON.stringify(statements)).not.toContain('Uploads');
  });

  test('who deletes, deletes both', () => {
    const statements = actionsOf((uploads, role) => uploads.grantDelete(role));
    expect(statements.map(([action]) => action)).toEqual(['s3:DeleteObject', 's3:DeleteObject', 's3:ListBucket']);
  });

  test('with a key, each may use it through S3 as far as needed', () => {
    const encrypted: Build = stack => ({ encryptionKey: new kms.Key(stack, 'Key') });
    expect(actionsOf((uploads, role) => uploads.grantUpload(role), encrypted)[1][0]).toBe('kms:GenerateDataKey');
    expect(actionsOf((uploads, role) => uploads.grantRead(role), encrypted)[2][0]).toBe('kms:Decrypt');
  });

  test('the function reads uploads, writes images, and reaches nothing else', () => {
    const { Statement } = find(make().template(), 'AWS::IAM::ManagedPolicy', 'PhotosProcessingRolePolicy').Properties.PolicyDocument;
    const statements = Statement as { Action: string | string[]; Resource: unknown }[];
    expect(statements.flatMap(({ Action }) => Action).filter(action => action.startsWith('s3:'))).toEqual(
      ['s3:GetObject', 's3:PutObject', 's3:GetObject', 's3:ListBucket', 's3:ListBucket']);
    expect(statements.filter(({ Resource }) => Resource === '*')).toEqual([]);
  });
});

test('a service is told where to upload to and what is accepted', () => {
  const { stack, uploads } = make({ acceptedTypes: ['image/png', 'image/jpeg'], maximumMebibytes: 3 });
  expect(stack.resolve(uploads.environment)).toEqual({
    UPLOADS_BUCKET: { Ref: expect.stringMatching(/^PhotosUploadsBucket/) },
    UPLOADS_PREFIX: 'uploads/',
    UPLOADS_MAXIMUM_BYTES: '3145728',
    UPLOADS_CONTENT_TYPES: 'image/png,image/jpeg',
    IMAGES_BUCKET: { Ref: expect.stringMatching(/^PhotosImages/) },
    IMAGES_PREFIX: 'images/',
    IMAGES_RESULTS_PREFIX: 'results/',
  });
});

test('a site serves the images, and not the results', () => {
  const { stack, uploads } = make(scope => ({ encryptionKey: new kms.Key(scope, 'Key') }));
  new SiteDistribution(stack, 'Site', { bucket: new s3.Bucket(stack, 'SiteBucket') }).addBucket(uploads.bucket, uploads.pathPattern);
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::CloudFront::Distribution', { DistributionConfig: { CacheBehaviors: [Match.objectLike({ PathPattern: '/images/*' })] } });
  const policy = JSON.stringify(template.findResources('AWS::S3::BucketPolicy', { Properties: { Bucket: { Ref: Match.stringLikeRegexp('^PhotosImages') } } }));
  expect(policy).toContain('/images/*');
  expect(policy).not.toContain('results');
});

describe('a key', () => {
  test('encrypts uploads, images, queues and logs, and lets EventBridge send to the queues of this account', () => {
    const template = make(stack => ({ encryptionKey: new kms.Key(stack, 'Key') })).template();
    for (const queue of Object.values(template.findResources('AWS::SQS::Queue'))) expect(queue.Properties.KmsMasterKeyId).toEqual(arnOf('Key961B73FD'));
    for (const id of ['PhotosUploadsBucket', 'PhotosImages']) {
      const [{ ServerSideEncryptionByDefault }] = find(template, 'AWS::S3::Bucket', id).Properties.BucketEncryption.ServerSideEncryptionConfiguration;
      expect(ServerSideEncryptionByDefault).toEqual({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arnOf('Key961B73FD') });
    }
    const { Statement } = find(template, 'AWS::KMS::Key', 'Key').Properties.KeyPolicy;
    expect(Statement.filter(({ Principal }: { Principal: { Service?: string } }) => Principal.Service === 'events.amazonaws.com')).toEqual([
      expect.objectContaining({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Condition: { ArnLike: { 'kms:EncryptionContext:aws:sqs:arn': expect.anything() } } }),
    ]);
  });

  test('that is imported has to allow EventBridge by itself', () => {
    const { stack } = make(scope => ({ encryptionKey: kms.Key.fromKeyArn(scope, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/1') }));
    Annotations.fromStack(stack).hasWarning('/Stack/Photos', Match.stringLikeRegexp('Let events.amazonaws.com use kms:Decrypt'));
  });
});

describe('watching', () => {
  test('alarms on uploads that failed or wait, and on a function that ends or is turned away; not on what is refused', () => {
    const { uploads, stack, template } = make();
    new Monitoring(stack, 'Monitoring', { watched: [uploads] });
    const alarms = Object.values(template().findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
    expect(alarms.map(({ Namespace, MetricName, Statistic, Threshold, EvaluationPeriods, Dimensions: [{ Name }] }) =>
      `${Namespace} ${MetricName} ${Name} ${Statistic} ${Threshold} ${EvaluationPeriods}`).sort()).toEqual([
      'AWS/Lambda Errors FunctionName Sum 0 3',
      'AWS/Lambda Throttles FunctionName Sum 1 5',
      'AWS/SQS ApproximateAgeOfOldestMessage QueueName Maximum 900 15',
      'AWS/SQS ApproximateNumberOfMessagesVisible QueueName Maximum 0 1',
    ]);
    expect(alarms.every(({ AlarmActions, TreatMissingData }) => AlarmActions.length === 1 && TreatMissingData === 'notBreaching')).toBe(true);
  });

  test('tells the command that puts uploads back', () => {
    const { template } = make();
    const { AlarmDescription } = find(template(), 'AWS::CloudWatch::Alarm', 'PhotosUploadsFailed').Properties;
    expect(JSON.stringify(AlarmDescription)).toMatch(/start-message-move-task --source-arn .*PhotosDeadLetterQueue.* --destination-arn .*PhotosQueue/);
  });

  test('is as the profile says, or as one wishes', () => {
    expect(make({ profile: DEVELOPMENT }).uploads.alarms).toEqual([]);
    expect(make({ profile: DEVELOPMENT, alarms: true }).uploads.alarms).toHaveLength(4);
    expect(make({ alarms: false }).uploads.alarms).toEqual([]);
  });

  test('has a row of the whole width', () => {
    expect(make().uploads.dashboardWidgets().reduce((width, widget) => width + widget.width, 0)).toBe(24);
  });
});

test('whatever sizes are named, the function is told of them and its settings fit into its environment', () => {
  const side = fc.integer({ min: 1, max: 4096 });
  const size: fc.Arbitrary<ImageSize> = fc.record({
    name: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/),
    width: side,
    height: fc.option(side, { nil: undefined }),
    fit: fc.constantFrom(ImageFit.INSIDE, ImageFit.COVER, undefined),
  });
  fc.assert(fc.property(fc.uniqueArray(size, { minLength: 1, maxLength: 10, selector: ({ name }) => name }), sizes => {
    const formats = [ImageFormat.webp(), ImageFormat.avif(), ImageFormat.jpeg()];
    const { SETTINGS } = theFunction({ sizes, formats, profile: DEVELOPMENT }).Environment.Variables;
    expect(SETTINGS.length).toBeLessThan(3000);
    expect(JSON.parse(SETTINGS).sizes).toEqual(sizes.map(({ name, width, height, fit }) => (
      { name, width, height: height ?? width, fit: fit === ImageFit.COVER ? 'cover' : 'inside' })));
  }), { numRuns: 20 });
});

test('what keeps state keeps its logical ids, whatever is chosen', () => {
  const variants: (ImageUploadsProps | Build)[] = [
    ...PROFILES.map(profile => ({ profile, serverAccessLogs: true })), { malwareScan: true, originalRetentionDays: 30, maximumAttempts: 5 },
    { sizes: [{ name: 'one', width: 1 }] }, stack => ({ encryptionKey: new kms.Key(stack, 'Key') }),
  ];
  for (const variant of variants) {
    for (const env of [{}, { region: 'us-gov-west-1' }, { account: '111111111111', region: 'cn-north-1' }]) {
      const template = make(variant, env).template();
      expect(Object.keys(template.findResources('AWS::S3::Bucket')).sort()).toEqual(CONTRACT.buckets);
      expect(Object.keys(template.findResources('AWS::SQS::Queue')).sort()).toEqual(CONTRACT.queues);
    }
  }
});

const CONTRACT = {
  buckets: ['PhotosImagesDD4AED94', 'PhotosUploadsAccessLogsBucket96CD0E52', 'PhotosUploadsBucket8037AD45'],
  queues: ['FailedEventsA83487DA', 'PhotosDeadLetterQueueA6283A8C', 'PhotosQueueED84B6A0'],
};

test('two stand beside each other, in a nested stack too', () => {
  const stack = new Stack(new App(), 'Stack');
  const scopes = [stack, new NestedStack(stack, 'Nested')];
  for (const scope of scopes) {
    for (const id of ['Photos', 'Covers']) new ImageUploads(scope, id, { malwareScan: true });
  }
  for (const scope of scopes) Template.fromStack(scope).resourceCountIs('AWS::Lambda::EventSourceMapping', 2);
});

function arnOf(id: string) {
  return { 'Fn::GetAtt': [id, 'Arn'] };
}
