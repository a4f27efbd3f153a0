import { Stack } from 'aws-cdk-lib';
import * as accessanalyzer from 'aws-cdk-lib/aws-accessanalyzer';
import type * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as config from 'aws-cdk-lib/aws-config';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as guardduty from 'aws-cdk-lib/aws-guardduty';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as securityhub from 'aws-cdk-lib/aws-securityhub';
import { Construct } from 'constructs';
import { AccountSecurityProps, GuardDutyFeature, SecurityStandard } from './account-security-props';
import { validateAccountSecurity } from './account-security-validation';
import { AccountService } from './account-service';
import { createAuditTrail } from './audit-trail';
import { createConfigRecorder } from './config-recorder';
import { createFindings } from './findings';
import { EnvironmentProfile } from '../environment';
import type { IWatched, WatchedEvents } from '../observability';

/** What GuardDuty turns on by itself unless it is told otherwise. Runtime monitoring is not among it. */
const ON_BY_ITSELF = ['S3_DATA_EVENTS', 'EKS_AUDIT_LOGS', 'EBS_MALWARE_PROTECTION', 'RDS_LOGIN_EVENTS', 'LAMBDA_NETWORK_LOGS'];

/**
 * Services that protect a whole account, each of which it has once in a region: by choice made here, or taken as the account has them. People are
 * told of what needs somebody, where a `Monitoring` watches.
 *
 * Nothing is on that was not chosen. Make it once for an account and region, in a stack of its own: two in one app are refused where they would meet,
 * and what another app, a landing zone or a person has made lets the deployment fail, which is undone by CloudFormation.
 *
 * With the stack go the services and what they have found; the files of trail and recorder stay, and their lifecycle ends them.
 */
export class AccountSecurity extends Construct implements IWatched {
  /** AWS Config's recorder, where it is made here. */
  public readonly configRecorder?: config.CfnConfigurationRecorder;
  /** Where the recorder delivers to. */
  public readonly configDelivery?: config.CfnDeliveryChannel;
  /** Bucket of the recorder's files. */
  public readonly configBucket?: s3.Bucket;
  /** Trail of the account, where it is made here. */
  public readonly trail?: cloudtrail.CfnTrail;
  /** Bucket of the trail's files. */
  public readonly trailBucket?: s3.Bucket;
  /** GuardDuty, where it is made here. */
  public readonly detector?: guardduty.CfnDetector;
  /** Security Hub CSPM, where it is made here. */
  public readonly securityHub?: securityhub.CfnHub;
  /** Scanning of the account's registry, where it is made here. */
  public readonly imageScanning?: ecr.CfnRegistryScanningConfiguration;
  /** Analyzer of external access, where it is made here. */
  public readonly accessAnalyzer?: accessanalyzer.CfnAnalyzer;
  /** Empty: findings are events. */
  public readonly alarms: cloudwatch.Alarm[] = [];
  /** What people are told of, whether the services are made here or exist already. */
  public readonly events?: WatchedEvents[];

  constructor(scope: Construct, id: string, private readonly props: AccountSecurityProps = {}) {
    super(scope, id);
    validateAccountSecurity(this, props);

    if (this.makes(props.configRecorder)) {
      ({ recorder: this.configRecorder, deliveryChannel: this.configDelivery, bucket: this.configBucket } = createConfigRecorder(this, props));
    }
    if (this.makes(props.cloudTrail)) ({ trail: this.trail, bucket: this.trailBucket } = createAuditTrail(this, props));
    if (this.makes(props.guardDuty)) this.detector = this.createDetector();
    if (this.makes(props.securityHub)) this.securityHub = this.createSecurityHub();
    if (this.makes(props.imageScanning)) this.imageScanning = this.createImageScanning();
    if (this.makes(props.accessAnalyzer)) this.accessAnalyzer = new accessanalyzer.CfnAnalyzer(this, 'AccessAnalyzer', { type: 'ACCOUNT' });
    this.events = (props.alarms ?? (props.profile ?? EnvironmentProfile.production()).alarms) ? createFindings(this, props) : [];
  }

  /** None: findings are no metrics. */
  public dashboardWidgets(): cloudwatch.IWidget[] {
    return [];
  }

  private makes(service: AccountService | undefined): boolean {
    return service === AccountService.NEW;
  }

  /** @see https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html */
  private createDetector(): guardduty.CfnDetector {
    const chosen: string[] = this.props.guardDutyFeatures ?? [];
    const features: guardduty.CfnDetector.CFNFeatureConfigurationProperty[] = ON_BY_ITSELF
      .map(name => ({ name, status: chosen.includes(name) ? 'ENABLED' : 'DISABLED' }));
    if (chosen.includes(GuardDutyFeature.FARGATE_RUNTIME)) {
      features.push({ name: 'RUNTIME_MONITORING', status: 'ENABLED', additionalConfiguration: [{ name: 'ECS_FARGATE_AGENT_MANAGEMENT', status: 'ENABLED' }] });
    }
    return new guardduty.CfnDetector(this, 'Detector', {
      enable: true,
      // What is found is told at once; this is for what is found again.
      findingPublishingFrequency: 'ONE_HOUR',
      features,
    });
  }

  /** @see https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html */
  private createSecurityHub(): securityhub.CfnHub {
    const hub = new securityhub.CfnHub(this, 'SecurityHub', {
      enableDefaultStandards: false,
      controlFindingGenerator: 'SECURITY_CONTROL',
      autoEnableControls: true,
    });
    for (const standard of new Set(this.props.securityStandards ?? [SecurityStandard.AWS_FOUNDATIONAL])) {
      const standardsArn = Stack.of(this).formatArn({ service: 'securityhub', account: '', resource: 'standards', resourceName: standard });
      // The id is the standard without its version: a newer one of the same takes its place.
      new securityhub.CfnStandard(this, `Standard-${standard.split('/')[0]}`, { standardsArn }).addDependency(hub);
    }
    return hub;
  }

  /** With ECR's enhanced scanning Amazon Inspector is turned on: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced.html */
  private createImageScanning(): ecr.CfnRegistryScanningConfiguration {
    return new ecr.CfnRegistryScanningConfiguration(this, 'ImageScanning', {
      scanType: 'ENHANCED',
      rules: [{ scanFrequency: 'CONTINUOUS_SCAN', repositoryFilters: [{ filter: '*', filterType: 'WILDCARD' }] }],
    });
  }
}
