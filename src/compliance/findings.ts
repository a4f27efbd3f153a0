import * as events from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import type { AccountSecurityProps } from './account-security-props';
import type { WatchedEvents } from '../observability';

/** What somebody has to look at, of all that a service finds. */
interface Findings {
  readonly id: string;
  readonly description: string;
  readonly eventPattern: events.EventPattern;
  readonly meaning: string;
  readonly about: string;
}

const field = (path: string) => events.EventField.fromPath(path);

/** From 7.0 on GuardDuty says high, from 9.0 on critical: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html */
const HIGH = 7;

function guardDuty(): Findings {
  return {
    id: 'GuardDutyFindings',
    description: 'What GuardDuty finds, of high and critical severity',
    eventPattern: { source: ['aws.guardduty'], detailType: ['GuardDuty Finding'], detail: { severity: [{ numeric: ['>=', HIGH] }] } },
    meaning: 'GuardDuty has seen what attackers do in this account. First: open the finding, take from the principal or resource that it names what it may do, and keep '
      + 'its logs.',
    about: `${field('$.detail.title')} (${field('$.detail.type')}, severity ${field('$.detail.severity')}, finding ${field('$.detail.id')})`,
  };
}

/** What is told of by another rule already is not told again. */
function securityHub({ guardDuty: detects, imageScanning: scans }: AccountSecurityProps): Findings {
  const told = [...detects ? ['GuardDuty'] : [], ...scans ? ['Inspector'] : []];
  return {
    id: 'SecurityHubFindings',
    description: 'New critical findings of Security Hub',
    eventPattern: {
      source: ['aws.securityhub'],
      detailType: ['Security Hub Findings - Imported'],
      detail: {
        findings: {
          Severity: { Label: ['CRITICAL'] },
          Workflow: { Status: ['NEW'] },
          RecordState: ['ACTIVE'],
          ...told.length > 0 ? { ProductName: [{ 'anything-but': told }] } : {},
        },
      },
    },
    meaning: 'Security Hub has found something critical. First: mend it as the finding says, or set its workflow status to SUPPRESSED with a note why it stays; until then '
      + 'word of it comes with each check.',
    about: `${field('$.detail.findings[0].Title')} (${field('$.detail.findings[0].Resources[0].Id')})`,
  };
}

function images(): Findings {
  return {
    id: 'ImageFindings',
    description: 'Critical findings of Amazon Inspector',
    eventPattern: { source: ['aws.inspector2'], detailType: ['Inspector2 Finding'], detail: { severity: ['CRITICAL'], status: ['ACTIVE'] } },
    meaning: 'Amazon Inspector has found a critical vulnerability. First: see whether the image runs, build it anew with the version that mends it, and release that.',
    about: `${field('$.detail.title')} (${field('$.resources[0]')})`,
  };
}

function externalAccess(): Findings {
  return {
    id: 'AccessFindings',
    description: 'Active findings of IAM Access Analyzer',
    eventPattern: { source: ['aws.access-analyzer'], detailType: ['Access Analyzer Finding'], detail: { status: ['ACTIVE'] } },
    meaning: 'Somebody outside of this account can reach a resource. First: remove the statement of its policy that the finding names, or archive the finding where it is meant.',
    about: `${field('$.detail.resourceType')} ${field('$.detail.resource')} (public: ${field('$.detail.isPublic')})`,
  };
}

/** Rules for what the chosen services find, whoever has turned them on. */
export function createFindings(scope: Construct, props: AccountSecurityProps): WatchedEvents[] {
  const chosen = [
    ...props.guardDuty ? [guardDuty()] : [],
    ...props.securityHub ? [securityHub(props)] : [],
    ...props.imageScanning ? [images()] : [],
    ...props.accessAnalyzer ? [externalAccess()] : [],
  ];
  return chosen.map(({ id, description, eventPattern, meaning, about }) =>
    ({ rule: new events.Rule(scope, id, { description, eventPattern }), meaning, about }));
}
