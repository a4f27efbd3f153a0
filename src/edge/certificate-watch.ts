import { CfnResource, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { WatchedEvents } from '../observability';
import { createAlarm } from '../observability/alarm';
import { AlertSeverity } from '../observability/alert-severity';

/** ACM has renewed a certificate by then, if it can: it begins 45 days before the end at the latest. */
const RENEWED_BY = 45;

/** From then on it has to be mended by hand, and at once. */
const LAST_CALL = 15;

const FIRST_STEP = 'open the certificate in ACM: a name whose renewal is pending lacks its CNAME record; then look for CAA records that leave Amazon out.';

/** What is watched on a certificate, in the certificate's own region. */
export interface CertificateWatchProps {
  /** ARN of the certificate, as the stack of the watch can use it. */
  readonly certificateArn: string;
  /**
   * Something that changes where the ARN does, though it is the same text in the template.
   * @default - the ARN is known here, or never changes
   */
  readonly edition?: string;
}

/**
 * Watches a certificate of ACM's: alarms 45 and 15 days before it ends, and events for a renewal that needs somebody.
 *
 * @see https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html
 */
export class CertificateWatch extends Construct {
  public readonly alarms: cloudwatch.Alarm[];
  public readonly events: WatchedEvents[];

  constructor(scope: Construct, id: string, private readonly props: CertificateWatchProps) {
    super(scope, id);
    this.alarms = [this.createLateRenewalAlarm(), this.createLastCallAlarm()];
    this.events = [this.createRenewalEvents()];
    for (const part of [...this.alarms, this.events[0].rule]) this.markEdition(part);
  }

  /** Three days, because ACM may need that long to renew, and begins on the very first of them where a certificate is valid for half a year. */
  private createLateRenewalAlarm(): cloudwatch.Alarm {
    return this.createExpiryAlarm('RenewalLate', AlertSeverity.WARNING, RENEWED_BY, 3,
      'The certificate ends in less than 45 days and has not been renewed: ACM tries, and something keeps it from it. An imported certificate is never renewed.');
  }

  private createLastCallAlarm(): cloudwatch.Alarm {
    return this.createExpiryAlarm('ExpiryNear', AlertSeverity.CRITICAL, LAST_CALL, 1,
      'The certificate ends in less than 15 days. Then every browser refuses the site.');
  }

  private createExpiryAlarm(id: string, severity: AlertSeverity, threshold: number, evaluationPeriods: number, meaning: string): cloudwatch.Alarm {
    return createAlarm(this, id, {
      metric: daysToExpiry(this.props.certificateArn),
      threshold,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods,
      // ACM is silent about a certificate that has ended, which must not end the alarm, and about one that is new, which must not begin it.
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
      meaning,
      firstStep: FIRST_STEP,
      severity,
      runbook: {
        page: 'certificate-expiry',
        then: [
          'See which name is not validated and which record it wants: `aws acm describe-certificate --certificate-arn {CertificateArn} --query "Certificate.[Status,RenewalSummary,DomainValidationOptions]"`.',
          'Put the CNAME record back and compare with `dig +short CNAME <name of the record>`; ACM tries again by itself, within hours. An imported certificate is imported anew.',
        ],
        escalate: 'Call whoever owns the domain when the record cannot be changed by you, and in any case ten days before the end.',
      },
    });
  }

  /** CloudFormation reads the ARN anew when a resource that has it changes. */
  private markEdition(part: Construct): void {
    if (this.props.edition !== undefined) (part.node.defaultChild as CfnResource).addMetadata('Certificate', this.props.edition);
  }

  /** @see https://docs.aws.amazon.com/acm/latest/userguide/supported-events.html */
  private createRenewalEvents(): WatchedEvents {
    const rule = new events.Rule(this, 'Renewal', {
      description: 'A certificate that cannot be renewed, has expired or was revoked',
      eventPattern: {
        source: ['aws.acm'],
        detailType: ['ACM Certificate Renewal Action Required', 'ACM Certificate Expired', 'ACM Certificate Revoked'],
        resources: [this.props.certificateArn],
      },
    });
    return { rule, meaning: `A certificate needs somebody. First: ${FIRST_STEP}` };
  }
}

/** Days to the end of a certificate, on the dashboard of any region. */
export function certificateWidget(certificateArn: string, region?: string): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title: 'Certificate: days to its end',
    width: 24,
    height: 4,
    region,
    left: [daysToExpiry(certificateArn, region)],
    leftYAxis: { min: 0 },
    leftAnnotations: [RENEWED_BY, LAST_CALL].map(value => ({ value, label: `alarm at ${value} days`, color: cloudwatch.Color.RED })),
  });
}

function daysToExpiry(certificateArn: string, region?: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/CertificateManager',
    metricName: 'DaysToExpiry',
    dimensionsMap: { CertificateArn: certificateArn },
    statistic: cloudwatch.Stats.MINIMUM,
    period: Duration.days(1),
    region,
  });
}
