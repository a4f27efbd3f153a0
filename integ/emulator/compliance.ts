/*
 * An account's services and the rules of AWS Config, deployed by the real CDK CLI and read back, and events as AWS documents them, told to a queue behind
 * the topic. GuardDuty, Security Hub, registry scanning and Access Analyzer are compared with their API's model only: the emulator has no API for them.
 */
import { CloudTrailClient, DescribeTrailsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import {
  ConfigRule, ConfigServiceClient, DescribeConfigurationRecordersCommand, DescribeConfigurationRecorderStatusCommand, DescribeDeliveryChannelsCommand,
  paginateDescribeConfigRules,
} from '@aws-sdk/client-config-service';
import {
  GetBucketEncryptionCommand, GetBucketLifecycleConfigurationCommand, GetBucketPolicyCommand, GetBucketVersioningCommand, ListBucketsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CdkCli, CdkError } from './cdk';
import { Checks } from './checks';
import { AwsEvent, EVENTS, UNIMPORTANT } from './compliance-events';
import { call } from './deployments-news';
import { ACCOUNT, Emulator, REGION } from './emulator';
import { runSuite } from './suite';

const APP = 'npx tsx --tsconfig tsconfig.dev.json integ/emulator/compliance-app.ts';
const PACKED = '-conformance-pack-';

class ComplianceSuite {
  private readonly cdk: CdkCli;
  private readonly config: ConfigServiceClient;
  private readonly trails: CloudTrailClient;
  private readonly s3: S3Client;
  private readonly queues: SQSClient;

  constructor(private readonly emulator: Emulator, private readonly checks: Checks) {
    const { clientSettings } = emulator;
    this.cdk = new CdkCli(emulator, APP);
    this.config = new ConfigServiceClient(clientSettings);
    this.trails = new CloudTrailClient(clientSettings);
    this.s3 = new S3Client({ ...clientSettings, forcePathStyle: true });
    this.queues = new SQSClient(clientSettings);
  }

  public async run(): Promise<void> {
    const { cdk, checks } = this;
    await cdk.bootstrap();
    await checks.step('deploying the account, its rules and a pack', () => cdk.deploy(['--all'], { quiet: true }));
    await this.checkRecorder();
    await this.checkTrail();
    await this.checkRules();
    await checks.step('telling of findings', () => this.checkEvents());
    await checks.step('another app with a recorder', () => this.checkSecondRecorder());
    await checks.step('leaving a rule out', () => this.checkExclusion());
    await checks.step('destroying it', () => this.checkEnd());
  }

  private async checkRecorder(): Promise<void> {
    const { checks, config } = this;
    const { ConfigurationRecorders: [recorder] = [] } = await config.send(new DescribeConfigurationRecordersCommand({}));
    const { ConfigurationRecordersStatus: [status] = [] } = await config.send(new DescribeConfigurationRecorderStatusCommand({}));
    const { DeliveryChannels: [channel] = [] } = await config.send(new DescribeDeliveryChannelsCommand({}));
    checks.check('the recorder records', status?.recording === true, status);
    checks.check('with the service-linked role', recorder?.roleARN?.endsWith(':role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig') === true, recorder);
    checks.check('every type but IAM, which Security Hub needs', recorder.recordingGroup?.allSupported === true && !recorder.recordingGroup.includeGlobalResourceTypes, recorder);
    await this.checkBucket('recorder', channel.s3BucketName!, 'config.amazonaws.com', `AWSLogs/${ACCOUNT}/Config/*`);
  }

  private async checkTrail(): Promise<void> {
    const { checks, trails } = this;
    const { trailList: [trail] = [] } = await trails.send(new DescribeTrailsCommand({}));
    const { IsLogging } = await trails.send(new GetTrailStatusCommand({ Name: trail.TrailARN }));
    checks.check('the trail logs', IsLogging === true, IsLogging);
    checks.check('all regions, in validated files, with a key', Boolean(trail.IsMultiRegionTrail && trail.LogFileValidationEnabled && trail.KmsKeyId), trail);
    await this.checkBucket('trail', trail.S3BucketName!, 'cloudtrail.amazonaws.com', `AWSLogs/${ACCOUNT}/*`);
  }

  private async checkBucket(of: string, Bucket: string, principal: string, written: string): Promise<void> {
    const { checks, s3 } = this;
    const [{ Policy }, { ServerSideEncryptionConfiguration }, { Status }, { Rules: [lifecycle] = [] }] = await Promise.all([
      s3.send(new GetBucketPolicyCommand({ Bucket })),
      s3.send(new GetBucketEncryptionCommand({ Bucket })),
      s3.send(new GetBucketVersioningCommand({ Bucket })),
      s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
    ]);
    const { Statement } = JSON.parse(Policy!) as { Statement: { Action: string; Principal: { Service?: string }; Resource: string }[] };
    const writes = Statement.filter(({ Action }) => Action === 's3:PutObject').map(({ Principal, Resource }) => `${Principal.Service} ${Resource.split(':::')[1]}`);
    checks.check(`the bucket of the ${of} takes files of one service, in one place`, writes.join() === `${principal} ${Bucket}/${written}`, writes);
    const [{ ApplyServerSideEncryptionByDefault: encryption } = {}] = ServerSideEncryptionConfiguration?.Rules ?? [];
    checks.check(`${of}: encrypted with the key`, encryption?.SSEAlgorithm === 'aws:kms' && Boolean(encryption.KMSMasterKeyID), encryption);
    checks.check(`${of}: versioned, for a year`, Status === 'Enabled' && lifecycle.Expiration?.Days === 365, { Status, lifecycle });
  }

  private async checkRules(): Promise<void> {
    const { checks } = this;
    const { single, packed } = await this.rules();
    const find = (identifier: string, rules: ConfigRule[]) => rules.find(({ Source }) => Source?.SourceIdentifier === identifier);
    checks.check('rules are there, without those of us-east-1', single.length >= 30 && !single.some(({ Source }) => /CLOUDFRONT/.test(Source!.SourceIdentifier!)), single.length);
    const encrypted = find('RDS_STORAGE_ENCRYPTED', single);
    checks.check('each for its type', encrypted?.Scope?.ComplianceResourceTypes?.join() === 'AWS::RDS::DBInstance', encrypted);
    const ports = find('VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS', single);
    checks.check('with its parameters', JSON.parse(ports!.InputParameters!).authorizedTcpPorts === '80,443', ports);
    const tagged = packed.every(({ Scope }) => Scope?.TagKey === 'Environment' && Scope.TagValue === 'production');
    checks.check('those of the pack look at tagged resources', packed.length > 20 && tagged, packed.length);
  }

  private async checkEvents(): Promise<void> {
    const { single } = await this.rules();
    const ruleName = single[0].ConfigRuleName!;
    for (const event of UNIMPORTANT(ruleName)) await this.send(event);
    for (const { event, told } of EVENTS(ruleName)) {
      await this.send(event);
      const messages = await this.messages();
      this.checks.check(`${event.DetailType}: told once, in words`, messages.length === 1 && told.every(text => messages[0].includes(text)), messages);
    }
  }

  private send(event: AwsEvent): Promise<void> {
    return call(this.emulator, 'EmulatorPutEvent', { ...event, Detail: JSON.stringify(event.Detail) });
  }

  private async messages(): Promise<string[]> {
    const { QueueUrl } = await this.queues.send(new GetQueueUrlCommand({ QueueName: 'told' }));
    const { Messages = [] } = await this.queues.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 }));
    return Messages.map(({ Body }) => Body!);
  }

  private async checkSecondRecorder(): Promise<void> {
    const { cdk, checks, config } = this;
    const refused = await cdk.deploy(['OtherAccount'], { quiet: true, context: { team: 'other' } }).then(() => '', (error: CdkError) => error.output);
    checks.check('is refused by the account', /MaxNumberOfConfigurationRecordersExceeded/.test(refused), refused.slice(-500));
    const { ConfigurationRecordersStatus: recorders = [] } = await config.send(new DescribeConfigurationRecorderStatusCommand({}));
    checks.check('and the one that was there records on', recorders.length === 1 && recorders[0].recording === true, recorders);
  }

  private async checkExclusion(): Promise<void> {
    const before = await this.rules();
    await this.cdk.deploy(['Rules'], { quiet: true, context: { excluded: 'rds-multi-az-support' } });
    const after = await this.rules();
    const gone = before.single.filter(({ ConfigRuleId }) => !after.single.some(each => each.ConfigRuleId === ConfigRuleId));
    this.checks.check('takes that one away, and makes no other anew', gone.map(({ Source }) => Source!.SourceIdentifier).join() === 'RDS_MULTI_AZ_SUPPORT', gone);
  }

  private async checkEnd(): Promise<void> {
    const { cdk, checks, config, trails, s3 } = this;
    await cdk.destroy(['--all'], { quiet: true });
    const { single, packed } = await this.rules();
    const { ConfigurationRecorders = [] } = await config.send(new DescribeConfigurationRecordersCommand({}));
    const { trailList = [] } = await trails.send(new DescribeTrailsCommand({}));
    checks.check('services and rules are gone', single.length + packed.length + ConfigurationRecorders.length + trailList.length === 0, [single, ConfigurationRecorders, trailList]);
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    const kept = Buckets.map(({ Name }) => Name!).filter(name => /configbucket|trailbucket/.test(name));
    checks.check('their files stay', kept.length === 2, kept);
  }

  private async rules(): Promise<{ readonly single: ConfigRule[]; readonly packed: ConfigRule[] }> {
    const found: ConfigRule[] = [];
    for await (const { ConfigRules } of paginateDescribeConfigRules({ client: this.config }, {})) found.push(...ConfigRules ?? []);
    const isPacked = ({ ConfigRuleName }: ConfigRule) => ConfigRuleName!.includes(PACKED);
    return { single: found.filter(rule => !isPacked(rule)), packed: found.filter(isPacked) };
  }
}

const checks = new Checks();
void runSuite(`compliance (${REGION})`, checks, emulator => new ComplianceSuite(emulator, checks).run());
