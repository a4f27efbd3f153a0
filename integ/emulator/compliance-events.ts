/*
 * Events as AWS documents them, shortened to what is read.
 * https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
 * https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html
 * https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html
 * https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html
 */
export interface AwsEvent {
  readonly Source: string;
  readonly DetailType: string;
  readonly Resources: string[];
  readonly Detail: object;
}

const guardDuty = (severity: number): AwsEvent => ({
  Source: 'aws.guardduty',
  DetailType: 'GuardDuty Finding',
  Resources: [],
  Detail: { id: 'finding-1', type: 'CryptoCurrency:EC2/BitcoinTool.B!DNS', severity, title: 'Bitcoin-related domain name queried.' },
});

const inspector = (severity: string): AwsEvent => ({
  Source: 'aws.inspector2',
  DetailType: 'Inspector2 Finding',
  Resources: ['arn:aws:ecr:eu-central-1:111111111111:repository/api/sha256:98c0'],
  Detail: { severity, status: 'ACTIVE', title: 'CVE-2021-44228 - log4j-core', type: 'PACKAGE_VULNERABILITY' },
});

const securityHub = (workflow: string, product = 'Security Hub'): AwsEvent => ({
  Source: 'aws.securityhub',
  DetailType: 'Security Hub Findings - Imported',
  Resources: ['arn:aws:securityhub:eu-central-1::product/aws/securityhub/finding-2'],
  Detail: {
    findings: [{
      Title: 'S3 general purpose buckets should block public access',
      Severity: { Label: 'CRITICAL' },
      Workflow: { Status: workflow },
      RecordState: 'ACTIVE',
      ProductName: product,
      Resources: [{ Id: 'arn:aws:s3:::shop' }],
    }],
  },
});

const analyzer = (status: string): AwsEvent => ({
  Source: 'aws.access-analyzer',
  DetailType: 'Access Analyzer Finding',
  Resources: ['arn:aws:access-analyzer:eu-central-1:111111111111:analyzer/one'],
  Detail: { status, resourceType: 'AWS::S3::Bucket', resource: 'arn:aws:s3:::shop', isPublic: true },
});

const compliance = (configRuleName: string, complianceType: string): AwsEvent => ({
  Source: 'aws.config',
  DetailType: 'Config Rules Compliance Change',
  Resources: [],
  Detail: {
    messageType: 'ComplianceChangeNotification',
    configRuleName,
    resourceType: 'AWS::S3::Bucket',
    resourceId: 'shop',
    newEvaluationResult: { complianceType },
    oldEvaluationResult: { complianceType: complianceType === 'COMPLIANT' ? 'NON_COMPLIANT' : 'COMPLIANT' },
  },
});

/** Somebody has to be told of each, with these words. */
export const EVENTS = (ruleName: string): { readonly event: AwsEvent; readonly told: string[] }[] => [
  { event: guardDuty(8), told: ['GuardDuty has seen', 'Bitcoin-related domain name queried.', 'severity 8', 'finding-1'] },
  { event: inspector('CRITICAL'), told: ['critical vulnerability', 'CVE-2021-44228'] },
  // The emulator reads no list in a path, so that title and resource are missing here.
  { event: securityHub('NEW'), told: ['Security Hub has found something critical'] },
  { event: analyzer('ACTIVE'), told: ['outside of this account', 'AWS::S3::Bucket arn:aws:s3:::shop'] },
  { event: compliance(ruleName, 'NON_COMPLIANT'), told: ['does not satisfy a rule any more', ruleName, 'AWS::S3::Bucket shop'] },
];

/** Nobody is told of any. */
export const UNIMPORTANT = (ruleName: string): AwsEvent[] => [
  guardDuty(5), inspector('HIGH'), securityHub('SUPPRESSED'), securityHub('NEW', 'GuardDuty'), analyzer('ARCHIVED'), compliance(ruleName, 'COMPLIANT'),
  compliance('rule-of-another-team', 'NON_COMPLIANT'),
];
