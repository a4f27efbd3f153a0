import { App, CfnParameter, Environment, NestedStack, Stack, Stage, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as accessanalyzer from 'aws-cdk-lib/aws-accessanalyzer';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import * as guardduty from 'aws-cdk-lib/aws-guardduty';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import {
  AccountSecurity, AccountSecurityProps, AccountService, EncryptionKey, EnvironmentProfile, GuardDutyFeature, Monitoring, RecordingFrequency,
  SecurityStandard,
} from '../../src';
import { PlatformError } from '../../src/errors';

const { NEW, EXISTING } = AccountService;
const FRANKFURT: Environment = { account: '111111111111', region: 'eu-central-1' };
const EVERYTHING: AccountSecurityProps = {
  configRecorder: NEW, configServiceLinkedRole: true, guardDuty: NEW, securityHub: NEW, imageScanning: NEW, cloudTrail: NEW, accessAnalyzer: NEW,
};
/** Types by the prop that makes them. */
const TYPES = {
  configRecorder: 'AWS::Config::ConfigurationRecorder',
  guardDuty: 'AWS::GuardDuty::Detector',
  securityHub: 'AWS::SecurityHub::Hub',
  imageScanning: 'AWS::ECR::RegistryScanningConfiguration',
  cloudTrail: 'AWS::CloudTrail::Trail',
  accessAnalyzer: 'AWS::AccessAnalyzer::Analyzer',
};
const SERVICES = Object.keys(TYPES) as (keyof typeof TYPES)[];

const stackIn = (env?: Environment, app = new App(), id = 'Stack') => new Stack(app, id, { env });
const wrong = <T>(value: unknown) => value as T;
const warnings = (stack: Stack, text: string) => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(text)).length;

function make(props: AccountSecurityProps, stack = stackIn()) {
  const account = new AccountSecurity(stack, 'Account', props);
  return { stack, account, get template() { return Template.fromStack(stack); } };
}

/** A choice that stands by itself: Security Hub does not. */
const alone = (service: keyof typeof TYPES, choice = NEW): AccountSecurityProps =>
  ({ [service]: choice, ...service === 'securityHub' && choice === NEW ? { configRecorder: EXISTING } : {} });

function only(template: Template, type: string): any {
  const found = Object.values(template.findResources(type));
  expect(found).toHaveLength(1);
  return found[0].Properties;
}

const statementsOf = ({ PolicyDocument }: any): { [sid: string]: any } =>
  Object.fromEntries(PolicyDocument.Statement.map((each: any) => [each.Sid, each]));
const policyOf = (template: Template, bucket: RegExp) => statementsOf(Object.values(template.findResources('AWS::S3::BucketPolicy'))
  .map(({ Properties }) => Properties).find(({ Bucket }) => bucket.test(Bucket.Ref)));

test.each(SERVICES)('%s alone makes nothing of the others', service => {
  const { template } = make(alone(service));
  const made = SERVICES.filter(each => Object.keys(template.findResources(TYPES[each])).length > 0);
  expect(made).toEqual([service]);
});

test.each(SERVICES)('an existing %s is not made, whatever the profile', service => {
  for (const name of ['development', 'staging', 'production']) {
    const { template } = make({ ...alone(service, EXISTING), profile: EnvironmentProfile.fromName(name) });
    const types = Object.values(template.toJSON().Resources ?? {}).map(({ Type }: any) => Type);
    expect(types.filter(type => type !== 'AWS::Events::Rule')).toEqual([]);
  }
});

describe('the recorder', () => {
  test('writes down each change of the types that rules look at, and nothing of IAM', () => {
    const { RecordingGroup, RecordingMode, Name } = only(make({ configRecorder: NEW }).template, TYPES.configRecorder);
    expect(RecordingGroup).toEqual({ AllSupported: false, IncludeGlobalResourceTypes: false, ResourceTypes: expect.arrayContaining(['AWS::RDS::DBInstance', 'AWS::S3::Bucket']) });
    expect(RecordingGroup.ResourceTypes).not.toContain('AWS::CloudFront::Distribution');
    expect(RecordingMode).toEqual({ RecordingFrequency: 'CONTINUOUS' });
    // With the name of an existing one, CloudFormation would take that over.
    expect(Name).toBeUndefined();
  });

  test('sees distributions in us-east-1, where AWS Config records them', () => {
    const { RecordingGroup } = only(make({ configRecorder: NEW }, stackIn({ region: 'us-east-1' })).template, TYPES.configRecorder);
    expect(RecordingGroup.ResourceTypes).toContain('AWS::CloudFront::Distribution');
  });

  test.each<[AccountSecurityProps, object]>([
    [{ configRecorder: NEW, recordEveryType: true }, { AllSupported: true, IncludeGlobalResourceTypes: false }],
    [{ configRecorder: NEW, securityHub: NEW }, { AllSupported: true, IncludeGlobalResourceTypes: false }],
    [{ configRecorder: NEW, securityHub: EXISTING, recordEveryType: true }, { AllSupported: true, IncludeGlobalResourceTypes: false }],
  ])('records every type for who needs it: %j', (props, group) => {
    expect(only(make(props).template, TYPES.configRecorder).RecordingGroup).toEqual(group);
  });

  test('or once a day', () => {
    const { template } = make({ configRecorder: NEW, recordingFrequency: RecordingFrequency.DAILY });
    expect(only(template, TYPES.configRecorder).RecordingMode).toEqual({ RecordingFrequency: 'DAILY' });
  });

  test('has a role for this account only, that may write its own files', () => {
    const { template } = make({ configRecorder: NEW });
    const role = only(template, 'AWS::IAM::Role');
    expect(role.AssumeRolePolicyDocument.Statement).toEqual([expect.objectContaining({
      Principal: { Service: 'config.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    })]);
    const [write] = only(template, 'AWS::IAM::ManagedPolicy').PolicyDocument.Statement;
    expect(write).toMatchObject({ Action: 's3:PutObject', Condition: { StringLike: { 's3:x-amz-acl': 'bucket-owner-full-control' } } });
    expect(JSON.stringify(write.Resource)).toMatch(/ConfigBucket.*AWSLogs.*AWS::AccountId.*Config\/\*/);
  });

  test('or the service-linked one', () => {
    const { stack, template } = make({ configRecorder: NEW, configServiceLinkedRole: true }, stackIn({ region: 'cn-north-1' }));
    expect(JSON.stringify(only(template, TYPES.configRecorder).RoleARN)).toContain('role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig');
    template.resourceCountIs('AWS::IAM::Role', 0);
    expect(warnings(stack, 'Config.1')).toBe(0);
  });

  test('delivers once its bucket lets it', () => {
    const { template } = make({ configRecorder: NEW });
    const [channel] = Object.values(template.findResources('AWS::Config::DeliveryChannel'));
    expect(channel.Properties.S3BucketName).toEqual({ Ref: expect.stringMatching(/ConfigBucket/) });
    expect(channel.DependsOn).toEqual([expect.stringMatching(/ConfigBucketPolicy/)]);
    const { ConfigDeliveryCheck, ConfigDeliveryWrite } = policyOf(template, /ConfigBucket/);
    expect(ConfigDeliveryCheck).toMatchObject({
      Principal: { Service: 'config.amazonaws.com' },
      Action: ['s3:GetBucketAcl', 's3:ListBucket'],
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
    expect(ConfigDeliveryWrite.Condition.StringEquals).toEqual({
      'aws:SourceAccount': { Ref: 'AWS::AccountId' }, 's3:x-amz-acl': 'bucket-owner-full-control',
    });
  });

  test('neither waits for its channel nor the channel for it: CloudFormation would wait for ever', () => {
    const { template } = make({ configRecorder: NEW });
    const [recorder] = Object.values(template.findResources(TYPES.configRecorder));
    expect(recorder.DependsOn).toBeUndefined();
    expect(JSON.stringify(recorder)).not.toContain('Delivery"');
  });
});

describe('the trail', () => {
  test('has all management calls of all regions in files that are validated', () => {
    const { template } = make({ cloudTrail: NEW });
    expect(only(template, TYPES.cloudTrail)).toEqual({
      IsLogging: true,
      IsMultiRegionTrail: true,
      IncludeGlobalServiceEvents: true,
      EnableLogFileValidation: true,
      S3BucketName: { Ref: expect.stringMatching(/TrailBucket/) },
    });
    expect(Object.values(template.findResources(TYPES.cloudTrail))[0].DependsOn).toEqual([expect.stringMatching(/TrailBucketPolicy/)]);
  });

  test('only trails of this account write to its bucket', () => {
    const { CloudTrailCheck, CloudTrailWrite } = policyOf(make({ cloudTrail: NEW }, stackIn(FRANKFURT)).template, /TrailBucket/);
    const condition = { 'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':cloudtrail:eu-central-1:111111111111:trail/*']] } };
    expect(CloudTrailCheck).toMatchObject({ Action: 's3:GetBucketAcl', Condition: { ArnLike: condition } });
    expect(CloudTrailWrite).toMatchObject({
      Action: 's3:PutObject',
      Condition: { ArnLike: condition, StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
    });
    expect(JSON.stringify(CloudTrailWrite.Resource)).toContain('/AWSLogs/111111111111/*');
  });
});

describe('buckets of evidence', () => {
  const bucketsOf = (template: Template) => Object.entries(template.findResources('AWS::S3::Bucket'));

  test('are private, versioned and encrypted, and end after a year', () => {
    const evidence = bucketsOf(make({ cloudTrail: NEW, configRecorder: NEW }).template).filter(([id]) => !/AccessLogs/.test(id));
    expect(evidence).toHaveLength(2);
    for (const [, { Properties }] of evidence) {
      expect(Properties).toMatchObject({
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
        VersioningConfiguration: { Status: 'Enabled' },
        LifecycleConfiguration: { Rules: [{ ExpirationInDays: 365, NoncurrentVersionExpiration: { NoncurrentDays: 365 } }] },
        LoggingConfiguration: { LogFilePrefix: 'bucket/' },
      });
      // S3 takes no rule with both.
      expect(Properties.LifecycleConfiguration.Rules[0].ExpiredObjectDeleteMarker).toBeUndefined();
    }
  });

  test.each(['development', 'staging', 'production'])('stay when the stack of %s goes: they are never empty', name => {
    const { template } = make({ cloudTrail: NEW, configRecorder: NEW, profile: EnvironmentProfile.fromName(name) });
    const policies = bucketsOf(template).filter(([id]) => !/AccessLogs/.test(id)).map(([, { DeletionPolicy }]) => DeletionPolicy);
    expect(policies).toEqual(['RetainExceptOnCreate', 'RetainExceptOnCreate']);
  });

  test('keep their logical ids, whatever is chosen: another one would be an empty bucket', () => {
    const variants: AccountSecurityProps[] = [
      {}, { securityHub: NEW, recordingFrequency: RecordingFrequency.DAILY }, { guardDuty: NEW, logRetentionDays: 90 },
      { profile: EnvironmentProfile.staging() }, { encryptionKey: undefined, configServiceLinkedRole: true },
    ];
    for (const props of variants) {
      const { template } = make({ ...props, configRecorder: NEW, cloudTrail: NEW });
      expect(bucketsOf(template).map(([id]) => id).sort()).toEqual([
        'AccountAccessLogsBucket75A2B0D1', 'AccountConfigBucket774535F0', 'AccountTrailBucket5F3806F7',
      ]);
    }
  });

  test('are encrypted with a key that both services may use for this account', () => {
    const stack = stackIn();
    const encryptionKey = new EncryptionKey(stack, 'Key').key;
    const { template } = make({ configRecorder: NEW, cloudTrail: NEW, encryptionKey }, stack);
    const keyArn = stack.resolve(encryptionKey.keyArn);
    expect(only(template, TYPES.cloudTrail).KMSKeyId).toEqual(keyArn);
    expect(only(template, 'AWS::Config::DeliveryChannel').S3KmsKeyArn).toEqual(keyArn);
    const { ConfigDelivery, CloudTrail } = statementsOf({ PolicyDocument: only(template, 'AWS::KMS::Key').KeyPolicy });
    expect(ConfigDelivery).toMatchObject({ Principal: { Service: 'config.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } });
    expect(CloudTrail).toMatchObject({ Principal: { Service: 'cloudtrail.amazonaws.com' }, Condition: { ArnLike: { 'aws:SourceArn': expect.anything() } } });
    expect(JSON.stringify(only(template, 'AWS::IAM::ManagedPolicy').PolicyDocument)).toContain(JSON.stringify(keyArn));
  });

  test('or with one that is imported, which has to allow it itself', () => {
    const stack = stackIn();
    make({ cloudTrail: NEW, configRecorder: NEW, encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/1') }, stack);
    expect(warnings(stack, 'cloudtrail.amazonaws.com cannot write unless')).toBe(1);
    expect(warnings(stack, 'config.amazonaws.com cannot write unless')).toBe(1);
  });

  test('log who reads them, in a bucket that the team has', () => {
    const stack = stackIn();
    make({ cloudTrail: NEW, accessLogsBucket: new s3.Bucket(stack, 'Logs') }, stack);
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 2);
    Template.fromStack(make({ cloudTrail: NEW, profile: EnvironmentProfile.development() }).stack).resourceCountIs('AWS::S3::Bucket', 1);
  });
});

describe('GuardDuty', () => {
  const featuresOf = (guardDutyFeatures?: GuardDutyFeature[]): { Name: string; Status: string; AdditionalConfiguration?: object[] }[] =>
    only(make({ guardDuty: NEW, guardDutyFeatures }).template, TYPES.guardDuty).Features;

  test('looks at what costs least, where AWS would turn everything on', () => {
    const features = featuresOf();
    expect(features.map(({ Name }) => Name)).toEqual(['S3_DATA_EVENTS', 'EKS_AUDIT_LOGS', 'EBS_MALWARE_PROTECTION', 'RDS_LOGIN_EVENTS', 'LAMBDA_NETWORK_LOGS']);
    expect(new Set(features.map(({ Status }) => Status))).toEqual(new Set(['DISABLED']));
  });

  test('looks at more where it is asked to', () => {
    const features = featuresOf([GuardDutyFeature.RDS_LOGIN_EVENTS, GuardDutyFeature.FARGATE_RUNTIME]);
    expect(features.filter(({ Status }) => Status === 'ENABLED')).toEqual([
      { Name: 'RDS_LOGIN_EVENTS', Status: 'ENABLED' },
      { Name: 'RUNTIME_MONITORING', Status: 'ENABLED', AdditionalConfiguration: [{ Name: 'ECS_FARGATE_AGENT_MANAGEMENT', Status: 'ENABLED' }] },
    ]);
  });
});

describe('Security Hub', () => {
  test('compares with its own standard only, and each once', () => {
    const { template } = make({ securityHub: NEW, configRecorder: EXISTING }, stackIn({ region: 'us-gov-west-1' }));
    expect(only(template, TYPES.securityHub)).toEqual({ AutoEnableControls: true, ControlFindingGenerator: 'SECURITY_CONTROL', EnableDefaultStandards: false });
    const [standard] = Object.values(template.findResources('AWS::SecurityHub::Standard'));
    expect(standard.Properties.StandardsArn).toEqual({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':securityhub:us-gov-west-1::standards/aws-foundational-security-best-practices/v/1.0.0']],
    });
    expect(standard.DependsOn).toEqual([expect.stringMatching(/SecurityHub/)]);
  });

  test('or with those that are asked for', () => {
    const { template } = make({
      securityHub: NEW,
      configRecorder: EXISTING,
      securityStandards: [SecurityStandard.CIS, SecurityStandard.NIST_800_53, SecurityStandard.PCI_DSS, SecurityStandard.CIS],
    });
    template.resourceCountIs('AWS::SecurityHub::Standard', 3);
  });

  test('says that a recorder without the service-linked role fails one of its checks', () => {
    expect(warnings(make({ securityHub: NEW, configRecorder: NEW }).stack, 'Config.1')).toBe(1);
    expect(warnings(make({ securityHub: NEW, configRecorder: EXISTING }).stack, 'Config.1')).toBe(0);
  });
});

test('every image of the registry is scanned by Inspector, again and again', () => {
  expect(only(make({ imageScanning: NEW }).template, TYPES.imageScanning)).toEqual({
    ScanType: 'ENHANCED', Rules: [{ ScanFrequency: 'CONTINUOUS_SCAN', RepositoryFilters: [{ Filter: '*', FilterType: 'WILDCARD' }] }],
  });
});

describe('people are told', () => {
  const patterns = (props: AccountSecurityProps) =>
    Object.values(make(props).template.findResources('AWS::Events::Rule')).map(({ Properties }) => Properties.EventPattern);

  test.each([NEW, EXISTING])('of what needs somebody, of services that are %s', choice => {
    const told = patterns({ guardDuty: choice, securityHub: choice, configRecorder: EXISTING, imageScanning: choice, accessAnalyzer: choice });
    expect(told).toEqual(expect.arrayContaining([
      { 'source': ['aws.guardduty'], 'detail-type': ['GuardDuty Finding'], 'detail': { severity: [{ numeric: ['>=', 7] }] } },
      { 'source': ['aws.inspector2'], 'detail-type': ['Inspector2 Finding'], 'detail': { severity: ['CRITICAL'], status: ['ACTIVE'] } },
      { 'source': ['aws.access-analyzer'], 'detail-type': ['Access Analyzer Finding'], 'detail': { status: ['ACTIVE'] } },
      {
        'source': ['aws.securityhub'],
        'detail-type': ['Security Hub Findings - Imported'],
        'detail': {
          findings: {
            Severity: { Label: ['CRITICAL'] },
            Workflow: { Status: ['NEW'] },
            RecordState: ['ACTIVE'],
            ProductName: [{ 'anything-but': ['GuardDuty', 'Inspector'] }],
          },
        },
      },
    ]));
    expect(told).toHaveLength(4);
  });

  test('by Security Hub of what GuardDuty finds, where nobody is told of it by another rule', () => {
    const [{ detail }] = patterns({ securityHub: EXISTING });
    expect(detail.findings.ProductName).toBeUndefined();
  });

  test('of nothing by recorder and trail, which only write', () => {
    expect(patterns({ configRecorder: NEW, cloudTrail: NEW })).toEqual([]);
  });

  test('on the topic of a Monitoring, with what was found and what to do first', () => {
    const { stack, account } = make({ guardDuty: EXISTING }, stackIn());
    new Monitoring(stack, 'Monitoring', { watched: [account] });
    const [{ InputTransformer, Arn }] = only(Template.fromStack(stack), 'AWS::Events::Rule').Targets;
    expect(Arn).toEqual({ Ref: expect.stringMatching(/Topic/) });
    expect(Object.values(InputTransformer.InputPathsMap)).toEqual(expect.arrayContaining(['$.detail.title', '$.detail.severity', '$.detail.id']));
    expect(InputTransformer.InputTemplate).toContain('First: open the finding');
  });

  test('not where alarms are off', () => {
    expect(patterns({ guardDuty: NEW, profile: EnvironmentProfile.development() })).toEqual([]);
    expect(patterns({ guardDuty: NEW, alarms: false })).toEqual([]);
    expect(patterns({ guardDuty: NEW, alarms: true, profile: EnvironmentProfile.development() })).toHaveLength(1);
  });
});

describe('an account has each service once', () => {
  test.each(SERVICES)('%s: a second one in the stack is refused', service => {
    const { stack } = make(alone(service));
    expect(() => new AccountSecurity(stack, 'Second', alone(service))).toThrow(new RegExp(`this app makes it already[^]*Stack/Account[^]*set ${service} to AccountService.EXISTING`));
    expect(stack.node.findChild('Second').node.children).toEqual([]);
    expect(() => new AccountSecurity(new NestedStack(stack, 'Nested'), 'Third', alone(service))).toThrow('this app makes it already');
  });

  test.each(SERVICES)('%s: and so is one in another stack or stage of the same account and region', service => {
    const app = new App();
    make(alone(service), stackIn(FRANKFURT, app, 'One'));
    expect(() => make(alone(service), stackIn(FRANKFURT, app, 'Two'))).toThrow(/One\/Account.*111111111111 in eu-central-1/);
    expect(() => new AccountSecurity(new Stack(new Stage(app, 'Stage', { env: FRANKFURT }), 'Three'), 'Account', alone(service))).toThrow(PlatformError);
  });

  test.each(SERVICES)('%s: but each account has its own', service => {
    const app = new App();
    make(alone(service), stackIn(FRANKFURT, app, 'One'));
    expect(() => make(alone(service), stackIn({ ...FRANKFURT, account: '222222222222' }, app, 'Two'))).not.toThrow();
    expect(() => make(alone(service), stackIn({ region: 'eu-central-1' }, app, 'Three'))).not.toThrow();
  });

  test('another region has its own of all but the trail', () => {
    const app = new App();
    make(EVERYTHING, stackIn(FRANKFURT, app, 'One'));
    const virginia = { ...FRANKFURT, region: 'us-east-1' };
    expect(() => make(EVERYTHING, stackIn(virginia, app, 'Two'))).toThrow('a trail of all regions once, and');
    expect(() => make({ ...EVERYTHING, cloudTrail: EXISTING }, stackIn(virginia, app, 'Three'))).not.toThrow();
  });

  test('also where the first was made without this library', () => {
    const stack = stackIn();
    new guardduty.CfnDetector(stack, 'Detector', { enable: true });
    expect(() => make({ guardDuty: NEW }, stack)).toThrow('Stack/Detector and this one');
  });

  test('trails and analyzers of another kind stand beside them', () => {
    const stack = stackIn();
    new cloudtrail.CfnTrail(stack, 'DataEvents', { isLogging: true, s3BucketName: 'logs' });
    new accessanalyzer.CfnAnalyzer(stack, 'Unused', { type: 'ACCOUNT_UNUSED_ACCESS' });
    expect(() => make({ cloudTrail: NEW, accessAnalyzer: NEW }, stack)).not.toThrow();
  });

  test('existing ones may be watched from several stacks', () => {
    const app = new App();
    for (const id of ['One', 'Two']) make({ guardDuty: EXISTING }, stackIn(FRANKFURT, app, id));
    expect(app.node.children.filter(Stack.isStack)).toHaveLength(2);
  });
});

test.each([undefined, { region: 'cn-north-1' }, { region: 'us-gov-west-1' }])('everything at once, in %j', env => {
  const { template } = make(EVERYTHING, stackIn(env));
  for (const type of Object.values(TYPES)) template.resourceCountIs(type, 1);
  expect(JSON.stringify(template.toJSON())).not.toContain('arn:aws:');
});

test('auditors find nothing', () => {
  const stack = stackIn();
  const encryptionKey = new EncryptionKey(stack, 'Key').key;
  const { account } = make({ ...EVERYTHING, configServiceLinkedRole: false, encryptionKey }, stack);
  new Monitoring(stack, 'Monitoring', { encryptionKey, watched: [account] });
  Template.fromStack(stack);
  expect(new AwsSolutionsChecks().validateScope(stack).violations.filter(({ severity }) => severity === 'error')).toEqual([]);
});

test.each<[string, AccountSecurityProps, string]>([
  ['nothing chosen', {}, 'no service is chosen'],
  ['no properties at all', wrong(undefined), 'no service is chosen'],
  ['a boolean', { guardDuty: wrong(true) }, 'guardDuty has a value that does not exist'],
  ['a service that is only known later', { guardDuty: wrong(Token.asString({ Ref: 'GuardDuty' })) }, 'guardDuty is only known at deployment'],
  ['Security Hub without a recorder', { securityHub: NEW }, 'Security Hub\'s checks are made by AWS Config'],
  ['Security Hub with a recorder of few types', { securityHub: NEW, configRecorder: NEW, recordEveryType: false }, 'leave recordEveryType out'],
  ['features of a detector that is not made', { guardDuty: EXISTING, guardDutyFeatures: [GuardDutyFeature.S3_DATA_EVENTS] }, 'guardDutyFeatures says how'],
  ['standards of a hub that is not made', { guardDuty: NEW, securityStandards: [SecurityStandard.CIS] }, 'securityStandards says how'],
  ['a frequency without a recorder', { guardDuty: NEW, recordingFrequency: RecordingFrequency.DAILY }, 'recordingFrequency says how'],
  ['a key without files', { guardDuty: NEW, encryptionKey: wrong({ keyArn: 'arn' }) }, 'encryptionKey with configRecorder or cloudTrail'],
  ['a feature that does not exist', { guardDuty: NEW, guardDutyFeatures: [wrong('EKS')] }, 'guardDutyFeatures[0]'],
  ['features as text', { guardDuty: NEW, guardDutyFeatures: wrong('S3_DATA_EVENTS') }, 'guardDutyFeatures is not a list'],
  ['a standard that does not exist', { securityHub: NEW, configRecorder: EXISTING, securityStandards: [wrong('CIS')] }, 'securityStandards[0]'],
  ['too few days', { cloudTrail: NEW, logRetentionDays: 30 }, 'logRetentionDays is not a whole number from 90'],
  ['a key by ARN', { cloudTrail: NEW, encryptionKey: wrong('arn') }, 'encryptionKey is not what it should be'],
  ['a bucket by name', { cloudTrail: NEW, accessLogsBucket: wrong('logs') }, 'accessLogsBucket is not what it should be'],
  ['alarms as text', { guardDuty: NEW, alarms: wrong('no') }, 'alarms is not a boolean'],
  ['a profile by name', { guardDuty: NEW, profile: wrong('production') }, 'profile is not what it should be'],
])('refused: %s', (_, props, message) => {
  const stack = stackIn();
  expect(() => new AccountSecurity(stack, 'Account', props)).toThrow(PlatformError);
  expect(() => new AccountSecurity(stack, 'Again', props)).toThrow(message);
  expect(stack.node.findChild('Again').node.children).toEqual([]);
});

test('days that are only known at deployment are taken as they are', () => {
  const stack = stackIn();
  const days = new CfnParameter(stack, 'Days', { type: 'Number' }).valueAsNumber;
  expect(() => make({ cloudTrail: NEW, logRetentionDays: days }, stack)).not.toThrow();
});
