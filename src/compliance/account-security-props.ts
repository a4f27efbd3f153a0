import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { AccountService } from './account-service';
import type { EnvironmentProfile } from '../environment';

/** How often AWS Config writes down what has changed. */
export enum RecordingFrequency {
  /** Each change, as it happens (0.003 USD each). */
  CONTINUOUS = 'CONTINUOUS',
  /** Once a day, what has changed (0.012 USD for each resource). Cheaper where resources change more than four times a day. */
  DAILY = 'DAILY',
}

/** What GuardDuty looks at besides the account's API calls, network and DNS queries. Each is paid for by what it looks at. */
export enum GuardDutyFeature {
  /** Calls on objects in S3. */
  S3_DATA_EVENTS = 'S3_DATA_EVENTS',
  /** Logins to databases that GuardDuty supports. */
  RDS_LOGIN_EVENTS = 'RDS_LOGIN_EVENTS',
  /** Network traffic of Lambda functions. */
  LAMBDA_NETWORK_LOGS = 'LAMBDA_NETWORK_LOGS',
  /** What runs in Fargate tasks: GuardDuty adds a container with its agent to each. */
  FARGATE_RUNTIME = 'FARGATE_RUNTIME',
}

/** What Security Hub CSPM compares an account with. */
export enum SecurityStandard {
  /** AWS Foundational Security Best Practices. */
  AWS_FOUNDATIONAL = 'aws-foundational-security-best-practices/v/1.0.0',
  /** Center for Internet Security's AWS Foundations Benchmark 3.0.0. */
  CIS = 'cis-aws-foundations-benchmark/v/3.0.0',
  /** NIST SP 800-53, Revision 5. */
  NIST_800_53 = 'nist-800-53/v/5.0.0',
  /** PCI DSS 4.0.1. */
  PCI_DSS = 'pci-dss/v/4.0.1',
}

/** Properties of an `AccountSecurity`. */
export interface AccountSecurityProps {
  /**
   * What differs between environments.
   * @default - EnvironmentProfile.production()
   */
  readonly profile?: EnvironmentProfile;
  /**
   * AWS Config's recorder of what resources are like, with its delivery channel and a bucket of its own. `ConfigRules` need one.
   * To see whether the account has one: `aws configservice describe-configuration-recorders`.
   * @default - none is made
   */
  readonly configRecorder?: AccountService;
  /**
   * How often the recorder that is made writes down changes.
   * @default RecordingFrequency.CONTINUOUS
   */
  readonly recordingFrequency?: RecordingFrequency;
  /**
   * Whether the recorder that is made records every type of resource in the region, other than IAM's.
   * @default - true where Security Hub is made, whose checks need it; otherwise the types that `ConfigRules` look at, which costs less
   */
  readonly recordEveryType?: boolean;
  /**
   * Whether the recorder that is made has AWS Config's service-linked role, which Security Hub's check Config.1 asks for. The role has to exist:
   * `aws iam create-service-linked-role --aws-service-name config.amazonaws.com`.
   * @default false - a role is made, with the same rights by AWS's own policy
   */
  readonly configServiceLinkedRole?: boolean;
  /**
   * GuardDuty, which finds attackers in the account. People are told of findings of high severity.
   * To see whether the account has it: `aws guardduty list-detectors`.
   * @default - not made, and nobody is told
   */
  readonly guardDuty?: AccountService;
  /**
   * What a GuardDuty that is made looks at besides the account's API calls, network and DNS queries.
   * @default - nothing, where AWS would turn on nearly everything
   */
  readonly guardDutyFeatures?: GuardDutyFeature[];
  /**
   * Security Hub CSPM, which checks the whole account by AWS Config. People are told of new critical findings. It takes a `configRecorder`.
   * To see whether the account has it: `aws securityhub describe-hub`.
   * @default - not made, and nobody is told
   */
  readonly securityHub?: AccountService;
  /**
   * Standards of a Security Hub that is made.
   * @default - [SecurityStandard.AWS_FOUNDATIONAL]
   */
  readonly securityStandards?: SecurityStandard[];
  /**
   * Amazon Inspector's continuous scanning of every image in the account's registry, instead of ECR's basic scanning on push. People are told of critical
   * findings. To see what the account has: `aws ecr get-registry-scanning-configuration`.
   * @default - not made, and nobody is told
   */
  readonly imageScanning?: AccountService;
  /**
   * A trail of all management calls in all regions, with a private, encrypted bucket of its own and validated files. The first trail of an account
   * costs its storage only, any further one 2.00 USD for 100,000 calls.
   * To see whether the account has one: `aws cloudtrail describe-trails`.
   * @default - none is made
   */
  readonly cloudTrail?: AccountService;
  /**
   * IAM Access Analyzer, which finds what others than this account can reach. It is free. People are told of active findings.
   * To see whether the account has one: `aws accessanalyzer list-analyzers --type ACCOUNT`.
   * @default - none is made, and nobody is told
   */
  readonly accessAnalyzer?: AccountService;
  /**
   * Days that files of the trail and the recorder are kept in buckets that are made, 90 to 3653.
   * @default 365
   */
  readonly logRetentionDays?: number;
  /**
   * Key that encrypts the files of the trail and the recorder. Both services are allowed to use it.
   * @default - S3's own key
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Bucket of this region that server access logs of buckets that are made are written to, below `bucket/`.
   * @default - one is made, where the profile has accessLogs
   */
  readonly accessLogsBucket?: s3.IBucket;
  /**
   * Whether people are told of findings.
   * @default - the profile's
   */
  readonly alarms?: boolean;
}
